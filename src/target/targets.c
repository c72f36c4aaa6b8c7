/* SPDX-License-Identifier: MIT */
/* The list of mechanisms, and what it can do. Alone in its file, so that tests can link another one (test/unit/fake_target.c). */
#include "base/base.h"

#include <errno.h>

#include "target/target.h"

const struct target *const targets[] = { &target_sysctl, &target_route, &target_tc, &target_nft, NULL };

int target_check(const struct kernel_conf *c, struct diags *d)
{
	if (c->target == TARGET_NFT)
		return 0;
	diag_hint(d, diag_error(d, &c->place, "machine", "this nlbc has no target iptables"), "use target nft");
	return -ENOTSUP;
}

const struct target *target_of_format(const char *format)
{
	for (const struct target *const *t = targets; *t; t++)
		for (const char *const *f = (*t)->formats; *f; f++)
			if (strcmp(*f, format) == 0)
				return *t;
	return NULL;
}
