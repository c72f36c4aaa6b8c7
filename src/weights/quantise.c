/* SPDX-License-Identifier: MIT */
/* Whole weights stay as they are while they fit; else they become parts of a power of two. */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "weights/quantise.h"

enum { STEPS_MOST = 1 << 22, STEPS_LEAST = 1 << 12 };

static bool take_whole(const struct inputs *in, wide capacity, wide sum, struct quantised *out)
{
	if (sum >= PROBLEM_LIMIT || sum * MAX(capacity, (wide)1) >= PROBLEM_LIMIT)
		return false;
	for (size_t l = 0; l < in->n_locations; l++)
		out->weight[l] = (int64_t)in->locations[l].weight.whole;
	out->sum = (int64_t)sum;
	out->is_changed = false;
	return true;
}

/* floor(w · steps / sum + 1/2), at least 1. */
static int64_t whole_part(uint64_t weight, int64_t steps, wide sum)
{
	return (int64_t)MAX(((wide)weight * steps * 2 + sum) / (sum * 2), (wide)1);
}

static int64_t real_part(double weight, int64_t steps, double sum)
{
	return (int64_t)fmax(floor(weight * (double)steps / sum + 0.5), 1);
}

int quantise(const struct inputs *in, wide capacity, struct quantised *out)
{
	wide whole = 0;
	double real = 0;

	for (size_t l = 0; l < in->n_locations; l++) {
		whole += in->locations[l].weight.whole;
		real += in->locations[l].weight.real;
	}
	if (in->is_whole && take_whole(in, capacity, whole, out))
		return 0;
	int64_t steps = STEPS_MOST;
	while (steps >= STEPS_LEAST && (steps + (wide)in->n_locations) * capacity >= PROBLEM_LIMIT)
		steps /= 2;
	if (steps < STEPS_LEAST)
		return -ERANGE;
	out->is_changed = true;
	out->sum = 0;
	for (size_t l = 0; l < in->n_locations; l++) {
		const struct amount *w = &in->locations[l].weight;
		out->weight[l] = in->is_whole ? whole_part(w->whole, steps, whole) : real_part(w->real, steps, real);
		out->sum += out->weight[l];
	}
	return 0;
}
