/* SPDX-License-Identifier: MIT */
/* Methods that look at turns, addresses, chance and what is open: whom each chooses, with the vectors of the specification. */
#include "base/base.h"

#include "fixture.h"
#include "methods.h"
#include "unit.h"

/* ---- round-robin ----------------------------------------------------------------------------------------------- */
START_TEST(weights_three_to_one_give_a_a_b_a)
{
	ck_assert_str_eq(letters(group_of(conf("round-robin"), (uint32_t[]){ 3, 1 }, 2), 8), "aabaaaba");
}
END_TEST

START_TEST(weights_five_one_one_are_spread)
{
	ck_assert_str_eq(letters(group_of(conf("round-robin"), (uint32_t[]){ 5, 1, 1 }, 3), 14), "aabacaaaabacaa");
}
END_TEST

START_TEST(equal_members_take_turns_in_the_order_written)
{
	ck_assert_str_eq(letters(group_of(conf("round-robin"), NULL, 3), 9), "abcabcabc");
}
END_TEST

START_TEST(worker_k_begins_k_steps_on)
{
	struct group_conf c = conf("round-robin");

	c.turn = 2;
	ck_assert_str_eq(letters(group_of(c, NULL, 3), 6), "cabcab");
	c.turn = 4;
	ck_assert_str_eq(letters(group_of(c, (uint32_t[]){ 5, 1, 1 }, 3), 7), "caaaaba");
}
END_TEST

START_TEST(a_weight_that_shrinks_leaves_no_debt)
{
	struct group *g = group_of(conf("round-robin"), (uint32_t[]){ 1000, 1 }, 2);

	(void)letters(g, 300);
	group_set_weight(g, 0, 1);
	ck_assert_str_eq(letters(g, 4), "abab");
}
END_TEST

/* ---- least-connections ----------------------------------------------------------------------------------------- */
START_TEST(the_fewest_open_per_weight_is_chosen)
{
	struct group *g = group_of(conf("least-connections"), (uint32_t[]){ 1, 2 }, 2);
	const char *s = letters(g, 30);
	size_t heavy = 0;

	for (size_t k = 0; s[k]; k++)
		heavy += s[k] == 'b';
	ck_assert_uint_eq(heavy, 20);
	ck_assert_uint_eq(group_open(g, 1), 20);
}
END_TEST

START_TEST(ties_go_round_since_each_scan_begins_one_further)
{
	struct group *g = group_of(conf("least-connections"), NULL, 3);

	for (int k = 0; k < 9; k++) {
		const int i = choose(g, 0);

		ck_assert_int_eq(i, k % 3);
		group_begin(g, (size_t)i, 0);
		leave(g, i);
	}
}
END_TEST

START_TEST(what_is_closed_is_credited)
{
	struct group *g = group_of(conf("least-connections"), NULL, 2);

	for (int k = 0; k < 10; k++)
		group_begin(g, 0, 0);
	ck_assert_str_eq(letters(g, 10), "bbbbbbbbbb");
	for (int k = 0; k < 5; k++)
		leave(g, 0);
	ck_assert_str_eq(letters(g, 5), "aaaaa");
}
END_TEST

START_TEST(the_seed_never_credits_what_is_closed)
{
	struct group *g = group_of(seed("least-connections"), NULL, 2);

	ck_assert_str_eq(letters(g, 4), "abab");
	leave(g, 0);
	leave(g, 0);
	ck_assert_str_eq(letters(g, 4), "abab");
}
END_TEST

/* ---- source-hash ----------------------------------------------------------------------------------------------- */
static char hashed(struct group *g, const char *client)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(str_of(client), &a), 0);
	const struct group_wish w = { .client = &a };
	return (char)('a' + group_choose(g, &w));
}

static const struct {
	const char *client;
	char all, without_b;
} clients[] = {
	{ "192.0.2.1", 'a', 'a' }, { "192.0.2.2", 'a', 'a' }, { "192.0.2.3", 'b', 'a' }, { "192.0.2.4", 'a', 'a' },
	{ "192.0.2.5", 'a', 'a' }, { "192.0.2.6", 'c', 'c' }, { "192.0.2.7", 'b', 'c' }, { "192.0.2.8", 'c', 'c' },
	{ "10.0.0.1", 'c', 'c' }, { "2001:db8::1", 'a', 'a' }, { "2001:db8::2", 'b', 'c' },
	{ "::ffff:192.0.2.3", 'b', 'a' },
};

START_TEST(source_hash_follows_its_vectors)
{
	struct group *g = group_of(conf("source-hash"), NULL, 3);

	ck_assert_int_eq(hashed(g, clients[_i].client), clients[_i].all);
	group_set_state(g, 1, MEMBER_DOWN, 0);
	ck_assert_int_eq(hashed(g, clients[_i].client), clients[_i].without_b);
}
END_TEST

START_TEST(source_hash_spreads_65536_addresses_as_the_specification_counts)
{
	struct group *g = group_of(conf("source-hash"), NULL, 3);
	size_t counts[3] = { 0 };

	for (unsigned k = 0; k < 65536; k++) {
		const struct addr a = { AF_INET, { 10, 0, (uint8_t)(k >> 8), (uint8_t)k } };
		const struct group_wish w = { .client = &a };

		counts[group_choose(g, &w)]++;
	}
	ck_assert_uint_eq(counts[0], 21816);
	ck_assert_uint_eq(counts[1], 21880);
	ck_assert_uint_eq(counts[2], 21840);
}
END_TEST

START_TEST(source_hash_gives_each_its_weight)
{
	struct group *g = group_of(conf("source-hash"), (uint32_t[]){ 1, 2, 5 }, 3);
	size_t counts[3] = { 0 };

	for (unsigned k = 0; k < 65536; k++) {
		const struct addr a = { AF_INET, { 10, 0, (uint8_t)(k >> 8), (uint8_t)k } };
		const struct group_wish w = { .client = &a };

		counts[group_choose(g, &w)]++;
	}
	ck_assert_uint_le(labs((long)counts[0] - 8192), 300);
	ck_assert_uint_le(labs((long)counts[1] - 16384), 300);
	ck_assert_uint_le(labs((long)counts[2] - 40960), 300);
}
END_TEST

START_TEST(the_seed_takes_the_last_byte_modulo_servers)
{
	struct group *two = group_of(seed("source-hash"), NULL, 2), *three = group_of(seed("source-hash"), NULL, 3);

	ck_assert_int_eq(hashed(two, "192.0.2.101"), 'b');
	ck_assert_int_eq(hashed(two, "192.0.2.102"), 'a');
	ck_assert_int_eq(hashed(three, "10.0.0.5"), 'c');
	group_set_state(three, 2, MEMBER_DOWN, 0);
	ck_assert_int_eq(hashed(three, "10.0.0.5"), 'a');
	ck_assert_int_eq(hashed(three, "10.0.0.4"), 'b');
}
END_TEST

/* ---- by chance ------------------------------------------------------------------------------------------------- */
START_TEST(chance_is_splitmix64)
{
	struct chance c = { 1234567 };

	ck_assert_uint_eq(chance_next(&c), 6457827717110365317u);
	ck_assert_uint_eq(chance_next(&c), 3203168211198807973u);
	ck_assert_uint_eq(chance_next(&c), 9817491932198370423u);
}
END_TEST

START_TEST(chance_below_n_is_every_number_alike)
{
	struct chance c = { 1 };
	unsigned counts[7] = { 0 };

	for (int k = 0; k < 70000; k++)
		counts[chance_below(&c, 7)]++;
	for (int i = 0; i < 7; i++)
		ck_assert_uint_le(labs((long)counts[i] - 10000), 400);
}
END_TEST

/* Counts of 60,000 choices with nothing open. */
static void count_choices(struct group *g, size_t *counts)
{
	for (int k = 0; k < 60000; k++)
		counts[choose(g, 0)]++;
}

/* Shares where the first drawn is kept: the two are tied. */
START_TEST(two_by_chance_draws_by_weight)
{
	size_t counts[3] = { 0 };
	struct group *g = group_of(conf("random-two"), (uint32_t[]){ 1, 1, 2 }, 3);

	/* Loads 1, 1 and 1/2 with nothing open: c wins wherever it is drawn, 1 - 2 * 1/4 * 1/3 of all. */
	count_choices(g, counts);
	ck_assert_uint_le(labs((long)counts[2] - 50000), 600);
	ck_assert_uint_le(labs((long)counts[0] - 5000), 300);
	/* With one open at c all loads are equal: the first drawn stays. */
	group_begin(g, 2, 0);
	memset(counts, 0, sizeof(counts));
	count_choices(g, counts);
	ck_assert_uint_le(labs((long)counts[2] - 30000), 600);
}
END_TEST

START_TEST(two_by_chance_never_takes_the_fullest)
{
	size_t counts[3] = { 0 };
	struct group *g = group_of(conf("random-two"), NULL, 3);

	group_begin(g, 1, 0);
	count_choices(g, counts);
	ck_assert_uint_eq(counts[1], 0);
	ck_assert_uint_le(labs((long)counts[0] - 30000), 600);
}
END_TEST

/* ---- many members ---------------------------------------------------------------------------------------------- */
START_TEST(of_many_members_sixteen_are_looked_at)
{
	struct group *g = group_of(conf("least-connections"), NULL, 200);
	size_t light = 0;

	for (size_t i = 1; i < 200; i++)
		group_begin(g, i, 0);
	for (int k = 0; k < 100000; k++)
		light += choose(g, 0) == 0;
	/* 16 of 200 without repetition. */
	ck_assert_uint_le(labs((long)light - 8000), 400);
}
END_TEST

START_TEST(the_sixteen_are_drawn_without_repetition)
{
	struct group *g = group_of(conf("least-connections"), NULL, 33);
	size_t light = 0;

	for (size_t i = 1; i < 33; i++)
		group_begin(g, i, 0);
	for (int k = 0; k < 100000; k++)
		light += choose(g, 0) == 0;
	/* 16 of 33; with repetition it would be found by 39 % of the scans. */
	ck_assert_uint_le(labs((long)light - 48485), 800);
}
END_TEST

START_TEST(drawn_ties_fall_on_every_member_alike)
{
	struct group *g = group_of(conf("least-connections"), NULL, 40);
	size_t counts[40] = { 0 };

	for (int k = 0; k < 400000; k++)
		counts[choose(g, 0)]++;
	for (size_t i = 0; i < 40; i++)
		ck_assert_uint_le(labs((long)counts[i] - 10000), 500);
}
END_TEST

START_TEST(of_32_members_all_are_looked_at)
{
	struct group *g = group_of(conf("least-connections"), NULL, 32);

	for (size_t i = 0; i < 31; i++)
		group_begin(g, i, 0);
	for (int k = 0; k < 1000; k++)
		ck_assert_int_eq(choose(g, 0), 31);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, weights_three_to_one_give_a_a_b_a);
	tcase_add_test(tc, weights_five_one_one_are_spread);
	tcase_add_test(tc, equal_members_take_turns_in_the_order_written);
	tcase_add_test(tc, worker_k_begins_k_steps_on);
	tcase_add_test(tc, a_weight_that_shrinks_leaves_no_debt);
	tcase_add_test(tc, the_fewest_open_per_weight_is_chosen);
	tcase_add_test(tc, ties_go_round_since_each_scan_begins_one_further);
	tcase_add_test(tc, what_is_closed_is_credited);
	tcase_add_test(tc, the_seed_never_credits_what_is_closed);
	tcase_add_loop_test(tc, source_hash_follows_its_vectors, 0, ARRAY_LEN(clients));
	tcase_add_test(tc, source_hash_spreads_65536_addresses_as_the_specification_counts);
	tcase_add_test(tc, source_hash_gives_each_its_weight);
	tcase_add_test(tc, the_seed_takes_the_last_byte_modulo_servers);
	tcase_add_test(tc, chance_is_splitmix64);
	tcase_add_test(tc, chance_below_n_is_every_number_alike);
	tcase_add_test(tc, two_by_chance_draws_by_weight);
	tcase_add_test(tc, two_by_chance_never_takes_the_fullest);
	tcase_add_test(tc, of_many_members_sixteen_are_looked_at);
	tcase_add_test(tc, the_sixteen_are_drawn_without_repetition);
	tcase_add_test(tc, drawn_ties_fall_on_every_member_alike);
	tcase_add_test(tc, of_32_members_all_are_looked_at);
}
