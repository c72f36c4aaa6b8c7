/* SPDX-License-Identifier: MIT */
/* A table of penalties, location by location, as narrow as its largest value allows. */
#ifndef NLBC_WEIGHTS_VALUES_H
#define NLBC_WEIGHTS_VALUES_H

#include "base/base.h"

enum { PENALTY_MAX = 1 << 24 };

/* rows × columns, one row behind the other; exactly one of p16, p32 is set. */
struct values {
	size_t rows, columns;
	const uint16_t *p16;
	const uint32_t *p32;
};
static inline uint32_t values_at(const struct values *v, size_t row, size_t column)
{
	size_t at = row * v->columns + column;

	return v->p16 ? v->p16[at] : v->p32[at];
}

/* A whole number of 128 bits: sums of the certificate. */
__extension__ typedef __int128 wide;
/* Decimal, '-' in front where negative; returns where in buf the text begins. */
enum { WIDE_TEXT = 42 };
const char *wide_print(wide v, char buf[WIDE_TEXT]);
/* Decimal with an optional '-': 0, -EINVAL, -ERANGE. */
int wide_parse(struct str s, wide *out) MUST_USE;

#endif
