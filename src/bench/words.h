/* SPDX-License-Identifier: MIT */
/* The first column of the bench's tables, and sizes as the seed wrote them. */
#ifndef NLBC_BENCH_WORDS_H
#define NLBC_BENCH_WORDS_H

#include "base/text.h"

void epoch_add(struct text *t);                 /* seconds since 1970 with 6 digits after the point, and a tab */
/* "123.4 kB": one decimal and a power of 1000; below 1000 whole "Bytes". */
void size_add(struct text *t, double bytes);

#endif
