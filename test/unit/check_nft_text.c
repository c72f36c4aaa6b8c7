/* SPDX-License-Identifier: MIT */
/* Plans as input for nft: the references of packet.md section 5, word for word, and how they are laid out. */
#include "base/base.h"

#include <ctype.h>

#include "nft_samples.h"
#include "target/target.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

/* packet.md 5.1, lines joined for print as there. */
static const char reference_per_packet[] =
"table inet nlbc {\n"
"	comment \"nlbc 1 packet layer\"\n"
"	counter packets_forward_p1 { }; counter packets_forward_p2 { }\n"
"	map arrive { typeof iifname : verdict; elements = { \"eth2\" : goto from_p1, \"eth3\" : goto from_p2 }; }\n"
"	map turn_forward.2 { typeof numgen inc mod 2 : verdict; elements = { 0 : goto send_forward_p1,"
" 1 : goto send_forward_p2 }; }\n"
"	chain about { return comment \"gen=1 profile=per-packet sum=0123456789ab\"; }\n"
"	chain choose_forward {\n"
"		meta mark & 0x7f000000 != 0x00000000 return\n"
"		numgen inc mod 2 vmap @turn_forward.2\n"
"	}\n"
"	chain from_p1 { meta mark set meta mark & 0x80ffffff | 0x01000000 accept; }\n"
"	chain from_p2 { meta mark set meta mark & 0x80ffffff | 0x02000000 accept; }\n"
"	chain pre {\n"
"		type filter hook prerouting priority mangle; policy accept;\n"
"		iifname vmap @arrive\n"
"		ip saddr 10.10.1.0/24 ip daddr 10.10.3.0/24 goto choose_forward\n"
"	}\n"
"	chain send_forward_p1 { meta mark set meta mark & 0x80ffffff | 0x01000000"
" counter name \"packets_forward_p1\" accept; }\n"
"	chain send_forward_p2 { meta mark set meta mark & 0x80ffffff | 0x02000000"
" counter name \"packets_forward_p2\" accept; }\n"
"}\n";

/* packet.md 5.2 */
static const char reference_per_flow[] =
"table inet nlbc {\n"
"	comment \"nlbc 1 packet layer\"\n"
"	counter arrivals_p1 { }; counter arrivals_p2 { }\n"
"	counter flows_forward_p1 { }; counter flows_forward_p2 { }\n"
"	counter packets_forward_p1 { }; counter packets_forward_p2 { }\n"
"	set paths { typeof oifname; elements = { \"eth2\", \"eth3\" }; }\n"
"	set ported { typeof meta l4proto; elements = { tcp, udp, dccp, sctp, udplite }; }\n"
"	map arrive { typeof iifname : verdict; elements = { \"eth2\" : goto from_p1, \"eth3\" : goto from_p2 }; }\n"
"	map live_forward { typeof ct mark : verdict; elements = { 0x01000000 : goto stay_forward_p1,"
" 0x02000000 : goto stay_forward_p2 }; }\n"
"	map slots_forward.16 { typeof numgen inc mod 16 : verdict; elements = {\n"
"		0 : goto pick_forward_p1, 1 : goto pick_forward_p2, 2 : goto pick_forward_p1,"
" 3 : goto pick_forward_p2, 4 : goto pick_forward_p1, 5 : goto pick_forward_p2,\n"
"		6 : goto pick_forward_p1, 7 : goto pick_forward_p2, 8 : goto pick_forward_p1,"
" 9 : goto pick_forward_p2, 10 : goto pick_forward_p1, 11 : goto pick_forward_p2,\n"
"		12 : goto pick_forward_p1, 13 : goto pick_forward_p2, 14 : goto pick_forward_p1,"
" 15 : goto pick_forward_p2 }; }\n"
"	chain about { return comment \"gen=1 profile=per-flow sum=0123456789ab\"; }\n"
"	chain choose_forward {\n"
"		ct mark & 0x7f000000 vmap @live_forward\n"
"		meta mark & 0x7f000000 != 0x00000000 return\n"
"		ct state != new ct mark & 0x7f000000 == 0x00000000 return\n"
"		meta nfproto ipv4 meta l4proto @ported jhash ip saddr . ip daddr . meta l4proto . th sport . th dport"
" mod 16 seed 0xdbecf5c5 vmap @slots_forward.16\n"
"		meta nfproto ipv6 meta l4proto @ported jhash ip6 saddr . ip6 daddr . meta l4proto . th sport . th dport"
" mod 16 seed 0xdbecf5c5 vmap @slots_forward.16\n"
"		meta nfproto ipv4 jhash ip saddr . ip daddr . meta l4proto mod 16 seed 0xdbecf5c5 vmap @slots_forward.16\n"
"		meta nfproto ipv6 jhash ip6 saddr . ip6 daddr . meta l4proto mod 16 seed 0xdbecf5c5 vmap @slots_forward.16\n"
"	}\n"
"	chain from_p1 { ct state new ct mark & 0x7f000000 == 0x00000000 ct mark set ct mark & 0x80ffffff | 0x01000000"
" counter name \"arrivals_p1\"\n"
"		meta mark set meta mark & 0x80ffffff | 0x01000000 accept; }\n"
"	chain from_p2 { ct state new ct mark & 0x7f000000 == 0x00000000 ct mark set ct mark & 0x80ffffff | 0x02000000"
" counter name \"arrivals_p2\"\n"
"		meta mark set meta mark & 0x80ffffff | 0x02000000 accept; }\n"
"	chain out { type route hook output priority mangle; policy accept; oifname @paths ct mark & 0x7f000000"
" vmap @live_forward; }\n"
"	chain pick_forward_p1 { ct mark set ct mark & 0x80ffffff | 0x01000000 counter name \"flows_forward_p1\"\n"
"		meta mark set meta mark & 0x80ffffff | 0x01000000 counter name \"packets_forward_p1\" accept; }\n"
"	chain pick_forward_p2 { ct mark set ct mark & 0x80ffffff | 0x02000000 counter name \"flows_forward_p2\"\n"
"		meta mark set meta mark & 0x80ffffff | 0x02000000 counter name \"packets_forward_p2\" accept; }\n"
"	chain pre {\n"
"		type filter hook prerouting priority mangle; policy accept;\n"
"		iifname vmap @arrive\n"
"		iifname \"eth1\" ip daddr 10.10.3.0/24 goto choose_forward\n"
"		iifname \"eth1\" ip6 daddr fd00:10:3::/64 goto choose_forward\n"
"	}\n"
"	chain stay_forward_p1 { meta mark set meta mark & 0x80ffffff | 0x01000000"
" counter name \"packets_forward_p1\" accept; }\n"
"	chain stay_forward_p2 { meta mark set meta mark & 0x80ffffff | 0x02000000"
" counter name \"packets_forward_p2\" accept; }\n"
"}\n";

static const char *print(const struct plan *p)
{
	auto_text struct text out = { 0 };

	target_nft.print(p, "nft", &out);
	return arena_copy(arena, text_get(&out), out.n);
}

/* Line ends and semicolons are the same to nft, and so is the room between words. */
static const char *unjoined(const char *s)
{
	auto_text struct text out = { 0 };

	for (; *s; s++) {
		if (!isspace((unsigned char)*s) && *s != ';')
			text_putc(&out, *s);
		else if (out.n && out.p[out.n - 1] != ' ')
			text_putc(&out, ' ');
	}
	return arena_copy(arena, text_get(&out), out.n);
}

START_TEST(per_packet_prints_as_the_reference)
{
	ck_assert_str_eq(unjoined(print(nft_sample(per_packet, arena))), unjoined(reference_per_packet));
}
END_TEST

START_TEST(per_flow_prints_as_the_reference)
{
	ck_assert_str_eq(unjoined(print(nft_sample(per_flow, arena))), unjoined(reference_per_flow));
}
END_TEST

START_TEST(objects_and_rules_have_lines_of_their_own)
{
	const char *s = print(nft_sample(per_packet, arena));

	ck_assert_ptr_nonnull(strstr(s, "\n\tcounter packets_forward_p1 { }\n\tcounter packets_forward_p2 { }\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n\tmap arrive {\n\t\ttypeof iifname : verdict\n"
				     "\t\telements = { \"eth2\" : goto from_p1, \"eth3\" : goto from_p2 }\n\t}\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n\tchain from_p1 {\n\t\tmeta mark set meta mark & 0x80ffffff | 0x01000000 accept\n\t}\n"));
}
END_TEST

START_TEST(long_lists_of_elements_are_broken)
{
	const char *s = print(nft_sample(per_flow, arena));

	for (const char *line = s; *line; line = strchr(line, '\n') + 1)
		if (strstr(line, " : goto pick_") && strstr(line, " : goto pick_") < strchr(line, '\n'))
			ck_assert_int_le(strchr(line, '\n') - line, 110);
}
END_TEST

START_TEST(compile_prints_generation_0)
{
	struct plan *p = nft_sample(per_packet, arena);

	p->generation = 0;
	ck_assert_ptr_nonnull(strstr(print(p), "return comment \"gen=0 profile=per-packet sum=0123456789ab\""));
}
END_TEST

START_TEST(the_seed_prints_its_own_four_rules)
{
	const char *s = print(nft_sample(compat_seed, arena));

	ck_assert_ptr_nonnull(strstr(s, "iifname \"eth1\" ct state new ct mark set 0x2\n"));
	ck_assert_ptr_nonnull(strstr(s, "iifname \"eth1\" ct state new numgen random mod 2 < 1 ct mark set 0x1\n"));
	ck_assert_ptr_nonnull(strstr(s, "iifname \"eth1\" ct state established,related meta mark set ct mark\n"));
	ck_assert_ptr_nonnull(strstr(s, "ct mark 0x1 meta mark set 0x3\n"));
}
END_TEST

START_TEST(a_plan_without_chains_prints_nothing)
{
	const struct kernel_conf conf = { .mark_mask = 0x7f000000 };

	ck_assert_str_eq(print(plan_empty(&conf, arena)), "");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, per_packet_prints_as_the_reference);
	tcase_add_test(tc, per_flow_prints_as_the_reference);
	tcase_add_test(tc, objects_and_rules_have_lines_of_their_own);
	tcase_add_test(tc, long_lists_of_elements_are_broken);
	tcase_add_test(tc, compile_prints_generation_0);
	tcase_add_test(tc, the_seed_prints_its_own_four_rules);
	tcase_add_test(tc, a_plan_without_chains_prints_nothing);
}
