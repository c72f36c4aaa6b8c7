/* SPDX-License-Identifier: MIT */
/* Exact moments: in order, once, never early, moved and cleared. */
#include "base/base.h"

#include "bench/moments.h"
#include "core/group.h"
#include "unit.h"

enum { MANY = 1000 };

struct event {
	struct moment moment;
	uint64_t asked_us;
	int happened;
};

/* What a test sees of its moments. */
struct watcher {
	struct loop loop;
	struct moments moments;
	struct event events[MANY];
	int order[MANY], n;
};

static void on_moment(struct moments *m, struct moment *t)
{
	struct watcher *w = container_of(m, struct watcher, moments);
	struct event *e = container_of(t, struct event, moment);

	ck_assert_uint_ge(clock_us(), e->asked_us);
	e->happened++;
	w->order[w->n++] = (int)(e - w->events);
}

static struct watcher *begin(void)
{
	struct watcher *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(loop_init(&w->loop), 0);
	ck_assert_int_eq(moments_init(&w->moments, &w->loop), 0);
	for (int i = 0; i < MANY; i++)
		w->events[i].moment.on_moment = on_moment;
	return w;
}

static void set(struct watcher *w, int i, uint64_t at_us)
{
	w->events[i].asked_us = at_us;
	moments_set(&w->moments, &w->events[i].moment, at_us);
}

static void run_until(struct watcher *w, int n)
{
	const uint64_t deadline_us = clock_us() + 20000000;

	while (w->n < n && clock_us() < deadline_us)
		ck_assert_int_eq(loop_turn(&w->loop, 1000000), 0);
	ck_assert_int_eq(w->n, n);
}

static void end(struct watcher *w)
{
	moments_release(&w->moments);
	loop_release(&w->loop);
	free(w);
}

START_TEST(they_come_once_and_in_the_order_of_time)
{
	struct watcher *w = begin();
	struct chance c = { 3 };
	const uint64_t from_us = clock_us() + 1000;

	for (int i = 0; i < MANY; i++)
		set(w, i, from_us + chance_next(&c) % 50000);
	run_until(w, MANY);
	for (int i = 1; i < MANY; i++)
		ck_assert_uint_le(w->events[w->order[i - 1]].asked_us, w->events[w->order[i]].asked_us);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(w->events[i].happened, 1);
	end(w);
}
END_TEST

START_TEST(cleared_ones_do_not_come_and_moved_ones_once)
{
	struct watcher *w = begin();
	const uint64_t from_us = clock_us() + 5000;

	for (int i = 0; i < 300; i++)
		set(w, i, from_us + (uint64_t)i * 10);
	for (int i = 0; i < 300; i += 3)
		moments_clear(&w->moments, &w->events[i].moment);
	for (int i = 1; i < 300; i += 3)
		set(w, i, from_us + 10000 - (uint64_t)i);
	moments_clear(&w->moments, &w->events[0].moment);
	run_until(w, 200);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(w->events[i].happened, i % 3 != 0);
	end(w);
}
END_TEST

START_TEST(one_in_the_past_comes_at_once)
{
	struct watcher *w = begin();

	set(w, 0, clock_us() + 3600000000);
	set(w, 1, 1);
	run_until(w, 1);
	ck_assert_int_eq(w->order[0], 1);
	ck_assert_int_eq(w->events[0].happened, 0);
	end(w);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, they_come_once_and_in_the_order_of_time);
	tcase_add_test(tc, cleared_ones_do_not_come_and_moved_ones_once);
	tcase_add_test(tc, one_in_the_past_comes_at_once);
}
