/* SPDX-License-Identifier: MIT */
/* The linear programs of a small problem, letter by letter. What solvers make of them is looked at in test/weights. */
#include "base/base.h"

#include <errno.h>

#include "unit.h"
#include "weights/problem.h"
#include "weights/progress.h"

static const uint16_t penalties[] = { 10, 20, 0, 30 };
static int64_t row_weights[] = { 1, 2 };
static struct problem_group groups[] = {
	{ .share = 400, .capacity = 500, .bound = 600 }, { .share = 240, .capacity = 300, .bound = 0 },
};
static wide vuln[] = { 7, 0 };
static const struct problem two = {
	.supply = 640, .clients = 3, .n_rows = 2, .n_groups = 2, .row_weight = row_weights, .groups = groups,
	.penalty = { .rows = 2, .columns = 2, .p16 = penalties }, .vuln = vuln,
};

static void prints(enum mps_objective objective, const char *wanted)
{
	char *got = NULL;
	size_t n;
	FILE *f = open_memstream(&got, &n);

	ck_assert_int_eq(problem_print_mps(&two, objective, NULL, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_str_eq(got, wanted);
	free(got);
}

#define ROWS "NAME nlbc FREE\nROWS\n N least\n E b0\n E b1\n L c0\n L c1\n"
#define LIMITS \
	"RHS\n RHS b0 640\n RHS b1 1280\n RHS c0 1500\n RHS c1 900\n" \
	"BOUNDS\n UP BND x0.0 600\n FX BND x0.1 0\n UP BND x1.0 1200\n FX BND x1.1 0\nENDATA\n"

START_TEST(the_total_has_its_costs_in_the_objective)
{
	prints(MPS_TOTAL, ROWS "COLUMNS\n x0.0 b0 1 c0 1\n x0.0 least 10\n x0.1 b0 1 c1 1\n x0.1 least 20\n"
			       " x1.0 b1 1 c0 1\n x1.1 b1 1 c1 1\n x1.1 least 30\n" LIMITS);
}
END_TEST

START_TEST(the_greatest_of_several_is_a_column)
{
	prints(MPS_MAX, ROWS " L m0\n L m1\nCOLUMNS\n x0.0 b0 1 c0 1\n x0.0 m0 7\n x0.1 b0 1 c1 1\n x1.0 b1 1 c0 1\n x1.0 m0 7\n"
			     " x1.1 b1 1 c1 1\n t least 1\n t m0 -3\n t m1 -3\n" LIMITS);
	prints(MPS_MAX_RELAY, ROWS " L m0\n L m1\nCOLUMNS\n x0.0 b0 1 c0 1\n x0.0 m0 10\n x0.1 b0 1 c1 1\n x0.1 m1 20\n"
				   " x1.0 b1 1 c0 1\n x1.1 b1 1 c1 1\n x1.1 m1 30\n t least 1\n t m0 -1\n t m1 -1\n" LIMITS);
	prints(MPS_MAX_LOCATION, ROWS " L m0\n L m1\nCOLUMNS\n x0.0 b0 1 c0 1\n x0.0 m0 10\n x0.1 b0 1 c1 1\n x0.1 m0 20\n"
				      " x1.0 b1 1 c0 1\n x1.1 b1 1 c1 1\n x1.1 m1 30\n t least 1\n t m0 -1\n t m1 -1\n" LIMITS);
	prints(MPS_MAX_CLIENT, ROWS " L m0\n L m1\nCOLUMNS\n x0.0 b0 1 c0 1\n x0.0 m0 10\n x0.1 b0 1 c1 1\n x0.1 m0 20\n"
				    " x1.0 b1 1 c0 1\n x1.1 b1 1 c1 1\n x1.1 m1 30\n t least 1\n t m0 -1\n t m1 -2\n" LIMITS);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	FILE *f = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(problem_print_mps(&two, MPS_TOTAL, NULL, f), -ENOSPC);
	(void)fclose(f);
}
END_TEST

START_TEST(the_user_may_end_it)
{
	const volatile sig_atomic_t interrupted = 1;
	struct progress progress;
	char *got = NULL;
	size_t n;
	FILE *f = open_memstream(&got, &n);

	progress_init(&progress, &interrupted, NULL);
	ck_assert_int_eq(problem_print_mps(&two, MPS_TOTAL, &progress, f), -EINTR);
	(void)fclose(f);
	free(got);
}
END_TEST

START_TEST(only_what_changes_no_optimum_is_merged)
{
	struct problem_wish w = { 0 };

	problem_wish_mps(&w, MPS_MAX_LOCATION);
	ck_assert(w.no_merge_locations && w.objective == OBJECTIVE_TOTAL);
	problem_wish_mps(&w, MPS_MAX_RELAY);
	ck_assert(!w.no_merge_locations && w.objective == OBJECTIVE_MAX_ONLY);
	problem_wish_mps(&w, MPS_MAX_CLIENT);
	ck_assert(!w.no_merge_locations && w.objective == OBJECTIVE_TOTAL);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, the_total_has_its_costs_in_the_objective);
	tcase_add_test(tc, the_greatest_of_several_is_a_column);
	tcase_add_test(tc, a_full_disk_is_told);
	tcase_add_test(tc, the_user_may_end_it);
	tcase_add_test(tc, only_what_changes_no_optimum_is_merged);
}
