/* SPDX-License-Identifier: MIT */
/* Rights that the proxy gives up, and how many files it may open (proxy.md section 2.3). */
#ifndef NLBC_PROXY_RIGHTS_H
#define NLBC_PROXY_RIGHTS_H

#include "base/base.h"

/* What a worker is from here on: no new rights, not dumpable, without capabilities, and, where the kernel can, without any
 * file to open. 0, -errno: a capability stays. */
int rights_of_worker(void) MUST_USE;
/* No capability is left: the listeners stand. Root stays what it is. 0, -errno. */
int rights_of_master(void) MUST_USE;

/* The soft limit of open files goes up to the hard one, which is returned. */
uint64_t files_raise_limit(void);
/* How many connections this many workers can have together at this limit, at most `wanted`: each takes two descriptors,
 * and a worker 64 for itself. */
uint32_t files_connections(uint64_t limit, uint32_t wanted, unsigned workers);

#endif
