/* SPDX-License-Identifier: MIT */
/* The machine's answers, in a network namespace of the test's own, whose only device is lo. */
#include "base/base.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/facts.h"
#include "target/kernel.h"
#include "unit.h"

enum { LO = 1, OURS = 110 };

static struct arena *arena;
static struct diags diags;
static struct kernel *kernel;

static void send_one(struct batch *b)
{
	auto_refusals struct refusals r = {0};
	ck_assert_int_eq(batch_send(kernel, b, &r), 0);
	batch_release(b);
}

static void set_up_lo(void)
{
	struct batch b;
	batch_init(&b, KERNEL_ROUTE);
	struct nlmsghdr *m = batch_begin(&b, RTM_NEWLINK, 0, NULL);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(m, sizeof(*i));
	i->ifi_index = LO;
	i->ifi_flags = i->ifi_change = IFF_UP;
	batch_end(&b, m);
	m = batch_begin(&b, RTM_NEWADDR, NLM_F_CREATE, NULL);
	struct ifaddrmsg *a = mnl_nlmsg_put_extra_header(m, sizeof(*a));
	a->ifa_family = AF_INET;
	a->ifa_prefixlen = 24;
	a->ifa_index = LO;
	mnl_attr_put_u32(m, IFA_LOCAL, htobe32(0x0a0a0201));      /* 10.10.2.1/24 */
	batch_end(&b, m);
	send_one(&b);
}

static void add_route(uint32_t to, uint8_t len, uint32_t via, uint8_t protocol)
{
	struct batch b;
	batch_init(&b, KERNEL_ROUTE);
	struct nlmsghdr *m = batch_begin(&b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, NULL);
	struct rtmsg *r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	*r = (struct rtmsg){ .rtm_family = AF_INET, .rtm_dst_len = len, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST,
			     .rtm_protocol = protocol, .rtm_flags = RTNH_F_ONLINK };
	mnl_attr_put_u32(m, RTA_DST, htobe32(to));
	mnl_attr_put_u32(m, RTA_OIF, LO);
	mnl_attr_put_u32(m, RTA_GATEWAY, htobe32(via));
	batch_end(&b, m);
	send_one(&b);
}

static void setup(void)
{
	arena = arena_new();
	diags_init(&diags, arena);
	kernel = NULL;
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return;
	kernel = kernel_open(&diags);
	if (kernel)
		set_up_lo();
}

static void teardown(void)
{
	kernel_close(kernel);
	arena_free(arena);
}

static struct fact_interface asked(enum fact_by by, const char *word)
{
	struct fact_interface i = { .name = "p1", .by = by, .device = by == FACT_DEVICE ? word : "p1", .place.line = 4 };
	if (by != FACT_DEVICE)
		ck_assert_int_eq(addr_parse(str_of(word), &i.address), 0);
	return i;
}

static int answer(struct fact_interface *i, struct fact_hop *h)
{
	struct facts f = { .interfaces = i, .n_interfaces = 1, .hops = h, .n_hops = h != NULL, .route_protocol = OURS };
	return facts_read(kernel, NULL, &f, arena, &diags);
}

START_TEST(a_device_is_found_by_name_address_and_route)
{
	if (!kernel)
		return;
	add_route(0x0a0a0300, 24, 0xc0000202, RTPROT_STATIC);
	struct fact_interface all[] = { asked(FACT_DEVICE, "lo"), asked(FACT_ADDRESS, "10.10.2.1"),
					asked(FACT_TOWARD, "10.10.3.9") };
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ck_assert_int_eq(answer(&all[i], NULL), 0);
		ck_assert_str_eq(all[i].device, "lo");
		ck_assert_int_eq(all[i].ifindex, LO);
		ck_assert(all[i].admin_up);
	}
}
END_TEST

START_TEST(routes_of_ours_lead_nowhere)
{
	if (!kernel)
		return;
	add_route(0x0a0a0300, 24, 0xc0000202, OURS);
	struct fact_interface i = asked(FACT_TOWARD, "10.10.3.9");
	ck_assert_int_eq(answer(&i, NULL), -EINVAL);
	ck_assert_str_eq(diags.list[0]->text, "table main has no route to 10.10.3.9");
	ck_assert_str_eq(diags.list[0]->code, "machine");
	ck_assert_uint_eq(diags.list[0]->place.line, 4);
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
	if (!kernel)
		return;
	struct fact_interface a = asked(FACT_DEVICE, "eth7"), b = asked(FACT_ADDRESS, "10.10.2.9");
	ck_assert_int_eq(answer(&a, NULL), -EINVAL);
	ck_assert_int_eq(answer(&b, NULL), -EINVAL);
	ck_assert_str_eq(diags.list[0]->text, "no device 'eth7' on this machine");
	ck_assert_str_eq(diags.list[1]->text, "no device has address 10.10.2.9");
}
END_TEST

START_TEST(a_device_of_an_applied_profile_may_have_gone)
{
	if (!kernel)
		return;
	struct fact_interface i = asked(FACT_DEVICE, "eth7");
	struct facts f = { .interfaces = &i, .n_interfaces = 1, .route_protocol = OURS, .kept = true };
	ck_assert_int_eq(facts_read(kernel, NULL, &f, arena, &diags), 0);
	ck_assert_uint_eq(diags.n, 0);
	ck_assert(i.absent && !i.admin_up && !i.carrier);
	ck_assert_str_eq(i.device, "eth7");
}
END_TEST

START_TEST(the_gateway_is_that_of_the_systems_default_route)
{
	if (!kernel)
		return;
	add_route(0, 0, 0xc0000207, RTPROT_DHCP);
	struct fact_interface i = asked(FACT_DEVICE, "lo");
	char text[ADDR_TEXT];
	i.auto_gateway = true;
	ck_assert_int_eq(answer(&i, NULL), 0);
	ck_assert_str_eq(addr_print(&i.gateway4, text), "192.0.2.7");
	ck_assert_uint_eq(i.gateway6.family, 0);
}
END_TEST

START_TEST(next_hops_are_judged)
{
	static const struct { const char *hop; bool own, off_link; } rows[] = {
		{ "10.10.2.1", true, false }, { "10.10.2.2", false, false }, { "10.20.9.9", false, true },
	};
	if (!kernel)
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fact_interface f = asked(FACT_DEVICE, "lo");
		struct fact_hop h = { .path = "p1", .interface = &f };
		ck_assert_int_eq(addr_parse(str_of(rows[i].hop), &h.hop), 0);
		ck_assert_int_eq(answer(&f, &h), 0);
		ck_assert_int_eq(h.own_address, rows[i].own);
		ck_assert_int_eq(h.off_link, rows[i].off_link);
		ck_assert(!h.main_elsewhere);
	}
}
END_TEST

START_TEST(two_interfaces_of_one_device_are_refused)
{
	if (!kernel)
		return;
	struct fact_interface both[] = { asked(FACT_DEVICE, "lo"), asked(FACT_ADDRESS, "10.10.2.1") };
	both[1].name = "p2";
	struct facts f = { .interfaces = both, .n_interfaces = 2, .route_protocol = OURS };
	ck_assert_int_eq(facts_read(kernel, NULL, &f, arena, &diags), -EINVAL);
	ck_assert_str_eq(diags.list[0]->text, "interfaces 'p1' and 'p2' are the same device lo");
}
END_TEST

static const char *told(const struct fact_interface *i)
{
	const struct facts f = { .interfaces = (struct fact_interface *)i, .n_interfaces = 1 };
	auto_text struct text t = {0};
	facts_print(&f, &t);
	return arena_strdup(arena, text_get(&t));
}

START_TEST(answers_that_steer_otherwise_print_otherwise)
{
	const struct fact_interface lo = { .name = "p1", .device = "lo", .admin_up = true };
	struct fact_interface other[5] = { lo, lo, lo, lo, lo };
	ck_assert_str_eq(told(&lo), told(&other[0]));
	other[0].device = "eth2";
	other[1].admin_up = false;
	other[2].absent = true;
	ck_assert_int_eq(addr_parse(STR("10.10.2.2"), &other[3].gateway4), 0);
	ck_assert_int_eq(addr_parse(STR("fd00::2"), &other[4].gateway6), 0);
	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		ck_assert_str_ne(told(&lo), told(&other[i]));
}
END_TEST

START_TEST(own_addresses_are_known)
{
	if (!kernel)
		return;
	struct addr a;
	ck_assert_int_eq(addr_parse(STR("10.10.2.1"), &a), 0);
	ck_assert_int_eq(kernel_owns(kernel, &a), 1);
	ck_assert_int_eq(addr_parse(STR("10.10.2.2"), &a), 0);
	ck_assert_int_eq(kernel_owns(kernel, &a), 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_device_is_found_by_name_address_and_route);
	tcase_add_test(tc, routes_of_ours_lead_nowhere);
	tcase_add_test(tc, what_is_not_there_is_said);
	tcase_add_test(tc, a_device_of_an_applied_profile_may_have_gone);
	tcase_add_test(tc, the_gateway_is_that_of_the_systems_default_route);
	tcase_add_test(tc, next_hops_are_judged);
	tcase_add_test(tc, two_interfaces_of_one_device_are_refused);
	tcase_add_test(tc, answers_that_steer_otherwise_print_otherwise);
	tcase_add_test(tc, own_addresses_are_known);
}
