/* SPDX-License-Identifier: MIT */
/* The solver: a transportation problem with bounds on every arc, by a dual network simplex with bound flips. It knows
 * nothing of Tor. Pure; the same answer for any number of threads. */
#ifndef NLBC_WEIGHTS_TRANSPORT_H
#define NLBC_WEIGHTS_TRANSPORT_H

#include "base/base.h"
#include "weights/values.h"

struct progress;

/* Row l spreads w_l · supply over columns: 0 <= x_li <= w_l · bound_i; column i takes at most W · capacity_i, W = sum of w.
 * Least sum of x · p. The caller has made sure that sum of w · sum of capacities < 2^62 and that there is a solution
 * (sum of min(capacity, bound) >= supply). */
struct transport {
	size_t m, n;                     /* rows, columns: at least 1 */
	const int64_t *weight;           /* [m], w >= 1 */
	const int64_t *capacity;         /* [n], >= 0 */
	const int64_t *bound;            /* [n], 0 to supply */
	int64_t supply;                  /* >= 1 */
	struct values penalty;           /* m × n */
};

/* A spanning tree over rows, columns and a root, for a warm start and kept in results. */
enum { TREE_ROOT = -1, TREE_NONE = -2 };
struct transport_tree {
	int32_t *row;                    /* [m] the column that row l hangs from; TREE_NONE: unknown */
	int32_t *column;                 /* [n] the row that column i hangs from, TREE_ROOT, or TREE_NONE */
};

/* Amounts: a column is either full (x = w · bound), or listed with its amount, or empty. */
struct transport_part {
	uint32_t column;
	int64_t amount;                  /* 0 < amount < w · bound */
};
struct transport_answer {
	wide value;                      /* Z */
	int64_t *price;                  /* [n], >= 0 */
	size_t full_words;               /* of 64 bits for a row */
	uint64_t *full;                  /* [m × full_words] bit i: column i is at its bound (bounds of 0 are not full) */
	size_t *part_from;               /* [m + 1] into part */
	struct transport_part *part;     /* by row, then column */
	struct transport_tree tree;
	uint64_t pivots;
	size_t peak_bytes;               /* of working memory */
};

struct transport_wish {
	unsigned threads;                        /* 1 to 64 */
	const struct transport_tree *warm;       /* NULL: cold */
	struct progress *progress;               /* NULL: none */
	double progress_scale;                   /* what progress->bound is to be multiplied with: 1 / (W · S · scale) */
};
/* 0, or -EINTR. The answer is released by transport_release(), which takes a zeroed one too. */
int transport_solve(const struct transport *t, const struct transport_wish *w, struct transport_answer *out) MUST_USE;
void transport_release(struct transport_answer *a);
/* Bytes of working memory and answer that transport_solve() will take at most, for the user's limit. */
uint64_t transport_memory(size_t m, size_t n, uint32_t largest_penalty, unsigned threads);

/* min max v_i L_i (weights.md 6.3): T and L. 0 <= L_i <= limit_i, sum of L = supply <= sum of limits. */
void minmax_solve(size_t n, const wide *v, const int64_t *limit, int64_t supply, wide *t, int64_t *load);

#endif
