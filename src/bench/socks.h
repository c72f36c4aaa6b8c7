/* SPDX-License-Identifier: MIT */
/* SOCKS5 without authentication (RFC 1928), the client's side, where the proxy resolves names. Pure. */
#ifndef NLBC_BENCH_SOCKS_H
#define NLBC_BENCH_SOCKS_H

#include "bench/url.h"

enum { SOCKS_REQUEST = 262, SOCKS_REPLY = 262 };

extern const char socks_hello[3];               /* what is sent first */
/* The answer to it, and to the request: > 0: complete, that many bytes; 0: more; < 0: *why says what is wrong. */
int socks_hello_read(const char *p, size_t n, const char **why) MUST_USE;
int socks_reply_read(const char *p, size_t n, const char **why) MUST_USE;
/* Asks for a connection to u's host and port; its length. */
size_t socks_request(const struct url *u, char out[SOCKS_REQUEST]);

#endif
