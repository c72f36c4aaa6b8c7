/* SPDX-License-Identifier: MIT */
/* Sockets of emulated servers and clients: never blocking, small pieces sent at once. */
#ifndef NLBC_BENCH_SOCKETS_H
#define NLBC_BENCH_SOCKETS_H

#include "base/addr.h"
#include "base/diag.h"

/* Listens; *e gets the port where it was 0. The descriptor, or -errno. */
int socket_listen(struct endpoint *e) MUST_USE;
/* The same; a refusal is explained. */
int socket_listen_or_say(struct endpoint *e, struct diags *d) MUST_USE;
/* Begins to connect. The descriptor, or -errno. */
int socket_connect(const struct endpoint *e) MUST_USE;
int socket_error(int fd);               /* -errno of what went wrong on it; 0: nothing */
void socket_reset(int fd);              /* closes it with a reset */
void socket_peer(int fd, struct endpoint *e);
/* As many descriptors as the system lets us have. */
void socket_raise_limit(void);
/* These signals are taken from a descriptor from now on: it, or -errno. */
int signals_open(const int *numbers, size_t n) MUST_USE;
int signals_take(int fd);               /* the next one's number; 0: none */

#endif
