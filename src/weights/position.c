/* SPDX-License-Identifier: MIT */
/* Which relays a position has room for. */
#include "base/base.h"

#include "weights/inputs.h"

bool inputs_takes_part(const struct inputs *in, const struct relay *r)
{
	const bool is_exit = in->position == POSITION_EXIT;

	if (!r->is_weighted || r->weight == 0)
		return false;
	switch (r->class) {
	case CLASS_GUARD:
		return !is_exit && in->weights.wgg > 0;
	case CLASS_GUARD_EXIT:
		return is_exit ? in->weights.wed > 0 : !in->guards_only && in->weights.wgd > 0;
	case CLASS_EXIT:
		return is_exit && in->weights.wee > 0;
	case CLASS_MIDDLE:
	case RELAY_CLASSES:
		return false;
	}
	return false;
}
