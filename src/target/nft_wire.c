/* SPDX-License-Identifier: MIT */
/* Netlink attributes read with care: nothing outside the bytes given is looked at. */
#include "base/base.h"

#include <endian.h>
#include <linux/netlink.h>

#include "target/nft.h"

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
