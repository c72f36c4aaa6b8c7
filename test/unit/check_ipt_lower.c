/* SPDX-License-Identifier: MIT */
/* Target iptables without a kernel: the rules a plan becomes, as iptables-restore takes them. */
#include "base/base.h"

#include <errno.h>

#include "plan_text.h"
#include "target/ipt.h"

#define HEAD \
	"nlbc 1\nprofile x\nkernel { target iptables }\n" \
	"interface back { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\ninterface c { device eth4 }\n" \
	"path p1 { via 10.10.2.2 fd00:10:21::2; interface a }\npath p2 { via 10.10.2.4; interface b }\n"
#define THIRD "path p3 { via 10.10.9.4; interface c }\n"

/* The rules of chains whose names begin so, without `-A`. */
static const char *rules(const char *format, const char *chain)
{
	auto_text struct text all = { 0 }, some = { 0 };
	const size_t n = strlen(chain);

	ipt_print(w.p, format, &all);
	for (const char *p = text_get(&all); *p; p += strcspn(p, "\n") + 1)
		if (p[0] == '-' && strncmp(p + 3, chain, n) == 0)
			text_add(&some, p + 3, strcspn(p, "\n") - 2);
	return arena_copy(w.a, text_get(&some), some.n);
}
#define expect_rules(format, chain, expected) expect_text(__func__, rules(format, chain), (expected))

START_TEST(a_turn_takes_one_of_what_is_left)
{
	compile_text(HEAD "balance out { in back; method per-packet; path p1 weight 3; path p2 }\n");
	expect_rules("iptables", "NLBC-B1",
		"NLBC-B1 -m addrtype --dst-type LOCAL,BROADCAST,MULTICAST -j RETURN\n"
		"NLBC-B1 -m mark ! --mark 0x0/0x7f000000 -j RETURN\n"
		"NLBC-B1 -m statistic --mode nth --every 4 --packet 0 -g NLBC-P1\n"
		"NLBC-B1 -m statistic --mode nth --every 3 --packet 0 -g NLBC-P1\n"
		"NLBC-B1 -m statistic --mode nth --every 2 --packet 0 -g NLBC-P2\n"
		"NLBC-B1 -g NLBC-P1\n");
}
END_TEST

START_TEST(shares_of_chance_are_of_what_is_left)
{
	compile_text(HEAD THIRD "balance out { in back; to 10.0.0.0/8; method random; slots 16\n"
		"path p1 weight 2; path p2; path p3 }\n");
	expect_rules("iptables", "NLBC-B1 -m stat",
		"NLBC-B1 -m statistic --mode random --probability 0.50000000000 -g NLBC-P1\n"
		"NLBC-B1 -m statistic --mode random --probability 0.50000000000 -g NLBC-P2\n");
	expect_rules("iptables", "NLBC-B1 -g", "NLBC-B1 -g NLBC-P3\n");
}
END_TEST

START_TEST(a_flow_is_kept_where_its_mark_says_and_drawn_else)
{
	compile_text(HEAD "balance out { in back; to 10.0.0.0/8; method per-flow pick random; path p1; path p2 }\n");
	expect_rules("iptables", "NLBC-B1",
		"NLBC-B1 -m connmark --mark 0x1000000/0x7f000000 -g NLBC-S1\n"
		"NLBC-B1 -m connmark --mark 0x2000000/0x7f000000 -g NLBC-S2\n"
		"NLBC-B1 -m mark ! --mark 0x0/0x7f000000 -j RETURN\n"
		"NLBC-B1 -m conntrack ! --ctstate NEW -m connmark --mark 0x0/0x7f000000 -j RETURN\n"
		"NLBC-B1 -m statistic --mode random --probability 0.50000000000 -g NLBC-P1\n"
		"NLBC-B1 -g NLBC-P2\n");
	expect_rules("iptables", "NLBC-P1",
		"NLBC-P1 -m comment --comment \"nlbc:flows:out:p1\" -j CONNMARK --set-xmark 0x1000000/0x7f000000\n"
		"NLBC-P1 -j MARK --set-xmark 0x1000000/0x7f000000\n"
		"NLBC-P1 -m comment --comment \"nlbc:packets:out:p1\" -j ACCEPT\n");
	expect_rules("iptables", "NLBC-OUT", "NLBC-OUT -o eth2 -j NLBC-K1\nNLBC-OUT -o eth3 -j NLBC-K1\n");
	expect_rules("iptables", "OUTPUT", "OUTPUT -m comment --comment \"nlbc 1\" -j NLBC-OUT\n");
	expect_rules("ip6tables", "", "");
}
END_TEST

START_TEST(conditions_become_one_rule_for_each_value)
{
	compile_text(HEAD "interface d { device eth5 }\nbalance out { in back d; from 10.1.0.0/16; to 10.2.0.0/16 10.3.0.0/16\n"
		"protocol tcp; method random; path p1; path p2 }\n");
	expect_rules("iptables", "NLBC-PRE -s",
		"NLBC-PRE -s 10.1.0.0/16 -d 10.2.0.0/16 -i eth1 -p tcp -g NLBC-B1\n"
		"NLBC-PRE -s 10.1.0.0/16 -d 10.3.0.0/16 -i eth1 -p tcp -g NLBC-B1\n"
		"NLBC-PRE -s 10.1.0.0/16 -d 10.2.0.0/16 -i eth5 -p tcp -g NLBC-B1\n"
		"NLBC-PRE -s 10.1.0.0/16 -d 10.3.0.0/16 -i eth5 -p tcp -g NLBC-B1\n");
}
END_TEST

START_TEST(ipv6_has_no_broadcast)
{
	compile_text(HEAD "balance out { in back; method random; path p1; path p2 }\n");
	expect_rules("ip6tables", "NLBC-B1 -m addr", "NLBC-B1 -m addrtype --dst-type LOCAL,MULTICAST -j RETURN\n");
}
END_TEST

START_TEST(nobody_left_takes_nothing)
{
	load(HEAD "balance out { in back; to 10.0.0.0/8; method per-packet; path p1; path p2 }\n");
	memory_hold_state(&w.memory, "p1", MEMBER_DOWN, w.a);
	memory_hold_state(&w.memory, "p2", MEMBER_DOWN, w.a);
	compile_again();
	expect_rules("iptables", "NLBC-B1", "NLBC-B1 -m mark ! --mark 0x0/0x7f000000 -j RETURN\n");
}
END_TEST

static const char several[] =
	HEAD THIRD
	"balance a { in back; from 10.1.0.0/16; to 10.2.0.0/16 fd00:2::/64; method per-flow pick random; when-down drop\n"
	"path p1; path p2 }\n"
	"balance b { in back; to 10.3.0.0/16; method per-flow pick turn; path p2 weight 2; path p3 }\n"
	"balance c { in back; to fd00:4::/64; method per-packet; when-all-down drop; path p1 }\n"
	"balance d { to 10.5.0.0/16 10.6.0.0/16; scope all; method random; path p1; path p2; path p3 }\n"
	"balance e { in back; protocol icmp; from 10.7.0.0/16; to 10.8.0.0/16; method random; path p1; path p2 backup }\n";

static bool has_chain(const struct items *s, const struct ipt_family *f, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ipt_chain *c = s->list[i].obj;

		if (c->family == f && strcmp(c->name, name) == 0)
			return true;
	}
	return false;
}

/* libiptc would take a chain that is not there for an extension, and the kernel refuse the table without saying where. */
START_TEST(every_jump_leads_to_a_chain_of_its_family)
{
	struct items items;

	compile_text(several);
	items_init(&items, w.a);
	ck_assert_int_eq(ipt_lower(w.p, LOWER_ALL, &items, &w.d), 0);
	for (size_t i = 0; i < items.n; i++) {
		const struct ipt_chain *c = items.list[i].obj;

		for (size_t k = 0; k < c->n_rules; k++) {
			const char *jump = c->rules[k].jump;

			if (jump && ipt_is_ours(jump))
				ck_assert_msg(has_chain(&items, c->family, jump), "%s: no chain %s", items.list[i].key, jump);
		}
	}
}
END_TEST

START_TEST(a_state_moves_only_what_steering_lowers)
{
	struct items before, whole, steering;
	struct changes moved, rest;

	compile_text(several);
	items_init(&before, w.a);
	items_init(&whole, w.a);
	items_init(&steering, w.a);
	ck_assert_int_eq(ipt_lower(w.p, LOWER_ALL, &before, &w.d), 0);
	memory_hold_state(&w.memory, "p2", MEMBER_DOWN, w.a);
	const struct memory memory = w.memory;

	compile_again();
	ck_assert_int_eq(ipt_lower(w.p, LOWER_ALL, &whole, &w.d), 0);
	const struct plan *p = plan_compile_steering(w.m, w.f, &memory, NULL, w.a, &w.d);

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(ipt_lower(p, LOWER_STEERING, &steering, &w.d), 0);
	items_sort(&before);
	items_sort(&whole);
	items_sort(&steering);
	items_diff(&before, &whole, w.a, &moved);
	ck_assert_uint_eq(moved.n_add + moved.n_remove, 0);
	ck_assert_uint_gt(moved.n, 0);
	for (size_t i = 0; i < moved.n; i++)
		ck_assert_msg(items_find(&steering, moved.list[i].to->key), "%s is moved", moved.list[i].to->key);
	items_diff(&whole, &steering, w.a, &rest);
	ck_assert_uint_eq(rest.n_add + rest.n_edit, 0);
}
END_TEST

START_TEST(each_target_lowers_its_own_plans)
{
	struct items items;

	compile_text(several);
	items_init(&items, w.a);
	ck_assert_int_eq(target_nft.lower(w.p, LOWER_ALL, &items, &w.d), 0);
	ck_assert_uint_eq(items.n, 0);
	w.p->kernel.target = TARGET_NFT;
	ck_assert_int_eq(target_ipt.lower(w.p, LOWER_ALL, &items, &w.d), 0);
	ck_assert_uint_eq(items.n, 0);
}
END_TEST

START_TEST(a_weight_by_hand_may_make_the_round_too_long)
{
	struct items items;

	load(HEAD "balance out { in back; method per-packet; path p1; path p2 }\n");
	memory_hold_weight(&w.memory, NULL, "p1", 64, w.a);
	compile_again();
	items_init(&items, w.a);
	ck_assert_int_eq(ipt_lower(w.p, LOWER_ALL, &items, &w.d), -EINVAL);
	expect_text(__func__, messages(), "error: the round of 'out' has 65 steps; target iptables takes at most 64\n");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_test(tc, a_turn_takes_one_of_what_is_left);
	tcase_add_test(tc, shares_of_chance_are_of_what_is_left);
	tcase_add_test(tc, a_flow_is_kept_where_its_mark_says_and_drawn_else);
	tcase_add_test(tc, conditions_become_one_rule_for_each_value);
	tcase_add_test(tc, ipv6_has_no_broadcast);
	tcase_add_test(tc, nobody_left_takes_nothing);
	tcase_add_test(tc, every_jump_leads_to_a_chain_of_its_family);
	tcase_add_test(tc, a_state_moves_only_what_steering_lowers);
	tcase_add_test(tc, each_target_lowers_its_own_plans);
	tcase_add_test(tc, a_weight_by_hand_may_make_the_round_too_long);
}
