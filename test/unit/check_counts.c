/* SPDX-License-Identifier: MIT */
/* What nlbc-bench counts: processor times of /proc, exact quantiles, sizes in words. */
#include "base/base.h"

#include "bench/times.h"
#include "bench/usage.h"
#include "bench/words.h"
#include "unit.h"

START_TEST(idle_and_waiting_for_disks_are_not_in_use)
{
	struct machine_usage before, now;

	ck_assert_int_eq(machine_usage_parse(STR("cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2 3\n"), &before), 0);
	ck_assert_uint_eq(before.all, 1000);
	ck_assert_uint_eq(before.idle, 850);
	ck_assert_int_eq(machine_usage_parse(STR("cpu  150 5 65 900 60 5 10 5 7 0\n"), &now), 0);
	ck_assert_double_eq_tol(machine_usage_percent(&before, &now), 45.0, 1e-9);
	ck_assert_double_eq_tol(machine_usage_percent(&now, &now), 0.0, 1e-9);
	ck_assert_int_lt(machine_usage_parse(STR("cpu  1 2 3\n"), &now), 0);
	ck_assert_int_lt(machine_usage_parse(STR("intr 1 2 3 4 5 6 7 8\n"), &now), 0);
}
END_TEST

START_TEST(a_process_has_its_times_whatever_its_name)
{
	struct process_usage u;

	ck_assert_int_eq(process_usage_parse(STR("42 (a) b) (c) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 3 4 20 0 1 0 5\n"), &u), 0);
	ck_assert_int_eq(u.pid, 42);
	ck_assert_int_eq(u.parent, 7);
	ck_assert_uint_eq(u.ticks, 37);
	ck_assert_int_lt(process_usage_parse(STR("42 (a) S 7 42"), &u), 0);
	ck_assert_int_lt(process_usage_parse(STR(""), &u), 0);
}
END_TEST

START_TEST(a_process_is_counted_with_all_below_it)
{
	static const struct process_usage list[] = {
		{ 1, 0, 1000 }, { 10, 1, 1 }, { 11, 10, 2 }, { 12, 11, 4 }, { 13, 1, 8 }, { 14, 15, 16 }, { 15, 14, 32 },
	};
	uint64_t ticks;

	ck_assert(process_usage_tree(list, ARRAY_LEN(list), 10, &ticks));
	ck_assert_uint_eq(ticks, 7);
	ck_assert(process_usage_tree(list, ARRAY_LEN(list), 12, &ticks));
	ck_assert_uint_eq(ticks, 4);
	ck_assert(!process_usage_tree(list, ARRAY_LEN(list), 99, &ticks));
	ck_assert_uint_eq(ticks, 0);
}
END_TEST

START_TEST(quantiles_are_exact)
{
	struct times t = { 0 };

	ck_assert_int_eq(times_quantile(&t, 500000), -1);
	ck_assert_int_eq(times_mean(&t), -1);
	for (uint32_t i = 10000; i > 0; i--)
		times_add(&t, i);
	times_sort(&t);
	ck_assert_int_eq(times_quantile(&t, 500000), 5000);
	ck_assert_int_eq(times_quantile(&t, 990000), 9900);
	ck_assert_int_eq(times_quantile(&t, 999000), 9990);
	ck_assert_int_eq(times_quantile(&t, 1000000), 10000);
	ck_assert_int_eq(times_quantile(&t, 0), 1);
	ck_assert_int_eq(times_mean(&t), 5001);
	times_release(&t);
}
END_TEST

static const struct {
	double bytes;
	const char *words;
} sizes[] = {
	{ 0, "0 Bytes" }, { 1, "1 Byte" }, { 999.9, "999 Bytes" }, { 1000, "1.0 kB" }, { 123400, "123.4 kB" },
	{ 2560000, "2.6 MB" }, { 3e9, "3.0 GB" }, { 4.5e15, "4500.0 TB" },
};

START_TEST(sizes_are_said_as_the_seed_said_them)
{
	auto_text struct text t = { 0 };

	size_add(&t, sizes[_i].bytes);
	ck_assert_str_eq(text_get(&t), sizes[_i].words);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, idle_and_waiting_for_disks_are_not_in_use);
	tcase_add_test(tc, a_process_has_its_times_whatever_its_name);
	tcase_add_test(tc, a_process_is_counted_with_all_below_it);
	tcase_add_test(tc, quantiles_are_exact);
	tcase_add_loop_test(tc, sizes_are_said_as_the_seed_said_them, 0, ARRAY_LEN(sizes));
}
