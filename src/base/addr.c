/* SPDX-License-Identifier: MIT */
/* Addresses as text and back. The C library's inet_pton and inet_ntop do the work: they refuse leading zeros and
 * write what iproute2 and nft write, so that a text of ours equals a text of theirs. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/addr.h"
#include "base/text.h"

int addr_parse(struct str s, struct addr *a)
{
	char buf[ADDR_TEXT];
	struct addr parsed = { 0 };

	if (s.n == 0 || s.n >= sizeof(buf) || memchr(s.p, '\0', s.n))
		return -EINVAL;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	parsed.family = strchr(buf, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(parsed.family, buf, parsed.b) != 1)
		return -EINVAL;
	*a = parsed;
	return 0;
}

/* Clears what is right of the first len bits. */
static void mask_addr(struct addr *a, unsigned len)
{
	for (unsigned i = 0; i < addr_size(a); i++) {
		const unsigned left = len > 8 * i ? len - 8 * i : 0;
		if (left < 8)
			a->b[i] &= (uint8_t)(0xff00u >> left);
	}
}

int prefix_parse(struct str s, struct prefix *p, struct prefix *raw)
{
	const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
	const struct str host = { s.p, slash ? (size_t)(slash - s.p) : s.n };
	struct prefix parsed = { 0 };

	if (addr_parse(host, &parsed.addr))
		return -EINVAL;
	uint64_t len = addr_bits(&parsed.addr);
	if (slash) {
		const struct str digits = { slash + 1, s.n - host.n - 1 };
		if (digits.n > 3 || parse_uint(digits, &len) || len > addr_bits(&parsed.addr))
			return -EINVAL;
		if (digits.n > 1 && digits.p[1] == 'x')
			return -EINVAL;
	}
	parsed.len = (uint8_t)len;
	if (raw)
		*raw = parsed;
	mask_addr(&parsed.addr, parsed.len);
	*p = parsed;
	return 0;
}

int endpoint_parse(struct str s, struct endpoint *e)
{
	const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
	struct endpoint parsed = { 0 };
	uint64_t port = 0;

	if (!colon)
		return -EINVAL;
	struct str host = { s.p, (size_t)(colon - s.p) };
	const struct str digits = { colon + 1, s.n - host.n - 1 };
	const bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (bracketed)
		host = (struct str){ host.p + 1, host.n - 2 };
	if (addr_parse(host, &parsed.addr) || bracketed != (parsed.addr.family == AF_INET6))
		return -EINVAL;
	if (digits.n == 0 || digits.n > 5 || (digits.n > 1 && digits.p[1] == 'x'))
		return -EINVAL;
	if (parse_uint(digits, &port) || port < 1 || port > 65535)
		return -EINVAL;
	parsed.port = (uint16_t)port;
	*e = parsed;
	return 0;
}

/* The library's way goes through printf, and the proxy prints an address for each request. */
static void print_ipv4(const uint8_t b[4], char *out)
{
	for (unsigned i = 0; i < 4; i++) {
		if (b[i] >= 100)
			*out++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*out++ = (char)('0' + b[i] / 10 % 10);
		*out++ = (char)('0' + b[i] % 10);
		*out++ = i < 3 ? '.' : '\0';
	}
}

char *addr_print(const struct addr *a, char buf[ADDR_TEXT])
{
	if (a->family == AF_INET)
		print_ipv4(a->b, buf);
	else if (!inet_ntop(a->family, a->b, buf, ADDR_TEXT))
		BUG("address of family %u", a->family);
	return buf;
}

char *prefix_print(const struct prefix *p, char buf[PREFIX_TEXT])
{
	char addr[ADDR_TEXT];

	(void)snprintf(buf, PREFIX_TEXT, "%s/%u", addr_print(&p->addr, addr), p->len);
	return buf;
}

char *endpoint_print(const struct endpoint *e, char buf[ENDPOINT_TEXT])
{
	char addr[ADDR_TEXT];

	addr_print(&e->addr, addr);
	(void)snprintf(buf, ENDPOINT_TEXT, e->addr.family == AF_INET ? "%s:%u" : "[%s]:%u", addr, e->port);
	return buf;
}

bool prefix_has(const struct prefix *p, const struct addr *a)
{
	struct addr masked = *a;

	if (p->addr.family != a->family)
		return false;
	mask_addr(&masked, p->len);
	return addr_eq(&masked, &p->addr);
}

bool prefix_within(const struct prefix *inner, const struct prefix *outer)
{
	return inner->len >= outer->len && prefix_has(outer, &inner->addr);
}

bool prefix_eq(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && addr_eq(&a->addr, &b->addr);
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	const int order = memcmp(a->addr.b, b->addr.b, sizeof(a->addr.b));
	return order ? order : (int)a->len - (int)b->len;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->b, zero, sizeof(zero)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == AF_INET ? a->b[0] == 127 : memcmp(a->b, one, sizeof(one)) == 0;
}
