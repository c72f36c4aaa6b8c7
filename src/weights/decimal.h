/* SPDX-License-Identifier: MIT */
/* Quotients of wide whole numbers as decimal text, exact to the last digit shown: no floating point on the way. */
#ifndef NLBC_WEIGHTS_DECIMAL_H
#define NLBC_WEIGHTS_DECIMAL_H

#include "base/base.h"
#include "weights/values.h"

enum { DECIMAL_TEXT = 96, DECIMAL_DIGITS_MAX = 30 };
/* number / (divisor × 10^tens) with `digits` digits after the point (no point if 0), rounded half up, away from 0 where
 * negative; returns buf. 0 < divisor < 2^120 / 10^(tens - digits), tens from -18 to 18. */
const char *decimal_print(wide number, wide divisor, int tens, unsigned digits, char buf[DECIMAL_TEXT]);

#endif
