/* SPDX-License-Identifier: MIT */
/* W-16: weights of clients next to the limit of 62 bits: below it they stay, above it they become parts of a power of two, and
 * both are solved. */
#include "base/base.h"

#include "../unit/unit.h"
#include "slow.h"
#include "solved.h"

struct tiny {
	char magic[8];
	int32_t m, n, wgg, theta;
	int64_t w[2], b[3];
	uint16_t p[6];
} __attribute__((packed));

/* 2^62 is 4611686018427387904: 1000 clients have room for capacities of 10000 · 461168601842, but not of one more. */
static const struct {
	int64_t w[2], b[3];
	bool is_quantised, fits;
	int64_t wanted[2];
} cases[] = {
	{ { 999, 1 }, { 200000000000, 200000000000, 61168601842 }, false, true, { 999, 1 } },
	{ { 999, 1 }, { 200000000000, 200000000000, 61168601843 }, true, false, { 0, 0 } },
	{ { 4611686018426387, 1 }, { 0, 0, 0 }, false, false, { 0, 0 } },
	{ { 300000000000000, 100000000000000 }, { 500000, 300000, 200000 }, true, true, { 3145728, 1048576 } },
	{ { 461168600, 1 }, { 500000, 300000, 200000 }, false, true, { 461168600, 1 } },
	{ { 461168601, 1 }, { 500000, 300000, 200000 }, true, true, { 4194304, 1 } },
	{ { INT64_MAX, INT64_MAX }, { 50, 30, 20 }, true, true, { 2097152, 2097152 } },
};

START_TEST(weights_are_made_whole_beyond_62_bits_only)
{
	struct tiny file = { "LOCAW1\0", 2, 3, 8000, 1500, { 0 }, { 0 }, { 10, 20, 65535, 10, 30, 40 } };
	struct solved s;

	memcpy(file.w, cases[_i].w, sizeof(file.w));
	memcpy(file.b, cases[_i].b, sizeof(file.b));
	solved_bytes(&s, &file, sizeof(file), &(struct problem_wish){ .threads = 1 });
	ck_assert((s.p != NULL) == cases[_i].fits);
	if (s.p) {
		ck_assert(s.p->is_quantised == cases[_i].is_quantised);
		for (size_t l = 0; l < 2; l++)
			ck_assert_int_eq(s.p->weight[l], cases[_i].wanted[l]);
		ck_assert_ptr_null(slow_fault(&s.t, &s.answer));
	}
	solved_release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, weights_are_made_whole_beyond_62_bits_only, 0, ARRAY_LEN(cases));
}
