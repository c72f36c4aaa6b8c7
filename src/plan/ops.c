/* SPDX-License-Identifier: MIT */
/* The pieces that chains are made of: ops, rules of ops, chains of rules, counters. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/ops.h"

struct op op_of(enum op_kind kind)
{
	return (struct op){ .kind = kind };
}

struct op op_named(enum op_kind kind, const char *name)
{
	return (struct op){ .kind = kind, .name = name };
}

struct op op_family(enum op_kind kind, unsigned family)
{
	return (struct op){ .kind = kind, .family = af_of[family] };
}

struct op op_value(enum op_kind kind, uint32_t value, uint32_t mask)
{
	return (struct op){ .kind = kind, .value = value, .mask = mask };
}

struct op op_unless(struct op o)
{
	o.negated = true;
	return o;
}

void rule_add(struct compile *c, struct rules_work *r, const struct op *ops, size_t n, const struct origin *o)
{
	struct op *copy = arena_array(c->a, struct op, n);

	memcpy(copy, ops, n * sizeof(*ops));
	*LIST_ADD(c->a, &r->rules) = (struct chain_rule){ copy, n, *o };
}

/* Room for as many as there will be. */
struct rules_work rules_for(struct compile *c, size_t n)
{
	struct rules_work r = { 0 };

	LIST_ROOM(c->a, &r.rules, n);
	return r;
}

void chain_add(struct compile *c, const char *name, enum hook hook, const struct rules_work *r,
		      const struct origin *o)
{
	*LIST_ADD(c->a, &c->chains) = (struct chain){ name, hook, r->rules.list, r->rules.n, *o };
}

const char *counter_add(struct compile *c, const char *name, const struct origin *o)
{
	*LIST_ADD(c->a, &c->counters) = (struct counter){ name, *o };
	return name;
}
