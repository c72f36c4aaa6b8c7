/* SPDX-License-Identifier: MIT */
/* Classes of bytes (RFC 9110 5.6.2, 5.5; RFC 3986 3.2.2; proxy.md 4.1), and text compared without regard to case. */
#ifndef NLBC_HTTP_BYTES_H
#define NLBC_HTTP_BYTES_H

#include "base/base.h"

enum http_class {
	HTTP_IS_TOKEN = 1,
	HTTP_IS_VALUE = 2,              /* tab, 0x20-0x7e, 0x80-0xff */
	HTTP_IS_TARGET = 4,             /* 0x21-0x7e without # */
	HTTP_IS_HOST = 8,
	HTTP_IS_HEX = 16,
	HTTP_IS_DIGIT = 32,
};
extern const uint8_t http_bytes[256];

static inline bool http_is(char c, enum http_class class) { return (http_bytes[(unsigned char)c] & class) != 0; }
static inline bool http_is_blank(char c) { return c == ' ' || c == '\t'; }
/* For tokens: no two bytes of a token but the cases of a letter fold to one letter, digit or '-'. */
static inline char http_folded(char c) { return (char)(c | 0x20); }

static inline struct str http_trim(struct str s)
{
	while (s.n && http_is_blank(s.p[0]))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && http_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

#endif
