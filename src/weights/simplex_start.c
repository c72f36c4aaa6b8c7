/* SPDX-License-Identifier: MIT */
/* The tree to begin with. Any will do, so what is known of another level, an earlier run or nothing at all is taken: columns
 * hang as they did then, or from the root, and that gives prices; then every row that holds up no column hangs from the one
 * where its fill by those prices ends, so that its flow is right from the start. */
#include "base/base.h"

#include "weights/crew.h"
#include "weights/simplex.h"

enum { NOWHERE = -1 };

/* The column above column i by the hint: over which row of this level, *row; NOWHERE: it goes to the root. */
static int32_t column_above(const struct simplex *s, const struct transport_tree *hint, const int32_t *place, int32_t i,
			    int32_t *row)
{
	const int32_t global = hint->column[i];

	*row = global >= 0 && (size_t)global < s->t->m ? place[global] : NOWHERE;
	if (*row < 0)
		return NOWHERE;
	const int32_t above = hint->row[global];

	return above >= 0 && (size_t)above < s->n && above != i ? above : NOWHERE;
}

static void set_potential(struct simplex *s, uint32_t node, int64_t potential)
{
	s->potential[node] = potential;
	cost_set_key(s, node);
}

/* Column i below the row that the hint says, if that leaves its price at 0 or more, or below the root. */
static void place_column(struct simplex *s, const struct transport_tree *hint, const int32_t *place, int32_t i, bool may_hang)
{
	int32_t row, above = column_above(s, hint, place, i, &row);
	const uint32_t node = simplex_column(s, (size_t)i);

	if (may_hang && above >= 0) {
		const uint32_t upper = simplex_column(s, (size_t)above);
		const int64_t dual = s->potential[upper] + cost_of(s, (struct arc){ (uint32_t)row, (uint32_t)above });
		const int64_t price = dual - cost_of(s, (struct arc){ (uint32_t)row, (uint32_t)i });

		if (price >= 0) {
			if (s->parent[row] < 0) {
				tree_attach(s, (uint32_t)row, upper);
				set_potential(s, (uint32_t)row, dual);
			}
			tree_attach(s, node, (uint32_t)row);
			set_potential(s, node, price);
			return;
		}
	}
	tree_attach(s, node, simplex_root(s));
	set_potential(s, node, 0);
}

/* Columns are placed from above; a hint that goes round in a circle is cut where that is noticed. */
static void place_columns(struct simplex *s, const struct transport_tree *hint, const int32_t *place)
{
	enum { UNSEEN, ON_WAY, PLACED };
	uint8_t *state = s->in_side;
	uint32_t *way = s->order;

	for (size_t k = 0; k < s->n; k++) {
		int32_t at = (int32_t)k, row;
		bool is_circle = false;
		size_t n = 0;

		while (at >= 0 && state[at] == UNSEEN) {
			state[at] = ON_WAY;
			way[n++] = (uint32_t)at;
			at = column_above(s, hint, place, at, &row);
		}
		is_circle = at >= 0 && state[at] == ON_WAY;
		while (n-- > 0) {
			place_column(s, hint, place, (int32_t)way[n], !is_circle);
			state[way[n]] = PLACED;
			is_circle = false;
		}
	}
	memset(state, 0, s->n);
}

/* Keys among which a fill ends. */
struct span {
	int64_t least, most;
};

/* Keys of a row cut into equal ranges: one of them is the span. */
enum { RANGES = 256 };
struct ranges {
	int64_t least;
	unsigned shift;
	wide weight[RANGES];
};

static size_t range_of(const struct ranges *r, int64_t key)
{
	return (size_t)((key - r->least) >> r->shift);
}

static void cut_ranges(const struct simplex *s, struct ranges *r)
{
	int64_t most = s->keys[0];

	*r = (struct ranges){ .least = s->keys[0] };
	for (size_t i = 1; i < s->n; i++) {
		r->least = MIN(r->least, s->keys[i]);
		most = MAX(most, s->keys[i]);
	}
	while (range_of(r, most) >= RANGES)
		r->shift++;
	for (size_t i = 0; i < s->n; i++)
		r->weight[range_of(r, s->keys[i])] += s->t->bound[i];
}

static struct span find_span(const struct simplex *s)
{
	struct ranges r;
	wide left = s->t->supply;
	int64_t end = 0;

	cut_ranges(s, &r);
	while (r.weight[end] < left)
		left -= r.weight[end++];
	return (struct span){ r.least + (end << r.shift), r.least + ((end + 1) << r.shift) - 1 };
}

/* Columns below the span are full of row l, and those within it choices; false if the fill does not end there. */
static bool fill_to(struct simplex *s, uint32_t l, struct span span, wide *left)
{
	const uint64_t width = (uint64_t)(span.most - span.least);
	wide within = 0;

	*left = s->t->supply;
	s->n_choices = 0;
	for (uint32_t from = 0; from < s->n; from += 64) {
		const uint32_t to = (uint32_t)MIN(s->n, from + (size_t)64);
		uint64_t full = 0;

		for (uint32_t i = from; i < to; i++) {
			const int64_t key = s->keys[i], is_below = key < span.least;

			full |= (uint64_t)is_below << i % 64;
			*left -= s->t->bound[i] & -is_below;    /* a branch would be guessed wrong */
			if ((uint64_t)(key - span.least) > width)
				continue;
			within += s->t->bound[i];
			s->choices[s->n_choices++] = (struct choice){ key, s->t->bound[i], { l, i } };
		}
		s->full[l * s->full_words + from / 64] = full;
	}
	return *left > 0 && within >= *left;
}

/* Row l sends its supply where cost and price are least; full arcs are marked, and it hangs from the last: likely one that is
 * not far from that of the hint. */
static void fill_row(struct simplex *s, uint32_t l, int32_t hint)
{
	const int64_t near = (int64_t)1 << s->ties.places;
	bool is_filled = false;
	wide left;

	cost_keys(s, l);
	if (hint >= 0 && (size_t)hint < s->n)
		is_filled = fill_to(s, l, (struct span){ s->keys[hint] - near, s->keys[hint] + near }, &left);
	if (!is_filled)
		(void)fill_to(s, l, find_span(s), &left);
	const size_t last = choose_until(s->choices, s->n_choices, left, s->n_choices - 1);

	for (size_t k = 0; k < last; k++)
		simplex_set_full(s, s->choices[k].arc, true);
	tree_attach(s, l, simplex_column(s, s->choices[last].arc.column));
	set_potential(s, l, s->choices[last].key);
}

/* Arcs of row l by their reduced cost; those of 0 stay as they are. */
static void mark_row(struct simplex *s, uint32_t l)
{
	for (uint32_t i = 0; i < s->n; i++) {
		const struct arc a = { l, i };
		const int64_t reduced = reduced_cost(s, a);

		if (reduced != 0)
			simplex_set_full(s, a, reduced < 0);
	}
}

/* What follows from tree and full arcs. */
static void settle(struct simplex *s)
{
	tree_count(s);
	for (uint32_t v = 0; v < simplex_root(s); v++)
		s->capacity[v] = arc_capacity(s, tree_arc(s, v));
	flow_compute(s);
	flow_settle(s);
}

void start_from(struct simplex *s, const struct transport_tree *hint, const int32_t *place)
{
	for (size_t v = 0; v < s->n_nodes; v++)
		s->parent[v] = s->child[v] = s->next[v] = s->previous[v] = -1;
	set_potential(s, simplex_root(s), 0);
	place_columns(s, hint, place);
	for (uint32_t l = 0; l < s->m; l++)
		if (s->parent[l] < 0)
			fill_row(s, l, hint->row[s->rows[l]]);
		else
			mark_row(s, l);
	near_init(s);
	settle(s);
}

enum { PARTS = 16 };

/* Prices without tie digits, and how far that moved them: the tree's potentials in units of ties, less the new ones. */
struct moved {
	int64_t least[2], most[2];               /* of columns, of rows */
	bool tree;                               /* a column went to the root, as its price would have fallen below 0 */
};

static void restore_potential(struct simplex *s, uint32_t v, unsigned places, struct moved *moved)
{
	const uint32_t root = simplex_root(s), above = (uint32_t)s->parent[v];
	const bool is_row = simplex_is_row(s, v);
	const int64_t cost = cost_of(s, tree_arc(s, v)), old = s->potential[v];
	int64_t potential = s->potential[above] + (is_row ? cost : -cost);

	if (!is_row && potential < 0) {
		potential = 0;
		moved->tree = true;
		tree_detach(s, v);
		tree_attach(s, v, root);
	}
	set_potential(s, v, potential);
	potential = old - (potential << places);
	moved->least[is_row] = MIN(moved->least[is_row], potential);
	moved->most[is_row] = MAX(moved->most[is_row], potential);
}

/* Arcs whose reduced costs are at most `reach` rest where those ask for; ones of 0 stay as they are. */
struct nearing {
	struct simplex *s;
	int64_t reach;
	bool changed[PARTS];
};

static bool mark_near(struct simplex *s, uint32_t l, int64_t reach)
{
	uint32_t hits[LINE_PIECE];
	bool changed = false;
	struct line line;

	cost_line(s, true, l, &line);
	for (size_t from = 0; from < s->n; from += LINE_PIECE) {
		const size_t n = cost_search(&line, from, -reach, 2 * reach, hits);

		for (size_t k = 0; k < n; k++) {
			const struct arc a = { l, (uint32_t)from + hits[k] };
			const int64_t reduced = reduced_cost(s, a);

			if (reduced == 0 || simplex_full(s, a) == (reduced < 0))
				continue;
			simplex_set_full(s, a, reduced < 0);
			changed = true;
		}
	}
	return changed;
}

static void mark_part(void *arg, size_t part)
{
	struct nearing *near = arg;
	struct simplex *s = near->s;

	for (size_t l = s->m * part / PARTS; l < s->m * (part + 1) / PARTS; l++)
		near->changed[part] |= mark_near(s, (uint32_t)l, near->reach);
}

void start_restore(struct simplex *s)
{
	const size_t n = tree_list(s, simplex_root(s), s->order);
	const struct ties ties = s->ties;
	struct moved moved = { { INT64_MAX, INT64_MAX }, { INT64_MIN, INT64_MIN }, false };
	struct nearing near = { .s = s };

	s->by_row = s->t->penalty;
	s->ties = (struct ties){ 0, 0 };
	set_potential(s, simplex_root(s), 0);
	for (size_t k = 1; k < n; k++)
		restore_potential(s, s->order[k], ties.places, &moved);
	/* No reduced cost has changed by more than that. */
	near.reach = MAX(moved.most[0] - moved.least[1] + (1 << ties.digits), moved.most[1] - moved.least[0]);
	near.reach = (near.reach >> ties.places) + 1;
	crew_run(s->crew, PARTS, mark_part, &near);
	for (size_t part = 0; part < PARTS; part++)
		moved.tree |= near.changed[part];
	if (!moved.tree)
		return;
	near_init(s);
	settle(s);
	if (s->n_wrong > 0)                             /* seldom: nothing will be searched otherwise */
		cost_make_columns(s);
}
