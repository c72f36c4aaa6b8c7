/* SPDX-License-Identifier: MIT */
/* A target without a kernel, for tests of the whole road from profile to journal as any user: linked before the
 * library, it takes the place of target/targets.c and of facts_read. It lowers a plan as the real targets do, all of
 * them together, and what is written to it stands in memory as keys and bodies. */
#ifndef NLBC_TEST_FAKE_TARGET_H
#define NLBC_TEST_FAKE_TARGET_H

#include "target/target.h"

struct fake {
	struct items held;          /* what the kernel would hold, sorted */
	size_t writes;              /* changes carried out so far */
	size_t refuse_at;           /* this change is refused, counted from 1; 0: none */
	int refuse_error;           /* with this errno; ERESTART: somebody else was faster */
	size_t refusals;            /* so many times, from refuse_at on */
	const char *refuse_key;     /* a change of this key is refused, always; NULL: none */
	const char *in_the_way;     /* survey: an error with this text; NULL: none */
};
extern struct fake fake;

extern const struct target target_fake;

/* Nothing held, nothing refused; held lives in a. */
void fake_init(struct arena *a);

#endif
