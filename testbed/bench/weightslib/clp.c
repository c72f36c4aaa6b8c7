/* SPDX-License-Identifier: MIT */
/* clp PROBLEM [amounts]: solves a problem file by CLP's dual simplex, in parts of S so that doubles hold them, with bounds as
 * bounds of variables. Variables are the weights R, as one writes the model, and CLP is left as it comes; or amounts w · R,
 * and costs are perturbed from the start, which it else does late: of all that was tried, that makes it fastest. */
#include <coin/Clp_C_Interface.h>

#include "locaw.h"

struct columns {                         /* a variable for each pair, in the rows of its location and its relay */
	CoinBigIndex *start;
	int *row;
	double *part, *cost, *upper;
};
struct rows {
	double *low, *high;
};

/* How many amounts a unit of the variables of location l is. */
static double unit(const struct locaw *d, size_t l, int is_amounts) { return is_amounts ? 1 : (double)d->weight[l]; }

static struct columns columns_of(const struct locaw *d, int is_amounts)
{
	size_t m = (size_t)d->m, n = (size_t)d->n, k = 0;
	struct columns c = {
		.start = locaw_room(m * n + 1, sizeof(*c.start)), .row = locaw_room(2 * m * n, sizeof(*c.row)),
		.part = locaw_room(2 * m * n, sizeof(*c.part)), .cost = locaw_room(m * n, sizeof(*c.cost)),
		.upper = locaw_room(m * n, sizeof(*c.upper)),
	};

	for (size_t l = 0; l < m; l++)
		for (size_t i = 0; i < n; i++, k++) {
			c.row[2 * k] = (int)l;
			c.row[2 * k + 1] = (int)(m + i);
			c.part[2 * k] = 1;
			c.part[2 * k + 1] = unit(d, l, is_amounts);
			c.cost[k] = unit(d, l, is_amounts) * d->penalty[k];
			c.upper[k] = (double)d->weight[l] / unit(d, l, is_amounts) * ((double)d->bound[i] / (double)d->supply);
			c.start[k + 1] = (CoinBigIndex)(2 * (k + 1));
		}
	return c;
}

static struct rows rows_of(const struct locaw *d, int is_amounts)
{
	size_t m = (size_t)d->m, n = (size_t)d->n;
	struct rows r = { locaw_room(m + n, sizeof(*r.low)), locaw_room(m + n, sizeof(*r.high)) };

	for (size_t l = 0; l < m; l++)
		r.low[l] = r.high[l] = (double)d->weight[l] / unit(d, l, is_amounts);
	for (size_t i = 0; i < n; i++) {
		r.low[m + i] = -1e300;
		r.high[m + i] = (double)d->clients * ((double)d->capacity[i] / (double)d->supply);
	}
	return r;
}

int main(int argc, char **argv)
{
	locaw_need(argc >= 2, "usage: clp PROBLEM [amounts]");
	const struct locaw d = locaw_read(argv[1]);
	const int is_amounts = argc > 2;
	double begun = locaw_cpu();
	struct columns c = columns_of(&d, is_amounts);
	struct rows r = rows_of(&d, is_amounts);
	Clp_Simplex *clp = Clp_newModel();
	char value[64];

	Clp_setLogLevel(clp, 0);
	Clp_loadProblem(clp, d.m * d.n, d.m + d.n, c.start, c.row, c.part, NULL, c.upper, c.cost, r.low, r.high);
	if (is_amounts)
		Clp_setPerturbation(clp, 50);
	Clp_dual(clp, 0);
	locaw_need(Clp_isProvenOptimal(clp), "no optimum");
	snprintf(value, sizeof(value), "%.17g", Clp_objectiveValue(clp) * (double)d.supply);
	locaw_say(value, locaw_cpu() - begun, Clp_Version());
	return 0;
}
