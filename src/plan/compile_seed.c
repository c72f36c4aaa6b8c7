/* SPDX-License-Identifier: MIT */
/* `per-flow … compat seed`: the seed system's four rules to the letter, with its draw for every packet that is new, its
 * connection marks 1 and 2, and packet marks over the whole word (packet.md section 18). */
#include "base/base.h"

#include "plan/steer.h"

enum { STATE_ESTABLISHED = 2, STATE_RELATED = 4, STATE_NEW = 8, SEED_SECOND = 1, SEED_FIRST = 2 };

static struct op op_whole(enum op_kind kind, uint32_t value)
{
	return op_value(kind, value, UINT32_MAX);
}

static uint32_t weight_now(const struct plan_member *m)
{
	return m->path->state == MEMBER_UP ? m->weight : 0;
}

/* The conditions of the balance, and then these. */
static void seed_rule(struct compile *c, const struct balance_work *b, const struct op *more, size_t n_more,
		      struct rules_work *pre)
{
	unsigned variants[FAMILIES];
	const size_t n_variants = steer_variants(b, variants);

	for (size_t i = 0; i < n_variants; i++) {
		struct op ops[CONDITIONS + 3];
		const size_t n = steer_conditions(c, b, variants[i], true, ops);

		memcpy(ops + n, more, n_more * sizeof(*more));
		rule_add(c, pre, ops, n + n_more, &b->out->origin);
	}
}

void steer_seed(struct compile *c, const struct balance_work *b, struct rules_work *pre)
{
	const struct plan_member *first = &b->members[0], *second = &b->members[1];
	const uint32_t one = weight_now(first), other = weight_now(second);
	const struct op new = op_whole(OP_CT_STATE, STATE_NEW);
	struct op chance = op_whole(OP_CHANCE, other);

	chance.of = one + other;
	if (chance.of > 0)
		seed_rule(c, b, (const struct op[]){ new, op_whole(OP_SAVE, SEED_FIRST) }, 2, pre);
	if (other > 0)
		seed_rule(c, b, (const struct op[]){ new, chance, op_whole(OP_SAVE, SEED_SECOND) }, 3, pre);
	seed_rule(c, b, (const struct op[]){
		op_whole(OP_CT_STATE, STATE_ESTABLISHED | STATE_RELATED), op_whole(OP_RESTORE, 0) }, 2, pre);
	if (!member_is_dead(second)) {
		const struct op moved[] = {
			op_whole(OP_CT_MARK_IS, SEED_SECOND), op_whole(OP_MARK, second->path->mark),
		};
		rule_add(c, pre, moved, 2, &b->out->origin);
	}
}
