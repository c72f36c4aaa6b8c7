/* SPDX-License-Identifier: MIT */
/* Binary entries of legacy iptables: what was encoded says so again, and whatever else stands in one shows. */
#include "base/base.h"

#include <net/if.h>    /* before the kernel's own */

#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include "base/arena.h"
#include "target/ipt.h"
#include "unit.h"

static struct arena *a;
static const struct origin nowhere;

static void setup(void)
{
	a = arena_new();
}

static void teardown(void)
{
	arena_free(a);
}

static const char *said(const struct ipt_family *f, const struct ipt_rule *r)
{
	auto_text struct text t = { 0 };

	ipt_say_rule(f, "C", r->entry, r->jump, &t);
	return arena_copy(a, text_get(&t), t.n);
}

static struct prefix prefix(const char *text)
{
	struct prefix p = { 0 };

	ck_assert_int_eq(prefix_parse(str_of(text), &p, NULL), 0);
	return p;
}

START_TEST(both_families_say_the_same_words)
{
	const struct { const char *net, *words; } rows[IPT_FAMILIES] = {
		{ "10.1.128.0/17", "-A C -s 10.1.128.0/17 -d 10.1.128.0/17 -i eth0.5 -o ppp0 -p udp -g NLBC-B1" },
		{ "2001:db8::/33", "-A C -s 2001:db8::/33 -d 2001:db8::/33 -i eth0.5 -o ppp0 -p udp -g NLBC-B1" },
	};
	const struct ipt_draft d = {
		.in = "eth0.5", .out = "ppp0", .src = prefix(rows[_i].net), .dst = prefix(rows[_i].net), .proto = 17,
		.jump = "NLBC-B1", .is_goto = true,
	};
	const struct ipt_rule r = ipt_rule_of(&ipt_families[_i], &d, &nowhere, a);

	ck_assert_str_eq(said(&ipt_families[_i], &r), rows[_i].words);
}
END_TEST

static const struct {
	struct ipt_words words;
	const char *said;
} extensions[] = {
	{ { .kind = IPT_MATCH_MARK, .value = 3, .mask = UINT32_MAX }, " -m mark --mark 0x3" },
	{ { .kind = IPT_MATCH_MARK, .value = 0, .mask = 0xff, .negated = true }, " -m mark ! --mark 0x0/0xff" },
	{ { .kind = IPT_MATCH_CONNMARK, .value = 16, .mask = 0xf0 }, " -m connmark --mark 0x10/0xf0" },
	{ { .kind = IPT_MATCH_CONNTRACK, .value = 6 }, " -m conntrack --ctstate RELATED,ESTABLISHED" },
	{ { .kind = IPT_MATCH_CONNTRACK, .value = 8, .negated = true }, " -m conntrack ! --ctstate NEW" },
	{ { .kind = IPT_MATCH_STATISTIC, .every = 7 }, " -m statistic --mode nth --every 7 --packet 0" },
	{ { .kind = IPT_MATCH_STATISTIC, .probability = 715827883 }, " -m statistic --mode random --probability 0.33333333349" },
	{ { .kind = IPT_MATCH_ADDRTYPE, .value = 1 << 2 | 1 << 5 }, " -m addrtype --dst-type LOCAL,MULTICAST" },
	{ { .kind = IPT_MATCH_COMMENT, .comment = "plain_1" }, " -m comment --comment plain_1" },
	{ { .kind = IPT_MATCH_COMMENT, .comment = "a \"b\"" }, " -m comment --comment \"a \\\"b\\\"\"" },
};

START_TEST(a_match_says_what_was_asked_for)
{
	struct ipt_draft d = { .matches = { extensions[_i].words }, .n_matches = 1, .jump = "RETURN" };
	const struct ipt_rule r = ipt_rule_of(&ipt_families[0], &d, &nowhere, a);

	ck_assert_str_eq(said(&ipt_families[0], &r), arena_printf(a, "-A C%s -j RETURN", extensions[_i].said));
}
END_TEST

static struct ipt_rule target(struct ipt_words w)
{
	const struct ipt_draft d = { .does = w };

	return ipt_rule_of(&ipt_families[0], &d, &nowhere, a);
}

START_TEST(a_target_says_what_was_asked_for)
{
	const struct ipt_rule mark = target((struct ipt_words){ .kind = IPT_TARGET_MARK, .value = 1, .mask = 0xff });
	const struct ipt_rule save = target((struct ipt_words){ .kind = IPT_TARGET_CONNMARK, .value = 2, .mask = 0xff });
	const struct ipt_rule restore = target((struct ipt_words){ .kind = IPT_TARGET_CONNMARK, .restores = true, .mask = 0xf });

	ck_assert_str_eq(said(&ipt_families[0], &mark), "-A C -j MARK --set-xmark 0x1/0xff");
	ck_assert_str_eq(said(&ipt_families[0], &save), "-A C -j CONNMARK --set-xmark 0x2/0xff");
	ck_assert_str_eq(said(&ipt_families[0], &restore), "-A C -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf");
}
END_TEST

/* The data of the target, to be changed by a stranger. */
static void *data_of(const struct ipt_rule *r)
{
	struct ipt_part parts[IPT_PARTS];
	const size_t n = ipt_parts(&ipt_families[0], r->entry, parts, ARRAY_LEN(parts));

	return (char *)(uintptr_t)parts[n - 1].data.p;
}

START_TEST(what_we_never_ask_for_shows)
{
	const struct ipt_rule r = target((struct ipt_words){ .kind = IPT_TARGET_CONNMARK, .value = 2, .mask = 0xff });
	const char *before = said(&ipt_families[0], &r);
	struct xt_connmark_tginfo2 *t = data_of(&r);

	t->shift_bits = 1;
	ck_assert_ptr_nonnull(strstr(said(&ipt_families[0], &r), "-j CONNMARK revision 2 data 0x02000000ff000000"));
	t->shift_bits = 0;
	ck_assert_str_eq(said(&ipt_families[0], &r), before);
}
END_TEST

static const struct {
	size_t at;              /* in struct ipt_entry */
	uint8_t value;
	const char *said;
} heads[] = {
	{ offsetof(struct ipt_entry, ip.invflags), IPT_INV_SRCIP, "-A C ! -s 10.1.0.0/16 -i eth1 -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.invflags), IPT_INV_VIA_IN, "-A C -s 10.1.0.0/16 ! -i eth1 -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.invflags), IPT_INV_DSTIP, "-A C -s 10.1.0.0/16 ! -d 0.0.0.0/0 -i eth1 -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.flags), IPT_F_FRAG, "-A C -s 10.1.0.0/16 -i eth1 -f -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.iniface_mask[4]), 0, "-A C -s 10.1.0.0/16 -i eth1+ -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.smsk) + 3, 1, "-A C -s 10.1.0.0/255.255.0.1 -i eth1 -j ACCEPT" },
	{ offsetof(struct ipt_entry, ip.proto), 253, "-A C -s 10.1.0.0/16 -i eth1 -p 253 -j ACCEPT" },
};

START_TEST(a_strangers_head_shows)
{
	const struct ipt_draft d = { .src = prefix("10.1.0.0/16"), .in = "eth1", .jump = "ACCEPT" };
	const struct ipt_rule r = ipt_rule_of(&ipt_families[0], &d, &nowhere, a);

	((uint8_t *)(uintptr_t)r.entry)[heads[_i].at] = heads[_i].value;
	ck_assert_str_eq(said(&ipt_families[0], &r), heads[_i].said);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, both_families_say_the_same_words, 0, IPT_FAMILIES);
	tcase_add_loop_test(tc, a_match_says_what_was_asked_for, 0, ARRAY_LEN(extensions));
	tcase_add_test(tc, a_target_says_what_was_asked_for);
	tcase_add_test(tc, what_we_never_ask_for_shows);
	tcase_add_loop_test(tc, a_strangers_head_shows, 0, ARRAY_LEN(heads));
}
