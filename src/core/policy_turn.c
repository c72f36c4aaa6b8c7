/* SPDX-License-Identifier: MIT */
/* Round-robin, smooth and weighted: of weights 5:1:1 the heavy one is not chosen five times in a row. */
#include "base/base.h"

#include "core/choice.h"
#include "core/policy.h"

static uint32_t step(struct group *g, const struct choice *c)
{
	uint32_t best = c->list[0];
	double sum = 0;

	for (size_t k = 0; k < c->n; k++) {
		struct group_member *m = &g->members[c->list[k]];

		m->turn += m->w;
		sum += m->w;
		if (m->turn > g->members[best].turn)
			best = c->list[k];
	}
	g->members[best].turn -= sum;
	return best;
}

static uint32_t round_robin_choose(struct group *g, const struct choice *c)
{
	for (; g->turns_ahead; g->turns_ahead--)
		(void)step(g, c);
	return step(g, c);
}

const struct policy policy_round_robin = {
	.kind = POLICY_ROUND_ROBIN, .name = "round-robin", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "in turn, weights spread evenly, order as written",
	.choose = round_robin_choose,
};
