/* SPDX-License-Identifier: MIT */
/* A problem file as the whole layer takes it: read, made into a problem, solved for its objective. */
#ifndef NLBC_TEST_WEIGHTS_SOLVED_H
#define NLBC_TEST_WEIGHTS_SOLVED_H

#include "base/base.h"
#include "base/diag.h"
#include "made.h"
#include "weights/problem.h"
#include "weights/result.h"

struct solved {
	struct arena *arena;
	struct diags diags;
	const struct inputs *in;
	const struct problem *p;         /* NULL: explained in diags */
	int64_t *load;                   /* L of 6.3 and T; NULL for `total` */
	wide max;
	struct transport t;              /* not for `max-only`, nor is there an answer */
	struct transport_answer answer;
};
/* Aborts where the machine refuses. Released by solved_release(). */
void solved_bytes(struct solved *s, const void *bytes, size_t n, const struct problem_wish *w);
void solved_made(struct solved *s, const struct made_wish *made, const struct problem_wish *w);
/* From inputs that are there already. */
void solved_inputs(struct solved *s, const struct inputs *in, const struct problem_wish *w);
/* Its result. */
const struct result *solved_result(struct solved *s);
void solved_release(struct solved *s);

#endif
