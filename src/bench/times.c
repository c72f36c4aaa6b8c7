/* SPDX-License-Identifier: MIT */
/* Measured times, sorted once. */
#include "base/base.h"

#include "base/line.h"
#include "bench/times.h"

void times_add(struct times *t, uint64_t us)
{
	if (t->n == t->room) {
		t->room = MAX(2 * t->room, (size_t)4096);
		t->us = reallocarray(t->us, t->room, sizeof(*t->us));
		if (!t->us)
			out_of_memory();
	}
	t->us[t->n++] = (uint32_t)MIN(us, (uint64_t)UINT32_MAX);
	t->sum_us += us;
}

void times_release(struct times *t)
{
	free(t->us);
}

static int compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void times_sort(struct times *t)
{
	if (t->n)
		qsort(t->us, t->n, sizeof(*t->us), compare);
}

int64_t times_quantile(const struct times *t, uint32_t q_ppm)
{
	const uint64_t rank = ((uint64_t)t->n * q_ppm + 999999) / 1000000;

	return t->n ? (int64_t)t->us[MAX(rank, (uint64_t)1) - 1] : -1;
}

int64_t times_mean(const struct times *t)
{
	return t->n ? (int64_t)((t->sum_us + t->n / 2) / t->n) : -1;
}

void times_word(struct text *out, const char *key, int64_t value)
{
	if (value < 0)
		line_word(out, key, NULL);
	else
		line_word_number(out, key, (uint64_t)value);
}
