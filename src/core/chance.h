/* SPDX-License-Identifier: MIT */
/* splitmix64: the one generator of chance; seeded by the kernel, in tests by the test. */
#ifndef NLBC_CORE_CHANCE_H
#define NLBC_CORE_CHANCE_H

#include "base/base.h"

struct chance {
	uint64_t state;
};
uint64_t chance_next(struct chance *c);
double chance_unit(struct chance *c);                   /* in (0, 1) */
uint32_t chance_below(struct chance *c, uint32_t n);    /* 0 to n - 1; n > 0 */

/* splitmix64's finisher: any change of x changes half the bits. */
uint64_t chance_mix(uint64_t x);
/* The middle of the 2^53 equal parts of (0, 1) that the upper bits of x name. */
double chance_unit_of(uint64_t x);

#endif
