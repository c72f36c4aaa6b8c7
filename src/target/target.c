/* SPDX-License-Identifier: MIT */
/* What the mechanisms share. */
#include "base/base.h"

#include "target/target.h"

void stage_by_op(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	for (size_t i = 0; i < c->n; i++)
		c->list[i].stage = c->list[i].op == CHANGE_REMOVE ? STAGE_RETIRE : STAGE_PREPARE;
}
