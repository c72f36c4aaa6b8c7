/* SPDX-License-Identifier: MIT */
/* What is alike: equal rows and columns, also where hashes are equal of those that are not; ratios of any size. */
#include "base/base.h"

#include "unit.h"
#include "weights/merge.h"

enum { KINDS = 4, LONG = 6, LINES = 9 };

/* Found by lattice reduction: what may be added to a line of 6 without a change of its hash. */
static const int32_t unseen[KINDS][LONG] = {
	{ 0 }, { 935, -678, -80, -189, -49, -805 }, { -231, -469, -910, 366, 707, -825 }, { 641, 93, 661, -304, 1174, -359 },
};
static const uint8_t kind_of[LINES] = { 0, 1, 0, 2, 1, 3, 2, 0, 3 };
static const uint32_t wanted[LINES] = { 0, 1, 0, 3, 1, 5, 3, 0, 5 };

START_TEST(equal_hashes_are_not_taken_for_equal_lines)
{
	uint16_t across[LINES * LONG], along[LONG * LINES];
	uint32_t wide_along[LONG * LINES], rows[LONG], leader[LINES];

	for (uint32_t k = 0; k < LINES; k++)
		for (uint32_t i = 0; i < LONG; i++) {
			across[k * LONG + i] = (uint16_t)(5000 + unseen[kind_of[k]][i]);
			wide_along[i * LINES + k] = along[i * LINES + k] = across[k * LONG + i];
			rows[i] = i;
		}
	merge_rows(&(struct values){ .rows = LINES, .columns = LONG, .p16 = across }, leader);
	for (size_t k = 0; k < LINES; k++)
		ck_assert_uint_eq(leader[k], wanted[k]);
	merge_columns(&(struct values){ .rows = LONG, .columns = LINES, .p16 = along }, rows, LONG, leader);
	for (size_t k = 0; k < LINES; k++)
		ck_assert_uint_eq(leader[k], wanted[k]);
	merge_columns(&(struct values){ .rows = LONG, .columns = LINES, .p32 = wide_along }, rows, LONG, leader);
	for (size_t k = 0; k < LINES; k++)
		ck_assert_uint_eq(leader[k], wanted[k]);
}
END_TEST

START_TEST(columns_are_compared_in_the_rows_that_are_listed)
{
	static const uint16_t p[] = { 1, 1, 2, 9, 7, 8, 4, 4, 4 };
	const uint32_t some[] = { 0, 2 }, all[] = { 0, 1, 2 };
	uint32_t leader[3];
	const struct values v = { .rows = 3, .columns = 3, .p16 = p };

	merge_columns(&v, some, 2, leader);
	ck_assert(leader[0] == 0 && leader[1] == 0 && leader[2] == 2);
	merge_columns(&v, all, 3, leader);
	ck_assert(leader[0] == 0 && leader[1] == 1 && leader[2] == 2);
}
END_TEST

START_TEST(ratios_are_compared_exactly)
{
	const int64_t large = ((int64_t)1 << 61) - 1;
	const struct merge_relay relays[] = {
		{ 3, 6, 9, 0 }, { 1, 2, 3, 0 }, { 1, 2, 3, 1 }, { large, large - 1, 1, 0 }, { large - 1, large - 2, 1, 0 },
		{ 3, 6, 8, 0 }, { 5, 0, 15, 0 }, { 1, 0, 3, 0 }, { 2, 4, 6, 0 },
	};
	static const uint32_t leaders[] = { 0, 0, 2, 3, 4, 5, 6, 6, 0 };
	uint32_t leader[ARRAY_LEN(relays)];

	merge_relays(relays, ARRAY_LEN(relays), leader);
	for (size_t i = 0; i < ARRAY_LEN(relays); i++)
		ck_assert_uint_eq(leader[i], leaders[i]);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, equal_hashes_are_not_taken_for_equal_lines);
	tcase_add_test(tc, columns_are_compared_in_the_rows_that_are_listed);
	tcase_add_test(tc, ratios_are_compared_exactly);
}
