/* SPDX-License-Identifier: MIT */
/* Next hops, routes and rules as items and as lines for ip; the order in which rules are made. */
#include "base/base.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "base/text.h"
#include "target/route.h"
#include "target/target.h"
#include "fixture.h"
#include "unit.h"

enum { MASK = 0x7f000000 };

static struct prefix prefix_of(const char *s)
{
	struct prefix p;
	ck_assert_int_eq(prefix_parse(str_of(s), &p, NULL), 0);
	return p;
}

static struct addr addr_of(const char *s)
{
	struct addr a;
	ck_assert_int_eq(addr_parse(str_of(s), &a), 0);
	return a;
}

/* A plan with everything of this target in it, unsorted on purpose. */
static struct plan *sample(void)
{
	static struct { uint32_t id, weight; } members[] = { { 0x6e000001, 3 }, { 0x6e000002, 1 } };
	struct plan *p = arena_one(arena, struct plan);
	struct nexthop *n = arena_array(arena, struct nexthop, 3);
	struct route *r = arena_array(arena, struct route, 4);
	struct rule *u = arena_array(arena, struct rule, 7);
	n[0] = (struct nexthop){ .id = 0x6e000001, .family = AF_INET, .via = addr_of("10.10.2.2"), .device = "eth2" };
	n[1] = (struct nexthop){ .id = 0x6e000002, .family = AF_INET, .device = "ppp0" };
	n[2] = (struct nexthop){ .id = 0x6e100002, .family = AF_INET, .group = true, .members = (const void *)members,
				 .n_members = 2, .buckets = 256 };
	r[0] = (struct route){ .family = AF_INET, .table = 71002, .to = prefix_of("10.10.3.0/24"),
			       .via = addr_of("10.10.2.4"), .device = "eth3", .onlink = true };
	r[1] = (struct route){ .family = AF_INET, .table = 71001, .to = prefix_of("0.0.0.0/0"), .device = "ppp0" };
	r[2] = (struct route){ .family = AF_INET, .table = 70999, .to = prefix_of("10.10.3.0/24"), .nexthop_id = 0x6e100002 };
	r[3] = (struct route){ .family = AF_INET6, .table = 254, .to = prefix_of("fd00:10:3::/64"),
			       .via = addr_of("fd00:10:22::2"), .device = "eth3", .onlink = true };
	u[0] = (struct rule){ .family = AF_INET, .preference = 9000, .action = RULE_GOTO, .has_mark = true, .mask = MASK,
			      .goto_preference = 9183 };
	u[1] = (struct rule){ .family = AF_INET, .preference = 9001, .action = RULE_GOTO,
			      .to = prefix_of("192.0.2.0/24"), .goto_preference = 9048 };
	u[2] = (struct rule){ .family = AF_INET, .preference = 9002, .action = RULE_LOOKUP, .table = 254,
			      .suppress_default = true };
	u[3] = (struct rule){ .family = AF_INET, .preference = 9049, .action = RULE_UNREACHABLE, .has_mark = true,
			      .mark = MASK, .mask = MASK };
	u[4] = (struct rule){ .family = AF_INET, .preference = 9052, .action = RULE_LOOKUP, .has_mark = true,
			      .mark = 0x02000000, .mask = MASK, .table = 71002 };
	u[5] = (struct rule){ .family = AF_INET, .preference = 9183, .action = RULE_NOP };
	u[6] = (struct rule){ .family = AF_INET6, .preference = 9184, .action = RULE_LOOKUP, .iif = "eth1",
			      .from = prefix_of("fd00:10:1::/64"), .to = prefix_of("fd00:10:3::/64"), .table = 70999 };
	*p = (struct plan){
		.arena = arena, .kernel = { .mark_mask = MASK, .rule_base = 9000, .table_base = 71000, .route_protocol = 110 },
		.rule_size = 200, .ip4 = true, .ip6 = true, .nexthops = n, .n_nexthops = 3, .routes = r, .n_routes = 4,
		.rules = u, .n_rules = 7,
	};
	return p;
}

START_TEST(routing_becomes_items_that_spell_everything_out)
{
	static const struct { const char *key, *body; } rows[] = {
		{ "nexthop/0x6e000001", "via 10.10.2.2 dev eth2 onlink proto 110" },
		{ "nexthop/0x6e000002", "dev ppp0 proto 110" },
		{ "nexthop/0x6e100002", "group 0x6e000001,3/0x6e000002,1 type resilient buckets 256 idle_timer 0 "
					"unbalanced_timer 0 proto 110" },
		{ "route/254/fd00:10:3::/64", "via fd00:10:22::2 dev eth3 onlink proto 110" },
		{ "route/70999/10.10.3.0/24", "nexthop 0x6e100002 proto 110" },
		{ "route/71001/0.0.0.0/0", "dev ppp0 scope link proto 110" },
		{ "route/71002/10.10.3.0/24", "via 10.10.2.4 dev eth3 onlink proto 110" },
		{ "rule/9000", "fwmark 0x00000000/0x7f000000 goto 9183" },
		{ "rule/9001", "to 192.0.2.0/24 goto 9048" },
		{ "rule/9002", "lookup main suppress_prefixlength 0" },
		{ "rule/9049", "fwmark 0x7f000000/0x7f000000 unreachable" },
		{ "rule/9052", "fwmark 0x02000000/0x7f000000 lookup 71002" },
		{ "rule/9183", "nop" },
		{ "rule6/9184", "from fd00:10:1::/64 to fd00:10:3::/64 iif eth1 lookup 70999" },
	};
	struct items items;
	items_init(&items, arena);
	ck_assert_int_eq(target_route.lower(sample(), LOWER_ALL, &items, &diags), 0);
	items_sort(&items);
	ck_assert_uint_eq(items.n, ARRAY_LEN(rows));
	for (size_t i = 0; i < items.n; i++) {
		ck_assert_str_eq(items.list[i].key, rows[i].key);
		ck_assert_str_eq(items.list[i].body, rows[i].body);
	}
}
END_TEST

START_TEST(ip_lines_make_the_end_first_and_the_skip_rule_last)
{
	auto_text struct text out = {0};
	target_route.print(sample(), "ip", &out);
	ck_assert_str_eq(text_get(&out),
			 "nexthop add id 0x6e000001 via 10.10.2.2 dev eth2 onlink proto 110\n"
			 "nexthop add id 0x6e000002 dev ppp0 proto 110\n"
			 "nexthop add id 0x6e100002 group 0x6e000001,3/0x6e000002,1 type resilient buckets 256 idle_timer 0 "
			 "unbalanced_timer 0 proto 110\n"
			 "route add 10.10.3.0/24 via 10.10.2.4 dev eth3 onlink table 71002 proto 110\n"
			 "route add 0.0.0.0/0 dev ppp0 table 71001 proto 110\n"
			 "route add 10.10.3.0/24 nhid 0x6e100002 table 70999 proto 110\n"
			 "rule add pref 9183 nop protocol 110\n"
			 "rule add pref 9052 fwmark 0x02000000/0x7f000000 lookup 71002 protocol 110\n"
			 "rule add pref 9049 fwmark 0x7f000000/0x7f000000 unreachable protocol 110\n"
			 "rule add pref 9001 to 192.0.2.0/24 goto 9048 protocol 110\n"
			 "rule add pref 9002 lookup main suppress_prefixlength 0 protocol 110\n"
			 "rule add pref 9000 fwmark 0x00000000/0x7f000000 goto 9183 protocol 110\n");
	text_clear(&out);
	target_route.print(sample(), "ip6", &out);
	ck_assert_str_eq(text_get(&out),
			 "route add fd00:10:3::/64 via fd00:10:22::2 dev eth3 onlink table 254 proto 110\n"
			 "rule add pref 9184 from fd00:10:1::/64 to fd00:10:3::/64 iif eth1 lookup 70999 protocol 110\n");
}
END_TEST

/* ---- against the kernel, in a namespace of the test's own --------------------------------------------------------- */

static struct kernel *own_namespace(void)
{
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return NULL;
	return kernel_open(&diags);
}

static struct own own_of(const struct plan *p)
{
	return (struct own){ .arena = arena, .kernel = p->kernel, .rule_size = p->rule_size };
}

/* Rules alone need no device. */
static struct plan *rules_only(void)
{
	struct plan *p = sample();
	p->n_nexthops = p->n_routes = 0;
	return p;
}

static void compare(struct kernel *k, const struct plan *p, struct changes *c)
{
	struct items wanted, live;
	const struct own own = own_of(p);
	items_init(&wanted, arena);
	items_init(&live, arena);
	ck_assert_int_eq(target_route.lower(p, LOWER_ALL, &wanted, &diags), 0);
	items_sort(&wanted);
	ck_assert_int_eq(target_route.read(k, &own, &wanted, &live, &diags), 0);
	items_sort(&live);
	items_diff(&live, &wanted, arena, c);
	target_route.stage(c, &live, &wanted);
}

static void make_true(struct kernel *k, const struct plan *p)
{
	struct own own = own_of(p);
	struct changes c;
	compare(k, p, &c);
	ck_assert_int_eq(target_route.survey(k, p, &c, &own, &diags), 0);
	for (enum stage s = STAGE_PREPARE; s <= STAGE_RETIRE; s++)
		ck_assert_int_eq(target_route.write(k, p, &c, s, &own, false, &diags), 0);
	compare(k, p, &c);
	ck_assert_uint_eq(c.n, 0);
	ck_assert_uint_eq(diags.n_errors, 0);
}

START_TEST(rules_read_back_as_they_were_written)
{
	struct kernel *k = own_namespace();
	if (!k)
		return;
	make_true(k, rules_only());
	const uint64_t writes = kernel_writes(k);
	make_true(k, rules_only());
	ck_assert_uint_eq(kernel_writes(k), writes);
	kernel_close(k);
}
END_TEST

/* A rule's goto is not among what the kernel compares: the new one is made beside the old, and the old one is hit. */
START_TEST(the_end_of_the_block_can_move)
{
	struct kernel *k = own_namespace();
	if (!k)
		return;
	make_true(k, rules_only());
	struct plan *p = rules_only();
	struct rule *rules = (struct rule *)(uintptr_t)p->rules;
	p->rule_size = 300;
	rules[0].goto_preference = rules[5].preference = 9283;
	make_true(k, p);
	kernel_close(k);
}
END_TEST

START_TEST(the_empty_plan_takes_all_rules_out)
{
	struct kernel *k = own_namespace();
	if (!k)
		return;
	make_true(k, rules_only());
	struct plan *none = sample();
	none->n_nexthops = none->n_routes = none->n_rules = 0;
	make_true(k, none);
	struct seen_rules seen;
	ck_assert_int_eq(seen_rules(k, AF_INET, arena, &seen), 0);
	for (size_t i = 0; i < seen.n; i++)
		ck_assert_uint_ne(seen.list[i].protocol, 110);
	answer_release(&seen.answer);
	kernel_close(k);
}
END_TEST

/* A forgotten block (no journal) is known by its skip rule, however large it is. */
START_TEST(a_large_block_that_nobody_remembers_is_found_whole)
{
	struct kernel *k = own_namespace();
	if (!k)
		return;
	struct plan *p = rules_only();
	struct rule *rules = (struct rule *)(uintptr_t)p->rules;
	p->rule_size = 1000;
	rules[0].goto_preference = rules[5].preference = 9983;
	make_true(k, p);
	p->rule_size = 0;
	p->n_rules = 0;
	struct changes c;
	compare(k, p, &c);
	ck_assert_uint_eq(c.n, 7);
	kernel_close(k);
}
END_TEST

static void add_foreign_rule(struct kernel *k, uint32_t preference, uint32_t mark, uint32_t mask)
{
	auto_batch struct batch b;
	auto_refusals struct refusals r = {0};
	batch_init(&b, KERNEL_ROUTE);
	struct nlmsghdr *m = batch_begin(&b, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, NULL);
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(m, sizeof(*h));
	h->family = AF_INET;
	h->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(m, FRA_PRIORITY, preference);
	mnl_attr_put_u32(m, FRA_TABLE, 100);
	mnl_attr_put_u32(m, FRA_FWMARK, mark);
	mnl_attr_put_u32(m, FRA_FWMASK, mask);
	batch_end(&b, m);
	ck_assert_int_eq(batch_send(k, &b, &r), 0);
}

static void survey(struct kernel *k, const struct plan *p)
{
	struct own own = own_of(p);
	struct changes c;
	compare(k, p, &c);
	ck_assert_int_eq(target_route.survey(k, p, &c, &own, &diags), 0);
}

START_TEST(foreign_rules_in_our_block_or_on_our_bits_are_named)
{
	struct kernel *k = own_namespace();
	if (!k)
		return;
	add_foreign_rule(k, 100, 0x1000000, 0xff000000);
	add_foreign_rule(k, 101, 0x5, 0xff);
	add_foreign_rule(k, 102, 0x5, UINT32_MAX);
	add_foreign_rule(k, 9051, 0x5, 0xff);
	survey(k, rules_only());
	ck_assert_uint_eq(diags.n_errors, 2);
	ck_assert_uint_eq(diags.n_warnings, 1);
	ck_assert_str_eq(diags.list[0]->text, "mark bits 0x7f000000 are used by rule 100 'fwmark 0x1000000/0xff000000'");
	ck_assert_str_eq(diags.list[0]->hint, "set 'mark-mask' to free bits, for example 0x00fe0000");
	ck_assert_str_eq(diags.list[2]->text, "preference 9051 is in use");
	kernel_close(k);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, routing_becomes_items_that_spell_everything_out);
	tcase_add_test(tc, ip_lines_make_the_end_first_and_the_skip_rule_last);
	tcase_add_test(tc, rules_read_back_as_they_were_written);
	tcase_add_test(tc, the_end_of_the_block_can_move);
	tcase_add_test(tc, the_empty_plan_takes_all_rules_out);
	tcase_add_test(tc, a_large_block_that_nobody_remembers_is_found_whole);
	tcase_add_test(tc, foreign_rules_in_our_block_or_on_our_bits_are_named);
}
