/* SPDX-License-Identifier: MIT */
/* Times counted in buckets, 32 to the octave (proxy.md section 8): never too low, at most 3.2 % too high. */
#ifndef NLBC_CORE_HISTOGRAM_H
#define NLBC_CORE_HISTOGRAM_H

#include "base/base.h"

enum { HISTOGRAM_BUCKETS = 1056 };

/* One writer; readers in other processes may look at any time. */
struct histogram {
	uint64_t count, sum_us;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

unsigned histogram_bucket(uint64_t us);                         /* 0 to 1055 */
uint64_t histogram_low(unsigned bucket), histogram_high(unsigned bucket);   /* least and greatest value in it */
void histogram_add(struct histogram *h, uint64_t us);
void histogram_sum(struct histogram *to, const struct histogram *h);        /* to += h */
void histogram_minus(struct histogram *from, const struct histogram *h);    /* from -= h: what came since h */
/* The upper edge of the bucket where the running count reaches ceil(q * n), q in millionths; -1: nothing counted. */
int64_t histogram_quantile(const struct histogram *h, uint32_t q_ppm);
int64_t histogram_mean(const struct histogram *h);                          /* -1: nothing counted */

#endif
