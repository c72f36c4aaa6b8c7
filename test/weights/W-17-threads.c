/* SPDX-License-Identifier: MIT */
/* W-17, the solver's part: the same amounts, prices, tree and pivots with 1, 2 and 4 threads, and a second time. */
#include "base/base.h"

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

static void are_same(const struct transport *t, const struct transport_answer *a, const struct transport_answer *b)
{
	ck_assert(a->value == b->value && a->pivots == b->pivots);
	ck_assert_mem_eq(a->price, b->price, t->n * sizeof(*a->price));
	ck_assert_mem_eq(a->full, b->full, t->m * a->full_words * sizeof(*a->full));
	ck_assert_mem_eq(a->part_from, b->part_from, (t->m + 1) * sizeof(*a->part_from));
	for (size_t k = 0; k < a->part_from[t->m]; k++)
		ck_assert(a->part[k].column == b->part[k].column && a->part[k].amount == b->part[k].amount);
	ck_assert_mem_eq(a->tree.row, b->tree.row, t->m * sizeof(*a->tree.row));
	ck_assert_mem_eq(a->tree.column, b->tree.column, t->n * sizeof(*a->tree.column));
}

/* Large enough for searches that are divided among threads. */
START_TEST(any_number_of_threads_gives_the_same_answer)
{
	static const struct made_wish wishes[] = {
		{ .kind = MADE_TIERS, .m = 3000, .n = 400 },
		{ .kind = MADE_TIERS, .m = 3000, .n = 400, .wgg = 10000, .levels = 4 },
	};
	static const unsigned threads[] = { 2, 4, 1 };
	struct made *d = made_new(&wishes[_i]);
	struct transport_wish w = { .threads = 1 };
	struct transport_answer one, other;
	struct transport t;

	made_transport(d, &t);
	ck_assert_int_eq(transport_solve(&t, &w, &one), 0);
	ck_assert_ptr_null(slow_fault(&t, &one));
	for (size_t k = 0; k < ARRAY_LEN(threads); k++) {
		w.threads = threads[k];
		ck_assert_int_eq(transport_solve(&t, &w, &other), 0);
		are_same(&t, &one, &other);
		transport_release(&other);
	}
	transport_release(&one);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, any_number_of_threads_gives_the_same_answer, 0, 2);
}
