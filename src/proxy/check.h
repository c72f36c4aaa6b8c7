/* SPDX-License-Identifier: MIT */
/* Active health checks (proxy.md 7.4): in the master's loop, none of them blocks, spread over the interval. */
#ifndef NLBC_PROXY_CHECK_H
#define NLBC_PROXY_CHECK_H

#include "base/base.h"

struct arena;
struct check;
struct service;

/* One for each server; NULL: the profile asks for none. Memory comes from a. */
struct check *checks_new(struct service *s, struct arena *a);
void checks_start(struct service *s);
void checks_stop(struct service *s);            /* also where none was started */

/* When server i of n is checked for the k-th time, after the start: the first round takes at most a second, then all are
 * spread over the interval. */
uint64_t check_due_us(uint64_t interval_us, size_t i, size_t n, uint64_t k);

#endif
