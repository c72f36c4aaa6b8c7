/* SPDX-License-Identifier: MIT */
/* clp PROBLEM [perturbed]: solves a problem file by CLP's dual simplex, as it comes, or with costs perturbed from the start:
 * left alone it does so late, and such problems have many ties. Bounds are bounds of variables. */
#include <coin/Clp_C_Interface.h>

#include "locaw.h"

struct columns {                         /* a variable for each pair, in the rows of its location and its relay */
	CoinBigIndex *start;
	int *row;
	double *one, *cost, *upper;
};
struct rows {
	double *low, *high;
};

static struct columns columns_of(const struct locaw *d)
{
	size_t m = (size_t)d->m, n = (size_t)d->n, k = 0;
	struct columns c = {
		.start = locaw_room(m * n + 1, sizeof(*c.start)), .row = locaw_room(2 * m * n, sizeof(*c.row)),
		.one = locaw_room(2 * m * n, sizeof(*c.one)), .cost = locaw_room(m * n, sizeof(*c.cost)),
		.upper = locaw_room(m * n, sizeof(*c.upper)),
	};

	for (size_t l = 0; l < m; l++)
		for (size_t i = 0; i < n; i++, k++) {
			c.row[2 * k] = (int)l;
			c.row[2 * k + 1] = (int)(m + i);
			c.one[2 * k] = c.one[2 * k + 1] = 1;
			c.cost[k] = d->penalty[k];
			c.upper[k] = (double)d->weight[l] * ((double)d->bound[i] / (double)d->supply);
			c.start[k + 1] = (CoinBigIndex)(2 * (k + 1));
		}
	return c;
}

/* Amounts are in parts of S, so that doubles hold them well. */
static struct rows rows_of(const struct locaw *d)
{
	size_t m = (size_t)d->m, n = (size_t)d->n;
	struct rows r = { locaw_room(m + n, sizeof(*r.low)), locaw_room(m + n, sizeof(*r.high)) };

	for (size_t l = 0; l < m; l++)
		r.low[l] = r.high[l] = (double)d->weight[l];
	for (size_t i = 0; i < n; i++) {
		r.low[m + i] = -1e300;
		r.high[m + i] = (double)d->clients * ((double)d->capacity[i] / (double)d->supply);
	}
	return r;
}

int main(int argc, char **argv)
{
	locaw_need(argc >= 2, "usage: clp PROBLEM [perturbed]");
	const struct locaw d = locaw_read(argv[1]);
	double begun = locaw_cpu();
	struct columns c = columns_of(&d);
	struct rows r = rows_of(&d);
	Clp_Simplex *clp = Clp_newModel();
	char value[64];

	Clp_setLogLevel(clp, 0);
	Clp_loadProblem(clp, d.m * d.n, d.m + d.n, c.start, c.row, c.one, NULL, c.upper, c.cost, r.low, r.high);
	if (argc > 2)
		Clp_setPerturbation(clp, 50);
	Clp_dual(clp, 0);
	locaw_need(Clp_isProvenOptimal(clp), "no optimum");
	snprintf(value, sizeof(value), "%.17g", Clp_objectiveValue(clp) * (double)d.supply);
	locaw_say(value, locaw_cpu() - begun, Clp_Version());
	return 0;
}
