/* SPDX-License-Identifier: MIT */
/* Random profiles of the packet part, for the router of the line topology and two more links beside it: the same seed
 * and number give the same text. Nearly all of them are valid; who needs a valid one asks for another attempt. */
#ifndef NLBC_SOAK_COMPOSE_H
#define NLBC_SOAK_COMPOSE_H

#include "base/base.h"
#include "base/text.h"

enum {
	SEASON = 50,            /* so many profiles in a row share their `kernel` block, which cannot change in place */
	COMPOSE_PATHS = 24,
	COMPOSE_UPLINKS = 4,
	COMPOSE_SHAPERS = 3,
};

struct recipe {
	uint64_t seed, number;
	unsigned attempt;       /* from 0 */
	bool legacy;            /* for target iptables */
	bool netem, fq_codel;   /* queue kinds that not every kernel has */
};

enum style {
	STYLE_APART,            /* each balance has destinations of its own */
	STYLE_NESTED,           /* one takes all that comes in by `back`, the others lie within it */
	STYLE_SEED,             /* one balance, compat seed */
};

/* A profile in the making. */
struct composer {
	const struct recipe *recipe;
	uint64_t state;         /* of the draws */
	struct text *out;
	const char *indent;
	enum style style;
	unsigned mask_bits, mask_shift;
	unsigned n_shapers, n_uplinks, n_paths;
	bool has_main;          /* a path leads by the main table */
	bool back_twice;        /* a second interface stands for the device of `back` */
	struct compose_path {
		char name[32];
		unsigned uplink;
		bool v4, v6, any;       /* any: no next hop given, both families */
	} paths[COMPOSE_PATHS];
};

void compose(const struct recipe *r, struct text *out);

/* A number below n; n > 0. */
uint64_t draw(struct composer *c, uint64_t n);
/* True in so many of a hundred draws. */
bool chance(struct composer *c, unsigned percent);
#define DRAW_WORD(c, words) ((words)[draw((c), ARRAY_LEN(words))])

/* One indented line. */
void line(struct composer *c, const char *fmt, ...) PRINTF(2, 3);

/* The statements of one shaper block, on its line: ` rate 50mbit; queue 1mbit`. */
void compose_shaper(struct composer *c);
/* One balance: its place among n, and all in it. */
void compose_balance(struct composer *c, unsigned i, unsigned n);

#endif
