/* SPDX-License-Identifier: MIT */
/* Sticky clients (proxy.md 15.3): what the cookie says of each server. Pure. */
#ifndef NLBC_PROXY_STICKY_H
#define NLBC_PROXY_STICKY_H

#include "base/base.h"

struct proxy_conf;
struct sticky;

/* NULL: the proxy's clients are not sticky. Values come from names alone: they outlive any change of the profile. */
struct sticky *sticky_new(const char *profile, const struct proxy_conf *c);
void sticky_free(struct sticky *s);
/* The server that a cookie's value names; -1: none. */
int sticky_find(const struct sticky *s, struct str value);
/* The whole Set-Cookie value for this server. */
struct str sticky_cookie(const struct sticky *s, size_t server);

#endif
