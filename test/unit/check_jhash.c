/* SPDX-License-Identifier: MIT */
/* jhash against the vectors that lookup3.c publishes (driver5), which it shares with the kernel's, and slots. */
#include "base/base.h"

#include "base/jhash.h"
#include "unit.h"

static const struct {
	const char *key;
	size_t n;
	uint32_t seed, hash;
} vectors[] = {
	{ "", 0, 0, 0xdeadbeef },
	{ "", 0, 0xdeadbeef, 0xbd5b7dde },
	{ "Four score and seven years ago", 30, 0, 0x17770551 },
	{ "Four score and seven years ago", 30, 1, 0xcd628161 },
};

START_TEST(a_published_key_has_its_published_hash)
{
	ck_assert_uint_eq(jhash(vectors[_i].key, vectors[_i].n, vectors[_i].seed), vectors[_i].hash);
}
END_TEST

START_TEST(each_byte_and_the_length_count)
{
	uint8_t key[44] = { 0 };
	uint32_t seen[45] = { 0 };

	for (size_t n = 0; n <= sizeof(key); n++) {
		seen[n] = jhash(key, n, 7);
		for (size_t k = 0; k < n; k++)
			ck_assert_uint_ne(seen[k], seen[n]);
	}
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] = 1;
		ck_assert_uint_ne(jhash(key, sizeof(key), 7), seen[44]);
		key[i] = 0;
	}
}
END_TEST

START_TEST(a_key_may_lie_anywhere)
{
	uint8_t room[32] = { 0 };

	for (size_t i = 0; i < 4; i++) {
		memcpy(room + i, "nlbc nlbc nlbc nlbc ", 20);
		ck_assert_uint_eq(jhash(room + i, 20, 1), jhash("nlbc nlbc nlbc nlbc ", 20, 1));
	}
}
END_TEST

START_TEST(slots_are_equal_parts_of_all_hashes)
{
	ck_assert_uint_eq(jhash_slot(0, 256), 0);
	ck_assert_uint_eq(jhash_slot(0x00ffffff, 256), 0);
	ck_assert_uint_eq(jhash_slot(0x01000000, 256), 1);
	ck_assert_uint_eq(jhash_slot(UINT32_MAX, 256), 255);
	ck_assert_uint_eq(jhash_slot(UINT32_MAX, 4096), 4095);
	ck_assert_uint_eq(jhash_slot(0x55555555, 3), 0);
	ck_assert_uint_eq(jhash_slot(0x55555556, 3), 1);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_published_key_has_its_published_hash, 0, ARRAY_LEN(vectors));
	tcase_add_test(tc, each_byte_and_the_length_count);
	tcase_add_test(tc, a_key_may_lie_anywhere);
	tcase_add_test(tc, slots_are_equal_parts_of_all_hashes);
}
