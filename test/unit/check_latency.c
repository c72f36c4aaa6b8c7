/* SPDX-License-Identifier: MIT */
/* The laws of emulated service times: what is read, and what is drawn. */
#include "base/base.h"

#include "bench/latency.h"
#include "unit.h"

enum { DRAWS = 200000 };

static const struct {
	const char *text;
	bool good;
} texts[] = {
	{ "0", true },
	{ "20ms", true },
	{ "1.5ms", true },
	{ "exp:5ms", true },
	{ "uniform:5ms:15ms", true },
	{ "pareto:2ms:1.5", true },
	{ "list:10ms:15ms:20ms", true },
	{ "seed-a", true },
	{ "seed-d", false },
	{ "", false },
	{ "20", false },
	{ "2h", false },
	{ "exp", false },
	{ "exp:", false },
	{ "exp:5ms:6ms", false },
	{ "exp:5ms:", false },
	{ "uniform:5ms", false },
	{ "uniform:15ms:5ms", false },
	{ "pareto:2ms", false },
	{ "pareto:2ms:0", false },
	{ "list", false },
	{ "normal:5ms", false },
};

START_TEST(a_law_is_read_whole_or_not_at_all)
{
	struct latency l = { .n = 77 };
	const int err = latency_parse(str_of(texts[_i].text), &l);

	ck_assert_msg((err == 0) == texts[_i].good, "%s", texts[_i].text);
	if (!texts[_i].good)
		ck_assert_uint_eq(l.n, 77);
}
END_TEST

START_TEST(the_seeds_server_a_repeats_its_nine_times)
{
	static const uint64_t wanted_us[] = { 10000, 15000, 20000, 400000, 400000, 400000, 10000, 15000, 20000, 10000, 15000 };
	struct chance c = { 1 };
	struct latency l;
	uint64_t turn = 0;

	ck_assert_int_eq(latency_parse(STR("seed-a"), &l), 0);
	for (size_t i = 0; i < ARRAY_LEN(wanted_us); i++)
		ck_assert_uint_eq(latency_draw(&l, 1000000, &turn, &c), wanted_us[i]);
}
END_TEST

START_TEST(a_scale_multiplies_all_times)
{
	struct chance c = { 1 };
	struct latency l;
	uint64_t turn = 0;

	ck_assert_int_eq(latency_parse(STR("seed-b"), &l), 0);
	ck_assert_uint_eq(latency_draw(&l, 100000, &turn, &c), 20000);
	ck_assert_int_eq(latency_parse(STR("20ms"), &l), 0);
	ck_assert_uint_eq(latency_draw(&l, 10000000, &turn, &c), 200000);
}
END_TEST

static const struct {
	const char *text;
	double mean_us;
	uint64_t least_us, most_us;
} laws[] = {
	{ "exp:5ms", 5000, 0, UINT64_MAX },
	{ "uniform:5ms:15ms", 10000, 5000, 15000 },
	{ "pareto:2ms:3", 3000, 2000, UINT64_MAX },      /* least * shape / (shape - 1) */
	{ "list:10ms:15ms:20ms", 15000, 10000, 20000 },
};

START_TEST(what_is_drawn_has_the_mean_and_bounds_of_its_law)
{
	struct chance c = { 7 };
	struct latency l;
	uint64_t turn = 0;
	double sum_us = 0;

	ck_assert_int_eq(latency_parse(str_of(laws[_i].text), &l), 0);
	for (int i = 0; i < DRAWS; i++) {
		const uint64_t us = latency_draw(&l, 1000000, &turn, &c);

		ck_assert(us >= laws[_i].least_us && us <= laws[_i].most_us);
		sum_us += (double)us;
	}
	ck_assert_double_eq_tol(sum_us / DRAWS, laws[_i].mean_us, laws[_i].mean_us / 100);
}
END_TEST

START_TEST(one_seed_gives_one_sequence)
{
	struct chance a = { 42 }, b = { 42 };
	struct latency l;
	uint64_t turn = 0;

	ck_assert_int_eq(latency_parse(STR("exp:5ms"), &l), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(latency_draw(&l, 1000000, &turn, &a), latency_draw(&l, 1000000, &turn, &b));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_law_is_read_whole_or_not_at_all, 0, ARRAY_LEN(texts));
	tcase_add_test(tc, the_seeds_server_a_repeats_its_nine_times);
	tcase_add_test(tc, a_scale_multiplies_all_times);
	tcase_add_loop_test(tc, what_is_drawn_has_the_mean_and_bounds_of_its_law, 0, ARRAY_LEN(laws));
	tcase_add_test(tc, one_seed_gives_one_sequence);
}
