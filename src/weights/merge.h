/* SPDX-License-Identifier: MIT */
/* What is alike in a problem, found exactly (weights.md 6.6): equal rows of a table, and relays with equal columns and equal
 * ratios. A hash says only what to compare. Pure. */
#ifndef NLBC_WEIGHTS_MERGE_H
#define NLBC_WEIGHTS_MERGE_H

#include "base/base.h"
#include "weights/values.h"

/* leader[r]: the first row that equals row r. */
void merge_rows(const struct values *v, uint32_t *leader);

/* The columns of the listed rows of v as the rows of a new table of malloc'd numbers, released by values_release(). */
void values_transpose(const struct values *v, const uint32_t *rows, size_t n_rows, struct values *out);
void values_release(struct values *v);

/* One relay that takes part: share g > 0, capacity K, cost c, all below 2^62, and its column, equal for equal columns. */
struct merge_relay {
	int64_t share, capacity, cost;
	uint32_t column;
};
/* leader[i]: the first relay with the same column and g : K : c. */
void merge_relays(const struct merge_relay *relays, size_t n, uint32_t *leader);

#endif
