/* SPDX-License-Identifier: MIT */
/* Queues in the kernel's numbers and in words (packet.md section 11). */
#include "base/base.h"

#include "base/text.h"
#include "target/target.h"
#include "target/tc.h"
#include "fixture.h"
#include "unit.h"

/* The seed's numbers: rate in byte/s, bucket in bytes, ticks of the class, bytes for stock tc. */
static const struct bucket_row {
	uint64_t rate, bytes;
	uint32_t ticks;
	uint64_t tc_bytes;
} buckets[] = {
	{ 16250000, 66600, 64046, 66609 },
	{ 16250000, 1600, 1546, 1609 },
	{ 6250000, 26600, 66500, 26600 },
	{ 6250000, 1600, 4000, 1600 },
	{ 125000000, 1600, 203, 1625 },
	{ 1000, 1600, 25000000, 1600 },                       /* 8kbit */
	{ 125000000000, 1073741824, 134218, 1073750000 },     /* 1tbit, 1gb */
	{ 21445, 11665408, 4294966765, 5894756 },             /* 9 minutes do not fit: cut off at 274 s */
	{ 1000000, 1073741824, 4294967281, 274877906 },
	{ 3906250, 1073741824, 4294967281, 1073741821 },
};

START_TEST(buckets_are_the_ticks_of_the_table)
{
	const struct bucket_row *r = &buckets[_i];
	ck_assert_uint_eq(tc_bucket_ticks(r->bytes, r->rate), r->ticks);
	ck_assert_uint_eq(tc_bucket_bytes(r->bytes, r->rate), r->tc_bytes);
}
END_TEST

/* What stock tc makes of the bytes that we print: microseconds rounded down, then ticks. */
START_TEST(stock_tc_makes_the_same_ticks_of_what_is_printed)
{
	for (uint64_t rate = 1000; rate < 200000000; rate = rate * 7 / 5 + 1) {
		for (uint64_t bytes = 1600; bytes < 100000000; bytes = bytes * 9 / 5 + 3) {
			const double us = 1e6 * ((double)tc_bucket_bytes(bytes, rate) / (double)rate);
			if (us >= UINT32_MAX / 16.0)
				continue;
			ck_assert_uint_eq((uint32_t)((uint32_t)us * 15.625), tc_bucket_ticks(bytes, rate));
		}
	}
}
END_TEST

START_TEST(tbf_makes_ticks_of_nanoseconds)
{
	ck_assert_uint_eq(tc_tbf_ticks(66600, 16250000), 64038);
}
END_TEST

/* As kernel 6.18 tells them. */
START_TEST(tbf_tells_the_low_bits_of_more_ticks_than_fit)
{
	ck_assert_uint_eq(tc_tbf_ticks(1073741824, 1000), 1073741824);
	ck_assert_uint_eq(tc_tbf_ticks(1073741824, 12500), 2147483648);
	ck_assert_uint_eq(tc_tbf_ticks(1073741824, 375000), 1789569696);
}
END_TEST

START_TEST(chances_come_back_as_they_went)
{
	ck_assert_uint_eq(tc_chance(0), 0);
	ck_assert_uint_eq(tc_chance(1000000), UINT32_MAX);
	for (uint32_t ppm = 0; ppm <= 1000000; ppm += 37)
		ck_assert_uint_eq(tc_chance_ppm(tc_chance(ppm)), ppm);
}
END_TEST

START_TEST(codel_counts_in_units_of_its_own)
{
	ck_assert_uint_eq(tc_codel_us(5000), 4999);
	ck_assert_uint_eq(tc_codel_us(100000), 99999);
}
END_TEST

static const struct tc_node line_nodes[] = {
	{ .kind = NODE_HTB, .handle = 0x6e010000, .parent = TC_H_ROOT },
	{ .kind = NODE_HTB_CLASS, .handle = 0x6e010003, .parent = 0x6e010000, .rate_Bps = 16250000, .ceil_Bps = 16250000,
	  .burst_bytes = 66600, .cburst_bytes = 1600, .quantum_bytes = 1514 },
	{ .kind = NODE_BFIFO, .handle = 0x6e030000, .parent = 0x6e010003, .limit = 340787 },
};
static const struct tc_node far_nodes[] = {
	{ .kind = NODE_NETEM, .handle = 0x6e010000, .parent = TC_H_ROOT, .limit = 1000, .delay_us = 5000 },
};
static const struct tc_node air_nodes[] = {
	{ .kind = NODE_TBF, .handle = 0x6e010000, .parent = TC_H_ROOT, .rate_Bps = 2500000, .burst_bytes = 32768,
	  .limit = 50000 },
	{ .kind = NODE_NETEM, .handle = 0x6e020000, .parent = 0x6e010001, .limit = 1000, .delay_us = 3000,
	  .jitter_us = 1000, .loss = { .set = true, .part_ppm = 1000, .correlation_ppm = 250000 },
	  .reorder = { .set = true, .part_ppm = 250000 } },
	{ .kind = NODE_FQ_CODEL, .handle = 0x6e030000, .parent = 0x6e020001, .limit = 10240, .flows = 1024,
	  .target_us = 5000, .interval_us = 100000, .fq_quantum = 1514, .memory_bytes = 33554432, .ecn = true },
};
static const struct tc_tree trees[] = {
	{ .interface = "back", .device = "eth1", .nodes = line_nodes, .n_nodes = ARRAY_LEN(line_nodes) },
	{ .interface = "out", .device = "eth2", .nodes = far_nodes, .n_nodes = ARRAY_LEN(far_nodes) },
	{ .interface = "air", .device = "eth3", .nodes = air_nodes, .n_nodes = ARRAY_LEN(air_nodes) },
};

static struct plan *plan_of_trees(size_t n)
{
	struct plan *p = arena_one(arena, struct plan);
	p->arena = arena;
	p->trees = trees;
	p->n_trees = n;
	return p;
}

START_TEST(a_tree_becomes_items_with_every_default)
{
	static const struct { const char *key, *body; } rows[] = {
		{ "class/eth1/6e01:3",
		  "rate 130mbit ceil 130mbit burst 64046 ticks cburst 1546 ticks quantum 1514 prio 0" },
		{ "qdisc/eth1/6e01:3", "bfifo 6e03: limit 340787" },
		{ "qdisc/eth1/root", "htb 6e01: default 3 r2q 10 direct_qlen 1000 version 3" },
		{ "qdisc/eth2/root", "netem 6e01: limit 1000 delay 78125 ticks jitter 0 ticks 0% loss 0% 0% duplicate 0% 0% "
				     "corrupt 0% 0% reorder 0% 0% gap 0" },
		{ "qdisc/eth3/6e01:1",
		  "netem 6e02: limit 1000 delay 46875 ticks jitter 15625 ticks 0% loss 0.1% 25% duplicate 0% 0% "
		  "corrupt 0% 0% reorder 25% 0% gap 1" },
		{ "qdisc/eth3/6e02:1", "fq_codel 6e03: limit 10240 flows 1024 target 4999us interval 99999us quantum 1514 "
				       "memory 33554432 ecn" },
		{ "qdisc/eth3/root", "tbf 6e01: rate 20mbit burst 204800 ticks limit 50000" },
	};
	struct items items;
	items_init(&items, arena);
	ck_assert_int_eq(target_tc.lower(plan_of_trees(3), LOWER_ALL, &items, &diags), 0);
	items_sort(&items);
	ck_assert_uint_eq(items.n, ARRAY_LEN(rows));
	for (size_t i = 0; i < items.n; i++) {
		ck_assert_str_eq(items.list[i].key, rows[i].key);
		ck_assert_str_eq(items.list[i].body, rows[i].body);
	}
}
END_TEST

START_TEST(a_tree_prints_as_lines_for_tc)
{
	auto_text struct text out = {0};
	target_tc.print(plan_of_trees(3), "tc", &out);
	ck_assert_str_eq(text_get(&out),
			 "qdisc add dev eth1 root handle 6e01: htb default 3 r2q 10 direct_qlen 1000\n"
			 "class add dev eth1 parent 6e01: classid 6e01:3 htb rate 130mbit ceil 130mbit burst 66609b "
			 "cburst 1609b quantum 1514\n"
			 "qdisc add dev eth1 parent 6e01:3 handle 6e03: bfifo limit 340787\n"
			 "qdisc add dev eth2 root handle 6e01: netem limit 1000 delay 5000us\n"
			 "qdisc add dev eth3 root handle 6e01: tbf rate 20mbit burst 32768b limit 50000b\n"
			 "qdisc add dev eth3 parent 6e01:1 handle 6e02: netem limit 1000 delay 3000us 1000us loss 0.1% 25% "
			 "reorder 25%\n"
			 "qdisc add dev eth3 parent 6e02:1 handle 6e03: fq_codel limit 10240 flows 1024 target 5000us "
			 "interval 100000us quantum 1514 memory_limit 33554432 ecn\n");
}
END_TEST

/* Stages and rebuilds of a change from the first n trees to others. */
static struct changes changes_between(struct items *from, struct items *to, const struct tc_tree *a,
				      const struct tc_tree *b)
{
	struct plan *p = plan_of_trees(1);
	struct changes c;
	items_init(from, arena);
	items_init(to, arena);
	p->trees = a;
	p->n_trees = a != NULL;
	ck_assert_int_eq(target_tc.lower(p, LOWER_ALL, from, &diags), 0);
	p->trees = b;
	p->n_trees = b != NULL;
	ck_assert_int_eq(target_tc.lower(p, LOWER_ALL, to, &diags), 0);
	items_sort(from);
	items_sort(to);
	items_diff(from, to, arena, &c);
	target_tc.stage(&c, from, to);
	return c;
}

START_TEST(a_rate_changes_in_place)
{
	struct tc_node nodes[ARRAY_LEN(line_nodes)];
	struct items from, to;
	memcpy(nodes, line_nodes, sizeof(nodes));
	nodes[1].rate_Bps = nodes[1].ceil_Bps = 6250000;
	nodes[2].limit = 131072;
	const struct tc_tree slower = { .interface = "back", .device = "eth1", .nodes = nodes, .n_nodes = 3 };
	const struct changes c = changes_between(&from, &to, &trees[0], &slower);
	ck_assert_uint_eq(c.n, 2);
	for (size_t i = 0; i < c.n; i++) {
		ck_assert_int_eq(c.list[i].stage, STAGE_PREPARE);
		ck_assert(!tc_needs_rebuild(&c.list[i]));
	}
}
END_TEST

START_TEST(another_shape_is_built_anew_and_not_retired_piece_by_piece)
{
	struct items from, to;
	const struct tc_tree queue = { .interface = "back", .device = "eth1", .nodes = far_nodes, .n_nodes = 1 };
	const struct changes c = changes_between(&from, &to, &trees[0], &queue);
	ck_assert_uint_eq(c.n, 3);
	for (size_t i = 0; i < c.n; i++) {
		ck_assert_int_eq(c.list[i].stage, STAGE_PREPARE);
		ck_assert(tc_needs_rebuild(&c.list[i]));
	}
}
END_TEST

START_TEST(a_tree_that_goes_is_retired)
{
	struct items from, to;
	const struct changes c = changes_between(&from, &to, &trees[0], NULL);
	ck_assert_uint_eq(c.n, 3);
	for (size_t i = 0; i < c.n; i++)
		ck_assert_int_eq(c.list[i].stage, STAGE_RETIRE);
}
END_TEST

START_TEST(what_a_journal_says_wrongly_is_not_sent)
{
	static const char *const values[] = { "default", "messages=", "messages=!!", "messages=AAAA",
					      "messages=/////wAAAAAAAAAAAAAAAA==" };
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		auto_batch struct batch b;
		batch_init(&b, KERNEL_ROUTE);
		(void)tc_put_displaced(&b, &(struct displaced){ .value = values[i] }, 1, NULL);
		ck_assert_uint_eq(b.n_messages, 0);
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, buckets_are_the_ticks_of_the_table, 0, ARRAY_LEN(buckets));
	tcase_add_test(tc, stock_tc_makes_the_same_ticks_of_what_is_printed);
	tcase_add_test(tc, tbf_makes_ticks_of_nanoseconds);
	tcase_add_test(tc, tbf_tells_the_low_bits_of_more_ticks_than_fit);
	tcase_add_test(tc, chances_come_back_as_they_went);
	tcase_add_test(tc, codel_counts_in_units_of_its_own);
	tcase_add_test(tc, a_tree_becomes_items_with_every_default);
	tcase_add_test(tc, a_tree_prints_as_lines_for_tc);
	tcase_add_test(tc, a_rate_changes_in_place);
	tcase_add_test(tc, another_shape_is_built_anew_and_not_retired_piece_by_piece);
	tcase_add_test(tc, a_tree_that_goes_is_retired);
	tcase_add_test(tc, what_a_journal_says_wrongly_is_not_sent);
}
