/* SPDX-License-Identifier: MIT */
/* Steering: what each method, scope and condition of a balance becomes (packet.md section 3). */
#include "base/base.h"

#include "plan_text.h"
#include "sample_machine.h"

#define TWO_PATHS \
	"nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\n" \
	"path p1 { via 10.0.2.1; interface a }\npath p2 { via 10.0.3.1; interface b }\n"
#define TWO_FAMILIES \
	"nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\n" \
	"path p1 { via 10.0.2.1 fd00:2::1; interface a }\npath p2 { via 10.0.3.1 fd00:3::1; interface b }\n"
#define BOTH " path p1; path p2 "

START_TEST(per_packet_is_the_reference)
{
	struct sample s = sample_per_packet(w.a);

	w.p = plan_compile(&s.m, NULL, NULL, NULL, w.a, &w.d);
	expect_lines("chain counter set/ map elem",
		"chain/choose_forward MARK_IS NOT 0x00000000/0x7f000000 RETURN; PICK turn 2 in turn_forward.2\n"
		"chain/from_p1 MARK 0x01000000/0x7f000000 ACCEPT\n"
		"chain/from_p2 MARK 0x02000000/0x7f000000 ACCEPT\n"
		"chain/pre hook prerouting: ENTER arrive; SRC 10.10.1.0/24 DST 10.10.3.0/24 GOTO choose_forward\n"
		"chain/send_forward_p1 MARK 0x01000000/0x7f000000 COUNT packets_forward_p1 ACCEPT\n"
		"chain/send_forward_p2 MARK 0x02000000/0x7f000000 COUNT packets_forward_p2 ACCEPT\n"
		"counter/packets_forward_p1\n"
		"counter/packets_forward_p2\n"
		"elem/arrive/eth2 from_p1\n"
		"elem/arrive/eth3 from_p2\n"
		"elem/turn_forward.2/0 send_forward_p1\n"
		"elem/turn_forward.2/1 send_forward_p2\n"
		"map/arrive device to chain\n"
		"map/turn_forward.2 entry of 2 to chain\n");
}
END_TEST

START_TEST(per_flow_is_the_reference)
{
	struct sample s = sample_per_flow(w.a);

	w.p = plan_compile(&s.m, NULL, NULL, NULL, w.a, &w.d);
	expect_lines("chain counter set/ map elem/live",
		"chain/choose_forward KEEP live_forward; MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
		"CT_NEW no CT_MARK_IS 0x00000000/0x7f000000 RETURN; "
		"FAMILY 4 PORTED PICK hash 16 of flow seed 0xdbecf5c5 in slots_forward.16; "
		"FAMILY 6 PORTED PICK hash 16 of flow seed 0xdbecf5c5 in slots_forward.16; "
		"FAMILY 4 PICK hash 16 of addresses and protocol seed 0xdbecf5c5 in slots_forward.16; "
		"FAMILY 6 PICK hash 16 of addresses and protocol seed 0xdbecf5c5 in slots_forward.16\n"
		"chain/from_p1 CT_NEW yes CT_MARK_IS 0x00000000/0x7f000000 SAVE 0x01000000/0x7f000000 COUNT arrivals_p1; "
		"MARK 0x01000000/0x7f000000 ACCEPT\n"
		"chain/from_p2 CT_NEW yes CT_MARK_IS 0x00000000/0x7f000000 SAVE 0x02000000/0x7f000000 COUNT arrivals_p2; "
		"MARK 0x02000000/0x7f000000 ACCEPT\n"
		"chain/out hook output: OIF @paths KEEP live_forward\n"
		"chain/pick_forward_p1 SAVE 0x01000000/0x7f000000 COUNT flows_forward_p1; "
		"MARK 0x01000000/0x7f000000 COUNT packets_forward_p1 ACCEPT\n"
		"chain/pick_forward_p2 SAVE 0x02000000/0x7f000000 COUNT flows_forward_p2; "
		"MARK 0x02000000/0x7f000000 COUNT packets_forward_p2 ACCEPT\n"
		"chain/pre hook prerouting: ENTER arrive; IIF eth1 DST 10.10.3.0/24 GOTO choose_forward; "
		"IIF eth1 DST fd00:10:3::/64 GOTO choose_forward\n"
		"chain/stay_forward_p1 MARK 0x01000000/0x7f000000 COUNT packets_forward_p1 ACCEPT\n"
		"chain/stay_forward_p2 MARK 0x02000000/0x7f000000 COUNT packets_forward_p2 ACCEPT\n"
		"counter/arrivals_p1\ncounter/arrivals_p2\n"
		"counter/flows_forward_p1\ncounter/flows_forward_p2\n"
		"counter/packets_forward_p1\ncounter/packets_forward_p2\n"
		"elem/live_forward/0x01000000 stay_forward_p1\nelem/live_forward/0x02000000 stay_forward_p2\n"
		"map/arrive device to chain\nmap/live_forward connection mark to chain\n"
		"map/slots_forward.16 entry of 16 to chain\n"
		"set/paths devices eth2 eth3\nset/ported protocols tcp udp dccp sctp udplite\n");
	ck_assert_str_eq(owners("slots_forward.16"), "p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2");
}
END_TEST

/* A balance `x`, and the lines asked for. */
static const struct {
	const char *what, *profile, *words, *expected;
} rows[] = {
	{ "hash on flow keeps fragments together", TWO_PATHS
	  "balance x { to 10.9.0.0/16; method hash seed 7;" BOTH "}", "chain/choose chain/pre",
	  "chain/choose_x MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
	  "FAMILY 4 FRAGMENT PICK hash 256 of addresses seed 0x00000007 in slots_x.256; "
	  "FAMILY 4 PORTED PICK hash 256 of flow seed 0x00000007 in slots_x.256; "
	  "FAMILY 4 PICK hash 256 of addresses and protocol seed 0x00000007 in slots_x.256\n"
	  "chain/pre hook prerouting: ENTER arrive; DST 10.9.0.0/16 GOTO choose_x\n" },
	{ "hash without ports is one choice for each family", TWO_FAMILIES
	  "balance x { in in; to 10.9.0.0/16 fd00:9::/64; method hash on source seed 0;" BOTH "}", "chain/choose set/",
	  "chain/choose_x MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
	  "FAMILY 4 PICK hash 256 of source seed 0x00000000 in slots_x.256; "
	  "FAMILY 6 PICK hash 256 of source seed 0x00000000 in slots_x.256\n" },
	{ "random draws from the slots", TWO_PATHS
	  "balance x { to 10.9.0.0/16; method random; slots 16; path p1 weight 3; path p2 }",
	  "chain/choose chain/send_x_p2 map",
	  "chain/choose_x MARK_IS NOT 0x00000000/0x7f000000 RETURN; PICK random 16 in slots_x.16\n"
	  "chain/send_x_p2 MARK 0x02000000/0x7f000000 COUNT packets_x_p2 ACCEPT\n"
	  "map/arrive device to chain\nmap/slots_x.16 entry of 16 to chain\n" },
	{ "without 'to' this machine's own addresses are left alone", TWO_PATHS
	  "balance x { in in; method per-packet;" BOTH "}", "chain/choose chain/pre set/",
	  "chain/choose_x LOCAL RETURN; MARK_IS NOT 0x00000000/0x7f000000 RETURN; PICK turn 2 in turn_x.2\n"
	  "chain/pre hook prerouting: ENTER arrive; FAMILY 4 IIF eth1 GOTO choose_x\n"
	  "set/exempt address types local broadcast multicast\n" },
	{ "with both families and no prefix one rule does", TWO_FAMILIES
	  "balance x { in in; method per-packet;" BOTH "}", "chain/pre",
	  "chain/pre hook prerouting: ENTER arrive; IIF eth1 GOTO choose_x\n" },
	{ "per-flow keeps before it exempts, and takes turns", TWO_PATHS
	  "balance x { in in; method per-flow pick turn; path p1 weight 2; path p2 weight 2 }", "chain/choose",
	  "chain/choose_x KEEP live_x; LOCAL RETURN; MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
	  "CT_NEW no CT_MARK_IS 0x00000000/0x7f000000 RETURN; PICK turn 2 in turn_x.2\n" },
	{ "per-flow by chance", TWO_PATHS
	  "balance x { to 10.9.0.0/16; method per-flow pick random;" BOTH "}", "chain/choose",
	  "chain/choose_x KEEP live_x; MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
	  "CT_NEW no CT_MARK_IS 0x00000000/0x7f000000 RETURN; PICK random 256 in slots_x.256\n" },
	{ "several values of a condition are sets, without what lies within another", TWO_FAMILIES
	  "balance x { in b in; from 10.1.0.0/16 10.2.0.0/16 10.2.3.0/24 fd00:1::/64;"
	  " to 10.9.0.0/16 fd00:9::/64 fd00:8::/64; method per-packet; path p1 }", "chain/pre set/",
	  "chain/pre hook prerouting: IIF @in_x SRC @from4_x DST 10.9.0.0/16 GOTO choose_x; "
	  "IIF @in_x SRC fd00:1::/64 DST @to6_x GOTO choose_x; ENTER arrive\n"
	  "set/from4_x prefixes 10.1.0.0/16 10.2.0.0/16\nset/in_x devices eth1 eth3\n"
	  "set/to6_x prefixes fd00:8::/64 fd00:9::/64\n" },
	{ "icmp has another number in each family", TWO_FAMILIES
	  "balance x { in in; protocol icmp; method per-packet;" BOTH "}", "chain/pre",
	  "chain/pre hook prerouting: ENTER arrive; FAMILY 4 IIF eth1 PROTO 1 GOTO choose_x; "
	  "FAMILY 6 IIF eth1 PROTO 58 GOTO choose_x\n" },
	{ "scope local stands in the output hook only", TWO_PATHS
	  "balance x { to 10.9.0.0/16; protocol udp; scope local; method per-packet;" BOTH "}", "chain/pre chain/out set/",
	  "chain/out hook output: DST 10.9.0.0/16 PROTO 17 GOTO choose_x\n"
	  "chain/pre hook prerouting: ENTER arrive\n" },
	{ "scope all stands in both, and its own answers count first", TWO_PATHS
	  "balance a { to 10.8.0.0/16;" BOTH "}\nbalance x { to 10.9.0.0/16; scope all;" BOTH "}", "chain/pre chain/out",
	  "chain/out hook output: OIF @paths KEEP live_x; OIF @paths KEEP live_a; DST 10.9.0.0/16 GOTO choose_x\n"
	  "chain/pre hook prerouting: ENTER arrive; DST 10.8.0.0/16 GOTO choose_a; DST 10.9.0.0/16 GOTO choose_x\n" },
	{ "inbound ignore saves nothing and needs no output hook", TWO_PATHS
	  "balance x { to 10.9.0.0/16; inbound ignore;" BOTH "}", "chain/from chain/out counter/arrivals set/paths",
	  "chain/from_p1 MARK 0x01000000/0x7f000000 ACCEPT\nchain/from_p2 MARK 0x02000000/0x7f000000 ACCEPT\n" },
	{ "inner balances are tried first, others by name", TWO_PATHS
	  "balance a { in in; method random;" BOTH "}\nbalance b { to 10.9.0.0/16; in in; method random;" BOTH "}\n"
	  "balance c { to 10.9.1.0/24; in in; method random;" BOTH "}", "chain/pre",
	  "chain/pre hook prerouting: ENTER arrive; IIF eth1 DST 10.9.1.0/24 GOTO choose_c; "
	  "IIF eth1 DST 10.9.0.0/16 GOTO choose_b; FAMILY 4 IIF eth1 GOTO choose_a\n" },
	{ "also where the outer one is written in halves and a protocol is a number in one family", TWO_PATHS
	  "balance a { from 10.0.0.0/9 10.128.0.0/9; protocol icmp; method random;" BOTH "}\n"
	  "balance b { from 10.0.0.0/8; to 10.9.0.0/16; protocol 1; method random;" BOTH "}", "chain/pre",
	  "chain/pre hook prerouting: ENTER arrive; SRC 10.0.0.0/8 DST 10.9.0.0/16 PROTO 1 GOTO choose_b; "
	  "SRC @from4_a PROTO 1 GOTO choose_a\n" },
	{ "an interface of two paths has no arrival mark", TWO_PATHS
	  "path p3 { via 10.0.2.9; interface a }\nbalance x { to 10.9.0.0/16; method per-packet;" BOTH "; path p3 }",
	  "chain/from elem/arrive setting/net.ipv4.conf.eth2",
	  "chain/from_p2 MARK 0x02000000/0x7f000000 ACCEPT\nelem/arrive/eth3 from_p2\n"
	  "setting/net.ipv4.conf.eth2.ignore_routes_with_linkdown 1\n" },
	{ "answers to what came in by a path of another balance keep to it", TWO_PATHS
	  "interface c { device eth4 }\npath p3 { via 10.0.4.1; interface c }\nbalance a { to 10.8.0.0/16;" BOTH "}\n"
	  "balance x { to 10.9.0.0/16; path p3 }", "elem/live",
	  "elem/live_a/0x01000000 stay_a_p1\nelem/live_a/0x02000000 stay_a_p2\nelem/live_a/0x03000000 from_p3\n"
	  "elem/live_x/0x01000000 from_p1\nelem/live_x/0x02000000 from_p2\nelem/live_x/0x03000000 stay_x_p3\n" },
	{ "refusing marks all ones and counts", TWO_PATHS
	  "balance x { to 10.9.0.0/16; method per-packet; when-down drop;" BOTH "}", "chain/refuse counter/refused rule/9049",
	  "chain/refuse_x MARK 0x7f000000/0x7f000000 COUNT refused_x ACCEPT\ncounter/refused_x\n"
	  "rule/9049 fwmark 0x7f000000/0x7f000000 unreachable\n" },
	{ "engine nexthop within a balance that marks is led round it", TWO_PATHS
	  "balance a { in in; method random;" BOTH "}\n"
	  "balance x { in in; to 10.9.0.0/16; method hash engine nexthop;" BOTH "}", "chain/pre chain/choose_x",
	  "chain/pre hook prerouting: ENTER arrive; IIF eth1 DST 10.9.0.0/16 RETURN; FAMILY 4 IIF eth1 GOTO choose_a\n" },
	{ "what engine nexthop takes from a path's interface gets no arrival mark", TWO_PATHS
	  "balance a { to 10.8.0.0/16; method random; path p1 }\n"
	  "balance x { in a; to 10.9.0.0/16; method hash engine nexthop; path p2 }", "chain/pre elem/arrive",
	  "chain/pre hook prerouting: IIF eth2 DST 10.9.0.0/16 RETURN; ENTER arrive; DST 10.8.0.0/16 GOTO choose_a\n"
	  "elem/arrive/eth2 from_p1\n" },
};

START_TEST(each_balance_becomes_what_is_written)
{
	compile_text(rows[_i].profile);
	expect_text(rows[_i].what, lines(rows[_i].words), rows[_i].expected);
}
END_TEST

START_TEST(members_of_another_family_are_lacking)
{
	compile_text(TWO_FAMILIES "interface c { device eth4 }\npath p3 { via 10.0.4.1; interface c }\n"
		     "balance x { in in; method per-packet;" BOTH "; path p3 }");
	expect_lines("chain/choose map/turn",
		"chain/choose_x LOCAL RETURN; MARK_IS NOT 0x00000000/0x7f000000 RETURN; "
		"FAMILY 4 PICK turn 3 in turn_x.3; FAMILY 6 PICK turn 2 in turn6_x.2\n"
		"map/turn6_x.2 entry of 2 to chain\nmap/turn_x.3 entry of 3 to chain\n");
	ck_assert_str_eq(owners("turn_x.3"), "p1 p2 p3");
	ck_assert_str_eq(owners("turn6_x.2"), "p1 p2");
	ck_assert_str_eq(w.memory.lists[1].balance, "x/6");
}
END_TEST

START_TEST(two_balances_cannot_remember_one_connection)
{
	static const char both[] = TWO_PATHS "interface c { device eth4 }\npath back { via 10.0.9.1; interface in }\n"
		"balance a { in in; to 10.9.0.0/16;" BOTH "}\nbalance x { in a b; from 10.9.0.0/16; %spath back }";
	char text[1024];

	(void)snprintf(text, sizeof(text), both, "");
	load(text);
	compile_again();
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), "error: balances 'a' and 'x' remember paths for the same connections\n");
	ck_assert_str_eq(w.d.list[0]->hint, "use method hash for one");
	(void)snprintf(text, sizeof(text), both, "method hash; ");
	compile_text(text);
}
END_TEST

START_TEST(one_steering_does_not_feed_the_other_without_in)
{
	compile_text(TWO_PATHS "path back { via 10.0.9.1; interface in }\n"
		     "balance a { from 10.5.0.0/16; to 10.9.0.0/16;" BOTH "}\n"
		     "balance x { in a b; from 10.9.0.0/16; to 10.5.0.0/16; path back }");
	compile_text(TWO_PATHS "path back { via 10.0.9.1; interface in }\n"
		     "balance a { in in; to 10.9.0.0/16;" BOTH "}\nbalance x { in a b; to 10.7.0.0/16; from 10.6.0.0/16; path back }");
}
END_TEST

START_TEST(compat_seed_per_flow_is_literal)
{
	compile_text(TWO_PATHS "balance x { in in; from 10.10.1.0/24; method per-flow compat seed;" BOTH "}");
	expect_lines("chain counter set/ map elem rule route",
		"chain/pre hook prerouting: "
		"IIF eth1 SRC 10.10.1.0/24 CT_STATE new SAVE 0x00000002/0xffffffff; "
		"IIF eth1 SRC 10.10.1.0/24 CT_STATE new CHANCE 1 of 2 SAVE 0x00000001/0xffffffff; "
		"IIF eth1 SRC 10.10.1.0/24 CT_STATE established,related RESTORE; "
		"CT_MARK_IS 0x00000001/0xffffffff MARK 0x00000003/0xffffffff\n"
		"route/100/0.0.0.0/0 via 10.0.3.1 dev eth3 onlink\nroute/254/0.0.0.0/0 via 10.0.2.1 dev eth2 onlink\n"
		"rule/9052 fwmark 0x00000003/0xffffffff lookup 100\n");
}
END_TEST

START_TEST(compat_seed_per_packet_begins_with_the_second)
{
	compile_text(TWO_PATHS "interface c { device eth4 }\npath p3 { via 10.0.4.1; interface c }\n"
		     "balance x { to 10.10.3.0/24; method per-packet compat seed;" BOTH "; path p3 }");
	expect_lines("chain rule",
		"chain/choose_x PICK turn 3 in turn_x.3\n"
		"chain/pre hook prerouting: DST 10.10.3.0/24 GOTO choose_x\n"
		"chain/send_x_p1 COUNT packets_x_p1 ACCEPT\n"
		"chain/send_x_p2 MARK 0x00000003/0xffffffff COUNT packets_x_p2 ACCEPT\n"
		"chain/send_x_p3 MARK 0x00000004/0xffffffff COUNT packets_x_p3 ACCEPT\n"
		"rule/9052 fwmark 0x00000003/0xffffffff lookup 100\n"
		"rule/9053 fwmark 0x00000004/0xffffffff lookup 101\n");
	ck_assert_str_eq(owners("turn_x.3"), "p2 p3 p1");
}
END_TEST

START_TEST(chains_stand_sorted)
{
	compile_text(TWO_PATHS "balance x-y { in in; to 10.1.0.0/16;" BOTH "}\nbalance x { in in; to 10.2.0.0/16;" BOTH "}");
	for (size_t i = 1; i < w.p->n_chains; i++)
		ck_assert_int_lt(strcmp(w.p->chains[i - 1].name, w.p->chains[i].name), 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_test(tc, per_packet_is_the_reference);
	tcase_add_test(tc, per_flow_is_the_reference);
	tcase_add_loop_test(tc, each_balance_becomes_what_is_written, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, members_of_another_family_are_lacking);
	tcase_add_test(tc, two_balances_cannot_remember_one_connection);
	tcase_add_test(tc, one_steering_does_not_feed_the_other_without_in);
	tcase_add_test(tc, compat_seed_per_flow_is_literal);
	tcase_add_test(tc, compat_seed_per_packet_begins_with_the_second);
	tcase_add_test(tc, chains_stand_sorted);
}
