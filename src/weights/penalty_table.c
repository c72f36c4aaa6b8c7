/* SPDX-License-Identifier: MIT */
/* Copies rows in, and all of them once into wider numbers where it must be. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "weights/memory.h"
#include "weights/penalty_table.h"

bool penalty_table_init(struct penalty_table *t, size_t rows_most, size_t columns, struct arena *a, struct diags *d)
{
	*t = (struct penalty_table){ .arena = a, .d = d, .rows_most = rows_most, .columns = columns };
	if (!memory_allows(a, (uint64_t)rows_most * columns * sizeof(*t->p16), d))
		return false;
	t->p16 = arena_array(a, uint16_t, rows_most * columns);
	return true;
}

static int widen(struct penalty_table *t)
{
	if (!memory_allows(t->arena, (uint64_t)t->rows_most * t->columns * sizeof(*t->p32), t->d))
		return -ENOMEM;
	t->p32 = arena_array(t->arena, uint32_t, t->rows_most * t->columns);
	for (size_t i = 0; i < t->rows * t->columns; i++)
		t->p32[i] = t->p16[i];
	t->p16 = NULL;
	return 0;
}

int penalty_table_add(struct penalty_table *t, const uint32_t *row, uint32_t largest, uint32_t *number)
{
	const size_t at = t->rows * t->columns;

	if (t->p16 && largest > UINT16_MAX && widen(t))
		return -ENOMEM;
	for (size_t i = 0; t->p16 && i < t->columns; i++)
		t->p16[at + i] = (uint16_t)row[i];
	for (size_t i = 0; t->p32 && i < t->columns; i++)
		t->p32[at + i] = row[i];
	*number = (uint32_t)t->rows++;
	return 0;
}

void penalty_table_values(const struct penalty_table *t, struct values *out)
{
	*out = (struct values){ t->rows, t->columns, t->p16, t->p32 };
}
