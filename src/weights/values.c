/* SPDX-License-Identifier: MIT */
/* Whole numbers of 128 bits as text and back. */
#include "base/base.h"

#include <errno.h>

#include "weights/values.h"

__extension__ typedef unsigned __int128 unsigned_wide;

const char *wide_print(wide v, char buf[WIDE_TEXT])
{
	unsigned_wide left = v < 0 ? -(unsigned_wide)v : (unsigned_wide)v;
	char *p = buf + WIDE_TEXT - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + (unsigned)(left % 10));
		left /= 10;
	} while (left > 0);
	if (v < 0)
		*--p = '-';
	return p;
}

int wide_parse(struct str s, wide *out)
{
	const bool negative = s.n > 0 && s.p[0] == '-';
	wide sum = 0;
	bool over = false;

	if (s.n == (size_t)negative)
		return -EINVAL;
	for (size_t i = negative; i < s.n; i++) {
		const int digit = s.p[i] - '0';
		if (digit < 0 || digit > 9)
			return -EINVAL;
		over |= __builtin_mul_overflow(sum, 10, &sum);
		over |= __builtin_add_overflow(sum, negative ? -digit : digit, &sum);
	}
	if (over)
		return -ERANGE;
	*out = sum;
	return 0;
}
