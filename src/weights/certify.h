/* SPDX-License-Identifier: MIT */
/* Proves that a result is allowed and that none is better, from the inputs alone: 6.1 is made anew here, and nothing of
 * problem.c, transport.c or result_new() is used. */
#ifndef NLBC_WEIGHTS_CERTIFY_H
#define NLBC_WEIGHTS_CERTIFY_H

#include "base/base.h"
#include "weights/inputs.h"
#include "weights/result.h"

struct arena;
struct progress;

enum condition {
	CONDITION_A, CONDITION_B, CONDITION_C, CONDITION_D, CONDITION_LOAD, CONDITION_VALUE, CONDITION_MIDDLE, CONDITION_FORM
};
extern const char *const condition_names[];      /* "a", "b", …, "form" */

struct broken {
	enum condition condition;
	const char *where;               /* "row 3", "relay $AB…", "header", … */
	wide by;                         /* how much above what is right, or allowed; 0 for words */
};
enum { BROKEN_KEPT = 100 };
struct certificate {
	bool is_feasible;                /* nothing is broken */
	struct broken *broken;           /* the first BROKEN_KEPT */
	size_t n_broken;                 /* all of them */
	wide value, bound, gap;          /* computed anew */
	bool has_value;                  /* not where the result does not fit the inputs at all */
	bool has_bound;                  /* nor for max-only */
	wide max, below, supply;         /* T; what relays take at T - 1 of S: less, which proves it. For max and max-only */
	bool has_max;
};
/* 0, or -EINTR. */
int certify(const struct result *r, const struct inputs *in, struct progress *progress, struct arena *a, struct certificate *out)
	MUST_USE;

#endif
