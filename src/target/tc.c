/* SPDX-License-Identifier: MIT */
/* Target tc: one queue tree per shaped interface, under a root whose handle is ours. */
#include "base/base.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/target.h"
#include "target/tc.h"

struct str tc_device_of(const char *key)
{
	const char *device = strchr(key, '/') + 1;
	return (struct str){ device, (size_t)(strrchr(device, '/') - device) };
}

const struct tc_tree *tc_tree_of(const struct plan *p, struct str device)
{
	for (size_t i = 0; i < p->n_trees; i++)
		if (str_is(device, p->trees[i].device))
			return &p->trees[i];
	return NULL;
}

/* ---- items ------------------------------------------------------------------------------------------------------ */

static void add_view(const char *device, const struct tc_view *v, const struct origin *o, struct items *out)
{
	auto_text struct text body = {0};
	struct arena *a = out->arena;
	struct tc_view *obj = arena_one(a, struct tc_view);
	*obj = *v;
	obj->kind = arena_strdup(a, v->kind);
	tc_body(v, &body);
	items_add(out, tc_key(device, v, a), arena_strdup(a, body.p), o, obj);
}

static int tc_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d UNUSED)
{
	for (size_t i = 0; what != LOWER_STEERING && i < p->n_trees; i++) {
		const struct tc_tree *t = &p->trees[i];
		for (size_t n = 0; n < t->n_nodes; n++) {
			struct tc_view v;
			tc_view_of(&t->nodes[n], &v);
			add_view(t->device, &v, &t->nodes[n].origin, out);
		}
	}
	return 0;
}

/* tbf makes nanoseconds of bytes by multiplication and shift: one tick more or less is what was asked for. */
static void forgive_tick(struct tc_view *v, const char *device, const struct items *wanted, struct arena *a)
{
	const struct item *item = strcmp(v->kind, "tbf") == 0 ? items_find(wanted, tc_key(device, v, a)) : NULL;
	const struct tc_view *w = item ? item->obj : NULL;
	if (w && strcmp(w->kind, "tbf") == 0 && v->burst - w->burst + 1 <= 2)
		v->burst = w->burst;
}

static int read_classes(struct kernel *k, int index, const char *device, struct items *live)
{
	auto_answer struct answer classes = {0};
	int err = tc_ask_classes(k, index, TC_OURS, &classes);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&classes, m));) {
		struct tc_view v;
		/* Kinds without classes of their own (tbf, netem, fq_codel) report some all the same. */
		if (tc_read_view(m, &v) && v.is_class && strcmp(v.kind, "htb") == 0)
			add_view(device, &v, &(struct origin){0}, live);
	}
	return err == -ENODEV ? 0 : err;
}

static bool is_our_root(const struct tc_view *v)
{
	return !v->is_class && v->parent == TC_H_ROOT && v->handle == TC_OURS;
}

/* The queues of one device whose root is ours: all of them are in our tree, but those for what comes in. */
static int read_device(struct kernel *k, int index, const struct answer *queues, const struct items *wanted,
		       struct items *live)
{
	char device[16];
	if (!kernel_device_name(k, index, device))
		return 0;
	for (const struct nlmsghdr *m = NULL; (m = answer_next(queues, m));) {
		const struct tcmsg *t = mnl_nlmsg_get_payload(m);
		struct tc_view v;
		if (t->tcm_ifindex != index || t->tcm_parent == TC_H_INGRESS || !tc_read_view(m, &v))
			continue;
		forgive_tick(&v, device, wanted, live->arena);
		add_view(device, &v, &(struct origin){0}, live);
	}
	return read_classes(k, index, device, live);
}

static int tc_read(struct kernel *k, const struct own *own UNUSED, const struct items *wanted, struct items *live,
		   struct diags *d)
{
	auto_answer struct answer queues = {0};
	int err = tc_ask_queues(k, &queues);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&queues, m));) {
		const struct tcmsg *t = mnl_nlmsg_get_payload(m);
		struct tc_view v;
		if (tc_read_view(m, &v) && is_our_root(&v))
			err = read_device(k, t->tcm_ifindex, &queues, wanted, live);
	}
	if (err < 0)
		diag_error(d, NULL, "kernel", "cannot read queues: %s", errno_words(-err));
	return err;
}

/* A tree that stays is changed or built anew as a whole, in one go, so all its changes are of one stage. */
static void tc_stage(struct changes *c, const struct items *live UNUSED, const struct items *wanted)
{
	auto_text struct text root = {0};
	for (size_t i = 0; i < c->n; i++) {
		struct change *change = &c->list[i];
		const struct str device = tc_device_of(change->to ? change->to->key : change->from->key);
		text_clear(&root);
		text_printf(&root, "qdisc/%.*s/root", (int)device.n, device.p);
		change->stage = items_find(wanted, root.p) ? STAGE_PREPARE : STAGE_RETIRE;
	}
}

bool tc_needs_rebuild(const struct change *c)
{
	if (c->op != CHANGE_EDIT)
		return true;
	const struct tc_view *from = c->from->obj, *to = c->to->obj;
	if (from->more || from->handle != to->handle || strcmp(from->kind, to->kind) != 0)
		return true;
	/* A root htb takes no changes, fq_codel no other number of flows. */
	return !to->is_class && (strcmp(to->kind, "htb") == 0 ||
				 (strcmp(to->kind, "fq_codel") == 0 && from->flows != to->flows));
}

/* ---- figures ---------------------------------------------------------------------------------------------------- */

static void read_figures(const struct nlmsghdr *m, struct queue_count *out)
{
	const struct nlattr *attr, *stat;
	mnl_attr_for_each(attr, m, sizeof(struct tcmsg)) {
		if (mnl_attr_get_type(attr) != TCA_STATS2)
			continue;
		mnl_attr_for_each_nested(stat, attr) {
			struct gnet_stats_basic basic = {0};
			struct gnet_stats_queue queue = {0};
			const size_t size = mnl_attr_get_payload_len(stat);
			switch (mnl_attr_get_type(stat)) {
			case TCA_STATS_BASIC:
				memcpy(&basic, mnl_attr_get_payload(stat), MIN(size, sizeof(basic)));
				out->sent_bytes = basic.bytes;
				if (!out->sent_packets)
					out->sent_packets = basic.packets;
				break;
			case TCA_STATS_PKT64:
				out->sent_packets = mnl_attr_get_u64(stat);
				break;
			case TCA_STATS_QUEUE:
				memcpy(&queue, mnl_attr_get_payload(stat), MIN(size, sizeof(queue)));
				out->backlog_bytes = queue.backlog;
				out->backlog_packets = queue.qlen;
				out->dropped_packets = queue.drops;
				out->overlimits = queue.overlimits;
				break;
			default:
				break;
			}
		}
	}
}

/* The queue at the end of the tree: the one with this handle. */
static bool count_leaf(const struct answer *queues, int index, uint32_t handle, struct queue_count *out)
{
	for (const struct nlmsghdr *m = NULL; (m = answer_next(queues, m));) {
		const struct tcmsg *t = mnl_nlmsg_get_payload(m);
		if (m->nlmsg_type == RTM_NEWQDISC && t->tcm_ifindex == index && t->tcm_handle == handle) {
			read_figures(m, out);
			return true;
		}
	}
	return false;
}

static int count_class(struct kernel *k, int index, uint32_t handle, struct queue_count *out)
{
	auto_answer struct answer classes = {0};
	int err = tc_ask_classes(k, index, TC_OURS, &classes);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&classes, m));) {
		const struct tcmsg *t = mnl_nlmsg_get_payload(m);
		struct queue_count class = {0};
		if (m->nlmsg_type != RTM_NEWTCLASS || t->tcm_handle != handle)
			continue;
		read_figures(m, &class);
		out->overlimits = class.overlimits;
	}
	return err == -ENODEV ? 0 : err;
}

static int count_tree(struct kernel *k, const struct tc_tree *t, const struct answer *queues, struct counts *out)
{
	const int index = kernel_device_index(k, t->device);
	const struct tc_node *leaf = &t->nodes[t->n_nodes - 1], *class = NULL;
	for (size_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i].kind == NODE_HTB_CLASS)
			class = &t->nodes[i];
	struct queue_count count = { .interface = t->interface };
	if (!index || !count_leaf(queues, index, leaf->handle, &count))
		return 0;
	int err = class ? count_class(k, index, class->handle, &count) : 0;
	out->queues = arena_grow(out->arena, out->queues, out->n_queues, &out->queues_room, sizeof(*out->queues));
	out->queues[out->n_queues++] = count;
	return err;
}

static int tc_count(struct kernel *k, const struct plan *p, struct counts *out, struct diags *d)
{
	auto_answer struct answer queues = {0};
	int err = p->n_trees ? tc_ask_queues(k, &queues) : 0;
	for (size_t i = 0; err == 0 && i < p->n_trees; i++)
		err = count_tree(k, &p->trees[i], &queues, out);
	if (err < 0)
		diag_error(d, NULL, "kernel", "cannot read queues: %s", errno_words(-err));
	return err;
}

static const char *const parts[] = { "qdisc", "class", NULL };
static const char *const formats[] = { "tc", NULL };

const struct target target_tc = {
	.name = "tc", .parts = parts,
	.lower = tc_lower, .read = tc_read, .stage = tc_stage, .survey = tc_survey, .write = tc_write,
	.count = tc_count,
	.formats = formats, .print = tc_print,
};
