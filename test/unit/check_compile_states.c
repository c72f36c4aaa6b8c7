/* SPDX-License-Identifier: MIT */
/* What states, weights set by hand and memory do to lists, live maps and warnings (packet.md sections 4 and 15). */
#include "base/base.h"

#include "plan_text.h"

#define PATHS \
	"nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\n" \
	"interface c { device eth4 }\npath p1 { via 10.0.2.1; interface a }\npath p2 { via 10.0.3.1; interface b }\n" \
	"path p3 { via 10.0.4.1; interface c }\n"
#define FLOWS(more) PATHS "balance x { in in; to 10.9.0.0/16; slots 16; path p1; path p2; " more "}"
#define TURNS(more) PATHS "balance x { to 10.9.0.0/16; method per-packet; path p1; path p2; " more "}"

static void hold(const char *path, enum member_state state)
{
	memory_hold_state(&w.memory, path, state, w.a);
	compile_again();
}

static void found(const char *path, enum member_state state, enum member_reason reason)
{
	memory_found(&w.memory, path, state, reason, w.a);
	compile_again();
}

static void weigh(const char *balance, const char *path, uint32_t weight)
{
	memory_hold_weight(&w.memory, balance, path, weight, w.a);
	compile_again();
}

START_TEST(draining_takes_the_slots_and_leaves_the_live_entry)
{
	compile_text(FLOWS(""));
	ck_assert_str_eq(owners("slots_x.16"), "p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2 p1 p2");
	const char *chains = lines("chain counter set rule route");
	hold("p2", MEMBER_DRAINING);
	ck_assert_str_eq(owners("slots_x.16"), "p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1 p1");
	expect_lines("elem/live", "elem/live_x/0x01000000 stay_x_p1\nelem/live_x/0x02000000 stay_x_p2\n");
	expect_lines("chain counter set rule route", chains);
	ck_assert(w.p->paths[1].held);
	ck_assert_int_eq(w.p->paths[1].reason, REASON_HAND);
}
END_TEST

START_TEST(down_takes_the_live_entry_too_and_up_brings_the_quota_back)
{
	compile_text(FLOWS(""));
	hold("p2", MEMBER_DOWN);
	expect_lines("elem/live", "elem/live_x/0x01000000 stay_x_p1\n");
	hold("p2", MEMBER_UP);
	expect_lines("elem/live", "elem/live_x/0x01000000 stay_x_p1\nelem/live_x/0x02000000 stay_x_p2\n");
	ck_assert_str_eq(owners("slots_x.16"), "p1 p1 p1 p1 p1 p1 p1 p1 p2 p2 p2 p2 p2 p2 p2 p2");
	ck_assert_uint_eq(w.p->balances[0].members[1].quota, 8);
	ck_assert_uint_eq(w.p->balances[0].size, 16);
}
END_TEST

START_TEST(probing_is_as_good_as_down)
{
	compile_text(FLOWS(""));
	found("p1", MEMBER_PROBING, REASON_PROBE);
	expect_lines("elem/live", "elem/live_x/0x02000000 stay_x_p2\n");
	ck_assert_str_eq(owners("slots_x.16"), "p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2");
}
END_TEST

START_TEST(the_worse_of_hand_and_probe_holds_and_a_link_beats_all)
{
	compile_text(FLOWS(""));
	hold("p2", MEMBER_DRAINING);
	found("p2", MEMBER_DOWN, REASON_PROBE);
	ck_assert_int_eq(w.p->paths[1].state, MEMBER_DOWN);
	ck_assert_int_eq(w.p->paths[1].reason, REASON_PROBE);
	found("p2", MEMBER_PROBING, REASON_PROBE);
	ck_assert_int_eq(w.p->paths[1].state, MEMBER_PROBING);
	hold("p2", MEMBER_DOWN);
	ck_assert_int_eq(w.p->paths[1].reason, REASON_HAND);
	found("p2", MEMBER_DOWN, REASON_LINK);
	ck_assert_int_eq(w.p->paths[1].reason, REASON_LINK);
	ck_assert(w.p->paths[1].held);
}
END_TEST

START_TEST(dropping_keeps_the_quota_and_refuses_it)
{
	compile_text(FLOWS("when-down drop"));
	hold("p2", MEMBER_DOWN);
	ck_assert_str_eq(owners("slots_x.16"), "p1 x p1 x p1 x p1 x p1 x p1 x p1 x p1 x");
	expect_lines("elem/live elem/slots_x.16/1",
		"elem/live_x/0x01000000 stay_x_p1\nelem/live_x/0x02000000 refuse_x\n"
		"elem/slots_x.16/1 refuse_x\nelem/slots_x.16/10 pick_x_p1\nelem/slots_x.16/11 refuse_x\n"
		"elem/slots_x.16/12 pick_x_p1\nelem/slots_x.16/13 refuse_x\nelem/slots_x.16/14 pick_x_p1\n"
		"elem/slots_x.16/15 refuse_x\n");
	ck_assert_uint_eq(w.p->balances[0].members[1].quota, 0);
	ck_assert_uint_eq(w.memory.lists[0].owner[1], 2);
	compile_text(TURNS("when-down drop"));
	ck_assert_str_eq(owners("turn_x.2"), "p1 x");
}
END_TEST

START_TEST(without_members_main_takes_over)
{
	compile_text(TURNS(""));
	hold("p1", MEMBER_DOWN);
	ck_assert_str_eq(owners("turn_x.1"), "p2");
	hold("p2", MEMBER_DRAINING);
	ck_assert_str_eq(owners("turn_x.1"), "-");
	compile_text(FLOWS(""));
	ck_assert_str_eq(owners("slots_x.16"), "- - - - - - - - - - - - - - - -");
	expect_lines("elem/live", "elem/live_x/0x02000000 stay_x_p2\n");
}
END_TEST

START_TEST(without_members_all_is_refused)
{
	compile_text(FLOWS("when-all-down drop"));
	hold("p1", MEMBER_DOWN);
	hold("p2", MEMBER_DOWN);
	ck_assert_str_eq(owners("slots_x.16"), "x x x x x x x x x x x x x x x x");
	expect_lines("elem/live", "elem/live_x/0x01000000 refuse_x\nelem/live_x/0x02000000 refuse_x\n");
	ck_assert_uint_eq(w.memory.lists[0].owner[0], UINT16_MAX);
	hold("p2", MEMBER_UP);
	ck_assert_str_eq(owners("slots_x.16"), "p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2 p2");
	compile_text(TURNS("when-all-down drop"));
	hold("p2", MEMBER_DOWN);
	ck_assert_str_eq(owners("turn_x.1"), "x");
}
END_TEST

START_TEST(without_members_all_goes_on_as_before)
{
	compile_text(FLOWS("when-all-down keep"));
	hold("p1", MEMBER_DOWN);
	const char *before = lines("elem map");
	hold("p2", MEMBER_DOWN);
	expect_lines("elem map", before);
	compile_again();
	expect_lines("elem map", before);
	compile_text(PATHS "balance y { to 10.9.0.0/16; method per-packet; path p1; path p3 weight 2; when-all-down keep }");
	ck_assert_str_eq(owners("turn_y.1"), "p3");
	hold("p3", MEMBER_DOWN);
	ck_assert_str_eq(owners("turn_y.1"), "p3");
}
END_TEST

START_TEST(backups_serve_only_while_nobody_else_does)
{
	compile_text(TURNS("path p3 weight 5 backup"));
	ck_assert_str_eq(owners("turn_x.2"), "p1 p2");
	hold("p1", MEMBER_DRAINING);
	ck_assert_str_eq(owners("turn_x.1"), "p2");
	hold("p2", MEMBER_DOWN);
	ck_assert_str_eq(owners("turn_x.1"), "p3");
	hold("p2", MEMBER_UP);
	ck_assert_str_eq(owners("turn_x.1"), "p2");
}
END_TEST

START_TEST(weights_by_hand_hold_in_one_balance_or_in_all)
{
	compile_text(TURNS(""));
	weigh(NULL, "p1", 3);
	ck_assert_str_eq(owners("turn_x.4"), "p1 p1 p2 p1");
	ck_assert_uint_eq(w.p->paths[0].weight, 3);
	weigh("x", "p1", 2);
	ck_assert_str_eq(owners("turn_x.3"), "p1 p2 p1");
	weigh("other", "p1", 9);
	ck_assert_str_eq(owners("turn_x.3"), "p1 p2 p1");
	weigh("x", "p1", 0);
	ck_assert_str_eq(owners("turn_x.1"), "p2");
}
END_TEST

START_TEST(a_round_beyond_the_limit_is_refused)
{
	compile_text(PATHS "balance x { to 10.9.0.0/16; method per-packet; path p1 weight 1000; path p2 weight 1000;"
		     " path p3 weight 1000 }");
	for (unsigned i = 0; i < 2; i++)
		weigh(NULL, i ? "p2" : "p1", 999 - i);
	ck_assert_ptr_nonnull(w.p);
	weigh(NULL, "p1", 1500);
	weigh(NULL, "p2", 1999);
	ck_assert_ptr_null(w.p);
	ck_assert_str_eq(messages(), "error: the round of 'x' has 4499 steps, at most 4096\n");
}
END_TEST

START_TEST(slots_of_a_path_that_is_gone_are_free)
{
	compile_text(FLOWS("path p3"));
	ck_assert_str_eq(owners("slots_x.16"), "p1 p2 p3 p1 p2 p3 p1 p2 p3 p1 p2 p3 p1 p2 p3 p1");
	compile_text(FLOWS(""));
	ck_assert_str_eq(owners("slots_x.16"), "p1 p2 p2 p1 p2 p1 p1 p2 p2 p1 p2 p1 p1 p2 p2 p1");
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; slots 32; path p1; path p2 }");
	ck_assert_uint_eq(w.memory.lists[0].size, 32);
}
END_TEST

START_TEST(a_path_whose_device_is_off_starts_as_down)
{
	load(PATHS "balance x { from 10.5.0.0/16; to 10.9.0.0/16; method per-packet; path p1; path p2 }\n"
	     "balance y { from 10.6.0.0/16; path p2; path p3 }");
	w.f->resolved = true;
	w.f->interfaces[2].admin_up = false;
	compile_again();
	ck_assert_str_eq(messages(), "warning: path 'p2' is down: eth3 is off\n");
	ck_assert_int_eq(w.p->paths[1].state, MEMBER_DOWN);
	ck_assert_int_eq(w.p->paths[1].reason, REASON_LINK);
	ck_assert_str_eq(owners("turn_x.1"), "p1");
	expect_lines("route/71002 rule/9052 setting/net.ipv4.conf.eth3 elem/arrive/eth3",
		"elem/arrive/eth3 from_p2\nrule/9052 fwmark 0x02000000/0x7f000000 lookup 71002\n"
		"setting/net.ipv4.conf.eth3.ignore_routes_with_linkdown 1\nsetting/net.ipv4.conf.eth3.src_valid_mark 1\n");
	w.f->interfaces[2].admin_up = true;
	w.f->interfaces[2].carrier = false;
	compile_again();
	expect_lines("route/71002",
		"route/71002/0.0.0.0/0 via 10.0.3.1 dev eth3 onlink\nroute/71002/10.9.0.0/16 via 10.0.3.1 dev eth3 onlink\n");
}
END_TEST

START_TEST(a_device_that_has_gone_takes_its_queues_and_settings_along)
{
	load(PATHS "balance x { from 10.5.0.0/16; to 10.9.0.0/16; path p1; path p3 }\n"
	     "interface d { device eth0.5; shaper { rate 1mbit } }\npath p4 { via 10.0.5.1; interface d }\n"
	     "balance y { from 10.6.0.0/16; to 10.9.0.0/16; path p4; path p1 }\n"
	     "sysctl net.ipv4.conf.eth0/5.log_martians 1\nsysctl net.ipv4.conf.eth2.log_martians 1");
	w.f->resolved = true;
	w.f->interfaces[4].absent = true;
	w.f->interfaces[4].admin_up = false;
	compile_again();
	ck_assert_str_eq(messages(), "warning: path 'p4' is down: eth0.5 is not there\n");
	ck_assert_int_eq(w.p->paths[3].state, MEMBER_DOWN);
	expect_lines("route/71004 setting/net.ipv4.conf.eth0 setting/net.ipv4.conf.eth2.log qdisc class",
		     "setting/net.ipv4.conf.eth2.log_martians 1\n");
}
END_TEST

START_TEST(an_arrival_entry_of_another_path_goes_when_that_is_down)
{
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; path p1; path p2 }\nbalance y { in in; to 10.8.0.0/16; path p3 }");
	expect_lines("elem/live_x/0x03", "elem/live_x/0x03000000 from_p3\n");
	hold("p3", MEMBER_DOWN);
	expect_lines("elem/live_x/0x03", "");
}
END_TEST

START_TEST(an_automatic_gateway_follows_the_system)
{
	load("nlbc 1\nprofile t\ninterface a { device eth2 }\ninterface in { device eth1 }\n"
	     "path p1 { via auto; interface a }\nbalance x { in in; path p1 }");
	compile_again();
	expect_lines("route", "");
	expect_lines("rule/9051 rule6/9051", "rule/9051 fwmark 0x01000000/0x7f000000 lookup 71001\n"
		     "rule6/9051 fwmark 0x01000000/0x7f000000 lookup 71001\n");
	w.f->resolved = true;
	compile_again();
	ck_assert_str_eq(messages(), "warning: path 'p1' is down: eth2 has no default route\n");
	ck_assert_int_eq(w.p->paths[0].reason, REASON_ROUTE);
	ck_assert_int_eq(addr_parse(STR("10.0.2.9"), &w.f->interfaces[0].gateway4), 0);
	compile_again();
	expect_lines("route rule6", "route/71001/0.0.0.0/0 via 10.0.2.9 dev eth2 onlink\n");
	ck_assert(w.p->paths[0].ip4 && !w.p->paths[0].ip6);
}
END_TEST

START_TEST(numbers_last_from_one_profile_to_the_next)
{
	compile_text(FLOWS("path p3"));
	compile_text("nlbc 1\nprofile t\ninterface c { device eth4 }\ninterface a { device eth2 }\n"
		     "path p4 { via 10.0.4.9; interface c }\npath p1 { via 10.0.2.1; interface a }\n"
		     "balance x { to 10.9.0.0/16; path p1; path p4 }\nbalance a { to 10.8.0.0/16; path p1 }");
	ck_assert_uint_eq(w.p->paths[0].number, 4);
	ck_assert_uint_eq(w.p->paths[0].mark, 0x04000000);
	ck_assert_uint_eq(w.p->paths[0].table, 71004);
	ck_assert_uint_eq(w.p->paths[1].number, 1);
	ck_assert_uint_eq(w.p->balances[0].number, 2);
	ck_assert_uint_eq(w.p->balances[1].number, 1);
}
END_TEST

START_TEST(the_same_again_is_the_same_plan)
{
	compile_text(FLOWS("path p3"));
	hold("p2", MEMBER_DOWN);
	hold("p2", MEMBER_UP);
	const char *before = lines("");

	compile_again();
	expect_lines("", before);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_test(tc, draining_takes_the_slots_and_leaves_the_live_entry);
	tcase_add_test(tc, down_takes_the_live_entry_too_and_up_brings_the_quota_back);
	tcase_add_test(tc, probing_is_as_good_as_down);
	tcase_add_test(tc, the_worse_of_hand_and_probe_holds_and_a_link_beats_all);
	tcase_add_test(tc, dropping_keeps_the_quota_and_refuses_it);
	tcase_add_test(tc, without_members_main_takes_over);
	tcase_add_test(tc, without_members_all_is_refused);
	tcase_add_test(tc, without_members_all_goes_on_as_before);
	tcase_add_test(tc, backups_serve_only_while_nobody_else_does);
	tcase_add_test(tc, weights_by_hand_hold_in_one_balance_or_in_all);
	tcase_add_test(tc, a_round_beyond_the_limit_is_refused);
	tcase_add_test(tc, slots_of_a_path_that_is_gone_are_free);
	tcase_add_test(tc, a_path_whose_device_is_off_starts_as_down);
	tcase_add_test(tc, a_device_that_has_gone_takes_its_queues_and_settings_along);
	tcase_add_test(tc, an_arrival_entry_of_another_path_goes_when_that_is_down);
	tcase_add_test(tc, an_automatic_gateway_follows_the_system);
	tcase_add_test(tc, numbers_last_from_one_profile_to_the_next);
	tcase_add_test(tc, the_same_again_is_the_same_plan);
}
