/* SPDX-License-Identifier: MIT */
/* What the exports share. */
#ifndef NLBC_WEIGHTS_EXPORT_PARTS_H
#define NLBC_WEIGHTS_EXPORT_PARTS_H

#include "base/base.h"
#include "base/text.h"
#include "weights/result.h"

enum { EXPORT_CHUNK = 64 * 1024 };
/* Writes t to f once it is a chunk long, or all that is left of it: 0, -errno. */
int export_flush(struct text *t, FILE *f, bool is_last) MUST_USE;

/* x of the row by group, [n_groups]. */
void export_amounts(const struct result *r, const struct result_row *row, int64_t *amount);

#endif
