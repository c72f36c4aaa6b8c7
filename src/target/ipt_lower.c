/* SPDX-License-Identifier: MIT */
/* A plan's chains as chains of legacy table mangle, one family after the other: sets become one rule for each value,
 * maps one rule for each entry, and a rule with several actions one rule for each of them. */
#include "base/base.h"

#include "base/arena.h"
#include "target/ipt_lower.h"

/* ---- one rule --------------------------------------------------------------------------------------------------- */

void ipt_add_rule(struct ipt_lowering *l, const struct ipt_draft *d)
{
	l->rules = arena_grow(l->a, l->rules, l->n_rules, &l->rules_room, sizeof(*l->rules));
	l->rules[l->n_rules++] = ipt_rule_of(l->family, d, l->origin, l->a);
}

void ipt_add_match(struct ipt_draft *d, struct ipt_words w)
{
	if (d->n_matches == IPT_WORDS)
		BUG("more than %d matches", IPT_WORDS);
	d->matches[d->n_matches++] = w;
}

void ipt_add_goto(struct ipt_lowering *l, struct ipt_draft d, const char *chain)
{
	d.jump = ipt_chain_name(l, chain);
	d.is_goto = true;
	ipt_add_rule(l, &d);
}

void ipt_add_verdict(struct ipt_lowering *l, struct ipt_draft d, const char *verdict)
{
	d.jump = verdict;
	ipt_add_rule(l, &d);
}

/* IPv6 has no broadcast, and the kernel refuses to look for one. */
static uint32_t exempt_types(const struct ipt_lowering *l)
{
	const struct set *s = plan_set(l->plan, "exempt");
	uint32_t bits = 0;

	for (size_t i = 0; i < s->n; i++)
		if (l->family->family == AF_INET || s->numbers[i] != RTN_BROADCAST)
			bits |= UINT32_C(1) << s->numbers[i];
	return bits;
}

/* A match with one value: a set's stands in `set`, this one is meant. */
static void match(const struct ipt_lowering *l, struct ipt_draft *d, const struct op *o, const struct set *set, size_t i)
{
	switch (o->kind) {
	case OP_IIF:
		d->in = set ? set->devices[i] : o->name;
		break;
	case OP_OIF:
		d->out = set ? set->devices[i] : o->name;
		break;
	case OP_SRC:
		d->src = set ? set->prefixes[i] : o->prefix;
		break;
	case OP_DST:
		d->dst = set ? set->prefixes[i] : o->prefix;
		break;
	case OP_PROTO:
		d->proto = o->proto;
		break;
	case OP_LOCAL:
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_ADDRTYPE, .value = exempt_types(l) });
		break;
	case OP_CT_NEW:
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_CONNTRACK, .negated = o->negated, .value = IPT_STATE_NEW });
		break;
	case OP_CT_STATE:
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_CONNTRACK, .value = o->value });
		break;
	case OP_CT_MARK_IS:
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_CONNMARK, .negated = o->negated, .value = o->value,
						 .mask = o->mask });
		break;
	case OP_MARK_IS:
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_MARK, .negated = o->negated, .value = o->value,
						 .mask = o->mask });
		break;
	case OP_CHANCE:
		ipt_match_share(d, o->value, o->of);
		break;
	case OP_FAMILY:
		break;
	case OP_PORTED: case OP_FRAGMENT: case OP_COUNT: case OP_MARK: case OP_SAVE: case OP_KEEP: case OP_ENTER:
	case OP_PICK: case OP_GOTO: case OP_JUMP: case OP_RETURN: case OP_ACCEPT: case OP_RESTORE:
		BUG("operation %d is no match of target iptables", o->kind);
	}
}

/* ---- actions ---------------------------------------------------------------------------------------------------- */

static void keep(struct ipt_lowering *l, const struct ipt_draft *d, const struct op *o)
{
	const struct map *m = plan_map(l->plan, o->name);

	/* With conditions of its own the map is a chain, or it would stand there once for each of their values. */
	if (d->in || d->out) {
		struct ipt_draft to = *d;

		if (!ipt_has_family(ipt_balance_of(l->plan, o->name), l->family->family))
			return;
		to.jump = ipt_chain_name(l, o->name);
		ipt_add_rule(l, &to);
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		struct ipt_draft entry = *d;

		ipt_add_match(&entry, (struct ipt_words){ .kind = IPT_MATCH_CONNMARK, .value = m->entries[i].key, .mask = o->mask });
		ipt_add_goto(l, entry, m->entries[i].chain);
	}
}

static void lower_rules(struct ipt_lowering *l, const struct ipt_draft *with, const struct chain *c);

static void enter(struct ipt_lowering *l, const struct op *o)
{
	const struct map *m = plan_map(l->plan, o->name);

	for (size_t i = 0; i < m->n; i++) {
		const struct chain *c = plan_chain(l->plan, m->entries[i].chain);
		const struct ipt_draft arrival = { .in = m->entries[i].device };

		lower_rules(l, &arrival, c);
	}
}

const char *ipt_count_comment(const char *counter, struct arena *a)
{
	char *text = arena_printf(a, IPT_COUNT_PREFIX "%s", counter);

	for (char *p = text; (p = strchr(p, '_'));)
		*p = ':';
	return text;
}

static bool is_kind(const struct chain_rule *r, size_t i, enum op_kind kind)
{
	return i < r->n_ops && r->ops[i].kind == kind;
}

/* The rule that carries a counter is the last one of its packets: ACCEPT, else the one before COUNT. */
static void comment(struct ipt_lowering *l, struct ipt_draft *d, const struct chain_rule *r, size_t at)
{
	const bool ends = r->ops[at].kind == OP_ACCEPT;
	const size_t count = ends ? at - 1 : at + 1;

	if (ends ? at == 0 || !is_kind(r, count, OP_COUNT) : !is_kind(r, count, OP_COUNT) || is_kind(r, count + 1, OP_ACCEPT))
		return;
	ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_COMMENT,
					     .comment = ipt_count_comment(r->ops[count].name, l->a) });
}

static void does(struct ipt_lowering *l, struct ipt_draft d, struct ipt_words w)
{
	d.does = w;
	ipt_add_rule(l, &d);
}

static void action(struct ipt_lowering *l, const struct ipt_draft *matches, const struct chain_rule *r, size_t at)
{
	const struct op *o = &r->ops[at];
	struct ipt_draft d = *matches;

	comment(l, &d, r, at);
	switch (o->kind) {
	case OP_MARK:
		does(l, d, (struct ipt_words){ .kind = IPT_TARGET_MARK, .value = o->value, .mask = o->mask });
		break;
	case OP_SAVE:
		does(l, d, (struct ipt_words){ .kind = IPT_TARGET_CONNMARK, .value = o->value, .mask = o->mask });
		break;
	case OP_RESTORE:
		does(l, d, (struct ipt_words){ .kind = IPT_TARGET_CONNMARK, .restores = true, .mask = o->mask });
		break;
	case OP_KEEP:
		keep(l, &d, o);
		break;
	case OP_ENTER:
		enter(l, o);
		break;
	case OP_PICK:
		ipt_lower_pick(l, &d, plan_map(l->plan, o->name), o->pick.kind);
		break;
	case OP_GOTO:
		ipt_add_goto(l, d, o->name);
		break;
	case OP_RETURN:
		ipt_add_verdict(l, d, "RETURN");
		break;
	case OP_ACCEPT:
		ipt_add_verdict(l, d, "ACCEPT");
		break;
	case OP_COUNT:
		break;
	case OP_JUMP: case OP_FAMILY: case OP_IIF: case OP_OIF: case OP_SRC: case OP_DST: case OP_PROTO: case OP_PORTED:
	case OP_FRAGMENT: case OP_LOCAL: case OP_CT_NEW: case OP_CT_MARK_IS: case OP_MARK_IS: case OP_CT_STATE:
	case OP_CHANCE:
		BUG("operation %d is no action of target iptables", o->kind);
	}
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static bool is_match(enum op_kind k)
{
	return k <= OP_MARK_IS || k == OP_CT_STATE || k == OP_CHANCE;
}

static bool is_of_family(const struct op *o, uint8_t family)
{
	return (o->kind != OP_FAMILY && o->kind != OP_SRC && o->kind != OP_DST) || o->family == family;
}

/* The seed's choice stands where its conditions are. */
static void rule_with(struct ipt_lowering *l, const struct ipt_draft *d, const struct chain_rule *r, size_t first)
{
	for (size_t i = first; i < r->n_ops; i++)
		if (r->ops[i].kind == OP_GOTO && ipt_is_literal(l->plan))
			lower_rules(l, d, plan_chain(l->plan, r->ops[i].name));
		else
			action(l, d, r, i);
}

/* The rules that one of the plan becomes, with these matches beside its own: one for each value of each set. */
static void lower_rule(struct ipt_lowering *l, const struct ipt_draft *with, const struct chain_rule *r)
{
	const struct set *sets[IPT_OPS];
	size_t at[IPT_OPS] = { 0 }, n = 0, i;

	for (; n < r->n_ops && is_match(r->ops[n].kind); n++) {
		if (!is_of_family(&r->ops[n], l->family->family))
			return;
		if (n == IPT_OPS)
			BUG("more than %d conditions", IPT_OPS);
		sets[n] = r->ops[n].by_set ? plan_set(l->plan, r->ops[n].name) : NULL;
	}
	l->origin = &r->origin;
	do {                                    /* through all values of all sets, the last set first */
		struct ipt_draft d = *with;

		for (i = 0; i < n; i++)
			match(l, &d, &r->ops[i], sets[i], at[i]);
		rule_with(l, &d, r, n);
		for (i = n; i > 0 && (!sets[i - 1] || ++at[i - 1] == sets[i - 1]->n); i--)
			at[i - 1] = 0;
	} while (i > 0);
}

static void lower_rules(struct ipt_lowering *l, const struct ipt_draft *with, const struct chain *c)
{
	for (size_t i = 0; i < c->n_rules; i++)
		lower_rule(l, with, &c->rules[i]);
}

/* ---- chains ----------------------------------------------------------------------------------------------------- */

static void add_item(struct ipt_lowering *l, const char *name, const struct origin *o)
{
	struct ipt_chain *c = arena_one(l->a, struct ipt_chain);
	auto_text struct text key = { 0 }, body = { 0 };

	*c = (struct ipt_chain){
		.family = l->family, .name = name, .is_ours = ipt_is_ours(name), .rules = l->rules, .n_rules = l->n_rules,
	};
	ipt_key(c, &key);
	for (size_t i = 0; i < l->n_rules; i++) {
		text_puts(&body, i ? "\n" : "");
		ipt_say_rule(l->family, name, l->rules[i].entry, l->rules[i].jump, &body);
	}
	items_add(l->out, arena_copy(l->a, key.p, key.n), arena_copy(l->a, text_get(&body), body.n), o, c);
}

static void begin_chain(struct ipt_lowering *l, const struct origin *o)
{
	l->rules = NULL;
	l->n_rules = l->rules_room = 0;
	l->origin = o;
}

static void lower_chain(struct ipt_lowering *l, const struct chain *c)
{
	const struct ipt_draft any = { 0 };

	begin_chain(l, &c->origin);
	lower_rules(l, &any, c);
	if (c->hook == HOOK_NONE || l->n_rules > 0)
		add_item(l, ipt_chain_name(l, c->name), &c->origin);
}

/* Our part of a built-in chain. */
static void lower_jump(struct ipt_lowering *l, const struct chain *c)
{
	struct ipt_draft d = { .jump = ipt_chain_name(l, c->name) };

	if (l->n_rules == 0)
		return;
	begin_chain(l, &c->origin);
	ipt_add_match(&d, (struct ipt_words){ .kind = IPT_MATCH_COMMENT, .comment = IPT_JUMP_COMMENT });
	ipt_add_rule(l, &d);
	add_item(l, c->hook == HOOK_PREROUTING ? "PREROUTING" : "OUTPUT", &c->origin);
}

static void lower_live(struct ipt_lowering *l, const struct map *m)
{
	const struct op o = { .kind = OP_KEEP, .name = m->name, .mask = l->plan->kernel.mark_mask };
	const struct ipt_draft d = { 0 };

	begin_chain(l, &m->origin);
	keep(l, &d, &o);
	add_item(l, ipt_chain_name(l, m->name), &m->origin);
}

/* A map of connections may lead to it from a balance that the path is no member of. */
static bool is_kept_elsewhere(const struct plan *p, const struct chain *from)
{
	const struct plan_path *path = ipt_path_of(p, from->name + strlen("from_"));

	for (size_t i = 0; i < p->n_balances; i++) {
		const struct plan_balance *b = &p->balances[i];
		bool member = b->conf->method->kind != POLICY_PER_FLOW || !b->conf->inbound_same_path;

		for (size_t k = 0; k < b->n_members; k++)
			member |= b->members[k].path == path;
		if (!member)
			return from->n_rules > 1;       /* the first saves */
	}
	return false;
}

static bool is_wanted(const struct ipt_lowering *l, const struct chain *c)
{
	if (c->hook != HOOK_NONE)
		return true;
	if (strncmp(c->name, "from_", strlen("from_")) == 0)
		return is_kept_elsewhere(l->plan, c);
	return !ipt_is_literal(l->plan) && ipt_has_family(ipt_balance_of(l->plan, c->name), l->family->family);
}

/* What a weight or a state moves comes with every plan, the rest with whole ones. */
static void lower_family(struct ipt_lowering *l)
{
	const struct plan *p = l->plan;

	for (size_t i = 0; i < p->n_chains; i++) {
		const struct chain *c = &p->chains[i];

		if (!is_wanted(l, c))
			continue;
		lower_chain(l, c);
		if (c->hook != HOOK_NONE)
			lower_jump(l, c);
	}
	for (size_t i = 0; i < p->n_maps; i++) {
		if (p->maps[i].kind != MAP_MARKS)
			continue;
		const struct plan_balance *b = ipt_balance_of(p, p->maps[i].name);

		if (b->conf->inbound_same_path && ipt_has_family(b, l->family->family))
			lower_live(l, &p->maps[i]);
	}
}

static bool is_used(const struct plan *p, uint8_t family)
{
	for (size_t i = 0; i < p->n_balances; i++)
		if (ipt_has_family(&p->balances[i], family))
			return true;
	return false;
}

int ipt_lower(const struct plan *p, enum lower_what what UNUSED, struct items *out, struct diags *d)
{
	if (p->kernel.target != TARGET_IPTABLES || p->n_chains == 0)
		return 0;
	const int err = ipt_check_limits(p, d);

	for (size_t i = 0; !err && i < IPT_FAMILIES; i++) {
		struct ipt_lowering l = { .plan = p, .family = &ipt_families[i], .out = out, .a = out->arena };

		if (is_used(p, l.family->family))
			lower_family(&l);
	}
	return err;
}
