/* SPDX-License-Identifier: MIT */
/* What becomes of samples: the vectors of the specification, the seed's to the last bit. */
#include "base/base.h"

#include "base/arena.h"
#include "core/estimate.h"
#include "core/group.h"
#include "unit.h"

static const uint64_t second = 1000000;

static struct group_conf conf(uint32_t alpha_ppm, uint64_t decay_us)
{
	return (struct group_conf){ .window = 3, .alpha_ppm = alpha_ppm, .decay_us = decay_us };
}

static void near(double is, double wanted)
{
	ck_assert_double_eq_tol(is / 1000, wanted, 0.00005);
}

START_TEST(adaptive_weighs_history_by_its_age)
{
	const struct group_conf c = conf(50000, 5 * second);
	struct estimate e = { 0 };

	estimate_adaptive(&e, &c, 100000, 0);
	near(e.value, 100);
	estimate_adaptive(&e, &c, 200000, second / 100);
	near(e.value, 105);
	estimate_adaptive(&e, &c, 200000, 101 * second / 100);
	near(e.value, 122.2206);
	estimate_adaptive(&e, &c, 10000, 1101 * second / 100);
	near(e.value, 25.1874);
	near(e.value * estimate_fading(&e, &c, 1601 * second / 100), 9.2659);
}
END_TEST

START_TEST(peak_ewma_jumps_up_and_falls_over_decay)
{
	static const uint64_t ms[] = { 100, 200, 50, 50 }, at[] = { 0, 1, 2, 12 };
	static const double wanted[] = { 100, 200, 185.7256, 99.9307 };
	const struct group_conf c = conf(0, 10 * second);
	struct estimate e = { 0 };

	for (size_t k = 0; k < ARRAY_LEN(ms); k++) {
		estimate_peak_ewma(&e, &c, ms[k] * 1000, at[k] * second);
		near(e.value, wanted[k]);
	}
}
END_TEST

START_TEST(ewma_moves_by_alpha)
{
	const struct group_conf c = conf(200000, 0);
	struct estimate e = { 0 };

	estimate_ewma(&e, &c, 100000, 0);
	estimate_ewma(&e, &c, 200000, 1);
	ck_assert_double_eq_tol(e.value, 120000, 1e-6);
}
END_TEST

START_TEST(sma_forgets_what_is_older_than_its_window)
{
	struct arena *a = arena_new();
	const struct group_conf c = conf(0, 0);
	struct estimate e = { .ring = arena_array(a, uint64_t, 3) };

	for (uint64_t k = 1; k <= 5; k++)
		estimate_sma(&e, &c, k * 1000, k);
	ck_assert_double_eq(e.value, 4000);
	e.stale = true;
	estimate_sma(&e, &c, 7000, 6);
	ck_assert_double_eq(e.value, 7000);
	estimate_sma(&e, &c, 8000, 7);
	ck_assert_double_eq(e.value, 7500);
	arena_free(a);
}
END_TEST

static const uint64_t seed_ms[] = { 10, 15, 20, 400, 400, 400, 10, 15, 20 };

START_TEST(the_seeds_ewma_is_exact_to_the_last_bit)
{
	static const double wanted[] = { 10, 11, 12.8, 90.24000000000001, 152.192, 201.7536, 163.40288, 133.722304,
					 110.97784320000001 };
	const struct group_conf c = conf(200000, 0);
	struct estimate e = { 0 };

	ck_assert_double_eq(1 - c.alpha_ppm / 1e6, 0x1.999999999999ap-1);
	for (size_t k = 0; k < ARRAY_LEN(seed_ms); k++) {
		estimate_ewma_seed(&e, &c, seed_ms[k] * 1000, k);
		ck_assert_msg(e.value == wanted[k], "sample %zu: %.17g, not %.17g", k, e.value, wanted[k]);
	}
}
END_TEST

/* Either way to fuse would give 248.49022715904007 or ...05 here. */
START_TEST(the_seeds_ewma_rounds_every_product)
{
	static const uint64_t ms[] = { 294, 42, 249, 391, 134, 19, 1, 75, 340, 301, 241, 389 };
	const struct group_conf c = conf(200000, 0);
	struct estimate e = { 0 };

	for (size_t k = 0; k < ARRAY_LEN(ms); k++)
		estimate_ewma_seed(&e, &c, ms[k] * 1000, k);
	ck_assert_msg(e.value == 0x1.f0faff0ddf606p+7, "%.17g", e.value);
}
END_TEST

START_TEST(the_seeds_sma_is_the_mean_of_three)
{
	static const double wanted[] = { 10, 12.5, 15, 145, 820 / 3.0, 400, 270, 425 / 3.0, 15 };
	struct arena *a = arena_new();
	const struct group_conf c = conf(0, 0);
	struct estimate e = { .ring = arena_array(a, uint64_t, 3) };

	for (size_t k = 0; k < ARRAY_LEN(seed_ms); k++) {
		estimate_sma_seed(&e, &c, seed_ms[k] * 1000, k);
		ck_assert_double_eq(e.value, wanted[k]);
	}
	arena_free(a);
}
END_TEST

static const struct {
	uint64_t us, ms;
} halves[] = { { 0, 0 }, { 499, 0 }, { 500, 0 }, { 501, 1 }, { 1499, 1 }, { 1500, 2 }, { 1501, 2 }, { 2500, 2 },
	       { 2501, 3 }, { 3500, 4 } };

START_TEST(the_seed_rounds_halves_to_even)
{
	ck_assert_uint_eq(estimate_seed_ms(halves[_i].us), halves[_i].ms);
}
END_TEST

START_TEST(the_seed_skips_what_took_no_millisecond)
{
	struct arena *a = arena_new();
	const struct group_conf c = conf(200000, 0);
	struct estimate e = { 0 }, s = { .ring = arena_array(a, uint64_t, 3) };

	estimate_ewma_seed(&e, &c, 400, 0);
	estimate_sma_seed(&s, &c, 400, 0);
	ck_assert(!e.measured && !s.measured);
	for (int k = 0; k < 3; k++) {
		estimate_ewma_seed(&e, &c, k == 1 ? 500 : 100000, 0);
		estimate_sma_seed(&s, &c, k == 1 ? 500 : 100000, 0);
	}
	ck_assert_double_eq(e.value, 100);
	ck_assert_double_eq(s.value, 100);
	ck_assert_uint_eq(s.ring_n, 2);
	arena_free(a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, adaptive_weighs_history_by_its_age);
	tcase_add_test(tc, peak_ewma_jumps_up_and_falls_over_decay);
	tcase_add_test(tc, ewma_moves_by_alpha);
	tcase_add_test(tc, sma_forgets_what_is_older_than_its_window);
	tcase_add_test(tc, the_seeds_ewma_is_exact_to_the_last_bit);
	tcase_add_test(tc, the_seeds_ewma_rounds_every_product);
	tcase_add_test(tc, the_seeds_sma_is_the_mean_of_three);
	tcase_add_loop_test(tc, the_seed_rounds_halves_to_even, 0, ARRAY_LEN(halves));
	tcase_add_test(tc, the_seed_skips_what_took_no_millisecond);
}
