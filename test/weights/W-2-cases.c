/* SPDX-License-Identifier: MIT */
/* W-2: bandwidth weights of every case of dir-spec, from sums alone. */
#include "base/base.h"

#include <errno.h>

#include "../unit/unit.h"
#include "weights/bandwidth.h"

/* Wgg Wgd Wmg Wme Wmd Wee Wed. */
static const struct {
	int64_t g, m, e, d;
	const char *which;
	int64_t w[7];
} cases[] = {
	{ 5000, 1000, 5000, 1000, "1", { 7334, 3333, 2666, 2667, 3333, 7333, 3333 } },
	{ 1000, 3000, 200, 100, "2a-E", { 10000, 0, 0, 0, 0, 10000, 10000 } },
	{ 200, 9000, 300, 50, "2a-G", { 10000, 10000, 0, 0, 0, 10000, 0 } },
	{ 900, 400, 700, 2100, "2b1", { 10000, 2222, 0, 7142, 2222, 2857, 5555 } },
	{ 250, 300, 250, 400, "2b2", { 10000, 3750, 0, 0, 2500, 10000, 3750 } },
	{ 100000, 150100, 100000, 100000, "2b3", { 10000, 4997, 0, 0, 0, 10000, 5003 } },
	{ 200, 3000, 5000, 100, "3a-G", { 10000, 10000, 0, 2000, 0, 8000, 0 } },
	{ 100, 3100, 3000, 100, "3a-G", { 10000, 10000, 0, 0, 0, 10000, 0 } },
	{ 3000, 2990, 200, 100, "3a-E", { 9984, 0, 16, 0, 0, 10000, 10000 } },
	{ 3000, 3100, 100, 100, "3a-E", { 10000, 0, 0, 0, 0, 10000, 10000 } },
	{ 700, 200, 6000, 8000, "3b-G", { 10000, 5333, 0, 4834, 2333, 5166, 2333 } },
	{ 1500, 500, 900, 300, "3b-E", { 6666, 2222, 3334, 0, 2222, 10000, 5555 } },
};

static int compute(int64_t g, int64_t m, int64_t e, int64_t d, struct bandwidth_weights *w)
{
	const struct bandwidth_sums sums = { .g = g, .m = m, .e = e, .d = d, .t = g + m + e + d };
	const char *reason;

	return bandwidth_compute(&sums, 10000, w, &reason);
}

START_TEST(each_case_gives_its_weights)
{
	struct bandwidth_weights w;

	ck_assert_int_eq(compute(cases[_i].g, cases[_i].m, cases[_i].e, cases[_i].d, &w), 0);
	const int64_t all[7] = { w.wgg, w.wgd, w.wmg, w.wme, w.wmd, w.wee, w.wed };
	ck_assert_str_eq(w.which, cases[_i].which);
	for (size_t i = 0; i < 7; i++)
		ck_assert_int_eq(all[i], cases[_i].w[i]);
}
END_TEST

START_TEST(some_sums_have_no_weights)
{
	struct bandwidth_weights w;

	ck_assert_int_eq(compute(100, 900, 100, 200, &w), -EDOM);
	ck_assert_int_eq(compute(100000, 151000, 100000, 100000, &w), -EDOM);
	ck_assert_int_eq(compute(0, 10, 10, 10, &w), -EDOM);
	ck_assert_ptr_null(w.which);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, each_case_gives_its_weights, 0, ARRAY_LEN(cases));
	tcase_add_test(tc, some_sums_have_no_weights);
}
