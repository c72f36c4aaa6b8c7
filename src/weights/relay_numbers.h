/* SPDX-License-Identifier: MIT */
/* A file with a number for each relay: costs (--relcost), vulnerable paths (--vuln). */
#ifndef NLBC_WEIGHTS_RELAY_NUMBERS_H
#define NLBC_WEIGHTS_RELAY_NUMBERS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/inputs.h"
#include "weights/names.h"

struct arena;

struct relay_numbers_wish {
	const char *path;
	const char *column;              /* beside `relay` */
	const char *what;                /* they are called in messages */
	uint64_t least, most;
	bool lenient;
};
/* By number of the relay, in arena a; all that take part have one. NULL: explained. */
const uint64_t *relay_numbers_read(const struct relay_numbers_wish *w, const struct inputs *in, const struct relay_index *index,
				   struct arena *a, struct diags *d);

#endif
