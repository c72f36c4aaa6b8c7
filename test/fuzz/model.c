/* SPDX-License-Identifier: MIT */
/* Problems with and without merging, for each objective, and their linear programs where they are small. */
#include "base/base.h"

#include "model.h"
#include "weights/problem.h"

enum { PAIRS_PRINTED = 200 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void look_at_inputs(const struct inputs *in)
{
	require(in->unit >= 1 && in->theta >= 1 && in->theta <= 1000000 && in->n_locations > 0);
	require(in->weights.wgg >= 0 && in->weights.wgg <= in->unit);
	for (size_t l = 0; l < in->n_locations; l++) {
		const struct location *at = &in->locations[l];
		require(at->name && at->weight.real > 0 && (!in->is_whole || at->weight.whole > 0));
		require(in->values.rows == 0 || at->row < in->values.rows);
	}
	for (size_t i = 0; in->values.rows > 0 && i < in->n_relays; i++)
		require(inputs_takes_part(in, &in->relays[i]) ? in->column[i] < in->values.columns : in->column[i] == NO_COLUMN);
	for (size_t r = 0; r < in->values.rows; r++)
		for (size_t c = 0; c < in->values.columns; c++)
			require(values_at(&in->values, r, c) <= PENALTY_MAX);
}

/* Every pair's penalty is where the problem says it is. */
static void look_at_penalties(const struct problem *p)
{
	const struct inputs *in = p->in;

	for (size_t l = 0; l < in->n_locations; l++)
		for (size_t i = 0; i < in->n_relays && in->values.rows > 0; i++)
			if (p->group[i] != NO_GROUP)
				require(values_at(&p->penalty, p->row[l], p->group[i]) ==
					values_at(&in->values, in->locations[l].row, in->column[i]));
}

static void look_at_problem(const struct problem *p)
{
	wide share = 0, capacity = 0, room = 0, clients = 0;

	for (size_t g = 0; g < p->n_groups; g++) {
		const struct problem_group *group = &p->groups[g];
		require(group->share > 0 && group->capacity >= 0 && group->bound >= 0 && group->bound <= p->supply);
		require(p->group[group->first] == g && (g == 0 || group[-1].first < group->first));
		share += group->share;
		capacity += group->capacity;
		room += MIN(group->capacity, group->bound);
	}
	for (size_t l = 0; l < p->in->n_locations; l++) {
		require(p->weight[l] >= 1 && p->row[l] < p->n_rows);
		clients += p->weight[l];
	}
	for (size_t r = 0; r < p->n_rows; r++) {
		require(p->row[p->row_first[r]] == r && (r == 0 || p->row_first[r - 1] < p->row_first[r]));
		clients -= p->row_weight[r];
	}
	require(share == p->supply && room >= p->supply && clients == 0);
	require(p->clients * capacity < (wide)1 << 62);
	look_at_penalties(p);
}

static void print(const struct problem *p, enum mps_objective objective)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	require(f && problem_print_mps(p, objective, NULL, f) == 0 && fclose(f) == 0);
	free(text);
}

void model_look(const struct inputs *in, struct arena *a, struct diags *d)
{
	require(!in == (d->n_errors > 0));
	if (!in)
		return;
	look_at_inputs(in);
	for (enum mps_objective o = MPS_TOTAL; o <= MPS_MAX_CLIENT; o++) {
		struct problem_wish w = { .threads = 1, .no_merge = o == MPS_MAX_CLIENT };
		const size_t n_errors = d->n_errors;

		problem_wish_mps(&w, o);
		const struct problem *p = problem_new(in, &w, a, d);
		require(!p == (d->n_errors > n_errors));
		if (!p)
			continue;
		look_at_problem(p);
		if (p->n_rows * p->n_groups <= PAIRS_PRINTED)
			print(p, o);
	}
}
