/* SPDX-License-Identifier: MIT */
/* Linear programs in free MPS form. Columns are amounts, as a result has them: xR.G = w_R · R_R(G), so that all coefficients
 * of (b) and (c) are 1. What is to be least of several is column t, with a row that begins with m for each. */
#include "base/base.h"

#include <errno.h>

#include "weights/problem.h"
#include "weights/progress.h"

struct program {
	const struct problem *p;
	enum mps_objective objective;
	struct progress *progress;
	FILE *f;
	bool is_stopped;                 /* by the user */
};

/* Whether there is any use in another row. */
static bool goes_on(struct program *g)
{
	g->is_stopped = g->is_stopped || (g->progress && progress_check(g->progress));
	return !g->is_stopped && !ferror(g->f);
}

void problem_wish_mps(struct problem_wish *w, enum mps_objective objective)
{
	/* A relay's load is one of several that are compared, and so is a location's penalty, which its weight multiplies: these
	 * are not merged. Rows that share a penalty per client are as bad as their average, so merging changes nothing there. */
	const bool is_by_relay = objective == MPS_MAX || objective == MPS_MAX_RELAY;

	w->objective = is_by_relay ? OBJECTIVE_MAX_ONLY : OBJECTIVE_TOTAL;
	w->no_merge_locations = objective == MPS_MAX_LOCATION;
}

/* Rows of the greatest of several: how many; the part of t in each. */
static size_t maxima(const struct program *g)
{
	switch (g->objective) {
	case MPS_TOTAL:
		return 0;
	case MPS_MAX:
	case MPS_MAX_RELAY:
		return g->p->n_groups;
	case MPS_MAX_LOCATION:
	case MPS_MAX_CLIENT:
		return g->p->n_rows;
	}
	return 0;
}

static int64_t maximum_part(const struct program *g, size_t row)
{
	return g->objective == MPS_MAX ? g->p->clients : g->objective == MPS_MAX_CLIENT ? g->p->row_weight[row] : 1;
}

static void print_rows(const struct program *g)
{
	fprintf(g->f, "NAME nlbc FREE\nROWS\n N least\n");
	for (size_t r = 0; r < g->p->n_rows; r++)
		fprintf(g->f, " E b%zu\n", r);
	for (size_t i = 0; i < g->p->n_groups; i++)
		fprintf(g->f, " L c%zu\n", i);
	for (size_t k = 0; k < maxima(g); k++)
		fprintf(g->f, " L m%zu\n", k);
}

/* What a unit of an amount costs, and in which row that counts. */
static void print_cost(const struct program *g, size_t row, size_t group)
{
	const bool is_by_relay = g->objective == MPS_MAX || g->objective == MPS_MAX_RELAY;
	char text[WIDE_TEXT];
	const wide cost = g->objective == MPS_MAX ? g->p->vuln[group] : (wide)values_at(&g->p->penalty, row, group);

	if (cost == 0)
		return;
	if (g->objective == MPS_TOTAL)
		fprintf(g->f, " x%zu.%zu least %s\n", row, group, wide_print(cost, text));
	else
		fprintf(g->f, " x%zu.%zu m%zu %s\n", row, group, is_by_relay ? group : row, wide_print(cost, text));
}

static void print_columns(struct program *g)
{
	fprintf(g->f, "COLUMNS\n");
	for (size_t r = 0; r < g->p->n_rows && goes_on(g); r++)
		for (size_t i = 0; i < g->p->n_groups; i++) {
			fprintf(g->f, " x%zu.%zu b%zu 1 c%zu 1\n", r, i, r, i);
			print_cost(g, r, i);
		}
	if (g->objective == MPS_TOTAL)
		return;
	fprintf(g->f, " t least 1\n");
	for (size_t k = 0; k < maxima(g); k++)
		fprintf(g->f, " t m%zu -%lld\n", k, (long long)maximum_part(g, k));
}

static void print_limits(struct program *g)
{
	const struct problem *p = g->p;
	char text[WIDE_TEXT];

	fprintf(g->f, "RHS\n");
	for (size_t r = 0; r < p->n_rows; r++)
		fprintf(g->f, " RHS b%zu %s\n", r, wide_print((wide)p->row_weight[r] * p->supply, text));
	for (size_t i = 0; i < p->n_groups; i++)
		fprintf(g->f, " RHS c%zu %s\n", i, wide_print((wide)p->clients * p->groups[i].capacity, text));
	fprintf(g->f, "BOUNDS\n");
	for (size_t r = 0; r < p->n_rows && goes_on(g); r++)
		for (size_t i = 0; i < p->n_groups; i++) {
			/* An upper bound of 0 makes some readers think of negative amounts. */
			const char *kind = p->groups[i].bound > 0 ? "UP" : "FX";
			fprintf(g->f, " %s BND x%zu.%zu %s\n", kind, r, i,
				wide_print((wide)p->row_weight[r] * p->groups[i].bound, text));
		}
	fprintf(g->f, "ENDATA\n");
}

int problem_print_mps(const struct problem *p, enum mps_objective objective, struct progress *progress, FILE *f)
{
	struct program g = { .p = p, .objective = objective, .progress = progress, .f = f };

	errno = 0;
	print_rows(&g);
	print_columns(&g);
	print_limits(&g);
	if (g.is_stopped)
		return -EINTR;
	if (fflush(f) == 0 && !ferror(f))
		return 0;
	return errno ? -errno : -EIO;
}
