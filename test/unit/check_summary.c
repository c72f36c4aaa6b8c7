/* SPDX-License-Identifier: MIT */
/* Figures of a result that a person can work out: two rows, two groups. */
#include "base/base.h"

#include "base/arena.h"
#include "unit.h"
#include "weights/summary.h"

static struct arena *arena;
static struct summary s;
static struct result_group groups[] = {
	{ .capacity = 10, .cap = 8, .load = 30 }, { .capacity = 20, .cap = 20, .load = 0 },
};
static struct result_location locations[] = { { "a", 1, 0 }, { "b", 1, 0 }, { "c", 1, 1 } };
static struct result_run full[] = { { 0, 0 } };
static struct result_part parts[] = { { 0, 14 }, { 1, 6 }, { 1, 2 } };
static struct result_row rows[] = {
	{ .weight = 2, .cost = 30, .vanilla = 60, .part_from = 0, .n_parts = 2 },
	{ .weight = 1, .cost = 12, .vanilla = 8, .n_full = 1, .part_from = 2, .n_parts = 1 },
};
static const struct result result = {
	.supply = 10, .clients = 3, .scale = { 2, 0 }, .groups = groups, .locations = locations, .rows = rows, .full = full,
	.parts = parts, .n_groups = 2, .n_locations = 3, .n_rows = 2, .n_full = 1, .n_parts = 3,
};
static struct location as_read[3];

static void begin(void)
{
	arena = arena_new();
}

static void end(void)
{
	arena_free(arena);
}

static void summarise(double a, double b, double c)
{
	const struct inputs in = { .locations = as_read, .n_locations = 3 };
	const double weights[] = { a, b, c };

	for (size_t i = 0; i < 3; i++)
		as_read[i].weight.real = weights[i];
	summary_make(&result, &in, arena, &s);
}

START_TEST(penalties_are_parts_of_clients_and_supply)
{
	summarise(1, 1, 1);
	ck_assert(s.cost == 42 && s.vanilla_cost == 68);
	ck_assert_double_eq_tol(s.penalty, 42.0 / 60, 1e-12);
	ck_assert_double_eq_tol(s.vanilla, 68.0 / 60, 1e-12);
}
END_TEST

START_TEST(a_location_that_pays_more_than_vanilla_is_worse)
{
	summarise(1, 1, 1);
	ck_assert_uint_eq(s.worse_locations, 1);
	ck_assert(s.has_ratio);
	ck_assert_double_eq_tol(s.worst_ratio, 1.5, 1e-12);
}
END_TEST

START_TEST(a_group_is_full_whose_load_is_its_capacity)
{
	summarise(1, 1, 1);
	ck_assert_uint_eq(s.full_groups, 1);
}
END_TEST

/* 14 of 2 clients and 8 of one, where 10 each are allowed. */
START_TEST(the_fullest_group_is_that_of_the_clients_as_read)
{
	summarise(1, 1, 1);
	ck_assert_double_eq_tol(s.load_max, 22.0 / 30, 1e-12);
	summarise(2, 2, 0.5);
	ck_assert_double_eq_tol(s.load_max, (28 + 4) / 45.0, 1e-12);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, penalties_are_parts_of_clients_and_supply);
	tcase_add_test(tc, a_location_that_pays_more_than_vanilla_is_worse);
	tcase_add_test(tc, a_group_is_full_whose_load_is_its_capacity);
	tcase_add_test(tc, the_fullest_group_is_that_of_the_clients_as_read);
}
