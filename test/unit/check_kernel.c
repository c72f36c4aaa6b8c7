/* SPDX-License-Identifier: MIT */
/* Batches and questions against the running kernel, in a network namespace of the test's own (as any user); where the
 * machine forbids such namespaces only the parts that need none are checked. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include "base/arena.h"
#include "plan/item.h"
#include "target/kernel.h"
#include "unit.h"

static struct arena *arena;
static struct diags diags;
static struct kernel *kernel;

static void setup(void)
{
	arena = arena_new();
	diags_init(&diags, arena);
	if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)
		kernel = kernel_open(&diags);
}

static void teardown(void)
{
	kernel_close(kernel);
	kernel = NULL;
	arena_free(arena);
}

/* A route by device 1 (lo, which is down in a new namespace) or by one that is not there. */
static void put_route(struct batch *b, uint32_t table, int device, const struct change *c)
{
	struct nlmsghdr *m = batch_begin(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, c);
	struct rtmsg *r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	r->rtm_family = AF_INET;
	r->rtm_dst_len = 32;
	r->rtm_protocol = 110;
	r->rtm_scope = RT_SCOPE_LINK;
	r->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(m, RTA_DST, htobe32(0x0a000001));
	mnl_attr_put_u32(m, RTA_TABLE, table);
	mnl_attr_put_u32(m, RTA_OIF, (uint32_t)device);
	batch_end(b, m);
}

START_TEST(every_refusal_of_a_long_batch_finds_its_change)
{
	enum { N = 5000 };
	if (!kernel)
		return;
	auto_batch struct batch b;
	auto_refusals struct refusals r = {0};
	batch_init(&b, KERNEL_ROUTE);
	struct change *changes = arena_array(arena, struct change, N);
	for (int i = 0; i < N; i++)
		put_route(&b, 1000, 99, &changes[i]);
	ck_assert_int_eq(batch_send(kernel, &b, &r), -ENODEV);
	ck_assert_uint_eq(r.n, N);
	for (size_t i = 0; i < N; i++) {
		ck_assert_ptr_eq(r.list[i].change, &changes[i]);
		ck_assert_uint_eq(r.list[i].index, i);
	}
	ck_assert_uint_eq(kernel_writes(kernel), N);
}
END_TEST

START_TEST(a_refusal_carries_the_kernels_words_and_place)
{
	if (!kernel)
		return;
	auto_batch struct batch b;
	auto_refusals struct refusals r = {0};
	batch_init(&b, KERNEL_ROUTE);
	struct source source = { .name = "a.prof" };
	struct item item = { .key = "route/1000/10.0.0.1",
			     .origin = { "path 'p2'", { .source = &source, .line = 4, .column = 2 } } };
	struct change change = { .op = CHANGE_ADD, .to = &item };
	put_route(&b, 1000, 1, &change);
	ck_assert_int_eq(batch_send(kernel, &b, &r), -ENETDOWN);
	refusals_report(&r, &diags);
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_ptr_nonnull(r.list[0].text);   /* its wording differs between kernels */
	ck_assert_str_eq(diags.list[0]->text,
			 arena_printf(arena, "the kernel refused path 'p2': %s", r.list[0].text));
	ck_assert_uint_eq(diags.list[0]->place.line, 4);
}
END_TEST

START_TEST(a_dump_is_collected_whole)
{
	if (!kernel)
		return;
	struct { struct nlmsghdr h; struct ifinfomsg i; } q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_DUMP },
	};
	auto_answer struct answer a = {0};
	ck_assert_int_eq(kernel_ask(kernel, KERNEL_ROUTE, &q.h, &a), 0);
	size_t n = 0;
	for (const struct nlmsghdr *m = NULL; (m = answer_next(&a, m));)
		n += m->nlmsg_type == RTM_NEWLINK;
	ck_assert_uint_ge(n, 1);
	ck_assert_uint_eq(kernel_writes(kernel), 0);
}
END_TEST

START_TEST(a_question_refused_gives_its_errno)
{
	if (!kernel)
		return;
	struct { struct nlmsghdr h; struct ifinfomsg i; } q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = RTM_GETLINK }, .i = { .ifi_index = 4711 },
	};
	auto_answer struct answer a = {0};
	ck_assert_int_eq(kernel_ask(kernel, KERNEL_ROUTE, &q.h, &a), -ENODEV);
}
END_TEST

START_TEST(names_of_namespaces_are_names_not_paths)
{
	ck_assert_int_eq(kernel_enter_netns("../../etc"), -EINVAL);
	ck_assert_int_eq(kernel_enter_netns(""), -EINVAL);
	ck_assert_int_eq(kernel_enter_netns("no-such-namespace-here"), -ENOENT);
}
END_TEST

START_TEST(cookie_and_boot_id_can_be_told)
{
	uint64_t cookie = 0;
	char id[37];
	ck_assert_int_eq(kernel_netns_cookie(&cookie), 0);
	ck_assert_uint_ne(cookie, 0);
	ck_assert_int_eq(kernel_boot_id(id), 0);
	ck_assert_uint_eq(strlen(id), 36);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_refusal_of_a_long_batch_finds_its_change);
	tcase_add_test(tc, a_refusal_carries_the_kernels_words_and_place);
	tcase_add_test(tc, a_dump_is_collected_whole);
	tcase_add_test(tc, a_question_refused_gives_its_errno);
	tcase_add_test(tc, names_of_namespaces_are_names_not_paths);
	tcase_add_test(tc, cookie_and_boot_id_can_be_told);
}
