/* SPDX-License-Identifier: MIT */
/* Threads that wait for work in parts. Whoever is free takes the next part, the caller too, so that a machine without a
 * core to spare is no slower; what a part does must not depend on who does it, nor on the other parts. */
#ifndef NLBC_WEIGHTS_CREW_H
#define NLBC_WEIGHTS_CREW_H

#include "base/base.h"

struct crew;

/* `threads` with the caller; fewer where the machine gives no more. NULL for 1: all functions take that. */
struct crew *crew_new(unsigned threads);
void crew_free(struct crew *c);
/* Calls work(arg, part) for all parts from 0, and returns when they are done. One caller at a time. */
void crew_run(struct crew *c, size_t parts, void (*work)(void *arg, size_t part), void *arg);

#endif
