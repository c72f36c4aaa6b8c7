/* SPDX-License-Identifier: MIT */
/* What does not fit linear rules (packet.md section 7): rules are tried one after the other, so that their number is
 * bounded, and nothing legacy hashes a packet without taking the whole mark. */
#include "base/base.h"

#include <errno.h>

#include "target/ipt_lower.h"

static size_t rules_for_conditions(const struct plan *p, const struct chain_rule *r)
{
	size_t n = 1;

	for (size_t i = 0; i < r->n_ops; i++)
		if (r->ops[i].by_set)
			n *= plan_set(p, r->ops[i].name)->n;
	return n;
}

static bool is_of(const struct origin *o, const struct plan_balance *b)
{
	return o->what && b->origin.what && strcmp(o->what, b->origin.what) == 0;
}

static int check_conditions(const struct plan *p, const struct plan_balance *b, struct diags *d)
{
	size_t most = 0;

	for (size_t i = 0; i < p->n_chains; i++)
		for (size_t k = 0; k < p->chains[i].n_rules && p->chains[i].hook != HOOK_NONE; k++)
			if (is_of(&p->chains[i].rules[k].origin, b))
				most = MAX(most, rules_for_conditions(p, &p->chains[i].rules[k]));
	if (most <= IPT_LIMIT)
		return 0;
	diag_error(d, &b->origin.place, "policy", "balance '%s' needs %zu rules for its conditions; target iptables takes at "
		   "most %d", b->conf->name, most, IPT_LIMIT);
	return -EINVAL;
}

static int check_choice(const struct plan_balance *b, const struct op *pick, struct diags *d)
{
	if (pick->pick.kind == PICK_HASH) {
		diag_hint(d, diag_error(d, &b->conf->method_place, "policy", b->conf->method->kind == POLICY_HASH ?
					"method 'hash' does not fit target iptables" :
					"'pick hash' does not fit target iptables"), "use per-flow pick random");
		return -EINVAL;
	}
	if (pick->pick.kind != PICK_TURN || pick->pick.size <= IPT_LIMIT)
		return 0;
	diag_error(d, &b->origin.place, "policy", "the round of '%s' has %u steps; target iptables takes at most %d",
		   b->conf->name, pick->pick.size, IPT_LIMIT);
	return -EINVAL;
}

/* One word for each balance is enough, whichever family it is about. */
static int check_choices(const struct plan *p, const struct plan_balance *b, struct diags *d)
{
	for (size_t i = 0; i < p->n_chains; i++) {
		for (size_t k = 0; k < p->chains[i].n_rules; k++) {
			const struct chain_rule *r = &p->chains[i].rules[k];
			const struct op *last = &r->ops[r->n_ops - 1];
			const int err = last->kind == OP_PICK && is_of(&r->origin, b) ? check_choice(b, last, d) : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

int ipt_check_limits(const struct plan *p, struct diags *d)
{
	int err = 0;

	if (p->n_paths > IPT_LIMIT) {
		diag_error(d, &p->paths[IPT_LIMIT].origin.place, "policy", "target iptables takes at most %d paths", IPT_LIMIT);
		err = -EINVAL;
	}
	for (size_t i = 0; i < p->n_balances; i++) {
		const int conditions = check_conditions(p, &p->balances[i], d);
		const int choices = check_choices(p, &p->balances[i], d);

		err = conditions ? conditions : choices ? choices : err;
	}
	return err;
}
