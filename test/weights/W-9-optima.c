/* SPDX-License-Identifier: MIT */
/* W-9: the solver finds the optimum of every problem of weights.md section 9 in every digit, and its prices prove it; those of
 * more than a million pairs where WEIGHTS_SLOW is set. */
#include "base/base.h"

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

START_TEST(optima_are_found_in_every_digit)
{
	const struct made_row *r = &made_rows[_i];
	const struct transport_wish w = { .threads = 1 };
	struct transport_answer a;
	struct transport t;
	char text[WIDE_TEXT];

	if (r->is_slow && !getenv("WEIGHTS_SLOW"))
		return;
	struct made *d = made_new(&r->wish);
	made_transport(d, &t);
	ck_assert_int_eq(transport_solve(&t, &w, &a), 0);
	const char *fault = slow_fault(&t, &a);
	ck_assert_msg(!fault, "%s: %s", r->name, fault);
	ck_assert_msg(!strcmp(wide_print(a.value, text), r->value), "%s: %s, not %s", r->name, wide_print(a.value, text), r->value);
	transport_release(&a);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, optima_are_found_in_every_digit, 0, (int)made_n_rows);
}
