/* SPDX-License-Identifier: MIT */
/* Turn lists and slot lists against packet.md section 4 (P-14): its tables, a plain reading of the rules to compare
 * with, and 3000 random sequences of weights. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/slots.h"
#include "unit.h"

enum { MOST = 40, SIZE = 4096 };

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

/* The list as text, members counted from 1. */
static const char *shown(const uint16_t *list, size_t n)
{
	char *text = arena_alloc(arena, 6 * n + 1);
	size_t end = 0;

	for (size_t i = 0; i < n; i++)
		end += (size_t)snprintf(text + end, 6 * n + 1 - end, "%s%u", i ? " " : "", list[i] + 1u);
	return text;
}

static const char *turn(const uint32_t *weights, size_t n)
{
	uint16_t list[SIZE];

	slots_turn(weights, n, list, arena);
	return shown(list, slots_round(weights, n));
}

START_TEST(turns_are_spread_evenly)
{
	ck_assert_str_eq(turn((const uint32_t[]){ 3, 1 }, 2), "1 1 2 1");
	ck_assert_str_eq(turn((const uint32_t[]){ 1, 1 }, 2), "1 2");
	ck_assert_str_eq(turn((const uint32_t[]){ 50, 50 }, 2), "1 2");
	ck_assert_str_eq(turn((const uint32_t[]){ 2, 1, 1 }, 3), "1 2 3 1");
	ck_assert_str_eq(turn((const uint32_t[]){ 5, 1, 1 }, 3), "1 1 2 1 3 1 1");
	ck_assert_str_eq(turn((const uint32_t[]){ 0, 7 }, 2), "2");
}
END_TEST

START_TEST(a_round_is_the_sum_without_the_common_divisor)
{
	ck_assert_uint_eq(slots_round((const uint32_t[]){ 30, 10 }, 2), 4);
	ck_assert_uint_eq(slots_round((const uint32_t[]){ 1000, 999 }, 2), 1999);
	ck_assert_uint_eq(slots_round((const uint32_t[]){ 0, 12, 0 }, 3), 1);
	ck_assert_uint_eq(slots_round((const uint32_t[]){ 0, 0 }, 2), 0);
}
END_TEST

/* One step of the table: weights of paths 1 to 4, and the list after it. */
static void step(const uint32_t weights[4], const uint32_t quotas[4], const char *expected, unsigned moved)
{
	static const uint16_t free_list[8] = { SLOT_FREE, SLOT_FREE, SLOT_FREE, SLOT_FREE,
					       SLOT_FREE, SLOT_FREE, SLOT_FREE, SLOT_FREE };
	static uint16_t list[8];
	uint16_t before[8];
	uint32_t due[4];
	unsigned changes = 0;

	memcpy(before, moved ? list : free_list, sizeof(before));
	memcpy(list, before, sizeof(list));
	slots_quotas(weights, 4, 8, due, arena);
	ck_assert_mem_eq(due, quotas, sizeof(due));
	slots_fill(due, 4, list, 8, arena);
	ck_assert_str_eq(shown(list, 8), expected);
	for (size_t i = 0; i < 8; i++)
		changes += before[i] != list[i];
	ck_assert_uint_eq(changes, moved ? moved : 8);
}

START_TEST(slots_move_as_in_the_table)
{
	step((const uint32_t[]){ 2, 1, 1, 0 }, (const uint32_t[]){ 4, 2, 2, 0 }, "1 2 3 1 1 2 3 1", 0);
	step((const uint32_t[]){ 2, 0, 1, 0 }, (const uint32_t[]){ 5, 0, 3, 0 }, "1 1 3 1 1 3 3 1", 2);
	step((const uint32_t[]){ 2, 1, 1, 0 }, (const uint32_t[]){ 4, 2, 2, 0 }, "1 1 3 1 1 3 2 2", 2);
	step((const uint32_t[]){ 2, 1, 3, 0 }, (const uint32_t[]){ 3, 1, 4, 0 }, "1 1 3 1 3 3 2 3", 2);
	step((const uint32_t[]){ 2, 1, 3, 1 }, (const uint32_t[]){ 2, 1, 4, 1 }, "1 1 3 4 3 3 2 3", 1);
}
END_TEST

START_TEST(a_lost_member_moves_its_own_slots_only)
{
	const uint32_t three[] = { 1, 1, 1 }, two[] = { 1, 0, 1 };
	uint16_t before[256], list[256];
	uint32_t quotas[3];

	memset(list, 0xff, sizeof(list));
	slots_quotas(three, 3, 256, quotas, arena);
	ck_assert_mem_eq(quotas, ((const uint32_t[]){ 86, 85, 85 }), sizeof(quotas));
	slots_fill(quotas, 3, list, 256, arena);
	memcpy(before, list, sizeof(list));
	slots_quotas(two, 3, 256, quotas, arena);
	ck_assert_mem_eq(quotas, ((const uint32_t[]){ 128, 0, 128 }), sizeof(quotas));
	slots_fill(quotas, 3, list, 256, arena);
	unsigned moved = 0;
	for (size_t i = 0; i < 256; i++) {
		if (before[i] == list[i])
			continue;
		ck_assert_uint_eq(before[i], 1);
		moved++;
	}
	ck_assert_uint_eq(moved, 85);
}
END_TEST

START_TEST(without_weight_all_slots_become_free)
{
	const uint32_t none[] = { 0, 0 };
	uint16_t list[16] = { 0, 1, 0, 1 };
	uint32_t quotas[2];

	slots_quotas(none, 2, 16, quotas, arena);
	slots_fill(quotas, 2, list, 16, arena);
	for (size_t i = 0; i < 16; i++)
		ck_assert_uint_eq(list[i], SLOT_FREE);
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* The smooth order word by word: every member's score, every step. */
static void plain_order(const uint32_t *weights, size_t n, uint16_t *list)
{
	int64_t score[MOST] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (int64_t s = 0; s < sum; s++) {
		size_t best = 0;

		for (size_t i = 0; i < n; i++) {
			score[i] += weights[i];
			if (score[i] > score[best])
				best = i;
		}
		score[best] -= sum;
		list[s] = (uint16_t)best;
	}
}

START_TEST(the_smooth_order_is_that_of_the_plain_rule)
{
	uint32_t seed = 7;

	for (int round = 0; round < 500; round++) {
		const size_t n = 1 + next_random(&seed) % MOST;
		const uint32_t range = round % 2 ? 4 : 100;
		uint32_t weights[MOST] = { 1 };        /* so that there is no common divisor */
		uint16_t list[SIZE], expected[SIZE];

		for (size_t i = 1; i < n; i++)
			weights[i] = next_random(&seed) % range;
		plain_order(weights, n, expected);
		slots_turn(weights, n, list, arena);
		ck_assert_mem_eq(list, expected, slots_round(weights, n) * sizeof(*list));
	}
}
END_TEST

/* Quotas word by word: each of the rest goes to the largest remainder left. */
static void plain_quotas(const uint32_t *weights, size_t n, uint32_t size, uint32_t *quotas)
{
	uint64_t sum = 0, rest[MOST] = { 0 };
	uint32_t left = size;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (size_t i = 0; i < n; i++) {
		quotas[i] = (uint32_t)((uint64_t)size * weights[i] / sum);
		rest[i] = (uint64_t)size * weights[i] % sum;
		left -= quotas[i];
	}
	for (; left > 0; left--) {
		size_t best = 0;

		for (size_t i = 1; i < n; i++)
			if (rest[i] > rest[best])
				best = i;
		quotas[best]++;
		rest[best] = 0;
	}
}

static void count_owners(const uint16_t *list, uint32_t size, uint32_t *had)
{
	memset(had, 0, MOST * sizeof(*had));
	for (uint32_t i = 0; i < size; i++)
		if (list[i] != SLOT_FREE)
			had[list[i]]++;
}

static void check_change(const uint32_t *weights, size_t n, uint16_t *list, uint32_t size)
{
	uint32_t had[MOST], now[MOST], quotas[MOST], expected[MOST], moved = 0, least = 0;
	uint16_t before[256];

	memcpy(before, list, size * sizeof(*list));
	count_owners(list, size, had);
	plain_quotas(weights, n, size, expected);
	slots_quotas(weights, n, size, quotas, arena);
	ck_assert_mem_eq(quotas, expected, n * sizeof(*quotas));
	slots_fill(quotas, n, list, size, arena);
	count_owners(list, size, now);
	ck_assert_mem_eq(now, quotas, n * sizeof(*now));
	for (size_t i = 0; i < n; i++)
		least += had[i] > quotas[i] ? had[i] - quotas[i] : 0;
	for (uint32_t i = 0; i < size; i++)
		moved += before[i] != SLOT_FREE && before[i] != list[i];
	ck_assert_uint_eq(moved, least);
}

START_TEST(random_weights_give_exact_quotas_and_least_moves)
{
	uint32_t seed = 1;

	for (int sequence = 0; sequence < 3000; sequence++) {
		const size_t n = 1 + next_random(&seed) % 12;
		const uint32_t size = 16u << next_random(&seed) % 5;
		uint16_t list[256];

		memset(list, 0xff, sizeof(list));
		for (int change = 0; change < 5; change++) {
			uint32_t weights[MOST] = { 0 };

			for (size_t i = 0; i < n; i++)
				weights[i] = next_random(&seed) % 4 ? next_random(&seed) % 1001 : 0;
			weights[next_random(&seed) % n] += 1;
			check_change(weights, n, list, size);
		}
		if (sequence % 100 == 0) {
			teardown();
			setup();
		}
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, turns_are_spread_evenly);
	tcase_add_test(tc, a_round_is_the_sum_without_the_common_divisor);
	tcase_add_test(tc, slots_move_as_in_the_table);
	tcase_add_test(tc, a_lost_member_moves_its_own_slots_only);
	tcase_add_test(tc, without_weight_all_slots_become_free);
	tcase_add_test(tc, the_smooth_order_is_that_of_the_plain_rule);
	tcase_add_test(tc, random_weights_give_exact_quotas_and_least_moves);
}
