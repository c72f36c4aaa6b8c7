/* SPDX-License-Identifier: MIT */
/* Single ops about a described packet: does it match, and into which slot does it hash. */
#include "base/base.h"

#include <arpa/inet.h>

#include "base/jhash.h"
#include "plan/trace.h"
#include "plan/trace_match.h"

enum { KEY_MAX = 44 };

/* ---- matches ------------------------------------------------------------------------------------------------------ */

static bool device_fits(const struct plan *p, const struct op *o, const char *device)
{
	if (!device || !o->by_set)
		return device && strcmp(device, o->name) == 0;
	const struct set *s = plan_set(p, o->name);

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->devices[i], device) == 0)
			return true;
	return false;
}

static bool address_fits(const struct plan *p, const struct op *o, const struct addr *a)
{
	if (o->family != a->family || !o->by_set)
		return o->family == a->family && prefix_has(&o->prefix, a);
	const struct set *s = plan_set(p, o->name);

	for (size_t i = 0; i < s->n; i++)
		if (prefix_has(&s->prefixes[i], a))
			return true;
	return false;
}

static bool number_fits(const struct plan *p, const char *set, uint8_t number)
{
	const struct set *s = plan_set(p, set);

	return memchr(s->numbers, number, s->n) != NULL;
}

bool trace_matches(const struct plan *p, const struct trace_packet *k, const struct trace_marks *marks, const struct op *o)
{
	switch (o->kind) {
	case OP_FAMILY:
		return o->family == k->source.family;
	case OP_IIF:
		return device_fits(p, o, k->in);
	case OP_OIF:
		return device_fits(p, o, k->out);
	case OP_SRC:
		return address_fits(p, o, &k->source);
	case OP_DST:
		return address_fits(p, o, &k->destination);
	case OP_PROTO:
		return o->proto == k->protocol;
	case OP_PORTED:
		return number_fits(p, "ported", k->protocol);
	case OP_LOCAL:
		return number_fits(p, "exempt", k->destination_type);
	case OP_CT_NEW:
		return (k->state == CONNECTION_NEW) != o->negated;
	case OP_CT_MARK_IS:
		return ((marks->connection & o->mask) == o->value) != o->negated;
	case OP_MARK_IS:
		return ((marks->packet & o->mask) == o->value) != o->negated;
	case OP_CT_STATE:
		return (o->value & k->state) != 0;
	case OP_FRAGMENT:               /* whole packets only */
	case OP_COUNT: case OP_MARK: case OP_SAVE: case OP_KEEP: case OP_ENTER: case OP_PICK: case OP_GOTO: case OP_JUMP:
	case OP_RETURN: case OP_ACCEPT: case OP_CHANCE: case OP_RESTORE:
		break;
	}
	return false;
}

/* ---- hashes ------------------------------------------------------------------------------------------------------- */

static size_t key_add(uint8_t *key, size_t n, const void *part, size_t size)
{
	memcpy(key + n, part, size);
	return n + (size + 3) / 4 * 4;          /* components are padded, as registers are */
}

uint32_t trace_slot(const struct trace_packet *k, const struct op *o)
{
	const enum key_kind kind = o->pick.key;
	const uint16_t ports[] = { htons(k->source_port), htons(k->destination_port) };
	uint8_t key[KEY_MAX] = { 0 };
	size_t n = 0;

	if (kind != KEY_DESTINATION)
		n = key_add(key, n, k->source.b, addr_size(&k->source));
	if (kind != KEY_SOURCE)
		n = key_add(key, n, k->destination.b, addr_size(&k->destination));
	if (kind == KEY_FLOW || kind == KEY_ADDRESSES_PROTOCOL)
		n = key_add(key, n, &k->protocol, sizeof(k->protocol));
	for (size_t i = 0; i < ARRAY_LEN(ports) && kind == KEY_FLOW; i++)
		n = key_add(key, n, &ports[i], sizeof(ports[i]));
	return jhash_slot(jhash(key, n, o->pick.seed), o->pick.size);
}
