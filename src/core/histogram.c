/* SPDX-License-Identifier: MIT */
/* Buckets of times: below 64 us one for each microsecond, then 32 to the octave. */
#include "base/base.h"

#include "core/histogram.h"

enum { EXACT = 64, STEPS = 32 };

/* The writer is one; a reader elsewhere must see whole numbers. */
#define READ(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define WRITE(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)

unsigned histogram_bucket(uint64_t us)
{
	if (us < EXACT)
		return (unsigned)us;
	if (us >> 37)
		return HISTOGRAM_BUCKETS - 1;
	const unsigned k = 63 - (unsigned)__builtin_clzll(us);

	return EXACT + STEPS * (k - 6) + (unsigned)(us >> (k - 5)) - STEPS;
}

uint64_t histogram_low(unsigned bucket)
{
	if (bucket < EXACT)
		return bucket;
	const unsigned octave = (bucket - EXACT) / STEPS, step = (bucket - EXACT) % STEPS;

	return (uint64_t)(STEPS + step) << (octave + 1);
}

uint64_t histogram_high(unsigned bucket)
{
	return histogram_low(bucket + 1) - 1;
}

void histogram_add(struct histogram *h, uint64_t us)
{
	uint32_t *bucket = &h->buckets[histogram_bucket(us)];

	WRITE(bucket, *bucket + 1);
	WRITE(&h->sum_us, h->sum_us + us);
	WRITE(&h->count, h->count + 1);
}

void histogram_sum(struct histogram *to, const struct histogram *h)
{
	to->count += READ(&h->count);
	to->sum_us += READ(&h->sum_us);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->buckets[i] += READ(&h->buckets[i]);
}

void histogram_minus(struct histogram *from, const struct histogram *h)
{
	from->count -= READ(&h->count);
	from->sum_us -= READ(&h->sum_us);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		from->buckets[i] -= READ(&h->buckets[i]);
}

int64_t histogram_quantile(const struct histogram *h, uint32_t q_ppm)
{
	uint64_t n = 0, reached = 0;

	/* Not h->count: its writer may be between the two. */
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		n += READ(&h->buckets[i]);
	const uint64_t wanted = (n * q_ppm + 999999) / 1000000;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		reached += READ(&h->buckets[i]);
		if (reached > 0 && reached >= wanted)
			return (int64_t)histogram_high(i);
	}
	return -1;
}

int64_t histogram_mean(const struct histogram *h)
{
	const uint64_t n = READ(&h->count);

	return n ? (int64_t)((READ(&h->sum_us) + n / 2) / n) : -1;
}
