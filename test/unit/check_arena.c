/* SPDX-License-Identifier: MIT */
/* The arena: alignment, zeroes, growth, and that small things share blocks. */
#include "base/base.h"

#include "base/arena.h"
#include "unit.h"

/* One assertion for all bytes: each costs a call into the system. */
static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

START_TEST(every_size_is_aligned_and_zeroed)
{
	struct arena *a = arena_new();

	for (size_t size = 0; size < 40000; size += size < 100 ? 1 : 997) {
		unsigned char *p = arena_alloc(a, size);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(is_zero(p, size));
		memset(p, 0xff, size);
	}
	arena_free(a);
}
END_TEST

START_TEST(something_large_does_not_waste_the_block_being_filled)
{
	struct arena *a = arena_new();

	(void)arena_alloc(a, 16);
	(void)arena_alloc(a, 1 << 20);
	const size_t before = arena_size(a);
	(void)arena_alloc(a, 16);
	ck_assert_uint_eq(arena_size(a), before);
	ck_assert_uint_lt(before, (1 << 20) + 40000);
	arena_free(a);
}
END_TEST

START_TEST(a_large_arena_takes_huge_pages_aligned_and_zeroed)
{
	struct arena *a = arena_new();
	size_t used = 0;

	for (size_t i = 0; used < 12u << 20; i++, used += 1200) {
		unsigned char *p = arena_alloc(a, 1200);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(is_zero(p, 1200));
		memset(p, 0xff, 1200);
	}
	ck_assert_uint_lt(arena_size(a), used + (3u << 20));
	(void)arena_alloc(a, 5 << 20);
	arena_free(a);
}
END_TEST

START_TEST(an_array_grows_and_keeps_its_elements)
{
	struct arena *a = arena_new();
	unsigned *array = NULL;
	size_t room = 0;

	for (unsigned i = 0; i < 1000; i++) {
		array = arena_grow(a, array, i, &room, sizeof(*array));
		ck_assert_uint_gt(room, i);
		array[i] = i;
	}
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_uint_eq(array[i], i);
	arena_free(a);
}
END_TEST

START_TEST(texts_are_copied_and_terminated)
{
	struct arena *a = arena_new();

	ck_assert_str_eq(arena_copy(a, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_copy(a, NULL, 0), "");
	ck_assert_str_eq(arena_str(a, STR("path")), "path");
	ck_assert_str_eq(arena_strdup(a, "p1"), "p1");
	ck_assert_ptr_null(arena_strdup(a, NULL));
	ck_assert_str_eq(arena_printf(a, "%s/%d", "class", 7), "class/7");
	arena_free(a);
	arena_free(NULL);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, every_size_is_aligned_and_zeroed);
	tcase_add_test(tc, something_large_does_not_waste_the_block_being_filled);
	tcase_add_test(tc, a_large_arena_takes_huge_pages_aligned_and_zeroed);
	tcase_add_test(tc, an_array_grows_and_keeps_its_elements);
	tcase_add_test(tc, texts_are_copied_and_terminated);
}
