/* SPDX-License-Identifier: MIT */
/* The list of policies, and the search in it; the rows of those that the kernel carries out. */
#include "base/base.h"

#include "core/choice.h"
#include "core/policy.h"

static const struct policy per_packet = {
	.kind = POLICY_PER_PACKET, .name = "per-packet", .where = POLICY_PACKET,
	.help = "the next member in turn, spread evenly (3:1 gives A A B A); exact over every round of weights",
};
static const struct policy per_flow = {
	.kind = POLICY_PER_FLOW, .name = "per-flow", .where = POLICY_FLOW,
	.help = "once per connection, remembered in the connection mark; moves only if its path goes down",
};
static const struct policy hash = {
	.kind = POLICY_HASH, .name = "hash", .where = POLICY_PACKET,
	.help = "by hash of each packet, without connection tracking; when a path goes down only its own part moves",
};
static const struct policy by_chance = {
	.kind = POLICY_RANDOM, .name = "random", .where = POLICY_PACKET,
	.help = "by chance for each packet",
};
const struct policy *const policies[POLICY_KINDS] = {
	&per_packet, &per_flow, &hash, &by_chance,
	&policy_round_robin, &policy_least_connections, &policy_source_hash, &policy_random_two,
	&policy_sma, &policy_ewma, &policy_peak_ewma, &policy_adaptive,
};

const struct policy *policy_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (str_is(name, policies[i]->name))
			return policies[i];
	return NULL;
}
