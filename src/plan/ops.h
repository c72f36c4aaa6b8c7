/* SPDX-License-Identifier: MIT */
/* The pieces that chains are made of: ops, rules of ops, chains of rules, counters. For the compile_*.c files. */
#ifndef NLBC_PLAN_OPS_H
#define NLBC_PLAN_OPS_H

#include "plan/compile.h"

struct op op_of(enum op_kind kind);
struct op op_named(enum op_kind kind, const char *name);
struct op op_family(enum op_kind kind, unsigned family);
struct op op_value(enum op_kind kind, uint32_t value, uint32_t mask);
struct op op_unless(struct op o);       /* negated */

/* Rules on their way into a chain. */
struct rules_work {
	LIST_OF(struct chain_rule) rules;
};
/* Room for as many as there will be; {0} does as well. */
struct rules_work rules_for(struct compile *c, size_t n);
void rule_add(struct compile *c, struct rules_work *r, const struct op *ops, size_t n, const struct origin *o);
/* A rule of these ops. */
#define RULE(c, r, o, ...) rule_add((c), (r), (const struct op[]){ __VA_ARGS__ }, \
				    sizeof((const struct op[]){ __VA_ARGS__ }) / sizeof(struct op), (o))

void chain_add(struct compile *c, const char *name, enum hook hook, const struct rules_work *r, const struct origin *o);
/* Returns its name. */
const char *counter_add(struct compile *c, const char *name, const struct origin *o);

#endif
