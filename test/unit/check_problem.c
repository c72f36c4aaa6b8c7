/* SPDX-License-Identifier: MIT */
/* The problem of weights.md 6.1: shares, caps, what is infeasible and why, what is merged, weights made whole. */
#include "base/base.h"

#include "fixture.h"
#include "unit.h"
#include "weights/problem.h"

enum { MOST = 8 };

static struct relay relays[MOST];
static struct location locations[MOST];
static uint32_t columns[MOST];
static uint64_t numbers[MOST];
static struct inputs in;

/* Section 9's smallest problem. */
static void use_tiny(void)
{
	static const uint16_t p[] = { 10, 20, 40, 10, 30, 40 };
	static const uint64_t weights[] = { 50, 30, 20 };

	setup();
	in = (struct inputs){
		.unit = 10000, .theta = 1500, .weights = { .wgg = 8000, .wmg = 2000, .wee = 10000, .wed = 10000 },
		.relays = relays, .n_relays = 3, .column = columns, .locations = locations, .n_locations = 2,
		.is_whole = true, .values = { .rows = 2, .columns = 3, .p16 = p }, .scale = { .n = 1 },
	};
	for (uint32_t i = 0; i < MOST; i++) {
		relays[i] = (struct relay){ .name = "r", .is_weighted = true, .class = CLASS_GUARD, .weight = i < 3 ? weights[i] : 0 };
		columns[i] = i;
		locations[i] = (struct location){ .name = "l", .weight = { 1, 1, true }, .row = i };
	}
}

static void use_matrix(size_t rows, size_t n, const uint16_t *p)
{
	in.values = (struct values){ .rows = rows, .columns = n, .p16 = p };
	in.n_locations = rows;
	in.n_relays = n;
}

static const struct problem *make(struct problem_wish w)
{
	w.threads = 1;
	return problem_new(&in, &w, arena, &diags);
}

static void fails(const char *code, const char *text, const char *hint)
{
	ck_assert_ptr_null(make((struct problem_wish){ 0 }));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, text);
	ck_assert_str_eq(diags.list[0]->code, code);
	if (hint)
		ck_assert_str_eq(diags.list[0]->hint, hint);
	else
		ck_assert_ptr_null(diags.list[0]->hint);
}

START_TEST(the_smallest_problem_has_the_numbers_of_the_specification)
{
	static const int64_t shares[] = { 400000, 240000, 160000 }, capacities[] = { 500000, 300000, 200000 };
	static const int64_t caps[] = { 600000, 360000, 240000 };
	const struct problem *p = make((struct problem_wish){ 0 });

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->supply, 800000);
	ck_assert_int_eq(p->clients, 2);
	ck_assert(!p->is_quantised);
	ck_assert_uint_eq(p->n_rows, 2);
	ck_assert_uint_eq(p->n_groups, 3);
	for (size_t g = 0; g < 3; g++) {
		ck_assert_int_eq(p->groups[g].share, shares[g]);
		ck_assert_int_eq(p->groups[g].capacity, capacities[g]);
		ck_assert_int_eq(p->groups[g].bound, caps[g]);
		ck_assert_uint_eq(p->groups[g].first, g);
		ck_assert_uint_eq(p->group[g], g);
	}
	ck_assert_ptr_eq(p->penalty.p16, in.values.p16);
}
END_TEST

START_TEST(a_theta_too_small_is_told_with_the_least_that_works)
{
	in.theta = 500;
	fails("infeasible", "no weights fit: with theta 0.5 all relays together take at most 50.000 % of the guard weight to be spread",
	      "theta must be at least 1.000");
}
END_TEST

START_TEST(a_theta_just_too_small_is_told)
{
	in.theta = 999;
	fails("infeasible", "no weights fit: with theta 0.999 all relays together take at most 99.900 % of the guard weight to be spread",
	      "theta must be at least 1.000");
}
END_TEST

START_TEST(guards_that_carry_less_than_their_share_are_told)
{
	in.weights.wgd = 9000;
	in.weights.wed = 5000;
	relays[0].class = CLASS_GUARD_EXIT;
	in.theta = 1000000;
	/* S = 450000 + 240000 + 160000, room 250000 + 300000 + 200000 */
	fails("infeasible", "no weights fit: with theta 1000 all relays together take at most 88.235 % of the guard weight to be spread",
	      "lower --wgg: without theta they take 88.235 %");
}
END_TEST

START_TEST(without_guards_there_is_nothing_to_spread)
{
	for (size_t i = 0; i < 3; i++)
		relays[i].class = CLASS_MIDDLE;
	fails("infeasible", "no relay may be a guard", NULL);
}
END_TEST

START_TEST(without_exits_the_exit_position_has_nothing)
{
	in.position = POSITION_EXIT;
	fails("infeasible", "no relay may be an exit", NULL);
}
END_TEST

START_TEST(more_memory_than_is_allowed_is_refused)
{
	const struct problem_wish w = { .threads = 1 };

	arena_allow(arena, 1024);
	ck_assert_ptr_null(problem_new(&in, &w, arena, &diags));
	ck_assert_str_eq(diags.list[0]->code, "machine");
	ck_assert_ptr_nonnull(strstr(diags.list[0]->text, "this problem needs "));
	ck_assert_ptr_nonnull(strstr(diags.list[0]->text, "iB, 1.0 KiB are allowed"));
}
END_TEST

START_TEST(guard_exits_and_exits_have_the_shares_of_their_classes)
{
	in.weights.wgd = 3000;
	in.weights.wed = 6000;
	in.weights.wee = 9000;
	relays[1].class = CLASS_GUARD_EXIT;
	relays[2].class = CLASS_EXIT;
	const struct problem *p = make((struct problem_wish){ .no_merge = true });
	ck_assert_uint_eq(p->n_groups, 2);
	ck_assert_int_eq(p->groups[1].share, 90000);
	ck_assert_int_eq(p->groups[1].capacity, 120000);
	ck_assert_uint_eq(p->group[2], NO_GROUP);
	in.position = POSITION_EXIT;
	p = make((struct problem_wish){ .no_merge = true });
	ck_assert_uint_eq(p->n_groups, 2);
	ck_assert_uint_eq(p->group[0], NO_GROUP);
	ck_assert_int_eq(p->groups[0].share, 180000);
	ck_assert_int_eq(p->groups[0].capacity, 180000);
	ck_assert_int_eq(p->groups[1].share, 180000);
	in.position = POSITION_GUARD;
	in.guards_only = true;
	ck_assert_uint_eq(make((struct problem_wish){ 0 })->n_groups, 1);
}
END_TEST

START_TEST(caps_follow_given_costs)
{
	numbers[0] = 1;
	numbers[1] = 1;
	numbers[2] = 5;
	in.relcost = numbers;
	const struct problem *p = make((struct problem_wish){ 0 });

	ck_assert_ptr_null(p);  /* 171428 + 171428 + 200000 */
	in.theta = 5000;
	p = make((struct problem_wish){ 0 });
	ck_assert_int_eq(p->groups[0].bound, 571428);
	ck_assert_int_eq(p->groups[2].bound, 800000);
}
END_TEST

START_TEST(equal_rows_become_one)
{
	static const uint16_t p[] = { 1, 2, 3, 9, 9, 9, 1, 2, 3, 1, 2, 4 };

	use_matrix(4, 3, p);
	locations[2].weight = (struct amount){ 7, 7, true };
	const struct problem *q = make((struct problem_wish){ 0 });
	ck_assert_uint_eq(q->n_rows, 3);
	ck_assert_uint_eq(q->row[0], 0);
	ck_assert_uint_eq(q->row[1], 1);
	ck_assert_uint_eq(q->row[2], 0);
	ck_assert_uint_eq(q->row[3], 2);
	ck_assert_int_eq(q->row_weight[0], 8);
	ck_assert_uint_eq(q->row_first[2], 3);
	ck_assert_uint_eq(values_at(&q->penalty, 2, 2), 4);
	q = make((struct problem_wish){ .no_merge_locations = true });
	ck_assert_uint_eq(q->n_rows, 4);
	ck_assert_uint_eq(make((struct problem_wish){ .no_merge = true })->n_rows, 4);
}
END_TEST

START_TEST(relays_with_equal_columns_become_one)
{
	static const uint16_t p[] = { 4, 4, 5, 4, 6, 6, 7, 6 };

	use_matrix(2, 4, p);
	relays[3].weight = 10;
	const struct problem *q = make((struct problem_wish){ 0 });
	ck_assert_uint_eq(q->n_groups, 2);
	ck_assert_uint_eq(q->group[3], 0);
	ck_assert_uint_eq(q->group[2], 1);
	ck_assert_int_eq(q->groups[0].share, 720000);
	ck_assert_int_eq(q->groups[0].capacity, 900000);
	ck_assert_uint_eq(q->penalty.columns, 2);
	ck_assert_uint_eq(values_at(&q->penalty, 1, 1), 7);
	ck_assert_uint_eq(make((struct problem_wish){ .no_merge = true })->n_groups, 4);
	ck_assert_uint_eq(make((struct problem_wish){ .objective = OBJECTIVE_MAX })->n_groups, 4);
}
END_TEST

START_TEST(relays_with_other_ratios_stay_apart)
{
	static const uint16_t p[] = { 4, 4, 4, 6, 6, 6 };

	use_matrix(2, 3, p);
	numbers[0] = 50;
	numbers[1] = 30;
	numbers[2] = 21;
	in.relcost = numbers;
	ck_assert_uint_eq(make((struct problem_wish){ 0 })->n_groups, 2);
	in.relcost = NULL;
	relays[1].class = CLASS_GUARD_EXIT;
	in.weights.wgd = 8000;
	in.weights.wed = 1;
	ck_assert_uint_eq(make((struct problem_wish){ 0 })->n_groups, 2);
	in.weights.wed = 0;
	ck_assert_uint_eq(make((struct problem_wish){ 0 })->n_groups, 1);
}
END_TEST

START_TEST(penalties_that_fit_16_bits_are_kept_in_them)
{
	static const uint32_t p[] = { 1, 70000, 65535, 2 };

	use_matrix(2, 2, NULL);
	in.values.p32 = p;
	const struct problem *q = make((struct problem_wish){ 0 });
	ck_assert_ptr_eq(q->penalty.p32, p);
	relays[1].weight = 0;
	q = make((struct problem_wish){ 0 });
	ck_assert_ptr_nonnull(q->penalty.p16);
	ck_assert_uint_eq(values_at(&q->penalty, 1, 0), 65535);
}
END_TEST

START_TEST(vulnerable_paths_come_from_the_matrix_or_as_given)
{
	locations[1].weight = (struct amount){ 3, 3, true };
	const struct problem *p = make((struct problem_wish){ .objective = OBJECTIVE_MAX });
	ck_assert_int_eq((int)p->vuln[0], 40);
	ck_assert_int_eq((int)p->vuln[1], 110);
	in.vuln = numbers;
	numbers[2] = 77;
	p = make((struct problem_wish){ .objective = OBJECTIVE_MAX_ONLY });
	ck_assert_int_eq((int)p->vuln[2], 77);
}
END_TEST

START_TEST(without_a_matrix_there_is_one_row_of_zeros)
{
	in.values = (struct values){ 0 };
	in.column = NULL;
	in.n_locations = 1;
	in.vuln = numbers;
	const struct problem *p = make((struct problem_wish){ .objective = OBJECTIVE_MAX_ONLY });
	ck_assert_uint_eq(p->n_rows, 1);
	ck_assert_uint_eq(p->n_groups, 3);
	ck_assert_uint_eq(values_at(&p->penalty, 0, 2), 0);
}
END_TEST

/* Sum of K is 10^6: 2^62 / 10^6 is 4611686018427.38… */
static const struct {
	uint64_t weights[2];
	bool is_quantised;
	int64_t wanted[2];
} limits[] = {
	{ { 4611686018426, 1 }, false, { 4611686018426, 1 } },
	{ { 4611686018427, 1 }, true, { 4194304, 1 } },
	{ { 4611686018427, 4611686018427 }, true, { 2097152, 2097152 } },
};

START_TEST(weights_too_large_become_parts_of_a_power_of_two)
{
	for (size_t l = 0; l < 2; l++)
		locations[l].weight = (struct amount){ limits[_i].weights[l], (double)limits[_i].weights[l], true };
	const struct problem *p = make((struct problem_wish){ 0 });
	ck_assert(p->is_quantised == limits[_i].is_quantised);
	for (size_t l = 0; l < 2; l++)
		ck_assert_int_eq(p->weight[l], limits[_i].wanted[l]);
	ck_assert_int_eq(p->clients, p->weight[0] + p->weight[1]);
}
END_TEST

START_TEST(weights_that_are_not_whole_become_parts_of_a_power_of_two)
{
	in.is_whole = false;
	locations[0].weight = (struct amount){ 0, 0.75, false };
	locations[1].weight = (struct amount){ 0, 0.25, false };
	const struct problem *p = make((struct problem_wish){ 0 });
	ck_assert(p->is_quantised);
	ck_assert_int_eq(p->weight[0], 3 << 20);
	ck_assert_int_eq(p->weight[1], 1 << 20);
	relays[0].weight = 100000000000;       /* K = 10^15: 2^12 still fits */
	relays[1].weight = relays[2].weight = 0;
	in.theta = 1000;
	p = make((struct problem_wish){ 0 });
	ck_assert_int_eq(p->clients, 4096);
	relays[0].weight = 113000000000;
	ck_assert_ptr_null(make((struct problem_wish){ 0 }));
	ck_assert_str_eq(diags.list[0]->text, "this problem needs more than 62 bits");
}
END_TEST

START_TEST(sums_beyond_62_bits_are_refused)
{
	relays[0].weight = (uint64_t)1 << 50;
	fails("input", "this problem needs more than 62 bits", NULL);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, use_tiny, teardown);
	tcase_add_test(tc, the_smallest_problem_has_the_numbers_of_the_specification);
	tcase_add_test(tc, a_theta_too_small_is_told_with_the_least_that_works);
	tcase_add_test(tc, a_theta_just_too_small_is_told);
	tcase_add_test(tc, guards_that_carry_less_than_their_share_are_told);
	tcase_add_test(tc, without_guards_there_is_nothing_to_spread);
	tcase_add_test(tc, without_exits_the_exit_position_has_nothing);
	tcase_add_test(tc, more_memory_than_is_allowed_is_refused);
	tcase_add_test(tc, guard_exits_and_exits_have_the_shares_of_their_classes);
	tcase_add_test(tc, caps_follow_given_costs);
	tcase_add_test(tc, equal_rows_become_one);
	tcase_add_test(tc, relays_with_equal_columns_become_one);
	tcase_add_test(tc, relays_with_other_ratios_stay_apart);
	tcase_add_test(tc, penalties_that_fit_16_bits_are_kept_in_them);
	tcase_add_test(tc, vulnerable_paths_come_from_the_matrix_or_as_given);
	tcase_add_test(tc, without_a_matrix_there_is_one_row_of_zeros);
	tcase_add_loop_test(tc, weights_too_large_become_parts_of_a_power_of_two, 0, ARRAY_LEN(limits));
	tcase_add_test(tc, weights_that_are_not_whole_become_parts_of_a_power_of_two);
	tcase_add_test(tc, sums_beyond_62_bits_are_refused);
}
