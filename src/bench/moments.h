/* SPDX-License-Identifier: MIT */
/* Exact moments, for service times and arrivals: base/loop's timers may be 20 ms late, which is fine for time-outs but
 * longer than the times that are emulated and measured here. A heap, and one timerfd in the loop for its least element:
 * the kernel's timers for it are exact to some microseconds. */
#ifndef NLBC_BENCH_MOMENTS_H
#define NLBC_BENCH_MOMENTS_H

#include "base/loop.h"

struct moments;

/* {0} with on_moment set is a moment that is not set. */
struct moment {
	uint64_t at_us;
	size_t place;                   /* in the heap, from 1; 0: not set */
	void (*on_moment)(struct moments *m, struct moment *t);
};

struct moments {
	struct loop_fd timer;
	uint64_t armed_us;              /* what the timerfd is set to; 0: nothing */
	bool firing;                    /* it is set at the end of that */
	struct moment **heap;           /* from 1 */
	size_t n, room;
};

int moments_init(struct moments *m, struct loop *l) MUST_USE;     /* 0, -errno; must not be moved afterwards */
void moments_release(struct moments *m);
/* Calls on_moment once, at at_us or some microseconds later. Setting a set one moves it. */
void moments_set(struct moments *m, struct moment *t, uint64_t at_us);
void moments_clear(struct moments *m, struct moment *t);          /* also one that is not set */

#endif
