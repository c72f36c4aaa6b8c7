/* SPDX-License-Identifier: MIT */
/* A binary heap of moments over one timerfd, which is set where the least one has changed. */
#include "base/base.h"

#include <errno.h>
#include <sys/timerfd.h>

#include "bench/moments.h"

enum { MOMENTS_PER_TURN = 64 };         /* who is late must hear of answers in between */

static void put(struct moments *m, size_t place, struct moment *t)
{
	m->heap[place] = t;
	t->place = place;
}

static void rise(struct moments *m, struct moment *t)
{
	size_t place = t->place;

	for (; place > 1 && m->heap[place / 2]->at_us > t->at_us; place /= 2)
		put(m, place, m->heap[place / 2]);
	put(m, place, t);
}

static void sink(struct moments *m, struct moment *t)
{
	size_t place = t->place;

	for (size_t child = 2 * place; child <= m->n; child = 2 * place) {
		if (child < m->n && m->heap[child + 1]->at_us < m->heap[child]->at_us)
			child++;
		if (m->heap[child]->at_us >= t->at_us)
			break;
		put(m, place, m->heap[child]);
		place = child;
	}
	put(m, place, t);
}

static void arm(struct moments *m)
{
	const uint64_t at_us = m->n ? m->heap[1]->at_us : 0;
	const struct itimerspec when = { .it_value = { (time_t)(at_us / 1000000), (long)(at_us % 1000000 * 1000) } };

	if (at_us == m->armed_us)
		return;
	m->armed_us = at_us;
	if (timerfd_settime(m->timer.fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		BUG("timerfd_settime: %s", strerror(errno));
}

static void on_timer(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct moments *m = container_of(f, struct moments, timer);

	m->armed_us = 0;
	m->firing = true;
	for (unsigned i = 0; i < MOMENTS_PER_TURN && m->n && m->heap[1]->at_us <= clock_us(); i++) {
		struct moment *t = m->heap[1];

		moments_clear(m, t);
		t->on_moment(m, t);
	}
	m->firing = false;
	arm(m);
}

int moments_init(struct moments *m, struct loop *l)
{
	*m = (struct moments){ .timer.on_event = on_timer };
	m->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (m->timer.fd < 0)
		return -errno;
	/* Edge-triggered: it is never read, setting it anew takes back what has expired. */
	return loop_add(l, &m->timer, EPOLLIN | EPOLLET);
}

void moments_release(struct moments *m)
{
	(void)close(m->timer.fd);
	free(m->heap);
}

void moments_set(struct moments *m, struct moment *t, uint64_t at_us)
{
	moments_clear(m, t);
	if (m->n + 2 > m->room) {
		m->room = MAX(2 * m->room, (size_t)64);
		m->heap = reallocarray(m->heap, m->room, sizeof(struct moment *));
		if (!m->heap)
			out_of_memory();
	}
	t->at_us = MAX(at_us, (uint64_t)1);
	t->place = ++m->n;
	rise(m, t);
	if (m->heap[1] == t && !m->firing)
		arm(m);
}

void moments_clear(struct moments *m, struct moment *t)
{
	if (!t->place)
		return;
	struct moment *last = m->heap[m->n--];
	const size_t place = t->place;

	t->place = 0;
	if (last == t)
		return;
	put(m, place, last);
	rise(m, last);
	sink(m, last);
}
