/* SPDX-License-Identifier: MIT */
/* How long an emulated server takes: laws with their parameters, pure; chance and the turn of a list are arguments. */
#ifndef NLBC_BENCH_LATENCY_H
#define NLBC_BENCH_LATENCY_H

#include "core/group.h"

enum latency_law { LATENCY_FIXED, LATENCY_EXPONENTIAL, LATENCY_UNIFORM, LATENCY_PARETO, LATENCY_LIST };
enum { LATENCY_TIMES = 32 };

struct latency {
	enum latency_law law;
	uint64_t times_us[LATENCY_TIMES];       /* fixed; mean; least and most; least; the list */
	size_t n;
	uint64_t shape_ppm;                     /* pareto */
};

/* 20ms, exp:5ms, uniform:5ms:15ms, pareto:2ms:1.5, list:10ms:15ms:20ms, seed-a, seed-b, seed-c. 0, -EINVAL. */
int latency_parse(struct str s, struct latency *l) MUST_USE;
/* The next time in microseconds, times scale_ppm / 10^6, at most an hour. *turn counts up; it begins as 0. */
uint64_t latency_draw(const struct latency *l, uint64_t scale_ppm, uint64_t *turn, struct chance *c);

#endif
