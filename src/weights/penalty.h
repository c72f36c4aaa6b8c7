/* SPDX-License-Identifier: MIT */
/* How bad a guard in one AS is for clients in another, by the networks on the ways between them (weights.md 5). */
#ifndef NLBC_WEIGHTS_PENALTY_H
#define NLBC_WEIGHTS_PENALTY_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/values.h"

struct arena;
struct progress;

struct penalty_wish {
	const char *relations, *relays, *clients;
	const char *prefixes, *location;         /* one of them */
	const char *destinations, *suspects;     /* one of them */
	unsigned samples;                        /* multiple of 64, up to 65536 */
	unsigned threads;
	bool lenient;
};
struct penalties {
	uint32_t scale;
	uint32_t *columns;                       /* ASes of guards, ascending */
	const char **rows;                       /* clients, as given */
	struct values values;                    /* rows × columns */
	size_t relays_without_as, pairs_without_route;   /* each told in a warning, too */
	size_t n_relations, n_as;                /* pairs, and ASes that have relations */
};
/* All in arena a. NULL: explained, also where the user ended it ('interrupted'). `progress` may be NULL. */
const struct penalties *penalty_compute(const struct penalty_wish *w, struct progress *progress, struct arena *a,
					struct diags *d);

#endif
