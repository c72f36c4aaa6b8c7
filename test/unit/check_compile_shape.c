/* SPDX-License-Identifier: MIT */
/* Queue trees: shapes and numbers of packet.md section 11. */
#include "base/base.h"

#include "plan_text.h"

/* What the shaper of interface eth2 holds. */
static const struct {
	const char *shaper, *expected;
} rows[] = {
	{ "rate 130mbit; queue 26mbit",
	  "class/eth2/6e01:3 rate 16250000 B/s ceil 16250000 B/s burst 66600b cburst 1600b quantum 1514b\n"
	  "qdisc/eth2/6e01:3 bfifo limit 3407872b\nqdisc/eth2/root htb\n" },
	{ "rate 50mbit; queue 1mbit; quantum 1514",
	  "class/eth2/6e01:3 rate 6250000 B/s ceil 6250000 B/s burst 26600b cburst 1600b quantum 1514b\n"
	  "qdisc/eth2/6e01:3 bfifo limit 131072b\nqdisc/eth2/root htb\n" },
	{ "rate 130mbit; queue 2.6mbit; ceil 1gbit; burst 1600b; cburst 64kb; quantum 200000",
	  "class/eth2/6e01:3 rate 16250000 B/s ceil 125000000 B/s burst 1600b cburst 65536b quantum 200000b\n"
	  "qdisc/eth2/6e01:3 bfifo limit 340787b\nqdisc/eth2/root htb\n" },
	{ "rate 50mbit",
	  "class/eth2/6e01:3 rate 6250000 B/s ceil 6250000 B/s burst 26600b cburst 1600b quantum 1514b\n"
	  "qdisc/eth2/6e01:3 pfifo limit 1000p\nqdisc/eth2/root htb\n" },
	{ "rate 50mbit; queue 10ms",
	  "class/eth2/6e01:3 rate 6250000 B/s ceil 6250000 B/s burst 26600b cburst 1600b quantum 1514b\n"
	  "qdisc/eth2/6e01:3 bfifo limit 62500b\nqdisc/eth2/root htb\n" },
	{ "delay 5ms", "qdisc/eth2/root netem limit 1000p delay 5000us\n" },
	{ "delay 5ms jitter 1ms correlation 25%; loss 0.5%; reorder 10% gap 5; limit 50p; queue 200p",
	  "qdisc/eth2/6e01:1 pfifo limit 200p\n"
	  "qdisc/eth2/root netem limit 50p delay 5000us jitter 1000us correlation 25.0000% loss 0.5000% "
	  "reorder 10.0000% gap 5\n" },
	{ "rate 50mbit; delay 7ms; queue 1mbit",
	  "class/eth2/6e01:3 rate 6250000 B/s ceil 6250000 B/s burst 26600b cburst 1600b quantum 1514b\n"
	  "qdisc/eth2/6e01:3 netem limit 1000p delay 7000us\nqdisc/eth2/6e02:1 bfifo limit 131072b\n"
	  "qdisc/eth2/root htb\n" },
	{ "engine tbf; rate 20mbit; queue 20ms", "qdisc/eth2/root tbf rate 2500000 B/s burst 11600b limit 50000b\n" },
	{ "engine tbf; rate 20mbit; burst 32kb; queue 64kb; delay 1ms",
	  "qdisc/eth2/6e01:1 netem limit 1000p delay 1000us\nqdisc/eth2/6e02:1 bfifo limit 65536b\n"
	  "qdisc/eth2/root tbf rate 2500000 B/s burst 32768b limit 65536b\n" },
	{ "queue fq_codel target 10ms ecn off",
	  "qdisc/eth2/root fq_codel limit 10240p flows 1024 target 10000us interval 100000us quantum 1514b "
	  "memory 33554432b ecn off\n" },
	{ "queue 64kb", "qdisc/eth2/root bfifo limit 65536b\n" },
	{ "queue 10p", "qdisc/eth2/root pfifo limit 10p\n" },
};

START_TEST(each_shaper_becomes_its_tree)
{
	compile_text(arena_printf(w.a, "nlbc 1\nprofile t\ninterface a { device eth2; shaper { %s } }", rows[_i].shaper));
	expect_text(rows[_i].shaper, lines("class qdisc"), rows[_i].expected);
}
END_TEST

START_TEST(parents_stand_before_their_children)
{
	compile_text("nlbc 1\nprofile t\nshaper s { rate 8kbit; delay 1ms; queue 10p }\n"
		     "interface a { address 10.0.0.1; shaper s; replace-qdisc }");
	const struct tc_tree *t = &w.p->trees[0];
	static const uint32_t handles[] = { 0x6e010000, 0x6e010003, 0x6e020000, 0x6e030000 };
	static const uint32_t parents[] = { 0xffffffff, 0x6e010000, 0x6e010003, 0x6e020001 };

	ck_assert_uint_eq(t->n_nodes, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(t->nodes[i].handle, handles[i]);
		ck_assert_uint_eq(t->nodes[i].parent, parents[i]);
	}
	ck_assert_str_eq(t->shaper, "s");
	ck_assert_str_eq(t->device, "a");
	ck_assert(t->replace_qdisc);
}
END_TEST

START_TEST(one_device_takes_one_shaper)
{
	load("nlbc 1\nprofile t\ninterface a { address 10.0.0.1; shaper { rate 1mbit } }\n"
	     "interface b { address 10.0.0.2 }\ninterface c { toward 10.0.0.3; shaper { rate 1mbit } }");
	for (size_t i = 0; i < w.f->n_interfaces; i++)
		w.f->interfaces[i].device = "eth2";
	compile_again();
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), "error: interfaces 'a' and 'c' are both eth2, which takes one shaper\n");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_loop_test(tc, each_shaper_becomes_its_tree, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, one_device_takes_one_shaper);
	tcase_add_test(tc, parents_stand_before_their_children);
}
