/* SPDX-License-Identifier: MIT */
/* What the mechanisms share. */
#include "base/base.h"

#include <errno.h>

#include "target/target.h"

int target_check(const struct kernel_conf *c, struct diags *d)
{
	if (c->target == TARGET_NFT)
		return 0;
	diag_hint(d, diag_error(d, &c->place, "machine", "this nlbc has no target iptables"), "use target nft");
	return -ENOTSUP;
}

void stage_by_op(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	for (size_t i = 0; i < c->n; i++)
		c->list[i].stage = c->list[i].op == CHANGE_REMOVE ? STAGE_RETIRE : STAGE_PREPARE;
}
