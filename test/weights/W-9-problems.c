/* SPDX-License-Identifier: MIT */
/* W-9: the problems of weights.md section 9 are made as it says; those of more than a million pairs where WEIGHTS_SLOW is set. */
#include "base/base.h"

#include "made.h"
#include "../unit/unit.h"

START_TEST(problems_are_made_by_the_rule)
{
	const struct made_row *r = &made_rows[_i];
	char digest[17];

	if (r->is_slow && !getenv("WEIGHTS_SLOW"))
		return;
	struct made *d = made_new(&r->wish);
	made_digest(d, digest);
	made_free(d);
	ck_assert_msg(!strcmp(digest, r->digest), "%s: %s, not %s", r->name, digest, r->digest);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, problems_are_made_by_the_rule, 0, (int)made_n_rows);
}
