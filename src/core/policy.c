/* SPDX-License-Identifier: MIT */
/* The list of policies, and the search in it. */
#include "base/base.h"

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
static const struct policy round_robin = {
	.kind = POLICY_ROUND_ROBIN, .name = "round-robin", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "in turn, weights spread evenly, order as written",
};
static const struct policy least_connections = {
	.kind = POLICY_LEAST_CONNECTIONS, .name = "least-connections", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "fewest open per weight; seed: fewest ever assigned",
};
static const struct policy source_hash = {
	.kind = POLICY_SOURCE_HASH, .name = "source-hash", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "by all bits of the client address; a lost server moves only its own clients; seed: last IPv4 octet "
		"modulo servers",
};
static const struct policy random_two = {
	.kind = POLICY_RANDOM_TWO, .name = "random-two", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "two by chance, the one with fewer open per weight",
};
static const struct policy sma = {
	.kind = POLICY_SMA, .name = "sma", .where = POLICY_REQUEST,
	.help = "lowest mean of the last `window` response times × (open + 1) / weight",
};
static const struct policy ewma = {
	.kind = POLICY_EWMA, .name = "ewma", .where = POLICY_REQUEST,
	.help = "lowest moving average of response times × (open + 1) / weight",
};
static const struct policy peak_ewma = {
	.kind = POLICY_PEAK_EWMA, .name = "peak-ewma", .where = POLICY_REQUEST,
	.help = "two by chance, the lower estimate × (open + 1) / weight; jumps up at once, falls over `decay`",
};
static const struct policy adaptive = {
	.kind = POLICY_ADAPTIVE, .name = "adaptive", .where = POLICY_REQUEST,
	.help = "lowest time-weighted average × (open + 1) / weight; recommended",
};

const struct policy *const policies[POLICY_KINDS] = {
	&per_packet,  &per_flow,   &hash, &by_chance, &round_robin, &least_connections,
	&source_hash, &random_two, &sma,  &ewma,      &peak_ewma,   &adaptive,
};

const struct policy *policy_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (str_is(name, policies[i]->name))
			return policies[i];
	return NULL;
}
