/* SPDX-License-Identifier: MIT */
/* Routes, rules, next-hop groups, settings, and what only the plan can refuse (packet.md sections 9 and 10). */
#include "base/base.h"

#include "plan_text.h"

#define PATHS \
	"nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\n" \
	"path p1 { via 10.0.2.1; interface a }\npath p2 { via 10.0.3.1; interface b }\n"
#define BOTH " path p1; path p2 "

static const struct {
	const char *what, *profile, *words, *expected;
} rows[] = {
	{ "one table for each path, with each 'to' of its balances", PATHS
	  "balance x { to 10.9.0.0/16 10.9.1.0/24; method random;" BOTH "}\n"
	  "balance y { to 10.8.0.0/16; method random; path p1 }",
	  "route rule",
	  "route/71001/10.8.0.0/16 via 10.0.2.1 dev eth2 onlink\nroute/71001/10.9.0.0/16 via 10.0.2.1 dev eth2 onlink\n"
	  "route/71001/10.9.1.0/24 via 10.0.2.1 dev eth2 onlink\nroute/71002/10.9.0.0/16 via 10.0.3.1 dev eth3 onlink\n"
	  "route/71002/10.9.1.0/24 via 10.0.3.1 dev eth3 onlink\nrule/9000 fwmark 0x00000000/0x7f000000 goto 9183\n"
	  "rule/9051 fwmark 0x01000000/0x7f000000 lookup 71001\nrule/9052 fwmark 0x02000000/0x7f000000 lookup 71002\n"
	  "rule/9183 nop\n" },
	{ "probe targets outside 'to' have a route, even where no balance uses the path", PATHS
	  "path p3 { interface in; probe ping 192.0.2.1; probe tcp 10.9.0.1:80 }\n"
	  "path p4 { via 10.0.2.9; interface a; probe ping 10.9.7.7; probe ping 192.0.2.7; probe ping 192.0.2.7 }\n"
	  "balance x { to 10.9.0.0/16; method random; path p4;" BOTH "}", "route/71003 route/71004 rule/9053",
	  "route/71003/10.9.0.1/32 dev eth1\nroute/71003/192.0.2.1/32 dev eth1\n"
	  "route/71004/10.9.0.0/16 via 10.0.2.9 dev eth2 onlink\nroute/71004/192.0.2.7/32 via 10.0.2.9 dev eth2 onlink\n"
	  "rule/9053 fwmark 0x03000000/0x7f000000 lookup 71003\n" },
	{ "without 'to' specific routes of main win, but for what other balances take", PATHS
	  "path p3 { via fd00:4::1; interface in }\n"
	  "balance x { from 10.1.0.0/16 fd00:1::/64; method random; path p3;" BOTH "}\n"
	  "balance y { to 10.8.0.0/16 10.8.1.0/24 10.7.0.0/16; scope local; method random;" BOTH "}",
	  "rule/900 rule/9048 rule6/90",
	  "rule/9000 fwmark 0x00000000/0x7f000000 goto 9183\nrule/9001 to 10.7.0.0/16 goto 9048\n"
	  "rule/9002 to 10.8.0.0/16 goto 9048\nrule/9003 lookup 254 suppress_prefixlength 0\nrule/9048 nop\n"
	  "rule6/9000 fwmark 0x00000000/0x7f000000 goto 9183\nrule6/9001 lookup 254 suppress_prefixlength 0\n"
	  "rule6/9051 fwmark 0x01000000/0x7f000000 lookup 71001\nrule6/9052 fwmark 0x02000000/0x7f000000 lookup 71002\n"
	  "rule6/9053 fwmark 0x03000000/0x7f000000 lookup 71003\n" },
	{ "a table and a mark given by hand, and numbers whose mark or table they are", PATHS
	  "path p3 { via 10.0.2.9; interface a; mark 0x02000000; table 71001 }\n"
	  "balance x { to 10.9.0.0/16; method random; path p3;" BOTH "}", "rule/90 chain/send",
	  "chain/send_x_p1 MARK 0x03000000/0x7f000000 COUNT packets_x_p1 ACCEPT\n"
	  "chain/send_x_p2 MARK 0x04000000/0x7f000000 COUNT packets_x_p2 ACCEPT\n"
	  "chain/send_x_p3 MARK 0x02000000/0x7f000000 COUNT packets_x_p3 ACCEPT\n"
	  "rule/9000 fwmark 0x00000000/0x7f000000 goto 9183\nrule/9051 fwmark 0x02000000/0x7f000000 lookup 71001\n"
	  "rule/9053 fwmark 0x03000000/0x7f000000 lookup 71003\nrule/9054 fwmark 0x04000000/0x7f000000 lookup 71004\n" },
	{ "another mask and other bases", PATHS
	  "kernel { mark-mask 0xf0; rule-base 100; table-base 2000 }\n"
	  "balance x { to 10.9.0.0/16; method random;" BOTH "}", "rule chain/send_x_p2",
	  "chain/send_x_p2 MARK 0x00000020/0x000000f0 COUNT packets_x_p2 ACCEPT\n"
	  "rule/100 fwmark 0x00000000/0x000000f0 goto 283\nrule/151 fwmark 0x00000010/0x000000f0 lookup 2001\n"
	  "rule/152 fwmark 0x00000020/0x000000f0 lookup 2002\nrule/283 nop\n" },
	{ "engine nexthop needs no marks", PATHS
	  "balance x { in in; from 10.1.0.0/16 10.2.0.0/16; to 10.9.0.0/16; method hash engine nexthop;"
	  " path p1 weight 6; path p2 weight 2 }", "chain counter elem map set/ nexthop route rule setting",
	  "nexthop/0x6e000001 via 10.0.2.1 dev eth2 onlink\nnexthop/0x6e000002 via 10.0.3.1 dev eth3 onlink\n"
	  "nexthop/0x6e100002 group of 256 buckets: 0x6e000001 weight 3 0x6e000002 weight 1\n"
	  "route/70999/10.9.0.0/16 nexthop 0x6e100002\n"
	  "rule/9184 from 10.1.0.0/16 to 10.9.0.0/16 iif eth1 lookup 70999\n"
	  "rule/9185 from 10.2.0.0/16 to 10.9.0.0/16 iif eth1 lookup 70999\n"
	  "setting/net.ipv4.conf.eth2.ignore_routes_with_linkdown 1\n"
	  "setting/net.ipv4.conf.eth3.ignore_routes_with_linkdown 1\nsetting/net.ipv4.fib_multipath_hash_policy 1\n" },
	{ "engine nexthop without 'to' asks main first", PATHS
	  "balance x { in in; method hash engine nexthop;" BOTH "}", "route rule",
	  "route/70999/0.0.0.0/0 nexthop 0x6e100002\n"
	  "rule/9184 iif eth1 lookup 254 suppress_prefixlength 0\nrule/9185 iif eth1 lookup 70999\n" },
	{ "the profile's settings win, and a dot in a device is a slash",
	  "nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2.7 }\n"
	  "path p1 { via 10.0.2.1; interface a }\nbalance x { to 10.9.0.0/16; path p1 }\n"
	  "sysctl net.ipv4.ip_forward 1\nsysctl net.ipv4.conf.eth2/7.src_valid_mark 0", "setting",
	  "setting/net.ipv4.conf.eth2/7.ignore_routes_with_linkdown 1\nsetting/net.ipv4.conf.eth2/7.src_valid_mark 0\n"
	  "setting/net.ipv4.ip_forward 1\n" },
};

START_TEST(routing_is_what_is_written)
{
	compile_text(rows[_i].profile);
	expect_text(rows[_i].what, lines(rows[_i].words), rows[_i].expected);
}
END_TEST

/* Profiles that only the plan can refuse: too many prefixes beside a default, too many rules, heavy groups. */
static void refuse(const char *profile, const char *expected)
{
	load(profile);
	compile_again();
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), expected);
}

static const char *prefixes(unsigned n)
{
	auto_text struct text t = { 0 };

	for (unsigned i = 0; i < n; i++)
		text_printf(&t, " 10.9.%u.0/24", 2 * i);
	return arena_copy(w.a, text_get(&t), t.n);
}

START_TEST(too_many_prefixes_beside_a_default_are_refused)
{
	static const char profile[] = PATHS "balance internet { in in;" BOTH "}\n"
		"balance y { in in; to%s; method random;" BOTH "}";

	refuse(arena_printf(w.a, profile, prefixes(47)),
	       "error: balances beside 'internet' have 47 prefixes, at most 46\n");
	compile_text(arena_printf(w.a, profile, prefixes(46)));
	expect_lines("rule/9047", "rule/9047 lookup 254 suppress_prefixlength 0\n");
}
END_TEST

START_TEST(without_to_engine_nexthop_needs_twice_the_rules)
{
	static const char profile[] = PATHS "balance x { in in; from%s; method hash engine nexthop;" BOTH "}";

	compile_text(arena_printf(w.a, profile, prefixes(8)));
	refuse(arena_printf(w.a, profile, prefixes(9)),
	       "error: balance 'x' with engine nexthop needs 18 rules, at most 16\n");
}
END_TEST

START_TEST(all_balances_of_engine_nexthop_share_sixteen_rules)
{
	static const char profile[] = PATHS "balance x { in in; to 172.16.0.1 172.16.1.1; method hash engine nexthop;" BOTH "}\n"
		"balance y { in in; from%s; to 10.8.0.0/16; method hash engine nexthop;" BOTH "}";

	compile_text(arena_printf(w.a, profile, prefixes(14)));
	refuse(arena_printf(w.a, profile, prefixes(15)),
	       "error: balance 'y' with engine nexthop needs 15 rules, at most 14\n");
	refuse(arena_printf(w.a, PATHS "balance x { in in; to%s; method hash engine nexthop;" BOTH "}", prefixes(20)),
	       "error: balance 'x' with engine nexthop needs 20 rules, at most 16\n");
}
END_TEST

START_TEST(engine_nexthop_has_its_own_limits)
{
	compile_text(PATHS "balance x { in in; method hash engine nexthop; path p1 weight 510; path p2 weight 2 }");
	memory_hold_weight(&w.memory, NULL, "p1", 511, w.a);
	compile_again();
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), "error: engine nexthop takes weights up to 255\n");
	memory_hold_weight(&w.memory, NULL, "p1", 1, w.a);
	memory_hold_state(&w.memory, "p2", MEMBER_DRAINING, w.a);
	compile_again();
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), "error: engine nexthop cannot drain\n");
}
END_TEST

/* The kernel makes none there: `Carrier for nexthop device is down`. */
START_TEST(engine_nexthop_leaves_out_links_without_carrier)
{
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method hash engine nexthop; path p1 weight 2; path p2 }");
	w.f->resolved = true;
	w.f->interfaces[2].carrier = false;
	compile_again();
	expect_lines("nexthop", "nexthop/0x6e000001 via 10.0.2.1 dev eth2 onlink\n"
		     "nexthop/0x6e100002 group of 256 buckets: 0x6e000001 weight 1\n");
	w.f->interfaces[1].carrier = false;
	compile_again();
	expect_lines("nexthop", "");
}
END_TEST

START_TEST(a_group_loses_who_is_down_and_changes_its_id_with_its_buckets)
{
	static const char profile[] = PATHS "balance x { in in; to 10.9.0.0/16; slots %u; method hash engine nexthop;" BOTH "}";

	compile_text(arena_printf(w.a, profile, 64));
	memory_hold_state(&w.memory, "p2", MEMBER_DOWN, w.a);
	compile_again();
	expect_lines("nexthop", "nexthop/0x6e000001 via 10.0.2.1 dev eth2 onlink\n"
		     "nexthop/0x6e100002 group of 64 buckets: 0x6e000001 weight 1\n");
	compile_text(arena_printf(w.a, profile, 128));
	expect_lines("nexthop/0x6e1", "nexthop/0x6e180002 group of 128 buckets: 0x6e000001 weight 1\n");
	compile_again();
	expect_lines("nexthop/0x6e1", "nexthop/0x6e180002 group of 128 buckets: 0x6e000001 weight 1\n");
	compile_text(arena_printf(w.a, profile, 64));
	expect_lines("nexthop/0x6e1", "nexthop/0x6e100002 group of 64 buckets: 0x6e000001 weight 1\n");
	memory_hold_state(&w.memory, "p1", MEMBER_DOWN, w.a);
	compile_again();
	expect_lines("nexthop route", "");
}
END_TEST

START_TEST(two_paths_in_main_cannot_share_a_probe_target)
{
	refuse("nlbc 1\nprofile t\ninterface a { device eth2 }\ninterface b { device eth3 }\n"
	       "path p1 { via 10.0.2.1; interface a; table main; probe ping 192.0.2.1 }\n"
	       "path p2 { via 10.0.3.1; interface b; table main; probe ping 192.0.2.1 }\n"
	       "balance x { to 10.9.0.0/16; path p1 }\nbalance y { to 10.8.0.0/16; path p2 }",
	       "error: '192.0.2.1/32' would get two routes in the main table\n");
}
END_TEST

START_TEST(the_block_grows_with_the_highest_number)
{
	auto_text struct text t = { 0 };

	text_puts(&t, "nlbc 1\nprofile t\nkernel { mark-mask 0xfff00000 }\n");
	for (unsigned i = 1; i <= 150; i++)
		text_printf(&t, "interface i%u { device d%u }\npath p%u { interface i%u }\n", i, i, i, i);
	text_puts(&t, "balance x { to 10.9.0.0/16; method random; path p150; path p1 }");
	compile_text(text_get(&t));
	ck_assert_uint_eq(w.p->rule_size, 218);
	expect_lines("rule/9200 rule/9201 rule/9000", "rule/9000 fwmark 0x00000000/0xfff00000 goto 9201\n"
		     "rule/9200 fwmark 0x09600000/0xfff00000 lookup 71150\nrule/9201 nop\n");
}
END_TEST

START_TEST(strict_checking_is_loosened_only_without_an_arrival_mark)
{
	load(PATHS "path p3 { via 10.0.2.9; interface a }\nbalance x { to 10.9.0.0/16; path p3;" BOTH "}");
	w.f->resolved = true;
	w.f->forwarding4 = false;
	for (size_t i = 0; i < 3; i++)
		w.f->interfaces[i].rp_filter = 1;
	w.f->hops[1].main_elsewhere = true;
	w.f->hops[1].off_link = true;
	compile_again();
	expect_lines("setting/net.ipv4.conf.eth2 setting/net.ipv4.conf.eth3 route/254",
		"route/254/10.0.3.1/32 dev eth3\n"
		"setting/net.ipv4.conf.eth2.ignore_routes_with_linkdown 1\nsetting/net.ipv4.conf.eth2.rp_filter 2\n"
		"setting/net.ipv4.conf.eth3.ignore_routes_with_linkdown 1\nsetting/net.ipv4.conf.eth3.src_valid_mark 1\n");
	ck_assert_str_eq(messages(), "warning: forwarding is off: balance 'x' gets no packets\n"
			 "warning: 10.0.3.1 is on no network of eth3\n");
}
END_TEST

START_TEST(a_path_that_feeds_a_balance_is_loosened_too)
{
	load(PATHS "balance x { in a b; to 10.9.0.0/16; method random;" BOTH "}\nsysctl net.ipv4.ip_forward 1");
	w.f->resolved = true;
	w.f->forwarding4 = false;
	w.f->interfaces[1].rp_filter = 1;
	compile_again();
	expect_lines("setting/net.ipv4.conf.eth2", "setting/net.ipv4.conf.eth2.ignore_routes_with_linkdown 1\n"
		     "setting/net.ipv4.conf.eth2.rp_filter 2\n");
	ck_assert_str_eq(messages(), "");
}
END_TEST

START_TEST(a_profile_without_balances_has_no_steering)
{
	compile_text("nlbc 1\nprofile t\ninterface a { device eth2; shaper { rate 1mbit } }\nsysctl net.ipv4.ip_forward 1");
	expect_lines("chain map rule route setting", "setting/net.ipv4.ip_forward 1\n");
	ck_assert(!w.p->ip4 && !w.p->ip6);
}
END_TEST

START_TEST(the_empty_plan_holds_nothing)
{
	compile_text(PATHS "kernel { rule-base 100 }\nbalance x { to 10.9.0.0/16; method random;" BOTH "}");
	w.p = plan_empty(&w.p->kernel, w.a);
	expect_lines("", "");
	ck_assert_uint_eq(w.p->kernel.rule_base, 100);
	ck_assert_ptr_null(w.p->machine);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_loop_test(tc, routing_is_what_is_written, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, too_many_prefixes_beside_a_default_are_refused);
	tcase_add_test(tc, without_to_engine_nexthop_needs_twice_the_rules);
	tcase_add_test(tc, all_balances_of_engine_nexthop_share_sixteen_rules);
	tcase_add_test(tc, engine_nexthop_has_its_own_limits);
	tcase_add_test(tc, engine_nexthop_leaves_out_links_without_carrier);
	tcase_add_test(tc, a_group_loses_who_is_down_and_changes_its_id_with_its_buckets);
	tcase_add_test(tc, two_paths_in_main_cannot_share_a_probe_target);
	tcase_add_test(tc, the_block_grows_with_the_highest_number);
	tcase_add_test(tc, strict_checking_is_loosened_only_without_an_arrival_mark);
	tcase_add_test(tc, a_path_that_feeds_a_balance_is_loosened_too);
	tcase_add_test(tc, a_profile_without_balances_has_no_steering);
	tcase_add_test(tc, the_empty_plan_holds_nothing);
}
