/* SPDX-License-Identifier: MIT */
/* The methods at work: the scenarios of the specification with its simulated numbers, and what each of our rules is for,
 * shown beside the seed's own rule in the same scenario. */
#include "base/base.h"

#include "simulation.h"
#include "unit.h"

/* Within 10 %, and half a unit of the last digit that the specification prints. */
static void close_to(const char *what, const char *method, double is, double wanted, double unit)
{
	const double off = is > wanted ? is - wanted : wanted - is;

	ck_assert_msg(off <= 0.1 * wanted + unit / 2, "%s %s: %.3f, not %.3f", method, what, is, wanted);
}

/* ---- the table of proxy.md 7.2 --------------------------------------------------------------------------------- */
static const struct sim_server unequal[] = {
	{ .mean_ms = 2, .slots = 8 }, { .mean_ms = 10, .slots = 8 }, { .mean_ms = 40, .slots = 8 },
};

static const struct {
	const char *method;
	double rate, p99_ms, mean_ms;   /* mean 0: not given */
} unequal_rows[] = {
	{ "random-two", 450, 99, 0 }, { "sma", 450, 11, 0 }, { "adaptive", 450, 10, 0 },
	{ "random-two", 2000, 86, 7.7 }, { "sma", 2000, 17, 2.5 }, { "adaptive", 2000, 16, 2.4 },
};

START_TEST(unequal_servers)
{
	const char *method = unequal_rows[_i].method;
	const struct sim_conf c = { .method = method, .servers = unequal, .n = 3, .rate = unequal_rows[_i].rate,
				    .warm_s = 10, .until_s = 10 + 200000 / unequal_rows[_i].rate, .seed = 1 };
	const struct sim_result r = simulate(&c);

	close_to("p99", method, r.p99_ms, unequal_rows[_i].p99_ms, 1);
	if (unequal_rows[_i].mean_ms > 0)
		close_to("mean", method, r.mean_ms, unequal_rows[_i].mean_ms, 0.1);
}
END_TEST

static const struct sim_server four_slots = { .mean_ms = 5, .slots = 4 };

/* n of them alike. */
static struct sim_server *alike(struct sim_server *to, size_t n, struct sim_server one)
{
	for (size_t i = 0; i < n; i++)
		to[i] = one;
	return to;
}

static const struct {
	const char *method;
	double p99_ms, mean_ms;
} equal_rows[] = {
	{ "least-connections", 22.9, 5.04 }, { "random-two", 23.2, 5.17 }, { "peak-ewma", 23.2, 5.24 },
	{ "sma", 32.8, 8.65 }, { "ewma", 23.9, 5.56 }, { "adaptive", 23.1, 5.08 },
};

START_TEST(ten_equal_servers)
{
	struct sim_server servers[10];
	const struct sim_conf c = { .method = equal_rows[_i].method, .servers = alike(servers, 10, four_slots), .n = 10,
				    .rate = 5600, .warm_s = 2, .until_s = 32, .seed = 1 };
	const struct sim_result r = simulate(&c);

	close_to("p99", c.method, r.p99_ms, equal_rows[_i].p99_ms, 0.1);
	close_to("mean", c.method, r.mean_ms, equal_rows[_i].mean_ms, 0.01);
}
END_TEST

static const struct {
	const char *method;
	double p99_ms, back_percent;    /* 0: not given, or measured */
} event_rows[] = {
	{ "least-connections", 93, 33 }, { "random-two", 98, 34 }, { "peak-ewma", 27, 12 }, { "sma", 0, 29 },
	{ "ewma", 0, 27 }, { "adaptive", 26, 17 },
};

/* 2,400 requests a second, slow for 10 s: p99 of these, the mean over some seeds. */
START_TEST(one_of_three_ten_times_slower)
{
	struct sim_server servers[3];
	double p99_ms = 0;
	enum { SEEDS = 8 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	servers[0].slow = (struct sim_span){ 10, 20 };
	servers[0].slow_times = 10;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct sim_conf c = { .method = event_rows[_i].method, .servers = servers, .n = 3, .rate = 2400,
					    .warm_s = 10, .until_s = 20, .seed = seed };

		p99_ms += simulate(&c).p99_ms / SEEDS;
	}
	if (event_rows[_i].p99_ms > 0)
		close_to("p99", event_rows[_i].method, p99_ms, event_rows[_i].p99_ms, 1);
}
END_TEST

/* 100 requests a second; slow for 10 s: its share of the 15 s after that. */
START_TEST(traffic_comes_back_to_one_that_recovered)
{
	struct sim_server servers[3];
	double share = 0;
	enum { SEEDS = 40 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	servers[0].slow = (struct sim_span){ 10, 20 };
	servers[0].slow_times = 10;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const struct sim_conf c = { .method = event_rows[_i].method, .servers = servers, .n = 3, .rate = 100,
					    .warm_s = 20, .until_s = 35, .seed = seed };

		share += simulate(&c).share[0] / SEEDS;
	}
	close_to("share", event_rows[_i].method, share, event_rows[_i].back_percent, 1);
}
END_TEST

/* One of three answers nothing for five seconds. */
START_TEST(one_that_hangs_is_found_at_once)
{
	struct sim_server servers[3];
	const struct sim_conf c = { .method = "adaptive", .servers = servers, .n = 3, .rate = 2400, .warm_s = 10,
				    .until_s = 40, .seed = 1 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	servers[0].hang = (struct sim_span){ 20, 25 };
	servers[0].hang_timeout_ms = 5000;
	close_to("p99.9", c.method, simulate(&c).p999_ms, 38, 1);
}
END_TEST

/* ---- the seed's experiment: 100 clients, one request after the other -------------------------------------------- */
static const double a_ms[] = { 10, 15, 20, 400, 400, 400, 10, 15, 20 }, b_ms[] = { 200 }, c_ms[] = { 250 };
static const struct sim_server seed_servers[] = {
	{ .list_ms = a_ms, .n_list = 9 }, { .list_ms = b_ms, .n_list = 1 }, { .list_ms = c_ms, .n_list = 1 },
};

static struct sim_result seed_experiment(const char *method, bool compat_seed)
{
	const struct sim_conf c = { .method = method, .compat_seed = compat_seed, .servers = seed_servers, .n = 3,
				    .clients = 100, .until_s = 120, .seed = 1 };

	return simulate(&c);
}

START_TEST(the_seed_sends_a_hundred_to_a_a_hundred_to_c_and_the_rest_to_b)
{
	const struct sim_result r = seed_experiment(_i ? "ewma" : "sma", true);

	ck_assert_uint_eq(r.requests[0], 100);
	ck_assert_uint_eq(r.requests[2], 100);
	ck_assert_double_lt(r.last_s[0], 2);
	ck_assert_double_ge(r.per_second, 490);
	ck_assert_double_le(r.p95_ms, 240);
}
END_TEST

START_TEST(our_averages_use_the_fast_server_and_forget_none)
{
	static const char *const methods[] = { "sma", "ewma", "adaptive" };
	const struct sim_result r = seed_experiment(methods[_i], false);
	static const double shares[] = { 71, 17, 12 };

	close_to("rate", methods[_i], r.per_second, 605, 1);
	close_to("mean", methods[_i], r.mean_ms, 165, 1);
	close_to("p95", methods[_i], r.p95_ms, 400, 1);
	for (size_t i = 0; i < 3; i++) {
		close_to("share", methods[_i], r.share[i], shares[i], 1);
		ck_assert_double_lt(r.idle_s[i], 10);
	}
}
END_TEST

START_TEST(round_robin_is_as_slow_as_the_slowest_lets_it)
{
	const struct sim_result r = seed_experiment("round-robin", false);

	close_to("rate", "round-robin", r.per_second, 506, 1);
	for (size_t i = 0; i < 3; i++)
		ck_assert_double_eq_tol(r.share[i], 33.33, 0.01);
}
END_TEST

/* ---- our rules, and the seed's in the same scenario -------------------------------------------------------------- */
static const char *const averages[] = { "sma", "ewma", "adaptive" };

/* The same with the seed's choice. */
static struct sim_result by_the_seed(struct sim_conf c, const char *method)
{
	c.method = method;
	c.compat_seed = true;
	c.eject_errors = 0;
	return simulate(&c);
}

START_TEST(no_herd)
{
	struct sim_server servers[4];
	struct sim_conf c = { .servers = alike(servers, 4, four_slots), .n = 4, .rate = 2240, .warm_s = 2,
			      .until_s = 12, .seed = 1 };

	for (size_t k = 0; k < ARRAY_LEN(averages); k++) {
		c.method = averages[k];
		ck_assert_double_lt(simulate(&c).mean_ms, 10);
	}
	ck_assert_double_gt(by_the_seed(c, "sma").mean_ms, 1000);
	ck_assert_double_gt(by_the_seed(c, "ewma").mean_ms, 1000);
}
END_TEST

/* The fast one of three is slower than the others for a while; what follows. */
START_TEST(no_lock_in)
{
	static const double fast[] = { 5 }, middle[] = { 40 };
	struct sim_server servers[3] = { { .list_ms = fast, .slow = { 10, 20 }, .slow_times = 10 },
					 { .list_ms = middle }, { .list_ms = middle } };
	struct sim_conf c = { .servers = servers, .n = 3, .rate = 100, .warm_s = 20, .until_s = 35, .seed = 1 };

	for (size_t i = 0; i < 3; i++)
		servers[i].n_list = 1;
	for (size_t k = 0; k < ARRAY_LEN(averages); k++) {
		c.method = averages[k];
		const struct sim_result r = simulate(&c);

		ck_assert_double_gt(r.share[0], 50);
	}
	/* The seed never asks it again. */
	c.until_s = 600;
	for (size_t k = 0; k < 2; k++) {
		const struct sim_result r = by_the_seed(c, averages[k]);

		ck_assert_uint_eq(r.requests[0], 0);
		ck_assert_double_ge(r.mean_ms, 40);
		c.method = averages[k];
		ck_assert_double_lt(simulate(&c).mean_ms, 10);
	}
}
END_TEST

/* One of four answers 503 faster than any other answers anything. */
START_TEST(no_black_hole)
{
	struct sim_server servers[4];
	struct sim_conf c = { .servers = alike(servers, 4, four_slots), .n = 4, .rate = 1600, .until_s = 60, .seed = 1 };

	servers[0].fail = (struct sim_span){ 0, 1000 };
	servers[0].fail_share = 1;
	/* In no whole millisecond at all, and in one: the seed knows nothing of failures in either case. */
	for (int slow = 0; slow < 2; slow++) {
		servers[0].fail_ms = slow ? 1 : 0.1;
		for (size_t k = 0; k < ARRAY_LEN(averages); k++) {
			c.method = averages[k];
			const struct sim_result r = simulate(&c);

			ck_assert_uint_le(r.errors * 5000, r.n);
		}
		for (size_t k = 0; k < 2; k++) {
			const struct sim_result r = by_the_seed(c, averages[k]);

			ck_assert_uint_ge(r.errors * 100, r.n * 99);
		}
	}
	/* Counting what is open is no cure by itself: two thirds go to the one that always looks free. */
	servers[0].fail_ms = 0.1;
	c.method = "least-connections";
	const struct sim_result r = simulate(&c);

	close_to("errors", c.method, 100.0 * (double)r.errors / (double)r.n, 67, 1);
}
END_TEST

/* A hundred clients at once before the first answer. */
START_TEST(cold_start)
{
	struct sim_server servers[3];
	struct sim_conf c = { .servers = servers, .n = 3, .clients = 100, .until_s = 0.000001, .seed = 1 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	for (size_t k = 0; k < ARRAY_LEN(averages); k++) {
		c.method = averages[k];
		const struct sim_result r = simulate(&c);

		for (size_t i = 0; i < 3; i++)
			ck_assert_uint_le(r.requests[i], 34);
		ck_assert_uint_eq(by_the_seed(c, k ? "ewma" : "sma").requests[0], 100);
	}
}
END_TEST

/* One of three fails every request for a minute, as fast as others answer. */
START_TEST(ejection)
{
	static const char *const methods[] = { "round-robin", "least-connections", "random-two", "ewma", "adaptive" };
	struct sim_server servers[3];
	struct sim_conf c = { .servers = servers, .n = 3, .rate = 600, .warm_s = 10, .until_s = 170, .eject_errors = 5,
			      .eject_s = 10, .seed = 1 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	servers[0].fail = (struct sim_span){ 20, 80 };
	servers[0].fail_share = 1;
	servers[0].fail_ms = 0.5;
	for (size_t k = 0; k < ARRAY_LEN(methods); k++) {
		c.method = methods[k];
		const struct sim_result r = simulate(&c);

		/* The first five, those on their way then, and one for each trial; afterwards it is back. */
		ck_assert_uint_ge(r.ejections, 1);
		ck_assert_uint_le(r.errors, 20);
		ck_assert_double_gt(r.last_s[0], 160);
	}
	/* Of the 36,000 requests of that minute. */
	ck_assert_uint_gt(by_the_seed(c, "ewma").errors, 34000);
	ck_assert_uint_gt(by_the_seed(c, "least-connections").errors, 11000);
}
END_TEST

/* One of three comes back after half a minute, and serves ten times slower for its first five seconds. */
START_TEST(slow_start)
{
	struct sim_server servers[3];
	struct sim_conf c = { .servers = servers, .n = 3, .rate = 1000, .warm_s = 40, .until_s = 41, .slow_start_s = 10,
			      .seed = 1 };

	alike(servers, 3, (struct sim_server){ .mean_ms = 5, .slots = 8 });
	servers[0].down = (struct sim_span){ 10, 40 };
	servers[0].slow = (struct sim_span){ 40, 45 };
	servers[0].slow_times = 10;
	static const char *const methods[] = { "round-robin", "least-connections", "random-two", "adaptive" };

	for (size_t k = 0; k < ARRAY_LEN(methods); k++) {
		c.method = methods[k];
		const struct sim_result r = simulate(&c);

		/* A tenth of the weight at most, so that its eight slots of 50 ms suffice. */
		ck_assert_double_lt(r.share[0], 10);
		ck_assert_double_lt(r.p99_ms, 300);
	}
	const struct sim_result r = by_the_seed(c, "least-connections");

	ck_assert_double_gt(r.share[0], 99);
	ck_assert_double_gt(r.p99_ms, 2000);
	/* The averages of the seed send all to it until it has answered for the first time. */
	c.until_s = 40.02;
	ck_assert_uint_gt(by_the_seed(c, "ewma").requests[0], 10);
	c.method = "ewma";
	ck_assert_uint_le(simulate(&c).requests[0], 3);
}
END_TEST

/* Every server fails one request in a hundred: penalties must be relative. */
START_TEST(failures_of_all_cost_little)
{
	struct sim_server servers[4];
	struct sim_conf c = { .method = "adaptive", .servers = servers, .n = 4, .rate = 2240, .warm_s = 5, .until_s = 35,
			      .seed = 1 };

	alike(servers, 4, four_slots);
	for (size_t i = 0; i < 4; i++) {
		servers[i].fail = (struct sim_span){ 0, 1000 };
		servers[i].fail_share = 0.01;
	}
	close_to("mean", c.method, simulate(&c).mean_ms, 5.3, 0.1);
	c.failure_ms = 10000;
	ck_assert_double_gt(simulate(&c).mean_ms, 2 * 5.3);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, unequal_servers, 0, ARRAY_LEN(unequal_rows));
	tcase_add_loop_test(tc, ten_equal_servers, 0, ARRAY_LEN(equal_rows));
	tcase_add_loop_test(tc, one_of_three_ten_times_slower, 0, ARRAY_LEN(event_rows));
	tcase_add_loop_test(tc, traffic_comes_back_to_one_that_recovered, 0, ARRAY_LEN(event_rows));
	tcase_add_test(tc, one_that_hangs_is_found_at_once);
	tcase_add_loop_test(tc, the_seed_sends_a_hundred_to_a_a_hundred_to_c_and_the_rest_to_b, 0, 2);
	tcase_add_loop_test(tc, our_averages_use_the_fast_server_and_forget_none, 0, 3);
	tcase_add_test(tc, round_robin_is_as_slow_as_the_slowest_lets_it);
	tcase_add_test(tc, no_herd);
	tcase_add_test(tc, no_lock_in);
	tcase_add_test(tc, no_black_hole);
	tcase_add_test(tc, cold_start);
	tcase_add_test(tc, ejection);
	tcase_add_test(tc, slow_start);
	tcase_add_test(tc, failures_of_all_cost_little);
}
