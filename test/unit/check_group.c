/* SPDX-License-Identifier: MIT */
/* Who may be chosen, and what an exchange's outcome is worth; how one of them is chosen is in check_policy.c. */
#include "base/base.h"

#include "core/group.h"
#include "fixture.h"
#include "unit.h"

static const uint64_t second = 1000000;

static struct group_conf conf(const char *method)
{
	return (struct group_conf){ .policy = policy_find(str_of(method)), .window = 3, .alpha_ppm = 200000,
				    .refresh_us = 5 * second, .decay_us = 5 * second };
}

/* a, b, c of weight 1, and with them the backups d and e. */
static struct group *group_of(struct group_conf c)
{
	static const struct group_member_conf members[] = {
		{ "a", 1, false }, { "b", 1, false }, { "c", 1, false }, { "d", 1, true }, { "e", 1, true },
	};

	return group_new(&c, members, ARRAY_LEN(members), 1, arena);
}

/* n choices at now_us as letters; '-': none, '.': wait. */
static const char *letters_at(struct group *g, size_t n, const uint8_t *tried, uint64_t now_us)
{
	const struct group_wish w = { .now_us = now_us, .tried = tried };
	char *s = arena_alloc(arena, n + 1);

	for (size_t k = 0; k < n; k++) {
		const int i = group_choose(g, &w);

		s[k] = i == GROUP_NONE ? '-' : i == GROUP_FULL ? '.' : (char)('a' + i);
	}
	return s;
}

static const char *letters(struct group *g, size_t n)
{
	return letters_at(g, n, NULL, 0);
}

static void done(struct group *g, size_t i, enum group_end how, uint64_t now_us, uint64_t us)
{
	const struct group_outcome o = { .now_us = now_us, .end = how, .first_us = us, .whole_us = us };

	group_begin(g, i, now_us - us);
	group_done(g, i, &o);
}

/* ---- usable ---------------------------------------------------------------------------------------------------- */
START_TEST(only_up_and_probing_members_with_weight_are_usable)
{
	struct group *g = group_of(conf("round-robin"));

	group_set_state(g, 0, MEMBER_DRAINING, 0);
	ck_assert_str_eq(letters(g, 4), "bcbc");
	group_set_state(g, 1, MEMBER_DOWN, 0);
	ck_assert_str_eq(letters(g, 2), "cc");
	group_set_state(g, 0, MEMBER_PROBING, 0);
	ck_assert_str_eq(letters(g, 4), "acac");
	group_set_weight(g, 2, 0);
	ck_assert_str_eq(letters(g, 2), "aa");
}
END_TEST

START_TEST(backups_serve_while_no_other_is_usable)
{
	struct group *g = group_of(conf("round-robin"));

	for (size_t i = 0; i < 3; i++)
		group_set_state(g, i, MEMBER_DOWN, 0);
	ck_assert_str_eq(letters(g, 4), "dede");
	group_set_state(g, 1, MEMBER_UP, 0);
	ck_assert_str_eq(letters(g, 2), "bb");
	group_set_full(g, 1, true);
	ck_assert_str_eq(letters(g, 2), "de");
}
END_TEST

START_TEST(where_members_are_only_full_or_on_trial_one_waits)
{
	struct group *g = group_of(conf("adaptive"));

	for (size_t i = 0; i < 5; i++)
		group_set_state(g, i, MEMBER_DOWN, 0);
	ck_assert_str_eq(letters(g, 1), "-");
	group_set_state(g, 0, MEMBER_UP, 0);
	group_set_full(g, 0, true);
	ck_assert_str_eq(letters(g, 1), ".");
	group_set_full(g, 0, false);
	ck_assert_str_eq(letters(g, 1), "a");
	group_set_state(g, 0, MEMBER_PROBING, 0);
	ck_assert_str_eq(letters(g, 1), "a");
	group_set_busy(g, 0, true);
	ck_assert_str_eq(letters(g, 1), ".");
	/* Up, it is no longer on trial. */
	group_set_state(g, 0, MEMBER_UP, 0);
	ck_assert_str_eq(letters(g, 1), "a");
}
END_TEST

START_TEST(those_tried_come_again_only_where_there_is_no_other)
{
	struct group *g = group_of(conf("least-connections"));
	uint8_t tried[5] = { 1, 0, 0, 0, 0 };

	for (const char *s = letters_at(g, 10, tried, 0); *s; s++)
		ck_assert(*s == 'b' || *s == 'c');
	tried[1] = tried[2] = 1;
	for (const char *s = letters_at(g, 10, tried, 0); *s; s++)
		ck_assert(*s == 'd' || *s == 'e');
	tried[3] = tried[4] = 1;
	for (const char *s = letters_at(g, 10, tried, 0); *s; s++)
		ck_assert(*s == 'a' || *s == 'b' || *s == 'c');
}
END_TEST

START_TEST(the_seeds_hash_goes_on_to_the_next_where_one_is_tried_or_down)
{
	struct group_conf c = conf("source-hash");
	const struct addr client = { AF_INET, { 10, 0, 0, 4 } };
	const uint8_t tried[5] = { 0, 1, 0, 0, 0 };
	struct group_wish w = { .client = &client };

	c.compat_seed = true;
	struct group *g = group_of(c);

	ck_assert_int_eq(group_choose(g, &w), 1);
	w.tried = tried;
	ck_assert_int_eq(group_choose(g, &w), 2);
	w.tried = NULL;
	for (size_t i = 0; i < 3; i++)
		group_set_state(g, i, MEMBER_DOWN, 0);
	ck_assert_int_eq(group_choose(g, &w), 3);
}
END_TEST

START_TEST(what_begins_is_open_until_it_is_done)
{
	struct group *g = group_of(conf("least-connections"));

	group_begin(g, 1, 0);
	group_begin(g, 1, 0);
	ck_assert_uint_eq(group_open(g, 1), 2);
	group_done(g, 1, &(struct group_outcome){ .end = GROUP_UNKNOWN });
	ck_assert_uint_eq(group_open(g, 1), 1);
	ck_assert_int_eq(group_estimate_us(g, 1), -1);
	ck_assert_uint_eq(group_size(g), 5);
}
END_TEST

/* ---- slow start ------------------------------------------------------------------------------------------------ */
/* Of n choices one after the other at now_us, how many are i's. */
static size_t share(struct group *g, size_t n, size_t i, uint64_t now_us)
{
	size_t share = 0;

	for (const char *s = letters_at(g, n, NULL, now_us); *s; s++)
		share += *s == (char)('a' + i);
	return share;
}

START_TEST(a_member_that_became_up_gets_its_weight_step_by_step)
{
	struct group_conf c = conf("round-robin");

	c.slow_start_us = 10 * second;
	struct group *g = group_of(c);

	ck_assert_uint_eq(share(g, 300, 2, second), 100);
	group_set_state(g, 2, MEMBER_DOWN, second);
	group_set_state(g, 2, MEMBER_PROBING, 50 * second);
	group_set_state(g, 2, MEMBER_UP, 100 * second);
	/* A tenth at first, half after half the time, then all. */
	ck_assert_uint_eq(share(g, 2100, 2, 100 * second), 100);
	ck_assert_uint_eq(share(g, 2500, 2, 105 * second), 500);
	ck_assert_uint_eq(share(g, 300, 2, 110 * second), 100);
}
END_TEST

START_TEST(a_weight_by_hand_holds_during_slow_start)
{
	struct group_conf c = conf("round-robin");

	c.slow_start_us = 10 * second;
	struct group *g = group_of(c);

	group_set_state(g, 2, MEMBER_DRAINING, second);
	group_set_state(g, 2, MEMBER_UP, 2 * second);
	group_set_weight(g, 2, 4);
	ck_assert_uint_eq(share(g, 400, 2, 7 * second), 200);
}
END_TEST

/* ---- samples --------------------------------------------------------------------------------------------------- */
START_TEST(a_failure_counts_as_one_second_while_there_is_no_estimate)
{
	struct group *g = group_of(conf("ewma"));

	done(g, 0, GROUP_FAILURE, 10 * second, 100);
	ck_assert_int_eq(group_estimate_us(g, 0), (int64_t)second);
}
END_TEST

START_TEST(a_failure_counts_as_five_times_the_largest_estimate)
{
	struct group *g = group_of(conf("ewma"));

	done(g, 0, GROUP_SAMPLE, 10 * second, 20000);
	done(g, 1, GROUP_SAMPLE, 10 * second, 8000);
	done(g, 2, GROUP_FAILURE, 10 * second, 100);
	ck_assert_int_eq(group_estimate_us(g, 2), 100000);
	/* At most ten seconds, never less than the time taken. */
	done(g, 2, GROUP_SAMPLE, 20 * second, 9 * second);
	group_set_state(g, 1, MEMBER_DOWN, 20 * second);
	group_set_state(g, 1, MEMBER_UP, 20 * second);
	done(g, 1, GROUP_FAILURE, 21 * second, 100);
	ck_assert_int_eq(group_estimate_us(g, 1), (int64_t)(5 * (100000 + (9 * second - 100000) / 5)));
	done(g, 3, GROUP_SAMPLE, 30 * second, 3 * second);
	done(g, 4, GROUP_FAILURE, 30 * second, 100);
	ck_assert_int_eq(group_estimate_us(g, 4), (int64_t)(10 * second));
	group_set_state(g, 4, MEMBER_DOWN, 30 * second);
	group_set_state(g, 4, MEMBER_UP, 30 * second);
	done(g, 4, GROUP_FAILURE, 50 * second, 12 * second);
	ck_assert_int_eq(group_estimate_us(g, 4), (int64_t)(12 * second));
}
END_TEST

START_TEST(a_member_that_is_down_weighs_on_no_failure)
{
	struct group *g = group_of(conf("ewma"));

	done(g, 0, GROUP_SAMPLE, 10 * second, 9 * second);
	done(g, 1, GROUP_SAMPLE, 10 * second, 1000);
	group_set_state(g, 0, MEMBER_DOWN, 10 * second);
	done(g, 2, GROUP_FAILURE, 10 * second, 100);
	ck_assert_int_eq(group_estimate_us(g, 2), 5000);
}
END_TEST

START_TEST(a_client_that_leaves_counts_only_above_the_estimate)
{
	struct group *g = group_of(conf("ewma"));

	/* Nothing to compare with. */
	done(g, 0, GROUP_LEFT, 10 * second, 500000);
	ck_assert_int_eq(group_estimate_us(g, 0), -1);
	done(g, 0, GROUP_SAMPLE, 10 * second, 100000);
	done(g, 0, GROUP_LEFT, 10 * second, 99000);
	ck_assert_int_eq(group_estimate_us(g, 0), 100000);
	done(g, 0, GROUP_LEFT, 10 * second, 200000);
	ck_assert_int_eq(group_estimate_us(g, 0), 120000);
	/* One that was never measured is held against the others. */
	done(g, 1, GROUP_LEFT, 10 * second, 119000);
	ck_assert_int_eq(group_estimate_us(g, 1), -1);
	done(g, 1, GROUP_LEFT, 10 * second, 121000);
	ck_assert_int_eq(group_estimate_us(g, 1), 121000);
}
END_TEST

START_TEST(what_took_no_time_still_counts_by_what_is_open)
{
	struct group *g = group_of(conf("adaptive"));

	for (size_t i = 0; i < 3; i++)
		done(g, i, GROUP_SAMPLE, second, i ? 2 : 0);
	group_begin(g, 0, second);
	group_begin(g, 0, second);
	ck_assert_str_ne(letters_at(g, 1, NULL, second), "a");
}
END_TEST

START_TEST(a_sample_may_come_before_the_end)
{
	struct group *g = group_of(conf("ewma"));
	const struct group_outcome first = { .now_us = second, .end = GROUP_SAMPLE, .first_us = 7000 };
	const struct group_outcome over = { .now_us = 9 * second, .end = GROUP_UNKNOWN };

	group_begin(g, 0, second - 7000);
	group_sample(g, 0, &first);
	ck_assert_int_eq(group_estimate_us(g, 0), 7000);
	ck_assert_uint_eq(group_open(g, 0), 1);
	group_done(g, 0, &over);
	ck_assert_int_eq(group_estimate_us(g, 0), 7000);
	ck_assert_uint_eq(group_open(g, 0), 0);
}
END_TEST

START_TEST(a_member_that_comes_back_from_down_is_never_measured)
{
	struct group *g = group_of(conf("adaptive"));

	for (size_t i = 0; i < 3; i++)
		done(g, i, GROUP_SAMPLE, 10 * second, 1000);
	group_begin(g, 1, 11 * second);
	group_set_state(g, 1, MEMBER_DOWN, 12 * second);
	group_set_state(g, 1, MEMBER_PROBING, 20 * second);
	ck_assert_int_eq(group_estimate_us(g, 1), -1);
	/* What was sent before tells nothing. */
	const struct group_outcome old = { .now_us = 21 * second, .end = GROUP_FAILURE, .first_us = 10 * second };

	group_done(g, 1, &old);
	ck_assert_int_eq(group_estimate_us(g, 1), -1);
	ck_assert_str_eq(letters_at(g, 1, NULL, 21 * second), "b");
	done(g, 1, GROUP_SAMPLE, 22 * second, 1500);
	group_set_state(g, 1, MEMBER_UP, 22 * second);
	ck_assert_int_eq(group_estimate_us(g, 1), 1500);
}
END_TEST

START_TEST(draining_keeps_what_was_measured)
{
	struct group *g = group_of(conf("adaptive"));

	done(g, 1, GROUP_SAMPLE, 10 * second, 1000);
	group_set_state(g, 1, MEMBER_DRAINING, 12 * second);
	group_set_state(g, 1, MEMBER_UP, 13 * second);
	ck_assert_int_eq(group_estimate_us(g, 1), 1000);
}
END_TEST

START_TEST(the_seed_takes_failures_as_timed_and_answers_whole)
{
	struct group_conf c = conf("ewma");
	const struct group_outcome o = { .now_us = second, .end = GROUP_SAMPLE, .first_us = 1000, .whole_us = 30400 };

	c.compat_seed = true;
	struct group *g = group_of(c);

	group_begin(g, 0, 0);
	group_done(g, 0, &o);
	ck_assert_int_eq(group_estimate_us(g, 0), 30000);
	done(g, 1, GROUP_FAILURE, second, 2000);
	ck_assert_int_eq(group_estimate_us(g, 1), 2000);
	done(g, 2, GROUP_LEFT, second, 900000);
	ck_assert_int_eq(group_estimate_us(g, 2), -1);
}
END_TEST

START_TEST(methods_without_estimates_have_none)
{
	struct group *g = group_of(conf("least-connections"));

	done(g, 0, GROUP_SAMPLE, 10 * second, 1000);
	ck_assert_int_eq(group_estimate_us(g, 0), -1);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, only_up_and_probing_members_with_weight_are_usable);
	tcase_add_test(tc, backups_serve_while_no_other_is_usable);
	tcase_add_test(tc, where_members_are_only_full_or_on_trial_one_waits);
	tcase_add_test(tc, those_tried_come_again_only_where_there_is_no_other);
	tcase_add_test(tc, the_seeds_hash_goes_on_to_the_next_where_one_is_tried_or_down);
	tcase_add_test(tc, what_begins_is_open_until_it_is_done);
	tcase_add_test(tc, a_member_that_became_up_gets_its_weight_step_by_step);
	tcase_add_test(tc, a_weight_by_hand_holds_during_slow_start);
	tcase_add_test(tc, a_failure_counts_as_one_second_while_there_is_no_estimate);
	tcase_add_test(tc, a_failure_counts_as_five_times_the_largest_estimate);
	tcase_add_test(tc, a_member_that_is_down_weighs_on_no_failure);
	tcase_add_test(tc, a_client_that_leaves_counts_only_above_the_estimate);
	tcase_add_test(tc, what_took_no_time_still_counts_by_what_is_open);
	tcase_add_test(tc, a_sample_may_come_before_the_end);
	tcase_add_test(tc, a_member_that_comes_back_from_down_is_never_measured);
	tcase_add_test(tc, draining_keeps_what_was_measured);
	tcase_add_test(tc, the_seed_takes_failures_as_timed_and_answers_whole);
	tcase_add_test(tc, methods_without_estimates_have_none);
}
