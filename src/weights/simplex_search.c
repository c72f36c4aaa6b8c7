/* SPDX-License-Identifier: MIT */
/* The search for arcs across a cut. Rows of one side with columns of the other are read by rows or by columns, whichever is
 * less; where that is much, in parts that threads may do: what a part finds does not depend on who does it, and is added in
 * the order of parts, so that the outcome is the same for any number of threads. */
#include "base/base.h"

#include "weights/crew.h"
#include "weights/simplex.h"

enum { PARTS = 16, ALONE = 1 << 19 };                   /* fewer arcs than that are not worth waking anybody */

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

static void add(struct simplex *s, struct window *w, const struct choice *c)
{
	if (w->by_number && s->n_choices > 0) {
		if (is_before(c, &s->choices[0]))
			s->choices[0] = *c;
		return;
	}
	if (s->n_choices == s->room_choices)
		prune(s, w);
	if (c->key <= w->to)
		s->choices[s->n_choices++] = *c;
}

/* Rows of the listed side with columns of the other, or the other way round; their reduced costs fall or rise. */
struct sweep {
	struct simplex *s;
	const struct window *w;
	bool rows_in_side, by_rows, falls;
	size_t n;                        /* lines are among that many nodes: those listed, or all rows, or all columns */
	struct {
		size_t n;
		bool is_full;            /* found more than it has room for */
	} part[PARTS];
};

/* Whether the k-th is a line of the sweep. */
static bool line_at(const struct sweep *sw, size_t k, uint32_t *number)
{
	const struct simplex *s = sw->s;
	const bool is_listed = sw->rows_in_side == sw->by_rows;
	const uint32_t v = is_listed ? s->side[k] : sw->by_rows ? (uint32_t)k : simplex_column(s, k);

	if (v == simplex_root(s) || simplex_is_row(s, v) != sw->by_rows || s->in_side[v] != is_listed)
		return false;
	*number = sw->by_rows ? v : v - (uint32_t)s->m;
	return true;
}

/* A hit: across the cut, and of the kind that the shift drives to 0? */
static bool is_wanted(const struct sweep *sw, struct arc a, struct choice *out)
{
	const struct simplex *s = sw->s;

	if (s->in_side[a.row] == s->in_side[simplex_column(s, a.column)])
		return false;
	const int64_t reduced = reduced_cost(s, a), step = sw->falls ? reduced : -reduced;

	if (step < sw->w->from || step > sw->w->to || (step == 0 && simplex_full(s, a) == sw->falls))
		return false;
	*out = (struct choice){ step, arc_capacity(s, a), a };
	return true;
}

/* Pieces of a line, one after the other; out has room for a piece. Returns how many were found. */
static size_t search_piece(const struct sweep *sw, const struct line *l, uint32_t number, size_t from, struct choice *out)
{
	const struct window *w = sw->w;
	uint32_t hits[LINE_PIECE];
	const size_t n = cost_search(l, from, sw->falls ? w->from : -w->to, w->to - w->from, hits);
	size_t found = 0;

	for (size_t k = 0; k < n; k++) {
		const uint32_t other = (uint32_t)from + hits[k];
		const struct arc a = sw->by_rows ? (struct arc){ number, other } : (struct arc){ other, number };

		found += is_wanted(sw, a, &out[found]);
	}
	return found;
}

/* The lines from one to another, at once into choices; the window may close meanwhile. */
static void sweep_lines(struct sweep *sw, struct window *w, size_t from, size_t to)
{
	struct choice found[LINE_PIECE];
	uint32_t number;

	for (size_t k = from; k < to; k++) {
		struct line l;

		if (!line_at(sw, k, &number))
			continue;
		cost_line(sw->s, sw->by_rows, number, &l);
		for (size_t at = 0; at < l.length; at += LINE_PIECE) {
			const size_t n = search_piece(sw, &l, number, at, found);

			for (size_t j = 0; j < n; j++)
				add(sw->s, w, &found[j]);
		}
	}
}

static size_t part_begin(const struct sweep *sw, size_t part)
{
	return sw->n * part / PARTS;
}

static struct choice *part_found(const struct sweep *sw, size_t part)
{
	return sw->s->found + sw->s->room_choices / PARTS * part;
}

/* The lines of a part, into its own room, as long as there is some. */
static void sweep_part(void *arg, size_t part)
{
	struct sweep *sw = arg;
	const size_t room = sw->s->room_choices / PARTS;
	struct choice *found = part_found(sw, part);
	size_t n = 0;
	uint32_t number;

	for (size_t k = part_begin(sw, part); k < part_begin(sw, part + 1); k++) {
		struct line l;

		if (!line_at(sw, k, &number))
			continue;
		cost_line(sw->s, sw->by_rows, number, &l);
		for (size_t at = 0; at < l.length; at += LINE_PIECE) {
			if (n + LINE_PIECE > room) {
				sw->part[part].is_full = true;
				return;
			}
			n += search_piece(sw, &l, number, at, found + n);
		}
	}
	sw->part[part].n = n;
}

static void sweep_parts(struct sweep *sw, struct window *w)
{
	crew_run(sw->s->crew, PARTS, sweep_part, sw);
	for (size_t part = 0; part < PARTS; part++)
		if (sw->part[part].is_full)
			sweep_lines(sw, w, part_begin(sw, part), part_begin(sw, part + 1));
		else
			for (size_t k = 0; k < sw->part[part].n; k++)
				add(sw->s, w, &part_found(sw, part)[k]);
}

/* Arcs that a sweep looks at: whole rows, or whole columns. */
static size_t sweep_arcs(const struct simplex *s, bool rows_in_side, const struct side_counts *c)
{
	const size_t rows = rows_in_side ? c->rows : s->m - c->rows;
	const size_t columns = rows_in_side ? s->n - c->columns : c->columns;

	return MIN(rows * s->n, columns * s->m);
}

static void sweep(struct simplex *s, struct window *w, bool rows_in_side, const struct side_counts *c)
{
	const size_t arcs = sweep_arcs(s, rows_in_side, c);
	const bool by_rows = arcs == (rows_in_side ? c->rows : s->m - c->rows) * s->n;
	/* Reduced costs of a row fall as it rises. */
	struct sweep sw = { .s = s, .w = w, .rows_in_side = rows_in_side, .by_rows = by_rows, .falls = w->up == rows_in_side };

	if (arcs == 0)
		return;
	sw.n = by_rows == rows_in_side ? s->n_side : by_rows ? s->m : s->n;
	s->work += arcs;
	if (arcs >= ALONE && s->room_choices / PARTS > 2 * LINE_PIECE)
		sweep_parts(&sw, w);
	else
		sweep_lines(&sw, w, 0, sw.n);
}

/* What columns of the subtree have left rests at 0 and stops them from going below the root's potential. */
static void search_root(struct simplex *s, struct window *w)
{
	if (w->up == s->side_is_subtree)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct choice c = { s->potential[simplex_column(s, i)] - s->potential[simplex_root(s)], INT64_MAX,
					  { ARC_ROOT, i } };

		if ((s->in_side[simplex_column(s, i)] == 1) == s->side_is_subtree && c.key >= w->from && c.key <= w->to)
			add(s, w, &c);
	}
}

/* Those of the list, instead of all. */
static void search_near(struct simplex *s, struct window *w)
{
	for (size_t k = 0; k < s->n_near; k++) {
		const struct arc a = s->near[k].arc;
		const uint32_t column = simplex_column(s, a.column);

		if (s->in_side[a.row] == s->in_side[column])
			continue;
		const bool falls = w->up == (s->in_side[a.row] == 1);
		const int64_t reduced = s->near[k].cost + s->potential[column] - s->potential[a.row], step = falls ? reduced : -reduced;

		if (step >= w->from && step <= w->to && (step != 0 || simplex_full(s, a) != falls))
			add(s, w, &(struct choice){ step, arc_capacity(s, a), a });
	}
	s->work += s->n_near;
}

/* Whether the list answers for a cut. It is made where large cuts have cost more than it will, and as shifts have been, it
 * will last for more of them. */
static bool is_listed(struct simplex *s, const struct window *w, const struct side_counts *c)
{
	enum { NEAR_COST = 8, MAKING = 2 };             /* what a listed arc and a new list cost, in searched arcs, and in all arcs */
	const double all = (double)s->m * (double)s->n;
	const double arcs = (double)sweep_arcs(s, true, c) + (double)sweep_arcs(s, false, c);

	if (arcs * NEAR_COST < all)
		return false;
	s->swept += arcs;
	if (s->reach < w->to && w->to <= s->horizon / 2 && s->swept > MAKING * all &&
	    (double)s->horizon * s->swept > MAKING * all * s->drift)
		near_make(s);
	return w->to <= s->reach && arcs > NEAR_COST * (double)s->n_near;
}

void search_cut(struct simplex *s, struct window *w, const struct side_counts *c)
{
	if (is_listed(s, w, c)) {
		search_near(s, w);
	} else {
		sweep(s, w, true, c);
		sweep(s, w, false, c);
	}
	search_root(s, w);
}
