/* SPDX-License-Identifier: MIT */
/* Bob Jenkins' lookup3 (public domain), in the form in which the kernel has it. */
#include "base/base.h"

#include "base/jhash.h"

enum { BLOCK = 12 };

struct lanes {
	uint32_t a, b, c;
};

static uint32_t rotate(uint32_t x, unsigned bits)
{
	return x << bits | x >> (32 - bits);
}

static void mix(struct lanes *s)
{
	s->a -= s->c;
	s->a ^= rotate(s->c, 4);
	s->c += s->b;
	s->b -= s->a;
	s->b ^= rotate(s->a, 6);
	s->a += s->c;
	s->c -= s->b;
	s->c ^= rotate(s->b, 8);
	s->b += s->a;
	s->a -= s->c;
	s->a ^= rotate(s->c, 16);
	s->c += s->b;
	s->b -= s->a;
	s->b ^= rotate(s->a, 19);
	s->a += s->c;
	s->c -= s->b;
	s->c ^= rotate(s->b, 4);
	s->b += s->a;
}

static void finish(struct lanes *s)
{
	s->c ^= s->b;
	s->c -= rotate(s->b, 14);
	s->a ^= s->c;
	s->a -= rotate(s->c, 11);
	s->b ^= s->a;
	s->b -= rotate(s->a, 25);
	s->c ^= s->b;
	s->c -= rotate(s->b, 16);
	s->a ^= s->c;
	s->a -= rotate(s->c, 4);
	s->b ^= s->a;
	s->b -= rotate(s->a, 14);
	s->c ^= s->b;
	s->c -= rotate(s->b, 24);
}

static uint32_t word(const uint8_t *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* Up to four bytes, the first the lowest; what lies beyond the key counts as 0. */
static uint32_t tail_word(const uint8_t *p, size_t n, size_t at)
{
	uint32_t w = 0;

	for (size_t i = at; i < n && i < at + sizeof(w); i++)
		w |= (uint32_t)p[i] << 8 * (i - at);
	return w;
}

uint32_t jhash(const void *key, size_t n, uint32_t seed)
{
	const uint32_t start = 0xdeadbeef + (uint32_t)n + seed;
	struct lanes s = { start, start, start };
	const uint8_t *p = key;

	for (; n > BLOCK; n -= BLOCK, p += BLOCK) {
		s.a += word(p);
		s.b += word(p + 4);
		s.c += word(p + 8);
		mix(&s);
	}
	if (n == 0)
		return s.c;
	s.a += tail_word(p, n, 0);
	s.b += tail_word(p, n, 4);
	s.c += tail_word(p, n, 8);
	finish(&s);
	return s.c;
}
