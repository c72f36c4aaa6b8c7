/* SPDX-License-Identifier: MIT */
/* Rows of penalties as they are read: 16 bits each until one is larger. */
#ifndef NLBC_WEIGHTS_PENALTY_TABLE_H
#define NLBC_WEIGHTS_PENALTY_TABLE_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/values.h"

struct arena;

struct penalty_table {
	struct arena *arena;
	struct diags *d;
	size_t rows_most, columns, rows;
	uint16_t *p16;                   /* one of them is set */
	uint32_t *p32;
};
/* Memory that is not filled is not used. False: it is more than is allowed, explained. */
bool penalty_table_init(struct penalty_table *t, size_t rows_most, size_t columns, struct arena *a, struct diags *d) MUST_USE;
/* Adds a row, `largest` of its values given, and says which number it has. There are never more than rows_most. 0, or -ENOMEM:
 * they are too large for the memory that is allowed, explained. */
int penalty_table_add(struct penalty_table *t, const uint32_t *row, uint32_t largest, uint32_t *number) MUST_USE;
void penalty_table_values(const struct penalty_table *t, struct values *out);

#endif
