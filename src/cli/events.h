/* SPDX-License-Identifier: MIT */
/* What members say as it happens, for watch: a connection to each, made again when one comes back. */
#ifndef NLBC_CLI_EVENTS_H
#define NLBC_CLI_EVENTS_H

#include "base/base.h"

struct invocation;

struct event_source;
struct events {
	struct invocation *v;
	struct event_source *list;
	size_t n;
	char *time;                     /* of the line; as long-lived as what is printed with it */
	uint64_t shown, most;           /* no more than so many; 0: all */
};

void events_init(struct events *e, struct invocation *v);
/* Connects to those that are there and not connected yet. 0; -EINTR. */
int events_find(struct events *e) MUST_USE;
/* Waits up to then and prints what comes meanwhile. 1: something was printed; 0: the time is over; -EINTR: a signal asks to
 * end; -EPIPE: nobody reads the descriptor `reader` any more; or another -errno of printing. */
int events_wait(struct events *e, int64_t until_us, int reader) MUST_USE;
void events_release(struct events *e);

#endif
