/* SPDX-License-Identifier: MIT */
/* By the client's address: rendezvous hashing, where a lost member moves only its own clients, and the seed's remainder. */
#include "base/base.h"

#include <math.h>

#include "core/choice.h"
#include "core/policy.h"

/* FNV-1a, 64 bits, going on from h. */
static uint64_t fnv(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3;
	return h;
}

static const uint64_t fnv_begin = 0xcbf29ce484222325;
/* After the twelve bytes of ::ffff:0:0/96, which all IPv4 addresses share. */
static const uint64_t fnv_mapped = 0x540b81da1cc1b60b;

/* Of the 16 bytes of the address, IPv4 as ::ffff:a.b.c.d. */
static uint64_t client_hash(const struct addr *client)
{
	static const struct addr none = { .family = AF_INET6 };

	if (!client)
		client = &none;
	return client->family == AF_INET ? fnv(fnv_mapped, client->b, 4) : fnv(fnv_begin, client->b, 16);
}

static void source_hash_init(struct group_member *m, const struct group_conf *c UNUSED, struct arena *a UNUSED)
{
	m->name_hash = chance_mix(fnv(fnv_begin, m->conf.name, strlen(m->conf.name)));
}

static uint32_t source_hash_choose(struct group *g, const struct choice *c)
{
	const uint64_t client = client_hash(c->wish->client);
	uint32_t best = c->list[0];
	double least = INFINITY;

	for (size_t k = 0; k < c->n; k++) {
		const struct group_member *m = &g->members[c->list[k]];
		const double u = chance_unit_of(chance_mix(client ^ m->name_hash));

		/* 1 - u is never more than -ln(u): most members need no logarithm. */
		if ((1 - u) / m->w >= least)
			continue;
		const double score = -log(u) / m->w;
		if (score < least) {
			least = score;
			best = c->list[k];
		}
	}
	return best;
}

/* The members that the remainder counts: all but backups, usable or not; where no such one is usable, the backups. */
static uint32_t source_hash_seed_choose(struct group *g, const struct choice *c)
{
	const struct addr *client = c->wish->client;
	const bool backup = g->members[c->list[0]].conf.backup;
	const uint8_t last = client ? client->b[addr_size(client) - 1] : 0;
	size_t n = 0, at = 0;

	for (size_t i = 0; i < g->n; i++)
		n += g->members[i].conf.backup == backup;
	size_t left = last % n;
	for (size_t i = 0; i < g->n; i++)
		if (g->members[i].conf.backup == backup && left-- == 0) {
			at = i;
			break;
		}
	for (size_t k = 0; k < c->n; k++)
		if (c->list[k] >= at)
			return c->list[k];
	return c->list[0];
}

const struct policy policy_source_hash = {
	.kind = POLICY_SOURCE_HASH, .name = "source-hash", .where = POLICY_CONNECTION | POLICY_REQUEST,
	.help = "by all bits of the client address; a lost server moves only its own clients; seed: last IPv4 octet "
		"modulo servers",
	.init = source_hash_init, .choose = source_hash_choose, .seed_choose = source_hash_seed_choose,
};
