/* SPDX-License-Identifier: MIT */
/* Bob Jenkins' hash as the kernel computes it (include/linux/jhash.h): what nftables' jhash draws slots by. */
#ifndef NLBC_BASE_JHASH_H
#define NLBC_BASE_JHASH_H

#include "base/base.h"

/* jhash() of the kernel: whole words in the machine's byte order, the last 1 to 12 bytes as little endian. */
uint32_t jhash(const void *key, size_t n, uint32_t seed);
/* reciprocal_scale() of the kernel: the hash as one of `size` slots. */
static inline uint32_t jhash_slot(uint32_t hash, uint32_t size) { return (uint32_t)((uint64_t)hash * size >> 32); }

#endif
