/* SPDX-License-Identifier: MIT */
/* Methods that look at what members have to do: how much is open, how long they took of late. Every method but the compat
 * forms multiplies by (open + 1): the pure minimum of an average sends everybody to one member. */
#include "base/base.h"

#include <math.h>

#include "base/arena.h"
#include "core/choice.h"
#include "core/policy.h"

enum { SCAN_ALL = 32, SCAN_DRAWN = 16 };

/* Beyond any product of time and load, and before every one. */
static const double after_all = 1e30, before_all = -1;

/* Where this scan begins among n; the next one begins one further on. */
static uint32_t scan_start(struct group *g, size_t n)
{
	const uint32_t at = g->start < n ? g->start : 0;

	g->start = at + 1;
	return at;
}

static bool is_among(const uint32_t *list, size_t n, uint32_t i)
{
	while (n-- > 0)
		if (list[n] == i)
			return true;
	return false;
}

static void draw(struct group *g, const struct choice *c, uint32_t drawn[SCAN_DRAWN])
{
	for (size_t n = 0; n < SCAN_DRAWN;) {
		const uint32_t i = c->list[chance_below(&g->chance, (uint32_t)c->n)];

		if (!is_among(drawn, n, i))
			drawn[n++] = i;
	}
}

/* The smallest score wins, the first met wins ties. Inlined, so that each method has its own loop. */
__attribute__((always_inline)) static inline uint32_t
scan(struct group *g, const struct choice *c,
     double (*score)(const struct group *g, const struct group_member *m, uint64_t now_us))
{
	const uint64_t now_us = c->wish->now_us;
	uint32_t drawn[SCAN_DRAWN];
	const uint32_t *list = c->list;
	size_t n = c->n, at = scan_start(g, n);
	double least = INFINITY;

	if (n > SCAN_ALL) {
		draw(g, c, drawn);
		list = drawn;
		n = SCAN_DRAWN;
		at = 0;
	}
	uint32_t best = list[at];
	for (size_t k = 0; k < n; k++) {
		const double s = score(g, &g->members[list[at]], now_us);

		if (s < least) {
			least = s;
			best = list[at];
		}
		at = at + 1 < n ? at + 1 : 0;
	}
	return best;
}

/* A member that was never measured and has nothing open, in turn; else the method's own choice. */
__attribute__((always_inline)) static inline uint32_t
new_or(struct group *g, const struct choice *c, uint32_t (*choose)(struct group *g, const struct choice *c))
{
	size_t at = g->start < c->n ? g->start : 0;

	for (size_t k = 0; g->any_new && k < c->n; k++) {
		const struct group_member *m = &g->members[c->list[at]];

		if (!m->estimate.measured && !m->open) {
			(void)scan_start(g, c->n);
			return c->list[at];
		}
		at = at + 1 < c->n ? at + 1 : 0;
	}
	return choose(g, c);
}

/* ---- least-connections ----------------------------------------------------------------------------------------- */
static double load_score(const struct group *g UNUSED, const struct group_member *m, uint64_t now_us UNUSED)
{
	return member_load(m);
}

static uint32_t least_connections_choose(struct group *g, const struct choice *c)
{
	return scan(g, c, load_score);
}

static uint32_t least_connections_seed_choose(struct group *g, const struct choice *c)
{
	struct group_member *best = &g->members[c->list[0]];

	for (size_t k = 1; k < c->n; k++)
		if (g->members[c->list[k]].assigned < best->assigned)
			best = &g->members[c->list[k]];
	best->assigned++;
	return (uint32_t)(best - g->members);
}

const struct policy policy_least_connections = {
	.kind = POLICY_LEAST_CONNECTIONS, .name = "least-connections", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "fewest open per weight; seed: fewest ever assigned",
	.choose = least_connections_choose, .seed_choose = least_connections_seed_choose,
};

/* ---- two by chance --------------------------------------------------------------------------------------------- */
/* One of the list by chance in proportion to w, but never `but` (n: any). */
static size_t draw_weighted(struct group *g, const struct choice *c, size_t but)
{
	double sum = 0;
	size_t last = c->n;

	for (size_t k = 0; k < c->n; k++)
		sum += k == but ? 0 : g->members[c->list[k]].w;
	double x = sum * chance_unit(&g->chance);
	for (size_t k = 0; k < c->n && x >= 0; k++)
		if (k != but) {
			x -= g->members[c->list[k]].w;
			last = k;
		}
	return last;
}

static uint32_t random_two_choose(struct group *g, const struct choice *c)
{
	if (c->n == 1)
		return c->list[0];
	const size_t one = draw_weighted(g, c, c->n), two = draw_weighted(g, c, one);
	const struct group_member *a = &g->members[c->list[one]], *b = &g->members[c->list[two]];

	return c->list[member_load(b) < member_load(a) ? two : one];
}

const struct policy policy_random_two = {
	.kind = POLICY_RANDOM_TWO, .name = "random-two", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "two by chance, the one with fewer open per weight",
	.choose = random_two_choose,
};

/* ---- averages -------------------------------------------------------------------------------------------------- */
static void sma_init(struct group_member *m, const struct group_conf *c, struct arena *a)
{
	m->estimate.ring = arena_array(a, uint64_t, c->window);
}

/* Nothing open, and neither sample nor pick for `refresh`. */
static bool is_due(const struct group *g, const struct group_member *m, uint64_t now_us)
{
	return !m->open && now_us >= MAX(m->picked_us, m->estimate.sample_us) + g->conf.refresh_us;
}

static double average_score(const struct group *g, const struct group_member *m, uint64_t now_us)
{
	if (!m->estimate.measured)
		return after_all * member_load(m);
	return is_due(g, m, now_us) ? before_all : m->estimate.value * member_load(m);
}

static uint32_t average_scan(struct group *g, const struct choice *c)
{
	const uint32_t i = scan(g, c, average_score);
	struct group_member *m = &g->members[i];

	m->estimate.stale |= m->estimate.measured && is_due(g, m, c->wish->now_us);
	return i;
}

static uint32_t average_choose(struct group *g, const struct choice *c)
{
	return new_or(g, c, average_scan);
}

/* The seed's: the first without a sample, else the smallest; whatever is open. */
static uint32_t average_seed_choose(struct group *g, const struct choice *c)
{
	uint32_t best = c->list[0];

	for (size_t k = 0; k < c->n; k++) {
		const struct estimate *e = &g->members[c->list[k]].estimate;

		if (!e->measured)
			return c->list[k];
		if (e->value < g->members[best].estimate.value)
			best = c->list[k];
	}
	return best;
}

const struct policy policy_sma = {
	.kind = POLICY_SMA, .name = "sma", .where = POLICY_REQUEST,
	.help = "lowest mean of the last `window` response times × (open + 1) / weight",
	.init = sma_init, .choose = average_choose, .done = estimate_sma,
	.seed_choose = average_seed_choose, .seed_done = estimate_sma_seed,
};

const struct policy policy_ewma = {
	.kind = POLICY_EWMA, .name = "ewma", .where = POLICY_REQUEST,
	.help = "lowest moving average of response times × (open + 1) / weight",
	.choose = average_choose, .done = estimate_ewma,
	.seed_choose = average_seed_choose, .seed_done = estimate_ewma_seed,
};

/* ---- averages that time wears down ----------------------------------------------------------------------------- */
static double peak_score(const struct group *g, const struct group_member *m, uint64_t now_us)
{
	if (!m->estimate.measured)
		return after_all * member_load(m);
	return m->estimate.value * estimate_fading(&m->estimate, &g->conf, now_us) * member_load(m);
}

static uint32_t peak_ewma_draw(struct group *g, const struct choice *c)
{
	const uint64_t now_us = c->wish->now_us;

	if (c->n == 1)
		return c->list[0];
	const uint32_t one = chance_below(&g->chance, (uint32_t)c->n);
	uint32_t two = chance_below(&g->chance, (uint32_t)c->n - 1);

	two += two >= one;
	return c->list[peak_score(g, &g->members[c->list[two]], now_us) <
			       peak_score(g, &g->members[c->list[one]], now_us) ? two : one];
}

static uint32_t peak_ewma_choose(struct group *g, const struct choice *c)
{
	return new_or(g, c, peak_ewma_draw);
}

const struct policy policy_peak_ewma = {
	.kind = POLICY_PEAK_EWMA, .name = "peak-ewma", .where = POLICY_REQUEST,
	.help = "two by chance, the lower estimate × (open + 1) / weight; jumps up at once, falls over `decay`",
	.choose = peak_ewma_choose, .done = estimate_peak_ewma,
};

static double adaptive_score(const struct group *g, const struct group_member *m, uint64_t now_us)
{
	if (!m->estimate.measured)
		return after_all * member_load(m);
	return m->estimate.value * member_load(m) * (m->open ? 1 : estimate_fading(&m->estimate, &g->conf, now_us));
}

static uint32_t adaptive_scan(struct group *g, const struct choice *c)
{
	return scan(g, c, adaptive_score);
}

static uint32_t adaptive_choose(struct group *g, const struct choice *c)
{
	return new_or(g, c, adaptive_scan);
}

const struct policy policy_adaptive = {
	.kind = POLICY_ADAPTIVE, .name = "adaptive", .where = POLICY_REQUEST,
	.help = "lowest time-weighted average × (open + 1) / weight; recommended",
	.choose = adaptive_choose, .done = estimate_adaptive,
};
