/* SPDX-License-Identifier: MIT */
/* What is ours in legacy table mangle: chains by their name, and the jumps to them wherever they stand. A table that is
 * not there is not opened, since that would make it. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "target/ipt.h"
#include "target/uses.h"

/* ---- items ------------------------------------------------------------------------------------------------------ */

static void read_chain(const struct ipt_family *f, struct xtc_handle *h, const char *name, struct items *live)
{
	auto_text struct text key = { 0 }, body = { 0 };
	struct ipt_chain *c = arena_one(live->arena, struct ipt_chain);

	*c = (struct ipt_chain){ .family = f, .name = arena_strdup(live->arena, name), .is_ours = ipt_is_ours(name) };
	for (const void *e = f->first_rule(name, h); e; e = f->next_rule(e, h)) {
		struct ipt_part parts[IPT_PARTS];
		const struct ipt_part *target = &parts[ipt_parts(f, e, parts, ARRAY_LEN(parts)) - 1];
		const char *jump = *target->name ? NULL : f->get_target(e, h);

		if (!c->is_ours && (!jump || !ipt_is_ours(jump)))
			continue;
		text_puts(&body, body.n ? "\n" : "");
		ipt_say_rule(f, name, e, jump, &body);
	}
	if (!c->is_ours && !body.n)
		return;
	ipt_key(c, &key);
	items_add(live, arena_copy(live->arena, key.p, key.n), arena_copy(live->arena, text_get(&body), body.n), NULL, c);
}

static int read_family(const struct ipt_family *f, struct items *live)
{
	struct xtc_handle *h = f->init(IPT_TABLE);

	if (!h)
		return -errno;
	for (const char *chain = f->first_chain(h); chain; chain = f->next_chain(h))
		read_chain(f, h, chain, live);
	f->free(h);
	return 0;
}

int ipt_read(struct kernel *k UNUSED, const struct own *own, const struct items *wanted, struct items *live,
	     struct diags *d)
{
	for (size_t i = 0; i < IPT_FAMILIES; i++) {
		int err = legacy_has_table(ipt_families[i].family, IPT_TABLE);

		if (err > 0)
			err = read_family(&ipt_families[i], live);
		/* Without the right to look, nobody who may not write put anything there either. */
		if (err && ((err != -EPERM && err != -EACCES) || wanted->n > 0 || own->kernel.target == TARGET_IPTABLES))
			return ipt_explain(&ipt_families[i], err, NULL, d);
	}
	return 0;
}

/* ---- counters --------------------------------------------------------------------------------------------------- */

static int compare_counts(const void *a, const void *b)
{
	return strcmp(((const struct count *)a)->name, ((const struct count *)b)->name);
}

static void add_count(struct counts *out, const char *comment, const struct xt_counters *c)
{
	char *name = arena_strdup(out->arena, comment + strlen(IPT_COUNT_PREFIX));

	for (char *p = name; (p = strchr(p, ':'));)
		*p = '_';
	for (size_t i = 0; i < out->n; i++) {
		if (strcmp(out->list[i].name, name) != 0)
			continue;
		out->list[i].packets += c->pcnt;
		out->list[i].bytes += c->bcnt;
		return;
	}
	out->list = arena_grow(out->arena, out->list, out->n, &out->room, sizeof(*out->list));
	out->list[out->n++] = (struct count){ .name = name, .packets = c->pcnt, .bytes = c->bcnt };
}

static int count_family(const struct ipt_family *f, struct counts *out)
{
	struct xtc_handle *h = f->init(IPT_TABLE);

	if (!h)
		return -errno;
	for (const char *chain = f->first_chain(h); chain; chain = f->next_chain(h)) {
		for (const void *e = f->first_rule(chain, h); e && ipt_is_ours(chain); e = f->next_rule(e, h)) {
			const char *comment = ipt_comment(f, e);
			struct ipt_head head;

			if (!comment || strncmp(comment, IPT_COUNT_PREFIX, strlen(IPT_COUNT_PREFIX)) != 0)
				continue;
			f->get_head(e, &head);
			add_count(out, comment, &head.counters);
		}
	}
	f->free(h);
	return 0;
}

int ipt_count(struct kernel *k UNUSED, const struct plan *p, struct counts *out, struct diags *d)
{
	for (size_t i = 0; i < IPT_FAMILIES && p->kernel.target == TARGET_IPTABLES; i++) {
		int err = legacy_has_table(ipt_families[i].family, IPT_TABLE);

		if (err > 0)
			err = count_family(&ipt_families[i], out);
		if (err)
			return ipt_explain(&ipt_families[i], err, NULL, d);
	}
	if (out->n)
		qsort(out->list, out->n, sizeof(*out->list), compare_counts);
	return 0;
}
