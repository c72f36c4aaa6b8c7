/* SPDX-License-Identifier: MIT */
/* PROXY heads. A head is at most 4 KiB and a wrong byte among the first 232 is told at once, so it is looked at anew with
 * every call. */
#include "base/base.h"

#include <errno.h>

#include "base/proxyhead.h"
#include "base/text.h"

static const char signature[] = { '\r', '\n', '\r', '\n', '\0', '\r', '\n', 'Q', 'U', 'I', 'T', '\n' };

/* Bytes of version 2 before the addresses, and of the addresses by family. */
enum { V2_FIXED = 16, V2_INET = 12, V2_INET6 = 36, V2_UNIX = 216 };

/* p and n begin alike, as far as both go. */
static bool begins(const char *p, size_t n, const char *with, size_t with_n)
{
	return memcmp(p, with, MIN(n, with_n)) == 0;
}

/* Takes a word of `allowed` bytes up to `end` off s. 1; 0: its end has not come; -EINVAL. */
static int take_word(struct str *s, const char *allowed, size_t most, char end, struct str *word)
{
	size_t i = 0;

	while (i < s->n && s->p[i] != end) {
		if (s->p[i] == '\0' || !strchr(allowed, s->p[i]) || ++i > most)
			return -EINVAL;
	}
	if (i == s->n)
		return 0;
	*word = (struct str){ s->p, i };
	*s = (struct str){ s->p + i + 1, s->n - i - 1 };
	return 1;
}

static int take_addr(struct str *s, uint8_t family, struct addr *a)
{
	struct str word;
	const char *allowed = family == AF_INET ? "0123456789." : "0123456789abcdefABCDEF:.";
	const int taken = take_word(s, allowed, family == AF_INET ? 15 : ADDR_TEXT - 1, ' ', &word);

	if (taken == 1 && (addr_parse(word, a) || a->family != family))
		return -EINVAL;
	return taken;
}

static int take_port(struct str *s, char end, uint16_t *port)
{
	struct str word;
	uint64_t number;
	const int taken = take_word(s, "0123456789", 5, end, &word);

	if (taken == 1) {
		if (parse_uint(word, &number) || number > UINT16_MAX)
			return -EINVAL;
		*port = (uint16_t)number;
	}
	return taken;
}

/* "source destination port port" CRLF; family 0: anything up to CRLF. s is what follows the family's name and a blank. */
static int read_v1_addresses(struct str s, uint8_t family, struct proxyhead *h, const char **end)
{
	int taken;

	if ((taken = take_addr(&s, family, &h->source.addr)) != 1)
		return taken;
	if ((taken = take_addr(&s, family, &h->destination.addr)) != 1)
		return taken;
	if ((taken = take_port(&s, ' ', &h->source.port)) != 1)
		return taken;
	if ((taken = take_port(&s, '\r', &h->destination.port)) != 1)
		return taken;
	h->known = true;
	*end = s.p;
	if (s.n == 0)
		return 0;
	return s.p[0] == '\n' ? 1 : -EINVAL;
}

static int read_v1_unknown(struct str s, const char **end)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\0' || (i == 0 && s.p[i] != ' ' && s.p[i] != '\r'))
			return -EINVAL;
		if (s.p[i] != '\r')
			continue;
		*end = s.p + i + 1;
		if (i + 1 == s.n)
			return 0;
		return s.p[i + 1] == '\n' ? 1 : -EINVAL;
	}
	return 0;
}

static int read_v1(const char *p, size_t n, struct proxyhead *h)
{
	static const struct {
		struct str text;
		uint8_t family;
	} kinds[] = {
		{ { "PROXY TCP4 ", 11 }, AF_INET },
		{ { "PROXY TCP6 ", 11 }, AF_INET6 },
		{ { "PROXY UNKNOWN", 13 }, 0 },
	};
	const size_t most = MIN(n, (size_t)PROXYHEAD_V1_BYTES);
	const char *end = NULL;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct str text = kinds[i].text;
		if (!begins(p, most, text.p, text.n))
			continue;
		if (most <= text.n)
			return 0;
		const struct str rest = { p + text.n, most - text.n };
		const int taken = kinds[i].family ? read_v1_addresses(rest, kinds[i].family, h, &end) : read_v1_unknown(rest, &end);
		if (taken == 1)
			return (int)(end + 1 - p);
		return taken < 0 || n >= PROXYHEAD_V1_BYTES ? -EINVAL : 0;
	}
	return -EINVAL;
}

static void read_v2_endpoint(const uint8_t *addr, size_t size, const uint8_t *port, struct endpoint *e)
{
	e->addr.family = size == 4 ? AF_INET : AF_INET6;
	memcpy(e->addr.b, addr, size);
	e->port = (uint16_t)(port[0] << 8 | port[1]);
}

/* The bytes of addresses that this family and protocol want; -EINVAL: there are no such. */
static int v2_addresses(uint8_t kind)
{
	static const int sizes[] = { 0, V2_INET, V2_INET6, V2_UNIX };

	return kind >> 4 >= (int)ARRAY_LEN(sizes) || (kind & 15) > 2 ? -EINVAL : sizes[kind >> 4];
}

static int read_v2(const char *p, size_t n, struct proxyhead *h)
{
	const uint8_t *b = (const uint8_t *)p;
	const size_t most = PROXYHEAD_V2_BYTES - V2_FIXED;

	if (n > 12 && b[12] >> 1 != 0x20 >> 1)
		return -EINVAL;
	if (n <= 13)
		return 0;
	const bool proxied = b[12] & 1;
	const int size = proxied ? v2_addresses(b[13]) : 0;
	if (size < 0 || (n > 14 && b[14] > most >> 8))
		return -EINVAL;
	if (n < V2_FIXED)
		return 0;
	const size_t length = (size_t)b[14] << 8 | b[15];
	if (length > most || length < (size_t)size)
		return -EINVAL;
	if (n < V2_FIXED + length)
		return 0;
	h->known = proxied && (b[13] == 0x11 || b[13] == 0x21);
	if (h->known) {
		const size_t a = b[13] == 0x11 ? 4 : 16;
		read_v2_endpoint(b + V2_FIXED, a, b + V2_FIXED + 2 * a, &h->source);
		read_v2_endpoint(b + V2_FIXED + a, a, b + V2_FIXED + 2 * a + 2, &h->destination);
	}
	return (int)(V2_FIXED + length);
}

int proxyhead_read(const char *p, size_t n, struct proxyhead *h)
{
	*h = (struct proxyhead){ 0 };
	if (n == 0)
		return 0;
	const bool is_v2 = begins(p, n, signature, sizeof(signature));
	const int done = is_v2 ? read_v2(p, n, h) : read_v1(p, n, h);
	if (done <= 0)
		*h = (struct proxyhead){ 0 };
	return done;
}

static void write_port(uint16_t port, char *out)
{
	out[0] = (char)(port >> 8);
	out[1] = (char)(port & 0xff);
}

size_t proxyhead_write(const struct proxyhead *h, char out[PROXYHEAD_WRITTEN])
{
	const bool known = h->known && h->source.addr.family == h->destination.addr.family;
	const size_t a = known ? addr_size(&h->source.addr) : 0;
	const size_t length = known ? 2 * a + 4 : 0;

	memcpy(out, signature, sizeof(signature));
	out[12] = known ? 0x21 : 0x20;
	out[13] = (char)(!known ? 0 : a == 4 ? 0x11 : 0x21);
	out[14] = 0;
	out[15] = (char)length;
	if (known) {
		memcpy(out + V2_FIXED, h->source.addr.b, a);
		memcpy(out + V2_FIXED + a, h->destination.addr.b, a);
		write_port(h->source.port, out + V2_FIXED + 2 * a);
		write_port(h->destination.port, out + V2_FIXED + 2 * a + 2);
	}
	return V2_FIXED + length;
}
