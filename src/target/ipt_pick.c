/* SPDX-License-Identifier: MIT */
/* Choices in legacy rules: each rule takes its part of what those before it left over, by turn (nth) or by chance
 * (random), so that every packet meets one that takes it. */
#include "base/base.h"

#include "base/arena.h"
#include "target/ipt_lower.h"

void ipt_match_share(struct ipt_draft *d, uint32_t part, uint32_t of)
{
	const uint64_t one = UINT64_C(1) << 31;

	if (part < of)
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_STATISTIC,
						     .probability = (uint32_t)((part * one + of / 2) / of) });
}

void ipt_match_turn(struct ipt_draft *d, uint32_t every)
{
	if (every > 1)
		ipt_add_match(d, (struct ipt_words){ .kind = IPT_MATCH_STATISTIC, .every = every });
}

/* ---- by turn ---------------------------------------------------------------------------------------------------- */

/* The chain of each step; NULL where nobody has it. */
static const char **steps_of(const struct map *m, struct arena *a)
{
	const char **steps = arena_array(a, const char *, m->size);

	for (size_t i = 0; i < m->n; i++)
		steps[m->entries[i].key] = m->entries[i].chain;
	return steps;
}

/* The mark by which a literal rule sends packets where the plan's chain would; 0: its packets stay as they are. */
static const struct op *mark_of(const struct plan *p, const char *chain)
{
	const struct chain_rule *r = chain ? &plan_chain(p, chain)->rules[0] : NULL;

	return r && r->ops[0].kind == OP_MARK ? &r->ops[0] : NULL;
}

/* `-j MARK` chooses, and a second rule ends the way of what it chose. */
static void add_literal(struct ipt_lowering *l, struct ipt_draft d, const char *chain)
{
	const struct op *mark = mark_of(l->plan, chain), *count = mark ? mark + 1 : NULL;
	struct ipt_draft marked = { 0 };

	if (!mark) {
		ipt_add_verdict(l, d, "RETURN");
		return;
	}
	ipt_add_match(&d, (struct ipt_words){ .kind = IPT_MATCH_COMMENT, .comment = ipt_count_comment(count->name, l->a) });
	d.does = (struct ipt_words){ .kind = IPT_TARGET_MARK, .value = mark->value, .mask = mark->mask };
	ipt_add_rule(l, &d);
	ipt_add_match(&marked, (struct ipt_words){ .kind = IPT_MATCH_MARK, .value = mark->value, .mask = mark->mask });
	ipt_add_verdict(l, marked, "RETURN");
}

static void lower_turn(struct ipt_lowering *l, const struct ipt_draft *d, const struct map *m)
{
	const bool literal = ipt_is_literal(l->plan);
	const char **steps = steps_of(m, l->a);
	uint32_t n = m->size;

	/* Whoever reaches the end goes on unmarked. */
	while (n > 0 && (literal ? !mark_of(l->plan, steps[n - 1]) : !steps[n - 1]))
		n--;
	for (uint32_t i = 0; i < n; i++) {
		struct ipt_draft step = *d;

		ipt_match_turn(&step, m->size - i);
		if (literal)
			add_literal(l, step, steps[i]);
		else if (steps[i])
			ipt_add_goto(l, step, steps[i]);
		else
			ipt_add_verdict(l, step, "RETURN");
	}
}

/* ---- by chance -------------------------------------------------------------------------------------------------- */

/* A chain and how many slots lead to it. */
struct share {
	const char *chain, *name;
	uint32_t slots;
};

static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;
	const size_t n = strlen(x->name), m = strlen(y->name);

	/* P2 before P10, and a refusal last. */
	if (x->name[strlen(IPT_OURS)] != y->name[strlen(IPT_OURS)])
		return x->name[strlen(IPT_OURS)] < y->name[strlen(IPT_OURS)] ? -1 : 1;
	return n != m ? (n < m ? -1 : 1) : strcmp(x->name, y->name);
}

static size_t shares_of(struct ipt_lowering *l, const struct map *m, struct share *shares)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t k = 0;

		while (k < n && strcmp(shares[k].chain, m->entries[i].chain) != 0)
			k++;
		if (k == n) {
			shares[n].chain = m->entries[i].chain;
			shares[n++].name = ipt_chain_name(l, m->entries[i].chain);
		}
		shares[k].slots++;
	}
	qsort(shares, n, sizeof(*shares), compare_shares);
	return n;
}

static void lower_random(struct ipt_lowering *l, const struct ipt_draft *d, const struct map *m)
{
	struct share *shares = arena_array(l->a, struct share, m->n + 1);
	const size_t n = shares_of(l, m, shares);
	uint32_t rest = m->size;

	for (size_t i = 0; i < n; i++) {
		struct ipt_draft share = *d;

		ipt_match_share(&share, shares[i].slots, rest);
		ipt_add_goto(l, share, shares[i].chain);
		rest -= shares[i].slots;
	}
}

void ipt_lower_pick(struct ipt_lowering *l, const struct ipt_draft *d, const struct map *m, enum pick_kind kind)
{
	switch (kind) {
	case PICK_TURN:
		lower_turn(l, d, m);
		break;
	case PICK_RANDOM:
		lower_random(l, d, m);
		break;
	case PICK_HASH:
		BUG("target iptables has no hash");     /* ipt_check_limits */
	}
}

bool ipt_is_literal(const struct plan *p)
{
	return p->n_balances == 1 && p->balances[0].conf->compat_seed &&
	       p->balances[0].conf->method->kind == POLICY_PER_PACKET;
}
