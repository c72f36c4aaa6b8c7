/* SPDX-License-Identifier: MIT */
/* What a plan's names stand for in target iptables: its balances and paths, and the names of chains here. */
#include "base/base.h"

#include "base/arena.h"
#include "target/ipt_lower.h"

static const struct plan_balance *balance_of(const struct plan *p, const char *name, size_t n)
{
	for (size_t i = 0; i < p->n_balances; i++)
		if (str_is((struct str){ name, n }, p->balances[i].conf->name))
			return &p->balances[i];
	BUG("no balance '%.*s'", (int)n, name);
}

const struct plan_path *ipt_path_of(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_paths; i++)
		if (strcmp(p->paths[i].conf->name, name) == 0)
			return &p->paths[i];
	BUG("no path '%s'", name);
}

const struct plan_balance *ipt_balance_of(const struct plan *p, const char *name)
{
	const char *balance = strchr(name, '_') + 1;

	return balance_of(p, balance, strcspn(balance, "_"));
}

bool ipt_has_family(const struct plan_balance *b, uint8_t family)
{
	const struct balance *conf = b->conf;
	bool carried = false, from = conf->n_from == 0, to = conf->n_to == 0;

	for (size_t i = 0; i < b->n_members; i++)
		carried |= family == AF_INET ? b->members[i].path->ip4 : b->members[i].path->ip6;
	for (size_t i = 0; i < conf->n_from; i++)
		from |= conf->from[i].prefix.addr.family == family;
	for (size_t i = 0; i < conf->n_to; i++)
		to |= conf->to[i].prefix.addr.family == family;
	return carried && from && to;
}

/* Letters of chains by the first word of the plan's names; names end at 28 characters, so numbers stand for the rest. */
static const struct {
	const char *word;
	char letter;
	bool has_path;
} kinds[] = {
	{ "choose_", 'B', false }, { "refuse_", 'R', false }, { "live_", 'K', false }, { "from_", 'A', true },
	{ "send_", 'P', true },    { "pick_", 'P', true },    { "stay_", 'S', true },
};

const char *ipt_chain_name(struct ipt_lowering *l, const char *name)
{
	const struct plan *p = l->plan;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const size_t n = strlen(kinds[i].word);

		if (strncmp(name, kinds[i].word, n) != 0)
			continue;
		const char *rest = name + n, *path = strchr(rest, '_');

		if (kinds[i].letter == 'A')
			return arena_printf(l->a, IPT_OURS "A%u", ipt_path_of(p, rest)->number);
		const unsigned k = balance_of(p, rest, path ? (size_t)(path - rest) : strlen(rest))->number;

		if (!kinds[i].has_path)
			return arena_printf(l->a, IPT_OURS "%c%u", kinds[i].letter, k);
		const unsigned number = ipt_path_of(p, path + 1)->number;

		if (p->n_balances == 1)
			return arena_printf(l->a, IPT_OURS "%c%u", kinds[i].letter, number);
		return arena_printf(l->a, IPT_OURS "%c%u-%u", kinds[i].letter, number, k);
	}
	return strcmp(name, "pre") == 0 ? IPT_PRE : IPT_OUT;
}
