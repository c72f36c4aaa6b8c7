/* SPDX-License-Identifier: MIT */
/* The clock of a long run: tells at most every two seconds, and notices that it is to end. */
#include "base/base.h"

#include <time.h>

#include "weights/progress.h"

enum { TOLD_US = 2000000 };

static int64_t clock_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void progress_init(struct progress *p, const volatile sig_atomic_t *interrupted, void (*on_progress)(struct progress *p))
{
	*p = (struct progress){ .interrupted = interrupted, .on_progress = on_progress, .stage = "" };
	p->now_us = p->begun_us = p->told_us = clock_us();
}

bool progress_is_due(struct progress *p)
{
	p->now_us = clock_us();
	return p->on_progress && p->now_us - p->told_us >= TOLD_US;
}

bool progress_check(struct progress *p)
{
	if (progress_is_due(p)) {
		p->told_us = p->now_us;
		p->on_progress(p);
	}
	return p->interrupted && *p->interrupted;
}
