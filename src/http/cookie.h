/* SPDX-License-Identifier: MIT */
/* Cookies of a request (RFC 6265 5.4), for sticky clients (proxy.md 15.3). */
#ifndef NLBC_HTTP_COOKIE_H
#define NLBC_HTTP_COOKIE_H

#include "http/head.h"

/* The value of the first cookie of exactly this name: bytes of p, as they stand. .p NULL: there is none. */
struct str http_cookie_find(const struct http_head *h, const char *p, struct str name);

#endif
