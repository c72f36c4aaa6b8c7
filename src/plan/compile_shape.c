/* SPDX-License-Identifier: MIT */
/* Queue trees: what stands at the root of each interface, in it the class, in it network emulation, in it the queue,
 * each only if asked for, with every default written out (packet.md section 11). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"

enum {
	ROOT = 0x6e010000, CLASS = 0x6e010003, NETEM = 0x6e020000, QUEUE = 0x6e030000,
	FIRST_CHILD = 1,
	DEFAULT_CBURST = 1600, BURST_BESIDE = 1600, DEFAULT_QUANTUM = 1514, DEFAULT_PACKETS = 1000, NODES = 4,
};

#define ROOT_PARENT UINT32_MAX

struct tree_work {
	const struct shaper *shaper;
	struct origin origin;           /* of the interface */
	struct tc_node *nodes;
	size_t n;
	uint32_t parent;                /* of the next node */
};

static struct tc_node *node_add(struct tree_work *t, enum node_kind kind, uint32_t handle, const struct place *place)
{
	struct tc_node *n = &t->nodes[t->n++];

	*n = (struct tc_node){ .kind = kind, .handle = handle, .parent = t->parent, .origin = t->origin };
	if (place->source)
		n->origin.place = *place;
	return n;
}

/* The handle of the next qdisc: the one at the root is always 6e01:. */
static uint32_t qdisc_handle(const struct tree_work *t, uint32_t handle)
{
	return t->parent == ROOT_PARENT ? ROOT : handle;
}

static uint64_t value_or(const struct opt_u64 *v, uint64_t other)
{
	return v->set ? v->value : other;
}

/* 4 ms of rate and one large packet. */
static uint64_t burst_of(const struct shaper *s)
{
	return value_or(&s->burst_bytes, s->rate_bps.value / 8 * 4 / 1000 + BURST_BESIDE);
}

static void htb(struct tree_work *t)
{
	const struct shaper *s = t->shaper;

	node_add(t, NODE_HTB, ROOT, &s->rate_bps.place);
	t->parent = ROOT;
	struct tc_node *class = node_add(t, NODE_HTB_CLASS, CLASS, &s->rate_bps.place);
	class->rate_Bps = s->rate_bps.value / 8;
	class->ceil_Bps = value_or(&s->ceil_bps, s->rate_bps.value) / 8;
	class->burst_bytes = burst_of(s);
	class->cburst_bytes = value_or(&s->cburst_bytes, DEFAULT_CBURST);
	class->quantum_bytes = (uint32_t)value_or(&s->quantum_bytes, DEFAULT_QUANTUM);
	t->parent = CLASS;
}

static void tbf(struct tree_work *t)
{
	const struct shaper *s = t->shaper;
	struct tc_node *n = node_add(t, NODE_TBF, ROOT, &s->rate_bps.place);

	n->rate_Bps = s->rate_bps.value / 8;
	n->burst_bytes = burst_of(s);
	n->limit = s->queue_bytes;
	t->parent = ROOT + FIRST_CHILD;
}

static void netem(struct tree_work *t)
{
	const struct shaper *s = t->shaper;
	struct tc_node *n = node_add(t, NODE_NETEM, qdisc_handle(t, NETEM), &s->delay_place);

	n->limit = value_or(&s->limit_packets, DEFAULT_PACKETS);
	n->delay_us = s->delay_us;
	n->jitter_us = s->jitter_us;
	n->delay_correlation_ppm = s->delay_correlation_ppm;
	n->loss = s->loss;
	n->duplicate = s->duplicate;
	n->corrupt = s->corrupt;
	n->reorder = s->reorder;
	t->parent = n->handle + FIRST_CHILD;
}

static void fq_codel(struct tree_work *t)
{
	const struct shaper *s = t->shaper;
	struct tc_node *n = node_add(t, NODE_FQ_CODEL, qdisc_handle(t, QUEUE), &s->queue_place);

	n->limit = s->fq_codel.limit;
	n->flows = s->fq_codel.flows;
	n->fq_quantum = s->fq_codel.quantum;
	n->target_us = s->fq_codel.target_us;
	n->interval_us = s->fq_codel.interval_us;
	n->memory_bytes = s->fq_codel.memory_bytes;
	n->ecn = s->fq_codel.ecn;
}

static void fifo(struct tree_work *t, enum node_kind kind, uint64_t limit)
{
	node_add(t, kind, qdisc_handle(t, QUEUE), &t->shaper->queue_place)->limit = limit;
}

static void queue(struct tree_work *t)
{
	const struct shaper *s = t->shaper;

	switch (s->queue) {
	case QUEUE_NONE:
		if (s->rate_bps.set)
			fifo(t, NODE_PFIFO, DEFAULT_PACKETS);
		break;
	case QUEUE_BYTES:
	case QUEUE_TIME:
		fifo(t, NODE_BFIFO, s->queue_bytes);
		break;
	case QUEUE_PACKETS:
		fifo(t, NODE_PFIFO, s->queue_packets);
		break;
	case QUEUE_FQ_CODEL:
		fq_codel(t);
		break;
	}
}

/* tbf holds its own queue by bytes; one below it is only needed behind netem. */
static void build(struct tree_work *t)
{
	const struct shaper *s = t->shaper;
	const bool is_tbf = s->engine == ENGINE_TBF;

	if (is_tbf)
		tbf(t);
	else if (s->rate_bps.set)
		htb(t);
	if (s->has_netem)
		netem(t);
	if (!is_tbf || s->has_netem)
		queue(t);
}

/* Two interfaces of the profile may turn out to be one device; that has one root. */
static void check_device(struct compile *c, struct names *shaped, size_t i)
{
	const uint32_t other = names_find(shaped, c->devices[i]);

	names_put(shaped, c->devices[i], (uint32_t)i);
	if (other == NAME_NONE)
		return;
	const struct interface *first = &c->m->interfaces[other], *second = &c->m->interfaces[i];
	struct diag *g = diag_error(c->d, &second->by_place, "machine", "interfaces '%s' and '%s' are both %s, which takes "
				    "one shaper", first->name, second->name, c->devices[i]);
	diag_note(c->d, g, &first->by_place, "'%s' is given here", first->name);
}

void compile_shape(struct compile *c)
{
	struct names shaped;

	names_init(&shaped, c->m->n_interfaces, c->a);
	for (size_t i = 0; i < c->m->n_interfaces; i++) {
		const struct interface *iface = &c->m->interfaces[i];
		struct tree_work t = {
			.shaper = iface->shaper, .nodes = arena_array(c->a, struct tc_node, NODES),
			.parent = ROOT_PARENT,
			.origin = { JOIN(c->a, "interface '", iface->name, "'"), iface->shaper_place },
		};

		if (!iface->shaper || c->f->interfaces[i].absent)
			continue;
		check_device(c, &shaped, i);
		build(&t);
		*LIST_ADD(c->a, &c->trees) = (struct tc_tree){
			.interface = iface->name, .device = c->devices[i], .shaper = iface->shaper->name,
			.replace_qdisc = iface->replace_qdisc, .nodes = t.nodes, .n_nodes = t.n, .origin = t.origin,
		};
	}
}
