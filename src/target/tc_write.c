/* SPDX-License-Identifier: MIT */
/* Writing queue trees: changed in place where the kernel can, so that packets that wait stay; else torn down and built
 * in one sendmsg, so that no packet passes unshaped. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/tc_wire.h"

/* All changes of one device. */
struct tree_work {
	struct kernel *kernel;
	const struct changes *changes;
	struct str device;
	const char *name;               /* the device, terminated */
	const struct tc_tree *tree;     /* NULL: to be removed */
	int index;
	const struct change *first;     /* any of them, to speak for the tree */
	const struct displaced *was;
	const struct place *place;      /* of the profile */
	struct diags *diags;
};

static const char *key_of(const struct change *c)
{
	return c->to ? c->to->key : c->from->key;
}

static bool is_of(const struct tree_work *w, const struct change *c)
{
	return str_eq(tc_device_of(key_of(c)), w->device);
}

static const struct change *change_of(const struct tree_work *w, const char *key)
{
	for (size_t i = 0; i < w->changes->n; i++)
		if (strcmp(key_of(&w->changes->list[i]), key) == 0)
			return &w->changes->list[i];
	return NULL;
}

/* The first refusal tells why; what follows in the same tree only follows from it. */
static int send_tree(const struct tree_work *w, struct batch *b)
{
	auto_refusals struct refusals r = {0};
	auto_text struct text hint = {0};
	int err = batch_send(w->kernel, b, &r);
	if (!err)
		return 0;
	const struct refusals first = { .list = r.list, .n = 1, .place = w->place };
	if (err == -ENETDOWN || err == -ENODEV) {
		text_printf(&hint, "ip link show %s", w->name);
		r.list[0].hint = hint.p;
	} else if (err == -EEXIST) {
		r.list[0].words = "somebody else's queue stands there";
		r.list[0].hint = "add 'replace-qdisc', or remove it";
	}
	refusals_report(&first, w->diags);
	return err;
}

/* Half a tree is worse than none: back to what was there before us. The first error has been reported. */
static void undo_build(const struct tree_work *w)
{
	auto_batch struct batch b;
	auto_refusals struct refusals ignored = {0};
	batch_init(&b, KERNEL_ROUTE);
	tc_put_removal(&b, w->index, w->first);
	if (w->was)
		(void)tc_put_displaced(&b, w->was, w->index, w->first);
	if (batch_send(w->kernel, &b, &ignored) < 0)
		return;         /* nothing better is left to do; the next read tells what stands */
}

static int build(const struct tree_work *w, struct arena *a)
{
	auto_batch struct batch b;
	const char *root = arena_printf(a, "qdisc/%s/root", w->name);
	const struct change *c = change_of(w, root);
	const bool stands = !c || c->from;
	/* A root that was displaced may be overrun, and only that one: everything else must not be there. */
	const bool overruns = !stands && w->was && w->tree->replace_qdisc;
	batch_init(&b, KERNEL_ROUTE);
	if (stands)
		tc_put_removal(&b, w->index, w->first);
	for (size_t i = 0; i < w->tree->n_nodes; i++) {
		struct tc_view v;
		tc_view_of(&w->tree->nodes[i], &v);
		const bool is_root = !v.is_class && v.parent == TC_H_ROOT;
		c = change_of(w, tc_key(w->name, &v, a));
		tc_put_view(&b, &v, NLM_F_CREATE | (is_root && overruns ? NLM_F_REPLACE : NLM_F_EXCL), w->index,
			    c && c->to ? c : w->first);
	}
	int err = send_tree(w, &b);
	if (err)
		undo_build(w);
	return err;
}

static int change_in_place(const struct tree_work *w)
{
	auto_batch struct batch b;
	batch_init(&b, KERNEL_ROUTE);
	for (size_t i = 0; i < w->changes->n; i++) {
		const struct change *c = &w->changes->list[i];
		if (is_of(w, c))
			tc_put_view(&b, c->to->obj, 0, w->index, c);
	}
	return send_tree(w, &b);
}

static bool must_rebuild(const struct tree_work *w)
{
	for (size_t i = 0; i < w->changes->n; i++)
		if (is_of(w, &w->changes->list[i]) && tc_needs_rebuild(&w->changes->list[i]))
			return true;
	return false;
}

static int take_out(const struct tree_work *w)
{
	auto_batch struct batch b;
	batch_init(&b, KERNEL_ROUTE);
	if (!w->index)
		return 0;       /* the tree went with its device */
	tc_put_removal(&b, w->index, w->first);
	if (w->was)
		(void)tc_put_displaced(&b, w->was, w->index, w->first);
	return send_tree(w, &b);
}

static int write_device(struct tree_work *w, struct own *own)
{
	struct arena *a = arena_new();
	w->name = arena_str(a, w->device);
	w->index = kernel_device_index(w->kernel, w->name);
	const char *root = arena_printf(a, "qdisc/%s/root", w->name);
	w->was = own_displaced(own, root);
	int err;
	if (w->tree)
		err = must_rebuild(w) ? build(w, a) : change_in_place(w);
	else
		err = take_out(w);
	if (!err && !w->tree)
		own_forget(own, root);
	arena_free(a);
	return err;
}

/* Only that the device is there: kinds and foreign roots have been surveyed. */
static int rehearse(struct kernel *k, const struct changes *c, struct diags *d)
{
	int err = 0;
	for (size_t i = 0; i < c->n; i++) {
		char name[16] = "";
		const struct str device = tc_device_of(key_of(&c->list[i]));
		memcpy(name, device.p, MIN(device.n, sizeof(name) - 1));
		if (!c->list[i].to || kernel_device_index(k, name))
			continue;
		diag_error(d, &c->list[i].to->origin.place, "kernel", "the kernel would refuse %s: No such device",
			   c->list[i].to->origin.what ? c->list[i].to->origin.what : c->list[i].to->key);
		err = -ENODEV;
	}
	return err;
}

/* Whether a change before this one was of the same device, whose changes are then done. */
static bool is_done(const struct changes *c, size_t i)
{
	const struct str device = tc_device_of(key_of(&c->list[i]));
	for (size_t j = 0; j < i; j++)
		if (str_eq(tc_device_of(key_of(&c->list[j])), device))
			return true;
	return false;
}

int tc_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
	     bool dry_run, struct diags *d)
{
	if (dry_run)
		return rehearse(k, c, d);
	for (size_t i = 0; i < c->n; i++) {
		if (c->list[i].stage != stage || is_done(c, i))
			continue;
		struct tree_work w = {
			.kernel = k, .changes = c, .device = tc_device_of(key_of(&c->list[i])), .first = &c->list[i],
			.place = refusals_place(p), .diags = d,
		};
		w.tree = tc_tree_of(p, w.device);
		int err = write_device(&w, own);
		if (err)
			return err;
	}
	return 0;
}
