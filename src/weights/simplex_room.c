/* SPDX-License-Identifier: MIT */
/* Working memory of one level: one block, so that how much it is can be told before. */
#include "base/base.h"

#include "weights/simplex.h"

enum { CHOICES = 1 << 17, NEAR = 8 };

/* Hands out pieces of a block, or only adds them up while there is none. */
struct room {
	char *block;
	size_t used;
	size_t zeroed_from;              /* what lies before is written before it is read */
};

static void *take(struct room *r, size_t n, size_t size)
{
	void *p = r->block ? r->block + r->used : NULL;

	r->used += (n * size + 15) & ~(size_t)15;
	return p;
}

static struct lanes take_lanes(struct room *r, size_t n, bool is_narrow)
{
	struct lanes l = { NULL, NULL };

	if (is_narrow)
		l.l16 = take(r, n, sizeof(*l.l16));
	else
		l.l32 = take(r, n, sizeof(*l.l32));
	return l;
}

#define TAKE(n_, member) (s->member = take(r, (n_), sizeof(*s->member)))
static void take_all(struct simplex *s, struct room *r, bool is_narrow)
{
	const size_t m = s->m, n = s->n, nodes = s->n_nodes;

	s->by_column = take_lanes(r, m * n, is_narrow);
	/* All pairs and what columns have left, unless that is much. */
	s->room_choices = MAX(n, MIN(m * n + n, (size_t)CHOICES));
	TAKE(s->room_choices, choices);
	TAKE(s->room_choices, found);
	s->room_near = MIN(m * n, NEAR * (m + n));
	TAKE(s->room_near, near);
	r->zeroed_from = r->used;
	s->column_key = take_lanes(r, n, is_narrow);
	s->row_key = take_lanes(r, m, is_narrow);
	s->full_words = (n + 63) / 64;
	TAKE(m * s->full_words, full);
	TAKE(m * s->full_words, is_near);
	TAKE(m, weight);
	TAKE(nodes, parent);
	TAKE(nodes, child);
	TAKE(nodes, next);
	TAKE(nodes, previous);
	TAKE(nodes, size);
	TAKE(nodes, potential);
	TAKE(nodes, flow);
	TAKE(nodes, capacity);
	TAKE(nodes, wrong);
	TAKE(nodes, wrong_nodes);
	TAKE(nodes, wrong_at);
	TAKE(nodes, touched);
	TAKE(nodes, is_touched);
	TAKE(nodes, push);
	TAKE(nodes, order);
	TAKE(nodes, in_side);
	TAKE(nodes, side);
	TAKE(n, keys);
}
#undef TAKE

void simplex_init(struct simplex *s, const struct transport *t, size_t m, bool is_narrow)
{
	struct room r = { NULL, 0, 0 };

	s->t = t;
	s->m = m;
	s->n = t->n;
	s->n_nodes = m + t->n + 1;
	take_all(s, &r, is_narrow);
	r.block = s->block = malloc(r.used);
	if (!r.block)
		out_of_memory();
	memset(r.block + r.zeroed_from, 0, r.used - r.zeroed_from);
	r.used = 0;
	take_all(s, &r, is_narrow);
	for (size_t v = 0; v < s->n_nodes; v++)
		s->wrong_at[v] = -1;
}

void simplex_release(struct simplex *s)
{
	free(s->block);
	s->block = NULL;
}

uint64_t simplex_bytes(size_t m, size_t n, bool is_narrow)
{
	struct simplex s = { .m = m, .n = n, .n_nodes = m + n + 1 };
	struct room r = { NULL, 0, 0 };

	take_all(&s, &r, is_narrow);
	return r.used;
}
