/* SPDX-License-Identifier: MIT */
/* The transportation problem from outside: levels, ties, memory. Prices of a few rows that stand for the others are nearly
 * right for all, and cheap: so a sample is solved first, then one three times as large, and so on. This is done with ties
 * broken by digits below the penalties; the last tree is nearly always the best without them, too, and else improved. */
#include "base/base.h"

#include "weights/crew.h"
#include "weights/memory.h"
#include "weights/simplex.h"
#include "weights/transport.h"

/* Which rows a level has, and how many units of weight each stands for. */
struct sample {
	size_t m;
	uint32_t *rows;
	int64_t *weight;
};

/* What a run is made of. */
struct run {
	const struct transport *t;
	const struct transport_wish *wish;
	struct crew *crew;
	struct transport_tree hint;      /* the last level's tree, in rows of t */
	struct sample sample;
	int32_t *place;                  /* [m] a row's number on this level, or -1 */
	struct ties ties;
	struct lanes costs;              /* [m × n] with ties broken */
	uint64_t pivots;
};

/* Running weight is cut into steps; a row is taken as often as a step ends in it. With a step of 1: all, as they are. So the
 * rows of a level are among those of the next, whose step is a third. */
static void sample_rows(const struct transport *t, int64_t step, struct sample *out)
{
	int64_t run = 0;

	out->m = 0;
	for (size_t l = 0; l < t->m; l++) {
		const int64_t before = run / step;

		run += t->weight[l];
		if (run / step == before)
			continue;
		out->rows[out->m] = (uint32_t)l;
		out->weight[out->m++] = run / step - before;
	}
}

static void level_init(struct run *r, struct simplex *s)
{
	const struct transport *t = r->t;

	*s = (struct simplex){ .progress = r->wish->progress, .progress_scale = r->wish->progress_scale };
	s->by_row = (struct values){ t->m, t->n, r->costs.l16, r->costs.l32 };
	s->ties = r->ties;
	simplex_init(s, t, r->sample.m, t->penalty.p16 != NULL);
	s->crew = r->crew;
	s->rows = r->sample.rows;
	s->pivots = r->pivots;
	memset(r->place, -1, t->m * sizeof(*r->place));
	for (size_t l = 0; l < s->m; l++) {
		s->weight[l] = r->sample.weight[l];
		s->clients += s->weight[l];
		r->place[s->rows[l]] = (int32_t)l;
	}
	cost_make_columns(s);
	start_from(s, &r->hint, r->place);
}

/* The level's tree becomes the next one's hint. */
static void keep_tree(struct run *r, const struct simplex *s)
{
	for (size_t l = 0; l < s->m; l++)
		r->hint.row[s->rows[l]] = s->parent[l] - (int32_t)s->m;
	for (size_t i = 0; i < s->n; i++) {
		const uint32_t above = (uint32_t)s->parent[s->m + i];

		r->hint.column[i] = above == simplex_root(s) ? TREE_ROOT : (int32_t)s->rows[above];
	}
	r->pivots = s->pivots;
}

/* Solves for rows of a step, and gives the answer where one is wanted. */
static int solve_level(struct run *r, int64_t step, struct transport_answer *out)
{
	struct simplex s;

	sample_rows(r->t, step, &r->sample);
	if (r->sample.m == 0)
		return 0;
	level_init(r, &s);
	/* Far more than was ever seen in a row. */
	const size_t patience = 1000 + 4 * s.n_nodes;
	int result = simplex_run(&s, patience);

	if (!result && out) {
		start_restore(&s);
		result = simplex_run(&s, patience);
	}
	keep_tree(r, &s);
	if (out && !result)
		answer_fill(&s, out);
	simplex_release(&s);
	return result;
}

/* Samples, thinnest first; none of fewer than a few dozen rows, which would say little. */
static int solve_samples(struct run *r)
{
	enum { THINNEST = 27, THINNER = 3, ROWS = 32 };
	const size_t m = r->t->m;
	int64_t clients = 0;
	int result = 0;

	for (size_t l = 0; l < m; l++)
		clients += r->t->weight[l];
	for (int64_t thin = THINNEST; thin > 1 && !result; thin /= THINNER)
		if (m / (size_t)thin >= ROWS)
			result = solve_level(r, clients / (int64_t)m * thin, NULL);
	return result;
}

static void run_init(struct run *r, const struct transport *t, const struct transport_wish *w)
{
	*r = (struct run){ .t = t, .wish = w, .crew = crew_new(w->threads) };
	r->hint.row = allocate(t->m, sizeof(*r->hint.row));
	r->hint.column = allocate(t->n, sizeof(*r->hint.column));
	r->place = allocate(t->m, sizeof(*r->place));
	r->sample.rows = allocate(t->m, sizeof(*r->sample.rows));
	r->sample.weight = allocate(t->m, sizeof(*r->sample.weight));
	if (t->penalty.p16)
		r->costs.l16 = allocate(t->m * t->n, sizeof(*r->costs.l16));
	else
		r->costs.l32 = allocate(t->m * t->n, sizeof(*r->costs.l32));
	r->ties = cost_ties(t);
	cost_make_rows(t, r->ties, r->crew, &r->costs);
	for (size_t l = 0; l < t->m; l++)
		r->hint.row[l] = w->warm ? w->warm->row[l] : TREE_NONE;
	for (size_t i = 0; i < t->n; i++)
		r->hint.column[i] = w->warm ? w->warm->column[i] : TREE_NONE;
}

static void run_release(struct run *r)
{
	crew_free(r->crew);
	free(r->hint.row);
	free(r->hint.column);
	free(r->place);
	free(r->sample.rows);
	free(r->sample.weight);
	free(r->costs.l16);
	free(r->costs.l32);
}

int transport_solve(const struct transport *t, const struct transport_wish *w, struct transport_answer *out)
{
	struct run r;
	int result = 0;

	*out = (struct transport_answer){ 0 };
	run_init(&r, t, w);
	if (!w->warm)
		result = solve_samples(&r);
	if (!result)
		result = solve_level(&r, 1, out);
	out->pivots = r.pivots;
	out->peak_bytes = transport_memory(t->m, t->n, t->penalty.p16 ? 0 : PENALTY_MAX, w->threads);
	run_release(&r);
	return result;
}

uint64_t transport_memory(size_t m, size_t n, uint32_t largest_penalty, unsigned threads)
{
	enum { STACK_BYTES = 1 << 17 };
	const bool is_narrow = largest_penalty <= UINT16_MAX;
	const uint64_t costs = (uint64_t)m * n * (is_narrow ? 2 : 4), hint = 4 * (m + n), sample = 16 * m;
	const uint64_t answer = 8 * m * ((n + 63) / 64 + 1) + (8 + 16 + 32) * (m + n) + hint;

	return simplex_bytes(m, n, is_narrow) + costs + hint + sample + answer + (uint64_t)STACK_BYTES * threads;
}

void transport_release(struct transport_answer *a)
{
	free(a->price);
	free(a->full);
	free(a->part_from);
	free(a->part);
	free(a->tree.row);
	free(a->tree.column);
	*a = (struct transport_answer){ 0 };
}
