/* SPDX-License-Identifier: MIT */
/* Names of fields and methods: the length leaves at most two that it may be, and words of 8 or 4 bytes are compared. */
#include "base/base.h"

#include "http/bytes.h"
#include "http/name.h"

#define FOLD8 UINT64_C(0x2020202020202020)
#define FOLD4 UINT32_C(0x20202020)

static inline uint64_t word8(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w | FOLD8;
}

static inline uint32_t word4(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w | FOLD4;
}

/* n is known where this is inlined: two or three compares of words that overlap. */
static inline __attribute__((always_inline)) bool same(const char *p, const char *name, size_t n)
{
	if (n < 4) {
		for (size_t i = 0; i < n; i++)
			if (http_folded(p[i]) != name[i])
				return false;
		return true;
	}
	if (n < 8)
		return word4(p) == word4(name) && word4(p + n - 4) == word4(name + n - 4);
	for (size_t i = 0; i + 8 < n; i += 8)
		if (word8(p + i) != word8(name + i))
			return false;
	return word8(p + n - 8) == word8(name + n - 8);
}
#define SAME(p, name) same((p), (name), sizeof(name) - 1)

enum http_name http_name_of(const char *p, size_t n)
{
	switch (n) {
	case 2:
		return SAME(p, "te") ? HTTP_TE : HTTP_OTHER;
	case 3:
		return SAME(p, "via") ? HTTP_VIA : HTTP_OTHER;
	case 4:
		return SAME(p, "host") ? HTTP_HOST : SAME(p, "date") ? HTTP_DATE : HTTP_OTHER;
	case 6:
		return SAME(p, "cookie") ? HTTP_COOKIE : SAME(p, "expect") ? HTTP_EXPECT : HTTP_OTHER;
	case 7:
		return SAME(p, "upgrade") ? HTTP_UPGRADE : SAME(p, "trailer") ? HTTP_TRAILER : HTTP_OTHER;
	case 9:
		return SAME(p, "x-real-ip") ? HTTP_X_REAL_IP : SAME(p, "forwarded") ? HTTP_FORWARDED : HTTP_OTHER;
	case 10:
		return SAME(p, "connection") ? HTTP_CONNECTION : SAME(p, "keep-alive") ? HTTP_KEEP_ALIVE : HTTP_OTHER;
	case 12:
		return SAME(p, "max-forwards") ? HTTP_MAX_FORWARDS : HTTP_OTHER;
	case 14:
		return SAME(p, "content-length") ? HTTP_CONTENT_LENGTH :
		       SAME(p, "http2-settings") ? HTTP_HTTP2_SETTINGS : HTTP_OTHER;
	case 15:
		return SAME(p, "x-forwarded-for") ? HTTP_X_FORWARDED_FOR : HTTP_OTHER;
	case 16:
		return SAME(p, "proxy-connection") ? HTTP_PROXY_CONNECTION :
		       SAME(p, "x-forwarded-host") ? HTTP_X_FORWARDED_HOST : HTTP_OTHER;
	case 17:
		return SAME(p, "transfer-encoding") ? HTTP_TRANSFER_ENCODING :
		       SAME(p, "x-forwarded-proto") ? HTTP_X_FORWARDED_PROTO : HTTP_OTHER;
	case 18:
		return SAME(p, "proxy-authenticate") ? HTTP_PROXY_AUTHENTICATE : HTTP_OTHER;
	case 19:
		return SAME(p, "proxy-authorization") ? HTTP_PROXY_AUTHORIZATION : HTTP_OTHER;
	default:
		return HTTP_OTHER;
	}
}

/* Methods have a case. */
enum http_method http_method_of(const char *p, size_t n)
{
	switch (n) {
	case 3:
		return !memcmp(p, "GET", 3) ? HTTP_GET : !memcmp(p, "PUT", 3) ? HTTP_PUT : HTTP_METHOD_OTHER;
	case 4:
		return !memcmp(p, "POST", 4) ? HTTP_POST : !memcmp(p, "HEAD", 4) ? HTTP_HEAD : HTTP_METHOD_OTHER;
	case 6:
		return !memcmp(p, "DELETE", 6) ? HTTP_DELETE : HTTP_METHOD_OTHER;
	case 7:
		return !memcmp(p, "OPTIONS", 7) ? HTTP_OPTIONS : HTTP_METHOD_OTHER;
	default:
		return HTTP_METHOD_OTHER;
	}
}

bool http_method_repeatable(enum http_method m)
{
	return m == HTTP_GET || m == HTTP_HEAD || m == HTTP_OPTIONS || m == HTTP_PUT || m == HTTP_DELETE;
}

/* Tokens that fold to the same are the same but for these pairs, which differ in bit 5 too: '^' and '~', '_' (to DEL,
 * which no token has), '`' and '@' (no token has), '|' and '\' (no token has). */
bool http_folded_eq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == b.p[i])
			continue;
		const char folded = http_folded(a.p[i]);
		if (folded != http_folded(b.p[i]) || folded < 'a' || folded > 'z')
			return false;
	}
	return true;
}
