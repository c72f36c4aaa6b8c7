/* SPDX-License-Identifier: MIT */
/* W-11: where theta is 1 every location does as Tor does; where Wgg is 1 every relay is full; where theta · Wgg is at most 1
 * no capacity matters, and a sort and a fill of each row is the optimum. */
#include "base/base.h"

#include "../unit/unit.h"
#include "made.h"
#include "slow.h"

struct solved_made {
	struct made *made;
	struct transport t;
	struct transport_answer a;
};

static void solve(struct solved_made *s, uint32_t wgg, uint32_t theta)
{
	const struct made_wish wish = { .kind = MADE_TIERS, .m = 250, .n = 400, .wgg = wgg, .theta = theta };
	const struct transport_wish w = { .threads = 1 };

	s->made = made_new(&wish);
	made_transport(s->made, &s->t);
	ck_assert_int_eq(transport_solve(&s->t, &w, &s->a), 0);
	ck_assert_ptr_null(slow_fault(&s->t, &s->a));
}

static void release(struct solved_made *s)
{
	transport_release(&s->a);
	made_transport_release(&s->t);
	made_free(s->made);
}

START_TEST(with_theta_1_every_location_is_vanilla)
{
	struct solved_made s;

	solve(&s, 0, 1000);
	for (size_t l = 0; l < s.t.m; l++) {
		size_t n = 0;

		for (size_t k = 0; k < s.a.full_words; k++)
			n += (size_t)__builtin_popcountll(s.a.full[l * s.a.full_words + k]);
		ck_assert_uint_eq(n, s.t.n);
	}
	for (size_t i = 0; i < s.t.n; i++)
		ck_assert_int_eq(s.t.bound[i], s.made->bandwidth[i] * 5833);
	release(&s);
}
END_TEST

static bool is_full(const struct solved_made *s, size_t l, size_t i)
{
	return s->a.full[l * s->a.full_words + i / 64] >> i % 64 & 1;
}

START_TEST(with_wgg_1_every_relay_is_full)
{
	struct solved_made s;
	wide clients = 0;

	solve(&s, 10000, 5000);
	wide *load = calloc(s.t.n, sizeof(*load));
	for (size_t l = 0; l < s.t.m; l++) {
		clients += s.t.weight[l];
		for (size_t i = 0; i < s.t.n; i++)
			load[i] += is_full(&s, l, i) ? s.t.weight[l] * s.t.bound[i] : 0;
		for (size_t k = s.a.part_from[l]; k < s.a.part_from[l + 1]; k++)
			load[s.a.part[k].column] += s.a.part[k].amount;
	}
	for (size_t i = 0; i < s.t.n; i++)
		ck_assert(load[i] == clients * s.t.capacity[i]);
	free(load);
	release(&s);
}
END_TEST

/* The value of rows that do not look at each other: columns in order of penalty, by counting. */
static wide sort_and_fill(const struct transport *t)
{
	wide value = 0;

	for (size_t l = 0; l < t->m; l++) {
		int64_t left = t->supply;

		for (uint32_t p = 0; p <= 4096 && left > 0; p++)
			for (size_t i = 0; i < t->n && left > 0; i++)
				if (values_at(&t->penalty, l, i) == p) {
					const int64_t taken = MIN(left, t->bound[i]);

					value += (wide)taken * p * t->weight[l];
					left -= taken;
				}
	}
	return value;
}

START_TEST(with_theta_times_wgg_at_most_1_every_location_is_on_its_own)
{
	struct solved_made s;

	solve(&s, 2000, 5000);
	ck_assert(s.a.value == sort_and_fill(&s.t));
	for (size_t i = 0; i < s.t.n; i++)
		ck_assert_int_eq(s.a.price[i], 0);
	release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, with_theta_1_every_location_is_vanilla);
	tcase_add_test(tc, with_wgg_1_every_relay_is_full);
	tcase_add_test(tc, with_theta_times_wgg_at_most_1_every_location_is_on_its_own);
}
