/* SPDX-License-Identifier: MIT */
/* What was displaced for us is remembered until it has been put back. */
#include "base/base.h"

#include "plan/item.h"

void own_forget(struct own *o, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_displaced; i++)
		if (strcmp(o->displaced[i].key, key) != 0)
			o->displaced[n++] = o->displaced[i];
	o->n_displaced = n;
}
