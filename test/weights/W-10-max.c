/* SPDX-License-Identifier: MIT */
/* W-10: the least greatest v·L of weights.md section 9, and the second stage that keeps the loads. */
#include "base/base.h"

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

static void *allocate(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		out_of_memory();
	return p;
}

/* v = what each relay costs all clients together. */
static void vulnerability(const struct transport *t, wide *v)
{
	for (size_t l = 0; l < t->m; l++)
		for (size_t i = 0; i < t->n; i++)
			v[i] += (wide)t->weight[l] * values_at(&t->penalty, l, i);
}

static wide room_at(const struct transport *t, const wide *v, const int64_t *limit, wide most)
{
	wide sum = 0;

	for (size_t i = 0; i < t->n; i++)
		sum += v[i] == 0 ? limit[i] : MIN((wide)limit[i], most / v[i]);
	return sum;
}

START_TEST(the_greatest_risk_is_least_and_then_the_total)
{
	const struct made_row *r = &made_rows[_i];
	const struct transport_wish wish = { .threads = 1 };
	struct transport_answer a;
	struct transport t;
	char text[WIDE_TEXT];
	wide most, sum = 0;

	if (!r->max)
		return;
	struct made *d = made_new(&r->wish);
	made_transport(d, &t);
	auto_free wide *v = allocate(t.n, sizeof(*v));
	auto_free int64_t *limit = allocate(t.n, sizeof(*limit)), *load = allocate(t.n, sizeof(*load));

	vulnerability(&t, v);
	for (size_t i = 0; i < t.n; i++)
		limit[i] = MIN(t.capacity[i], t.bound[i]);
	minmax_solve(t.n, v, limit, t.supply, &most, load);
	ck_assert_str_eq(wide_print(most, text), r->max);
	for (size_t i = 0; i < t.n; i++) {
		ck_assert(load[i] >= 0 && load[i] <= limit[i] && load[i] * v[i] <= most);
		sum += load[i];
	}
	ck_assert(sum == t.supply);
	ck_assert(room_at(&t, v, limit, most - 1) < t.supply);

	struct transport second = t;
	second.capacity = load;
	ck_assert_int_eq(transport_solve(&second, &wish, &a), 0);
	ck_assert_ptr_null(slow_fault(&second, &a));
	ck_assert_str_eq(wide_print(a.value, text), r->second);
	transport_release(&a);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, the_greatest_risk_is_least_and_then_the_total, 0, (int)made_n_rows);
}
