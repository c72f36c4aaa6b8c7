/* SPDX-License-Identifier: MIT */
/* The list of mechanisms, and what it can do. Alone in its file, so that tests can link another one (test/unit/fake_target.c). */
#include "base/base.h"

#include "target/target.h"

const struct target *const targets[] = { &target_sysctl, &target_route, &target_tc, &target_nft, &target_ipt, NULL };

bool target_serves(const struct target *t, const struct kernel_conf *c)
{
	return t != (c->target == TARGET_NFT ? &target_ipt : &target_nft);
}

const struct target *target_of_format(const char *format)
{
	for (const struct target *const *t = targets; *t; t++)
		for (const char *const *f = (*t)->formats; *f; f++)
			if (strcmp(*f, format) == 0)
				return *t;
	return NULL;
}
