/* SPDX-License-Identifier: MIT */
/* Penalties: which relays and weights count, how samples fall, how it is stopped, and what is wrong with files. Their values
 * on networks of all shapes: test/weights/W-7-routes.c. */
#include "base/base.h"

#include "fixture.h"
#include "small_network.h"
#include "unit.h"
#include "weights/penalty.h"
#include "weights/progress.h"

/* Guards in AS 4 and 5, exits in AS 5 (guard+exit) and 6, and a guard in no prefix. */
static const struct small_relay relays[] = {
	{ "Guard", 7, "1.0.5.1" }, { "Guard", 1, "1.0.4.1" },          { "Exit Guard", 5, "1.0.5.2" },
	{ "Exit", 5, "1.0.6.2" },  { "BadExit Exit", 900, "1.0.1.1" }, { "Guard", 9, "9.0.0.1" },
};

static struct penalty_wish wish_of(void)
{
	return (struct penalty_wish){
		.relations = text_file("1|4|-1\n1|5|-1\n1|6|-1\n1|3|-1\n"),
		.relays = text_file(small_consensus(relays, ARRAY_LEN(relays), NULL)),
		.clients = text_file("location,weight\n3,1\nAS4,1\n"),
		.prefixes = text_file("1.0.1.0\t24\t1\n1.0.4.0\t24\t4\n1.0.5.0\t24\t5_1\n1.0.6.0\t24\t6\n"),
		.destinations = text_file("as,weight\n4,1\n"),
		.samples = 64,
		.threads = 1,
	};
}

static void expect_row(const struct penalties *p, size_t row, uint32_t first, uint32_t second)
{
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(values_at(&p->values, row, 0), first);
	ck_assert_uint_eq(values_at(&p->values, row, 1), second);
}

START_TEST(relays_without_as_are_left_out_with_a_warning)
{
	const struct penalty_wish w = wish_of();
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->relays_without_as, 1);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "1 relay left out: no prefix with an AS holds the address");
	ck_assert_uint_eq(p->values.columns, 2);
	ck_assert_uint_eq(p->columns[1], 5);
	/* All circuits go through 1 to 4, so do all ways of AS 3; from AS 4 to its own guard there is no other AS than 4. */
	expect_row(p, 0, 64, 64);
	expect_row(p, 1, 64, 64);
}
END_TEST

/* Where 1 is no common provider, exits in 5 and 6 can be told apart: AS 3 with guard 5 meets those in 5. */
static const char apart[] = "7|5|-1\n7|3|-1\n8|6|-1\n8|4|-1\n9|5|-1\n9|4|-1\n";

static const struct {
	const char *weights;
	uint32_t value;
} weighings[] = {
	{ NULL, 32 },
	/* Wed 5000: a third of the circuits end at the guard+exit in AS 5. */
	{ "Wbd=3333 Wbe=0 Wbg=4000 Wbm=10000 Wdb=10000 Web=10000 Wed=5000 Wee=10000 Weg=5000 "
	  "Wem=10000 Wgb=10000 Wgd=0 Wgg=6000 Wgm=6000 Wmb=10000 Wmd=0 Wme=0 Wmg=4000 Wmm=10000", 21 },
};

START_TEST(exits_count_with_their_weight_in_the_last_position)
{
	struct penalty_wish w = wish_of();

	w.relays = text_file(small_consensus(relays, ARRAY_LEN(relays), weighings[_i].weights));
	w.relations = text_file(apart);
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(values_at(&p->values, 0, 1), weighings[_i].value);
}
END_TEST

START_TEST(samples_fall_where_the_running_sum_passes_their_middle)
{
	struct penalty_wish w = wish_of();

	/* Weights 1 : 127 to destinations 3 and 4: of 64 samples of each exit the first middle is 1/128 of the whole, so
	 * that it is not yet passed by the first pair: 64 samples, all of destination 4. With 2 : 126 one falls to 3. */
	w.relations = text_file("5|7|-1\n6|7|-1\n3|8|-1\n4|7|-1\n");
	w.clients = text_file("location,weight\n3,1\n");
	w.destinations = text_file("as,weight\n3,1\n4,63\n");
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);
	ck_assert_ptr_nonnull(p);
	/* 10 of weight in all, exits 5 and 5: pairs (5,3) 5, (5,4) 315, (6,3) 5, (6,4) 315 of 640; middles at 5, 15, …: the
	 * first is not more than 5. (6,3) ends at 325, and 325 is a middle too. */
	expect_row(p, 0, 64, 32);
	w.destinations = text_file("as,weight\n4,126\n3,2\n4,1\n3,1\n");
	p = penalty_compute(&w, NULL, arena, &diags);
	expect_row(p, 0, 64, 33);
}
END_TEST

START_TEST(the_largest_weights_are_sampled_exactly)
{
	const struct small_relay heavy[] = { { "Guard", 1, "1.0.4.1" }, { "Exit", 2147483647, "1.0.5.1" },
					     { "Exit", 2147483647, "1.0.6.1" } };
	struct penalty_wish w = wish_of();

	w.relays = text_file(small_consensus(heavy, ARRAY_LEN(heavy), NULL));
	w.relations = text_file("5|7|-1\n6|7|-1\n3|8|-1\n4|9|-1\n");
	w.clients = text_file("location,weight\n5,1\n");
	w.destinations = text_file("as,weight\n90,4294967296\n91,4294967296\n92,4294967296\n");
	w.samples = 65536;
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->values.columns, 1);
	ck_assert_uint_eq(p->scale, 65536);
	ck_assert_uint_eq(values_at(&p->values, 0, 0), 32768);
}
END_TEST

static void expect_wrong(const struct penalty_wish *w, const char *text)
{
	ck_assert_ptr_null(penalty_compute(w, NULL, arena, &diags));
	ck_assert_uint_ge(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[diags.n - 1]->text, text);
	ck_assert_str_eq(diags.list[diags.n - 1]->code, "input");
}

START_TEST(what_is_missing_is_told)
{
	const struct small_relay guards[] = { { "Guard", 1, "1.0.4.1" } };
	const struct small_relay exits[] = { { "Exit", 1, "1.0.4.1" } };
	struct penalty_wish w = wish_of();

	w.clients = text_file("location,weight\nAS5,1\nhome,1\n");
	expect_wrong(&w, "'home' is not an AS number");
	ck_assert_uint_eq(diags.list[0]->place.line, 3);
	w = wish_of();
	w.destinations = text_file("as,weight\n");
	expect_wrong(&w, "no destinations");
	w.destinations = text_file("as,weight\nx,1\n");
	expect_wrong(&w, "'x' is not an AS number");
	w.destinations = text_file("as,weight\n1,x\n");
	expect_wrong(&w, "'x' is not a weight");
	w.destinations = text_file("as,weight\n1,0\n");
	expect_wrong(&w, "'0' is out of range");
	w.destinations = text_file("as,weight\n1,4294967297\n");
	expect_wrong(&w, "'4294967297' is out of range");
	w = wish_of();
	w.relays = text_file(small_consensus(guards, 1, NULL));
	expect_wrong(&w, "no exits");
	w.relays = text_file(small_consensus(exits, 1, NULL));
	expect_wrong(&w, "no guards");
	w = wish_of();
	w.destinations = NULL;
	w.suspects = text_file("# none\n");
	expect_wrong(&w, "no suspects");
	w.suspects = text_file("AS1\nASx\n");
	expect_wrong(&w, "'ASx' is not an AS number");
}
END_TEST

START_TEST(a_run_ends_when_the_user_says_so)
{
	const volatile sig_atomic_t interrupted = 1;
	const struct penalty_wish w = wish_of();
	struct progress p;

	progress_init(&p, &interrupted, NULL);
	ck_assert_ptr_null(penalty_compute(&w, &p, arena, &diags));
	ck_assert_str_eq(diags.list[diags.n - 1]->code, "interrupted");
}
END_TEST

/* Values, samples' bits and what threads take are asked for before they are taken. */
START_TEST(more_memory_than_is_allowed_is_told)
{
	struct penalty_wish w = wish_of();

	ck_assert_ptr_nonnull(penalty_compute(&w, NULL, arena, &diags));
	arena_allow(arena, arena_size(arena) + 40 * 1024);
	ck_assert_ptr_nonnull(penalty_compute(&w, NULL, arena, &diags));
	w.samples = 65536;
	ck_assert_ptr_null(penalty_compute(&w, NULL, arena, &diags));
	ck_assert_str_eq(diags.list[diags.n - 1]->code, "machine");
	ck_assert_ptr_nonnull(strstr(diags.list[diags.n - 1]->text, "this problem needs "));
	ck_assert_uint_eq(diags.n_errors, 1);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, relays_without_as_are_left_out_with_a_warning);
	tcase_add_loop_test(tc, exits_count_with_their_weight_in_the_last_position, 0, ARRAY_LEN(weighings));
	tcase_add_test(tc, samples_fall_where_the_running_sum_passes_their_middle);
	tcase_add_test(tc, the_largest_weights_are_sampled_exactly);
	tcase_add_test(tc, what_is_missing_is_told);
	tcase_add_test(tc, a_run_ends_when_the_user_says_so);
	tcase_add_test(tc, more_memory_than_is_allowed_is_told);
}
