/* SPDX-License-Identifier: MIT */
/* How a balance chooses: chain choose_B of each method (packet.md section 3). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/steer.h"

static struct op pick_op(enum pick_kind kind, const struct list_work *l)
{
	struct op o = op_named(OP_PICK, l->map_name);

	o.pick.kind = kind;
	o.pick.size = l->size;
	return o;
}

static struct op hash_op(const struct compile *c, const struct balance_work *b, enum key_kind key, unsigned family)
{
	struct op o = pick_op(PICK_HASH, &b->lists[b->n_lists == 2 ? family : 0]);

	o.family = af_of[family];
	o.pick.key = key;
	o.pick.seed = (uint32_t)b->conf->seed.value;
	if (!b->conf->seed.set)
		o.pick.seed = fnv1a(fnv1a(fnv1a(FNV1A_START, c->m->profile), "/"), b->conf->name);
	return o;
}

/* One rule for each family that is steered: FAMILY, the match if there is one, PICK hash. */
static void pick_by_hash(struct compile *c, const struct balance_work *b, const struct op *match, enum key_kind key,
			 struct rules_work *r)
{
	for (unsigned f = 0; f < FAMILIES; f++) {
		struct op ops[3];
		size_t n = 0;

		if (!b->family[f])
			continue;
		ops[n++] = op_family(OP_FAMILY, f);
		if (match) {
			ops[n] = *match;
			if (match->kind == OP_FRAGMENT)
				ops[n].family = af_of[f];
			n++;
		}
		ops[n++] = hash_op(c, b, key, f);
		rule_add(c, r, ops, n, &b->out->origin);
	}
}

static void choose_by_hash(struct compile *c, const struct balance_work *b, struct rules_work *r)
{
	const struct op ported = op_of(OP_PORTED), fragment = op_of(OP_FRAGMENT);

	switch (b->conf->on) {
	case ON_FLOW:
		if (!b->remembers)             /* tracking reassembles */
			pick_by_hash(c, b, &fragment, KEY_ADDRESSES, r);
		pick_by_hash(c, b, &ported, KEY_FLOW, r);
		pick_by_hash(c, b, NULL, KEY_ADDRESSES_PROTOCOL, r);
		break;
	case ON_ADDRESSES:
		pick_by_hash(c, b, NULL, KEY_ADDRESSES, r);
		break;
	case ON_SOURCE:
		pick_by_hash(c, b, NULL, KEY_SOURCE, r);
		break;
	case ON_DESTINATION:
		pick_by_hash(c, b, NULL, KEY_DESTINATION, r);
		break;
	}
}

/* Turn and chance need no family, unless the families have lists of their own. */
static void choose_by_number(struct compile *c, const struct balance_work *b, enum pick_kind kind, struct rules_work *r)
{
	for (unsigned i = 0; i < b->n_lists; i++) {
		const struct op pick = pick_op(kind, &b->lists[i]);

		if (b->n_lists == 1)
			RULE(c, r, &b->out->origin, pick);
		else
			RULE(c, r, &b->out->origin, op_family(OP_FAMILY, i), pick);
	}
}

bool steer_hashes(const struct balance *b)
{
	return b->method->kind == POLICY_HASH || (b->method->kind == POLICY_PER_FLOW && b->pick == HOW_HASH);
}

void steer_choice(struct compile *c, struct balance_work *b)
{
	const uint32_t mask = c->m->kernel.mark_mask;
	const struct origin *o = &b->out->origin;
	struct rules_work r = { 0 };

	if (b->remembers) {
		struct op keep = op_named(OP_KEEP, b->live);
		keep.mask = mask;
		RULE(c, &r, o, keep);
	}
	if (b->conf->n_to == 0)
		RULE(c, &r, o, op_of(OP_LOCAL), op_of(OP_RETURN));
	if (!b->conf->compat_seed)
		RULE(c, &r, o, op_unless(op_value(OP_MARK_IS, 0, mask)), op_of(OP_RETURN));
	if (b->remembers)
		RULE(c, &r, o, op_unless(op_of(OP_CT_NEW)), op_value(OP_CT_MARK_IS, 0, mask), op_of(OP_RETURN));
	if (steer_hashes(b->conf))
		choose_by_hash(c, b, &r);
	else
		choose_by_number(c, b, b->turns ? PICK_TURN : PICK_RANDOM, &r);
	chain_add(c, b->choose, HOOK_NONE, &r, o);
}
