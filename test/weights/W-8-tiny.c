/* SPDX-License-Identifier: MIT */
/* W-8: the smallest problem of weights.md section 9, every number of it. */
#include "base/base.h"

#include "../unit/unit.h"
#include "slow.h"
#include "solved.h"

struct tiny {
	char magic[8];
	int32_t m, n, wgg, theta;
	int64_t w[2], b[3];
	uint16_t p[6];
} __attribute__((packed));

static void solve_tiny(struct solved *s, int32_t theta, const struct problem_wish *w)
{
	const struct tiny file = {
		"LOCAW1\0", 2, 3, 8000, theta, { 1, 1 }, { 50, 30, 20 }, { 10, 20, 40, 10, 30, 40 },
	};

	solved_bytes(s, &file, sizeof(file), w);
}

/* x of a row and column. */
static int64_t amount(const struct solved *s, size_t row, size_t column)
{
	const struct transport_answer *a = &s->answer;

	if (a->full[row * a->full_words + column / 64] >> column % 64 & 1)
		return s->t.weight[row] * s->t.bound[column];
	for (size_t k = a->part_from[row]; k < a->part_from[row + 1]; k++)
		if (a->part[k].column == column)
			return a->part[k].amount;
	return 0;
}

START_TEST(the_optimum_has_the_numbers_of_the_specification)
{
	static const int64_t x[2][3] = { { 440000, 360000, 0 }, { 560000, 240000, 0 } };
	static int64_t prices[] = { 20, 0, 0 };
	struct solved s;

	solve_tiny(&s, 1500, &(struct problem_wish){ .threads = 1 });
	ck_assert_ptr_nonnull(s.p);
	ck_assert_int_eq(s.p->supply, 800000);
	ck_assert_int_eq(s.p->groups[0].bound, 600000);
	ck_assert_int_eq(s.p->groups[1].bound, 360000);
	ck_assert_int_eq(s.p->groups[2].bound, 240000);
	ck_assert_int_eq((int64_t)s.answer.value, 24400000);
	ck_assert_ptr_null(slow_fault(&s.t, &s.answer));
	for (size_t r = 0; r < 2; r++)
		for (size_t i = 0; i < 3; i++)
			ck_assert_int_eq(amount(&s, r, i), x[r][i]);
	/* Loads of 100 %, 100 % and 0 %. */
	ck_assert_int_eq(amount(&s, 0, 0) + amount(&s, 1, 0), s.p->clients * s.p->groups[0].capacity);
	ck_assert_int_eq(amount(&s, 0, 1) + amount(&s, 1, 1), s.p->clients * s.p->groups[1].capacity);
	/* The prices of the specification prove it, too. */
	int64_t *own = s.answer.price;
	s.answer.price = prices;
	ck_assert_ptr_null(slow_fault(&s.t, &s.answer));
	s.answer.price = own;
	solved_release(&s);
}
END_TEST

START_TEST(the_least_maximum_has_the_numbers_of_the_specification)
{
	const wide v[] = { 3, 1, 2 };
	const int64_t limits[] = { 500000, 300000, 200000 };
	int64_t load[3];
	wide t;

	minmax_solve(3, v, limits, 800000, &t, load);
	ck_assert_int_eq((int64_t)t, 900000);
	ck_assert_int_eq(load[0], 300000);
	ck_assert_int_eq(load[1], 300000);
	ck_assert_int_eq(load[2], 200000);
}
END_TEST

static const struct {
	int32_t theta;
	const char *text;
} infeasible[] = {
	{ 500, "no weights fit: with theta 0.5 all relays together take at most 50.000 % of the guard weight to be spread" },
	{ 999, "no weights fit: with theta 0.999 all relays together take at most 99.900 % of the guard weight to be spread" },
};

START_TEST(below_theta_one_no_weights_fit)
{
	struct solved s;

	solve_tiny(&s, infeasible[_i].theta, &(struct problem_wish){ .threads = 1 });
	ck_assert_ptr_null(s.p);
	ck_assert_uint_eq(s.diags.n, 1);
	ck_assert_str_eq(s.diags.list[0]->text, infeasible[_i].text);
	ck_assert_str_eq(s.diags.list[0]->hint, "theta must be at least 1.000");
	ck_assert_str_eq(s.diags.list[0]->code, "infeasible");
	solved_release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, the_optimum_has_the_numbers_of_the_specification);
	tcase_add_test(tc, the_least_maximum_has_the_numbers_of_the_specification);
	tcase_add_loop_test(tc, below_theta_one_no_weights_fit, 0, ARRAY_LEN(infeasible));
}
