/* SPDX-License-Identifier: MIT */
/* The seed's min max (weights.md 6.3) for the certificate: T by halving, then L as the page has it. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "weights/certify_parts.h"

/* v: as given, else what a relay costs all clients together. */
static int make_factors(struct proof *p, wide *v, uint32_t *penalty)
{
	const size_t n = p->r->n_groups;

	if (p->in->vuln) {
		for (size_t i = 0; i < n; i++)
			v[i] = (wide)p->in->vuln[p->group_first[i]];
		return 0;
	}
	for (size_t l = 0; l < p->r->n_rows; l++) {
		gather_penalties(p->in, p->row_first[l], p->group_first, n, penalty);
		for (size_t i = 0; i < n; i++)
			v[i] += (wide)p->row_weight[l] * penalty[i];
		if (certify_stops(p, l, n))
			return -EINTR;
	}
	return 0;
}

static int64_t limit_of(const struct due *g)
{
	return g->capacity < g->cap ? g->capacity : g->cap;
}

/* The most that a group takes while v times it stays within t. */
static int64_t most_within(const struct due *g, wide v, wide t)
{
	const int64_t limit = limit_of(g);

	return v == 0 || t / v > limit ? limit : (int64_t)(t / v);
}

static wide room_within(const struct proof *p, const wide *v, wide t)
{
	wide sum = 0;

	for (size_t i = 0; i < p->r->n_groups; i++)
		sum += most_within(&p->groups[i], v[i], t);
	return sum;
}

static wide least_max(const struct proof *p, const wide *v)
{
	wide low = 0, high = 0;

	for (size_t i = 0; i < p->r->n_groups; i++)
		high = MAX(high, v[i] * limit_of(&p->groups[i]));
	while (low < high) {
		const wide middle = low + (high - low) / 2;

		if (room_within(p, v, middle) >= p->supply)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* What T - 1 allows, and the units that are missing one each, or at T = 0 as far as they go, in input order. */
static void spread(struct proof *p, const wide *v)
{
	wide missing = p->supply;

	for (size_t i = 0; i < p->r->n_groups && p->max > 0; i++) {
		p->load[i] = most_within(&p->groups[i], v[i], p->max - 1);
		missing -= p->load[i];
	}
	for (size_t i = 0; i < p->r->n_groups && missing > 0; i++) {
		const wide more = MIN((wide)(most_within(&p->groups[i], v[i], p->max) - p->load[i]), missing);

		p->load[i] += (int64_t)more;
		missing -= more;
	}
}

int max_make(struct proof *p)
{
	const size_t n = p->r->n_groups;
	auto_free wide *v = calloc(n, sizeof(*v));
	auto_free uint32_t *penalty = calloc(n, sizeof(*penalty));

	if (!v || !penalty)
		out_of_memory();
	p->load = arena_array(p->arena, int64_t, n);
	const int err = make_factors(p, v, penalty);

	if (err)
		return err;
	p->max = least_max(p, v);
	spread(p, v);
	p->out->max = p->max;
	p->out->below = p->max > 0 ? room_within(p, v, p->max - 1) : 0;
	p->out->supply = p->supply;
	p->out->has_max = true;
	return 0;
}
