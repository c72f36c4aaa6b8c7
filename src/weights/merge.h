/* SPDX-License-Identifier: MIT */
/* What is alike in a problem, found exactly (weights.md 6.6): equal rows of a table, and relays with equal columns and equal
 * ratios. A hash says only what to compare. Pure. */
#ifndef NLBC_WEIGHTS_MERGE_H
#define NLBC_WEIGHTS_MERGE_H

#include "base/base.h"
#include "weights/values.h"

/* leader[r]: the first row that equals row r. */
void merge_rows(const struct values *v, uint32_t *leader);

/* The same of columns, as the listed rows have them. */
void merge_columns(const struct values *v, const uint32_t *rows, size_t n_rows, uint32_t *leader);

/* One relay that takes part: share g > 0, capacity K, cost c, all below 2^62, and its column, equal for equal columns. */
struct merge_relay {
	int64_t share, capacity, cost;
	uint32_t column;
};
/* leader[i]: the first relay with the same column and g : K : c. */
void merge_relays(const struct merge_relay *relays, size_t n, uint32_t *leader);

#endif
