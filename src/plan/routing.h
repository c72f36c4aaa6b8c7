/* SPDX-License-Identifier: MIT */
/* The parts of routing, which compile_routes.c puts together, family by family. */
#ifndef NLBC_PLAN_ROUTING_H
#define NLBC_PLAN_ROUTING_H

#include "plan/compile.h"

/* What the routes and rules of one family are made of. */
struct family_work {
	struct compile *c;
	unsigned family;
	bool used;                      /* by the table of a path */
	struct prefix_list *to;         /* of each balance: what its paths' tables hold */
};

static inline const struct addr *path_via(const struct plan_path *p, unsigned family)
{
	return family == IP4 ? &p->via4 : &p->via6;
}

/* The path, and the place of its next hop. */
struct origin hop_origin(const struct plan_path *p, unsigned family);

/* ---- compile_nexthops.c ---- */
/* Next hops, groups and their routes; what does not fit the engine is an error. */
void routing_nexthops(struct family_work *w);
/* The group of a balance is there: somebody is in it. */
bool routing_has_group(const struct compile *c, const struct balance_work *b, unsigned family);

/* ---- compile_rules.c ---- */
/* The rule block. Returns how many rules of engine nexthop are in it. */
size_t routing_rules(struct family_work *w);

#endif
