/* SPDX-License-Identifier: MIT */
/* Sums up a result: expected penalties, full groups, locations that are worse off than with vanilla weights. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/summary.h"

/* Clients of each row as they were read, in parts of those that the result counts. */
static double *row_factors(const struct result *r, const struct inputs *in, struct arena *a)
{
	double *factor = arena_array(a, double, r->n_rows);

	for (size_t i = 0; i < r->n_locations; i++)
		factor[r->locations[i].row] += in->locations[i].weight.real;
	for (size_t i = 0; i < r->n_rows; i++)
		factor[i] /= (double)r->rows[i].weight;
	return factor;
}

static double load_max(const struct result *r, const struct inputs *in, struct arena *a)
{
	const double *factor = row_factors(r, in, a);
	double *load = arena_array(a, double, r->n_groups);
	double clients = 0, most = 0;

	for (size_t i = 0; i < r->n_rows; i++) {
		const struct result_row *row = &r->rows[i];

		clients += factor[i] * (double)row->weight;
		for (size_t j = 0; j < row->n_full; j++)
			for (uint32_t g = r->full[row->full_from + j].first; g <= r->full[row->full_from + j].last; g++)
				load[g] += factor[i] * (double)row->weight * (double)r->groups[g].cap;
		for (size_t j = 0; j < row->n_parts; j++)
			load[r->parts[row->part_from + j].group] += factor[i] * (double)r->parts[row->part_from + j].amount;
	}
	for (size_t g = 0; g < r->n_groups; g++)
		if (r->groups[g].capacity > 0)
			most = MAX(most, load[g] / ((double)r->groups[g].capacity * clients));
	return most;
}

void summary_make(const struct result *r, const struct inputs *in, struct arena *a, struct summary *out)
{
	const double all = (double)r->clients * (double)r->supply * penalty_scale_value(&r->scale);

	*out = (struct summary){ .load_max = load_max(r, in, a) };
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct result_row *row = &r->rows[i];

		out->cost += row->cost;
		out->vanilla_cost += row->vanilla;
		if (row->vanilla <= 0)
			continue;
		out->has_ratio = true;
		out->worst_ratio = MAX(out->worst_ratio, (double)row->cost / (double)row->vanilla);
	}
	for (size_t i = 0; i < r->n_locations; i++)
		out->worse_locations += r->rows[r->locations[i].row].cost > r->rows[r->locations[i].row].vanilla;
	for (size_t g = 0; g < r->n_groups; g++)
		out->full_groups += (wide)r->groups[g].capacity * r->clients == r->groups[g].load;
	out->penalty = (double)out->cost / all;
	out->vanilla = (double)out->vanilla_cost / all;
}
