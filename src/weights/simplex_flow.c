/* SPDX-License-Identifier: MIT */
/* Flows of tree arcs. What a row sends and a column takes is fixed, so the flow of a tree arc follows from what its
 * subtree sends and takes otherwise; a change outside the tree is carried up from both its ends. Sums have 128 bits:
 * between pivots a flow may exceed any bound. */
#include "base/base.h"

#include "weights/simplex.h"

void flow_touch(struct simplex *s, uint32_t v)
{
	if (s->is_touched[v])
		return;
	s->is_touched[v] = true;
	s->touched[s->n_touched++] = v;
}

static void set_wrong(struct simplex *s, uint32_t v, double square)
{
	const int32_t at = s->wrong_at[v];

	s->wrong[v] = square;
	if (square > 0 && at < 0) {
		s->wrong_at[v] = (int32_t)s->n_wrong;
		s->wrong_nodes[s->n_wrong++] = v;
	} else if (square <= 0 && at >= 0) {
		const uint32_t last = s->wrong_nodes[--s->n_wrong];

		s->wrong_nodes[at] = last;
		s->wrong_at[last] = at;
		s->wrong_at[v] = -1;
	}
}

void flow_settle(struct simplex *s)
{
	for (uint32_t k = 0; k < s->n_touched; k++) {
		const uint32_t v = s->touched[k];
		double beyond = 0;

		s->is_touched[v] = false;
		if (s->flow[v] < 0)
			beyond = -(double)s->flow[v];
		else if (s->capacity[v] != INT64_MAX && s->flow[v] > s->capacity[v])
			beyond = (double)(s->flow[v] - s->capacity[v]);
		set_wrong(s, v, beyond * beyond);
	}
	s->n_touched = 0;
}

/* push[]: what rows of a subtree send less what its columns take, of which the arc above must carry the rest. */
static void carry_up(struct simplex *s, bool anew)
{
	for (size_t k = s->n_nodes; k-- > 1; ) {
		const uint32_t v = s->order[k];
		const wide by = simplex_is_row(s, v) ? s->push[v] : -s->push[v];

		s->push[s->parent[v]] += s->push[v];
		s->push[v] = 0;
		if (anew)
			s->flow[v] = by;
		else if (by == 0)
			continue;
		else
			s->flow[v] += by;
		flow_touch(s, v);
	}
	s->push[simplex_root(s)] = 0;
}

void flow_compute(struct simplex *s)
{
	for (size_t l = 0; l < s->m; l++)
		s->push[l] = (wide)s->weight[l] * s->t->supply;
	for (size_t i = 0; i < s->n; i++)
		s->push[s->m + i] = -(wide)s->clients * s->t->capacity[i];
	for (size_t l = 0; l < s->m; l++)
		for (size_t k = 0; k < s->full_words; k++)
			for (uint64_t word = s->full[l * s->full_words + k]; word; word &= word - 1) {
				const size_t i = k * 64 + (unsigned)__builtin_ctzll(word);
				const int64_t x = s->weight[l] * s->t->bound[i];

				s->push[l] -= x;
				s->push[s->m + i] += x;
			}
	carry_up(s, true);
}

/* One step towards the root, `by` more being sent from below. */
static uint32_t climb(struct simplex *s, uint32_t v, wide by)
{
	s->flow[v] += simplex_is_row(s, v) ? by : -by;
	flow_touch(s, v);
	return (uint32_t)s->parent[v];
}

void flow_push(struct simplex *s, struct arc a, wide by)
{
	uint32_t from = a.row == ARC_ROOT ? simplex_root(s) : a.row, to = simplex_column(s, a.column);

	/* Until both meet; the one with the smaller subtree is not above the other. */
	while (from != to)
		if (s->size[from] < s->size[to])
			from = climb(s, from, -by);
		else
			to = climb(s, to, by);
}

void flow_flip(struct simplex *s, const struct choice *flips, size_t n)
{
	enum { STEPS = 32 };                            /* nodes that a single push passes, about */
	const bool at_once = n * STEPS > s->n_nodes;

	for (size_t k = 0; k < n; k++) {
		const struct arc a = flips[k].arc;
		const bool was_full = simplex_full(s, a);
		const int64_t by = was_full ? -flips[k].weight : flips[k].weight;

		simplex_set_full(s, a, !was_full);
		if (at_once) {
			s->push[a.row] -= by;
			s->push[simplex_column(s, a.column)] += by;
		} else {
			flow_push(s, a, by);
		}
	}
	if (at_once) {
		(void)tree_list(s, simplex_root(s), s->order);
		carry_up(s, false);
	}
}
