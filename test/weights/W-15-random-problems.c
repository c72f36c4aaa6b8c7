/* SPDX-License-Identifier: MIT */
/* W-15: 20,000 random small problems against a slow solver: ties, zeros, equal rows, one location, one relay, weights that
 * barely fit. */
#include "base/base.h"

#include <inttypes.h>

#include "../unit/unit.h"
#include "slow.h"

enum { ROWS = 6, COLUMNS = 8, PARTS = 20, PROBLEMS = 20000 };

/* Splitmix64. */
static uint64_t draw(uint64_t *z)
{
	uint64_t x = *z += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static int64_t draw_to(uint64_t *z, int64_t most)
{
	return (int64_t)(draw(z) % (uint64_t)(most + 1));
}

struct small {
	int64_t weight[ROWS], capacity[COLUMNS], bound[COLUMNS];
	uint16_t p16[ROWS * COLUMNS];
	uint32_t p32[ROWS * COLUMNS];
	struct transport t;
};

/* Shares g = Wgg · b, capacities s · b and bounds by theta, as weights.md 6.1 has them. */
static void draw_relays(uint64_t *z, struct small *p)
{
	static const int64_t thetas[] = { 500, 900, 1000, 1500, 2000, 5000, 20000 };
	const int64_t most = draw(z) % 2 ? 3 : 1000000, wgg = 1 + draw_to(z, 9999);
	const int64_t theta = thetas[draw(z) % ARRAY_LEN(thetas)];
	const bool has_costs = draw(z) % 4 == 0;
	int64_t share[COLUMNS], cost[COLUMNS];
	wide costs = 0;

	p->t.supply = 0;
	for (size_t i = 0; i < p->t.n; i++) {
		const int64_t b = draw_to(z, most);

		share[i] = wgg * b;
		p->capacity[i] = 10000 * b;
		cost[i] = has_costs ? draw_to(z, most) : share[i];
		p->t.supply += share[i];
		costs += cost[i];
	}
	for (size_t i = 0; i < p->t.n; i++) {
		const wide u = costs ? (wide)theta * p->t.supply * cost[i] / (1000 * costs) : 0;

		p->bound[i] = (int64_t)MIN(u, (wide)p->t.supply);
	}
}

/* Now and then capacities leave no room, or one unit too little. */
static bool make_tight(uint64_t *z, struct small *p)
{
	const int64_t lack = (int64_t)(draw(z) % 3) - 1;
	wide room = 0;

	for (size_t i = 0; i < p->t.n; i++)
		room += MIN(p->capacity[i], p->bound[i]);
	if (draw(z) % 4 == 0 && room + lack > 0)
		p->t.supply = (int64_t)(room + lack);
	for (size_t i = 0; i < p->t.n; i++)
		p->bound[i] = MIN(p->bound[i], p->t.supply);
	return room >= p->t.supply;
}

static bool draw_problem(uint64_t *z, struct small *p)
{
	const int64_t most_weight = draw(z) % 2 ? 3 : 1000000, most_penalty = (const int64_t[]){ 0, 1, 3, 60000, 1000000 }[draw(z) % 5];

	p->t = (struct transport){ .m = 1 + draw(z) % ROWS, .n = 1 + draw(z) % COLUMNS, .weight = p->weight,
				   .capacity = p->capacity, .bound = p->bound };
	for (size_t l = 0; l < p->t.m; l++)
		p->weight[l] = 1 + draw_to(z, most_weight);
	for (size_t l = 0; l < p->t.m; l++)
		for (size_t i = 0; i < p->t.n; i++) {
			const size_t at = l * p->t.n + i;
			const bool again = l > 0 && draw(z) % 8 == 0;

			p->p32[at] = again ? p->p32[at - p->t.n] : (uint32_t)draw_to(z, most_penalty);
			p->p16[at] = (uint16_t)p->p32[at];
		}
	p->t.penalty = (struct values){ p->t.m, p->t.n, p->p16, NULL };
	if (most_penalty > UINT16_MAX || draw(z) % 4 == 0)
		p->t.penalty = (struct values){ p->t.m, p->t.n, NULL, p->p32 };
	draw_relays(z, p);
	return make_tight(z, p) && p->t.supply > 0;
}

START_TEST(random_problems_have_the_slow_solvers_optimum)
{
	const struct transport_wish w = { .threads = 1 };
	uint64_t z = (uint64_t)_i;
	size_t solved = 0;

	for (size_t k = 0; k < PROBLEMS / PARTS; k++) {
		const uint64_t seed = z;
		struct transport_answer a;
		struct small p;
		const bool fits = draw_problem(&z, &p);
		wide value;

		if (p.t.supply <= 0)
			continue;
		ck_assert_msg(slow_solve(&p.t, &value) == fits, "problem %#" PRIx64 ": %s", seed, fits ? "fits" : "does not fit");
		if (!fits)
			continue;
		ck_assert_int_eq(transport_solve(&p.t, &w, &a), 0);
		const char *fault = slow_fault(&p.t, &a);
		ck_assert_msg(!fault, "problem %#" PRIx64 ": %s", seed, fault);
		ck_assert_msg(a.value == value, "problem %#" PRIx64 ": another optimum", seed);
		transport_release(&a);
		solved++;
	}
	ck_assert_uint_gt(solved, PROBLEMS / PARTS / 3);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, random_problems_have_the_slow_solvers_optimum, 0, PARTS);
}
