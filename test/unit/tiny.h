/* SPDX-License-Identifier: MIT */
/* The smallest problem of weights.md section 9 with its solution, and three relays more that take no part: for tests of what
 * comes behind the solver. */
#ifndef NLBC_TEST_UNIT_TINY_H
#define NLBC_TEST_UNIT_TINY_H

#include "base/base.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/result.h"
#include "weights/transport.h"

enum { TINY_RELAYS = 6, TINY_GROUPS = 3, TINY_ROWS = 2 };

struct tiny {
	struct inputs in;
	struct relay relays[TINY_RELAYS];
	struct location locations[TINY_ROWS];
	uint32_t columns[TINY_RELAYS];
	uint16_t penalties[TINY_ROWS * TINY_GROUPS];
	uint64_t vuln[TINY_RELAYS];
	/* The solution. */
	struct transport_answer answer;
	int64_t prices[TINY_GROUPS];
	uint64_t full[TINY_ROWS];
	size_t part_from[TINY_ROWS + 1];
	struct transport_part parts[TINY_ROWS * TINY_GROUPS];
	int32_t row_tree[TINY_ROWS], group_tree[TINY_GROUPS];
};
/* Fills it in, anew for each test: pointers in it point into it. */
void tiny_init(struct tiny *t);
/* Tor's own rule in the place of the solution, with the same prices and claims. */
void tiny_vanilla(struct tiny *t);
/* The result of the objective, from problem_new() and what stands in t. */
const struct result *tiny_result(struct tiny *t, enum objective objective, struct arena *a);

#endif
