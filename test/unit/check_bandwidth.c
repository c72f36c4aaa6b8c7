/* SPDX-License-Identifier: MIT */
/* Bandwidth weights where one case borders on another, what has none, and which relays count where. The cases themselves
 * are test/weights/W-2-cases. */
#include "base/base.h"

#include <errno.h>

#include "unit.h"
#include "weights/bandwidth.h"

/* Weights in the order Wgg Wgd Wmg Wme Wmd Wee Wed; -1: not looked at. */
static const struct {
	int64_t g, m, e, d;
	const char *which;
	int64_t w[7];
} cases[] = {
	/* At the border of scarcity, by 3E = T - 1, T and so on: what is equal is not scarce. */
	{ 400, 100, 400, 300, "1", { -1, 3333, -1, -1, 3333, -1, 3333 } },
	{ 401, 100, 399, 300, "3b-E", { -1, -1, -1, 0, -1, 10000, -1 } },
	/* min + D = max is 2b, one less is 2a; 3 (min + D) = T is 3b, one less is 3a. */
	{ 600000, 600003, 300000, 300000, "2b1", { 10000, 0, 0, 0, 0, 10000, 9999 } },
	{ 600000, 600003, 300000, 299999, "2a-E", { 10000, 0, 0, 0, 0, 10000, 10000 } },
	{ 700, 600, 300, 300, "3a-E", { 9286, 0, 714, 0, 0, 10000, 10000 } },
	{ 700, 500, 300, 300, "3b-E", { 8571, 0, 1429, 0, 0, 10000, 10000 } },
	/* The published sums of 2020-02-29 10:00. */
	{ 43164617, 5890256, 2012590, 17775004, "3a-E", { 5683, 0, 4317, 0, 0, 10000, 10000 } },
};

static int compute(const int64_t s[4], int64_t scale, struct bandwidth_weights *w, const char **reason)
{
	const struct bandwidth_sums sums = { .g = s[0], .m = s[1], .e = s[2], .d = s[3], .t = s[0] + s[1] + s[2] + s[3] };

	return bandwidth_compute(&sums, scale, w, reason);
}

START_TEST(each_case_gives_its_weights)
{
	const int64_t sums[4] = { cases[_i].g, cases[_i].m, cases[_i].e, cases[_i].d };
	struct bandwidth_weights w;
	const char *reason;

	ck_assert_msg(compute(sums, 10000, &w, &reason) == 0, "%s", reason);
	const int64_t all[7] = { w.wgg, w.wgd, w.wmg, w.wme, w.wmd, w.wee, w.wed };
	ck_assert_str_eq(w.which, cases[_i].which);
	ck_assert_ptr_null(reason);
	for (size_t i = 0; i < 7; i++)
		if (cases[_i].w[i] >= 0)
			ck_assert_int_eq(all[i], cases[_i].w[i]);
}
END_TEST

static const struct {
	int64_t s[4];
	int err;
	const char *reason;
} refused[] = {
	{ { 100, 900, 100, 200 }, -EDOM, "Wgd is out of range" },
	{ { 100000, 151000, 100000, 100000 }, -EDOM, "guard and exit bandwidth are not balanced" },
	{ { INT64_C(1) << 40, INT64_C(1) << 52, 1, INT64_C(1) << 40 }, -EOVERFLOW, "weights of this consensus overflow" },
	{ { 0, 10, 10, 10 }, -EDOM, "G is not above 0" },
	{ { 10, 0, 10, 10 }, -EDOM, "M is not above 0" },
	{ { 10, 10, -1, 10 }, -EDOM, "E is not above 0" },
	{ { 10, 10, 10, 0 }, -EDOM, "D is not above 0" },
};

START_TEST(what_the_check_refuses_has_a_reason)
{
	struct bandwidth_weights w;
	const char *reason;

	ck_assert_int_eq(compute(refused[_i].s, 10000, &w, &reason), refused[_i].err);
	ck_assert_ptr_null(w.which);
	ck_assert_msg(strcmp(reason, refused[_i].reason) == 0, "%s", reason);
}
END_TEST

START_TEST(the_line_has_19_weights_in_their_order)
{
	const struct bandwidth_weights w = { .which = "1", .wgg = 1, .wgd = 2, .wmg = 3, .wme = 4, .wmd = 5, .wee = 6, .wed = 7 };
	static const int64_t expected[PUBLISHED_WEIGHTS] = { 5, 4, 3, 9, 9, 9, 7, 6, 7, 6, 9, 2, 1, 1, 9, 5, 4, 3, 9 };
	int64_t line[PUBLISHED_WEIGHTS];

	bandwidth_line(&w, 9, line);
	for (size_t i = 0; i < PUBLISHED_WEIGHTS; i++)
		ck_assert_int_eq(line[i], expected[i]);
	for (size_t i = 1; i < PUBLISHED_WEIGHTS; i++)
		ck_assert_int_lt(strcmp(published_names[i - 1], published_names[i]), 0);
}
END_TEST

static struct relay relay(enum relay_class class, uint64_t weight, int guard_fraction)
{
	return (struct relay){ .class = class, .weight = weight, .guard_fraction = (int8_t)guard_fraction, .is_weighted = true };
}

static void expect_sums(const struct bandwidth_sums *s, int64_t g, int64_t m, int64_t e, int64_t d, int64_t t)
{
	ck_assert_int_eq(s->g, g);
	ck_assert_int_eq(s->m, m);
	ck_assert_int_eq(s->e, e);
	ck_assert_int_eq(s->d, d);
	ck_assert_int_eq(s->t, t);
}

START_TEST(sums_begin_at_1_from_method_26_on)
{
	const struct relay all[] = { relay(CLASS_GUARD, 10, -1), relay(CLASS_MIDDLE, 20, -1), relay(CLASS_EXIT, 30, -1),
				     relay(CLASS_GUARD_EXIT, 40, -1) };
	struct bandwidth_sums s;

	bandwidth_add(all, 4, 25, &s);
	expect_sums(&s, 10, 20, 30, 40, 100);
	bandwidth_add(all, 4, 26, &s);
	expect_sums(&s, 11, 21, 31, 41, 104);
}
END_TEST

START_TEST(a_relay_without_weight_line_counts_nowhere)
{
	struct relay r = relay(CLASS_GUARD, 10, -1);
	struct bandwidth_sums s;

	r.is_weighted = false;
	bandwidth_add(&r, 1, 1, &s);
	expect_sums(&s, 0, 0, 0, 0, 0);
}
END_TEST

/* 0.29 × 50 is 14.499999999999998 as a double: rounded as Tor rounds, not as the fraction would be. */
START_TEST(a_guard_fraction_parts_guards_alone)
{
	const struct relay all[] = { relay(CLASS_GUARD, 50, 29), relay(CLASS_GUARD_EXIT, 101, 50), relay(CLASS_MIDDLE, 7, 50),
				     relay(CLASS_EXIT, 9, 0), relay(CLASS_GUARD, 5, 0), relay(CLASS_GUARD, 6, 100) };
	struct bandwidth_sums s;

	bandwidth_add(all, 1, 1, &s);
	expect_sums(&s, 14, 36, 0, 0, 14);
	bandwidth_add(all, 2, 1, &s);
	expect_sums(&s, 14, 36, 50, 51, 65);
	bandwidth_add(all, ARRAY_LEN(all), 1, &s);
	expect_sums(&s, 20, 48, 59, 51, 87);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, each_case_gives_its_weights, 0, ARRAY_LEN(cases));
	tcase_add_loop_test(tc, what_the_check_refuses_has_a_reason, 0, ARRAY_LEN(refused));
	tcase_add_test(tc, the_line_has_19_weights_in_their_order);
	tcase_add_test(tc, sums_begin_at_1_from_method_26_on);
	tcase_add_test(tc, a_relay_without_weight_line_counts_nowhere);
	tcase_add_test(tc, a_guard_fraction_parts_guards_alone);
}
