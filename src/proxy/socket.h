/* SPDX-License-Identifier: MIT */
/* Endpoints as the kernel's socket calls take them, and back. */
#ifndef NLBC_PROXY_SOCKET_H
#define NLBC_PROXY_SOCKET_H

#include "base/addr.h"
#include "base/base.h"

#include <sys/socket.h>

socklen_t socket_address(const struct endpoint *e, struct sockaddr_storage *sa);        /* its length */
/* The socket's own end. 0, -errno; -EAFNOSUPPORT: neither IPv4 nor IPv6. */
int socket_endpoint(int fd, struct endpoint *e) MUST_USE;

#endif
