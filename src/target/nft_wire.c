/* SPDX-License-Identifier: MIT */
/* Netlink attributes written into a growing buffer and read back with care. */
#include "base/base.h"

#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "target/nft.h"

static const char zeros[NLA_ALIGNTO];

void wire_put(struct text *w, uint16_t type, const void *p, size_t n)
{
	const struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type };

	if (n > UINT16_MAX - NLA_HDRLEN)
		BUG("attribute of %zu bytes", n);
	text_add(w, &head, sizeof(head));
	text_add(w, p, n);
	text_add(w, zeros, NLA_ALIGN(n) - n);
}

void wire_string(struct text *w, uint16_t type, const char *s)
{
	wire_put(w, type, s, strlen(s) + 1);
}

void wire_be32(struct text *w, uint16_t type, uint32_t value)
{
	const struct { struct nlattr head; uint32_t value; } a = {
		.head = { .nla_len = sizeof(a), .nla_type = type }, .value = htobe32(value),
	};

	text_add(w, &a, sizeof(a));
}

size_t wire_nest(struct text *w, uint16_t type)
{
	const struct nlattr head = { .nla_len = NLA_HDRLEN, .nla_type = type | NLA_F_NESTED };
	const size_t at = w->n;

	text_add(w, &head, sizeof(head));
	return at;
}

void wire_end(struct text *w, size_t nest)
{
	struct nlattr *head = (void *)(w->p + nest);
	const size_t n = w->n - nest;

	if (n > UINT16_MAX)
		BUG("nested attribute of %zu bytes", n);
	head->nla_len = (uint16_t)n;
}

void wire_value(struct text *w, uint16_t type, const void *p, size_t n)
{
	const size_t nest = wire_nest(w, type);

	wire_put(w, NFTA_DATA_VALUE, p, n);
	wire_end(w, nest);
}

void wire_verdict(struct text *w, uint16_t type, int32_t code, const char *chain)
{
	const size_t nest = wire_nest(w, type);
	const size_t verdict = wire_nest(w, NFTA_DATA_VERDICT);

	wire_be32(w, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		wire_string(w, NFTA_VERDICT_CHAIN, chain);
	wire_end(w, verdict);
	wire_end(w, nest);
}

static const struct nlattr *attribute_at(struct bytes b, size_t at)
{
	const struct nlattr *a = (const void *)((const char *)b.p + at);

	if (b.n < NLA_HDRLEN || at > b.n - NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > b.n - at)
		return NULL;
	return a;
}

const struct nlattr *wire_first(struct bytes b)
{
	return attribute_at(b, 0);
}

const struct nlattr *wire_next(struct bytes b, const struct nlattr *a)
{
	return attribute_at(b, (size_t)((const char *)a - (const char *)b.p) + NLA_ALIGN(a->nla_len));
}

struct bytes wire_bytes(const struct nlattr *a)
{
	if (!a)
		return (struct bytes){ "", 0 };
	return (struct bytes){ (const char *)a + NLA_HDRLEN, a->nla_len - (size_t)NLA_HDRLEN };
}

uint16_t wire_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

void wire_table(struct bytes b, const struct nlattr **table, uint16_t max)
{
	memset(table, 0, sizeof(*table) * (max + 1u));
	for (const struct nlattr *a = wire_first(b); a; a = wire_next(b, a))
		if (wire_type(a) <= max)
			table[wire_type(a)] = a;
}

uint32_t wire_get_be32(const struct nlattr *a)
{
	const struct bytes b = wire_bytes(a);
	uint32_t value = 0;

	if (b.n == sizeof(value))
		memcpy(&value, b.p, sizeof(value));
	return be32toh(value);
}

const char *wire_get_string(const struct nlattr *a)
{
	const struct bytes b = wire_bytes(a);

	return b.n > 0 && memchr(b.p, 0, b.n) ? b.p : "";
}
