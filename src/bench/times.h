/* SPDX-License-Identifier: MIT */
/* Every measured time of a run, so that quantiles are exact: 4 bytes each. */
#ifndef NLBC_BENCH_TIMES_H
#define NLBC_BENCH_TIMES_H

#include "base/text.h"

struct times {
	uint32_t *us;
	size_t n, room;
	uint64_t sum_us;
};

void times_add(struct times *t, uint64_t us);   /* at most 71 minutes count */
void times_release(struct times *t);
void times_sort(struct times *t);               /* before quantiles are asked for */
/* The least time that q_ppm millionths of all do not exceed; -1: none was measured. */
int64_t times_quantile(const struct times *t, uint32_t q_ppm);
int64_t times_mean(const struct times *t);
/* Adds the word `key` with the value, "-" for -1. */
void times_word(struct text *out, const char *key, int64_t value);

#endif
