/* SPDX-License-Identifier: MIT */
/* Heads of the PROXY protocol (haproxy.org, proxy-protocol.txt), versions 1 and 2: pure. proxy.md 15.2. */
#ifndef NLBC_BASE_PROXYHEAD_H
#define NLBC_BASE_PROXYHEAD_H

#include "base/addr.h"
#include "base/base.h"

enum { PROXYHEAD_V1_BYTES = 107, PROXYHEAD_V2_BYTES = 4096, PROXYHEAD_WRITTEN = 52 };

struct proxyhead {
	bool known;                     /* false: UNKNOWN, LOCAL, UNIX: the peer's own addresses stand */
	struct endpoint source, destination;
};
/* > 0: complete, that many bytes; 0: more; -EINVAL: never. The same bytes, and more of them, at every call. */
int proxyhead_read(const char *p, size_t n, struct proxyhead *h) MUST_USE;
/* Version 2: PROXY with these addresses (both of one family), or LOCAL where h->known is false. Its length. */
size_t proxyhead_write(const struct proxyhead *h, char out[PROXYHEAD_WRITTEN]);

#endif
