/* SPDX-License-Identifier: MIT */
/* The interpreter of the plan's rules: which balance, which path, why. Slots come from another implementation of lookup3
 * over keys put together by hand. That all of it is what the kernel does is shown by test/kernel/C-trace. */
#include "base/base.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "plan_text.h"
#include "plan/trace.h"

#define PATHS \
	"nlbc 1\nprofile t\ninterface in { device eth1 }\ninterface a { device eth2 }\ninterface b { device eth3 }\n" \
	"path p1 { via 10.0.2.1 fd00:2::1; interface a }\npath p2 { via 10.0.3.1 fd00:3::1; interface b }\n"
#define MARK1 0x01000000u
#define MARK2 0x02000000u

static struct trace_packet k;
static struct trace t;

/* A packet that arrives by eth1, the first of its connection. */
static void packet(const char *source, const char *destination, uint8_t protocol, unsigned source_port,
		   unsigned destination_port)
{
	k = (struct trace_packet){
		.hook = HOOK_PREROUTING, .in = "eth1", .protocol = protocol, .has_ports = source_port != 0,
		.source_port = (uint16_t)source_port, .destination_port = (uint16_t)destination_port,
		.destination_type = RTN_UNICAST, .state = CONNECTION_NEW,
	};
	ck_assert_int_eq(addr_parse(str_of(source), &k.source), 0);
	ck_assert_int_eq(addr_parse(str_of(destination), &k.destination), 0);
}

static const struct trace_outcome *walk(void)
{
	trace_walk(w.p, &k, w.a, &t);
	ck_assert_uint_ge(t.n_outcomes, 1);
	return &t.outcomes[0];
}

static const struct trace_outcome *udp(const char *source, const char *destination)
{
	packet(source, destination, IPPROTO_UDP, 5000, 6000);
	return walk();
}

static const char *path_name(const struct trace_outcome *o)
{
	return o->path ? o->path->conf->name : "-";
}

static const char *balance_name(const struct trace_outcome *o)
{
	return o->balance ? o->balance->conf->name : "-";
}

static void hold(const char *path, enum member_state state)
{
	memory_hold_state(&w.memory, path, state, w.a);
	compile_again();
}

static const struct {
	const char *on, *source, *destination;
	uint8_t protocol;
	unsigned source_port, destination_port, slot;
} slots[] = {
	{ "flow", "10.1.0.1", "10.9.0.2", 17, 5000, 6000, 1629 },
	{ "flow", "fd00:1::1", "fd00:9::2", 6, 1, 65535, 2841 },
	{ "flow", "10.1.0.1", "10.9.0.2", 1, 0, 0, 1809 },
	{ "flow", "fd00:1::1", "fd00:9::2", 58, 0, 0, 2496 },
	{ "addresses", "10.1.0.1", "10.9.0.2", 17, 1, 1, 2358 },
	{ "addresses", "fd00:1::1", "fd00:9::2", 17, 1, 1, 100 },
	{ "source", "10.1.0.1", "10.9.0.2", 17, 1, 1, 4028 },
	{ "source", "fd00:1::1", "fd00:9::2", 17, 1, 1, 620 },
	{ "destination", "10.1.0.1", "10.9.0.2", 17, 1, 1, 2639 },
	{ "destination", "fd00:1::1", "fd00:9::2", 17, 1, 1, 1267 },
};

START_TEST(the_slot_is_that_of_the_padded_key)
{
	packet(slots[_i].source, slots[_i].destination, slots[_i].protocol, slots[_i].source_port, slots[_i].destination_port);
	compile_text(arena_printf(w.a, PATHS "balance x { to 10.9.0.0/16 fd00:9::/32; method hash on %s seed 0x5eed; slots 4096; "
				  "path p1; path p2 }", slots[_i].on));
	const struct trace_outcome *o = walk();

	ck_assert_int_eq(o->how, TRACE_SLOT);
	ck_assert_uint_eq(o->slot, slots[_i].slot);
	ck_assert_uint_eq(o->slots, 4096);
	ck_assert_str_eq(path_name(o), o->slot % 2 ? "p2" : "p1");
	ck_assert_uint_eq(o->mark, o->slot % 2 ? MARK2 : MARK1);
}
END_TEST

START_TEST(what_no_balance_wants_passes)
{
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method hash; path p1; path p2 }");
	const struct trace_outcome *o = udp("10.1.0.1", "10.8.0.1");

	ck_assert_int_eq(o->how, TRACE_PASSED);
	ck_assert_str_eq(balance_name(o), "-");
	ck_assert_uint_eq(o->mark, 0);
	packet("10.1.0.1", "10.9.0.1", IPPROTO_UDP, 1, 2);
	k.in = "eth9";
	ck_assert_int_eq(walk()->how, TRACE_PASSED);
	k.hook = HOOK_OUTPUT;
	ck_assert_int_eq(walk()->how, TRACE_PASSED);
	ck_assert_uint_eq(t.n_steps, 0);
}
END_TEST

START_TEST(each_rule_that_was_looked_at_is_a_step)
{
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method random; path p1 }");
	ck_assert_str_eq(path_name(udp("10.1.0.1", "10.9.0.1")), "p1");
	ck_assert_uint_eq(t.n_steps, 5);
	ck_assert_str_eq(t.steps[0].chain->name, "pre");
	ck_assert(!t.steps[0].matched);
	ck_assert(t.steps[1].matched);
	ck_assert_str_eq(t.steps[2].chain->name, "choose_x");
	ck_assert(!t.steps[2].matched);
	ck_assert_str_eq(t.steps[4].chain->name, "send_x_p1");
}
END_TEST

START_TEST(sets_of_prefixes_and_devices_are_looked_up)
{
	compile_text(PATHS "interface c { device eth4 }\nbalance x { in in c; from 10.1.0.0/16 10.3.0.0/16; "
		     "to 10.9.0.0/24 10.9.2.0/24; method hash; path p1; path p2 }");
	ck_assert_str_eq(balance_name(udp("10.3.4.5", "10.9.2.1")), "x");
	ck_assert_str_eq(balance_name(udp("10.2.4.5", "10.9.2.1")), "-");
	ck_assert_str_eq(balance_name(udp("10.3.4.5", "10.9.1.1")), "-");
	packet("10.3.4.5", "10.9.2.1", IPPROTO_UDP, 1, 2);
	k.in = "eth4";
	ck_assert_str_eq(balance_name(walk()), "x");
}
END_TEST

START_TEST(an_inner_balance_comes_before_the_outer)
{
	compile_text(PATHS "balance a { to 10.9.0.0/16; method hash; path p1 }\n"
		     "balance b { to 10.9.8.0/24; method hash; path p2 }\n"
		     "balance c { to 10.9.9.0/24; protocol tcp; method hash; path p2 }");
	ck_assert_str_eq(balance_name(udp("10.1.0.1", "10.9.8.1")), "b");
	ck_assert_str_eq(balance_name(udp("10.1.0.1", "10.9.9.1")), "a");
	packet("10.1.0.1", "10.9.9.1", IPPROTO_TCP, 1, 2);
	ck_assert_str_eq(balance_name(walk()), "c");
}
END_TEST

START_TEST(turn_and_chance_leave_all_paths_with_their_shares)
{
	compile_text(PATHS "balance x { to 10.9.0.0/16; method per-packet; path p1; path p2 weight 3 }");
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_TURN);
	ck_assert_uint_eq(t.n_outcomes, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert_double_eq(t.outcomes[i].share, strcmp(path_name(&t.outcomes[i]), "p1") == 0 ? 0.25 : 0.75);
	hold("p1", MEMBER_DOWN);
	ck_assert_str_eq(path_name(udp("10.1.0.1", "10.9.0.1")), "p2");
	ck_assert_uint_eq(t.n_outcomes, 1);
	compile_text(PATHS "balance x { to 10.9.0.0/16; method random; slots 16; path p1; path p2 }");
	hold("p1", MEMBER_UP);
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_RANDOM);
	ck_assert_double_eq(t.outcomes[1].share, 0.5);
}
END_TEST

#define FLOWS PATHS "balance x { in in; to 10.9.0.0/16; slots 16; path p1; path p2 }"

static const struct trace_outcome *remembered(uint32_t mark, enum connection_state state)
{
	packet("10.1.0.1", "10.9.0.1", IPPROTO_TCP, 1, 2);
	k.connection_mark = mark;
	k.state = state;
	return walk();
}

START_TEST(a_connection_stays_while_its_path_lives)
{
	compile_text(FLOWS);
	for (uint32_t mark = MARK1; mark <= MARK2; mark += MARK1) {
		ck_assert_int_eq(remembered(mark | 5, CONNECTION_ESTABLISHED)->how, TRACE_REMEMBERED);
		ck_assert_str_eq(path_name(&t.outcomes[0]), mark == MARK1 ? "p1" : "p2");
	}
	ck_assert_int_eq(remembered(0, CONNECTION_NEW)->how, TRACE_SLOT);
	hold("p2", MEMBER_DRAINING);
	ck_assert_str_eq(path_name(remembered(MARK2, CONNECTION_ESTABLISHED)), "p2");
	ck_assert_str_eq(path_name(remembered(0, CONNECTION_NEW)), "p1");
	hold("p2", MEMBER_DOWN);
	ck_assert_int_eq(remembered(MARK2, CONNECTION_ESTABLISHED)->how, TRACE_SLOT);
	ck_assert_str_eq(path_name(&t.outcomes[0]), "p1");
}
END_TEST

START_TEST(a_connection_older_than_the_profile_is_left)
{
	compile_text(FLOWS);
	const struct trace_outcome *o = remembered(0, CONNECTION_ESTABLISHED);

	ck_assert_int_eq(o->how, TRACE_LEFT);
	ck_assert_str_eq(balance_name(o), "x");
	ck_assert_str_eq(o->why, "its connection is older than the profile");
	ck_assert_ptr_null(o->path);
}
END_TEST

START_TEST(what_comes_in_by_a_path_gets_its_mark)
{
	compile_text(FLOWS);
	packet("10.9.0.1", "10.1.0.1", IPPROTO_TCP, 1, 2);
	k.in = "eth3";
	const struct trace_outcome *o = walk();

	ck_assert_int_eq(o->how, TRACE_ARRIVED);
	ck_assert_str_eq(path_name(o), "p2");
	ck_assert_uint_eq(o->mark, MARK2);
	ck_assert_ptr_null(o->balance);
}
END_TEST

START_TEST(nothing_up_leaves_it_or_refuses_it)
{
	compile_text(FLOWS);
	hold("p1", MEMBER_DOWN);
	hold("p2", MEMBER_DOWN);
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_LEFT);
	ck_assert_str_eq(t.outcomes[0].why, "no path of it is up");
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; slots 16; when-all-down drop; path p1; path p2 }");
	ck_assert(udp("10.1.0.1", "10.9.0.1")->refused);
	ck_assert_str_eq(balance_name(&t.outcomes[0]), "x");
	ck_assert_int_eq(t.outcomes[0].how, TRACE_SLOT);
}
END_TEST

START_TEST(this_machines_addresses_are_exempt_without_to)
{
	compile_text(PATHS "balance x { in in; method hash; path p1; path p2 }");
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_SLOT);
	k.destination_type = RTN_LOCAL;
	ck_assert_int_eq(walk()->how, TRACE_LEFT);
	k.destination_type = RTN_MULTICAST;
	ck_assert_int_eq(walk()->how, TRACE_LEFT);
}
END_TEST

START_TEST(the_output_hook_keeps_answers_and_takes_local_balances)
{
	compile_text(FLOWS);
	remembered(MARK2, CONNECTION_ESTABLISHED);
	k.hook = HOOK_OUTPUT;
	k.in = NULL;
	k.out = "eth2";
	ck_assert_int_eq(walk()->how, TRACE_REMEMBERED);
	ck_assert_str_eq(path_name(&t.outcomes[0]), "p2");
	k.out = "eth1";
	ck_assert_int_eq(walk()->how, TRACE_PASSED);
	ck_assert_ptr_null(t.outcomes[0].balance);
	compile_text(PATHS "balance x { to 10.9.0.0/16; scope local; method hash; path p1; path p2 }");
	ck_assert_int_eq(walk()->how, TRACE_SLOT);
	k.hook = HOOK_PREROUTING;
	k.in = "eth1";
	ck_assert_int_eq(walk()->how, TRACE_PASSED);
}
END_TEST

START_TEST(the_seed_draws_each_new_packet)
{
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method per-flow compat seed; path p1; path p2 weight 3 }");
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_RANDOM);
	ck_assert_uint_eq(t.n_outcomes, 2);
	for (size_t i = 0; i < 2; i++)
		ck_assert_double_eq(t.outcomes[i].share, strcmp(path_name(&t.outcomes[i]), "p1") == 0 ? 0.25 : 0.75);
	ck_assert_int_eq(remembered(1, CONNECTION_ESTABLISHED)->how, TRACE_REMEMBERED);
	ck_assert_str_eq(path_name(&t.outcomes[0]), "p2");
	ck_assert_str_eq(path_name(remembered(2, CONNECTION_ESTABLISHED)), "p1");
}
END_TEST

START_TEST(engine_nexthop_is_met_behind_the_chains)
{
	bool refuses;

	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method hash engine nexthop; path p1; path p2 }");
	ck_assert_int_eq(udp("10.1.0.1", "10.9.0.1")->how, TRACE_PASSED);
	const struct plan_balance *b = trace_nexthop(w.p, &k, &refuses);

	ck_assert_ptr_eq(b, &w.p->balances[0]);
	ck_assert(!refuses);
	ck_assert_uint_eq(trace_nexthop_table(w.p, b), 71000 - b->number);
	udp("10.1.0.1", "10.8.0.1");
	ck_assert_ptr_null(trace_nexthop(w.p, &k, &refuses));
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method hash engine nexthop; when-all-down drop; path p1; path p2 }");
	hold("p1", MEMBER_DOWN);
	hold("p2", MEMBER_DOWN);
	udp("10.1.0.1", "10.9.0.1");
	ck_assert_ptr_nonnull(trace_nexthop(w.p, &k, &refuses));
	ck_assert(refuses);
}
END_TEST

START_TEST(only_rules_about_connections_need_tracking)
{
	compile_text(PATHS "balance x { to 10.9.0.0/16; method hash; path p1; path p2 }");
	ck_assert(!trace_needs_connection(w.p));
	compile_text(FLOWS);
	ck_assert(trace_needs_connection(w.p));
	compile_text(PATHS "balance x { in in; to 10.9.0.0/16; method per-flow compat seed; path p1; path p2 }");
	ck_assert(trace_needs_connection(w.p));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, plan_setup, plan_teardown);
	tcase_add_loop_test(tc, the_slot_is_that_of_the_padded_key, 0, ARRAY_LEN(slots));
	tcase_add_test(tc, what_no_balance_wants_passes);
	tcase_add_test(tc, each_rule_that_was_looked_at_is_a_step);
	tcase_add_test(tc, sets_of_prefixes_and_devices_are_looked_up);
	tcase_add_test(tc, an_inner_balance_comes_before_the_outer);
	tcase_add_test(tc, turn_and_chance_leave_all_paths_with_their_shares);
	tcase_add_test(tc, a_connection_stays_while_its_path_lives);
	tcase_add_test(tc, a_connection_older_than_the_profile_is_left);
	tcase_add_test(tc, what_comes_in_by_a_path_gets_its_mark);
	tcase_add_test(tc, nothing_up_leaves_it_or_refuses_it);
	tcase_add_test(tc, this_machines_addresses_are_exempt_without_to);
	tcase_add_test(tc, the_output_hook_keeps_answers_and_takes_local_balances);
	tcase_add_test(tc, the_seed_draws_each_new_packet);
	tcase_add_test(tc, engine_nexthop_is_met_behind_the_chains);
	tcase_add_test(tc, only_rules_about_connections_need_tracking);
}
