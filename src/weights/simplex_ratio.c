/* SPDX-License-Identifier: MIT */
/* The ratio test with bound flips (the "long step" of dual simplex; Maros 2003, Kostina 2002). As one side of the cut is
 * shifted, reduced costs of arcs across it reach 0 one after the other. Each could enter; but as long as the violation is
 * more than its capacity it is better sent to its other bound, and the shift goes on. Which arcs come first is found by
 * gathering those within a guessed step and selecting among them; only if they do not suffice the search goes further. */
#include "base/base.h"

#include "weights/simplex.h"

/* What is asked for: arcs across the cut whose reduced cost reaches 0 by a step from `from` to `to`. */
struct window {
	int64_t from, to;
	bool up;                         /* the listed side goes up */
	bool by_number;                  /* only the least step, of those the first arc, is wanted (Bland's rule) */
	bool is_full;                    /* no room for all that is needed */
	wide enough;                     /* weights that are needed in all */
};

static void list_side(struct simplex *s, uint32_t v)
{
	s->side_is_subtree = s->size[v] * 2 <= s->n_nodes;
	s->n_side = (uint32_t)(s->side_is_subtree ? tree_list(s, v, s->side) : tree_list_others(s, v, s->side));
	for (size_t k = 0; k < s->n_side; k++)
		s->in_side[s->side[k]] = 1;
}

/* Too many to keep: those beyond what is needed go, and the window closes. Where there is no room for all that is needed,
 * what was kept will make a shorter step, which is right, too. */
static void prune(struct simplex *s, struct window *w)
{
	const size_t last = choose_until(s->choices, s->n_choices, w->enough, s->room_choices / 2);

	s->n_choices = last + 1;
	w->to = s->choices[last].key;
	w->is_full = last == s->room_choices / 2;
}

static bool is_before(const struct choice *a, const struct choice *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	return a->arc.row != b->arc.row ? a->arc.row < b->arc.row : a->arc.column < b->arc.column;
}

static void add(struct simplex *s, struct window *w, struct arc a, int64_t step)
{
	const struct choice c = { step, arc_capacity(s, a), a };

	if (w->by_number && s->n_choices > 0) {
		if (is_before(&c, &s->choices[0]))
			s->choices[0] = c;
		return;
	}
	if (s->n_choices == s->room_choices)
		prune(s, w);
	if (step <= w->to)
		s->choices[s->n_choices++] = c;
}

/* A hit of the search: across the cut, and of the kind that the shift drives to 0? */
static void look_at(struct simplex *s, struct window *w, struct arc a, bool falls)
{
	const int64_t reduced = reduced_cost(s, a), step = falls ? reduced : -reduced;

	if (step < w->from || step > w->to || (step == 0 && a.row != ARC_ROOT && simplex_full(s, a) == falls))
		return;
	add(s, w, a, step);
}

static void search_row(struct simplex *s, struct window *w, uint32_t row, bool falls)
{
	const bool side = s->in_side[row];
	const size_t n = cost_search_row(s, row, falls ? w->from : -w->to, w->to - w->from);

	for (size_t k = 0; k < n; k++)
		if (s->in_side[simplex_column(s, s->hits[k])] != side)
			look_at(s, w, (struct arc){ row, s->hits[k] }, falls);
}

static void search_column(struct simplex *s, struct window *w, uint32_t column, bool falls)
{
	const bool side = s->in_side[simplex_column(s, column)];
	const size_t n = cost_search_column(s, column, falls ? w->from : -w->to, w->to - w->from);

	for (size_t k = 0; k < n; k++)
		if (s->in_side[s->hits[k]] != side)
			look_at(s, w, (struct arc){ s->hits[k], column }, falls);
}

/* Rows of the one side with columns of the other, by whichever is less to read. Their reduced cost falls as rows rise. */
static void search_across(struct simplex *s, struct window *w, bool rows_in_side, size_t n_rows, size_t n_columns)
{
	const bool falls = w->up == rows_in_side;

	if (n_rows * s->n <= n_columns * s->m) {
		if (rows_in_side) {
			for (size_t k = 0; k < s->n_side; k++)
				if (simplex_is_row(s, s->side[k]))
					search_row(s, w, s->side[k], falls);
		} else {
			for (uint32_t l = 0; l < s->m; l++)
				if (!s->in_side[l])
					search_row(s, w, l, falls);
		}
	} else if (rows_in_side) {
		for (uint32_t i = 0; i < s->n; i++)
			if (!s->in_side[simplex_column(s, i)])
				search_column(s, w, i, falls);
	} else {
		for (size_t k = 0; k < s->n_side; k++)
			if (!simplex_is_row(s, s->side[k]) && s->side[k] != simplex_root(s))
				search_column(s, w, s->side[k] - (uint32_t)s->m, falls);
	}
}

/* What columns of the subtree have left rests at 0 and stops them from going below the root's potential. */
static void search_root(struct simplex *s, struct window *w)
{
	if (w->up == s->side_is_subtree)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct arc a = { ARC_ROOT, i };

		if ((s->in_side[simplex_column(s, i)] == 1) == s->side_is_subtree)
			look_at(s, w, a, true);
	}
}

static wide weight_of(const struct simplex *s)
{
	wide sum = 0;

	for (size_t k = 0; k < s->n_choices; k++)
		sum += s->choices[k].weight;
	return sum;
}

/* A step that should do, from what lately was found in a unit of step; twice that, as too far costs less than twice. */
static int64_t guess(const struct simplex *s, double pairs, wide violation)
{
	const double step = 2 * (double)violation / (s->density * pairs + 1);

	return step > 1e15 ? (int64_t)1e15 : (int64_t)step;
}

static void learn(struct simplex *s, double pairs, wide found, int64_t step)
{
	const double density = (double)found / ((double)step + 1) / pairs;

	s->density += (density - s->density) / 4;
}


struct counts {
	size_t rows, columns;            /* of the listed side */
};

static struct counts count_side(const struct simplex *s)
{
	struct counts c = { 0, 0 };

	for (size_t k = 0; k < s->n_side; k++)
		c.rows += simplex_is_row(s, s->side[k]);
	c.columns = s->n_side - c.rows - !s->side_is_subtree;
	return c;
}

size_t ratio_test(struct simplex *s, uint32_t v, bool up, wide violation, bool by_number)
{
	enum { WIDER = 4 };
	const int64_t most = (int64_t)1 << 60, saturated = s->by_row.p16 ? UINT16_MAX : UINT32_MAX;

	list_side(s, v);
	const struct counts c = count_side(s);
	const double pairs = (double)c.rows * (double)(s->n - c.columns) + (double)c.columns * (double)(s->m - c.rows);
	struct window w = { 0, guess(s, pairs, violation), up == s->side_is_subtree, by_number, false, violation };

	s->n_choices = 0;
	for (;;) {
		if (w.to - w.from >= saturated)
			w.to = most;
		search_across(s, &w, true, c.rows, s->n - c.columns);
		search_across(s, &w, false, s->m - c.rows, c.columns);
		search_root(s, &w);
		if (w.is_full || (by_number ? s->n_choices > 0 : weight_of(s) >= violation))
			break;
		if (w.to == most)
			BUG("no flow meets what rows send and columns take");
		w.from = w.to + 1;
		w.to = w.to * WIDER + WIDER;
	}
	/* Where some had to go, only those that are certainly the first may be flipped. */
	const size_t certain = w.is_full ? s->room_choices / 2 : s->n_choices - 1;
	const size_t last = by_number ? 0 : choose_until(s->choices, s->n_choices, violation, certain);

	learn(s, pairs, violation, s->choices[last].key);
	return last;
}

void ratio_shift(struct simplex *s, int64_t step, bool up)
{
	const int64_t by = up == s->side_is_subtree ? step : -step;

	for (size_t k = 0; k < s->n_side; k++) {
		const uint32_t v = s->side[k];

		s->in_side[v] = 0;
		if (by != 0) {
			s->potential[v] += by;
			cost_set_key(s, v);
		}
	}
}
