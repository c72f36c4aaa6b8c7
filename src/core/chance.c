/* SPDX-License-Identifier: MIT */
/* splitmix64 (Steele, Lea, Flood 2014): 64 bits of state, every seed is good, the same numbers everywhere. */
#include "base/base.h"

#include "core/chance.h"

uint64_t chance_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

uint64_t chance_next(struct chance *c)
{
	c->state += 0x9e3779b97f4a7c15;
	return chance_mix(c->state);
}

double chance_unit_of(uint64_t x)
{
	return ((double)(x >> 11) + 0.5) * 0x1p-53;
}

double chance_unit(struct chance *c)
{
	return chance_unit_of(chance_next(c));
}

uint32_t chance_below(struct chance *c, uint32_t n)
{
	return (uint32_t)((chance_next(c) >> 32) * n >> 32);
}
