/* SPDX-License-Identifier: MIT */
/* Sorting many texts that share long beginnings. */
#ifndef NLBC_PLAN_SORT_H
#define NLBC_PLAN_SORT_H

#include "base/base.h"

struct arena;

struct keyed {
	const char *key;
	const void *item;
};

/* Bytewise by key; the order of equal keys is not kept. */
void keyed_sort(struct keyed *list, size_t n);

/* The n elements of `size` bytes whose first member is the text they are sorted by, as a new sorted array; the same array
 * if it is sorted already. */
void *sort_by_first(void *list, size_t n, size_t size, struct arena *a);

#endif
