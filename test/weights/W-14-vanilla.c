/* SPDX-License-Identifier: MIT */
/* W-14: nlbc with its solver replaced by vanilla. What comes out is allowed, and no optimum: the certificate says by how much. */
#include "base/base.h"

#include "../unit/unit.h"
#include "solved.h"
#include "weights/certify.h"

START_TEST(vanilla_in_the_solvers_place_fails)
{
	/* No cap reaches S here, so that caps are theta times the shares, in every digit. */
	static const struct made_wish wishes[] = { { .kind = MADE_TIERS, .m = 20, .n = 100 }, { .kind = MADE_STEPS, .m = 250, .n = 400 } };
	const struct problem_wish wish = { .no_merge = true, .threads = 1 };
	struct certificate c;
	struct solved s;

	solved_made(&s, &wishes[_i], &wish);
	const struct result *r = solved_result(&s);
	ck_assert_int_eq(certify(r, s.in, NULL, s.arena, &c), 0);
	ck_assert(c.has_bound && c.gap > 0);
	ck_assert(!c.is_feasible);
	for (size_t i = 0; i < c.n_broken; i++)
		ck_assert_msg(c.broken[i].condition == CONDITION_VALUE && strcmp(c.broken[i].where, "bound") == 0, "%s: %s",
			      condition_names[c.broken[i].condition], c.broken[i].where);
	ck_assert(c.value == r->value && c.bound < c.value);
	solved_release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, vanilla_in_the_solvers_place_fails, 0, 2);
}
