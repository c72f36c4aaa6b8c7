/* SPDX-License-Identifier: MIT */
/* The ratio test with bound flips (the "long step" of dual simplex; Maros 2003, Kostina 2002). As one side of the cut is
 * shifted, reduced costs of arcs across it reach 0 one after the other. Each could enter; but as long as the violation is
 * more than its capacity it is better sent to its other bound, and the shift goes on. Which arcs come first is found by
 * gathering those within a guessed step and selecting among them; only if they do not suffice the search goes further. */
#include "base/base.h"

#include "weights/simplex.h"

static void list_side(struct simplex *s, uint32_t v)
{
	s->side_is_subtree = s->size[v] * 2 <= s->n_nodes;
	s->n_side = (uint32_t)(s->side_is_subtree ? tree_list(s, v, s->side) : tree_list_others(s, v, s->side));
	for (size_t k = 0; k < s->n_side; k++)
		s->in_side[s->side[k]] = 1;
}

static wide weight_of(const struct simplex *s)
{
	wide sum = 0;

	for (size_t k = 0; k < s->n_choices; k++)
		sum += s->choices[k].weight;
	return sum;
}

/* A step that should do, from what lately was found in a unit of step, most of it by large cuts; twice that, as too far costs
 * less than twice, and a little more than nothing. At first one penalty. */
static int64_t guess(const struct simplex *s, double pairs, wide violation)
{
	enum { LEAST = 3 };

	if (s->searched <= 0)
		return (int64_t)1 << s->ties.places;
	const double step = 2 * (double)violation / (s->found_weight / s->searched * pairs);

	return LEAST + (step > 1e15 ? (int64_t)1e15 : (int64_t)step);
}

static void learn(struct simplex *s, double pairs, wide found, int64_t step)
{
	s->found_weight = s->found_weight / 2 + (double)found;
	s->searched = s->searched / 2 + pairs * ((double)step + 1);
}

struct side_counts side_count(const struct simplex *s)
{
	struct side_counts c = { 0, 0 };

	for (size_t k = 0; k < s->n_side; k++)
		c.rows += simplex_is_row(s, s->side[k]);
	c.columns = s->n_side - c.rows - !s->side_is_subtree;
	return c;
}

size_t ratio_test(struct simplex *s, uint32_t v, bool up, wide violation, bool by_number)
{
	enum { WIDER = 4 };
	const int64_t most = (int64_t)1 << 60, saturated = s->by_column.l16 ? UINT16_MAX : UINT32_MAX;

	list_side(s, v);
	const struct side_counts c = side_count(s);
	const double pairs = (double)c.rows * (double)(s->n - c.columns) + (double)c.columns * (double)(s->m - c.rows);
	struct window w = { 0, guess(s, pairs, violation), up == s->side_is_subtree, by_number, false, violation };

	s->n_choices = 0;
	for (;;) {
		if (w.to - w.from >= saturated)
			w.to = most;
		search_cut(s, &w, &c);
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
	const struct side_counts c = side_count(s);

	for (size_t k = 0; k < s->n_side; k++) {
		const uint32_t v = s->side[k];

		s->in_side[v] = 0;
		if (by != 0) {
			s->potential[v] += by;
			cost_set_key(s, v);
		}
	}
	if (by != 0)
		near_follow(s, step, &c);
}
