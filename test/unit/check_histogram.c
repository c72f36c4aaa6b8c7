/* SPDX-License-Identifier: MIT */
/* Buckets, quantiles and means of times. */
#include "base/base.h"

#include "core/histogram.h"
#include "unit.h"

static const struct {
	uint64_t us;
	unsigned bucket;
} vectors[] = {
	{ 0, 0 }, { 63, 63 }, { 64, 64 }, { 65, 64 }, { 66, 65 }, { 1000, 190 }, { 10000, 295 }, { 200000, 432 },
	{ 86400000000, 1032 }, { (1ull << 37) - 1, 1055 }, { 1ull << 37, 1055 }, { UINT64_MAX, 1055 },
};

START_TEST(times_fall_into_the_buckets_of_the_specification)
{
	ck_assert_uint_eq(histogram_bucket(vectors[_i].us), vectors[_i].bucket);
}
END_TEST

START_TEST(buckets_lie_side_by_side_and_are_at_most_3_2_percent_wide)
{
	for (unsigned b = 0; b < HISTOGRAM_BUCKETS; b++) {
		const uint64_t low = histogram_low(b), high = histogram_high(b);

		ck_assert_uint_eq(histogram_bucket(low), b);
		ck_assert_uint_eq(histogram_bucket(high), b);
		ck_assert_uint_eq(low, b ? histogram_high(b - 1) + 1 : 0);
		ck_assert_uint_le((high - low) * 1000, low * 32);
	}
	ck_assert_uint_eq(histogram_low(190), 992);
	ck_assert_uint_eq(histogram_high(190), 1007);
}
END_TEST

START_TEST(quantiles_are_upper_edges_where_the_count_is_reached)
{
	struct histogram h = { 0 };

	for (uint64_t us = 1; us <= 100; us++)
		histogram_add(&h, us);
	ck_assert_int_eq(histogram_quantile(&h, 500000), 50);
	ck_assert_int_eq(histogram_quantile(&h, 510001), 52);
	/* 99 shares its bucket with 98; 100 with 101. */
	ck_assert_int_eq(histogram_quantile(&h, 990000), 99);
	ck_assert_int_eq(histogram_quantile(&h, 1000000), 101);
	ck_assert_int_eq(histogram_quantile(&h, 0), 1);
	ck_assert_int_eq(histogram_mean(&h), 51);
	ck_assert_uint_eq(h.sum_us, 5050);
}
END_TEST

START_TEST(nothing_counted_has_neither_quantile_nor_mean)
{
	const struct histogram h = { 0 };

	ck_assert_int_eq(histogram_quantile(&h, 500000), -1);
	ck_assert_int_eq(histogram_mean(&h), -1);
}
END_TEST

START_TEST(a_difference_is_what_came_since)
{
	struct histogram h = { 0 }, before = { 0 }, sum = { 0 };

	histogram_add(&h, 10);
	histogram_sum(&before, &h);
	histogram_add(&h, 5000);
	histogram_add(&h, 5000);
	histogram_sum(&sum, &h);
	histogram_minus(&sum, &before);
	ck_assert_uint_eq(sum.count, 2);
	ck_assert_int_eq(histogram_mean(&sum), 5000);
	ck_assert_int_eq(histogram_quantile(&sum, 1), (int64_t)histogram_high(histogram_bucket(5000)));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, times_fall_into_the_buckets_of_the_specification, 0, ARRAY_LEN(vectors));
	tcase_add_test(tc, buckets_lie_side_by_side_and_are_at_most_3_2_percent_wide);
	tcase_add_test(tc, quantiles_are_upper_edges_where_the_count_is_reached);
	tcase_add_test(tc, nothing_counted_has_neither_quantile_nor_mean);
	tcase_add_test(tc, a_difference_is_what_came_since);
}
