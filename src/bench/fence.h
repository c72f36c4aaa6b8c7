/* SPDX-License-Identifier: MIT */
/* The fence: clients come, wait until all are there, and are released in order. */
#ifndef NLBC_BENCH_FENCE_H
#define NLBC_BENCH_FENCE_H

#include "bench/bench.h"

/* The client's side: waits until it is released. 0, or -errno explained. */
int fence_await(struct bench *b, const struct endpoint *at, bool compat) MUST_USE;

#endif
