/* SPDX-License-Identifier: MIT */
/* What is remembered of a member's response times, each method in its own way (proxy.md 7.2 and 7.3). */
#ifndef NLBC_CORE_ESTIMATE_H
#define NLBC_CORE_ESTIMATE_H

#include "base/base.h"

struct group_conf;

struct estimate {
	bool measured;          /* `value` means something */
	bool stale;             /* the next sample replaces all that is remembered */
	double value;           /* microseconds; in compat forms milliseconds */
	uint64_t sample_us;     /* when the last sample came */
	uint64_t *ring;         /* sma: the last `window` samples; NULL in other methods */
	uint32_t ring_n, ring_at;
	uint64_t ring_sum;
};

/* Forgets all: never measured. */
void estimate_clear(struct estimate *e);

/* One sample more, in the way of the method: a policy's `done`. */
void estimate_sma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
void estimate_ewma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
void estimate_peak_ewma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
void estimate_adaptive(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
void estimate_sma_seed(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
void estimate_ewma_seed(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);

/* exp(-dt / decay) since its last sample: 1 falling to 0. */
double estimate_fading(const struct estimate *e, const struct group_conf *c, uint64_t now_us);
/* Whole milliseconds, halves to even: what the seed counts. */
uint64_t estimate_seed_ms(uint64_t us);

#endif
