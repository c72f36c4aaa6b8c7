/* SPDX-License-Identifier: MIT */
/* The least greatest v·L: tiny's numbers, relays without risk, and that T - 1 would not do. */
#include "base/base.h"

#include "unit.h"
#include "weights/transport.h"

START_TEST(tiny_has_the_loads_of_the_specification)
{
	const wide v[] = { 3, 1, 2 };
	const int64_t limit[] = { 500000, 300000, 200000 };
	int64_t load[3];
	wide t;

	minmax_solve(3, v, limit, 800000, &t, load);
	ck_assert_int_eq((int64_t)t, 900000);
	ck_assert_int_eq(load[0], 300000);
	ck_assert_int_eq(load[1], 300000);
	ck_assert_int_eq(load[2], 200000);
}
END_TEST

START_TEST(relays_without_risk_are_filled_in_order)
{
	const wide v[] = { 0, 5, 0, 0 };
	const int64_t limit[] = { 10, 100, 20, 30 };
	int64_t load[4];
	wide t;

	minmax_solve(4, v, limit, 25, &t, load);
	ck_assert(t == 0);
	ck_assert(load[0] == 10 && load[1] == 0 && load[2] == 15 && load[3] == 0);
}
END_TEST

START_TEST(missing_units_go_to_relays_in_order)
{
	const wide v[] = { 2, 2, 2 };
	const int64_t limit[] = { 100, 100, 100 };
	int64_t load[3];
	wide t;

	minmax_solve(3, v, limit, 32, &t, load);
	ck_assert(t == 22);
	ck_assert(load[0] == 11 && load[1] == 11 && load[2] == 10);
}
END_TEST

START_TEST(products_of_more_than_64_bits_are_right)
{
	const wide v[] = { (wide)1 << 70, (wide)1 << 69 };
	const int64_t limit[] = { (int64_t)1 << 50, (int64_t)1 << 50 };
	int64_t load[2];
	wide t;

	minmax_solve(2, v, limit, 3 << 20, &t, load);
	ck_assert(t == (wide)1 << 90);
	ck_assert(load[0] == 1 << 20 && load[1] == 1 << 21);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, tiny_has_the_loads_of_the_specification);
	tcase_add_test(tc, relays_without_risk_are_filled_in_order);
	tcase_add_test(tc, missing_units_go_to_relays_in_order);
	tcase_add_test(tc, products_of_more_than_64_bits_are_right);
}
