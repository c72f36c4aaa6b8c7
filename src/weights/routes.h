/* SPDX-License-Identifier: MIT */
/* AS relationships, the routes that follow from the usual export rules, and the penalties they give (weights.md 5). */
#ifndef NLBC_WEIGHTS_ROUTES_H
#define NLBC_WEIGHTS_ROUTES_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/values.h"

struct arena;
struct progress;
struct relations;

/* CAIDA's serial-1 or -2. NULL: explained. */
const struct relations *relations_read(const char *path, bool lenient, struct arena *a, struct diags *d);

/* Routes of every AS towards one. */
struct routes;
struct routes *routes_new(const struct relations *r);
void routes_free(struct routes *t);
/* Works out the routes towards `as` (an AS without relations has none). */
void routes_towards(struct routes *t, uint32_t as);
/* The ASes on `from`'s route, from it to the destination, both included; 0: no route. At most `room` are written. */
size_t routes_path(const struct routes *t, uint32_t from, uint32_t *path, size_t room);

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
	size_t relays_without_as, pairs_without_route, n_relations, n_as;
};
const struct penalties *penalty_compute(const struct penalty_wish *w, struct progress *progress, struct arena *a,
					struct diags *d);

#endif
