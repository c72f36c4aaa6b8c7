/* SPDX-License-Identifier: MIT */
/* What a client goes to: http://HOST[:PORT]/PATH or tcp://HOST:PORT. Pure. */
#ifndef NLBC_BENCH_URL_H
#define NLBC_BENCH_URL_H

#include "base/addr.h"

enum { URL_HOST = 255 };

struct url {
	bool tcp;
	char host[URL_HOST + 1];        /* without brackets */
	bool is_ipv6;
	uint16_t port;
	const char *path;               /* a view; "/" where none was written */
};

int url_parse(const char *text, struct url *u) MUST_USE;        /* 0, -EINVAL */
/* Its address. A name is looked up, which may take its time. 0, -EADDRNOTAVAIL. */
int url_resolve(const struct url *u, struct endpoint *e) MUST_USE;
/* The head of a GET of it. */
struct text;
void url_request(const struct url *u, bool close, struct text *out);

#endif
