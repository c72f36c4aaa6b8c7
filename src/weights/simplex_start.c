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

/* Keys of a row cut into equal ranges: which of them the fill ends in is found before anything is selected. */
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

/* Row l sends its supply where cost and price are least; full arcs are marked, and it hangs from the last. */
static void fill_row(struct simplex *s, uint32_t l)
{
	struct ranges r;
	wide left = s->t->supply;
	size_t end = 0, n = 0;

	cost_keys(s, l);
	cut_ranges(s, &r);
	while (r.weight[end] < left)
		left -= r.weight[end++];
	for (uint32_t i = 0; i < s->n; i++) {
		const size_t range = range_of(&r, s->keys[i]);

		s->full[l * s->full_words + i / 64] |= (uint64_t)(range < end) << i % 64;
		if (range == end)
			s->choices[n++] = (struct choice){ s->keys[i], s->t->bound[i], { l, i } };
	}
	const size_t last = choose_until(s->choices, n, left, n - 1);

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

enum { PARTS = 16 };
static void mark_rows(void *arg, size_t part)
{
	struct simplex *s = arg;

	for (size_t l = s->m * part / PARTS; l < s->m * (part + 1) / PARTS; l++)
		mark_row(s, (uint32_t)l);
}

/* The dual's value: what the rows pay less what the columns get, and what full arcs gain. */
static wide value_of(const struct simplex *s)
{
	wide value = 0;

	for (uint32_t l = 0; l < s->m; l++) {
		value += (wide)s->weight[l] * s->t->supply * s->potential[l];
		for (size_t k = 0; k < s->full_words; k++)
			for (uint64_t word = s->full[l * s->full_words + k]; word; word &= word - 1) {
				const struct arc a = { l, (uint32_t)(k * 64 + (unsigned)__builtin_ctzll(word)) };

				value += (wide)arc_capacity(s, a) * reduced_cost(s, a);
			}
	}
	for (size_t i = 0; i < s->n; i++)
		value -= (wide)s->clients * s->t->capacity[i] * s->potential[s->m + i];
	return value;
}

/* What follows from tree and full arcs. */
static void settle(struct simplex *s)
{
	tree_count(s);
	for (uint32_t v = 0; v < simplex_root(s); v++)
		s->capacity[v] = arc_capacity(s, tree_arc(s, v));
	flow_compute(s);
	flow_settle(s);
	if (s->progress)
		s->value = value_of(s);
}

void start_from(struct simplex *s, const struct transport_tree *hint, const int32_t *place)
{
	for (size_t v = 0; v < s->n_nodes; v++)
		s->parent[v] = s->child[v] = s->next[v] = s->previous[v] = -1;
	set_potential(s, simplex_root(s), 0);
	place_columns(s, hint, place);
	for (uint32_t l = 0; l < s->m; l++)
		if (s->parent[l] < 0)
			fill_row(s, l);
		else
			mark_row(s, l);
	settle(s);
}

static void restore_potential(struct simplex *s, uint32_t v)
{
	const uint32_t root = simplex_root(s), above = (uint32_t)s->parent[v];
	const int64_t cost = cost_of(s, tree_arc(s, v));
	const int64_t potential = simplex_is_row(s, v) ? s->potential[above] + cost : s->potential[above] - cost;

	if (!simplex_is_row(s, v) && potential < 0) {
		tree_detach(s, v);
		tree_attach(s, v, root);
	}
	set_potential(s, v, simplex_is_row(s, v) ? potential : MAX(potential, 0));
}

void start_restore(struct simplex *s)
{
	const size_t n = tree_list(s, simplex_root(s), s->order);

	s->by_row = s->t->penalty;
	s->ties = (struct ties){ 0, 0 };
	set_potential(s, simplex_root(s), 0);
	for (size_t k = 1; k < n; k++)
		restore_potential(s, s->order[k]);
	crew_run(s->crew, PARTS, mark_rows, s);
	settle(s);
	if (s->n_wrong > 0)                             /* seldom: nothing will be searched otherwise */
		cost_make_columns(s);
}
