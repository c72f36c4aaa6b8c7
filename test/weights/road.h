/* SPDX-License-Identifier: MIT */
/* The road of `nlbc weights solve` without the command: a made problem as a file, read, solved, and its result as text. */
#ifndef NLBC_TEST_WEIGHTS_ROAD_H
#define NLBC_TEST_WEIGHTS_ROAD_H

#include "base/base.h"
#include "base/diag.h"
#include "made.h"
#include "weights/certify.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/result.h"

struct arena;

struct road {
	struct arena *arena;             /* all that is read and made */
	struct diags diags;
	const struct inputs *in;
	const struct problem *p;
	const struct result *r;
};
/* Reads the problem; aborts where anything fails, here and below. */
void road_open(struct road *road, const struct made *made);
void road_close(struct road *road);
/* Fills p and r. */
void road_solve(struct road *road, enum objective objective, bool no_merge);

/* The text form of a result, malloc'd; and a text read back: NULL where it is none, told in diags. */
char *road_text(const struct result *r);
const struct result *road_read(const char *text, size_t n, struct arena *a, struct diags *d);

#endif
