/* SPDX-License-Identifier: MIT */
/* W-18: from an earlier tree the same optimum is found, whatever that tree is worth; where little has changed it takes at
 * most a third of the pivots. */
#include "base/base.h"

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

static uint64_t draw(uint64_t *z)
{
	uint64_t x = *z += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* All of v by up to a part, up or down. */
static void change(uint64_t *z, int64_t *v, size_t n, int64_t parts)
{
	for (size_t k = 0; k < n; k++) {
		const int64_t by = v[k] / parts;

		v[k] = MAX(1, v[k] - by + (int64_t)(draw(z) % (uint64_t)(2 * by + 1)));
	}
}

static void solve(const struct made *d, const struct transport_tree *warm, struct transport_answer *a)
{
	const struct transport_wish w = { .threads = 1, .warm = warm };
	struct transport t;

	made_transport(d, &t);
	ck_assert_int_eq(transport_solve(&t, &w, a), 0);
	ck_assert_ptr_null(slow_fault(&t, a));
	made_transport_release(&t);
}

START_TEST(little_change_takes_few_pivots)
{
	static const struct made_wish wishes[] = {
		{ .kind = MADE_TIERS, .m = 1000, .n = 400 },
		{ .kind = MADE_PLAIN, .m = 250, .n = 1000 },
		{ .kind = MADE_TIERS, .m = 1000, .n = 400, .wgg = 10000 },
	};
	struct transport_answer old, cold, warm;
	struct made *d = made_new(&wishes[_i]);
	uint64_t z = 1;

	solve(d, NULL, &old);
	change(&z, d->weight, d->wish.m, 50);
	change(&z, d->bandwidth, d->wish.n, 100);
	solve(d, NULL, &cold);
	solve(d, &old.tree, &warm);
	ck_assert(warm.value == cold.value);
	ck_assert_msg(warm.pivots * 3 <= cold.pivots, "%ju pivots, %ju without", (uintmax_t)warm.pivots, (uintmax_t)cold.pivots);
	transport_release(&old);
	transport_release(&cold);
	transport_release(&warm);
	made_free(d);
}
END_TEST

START_TEST(the_tree_of_the_optimum_takes_no_pivot)
{
	const struct made_wish wish = { .kind = MADE_TIERS, .m = 250, .n = 400 };
	struct transport_answer cold, warm;
	struct made *d = made_new(&wish);

	solve(d, NULL, &cold);
	solve(d, &cold.tree, &warm);
	ck_assert(warm.value == cold.value);
	ck_assert_uint_lt(warm.pivots, cold.pivots / 20);
	transport_release(&cold);
	transport_release(&warm);
	made_free(d);
}
END_TEST

/* Half of it unknown, any numbers, circles: it can only cost time. */
START_TEST(any_tree_leads_to_the_optimum)
{
	const struct made_wish wish = { .kind = MADE_TIERS, .m = 20, .n = 100 };
	struct transport_answer cold, warm;
	struct made *d = made_new(&wish);
	uint64_t z = (uint64_t)_i;

	solve(d, NULL, &cold);
	for (size_t l = 0; l < wish.m; l++)
		if (_i % 2)
			cold.tree.row[l] = (int32_t)(draw(&z) % (wish.n + 20)) - 10;
		else if (draw(&z) % 2)
			cold.tree.row[l] = TREE_NONE;
	for (size_t i = 0; i < wish.n; i++)
		if (_i % 3 == 1)
			cold.tree.column[i] = (int32_t)(draw(&z) % (wish.m + 20)) - 10;
		else if (draw(&z) % 2)
			cold.tree.column[i] = TREE_NONE;
	solve(d, &cold.tree, &warm);
	ck_assert(warm.value == cold.value);
	transport_release(&cold);
	transport_release(&warm);
	made_free(d);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, little_change_takes_few_pivots, 0, 3);
	tcase_add_test(tc, the_tree_of_the_optimum_takes_no_pivot);
	tcase_add_loop_test(tc, any_tree_leads_to_the_optimum, 0, 60);
}
