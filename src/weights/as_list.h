/* SPDX-License-Identifier: MIT */
/* A file of AS numbers, one a line: ASes to skip, suspects. */
#ifndef NLBC_WEIGHTS_AS_LIST_H
#define NLBC_WEIGHTS_AS_LIST_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

struct as_list {
	uint32_t *list;          /* ascending, none twice */
	size_t n;
};
/* One AS a line; `none` is what is told of a file that has none (NULL: that is fine). 0, or -errno: explained. In arena a. */
int as_list_read(const char *path, const char *none, bool lenient, struct arena *a, struct diags *d, struct as_list *out) MUST_USE;
/* Sorts numbers and leaves each once. */
void as_list_sort(struct as_list *l);
/* Index of a number, or SIZE_MAX. */
size_t as_list_find(const struct as_list *l, uint32_t as);

#endif
