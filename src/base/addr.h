/* SPDX-License-Identifier: MIT */
/* IP addresses, prefixes and endpoints of both families. Names are never looked up. */
#ifndef NLBC_BASE_ADDR_H
#define NLBC_BASE_ADDR_H

#include "base/base.h"

#include <sys/socket.h>

struct addr {
	uint8_t family;    /* AF_INET, AF_INET6; 0: none */
	uint8_t b[16];     /* network order; 4 bytes used for AF_INET, the rest 0 */
};
struct prefix {
	struct addr addr;  /* bits right of len are 0 unless kept by prefix_parse_raw */
	uint8_t len;
};
struct endpoint {
	struct addr addr;
	uint16_t port;     /* host order */
};
enum { ADDR_TEXT = 46, PREFIX_TEXT = 50, ENDPOINT_TEXT = 54 };

static inline unsigned addr_size(const struct addr *a) { return a->family == AF_INET ? 4 : 16; }
static inline unsigned addr_bits(const struct addr *a) { return addr_size(a) * 8; }
static inline bool addr_eq(const struct addr *a, const struct addr *b) { return a->family == b->family && memcmp(a->b, b->b, 16) == 0; }

int addr_parse(struct str s, struct addr *a) MUST_USE;             /* IPv4 dotted quad without leading zeros, or IPv6; 0, -EINVAL */
/* ADDRESS[/LENGTH]; *raw is as written with its host bits, *p has them cleared. 0, -EINVAL. raw may be NULL. */
int prefix_parse(struct str s, struct prefix *p, struct prefix *raw) MUST_USE;
int endpoint_parse(struct str s, struct endpoint *e) MUST_USE;     /* A.B.C.D:PORT or [IPv6]:PORT; 0, -EINVAL */

char *addr_print(const struct addr *a, char buf[ADDR_TEXT]);             /* RFC 5952; returns buf */
char *prefix_print(const struct prefix *p, char buf[PREFIX_TEXT]);       /* always with /length */
char *endpoint_print(const struct endpoint *e, char buf[ENDPOINT_TEXT]);

bool prefix_has(const struct prefix *p, const struct addr *a);           /* a lies within p */
bool prefix_within(const struct prefix *inner, const struct prefix *outer);
bool prefix_eq(const struct prefix *a, const struct prefix *b);
int prefix_compare(const struct prefix *a, const struct prefix *b);      /* family, address bytes, length */
bool addr_is_any(const struct addr *a);
bool addr_is_loopback(const struct addr *a);                             /* 127.0.0.0/8, ::1 */

#endif
