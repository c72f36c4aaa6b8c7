/* SPDX-License-Identifier: MIT */
/* Numbers of paths: kept while applied, not given again while there are others, the longest free one first. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "plan/numbers.h"
#include "unit.h"

static struct arena *arena;
static struct numbered *rows;
static size_t n_rows;

static void setup(void)
{
	arena = arena_new();
	rows = NULL;
	n_rows = 0;
}

static void teardown(void)
{
	arena_free(arena);
}

/* The next generation with these names (one letter each); the numbers it gets, as text. */
static const char *give(const struct numbering *rules, const char *names)
{
	const size_t n = strlen(names);
	const char **list = arena_array(arena, const char *, n);
	uint32_t *numbers = arena_array(arena, uint32_t, n);
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		list[i] = arena_copy(arena, names + i, 1);
	numbers_give(rules, rows, n_rows, list, n, arena, numbers, &rows, &n_rows);
	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%u", i ? " " : "", numbers[i]);
	return arena_copy(arena, text_get(&t), t.n);
}

START_TEST(numbers_follow_the_order_and_are_kept)
{
	const struct numbering rules = { .limit = 126 };

	ck_assert_str_eq(give(&rules, "abc"), "1 2 3");
	ck_assert_str_eq(give(&rules, "cab"), "3 1 2");
	ck_assert_str_eq(give(&rules, "xac"), "4 1 3");
	ck_assert_str_eq(give(&rules, "ya"), "5 1");
}
END_TEST

START_TEST(a_name_that_comes_back_has_its_old_number)
{
	const struct numbering rules = { .limit = 126 };

	ck_assert_str_eq(give(&rules, "ab"), "1 2");
	ck_assert_str_eq(give(&rules, "a"), "1");
	ck_assert_str_eq(give(&rules, "acb"), "1 3 2");
	ck_assert_uint_eq(n_rows, 3);
}
END_TEST

/* b leaves its number to a path with that mark, and keeps the new one afterwards. */
START_TEST(the_number_in_use_counts_and_not_one_left_before)
{
	uint16_t aside[127] = { [2] = 3 };
	const struct numbering rules = { .limit = 126 }, given = { .limit = 126, .aside = { aside } };

	ck_assert_str_eq(give(&rules, "abc"), "1 2 3");
	ck_assert_str_eq(give(&given, "abc"), "1 4 3");
	ck_assert_str_eq(give(&rules, "abc"), "1 4 3");
	ck_assert_str_eq(give(&rules, "abc"), "1 4 3");
	ck_assert_str_eq(give(&rules, "ac"), "1 3");
	ck_assert_str_eq(give(&rules, "acb"), "1 3 4");
}
END_TEST

START_TEST(the_number_freed_longest_ago_is_given_last)
{
	const struct numbering rules = { .limit = 4 };

	ck_assert_str_eq(give(&rules, "abcd"), "1 2 3 4");
	ck_assert_str_eq(give(&rules, "abd"), "1 2 4");
	ck_assert_str_eq(give(&rules, "bd"), "2 4");
	ck_assert_str_eq(give(&rules, "bdx"), "2 4 3");
	ck_assert_str_eq(give(&rules, "bdxy"), "2 4 3 1");
	ck_assert_str_eq(give(&rules, "bdxyz"), "2 4 3 1 0");
}
END_TEST

START_TEST(numbers_set_aside_are_for_one_name_only)
{
	uint16_t aside[127] = { [1] = 2, [2] = 3 };
	const struct numbering rules = { .limit = 126, .aside = { aside } };
	const struct numbering plain = { .limit = 126 };

	ck_assert_str_eq(give(&rules, "abc"), "3 1 2");
	rows = NULL;
	n_rows = 0;
	ck_assert_str_eq(give(&plain, "abc"), "1 2 3");
	ck_assert_str_eq(give(&rules, "abc"), "4 5 3");
	for (size_t i = 0; i < n_rows; i++)
		ck_assert(i < 3 ? rows[i].freed == 0 : rows[i].freed > 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, numbers_follow_the_order_and_are_kept);
	tcase_add_test(tc, a_name_that_comes_back_has_its_old_number);
	tcase_add_test(tc, the_number_in_use_counts_and_not_one_left_before);
	tcase_add_test(tc, the_number_freed_longest_ago_is_given_last);
	tcase_add_test(tc, numbers_set_aside_are_for_one_name_only);
}
