/* SPDX-License-Identifier: MIT */
/* W-16: penalties of 2, 3 and 8 levels, or all alike, cost no more than many times what a common problem does; and theta
 * of 1000 with the largest penalties, whose flows pass 64 bits on the way. */
#include "base/base.h"

#include <time.h>

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

/* Processor time of solving; the answer is looked at. */
static double solve_ms(const struct made_wish *wish)
{
	const struct transport_wish w = { .threads = 1 };
	struct made *d = made_new(wish);
	struct transport_answer a;
	struct transport t;

	made_transport(d, &t);
	const clock_t began = clock();
	ck_assert_int_eq(transport_solve(&t, &w, &a), 0);
	const double ms = 1000.0 * (double)(clock() - began) / CLOCKS_PER_SEC;
	ck_assert_ptr_null(slow_fault(&t, &a));
	transport_release(&a);
	made_transport_release(&t);
	made_free(d);
	return ms;
}

START_TEST(ties_are_no_burden)
{
	static const struct made_wish wishes[] = {
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .levels = 2 },
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .levels = 3 },
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .levels = 8 },
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .levels = 1 },
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .levels = 8, .wgg = 10000 },
	};
	const struct made_wish common = { .kind = MADE_TIERS, .m = 1000, .n = 400 };

	ck_assert_double_lt(solve_ms(&wishes[_i]), 20 * solve_ms(&common));
}
END_TEST

START_TEST(large_thetas_and_penalties_stay_exact)
{
	enum { ROWS = 40, COLUMNS = 60 };
	int64_t weight[ROWS], capacity[COLUMNS], bound[COLUMNS];
	uint32_t penalty[ROWS * COLUMNS], z = 1;
	struct transport t = { ROWS, COLUMNS, weight, capacity, bound, 0, { ROWS, COLUMNS, NULL, penalty } };
	const struct transport_wish w = { .threads = 1 };
	struct transport_answer a;

	/* Clients times capacities are just below 2^62, and any location may take everything from any relay. */
	for (size_t l = 0; l < ROWS; l++)
		weight[l] = (int64_t)1 << 30;
	for (size_t i = 0; i < COLUMNS; i++) {
		capacity[i] = ((int64_t)1 << 32) / ROWS / COLUMNS;
		t.supply += capacity[i] / 2;
	}
	for (size_t i = 0; i < COLUMNS; i++)
		bound[i] = t.supply;
	for (size_t k = 0; k < ROWS * COLUMNS; k++) {
		z = z * 1664525 + 1013904223;
		penalty[k] = _i == 0 ? z >> 8 : k % COLUMNS == k / COLUMNS % COLUMNS ? 0 : PENALTY_MAX;
	}
	ck_assert_int_eq(transport_solve(&t, &w, &a), 0);
	ck_assert_ptr_null(slow_fault(&t, &a));
	transport_release(&a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, ties_are_no_burden, 0, 5);
	tcase_add_loop_test(tc, large_thetas_and_penalties_stay_exact, 0, 2);
}
