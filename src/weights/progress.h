/* SPDX-License-Identifier: MIT */
/* How a long run is followed and stopped. Embedded by who starts it; looked at by the pure code between its steps. */
#ifndef NLBC_WEIGHTS_PROGRESS_H
#define NLBC_WEIGHTS_PROGRESS_H

#include "base/base.h"

#include <signal.h>

struct progress {
	const volatile sig_atomic_t *interrupted;        /* NULL: never */
	/* Called by progress_check() at most every two seconds, on the thread that started the run; NULL: nobody looks. */
	void (*on_progress)(struct progress *p);
	int64_t now_us, begun_us, told_us;               /* kept by progress_check() */
	/* What is told; each stage fills what it knows. */
	const char *stage;                               /* "solve", "routes", … */
	uint64_t steps, steps_all;                       /* pivots; clients done of all: steps_all 0 where unknown */
	double overload;                                 /* share of the load that is above what may be, 0 to 1 */
	double bound;                                    /* lower bound of the expected penalty; never falls */
};

void progress_init(struct progress *p, const volatile sig_atomic_t *interrupted, void (*on_progress)(struct progress *p));
/* Whether progress_check() is about to tell: for what is worth finding out only then. */
bool progress_is_due(struct progress *p);
/* To be called every few milliseconds of work. True: the user wants it to end; what was begun is given up (-EINTR). */
bool progress_check(struct progress *p) MUST_USE;

#endif
