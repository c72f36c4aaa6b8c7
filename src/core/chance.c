/* SPDX-License-Identifier: MIT */
/* splitmix64 (Steele, Lea, Flood 2014): 64 bits of state, every seed is good, the same numbers everywhere. */
#include "base/base.h"

#include "core/group.h"

uint64_t chance_next(struct chance *c)
{
	uint64_t z = c->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

double chance_unit(struct chance *c)
{
	return ((double)(chance_next(c) >> 11) + 0.5) / 0x1p53;
}
