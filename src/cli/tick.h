/* SPDX-License-Identifier: MIT */
/* What passed between two looks at the status: a line of watch. */
#ifndef NLBC_CLI_TICK_H
#define NLBC_CLI_TICK_H

#include <jansson.h>

struct between {
	json_t *before, *now;           /* status objects; before is NULL for the first */
	double seconds;
};

/* The tick; the caller gives the reference back. */
json_t *tick_make(const struct between *b);

#endif
