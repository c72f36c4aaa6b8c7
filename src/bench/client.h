/* SPDX-License-Identifier: MIT */
/* The three forms of nlbc-bench client. Each returns the exit code, or has explained itself. */
#ifndef NLBC_BENCH_CLIENT_H
#define NLBC_BENCH_CLIENT_H

#include "bench/bench.h"
#include "bench/url.h"

int client_load(struct bench *b, const struct url *u);
int client_exchange(struct bench *b, const struct url *u);
int client_download(struct bench *b, const struct url *u);

/* The address of u, for forms that connect to it directly. 0, or -errno explained. */
int client_resolve(struct bench *b, const struct url *u, struct endpoint *e) MUST_USE;

#endif
