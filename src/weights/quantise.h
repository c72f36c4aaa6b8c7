/* SPDX-License-Identifier: MIT */
/* Weights of clients as whole numbers that leave room for all sums of a problem (weights.md 6.1). Pure. */
#ifndef NLBC_WEIGHTS_QUANTISE_H
#define NLBC_WEIGHTS_QUANTISE_H

#include "base/base.h"
#include "weights/inputs.h"
#include "weights/values.h"

/* All of W · (sum of K) stays below this. */
#define PROBLEM_LIMIT ((wide)1 << 62)

struct quantised {
	int64_t *weight;         /* [n_locations], given; w >= 1 */
	int64_t sum;             /* W */
	bool is_changed;         /* they are not those that were read */
};
/* 0; -ERANGE: not even 4096 steps for all clients fit. `capacity`: the sum of K, 0 to PROBLEM_LIMIT. */
int quantise(const struct inputs *in, wide capacity, struct quantised *out) MUST_USE;

#endif
