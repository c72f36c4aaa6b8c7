/* SPDX-License-Identifier: MIT */
/* The event loop: descriptors, timers that are never early, tasks at the end of a turn. */
#include "base/base.h"

#include "base/loop.h"
#include "unit.h"

static struct loop loop;

static void start(void)
{
	ck_assert_int_eq(loop_init(&loop), 0);
}

static void stop(void)
{
	loop_release(&loop);
}

struct alarm {
	struct loop_timer timer;
	struct loop_task task;
	uint64_t rang_us;
	unsigned rings;
	struct alarm *other;            /* cleared when this one rings */
	uint64_t again_us;              /* set again so much later, once */
};

static void on_alarm(struct loop *l, struct loop_timer *t)
{
	struct alarm *a = container_of(t, struct alarm, timer);

	a->rang_us = l->now_us;
	a->rings++;
	if (a->other)
		loop_timer_clear(&a->other->timer);
	if (a->again_us)
		loop_timer_set(l, t, l->now_us + a->again_us);
	a->again_us = 0;
}

static void run_until(uint64_t us)
{
	while (loop.now_us < us)
		ck_assert_int_eq(loop_turn(&loop, us - loop.now_us), 0);
}

START_TEST(a_timer_rings_once_and_never_early)
{
	enum { N = 40 };
	struct alarm alarms[N] = { 0 };
	const uint64_t begin_us = clock_us();
	uint64_t asked_us[N];

	for (unsigned i = 0; i < N; i++) {
		alarms[i].timer.on_timer = on_alarm;
		asked_us[i] = begin_us + (i * 7919) % 60000;
		loop_timer_set(&loop, &alarms[i].timer, asked_us[i]);
	}
	run_until(begin_us + 100000);
	for (unsigned i = 0; i < N; i++) {
		ck_assert_uint_eq(alarms[i].rings, 1);
		ck_assert_uint_ge(alarms[i].rang_us, asked_us[i]);
		ck_assert(!loop_timer_is_set(&alarms[i].timer));
	}
}
END_TEST

START_TEST(the_loop_wakes_by_itself_for_a_timer)
{
	struct alarm a = { .timer.on_timer = on_alarm };
	const uint64_t begin_us = clock_us();

	loop_timer_set(&loop, &a.timer, begin_us + 5000);
	while (a.rings == 0)
		ck_assert_int_eq(loop_turn(&loop, UINT64_MAX), 0);
	ck_assert_uint_ge(a.rang_us, begin_us + 5000);
}
END_TEST

/* Moved later it must not ring at its first time, moved earlier not only at its second. */
START_TEST(a_moved_timer_rings_at_its_last_time)
{
	struct alarm later = { .timer.on_timer = on_alarm }, sooner = later, cleared = later;
	const uint64_t begin_us = clock_us();

	loop_timer_set(&loop, &later.timer, begin_us + 10000);
	loop_timer_set(&loop, &later.timer, begin_us + 60000);
	loop_timer_set(&loop, &sooner.timer, begin_us + 60000000);
	loop_timer_set(&loop, &sooner.timer, begin_us + 10000);
	loop_timer_set(&loop, &cleared.timer, begin_us + 10000);
	loop_timer_clear(&cleared.timer);
	run_until(begin_us + 100000);
	ck_assert_uint_eq(later.rings, 1);
	ck_assert_uint_ge(later.rang_us, begin_us + 60000);
	ck_assert_uint_eq(sooner.rings, 1);
	ck_assert_uint_eq(cleared.rings, 0);
}
END_TEST

/* A day is many rounds of the wheel: hours pass here by setting the loop's clock back. */
START_TEST(a_timer_beyond_a_round_of_the_wheel_waits_for_its_round)
{
	const uint64_t round_us = (uint64_t)LOOP_SLOTS * LOOP_SLOT_US;
	struct alarm a = { .timer.on_timer = on_alarm };
	const uint64_t now_us = clock_us();

	loop.now_us = now_us - now_us / 2;
	loop.slot = loop.now_us / LOOP_SLOT_US;
	loop_timer_set(&loop, &a.timer, now_us + round_us);
	ck_assert_int_eq(loop_turn(&loop, 0), 0);
	ck_assert_uint_eq(a.rings, 0);
	ck_assert_uint_gt(a.timer.slot, now_us / LOOP_SLOT_US - 1);
	loop_timer_clear(&a.timer);
	loop_timer_set(&loop, &a.timer, clock_us() + 9 * round_us);
	loop_timer_set(&loop, &a.timer, 1);
	run_until(clock_us() + 20000);
	ck_assert_uint_eq(a.rings, 1);
}
END_TEST

START_TEST(a_callback_may_clear_its_neighbour_and_set_itself_again)
{
	struct alarm second = { .timer.on_timer = on_alarm }, first = { .timer.on_timer = on_alarm };
	const uint64_t at_us = (clock_us() / LOOP_SLOT_US + 2) * LOOP_SLOT_US;

	first.other = &second;
	second.other = &first;
	loop_timer_set(&loop, &second.timer, at_us);
	loop_timer_set(&loop, &first.timer, at_us);
	run_until(at_us + 20000);
	ck_assert_uint_eq(first.rings + second.rings, 1);

	first = (struct alarm){ .timer.on_timer = on_alarm, .again_us = 9000 };
	loop_timer_set(&loop, &first.timer, clock_us());
	run_until(clock_us() + 60000);
	ck_assert_uint_eq(first.rings, 2);
}
END_TEST

struct end {
	struct loop_fd fd;
	struct end *other;
	unsigned events;
};

static void on_end(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct end *e = container_of(f, struct end, fd);

	ck_assert_uint_ne(events & EPOLLIN, 0);
	e->events++;
	if (e->other)
		loop_remove(l, &e->other->fd);
}

START_TEST(an_object_removed_in_a_turn_hears_nothing_more_in_it)
{
	int p[2];
	struct end a = { .fd.on_event = on_end }, b = { .fd.on_event = on_end };

	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	a.fd.fd = p[0];
	b.fd.fd = dup(p[0]);
	ck_assert_int_eq(loop_add(&loop, &a.fd, EPOLLIN), 0);
	ck_assert_int_eq(loop_add(&loop, &b.fd, EPOLLIN), 0);
	a.other = &b;
	b.other = &a;
	ck_assert_int_eq(loop_turn(&loop, 1000000), 0);
	ck_assert_uint_eq(a.events + b.events, 1);
	ck_assert_int_eq(loop_turn(&loop, 0), 0);
	ck_assert_uint_eq(a.events + b.events, 2);
	(void)close(p[0]);
	(void)close(p[1]);
	(void)close(b.fd.fd);
}
END_TEST

static void run_task(struct loop *l, struct loop_task *t)
{
	struct alarm *a = container_of(t, struct alarm, task);

	a->rings++;
	if (a->other)
		loop_later(l, &a->other->task);
}

START_TEST(a_task_runs_once_and_what_it_asks_for_in_the_same_turn)
{
	struct alarm second = { .task.run = run_task }, first = { .task.run = run_task, .other = &second };

	loop_later(&loop, &first.task);
	loop_later(&loop, &first.task);
	ck_assert_int_eq(loop_turn(&loop, 0), 0);
	ck_assert_uint_eq(first.rings, 1);
	ck_assert_uint_eq(second.rings, 1);
	ck_assert_int_eq(loop_turn(&loop, 0), 0);
	ck_assert_uint_eq(first.rings, 1);
}
END_TEST

static void on_stop(struct loop *l, struct loop_timer *t)
{
	(void)t;
	loop_stop(l);
}

START_TEST(the_loop_runs_until_it_is_stopped)
{
	struct loop_timer t = { .on_timer = on_stop };

	loop_timer_set(&loop, &t, clock_us() + 1000);
	ck_assert_int_eq(loop_run(&loop), 0);
	loop_timer_set(&loop, &t, clock_us() + 1000);
	ck_assert_int_eq(loop_run(&loop), 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_timer_rings_once_and_never_early);
	tcase_add_test(tc, the_loop_wakes_by_itself_for_a_timer);
	tcase_add_test(tc, a_moved_timer_rings_at_its_last_time);
	tcase_add_test(tc, a_timer_beyond_a_round_of_the_wheel_waits_for_its_round);
	tcase_add_test(tc, a_callback_may_clear_its_neighbour_and_set_itself_again);
	tcase_add_test(tc, an_object_removed_in_a_turn_hears_nothing_more_in_it);
	tcase_add_test(tc, a_task_runs_once_and_what_it_asks_for_in_the_same_turn);
	tcase_add_test(tc, the_loop_runs_until_it_is_stopped);
}
