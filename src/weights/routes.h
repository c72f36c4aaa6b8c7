/* SPDX-License-Identifier: MIT */
/* The routes between ASes that follow from the usual export rules (weights.md 5): a route learned from a customer before
 * one from a peer before one from a provider; then the shorter; then the lower next AS. Only customer routes go to peers
 * and providers. */
#ifndef NLBC_WEIGHTS_ROUTES_H
#define NLBC_WEIGHTS_ROUTES_H

#include "base/base.h"

struct relations;

/* Routes of ASes towards one of them. ASes are indexes of r->ases. */
struct routes;
struct routes *routes_new(const struct relations *r);
/* About how much they take. */
uint64_t routes_bytes(const struct relations *r);
void routes_free(struct routes *t);
/* From now on only the routes of these ASes are worked out: much less work where they are few. Those of all others may be
 * missing. At first all are wanted. */
void routes_want(struct routes *t, const uint32_t *wanted, size_t n);
/* Works out the routes towards an AS. */
void routes_towards(struct routes *t, uint32_t to);
/* The ASes on the route of `from`, from it to the destination, both included: how many; 0: it has no route. `path` has room
 * for all ASes there are. */
size_t routes_path(const struct routes *t, uint32_t from, uint32_t *path);

#endif
