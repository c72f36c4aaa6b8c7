/* SPDX-License-Identifier: MIT */
/* A run of `nlbc weights solve`, and what is told of it in the end. */
#ifndef NLBC_CLI_WEIGHTS_SOLVE_H
#define NLBC_CLI_WEIGHTS_SOLVE_H

#include "base/base.h"
#include "cli/weights.h"
#include "weights/certify.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/result.h"
#include "weights/transport.h"

struct solving {
	struct invocation *v;
	struct weights_run run;
	const char *out, *mps, *warm;           /* files; NULL: not given */
	struct inputs_wish inputs;
	struct problem_wish problem_wish;
	enum mps_objective mps_objective;
	const char *objective_name;
	const struct result *old;               /* of --warm */
	const struct inputs *in;
	const struct problem *p;
	int64_t *load;                          /* L of 6.3; NULL with objective total */
	wide max;                               /* T */
	struct transport_answer answer;
	const struct result *result;
	struct certificate certificate;
	double seconds, cpu_seconds;            /* from problem in memory to solution in memory */
	struct outputs outputs;
};

/* The summary, as text or as JSON. */
void solving_tell(struct solving *s);

#endif
