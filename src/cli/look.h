/* SPDX-License-Identifier: MIT */
/* Looking at the status again and again, for as long as it takes: watch and wait. */
#ifndef NLBC_CLI_LOOK_H
#define NLBC_CLI_LOOK_H

#include "base/arena.h"

#include <jansson.h>

struct invocation;
struct plan;

/* One look, with memory of its own. */
struct look {
	struct arena *arena;
	json_t *status;
	const struct plan *plan;        /* in force; NULL: nothing is */
	int64_t at_us;                  /* when, by look_clock_us */
};
/* 0; -errno explained in v->diags, and nothing to release. Warnings are dropped. */
int look_at(struct invocation *v, struct look *l) MUST_USE;
void look_release(struct look *l);      /* also one that was never filled: {0} */

/* Time that never jumps. */
int64_t look_clock_us(void);
/* Until then. 0; -EINTR: a signal asks to end; -EPIPE: nobody reads what is written to the descriptor `reader` any more
 * (-1: nobody need). */
int look_sleep(struct invocation *v, int64_t until_us, int reader) MUST_USE;

/* An option that is a time: its value, or `standard` where it is not given. 0, -EINVAL explained. */
int look_time_option(struct invocation *v, const char *name, int64_t least_us, int64_t standard_us, int64_t *us) MUST_USE;
/* Explains that nlbcd is needed for `what`, and what does without. */
void look_needs_daemon(struct invocation *v, const char *what, const char *hint);

#endif
