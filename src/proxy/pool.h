/* SPDX-License-Identifier: MIT */
/* Idle connections to one server: taken last in, first out; the oldest can be found. Pure. */
#ifndef NLBC_PROXY_POOL_H
#define NLBC_PROXY_POOL_H

#include "base/base.h"

/* Embedded in a connection. {0} is in no pool. */
struct pool_place {
	struct pool_place *newer, *older;
	uint64_t since_us;
};
struct pool {
	struct pool_place *newest, *oldest;
	uint32_t n;
};

void pool_add(struct pool *p, struct pool_place *c, uint64_t now_us);
void pool_remove(struct pool *p, struct pool_place *c);         /* it must be in it */
struct pool_place *pool_take(struct pool *p);                   /* the newest; NULL: none is idle */

#endif
