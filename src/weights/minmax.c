/* SPDX-License-Identifier: MIT */
/* The least T such that loads L with v·L <= T carry the supply (weights.md 6.3). Only the average of all locations counts,
 * so that the answer is a fill: bisection for T, then what T - 1 allows, and the few units still missing one by one. */
#include "base/base.h"

#include "weights/transport.h"

/* What relay i takes at most when v·L may reach t. */
static int64_t most_at(wide v, int64_t limit, wide t)
{
	if (v == 0)
		return limit;
	const wide most = t / v;

	return most < limit ? (int64_t)most : limit;
}

static bool carries(size_t n, const wide *v, const int64_t *limit, int64_t supply, wide t)
{
	wide sum = 0;

	for (size_t i = 0; i < n && sum < supply; i++)
		sum += most_at(v[i], limit[i], t);
	return sum >= supply;
}

/* Without any risk: relays with v = 0 alone, in their order. */
static void fill_free(size_t n, const wide *v, const int64_t *limit, int64_t supply, int64_t *load)
{
	for (size_t i = 0; i < n; i++) {
		load[i] = v[i] == 0 ? MIN(limit[i], supply) : 0;
		supply -= load[i];
	}
}

void minmax_solve(size_t n, const wide *v, const int64_t *limit, int64_t supply, wide *t, int64_t *load)
{
	wide low = -1, high = 0, missing = supply;

	for (size_t i = 0; i < n; i++)
		high = MAX(high, v[i] * limit[i]);
	while (high - low > 1) {                        /* carried at high, not at low */
		const wide middle = low + (high - low) / 2;

		if (carries(n, v, limit, supply, middle))
			high = middle;
		else
			low = middle;
	}
	*t = high;
	if (high == 0) {
		fill_free(n, v, limit, supply, load);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		load[i] = most_at(v[i], limit[i], high - 1);
		missing -= load[i];
	}
	for (size_t i = 0; i < n && missing > 0; i++)
		if (most_at(v[i], limit[i], high) > load[i]) {
			load[i]++;
			missing--;
		}
}
