/* SPDX-License-Identifier: MIT */
/* A second opinion on requests: takes only what RFC 9112 leaves no two readings of, and what proxy.md 4.4 lets through. */
#ifndef NLBC_TEST_PROXY_STRICT_H
#define NLBC_TEST_PROXY_STRICT_H

#include "base/base.h"

struct strict {
	struct str method, target;
	int64_t client;                 /* by its address, the last in X-Forwarded-For */
	const char *why;                /* it is none */
};
/* > 0: a whole request, so many bytes; 0: more; -1: never. */
ssize_t strict_read(struct strict *r, const char *p, size_t n);

#endif
