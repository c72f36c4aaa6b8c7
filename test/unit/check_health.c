/* SPDX-License-Identifier: MIT */
/* When members are up, on probation and down. */
#include "base/base.h"

#include "core/health.h"
#include "fixture.h"
#include "unit.h"

static struct health h;
static const uint64_t second = 1000000;

static const struct health_conf ejecting = { .eject_errors = 5, .eject_us = 30000000 };
static const struct health_conf checking = { .checked = true, .rise = 2, .fall = 3, .eject_errors = 5,
					     .eject_us = 30000000 };

static void begin(void)
{
	setup();
	health_init(&h, &ejecting, 3, 0, arena);
}

static void begin_checked(void)
{
	health_init(&h, &checking, 3, 0, arena);
}

#define assert_is(i, wanted, why) do { \
	ck_assert_str_eq(member_state_name(h.members[i].state), member_state_name(wanted)); \
	ck_assert_int_eq(h.members[i].reason, why); \
} while (0)

/* ---- checks ---------------------------------------------------------------------------------------------------- */
START_TEST(without_checks_members_begin_up)
{
	assert_is(0, MEMBER_UP, REASON_NONE);
}
END_TEST

START_TEST(with_checks_members_are_on_probation_until_the_first_result)
{
	begin_checked();
	assert_is(0, MEMBER_PROBING, REASON_HEALTH);
	/* A good exchange is no good check. */
	ck_assert(!health_trial(&h, 0, true, second));
	assert_is(0, MEMBER_PROBING, REASON_HEALTH);
	ck_assert(health_checked(&h, 0, HEALTH_GOOD, second));
	assert_is(0, MEMBER_UP, REASON_NONE);
	ck_assert_uint_eq(h.members[0].since_us, second);
	ck_assert(health_checked(&h, 1, HEALTH_BAD, second));
	assert_is(1, MEMBER_DOWN, REASON_HEALTH);
}
END_TEST

START_TEST(then_it_takes_fall_bad_ones_in_a_row_and_rise_good_ones)
{
	begin_checked();
	(void)health_checked(&h, 0, HEALTH_GOOD, 0);
	for (int k = 0; k < 5; k++) {
		ck_assert(!health_checked(&h, 0, HEALTH_BAD, 0));
		ck_assert(!health_checked(&h, 0, HEALTH_BAD, 0));
		ck_assert(!health_checked(&h, 0, HEALTH_GOOD, 0));
	}
	(void)health_checked(&h, 0, HEALTH_BAD, 0);
	(void)health_checked(&h, 0, HEALTH_BAD, 0);
	ck_assert(health_checked(&h, 0, HEALTH_BAD, second));
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
	ck_assert(!health_checked(&h, 0, HEALTH_GOOD, second));
	ck_assert(!health_checked(&h, 0, HEALTH_BAD, second));
	ck_assert(!health_checked(&h, 0, HEALTH_GOOD, second));
	ck_assert(health_checked(&h, 0, HEALTH_GOOD, second));
	assert_is(0, MEMBER_UP, REASON_NONE);
}
END_TEST

/* ---- ejection -------------------------------------------------------------------------------------------------- */
START_TEST(failures_in_a_row_put_a_member_out_for_a_while)
{
	ck_assert(health_failures(&h, 0, second));
	assert_is(0, MEMBER_DOWN, REASON_EJECTED);
	ck_assert_uint_eq(health_next_us(&h), 31 * second);
	ck_assert(!health_tick(&h, 31 * second - 1));
	ck_assert(health_tick(&h, 31 * second));
	assert_is(0, MEMBER_PROBING, REASON_EJECTED);
	ck_assert_uint_eq(health_next_us(&h), UINT64_MAX);
	ck_assert(health_trial(&h, 0, true, 32 * second));
	assert_is(0, MEMBER_UP, REASON_NONE);
}
END_TEST

START_TEST(a_failure_on_probation_ejects_again_for_longer_up_to_tenfold)
{
	uint64_t now = second;

	ck_assert(health_failures(&h, 0, now));
	for (unsigned k = 2; k <= 12; k++) {
		now = health_next_us(&h);
		ck_assert(health_tick(&h, now));
		ck_assert(health_trial(&h, 0, false, now));
		assert_is(0, MEMBER_DOWN, REASON_EJECTED);
		ck_assert_uint_eq(health_next_us(&h), now + (k < 10 ? k : 10) * 30 * second);
	}
}
END_TEST

/* Ejects member 0 and brings it back; the time of its return. */
static uint64_t eject_and_return(uint64_t now_us, uint64_t expected_out_us)
{
	ck_assert(health_failures(&h, 0, now_us));
	ck_assert_uint_eq(health_next_us(&h), now_us + expected_out_us);
	now_us += expected_out_us;
	ck_assert(health_tick(&h, now_us));
	ck_assert(health_trial(&h, 0, true, now_us));
	return now_us;
}

START_TEST(ten_times_as_long_in_peace_make_the_next_ejection_the_first)
{
	uint64_t now = eject_and_return(second, 30 * second);

	now = eject_and_return(now + 300 * second - 1, 60 * second);
	now = eject_and_return(now + 300 * second, 30 * second);
	(void)eject_and_return(now + second, 60 * second);
}
END_TEST

START_TEST(never_more_than_half_are_put_out_rounded_up)
{
	health_init(&h, &ejecting, 5, 0, arena);
	ck_assert(health_failures(&h, 0, 0));
	ck_assert(health_failures(&h, 1, 0));
	ck_assert(health_failures(&h, 2, 0));
	ck_assert(!health_failures(&h, 3, 0));
	/* Those on probation are still out. */
	ck_assert(health_tick(&h, 30 * second));
	ck_assert(!health_failures(&h, 3, 30 * second));
	ck_assert(health_trial(&h, 1, true, 30 * second));
	ck_assert(health_failures(&h, 3, 30 * second));
}
END_TEST

START_TEST(the_last_usable_one_is_never_put_out)
{
	health_init(&h, &ejecting, 2, 0, arena);
	ck_assert(health_failures(&h, 0, 0));
	ck_assert(!health_failures(&h, 1, 0));
	assert_is(1, MEMBER_UP, REASON_NONE);
	health_init(&h, &ejecting, 1, 0, arena);
	ck_assert(!health_failures(&h, 0, 0));
	health_init(&h, &ejecting, 4, 0, arena);
	(void)health_by_hand(&h, 1, HAND_DOWN, 0);
	(void)health_by_hand(&h, 2, HAND_DRAIN, 0);
	health_weight(&h, 3, 0);
	ck_assert(!health_failures(&h, 0, 0));
	health_weight(&h, 3, 1);
	ck_assert(health_failures(&h, 0, 0));
}
END_TEST

START_TEST(the_last_one_stays_on_probation_when_its_trial_fails)
{
	health_init(&h, &ejecting, 2, 0, arena);
	ck_assert(health_failures(&h, 0, 0));
	(void)health_by_hand(&h, 1, HAND_DOWN, 0);
	ck_assert(health_tick(&h, 30 * second));
	ck_assert(!health_trial(&h, 0, false, 30 * second));
	assert_is(0, MEMBER_PROBING, REASON_EJECTED);
}
END_TEST

START_TEST(without_eject_nobody_is_put_out)
{
	static const struct health_conf never = { .eject_us = 30000000 };

	health_init(&h, &never, 3, 0, arena);
	ck_assert(!health_failures(&h, 0, 0));
}
END_TEST

START_TEST(a_certificate_that_does_not_fit_is_the_reason)
{
	begin_checked();
	ck_assert(health_checked(&h, 0, HEALTH_CERTIFICATE, second));
	assert_is(0, MEMBER_DOWN, REASON_CERTIFICATE);
	ck_assert(health_checked(&h, 0, HEALTH_BAD, second));
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
}
END_TEST

START_TEST(with_checks_probation_needs_a_good_one_first)
{
	begin_checked();
	for (size_t i = 0; i < 3; i++)
		(void)health_checked(&h, i, HEALTH_GOOD, 0);
	ck_assert(health_failures(&h, 0, second));
	ck_assert(!health_tick(&h, 31 * second));
	assert_is(0, MEMBER_DOWN, REASON_EJECTED);
	ck_assert(health_checked(&h, 0, HEALTH_GOOD, 32 * second));
	assert_is(0, MEMBER_PROBING, REASON_EJECTED);
	/* Checks that go bad put it down for that reason. */
	for (int k = 0; k < 3; k++)
		(void)health_checked(&h, 0, HEALTH_BAD, 33 * second);
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
}
END_TEST

START_TEST(a_good_check_before_the_time_is_over_is_good_enough)
{
	begin_checked();
	for (size_t i = 0; i < 3; i++)
		(void)health_checked(&h, i, HEALTH_GOOD, 0);
	ck_assert(health_failures(&h, 0, second));
	ck_assert(!health_checked(&h, 0, HEALTH_GOOD, 2 * second));
	assert_is(0, MEMBER_DOWN, REASON_EJECTED);
	ck_assert(health_tick(&h, 31 * second));
	assert_is(0, MEMBER_PROBING, REASON_EJECTED);
}
END_TEST

/* ---- by hand --------------------------------------------------------------------------------------------------- */
START_TEST(orders_hold_until_up_is_said)
{
	ck_assert(health_by_hand(&h, 0, HAND_DRAIN, second));
	assert_is(0, MEMBER_DRAINING, REASON_HAND);
	ck_assert(h.members[0].held);
	ck_assert(!health_by_hand(&h, 0, HAND_DRAIN, 2 * second));
	ck_assert_uint_eq(h.members[0].since_us, second);
	ck_assert(health_by_hand(&h, 0, HAND_DOWN, 3 * second));
	assert_is(0, MEMBER_DOWN, REASON_HAND);
	ck_assert(!health_failures(&h, 0, 3 * second));
	ck_assert(health_by_hand(&h, 0, HAND_UP, 4 * second));
	assert_is(0, MEMBER_UP, REASON_NONE);
	ck_assert(!h.members[0].held);
}
END_TEST

START_TEST(up_goes_back_to_what_health_says)
{
	begin_checked();
	(void)health_checked(&h, 0, HEALTH_GOOD, 0);
	(void)health_by_hand(&h, 0, HAND_DOWN, second);
	for (int k = 0; k < 3; k++)
		ck_assert(!health_checked(&h, 0, HEALTH_BAD, 2 * second));
	ck_assert(health_by_hand(&h, 0, HAND_UP, 3 * second));
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
	ck_assert(!h.members[0].held);
}
END_TEST

START_TEST(a_drained_member_that_is_gone_is_down)
{
	begin_checked();
	(void)health_checked(&h, 0, HEALTH_GOOD, 0);
	(void)health_by_hand(&h, 0, HAND_DRAIN, 0);
	for (int k = 0; k < 3; k++)
		(void)health_checked(&h, 0, HEALTH_BAD, second);
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
	ck_assert(h.members[0].held);
	/* An order that changes no state yet is a change: it is seen in `held`. */
	ck_assert(health_by_hand(&h, 0, HAND_UP, 2 * second));
}
END_TEST

/* ---- over a reload --------------------------------------------------------------------------------------------- */
START_TEST(a_reload_takes_over_orders_checks_and_ejections)
{
	struct health old;

	begin_checked();
	for (size_t i = 0; i < 3; i++)
		(void)health_checked(&h, i, i != 2, second);
	(void)health_failures(&h, 0, 2 * second);
	(void)health_by_hand(&h, 1, HAND_DRAIN, 3 * second);
	old = h;
	health_init(&h, &checking, 4, 10 * second, arena);
	for (size_t i = 0; i < 3; i++)
		health_take_over(&h, i + 1, &old.members[i]);
	assert_is(0, MEMBER_PROBING, REASON_HEALTH);
	assert_is(1, MEMBER_DOWN, REASON_EJECTED);
	assert_is(2, MEMBER_DRAINING, REASON_HAND);
	assert_is(3, MEMBER_DOWN, REASON_HEALTH);
	ck_assert(h.members[2].held);
	ck_assert_uint_eq(health_next_us(&h), 32 * second);
	ck_assert_uint_eq(h.members[1].since_us, 2 * second);
}
END_TEST

START_TEST(a_reload_that_adds_checks_keeps_up_who_was_up)
{
	struct health old = h;

	health_init(&h, &checking, 3, second, arena);
	health_take_over(&h, 0, &old.members[0]);
	assert_is(0, MEMBER_UP, REASON_NONE);
	/* Its first result decides alone as ever. */
	ck_assert(health_checked(&h, 0, HEALTH_BAD, 2 * second));
	assert_is(0, MEMBER_DOWN, REASON_HEALTH);
}
END_TEST

START_TEST(a_reload_without_checks_or_ejection_forgets_what_they_said)
{
	static const struct health_conf neither = { .eject_us = 30000000 };
	struct health old;

	begin_checked();
	(void)health_checked(&h, 0, HEALTH_GOOD, 0);
	(void)health_checked(&h, 1, HEALTH_BAD, 0);
	(void)health_checked(&h, 2, HEALTH_GOOD, 0);
	(void)health_failures(&h, 0, second);
	old = h;
	health_init(&h, &neither, 3, 2 * second, arena);
	for (size_t i = 0; i < 3; i++) {
		health_take_over(&h, i, &old.members[i]);
		assert_is(i, MEMBER_UP, REASON_NONE);
	}
	ck_assert_uint_eq(health_next_us(&h), UINT64_MAX);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, without_checks_members_begin_up);
	tcase_add_test(tc, with_checks_members_are_on_probation_until_the_first_result);
	tcase_add_test(tc, then_it_takes_fall_bad_ones_in_a_row_and_rise_good_ones);
	tcase_add_test(tc, failures_in_a_row_put_a_member_out_for_a_while);
	tcase_add_test(tc, a_failure_on_probation_ejects_again_for_longer_up_to_tenfold);
	tcase_add_test(tc, ten_times_as_long_in_peace_make_the_next_ejection_the_first);
	tcase_add_test(tc, never_more_than_half_are_put_out_rounded_up);
	tcase_add_test(tc, the_last_usable_one_is_never_put_out);
	tcase_add_test(tc, the_last_one_stays_on_probation_when_its_trial_fails);
	tcase_add_test(tc, without_eject_nobody_is_put_out);
	tcase_add_test(tc, a_certificate_that_does_not_fit_is_the_reason);
	tcase_add_test(tc, with_checks_probation_needs_a_good_one_first);
	tcase_add_test(tc, a_good_check_before_the_time_is_over_is_good_enough);
	tcase_add_test(tc, orders_hold_until_up_is_said);
	tcase_add_test(tc, up_goes_back_to_what_health_says);
	tcase_add_test(tc, a_drained_member_that_is_gone_is_down);
	tcase_add_test(tc, a_reload_takes_over_orders_checks_and_ejections);
	tcase_add_test(tc, a_reload_that_adds_checks_keeps_up_who_was_up);
	tcase_add_test(tc, a_reload_without_checks_or_ejection_forgets_what_they_said);
}
