/* SPDX-License-Identifier: MIT */
/* The pivots. Leaving: the tree arc with the greatest violation² / size of its subtree, which is dual steepest edge without
 * an estimate (Forrest and Goldfarb 1992; the weights are exact as a tree's inverse has only 0 and ±1). Should the value
 * not rise for a long time, arcs are taken by their number alone (Bland 1977), which ends every circle. */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "weights/progress.h"
#include "weights/simplex.h"

static uint32_t steepest(const struct simplex *s)
{
	uint32_t best = s->wrong_nodes[0];
	double most = -1;

	for (uint32_t k = 0; k < s->n_wrong; k++) {
		const uint32_t v = s->wrong_nodes[k];
		const double score = s->wrong[v] / s->size[v];

		if (score > most) {
			most = score;
			best = v;
		}
	}
	return best;
}

static uint32_t lowest(const struct simplex *s)
{
	uint32_t best = s->wrong_nodes[0];

	for (uint32_t k = 1; k < s->n_wrong; k++) {
		const struct arc a = tree_arc(s, s->wrong_nodes[k]), b = tree_arc(s, best);

		if (a.row != b.row ? a.row < b.row : a.column < b.column)
			best = s->wrong_nodes[k];
	}
	return best;
}

/* The entering arc comes from its bound, and goes to where the leaving one is right. */
static void enter(struct simplex *s, uint32_t v, struct arc a, int64_t capacity, wide by)
{
	const uint32_t row = a.row == ARC_ROOT ? simplex_root(s) : a.row, column = simplex_column(s, a.column);
	const bool was_full = a.row != ARC_ROOT && simplex_full(s, a);
	const bool row_is_inner = a.row != ARC_ROOT && (s->in_side[row] == 1) == s->side_is_subtree;

	flow_push(s, a, was_full ? -by : by);
	if (was_full)
		simplex_set_full(s, a, false);
	tree_exchange(s, v, row_is_inner ? row : column, row_is_inner ? column : row, was_full ? capacity - by : by, capacity);
}

static void pivot(struct simplex *s, bool by_number)
{
	const uint32_t v = by_number ? lowest(s) : steepest(s);
	const bool is_short = s->flow[v] < 0, up = is_short != simplex_is_row(s, v);
	const wide violation = is_short ? -s->flow[v] : s->flow[v] - s->capacity[v];
	wide rest = violation, rise = 0;

	/* The bound that it will rest at is known: so the ratio test passes over it. */
	if (!is_short)
		simplex_set_full(s, tree_arc(s, v), true);
	const size_t last = ratio_test(s, v, up, violation, by_number);
	const struct choice entering = s->choices[last];

	for (size_t k = 0; k < last; k++) {
		rise += (wide)s->choices[k].key * s->choices[k].weight;
		rest -= s->choices[k].weight;
	}
	rise += rest * entering.key;
	flow_flip(s, s->choices, last);
	enter(s, v, entering.arc, entering.weight, rest);
	ratio_shift(s, entering.key, up);
	flow_settle(s);
	s->idle = rise > 0 ? 0 : s->idle + 1;
	s->pivots++;
}

/* What arcs of the tree carry beyond their bounds. Relays with a price are full as they hang in the tree: what is too much for
 * them stands on their arcs, so these count, not only what relays have left. */
static double overload(const struct simplex *s)
{
	double sum = 0;

	for (uint32_t k = 0; k < s->n_wrong; k++)
		sum += sqrt(s->wrong[s->wrong_nodes[k]]);
	return MIN(1.0, sum / ((double)s->clients * (double)s->t->supply));
}

/* The dual's value, a lower bound of this level: what the rows pay less what the columns get, and what full arcs gain. */
static wide value_of(const struct simplex *s)
{
	const int64_t root = s->potential[simplex_root(s)];
	wide value = 0;

	for (uint32_t l = 0; l < s->m; l++) {
		value += (wide)s->weight[l] * s->t->supply * (s->potential[l] - root);
		for (size_t k = 0; k < s->full_words; k++)
			for (uint64_t word = s->full[l * s->full_words + k]; word; word &= word - 1) {
				const struct arc a = { l, (uint32_t)(k * 64 + (unsigned)__builtin_ctzll(word)) };

				value += (wide)arc_capacity(s, a) * reduced_cost(s, a);
			}
	}
	for (size_t i = 0; i < s->n; i++)
		value -= (wide)s->clients * s->t->capacity[i] * (s->potential[s->m + i] - root);
	return value;
}

/* What is told of a level of all rows; tie digits are at most one penalty. */
static double lower_bound(const struct simplex *s)
{
	const double bound = (double)(value_of(s) >> s->ties.places) * s->progress_scale;

	return bound - (s->ties.places ? (double)s->clients * (double)s->t->supply * s->progress_scale : 0);
}

static bool interrupted(struct simplex *s)
{
	enum { TOLD_WORK = 1 << 22, PIVOT_WORK = 1 << 10 };
	struct progress *p = s->progress;

	s->work += PIVOT_WORK;
	if (!p || s->work - s->work_told < TOLD_WORK)
		return false;
	s->work_told = s->work;
	p->steps = s->pivots;
	p->overload = overload(s);
	if (s->m == s->t->m && progress_is_due(p))
		p->bound = MAX(p->bound, lower_bound(s));
	return progress_check(p);
}

int simplex_run(struct simplex *s, size_t patience)
{
	s->idle = 0;
	while (s->n_wrong > 0) {
		pivot(s, s->idle > patience);
		if (interrupted(s))
			return -EINTR;
	}
	return 0;
}
