/* SPDX-License-Identifier: MIT */
/* One epoll loop with a wheel of timers. A timer waits in the slot of its time, at most one round ahead; a slot is gone
 * through when it is wholly past, so a timer is late by a slot at most and never early. A timer that moved to a later
 * time stays where it is until then and is put on from there. */
#include "base/base.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

#include "base/loop.h"

enum { EVENTS_PER_TURN = 256 };

uint64_t clock_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);      /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int loop_init(struct loop *l)
{
	memset(l, 0, sizeof(*l));
	l->last_task = &l->tasks;
	l->now_us = clock_us();
	l->slot = l->now_us / LOOP_SLOT_US;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? -errno : 0;
}

void loop_release(struct loop *l)
{
	(void)close(l->epoll);
	l->epoll = -1;
}

/* ---- descriptors ----------------------------------------------------------------------------------------------- */

static int control(struct loop *l, int what, struct loop_fd *f, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = f };

	return epoll_ctl(l->epoll, what, f->fd, &e) < 0 ? -errno : 0;
}

int loop_add(struct loop *l, struct loop_fd *f, uint32_t events)
{
	return control(l, EPOLL_CTL_ADD, f, events);
}

int loop_change(struct loop *l, struct loop_fd *f, uint32_t events)
{
	return control(l, EPOLL_CTL_MOD, f, events);
}

void loop_remove(struct loop *l, struct loop_fd *f)
{
	(void)control(l, EPOLL_CTL_DEL, f, 0);         /* it may never have been added */
	for (int i = 0; i < l->n_events; i++)
		if (l->events[i].data.ptr == f)
			l->events[i].data.ptr = NULL;
}

/* ---- timers ---------------------------------------------------------------------------------------------------- */

static void unlink_timer(struct loop_timer *t)
{
	*t->back = t->next;
	if (t->next)
		t->next->back = t->back;
	t->next = NULL;
	t->back = NULL;
}

static void link_timer(struct loop *l, struct loop_timer *t)
{
	const uint64_t asked = MAX(t->at_us / LOOP_SLOT_US, l->slot), slot = MIN(asked, l->slot + LOOP_SLOTS - 1);
	const size_t i = slot % LOOP_SLOTS;

	t->slot = slot;
	t->next = l->wheel[i];
	t->back = &l->wheel[i];
	if (t->next)
		t->next->back = &t->next;
	l->wheel[i] = t;
	l->filled[i / 64] |= UINT64_C(1) << i % 64;
}

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t at_us)
{
	t->at_us = MAX(at_us, (uint64_t)1);
	if (t->back && t->at_us / LOOP_SLOT_US >= t->slot)
		return;
	if (t->back)
		unlink_timer(t);
	link_timer(l, t);
}

/* The slot's mark in `filled` stays: it costs one wake-up at most. */
void loop_timer_clear(struct loop_timer *t)
{
	t->at_us = 0;
	if (t->back)
		unlink_timer(t);
}

static void run_slot(struct loop *l, uint64_t slot)
{
	const size_t i = slot % LOOP_SLOTS;
	struct loop_timer *due = l->wheel[i];

	l->slot = slot + 1;
	l->wheel[i] = NULL;
	l->filled[i / 64] &= ~(UINT64_C(1) << i % 64);
	if (due)
		due->back = &due;
	while (due) {
		struct loop_timer *t = due;

		unlink_timer(t);
		if (t->at_us / LOOP_SLOT_US > slot) {
			link_timer(l, t);
			continue;
		}
		t->at_us = 0;
		t->on_timer(l, t);
	}
}

/* The first slot with a timer, at or after l->slot; UINT64_MAX: there is none. */
static uint64_t next_slot(const struct loop *l)
{
	const size_t first = l->slot % LOOP_SLOTS, words = LOOP_SLOTS / 64;

	for (size_t k = 0; k <= words; k++) {
		const size_t w = (first / 64 + k) % words;
		uint64_t bits = l->filled[w];

		if (k == 0)
			bits &= ~UINT64_C(0) << first % 64;
		else if (k == words)
			bits &= ~(~UINT64_C(0) << first % 64);
		if (bits) {
			const size_t i = w * 64 + (size_t)__builtin_ctzll(bits);

			return l->slot + (i + LOOP_SLOTS - first) % LOOP_SLOTS;
		}
	}
	return UINT64_MAX;
}

static void run_timers(struct loop *l)
{
	const uint64_t current = l->now_us / LOOP_SLOT_US;

	for (uint64_t slot = next_slot(l); slot < current; slot = next_slot(l))
		run_slot(l, slot);
	l->slot = MAX(l->slot, current);
}

/* ---- turns ----------------------------------------------------------------------------------------------------- */

void loop_later(struct loop *l, struct loop_task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	*l->last_task = t;
	l->last_task = &t->next;
}

static void run_tasks(struct loop *l)
{
	while (l->tasks) {
		struct loop_task *t = l->tasks;

		l->tasks = t->next;
		if (!l->tasks)
			l->last_task = &l->tasks;
		t->queued = false;
		t->run(l, t);
	}
}

/* Milliseconds to wait, rounded up; -1: for ever. */
static int wait_ms(const struct loop *l, uint64_t max_wait_us)
{
	const uint64_t slot = next_slot(l), now_us = clock_us();
	uint64_t wait_us = max_wait_us;

	if (slot != UINT64_MAX) {
		const uint64_t at_us = (slot + 1) * LOOP_SLOT_US;

		wait_us = MIN(wait_us, at_us > now_us ? at_us - now_us : 0);
	}
	if (wait_us == UINT64_MAX)
		return -1;
	return (int)MIN((wait_us + 999) / 1000, (uint64_t)INT_MAX);
}

int loop_turn(struct loop *l, uint64_t max_wait_us)
{
	struct epoll_event events[EVENTS_PER_TURN];
	const int n = epoll_wait(l->epoll, events, EVENTS_PER_TURN, wait_ms(l, max_wait_us));

	if (n < 0 && errno != EINTR)
		return -errno;
	l->now_us = clock_us();
	l->turn++;
	l->events = events;
	l->n_events = MAX(n, 0);
	for (int i = 0; i < n; i++) {
		struct loop_fd *f = events[i].data.ptr;

		if (f)
			f->on_event(l, f, events[i].events);
	}
	l->events = NULL;
	l->n_events = 0;
	run_timers(l);
	run_tasks(l);
	return 0;
}

int loop_run(struct loop *l)
{
	l->stopped = false;
	while (!l->stopped) {
		const int e = loop_turn(l, UINT64_MAX);

		if (e < 0)
			return e;
	}
	return 0;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}
