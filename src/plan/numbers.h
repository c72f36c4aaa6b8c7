/* SPDX-License-Identifier: MIT */
/* The numbers of paths and balances (packet.md section 2): kept while a name is applied, never given to another name
 * while there is one that was never used, because connections may still carry the mark of a freed one. */
#ifndef NLBC_PLAN_NUMBERS_H
#define NLBC_PLAN_NUMBERS_H

#include "plan/memory.h"

/* Numbers that are set aside: by number, 1 + the place of the only name that may have it; 0: free for all. */
struct numbering {
	uint32_t limit;                 /* highest number */
	const uint16_t *aside[2];       /* NULL: none; room for limit + 1 */
};

/* Numbers for n names in their order; 0: none was left. The rows to remember go to *after and *n_after. */
void numbers_give(const struct numbering *rules, const struct numbered *before, size_t n_before,
		  const char *const *names, size_t n, struct arena *a, uint32_t *numbers,
		  struct numbered **after, size_t *n_after);

#endif
