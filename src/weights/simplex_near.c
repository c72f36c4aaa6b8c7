/* SPDX-License-Identifier: MIT */
/* A list of all arcs whose reduced cost is near 0. Large cuts are searched again and again and shifted by very little: the
 * list answers for them, without a look at the others, until shifts have used up how far it reaches. */
#include "base/base.h"

#include "weights/simplex.h"

static void add_near(struct simplex *s, struct arc a)
{
	uint64_t *word = &s->is_near[a.row * s->full_words + a.column / 64];
	const uint64_t bit = (uint64_t)1 << a.column % 64;
	const int64_t cost = cost_of(s, a), reduced = cost + s->potential[simplex_column(s, a.column)] - s->potential[a.row];

	if ((*word & bit) || reduced > s->horizon || reduced < -s->horizon)
		return;
	if (s->n_near == s->room_near) {
		s->reach = -1;
		return;
	}
	*word |= bit;
	s->near[s->n_near++] = (struct near_arc){ a, cost };
}

/* What is near of a row or a column. */
static void add_line(struct simplex *s, bool is_row, uint32_t number)
{
	uint32_t hits[LINE_PIECE];
	struct line line;

	cost_line(s, is_row, number, &line);
	for (size_t from = 0; from < line.length; from += LINE_PIECE) {
		const size_t n = cost_search(&line, from, -s->horizon, 2 * s->horizon, hits);

		for (size_t k = 0; k < n; k++) {
			const uint32_t other = (uint32_t)from + hits[k];

			add_near(s, is_row ? (struct arc){ number, other } : (struct arc){ other, number });
		}
	}
}

void near_init(struct simplex *s)
{
	s->horizon = 32;                                /* about right for many problems, and soon adapted */
	s->reach = -1;
	s->n_near = s->room_near;
}

void near_make(struct simplex *s)
{
	if (s->n_near < s->room_near / 4)
		s->horizon *= 2;
	do {
		memset(s->is_near, 0, s->m * s->full_words * sizeof(*s->is_near));
		s->n_near = 0;
		s->reach = s->horizon;
		for (uint32_t l = 0; l < s->m && s->reach >= 0; l++)
			add_line(s, true, l);
	} while (s->reach < 0 && (s->horizon /= 2) > 0);
}

void near_follow(struct simplex *s, int64_t step, const struct side_counts *c)
{
	const double lines = (double)c->rows * (double)s->n + (double)c->columns * (double)s->m;

	/* Either the list reaches less far, and will the sooner be made anew, or what may have come near is looked at now:
	 * whichever is less in the end. */
	if (lines * (double)s->horizon >= (double)s->m * (double)s->n * (double)step) {
		s->drift += step;
		s->reach = MAX(s->reach - step, -1);
		return;
	}
	for (size_t k = 0; k < s->n_side && s->reach >= 0; k++) {
		const uint32_t v = s->side[k];

		if (v != simplex_root(s))
			add_line(s, simplex_is_row(s, v), simplex_is_row(s, v) ? v : v - (uint32_t)s->m);
	}
}
