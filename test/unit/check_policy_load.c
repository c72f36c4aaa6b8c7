/* SPDX-License-Identifier: MIT */
/* Methods that look at response times: who is tried, who is chosen, and the seed's own forms. */
#include "base/base.h"

#include "fixture.h"
#include "methods.h"
#include "unit.h"

/* ---- averages -------------------------------------------------------------------------------------------------- */
/* One exchange with i of us microseconds that ends at now_us. */
static void exchange(struct group *g, size_t i, uint64_t now_us, uint64_t us)
{
	group_begin(g, i, now_us - us);
	finish(g, (int)i, now_us, us);
}

static const struct {
	const char *method;
	const char *expected;
} cold[] = { { "sma", "abc" }, { "ewma", "abc" }, { "peak-ewma", "abc" }, { "adaptive", "abc" } };

START_TEST(new_members_get_one_trial_each_in_turn)
{
	struct group *g = group_of(conf(cold[_i].method), NULL, 3);

	ck_assert_str_eq(letters(g, 3), cold[_i].expected);
	/* All are on trial now: the rest is spread evenly. */
	(void)letters(g, 300);
	if (strcmp(cold[_i].method, "peak-ewma") != 0)
		for (size_t i = 0; i < 3; i++)
			ck_assert_uint_eq(group_open(g, i), 101);
}
END_TEST

START_TEST(a_new_member_on_trial_comes_after_all_measured_ones)
{
	struct group *g = group_of(conf(cold[_i].method), NULL, 3);

	exchange(g, 0, 1000000, 900000);
	exchange(g, 1, 1000000, 900000);
	ck_assert_int_eq(choose(g, 1000000), 2);
	group_begin(g, 2, 1000000);
	for (int k = 0; k < 50; k++) {
		const int i = choose(g, 1000001);

		ck_assert_int_ne(i, 2);
		group_begin(g, (size_t)i, 1000001);
	}
}
END_TEST

START_TEST(averages_count_what_is_open)
{
	struct group *g = group_of(conf(cold[_i].method), NULL, 2);

	exchange(g, 0, 1000000, 10000);
	exchange(g, 1, 1000000, 25000);
	for (int k = 0; k < 2; k++) {
		ck_assert_int_eq(choose(g, 1000000), 0);
		group_begin(g, 0, 1000000);
	}
	ck_assert_int_eq(choose(g, 1000000), 1);
}
END_TEST

/* sma and ewma: who was neither sampled nor picked for `refresh`. */
START_TEST(refresh_asks_anew_and_its_sample_replaces_the_history)
{
	struct group *g = group_of(conf(cold[_i].method), NULL, 2);

	for (int k = 0; k < 3; k++)
		exchange(g, 0, 1000000, 10000);
	for (int k = 0; k < 3; k++)
		exchange(g, 1, 1000000, 900000);
	ck_assert_int_eq(choose(g, 5900000), 0);
	group_begin(g, 0, 5900000);
	ck_assert_int_eq(choose(g, 5999999), 0);
	ck_assert_int_eq(choose(g, 6000000), 1);
	exchange(g, 1, 6020000, 20000);
	ck_assert_int_eq(group_estimate_us(g, 1), 20000);
}
END_TEST

START_TEST(a_pick_without_a_sample_puts_refresh_off)
{
	struct group *g = group_of(conf("ewma"), NULL, 2);

	exchange(g, 0, 1000000, 10000);
	exchange(g, 1, 1000000, 900000);
	group_begin(g, 1, 6000000);
	leave(g, 1);
	exchange(g, 0, 6100000, 10000);
	ck_assert_int_eq(choose(g, 10999999), 0);
	group_begin(g, 0, 10999999);
	ck_assert_int_eq(choose(g, 11000000), 1);
}
END_TEST

START_TEST(a_member_with_something_open_needs_no_refresh)
{
	struct group *g = group_of(conf("ewma"), NULL, 2);

	exchange(g, 0, 1000000, 10000);
	exchange(g, 1, 1000000, 900000);
	group_begin(g, 0, 1000000);
	group_begin(g, 1, 1000000);
	ck_assert_int_eq(choose(g, 60000000), 0);
}
END_TEST

/* The vector: 25.1874 ms at 11.01 s; at 16.01 s it scores 9.2659 with nothing open, 75.5622 with two. */
START_TEST(adaptive_wears_down_only_what_has_nothing_open)
{
	static const uint64_t ms[] = { 100, 200, 200, 10 }, at_us[] = { 1000000, 1010000, 2010000, 12010000 };
	static const struct {
		uint64_t other_us;
		uint32_t open;
		int choice;
	} rows[] = { { 9265, 0, 1 }, { 9267, 0, 0 }, { 75561, 2, 1 }, { 75563, 2, 0 } };

	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct group_conf c = conf("adaptive");

		c.alpha_ppm = 50000;
		struct group *g = group_of(c, NULL, 2);

		for (size_t i = 0; i < ARRAY_LEN(ms); i++)
			exchange(g, 0, at_us[i], ms[i] * 1000);
		exchange(g, 1, 17010000, rows[k].other_us);
		for (uint32_t n = 0; n < rows[k].open; n++)
			group_begin(g, 0, 17010000);
		ck_assert_int_eq(choose(g, 17010000), rows[k].choice);
	}
}
END_TEST

START_TEST(adaptive_comes_back_to_a_dear_member_after_decay_times_ln_k)
{
	struct group *g = group_of(conf("adaptive"), NULL, 2);

	exchange(g, 0, 1000000, 10000);
	exchange(g, 1, 1000000, 200000);
	/* Twenty times dearer: after 5 s * ln 20 = 14.98 s without a sample, where the other was sampled just now. */
	exchange(g, 0, 15978000, 10000);
	ck_assert_int_eq(choose(g, 15978000), 0);
	exchange(g, 0, 15979000, 10000);
	ck_assert_int_eq(choose(g, 15979000), 1);
}
END_TEST

/* ---- compat forms ---------------------------------------------------------------------------------------------- */
/* One client, one request at a time, over the seed's three servers: the first few choices. */
static const char *one_client(struct group *g, size_t n)
{
	static const uint64_t a_ms[] = { 10, 15, 20, 400, 400, 400, 10, 15, 20 };
	char *s = arena_alloc(arena, n + 1);
	uint64_t now_us = 0;

	for (size_t k = 0, at = 0; k < n; k++) {
		const int i = choose(g, now_us);
		const uint64_t ms = i == 0 ? a_ms[at++ % ARRAY_LEN(a_ms)] : i == 1 ? 200 : 250;

		s[k] = (char)('a' + i);
		group_begin(g, (size_t)i, now_us);
		now_us += ms * 1000;
		finish(g, i, now_us, ms * 1000);
	}
	return s;
}

START_TEST(the_seed_chooses_as_its_log_shows)
{
	ck_assert_str_eq(one_client(group_of(seed("ewma"), NULL, 3), 40), "abcaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
	ck_assert_str_eq(one_client(group_of(seed("sma"), NULL, 3), 40), "abcaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
}
END_TEST

START_TEST(the_seed_tries_the_first_without_a_sample_until_it_has_one)
{
	static const char *const names[] = { "sma", "ewma" };

	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		struct group *g = group_of(seed(names[k]), NULL, 3);

		ck_assert_str_eq(letters(g, 100), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
						  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
		finish(g, 0, 1000000, 10000);
		ck_assert_str_eq(letters(g, 3), "bbb");
		finish(g, 1, 1000000, 10000);
		finish(g, 0, 1000000, 400);
		ck_assert_str_eq(letters(g, 3), "ccc");
		/* Ties go to the order written. */
		finish(g, 2, 1000000, 10000);
		ck_assert_str_eq(letters(g, 3), "aaa");
	}
}
END_TEST

START_TEST(the_seed_looks_at_neither_weight_of_time_nor_open_counts)
{
	struct group *g = group_of(seed("ewma"), NULL, 2);

	exchange(g, 0, 1000000, 10000);
	exchange(g, 1, 1000000, 11000);
	for (int k = 0; k < 1000; k++) {
		ck_assert_int_eq(choose(g, 1000000000), 0);
		group_begin(g, 0, 1000000000);
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, new_members_get_one_trial_each_in_turn, 0, ARRAY_LEN(cold));
	tcase_add_loop_test(tc, a_new_member_on_trial_comes_after_all_measured_ones, 0, ARRAY_LEN(cold));
	tcase_add_loop_test(tc, averages_count_what_is_open, 0, ARRAY_LEN(cold));
	tcase_add_loop_test(tc, refresh_asks_anew_and_its_sample_replaces_the_history, 0, 2);
	tcase_add_test(tc, a_member_with_something_open_needs_no_refresh);
	tcase_add_test(tc, a_pick_without_a_sample_puts_refresh_off);
	tcase_add_test(tc, adaptive_wears_down_only_what_has_nothing_open);
	tcase_add_test(tc, adaptive_comes_back_to_a_dear_member_after_decay_times_ln_k);
	tcase_add_test(tc, the_seed_chooses_as_its_log_shows);
	tcase_add_test(tc, the_seed_tries_the_first_without_a_sample_until_it_has_one);
	tcase_add_test(tc, the_seed_looks_at_neither_weight_of_time_nor_open_counts);
}
