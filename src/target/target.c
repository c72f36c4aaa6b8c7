/* SPDX-License-Identifier: MIT */
/* The list of mechanisms, and what several of them share. */
#include "base/base.h"

#include "target/target.h"

const struct target *const targets[] = { &target_sysctl, &target_route, &target_tc, &target_nft, NULL };

const struct target *target_of_format(const char *format)
{
	for (const struct target *const *t = targets; *t; t++)
		for (const char *const *f = (*t)->formats; *f; f++)
			if (strcmp(*f, format) == 0)
				return *t;
	return NULL;
}

void stage_by_op(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	for (size_t i = 0; i < c->n; i++)
		c->list[i].stage = c->list[i].op == CHANGE_REMOVE ? STAGE_RETIRE : STAGE_PREPARE;
}
