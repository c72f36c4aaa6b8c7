/* SPDX-License-Identifier: MIT */
/* From ops to netlink bytes and from bytes to canonical text: every op of the language by a row of what its bytes say,
 * sets' userdata byte for byte as nft 1.0.6 sends it, and bytes of strangers that must show. */
#include "base/base.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "nft_samples.h"
#include "target/nft.h"

enum { M = 0x7f000000 };

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

#define NET4(length, ...) { { .family = AF_INET, .b = { __VA_ARGS__ } }, length }
#define NET6(length, ...) { { .family = AF_INET6, .b = { __VA_ARGS__ } }, length }
#define NET24 NET4(24, 10, 10, 3, 0)

static const struct {
	struct op ops[4];
	const char *body;
} rows[] = {
	{ { { .kind = OP_FAMILY, .family = AF_INET } }, "meta nfproto ipv4" },
	{ { { .kind = OP_IIF, .name = "eth1" }, { .kind = OP_RETURN } }, "iifname \"eth1\" return" },
	{ { { .kind = OP_OIF, .name = "paths", .by_set = true }, { .kind = OP_ACCEPT } }, "oifname @paths accept" },
	{ { { .kind = OP_SRC, .family = AF_INET, .prefix = NET24 } }, "meta nfproto ipv4 ip saddr 10.10.3.0/24" },
	{ { { .kind = OP_DST, .family = AF_INET, .prefix = NET4(23, 10, 10, 2, 0) } }, "meta nfproto ipv4 ip daddr 10.10.2.0/23" },
	{ { { .kind = OP_DST, .family = AF_INET, .prefix = NET4(32, 10, 1, 2, 3) } }, "meta nfproto ipv4 ip daddr 10.1.2.3" },
	{ { { .kind = OP_SRC, .family = AF_INET, .prefix = NET4(1, 128, 0, 0, 0) } }, "meta nfproto ipv4 ip saddr 128.0.0.0/1" },
	{ { { .kind = OP_DST, .family = AF_INET6, .prefix = NET6(64, 0xfd, 0, 0, 0x10, 0, 3) } },
	  "meta nfproto ipv6 ip6 daddr fd00:10:3::/64" },
	{ { { .kind = OP_SRC, .family = AF_INET6, .prefix = NET6(45, 0xfd, 0, 0, 0x10, 0, 8) } },
	  "meta nfproto ipv6 ip6 saddr fd00:10:8::/45" },
	{ { { .kind = OP_FAMILY, .family = AF_INET }, { .kind = OP_SRC, .family = AF_INET, .prefix = NET24 },
	    { .kind = OP_DST, .family = AF_INET, .by_set = true, .name = "nets" } },
	  "meta nfproto ipv4 ip saddr 10.10.3.0/24 ip daddr @nets" },
	{ { { .kind = OP_PROTO, .proto = 17 } }, "meta l4proto udp" },
	{ { { .kind = OP_PROTO, .proto = 47 } }, "meta l4proto 47" },
	{ { { .kind = OP_PORTED } }, "meta l4proto @ported" },
	{ { { .kind = OP_FRAGMENT, .family = AF_INET } }, "meta nfproto ipv4 ip frag-off & 0x3fff != 0x0000" },
	{ { { .kind = OP_FRAGMENT, .family = AF_INET6 } }, "meta nfproto ipv6 exthdr frag 1" },
	{ { { .kind = OP_LOCAL } }, "fib daddr type @exempt" },
	{ { { .kind = OP_CT_NEW } }, "ct state new" },
	{ { { .kind = OP_CT_NEW, .negated = true } }, "ct state != new" },
	{ { { .kind = OP_CT_MARK_IS, .mask = M } }, "ct mark & 0x7f000000 == 0x00000000" },
	{ { { .kind = OP_MARK_IS, .mask = M, .negated = true } }, "meta mark & 0x7f000000 != 0x00000000" },
	{ { { .kind = OP_CT_MARK_IS, .mask = UINT32_MAX, .value = 1 } }, "ct mark 0x00000001" },
	{ { { .kind = OP_COUNT, .name = "packets_forward_p1" } }, "counter name \"packets_forward_p1\"" },
	{ { { .kind = OP_MARK, .mask = M, .value = 0x1000000 } }, "meta mark set meta mark & 0x80ffffff | 0x01000000" },
	{ { { .kind = OP_SAVE, .mask = M, .value = 0x2000000 } }, "ct mark set ct mark & 0x80ffffff | 0x02000000" },
	{ { { .kind = OP_MARK, .mask = UINT32_MAX, .value = 3 } }, "meta mark set 0x00000003" },
	{ { { .kind = OP_KEEP, .name = "live" } }, "ct mark & 0x7f000000 vmap @live" },
	{ { { .kind = OP_ENTER, .name = "arrive" } }, "iifname vmap @arrive" },
	{ { { .kind = OP_PICK, .name = "turn", .pick = { .kind = PICK_TURN, .size = 4 } } }, "numgen inc mod 4 vmap @turn" },
	{ { { .kind = OP_PICK, .name = "turn", .pick = { .kind = PICK_RANDOM, .size = 9 } } },
	  "numgen random mod 9 vmap @turn" },
	{ { { .kind = OP_PICK, .family = AF_INET, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_FLOW, .size = 16, .seed = 0xdbecf5c5 } } },
	  "meta nfproto ipv4 jhash ip saddr . ip daddr . meta l4proto . th sport . th dport mod 16 seed 0xdbecf5c5"
	  " vmap @slots" },
	{ { { .kind = OP_PICK, .family = AF_INET6, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_FLOW, .size = 16, .seed = 1 } } },
	  "meta nfproto ipv6 jhash ip6 saddr . ip6 daddr . meta l4proto . th sport . th dport mod 16 seed 0x00000001"
	  " vmap @slots" },
	{ { { .kind = OP_PICK, .family = AF_INET6, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_ADDRESSES_PROTOCOL, .size = 16, .seed = 1 } } },
	  "meta nfproto ipv6 jhash ip6 saddr . ip6 daddr . meta l4proto mod 16 seed 0x00000001 vmap @slots" },
	{ { { .kind = OP_PICK, .family = AF_INET, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_ADDRESSES, .size = 16, .seed = 1 } } },
	  "meta nfproto ipv4 jhash ip saddr . ip daddr mod 16 seed 0x00000001 vmap @slots" },
	{ { { .kind = OP_PICK, .family = AF_INET, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_SOURCE, .size = 16, .seed = 0 } } },
	  "meta nfproto ipv4 jhash ip saddr mod 16 seed 0x00000000 vmap @slots" },
	{ { { .kind = OP_PICK, .family = AF_INET6, .name = "slots",
	      .pick = { .kind = PICK_HASH, .key = KEY_DESTINATION, .size = 16, .seed = 1 } } },
	  "meta nfproto ipv6 jhash ip6 daddr mod 16 seed 0x00000001 vmap @slots" },
	{ { { .kind = OP_GOTO, .name = "there" } }, "goto there" },
	{ { { .kind = OP_JUMP, .name = "there" } }, "jump there" },
	{ { { .kind = OP_CT_STATE, .value = 6 }, { .kind = OP_RESTORE } },
	  "ct state established,related meta mark set ct mark" },
	{ { { .kind = OP_CHANCE, .of = 2, .value = 1 } }, "numgen random mod 2 < 1" },
};

static const struct set sets[] = { { .name = "paths" }, { .name = "nets" }, { .name = "ported" }, { .name = "exempt" } };
static const struct map maps[] = {
	{ .name = "live" }, { .name = "arrive" }, { .name = "turn" }, { .name = "slots" },
};
static const struct plan plan = {
	.kernel = { .mark_mask = M },
	.sets = sets, .n_sets = ARRAY_LEN(sets), .maps = maps, .n_maps = ARRAY_LEN(maps),
};

static const char *body(const struct nft_rule *r)
{
	auto_text struct text out = { 0 };

	nft_say_rule(r, &out);
	return arena_copy(arena, text_get(&out), out.n);
}

static struct nft_rule encode(const struct op *ops, size_t n)
{
	const struct chain_rule rule = { .ops = ops, .n_ops = n };
	auto_text struct text w = { 0 };

	nft_encode_rule(&plan, &rule, &w);
	return (struct nft_rule){ .exprs = { arena_copy(arena, w.p, w.n), w.n } };
}

START_TEST(every_op_says_what_it_does)
{
	size_t n = 0;

	while (n < ARRAY_LEN(rows[_i].ops) && (n == 0 || rows[_i].ops[n].kind != OP_FAMILY))
		n++;
	const struct nft_rule r = encode(rows[_i].ops, n);
	ck_assert_str_eq(body(&r), rows[_i].body);
}
END_TEST

static const char *hex(struct bytes b)
{
	auto_text struct text out = { 0 };

	nft_say_hex(b, &out);
	return arena_copy(arena, text_get(&out), out.n);
}

/* `nft --debug=mnl -f` of version 1.0.6 with the declarations of nft_text.c. */
START_TEST(userdata_is_what_nft_sends)
{
	static const struct { enum set_kind kind; const char *hex; } of_sets[] = {
		{ SET_DEVICES, "000401000000030e0004090000000106000407000000" },
		{ SET_PROTOCOLS, "000401000000030e0004090000000106000410000000" },
		{ SET_ADDRESS_TYPES, "000401000000031400041a000000010c000403000000010402000000" },
		{ SET_PREFIXES4, "0004020000000314000407000000010c00040c00000001040c000000" },
		{ SET_PREFIXES6, "0004020000000314000407000000010c00040d000000010409000000" },
	};
	static const struct { enum map_kind kind; const char *hex; } of_maps[] = {
		{ MAP_DEVICES, "000401000000010400000000030e000409000000010600040600000004080004010000000100060400000000" },
		{ MAP_MARKS, "0004010000000104000000000314"
			     "00040c000000010c0004030000000104ffffffff04080004010000000100060400000000" },
		{ MAP_SLOTS, "000401000000010400000000031a000417000000011200040000000001041000000002040000000004080004"
			     "010000000100060400000000" },
	};

	for (size_t i = 0; i < ARRAY_LEN(of_sets); i++)
		ck_assert_str_eq(hex(nft_encode_set(of_sets[i].kind, arena).userdata), of_sets[i].hex);
	for (size_t i = 0; i < ARRAY_LEN(of_maps); i++)
		ck_assert_str_eq(hex(nft_encode_map(of_maps[i].kind, 16, arena).userdata), of_maps[i].hex);
	ck_assert_str_eq(hex(nft_encode_table(arena).userdata), "00146e6c62632031207061636b6574206c6179657200");
}
END_TEST

/* nft 1.0.6 for `numgen inc mod 2 vmap @turn`, but for the set's id. */
START_TEST(a_rule_is_what_nft_sends)
{
	const struct op pick = { .kind = OP_PICK, .name = "turn", .pick = { .kind = PICK_TURN, .size = 2 } };

	ck_assert_str_eq(hex(encode(&pick, 1).exprs),
			 "340001800b0001006e756d67656e0000" "24000280" "0800010000000001" "0800020000000002"
			 "0800030000000000" "0800040000000000"
			 "380001800b0001006c6f6f6b75700000" "28000280" "0800020000000001" "0800030000000000"
			 "090001007475726e00000000" "0800040000000007");
}
END_TEST

/* ---- bytes of strangers ----------------------------------------------------------------------------------------- */

static const char zeros[NLA_ALIGNTO];

static void wire_put(struct text *w, uint16_t type, const void *p, size_t n)
{
	const struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type };

	text_add(w, &head, sizeof(head));
	text_add(w, p, n);
	text_add(w, zeros, NLA_ALIGN(n) - n);
}

static void wire_string(struct text *w, uint16_t type, const char *s)
{
	wire_put(w, type, s, strlen(s) + 1);
}

static void wire_be32(struct text *w, uint16_t type, uint32_t value)
{
	const struct { struct nlattr head; uint32_t value; } a = {
		.head = { .nla_len = sizeof(a), .nla_type = type }, .value = htobe32(value),
	};

	text_add(w, &a, sizeof(a));
}

static size_t wire_nest(struct text *w, uint16_t type)
{
	const struct nlattr head = { .nla_len = NLA_HDRLEN, .nla_type = type | NLA_F_NESTED };
	const size_t at = w->n;

	text_add(w, &head, sizeof(head));
	return at;
}

static void wire_end(struct text *w, size_t nest)
{
	struct nlattr *head = (void *)(w->p + nest);
	const size_t n = w->n - nest;

	head->nla_len = (uint16_t)n;
}

static struct nft_rule with(const char *expression, struct bytes data, const struct nft_rule *more)
{
	auto_text struct text w = { 0 };
	const size_t whole = wire_nest(&w, NFTA_LIST_ELEM);

	wire_string(&w, NFTA_EXPR_NAME, expression);
	wire_put(&w, NFTA_EXPR_DATA, data.p, data.n);
	wire_end(&w, whole);
	text_add(&w, more->exprs.p, more->exprs.n);
	return (struct nft_rule){ .exprs = { arena_copy(arena, w.p, w.n), w.n } };
}

static const struct nft_rule nothing;

START_TEST(an_unknown_expression_shows_as_bytes)
{
	const struct op accept = { .kind = OP_ACCEPT };
	const struct nft_rule ours = encode(&accept, 1);
	const struct nft_rule r = with("quota", (struct bytes){ "\x0c\0\1\0\0\0\0\0\0\0\0\7", 12 }, &ours);

	ck_assert_str_eq(body(&r), "[quota 0c0001000000000000000007] accept");
}
END_TEST

START_TEST(an_unknown_attribute_shows_as_bytes)
{
	auto_text struct text w = { 0 };

	wire_be32(&w, NFTA_META_DREG, NFT_REG_1);
	wire_be32(&w, NFTA_META_KEY, NFT_META_MARK);
	wire_be32(&w, 9, 1);
	const struct nft_rule r = with("meta", (struct bytes){ w.p, w.n }, &nothing);
	ck_assert_str_eq(body(&r), "[meta 080001000000000108000200000000030800090000000001]");
}
END_TEST

START_TEST(a_value_that_is_loaded_and_not_used_shows)
{
	static const struct op ops[] = { { .kind = OP_RESTORE }, { .kind = OP_RETURN } };
	auto_text struct text w = { 0 };

	wire_be32(&w, NFTA_CT_DREG, NFT_REG_2);
	wire_be32(&w, NFTA_CT_KEY, NFT_CT_MARK);
	const struct nft_rule ours = encode(ops, 2);
	const struct nft_rule r = with("ct", (struct bytes){ w.p, w.n }, &ours);
	ck_assert_str_eq(body(&r), "meta mark set ct mark return [ct mark]");
}
END_TEST

START_TEST(a_comment_shows)
{
	const struct op accept = { .kind = OP_ACCEPT };
	struct nft_rule r = encode(&accept, 1);

	r.userdata = (struct bytes){ "\0\4hey\0", 6 };
	ck_assert_str_eq(body(&r), "accept comment \"hey\"");
	r.userdata = (struct bytes){ "\1\1x", 3 };
	ck_assert_str_eq(body(&r), "accept userdata 010178");
}
END_TEST

START_TEST(cut_off_bytes_are_read_with_care)
{
	const struct op pick = { .kind = OP_PICK, .family = AF_INET, .name = "slots",
				 .pick = { .kind = PICK_HASH, .key = KEY_FLOW, .size = 16, .seed = 1 } };
	struct nft_rule r = encode(&pick, 1);
	const size_t n = r.exprs.n;

	for (r.exprs.n = 0; r.exprs.n < n; r.exprs.n++) {
		const struct nft_rule copy = { .exprs = { arena_copy(arena, r.exprs.p, r.exprs.n), r.exprs.n } };
		ck_assert_str_ne(body(&copy), body(&(struct nft_rule){ .exprs = { r.exprs.p, n } }));
	}
}
END_TEST

/* ---- items ------------------------------------------------------------------------------------------------------ */

static struct items lower(struct plan *p, enum lower_what what)
{
	struct items out;
	struct diags d;

	diags_init(&d, arena);
	items_init(&out, arena);
	ck_assert_int_eq(target_nft.lower(p, what, &out, &d), 0);
	items_sort(&out);
	return out;
}

static const char *body_of(const struct items *s, const char *key)
{
	const struct item *i = items_find(s, key);

	return i ? i->body : "none";
}

START_TEST(items_spell_out_keys_and_bodies)
{
	const struct items s = lower(nft_sample(per_flow, arena), LOWER_ALL);

	ck_assert_str_eq(body_of(&s, "table/nlbc"), "inet comment \"nlbc 1 packet layer\"");
	ck_assert_str_eq(body_of(&s, "chain/out"), "type route hook output priority -150; policy accept;\n"
			 "oifname @paths ct mark & 0x7f000000 vmap @live_forward");
	ck_assert_str_eq(body_of(&s, "counter/packets_forward_p1"), "counter");
	ck_assert_str_eq(body_of(&s, "set/paths"), "typeof oifname");
	ck_assert_str_eq(body_of(&s, "elem/paths/eth2"), "");
	ck_assert_str_eq(body_of(&s, "elem/ported/udplite"), "");
	ck_assert_str_eq(body_of(&s, "map/live_forward"), "typeof ct mark : verdict");
	ck_assert_str_eq(body_of(&s, "map/slots_forward.16"), "typeof numgen inc mod 16 : verdict");
	ck_assert_str_eq(body_of(&s, "elem/live_forward/0x02000000"), "goto stay_forward_p2");
	ck_assert_str_eq(body_of(&s, "elem/slots_forward.16/15"), "goto pick_forward_p2");
	ck_assert_str_eq(body_of(&s, "elem/arrive/eth3"), "goto from_p2");
	ck_assert_str_eq(body_of(&s, "chain/about"), "return comment \"gen=1 profile=per-flow sum=0123456789ab\"");
}
END_TEST

START_TEST(prefixes_are_keys_with_their_length)
{
	const struct items s = lower(nft_sample(all_sorts, arena), LOWER_ALL);
	size_t found = 0;

	for (size_t i = 0; i < s.n; i++)
		found += strncmp(s.list[i].key, "elem/", 5) == 0 &&
			 (strstr(s.list[i].key, "/10.2.0.0/16") || strstr(s.list[i].key, "/10.9.8.7/32"));
	ck_assert_uint_eq(found, 2);
}
END_TEST

START_TEST(steering_is_lists_live_entries_and_choosing)
{
	const struct items s = lower(nft_sample(per_flow, arena), LOWER_STEERING);

	ck_assert_uint_eq(s.n, 1 + 1 + 2 + 1 + 16);
	ck_assert_str_ne(body_of(&s, "chain/choose_forward"), "none");
	ck_assert_str_ne(body_of(&s, "elem/live_forward/0x01000000"), "none");
	ck_assert_str_ne(body_of(&s, "map/slots_forward.16"), "none");
	ck_assert_str_ne(body_of(&s, "elem/slots_forward.16/7"), "none");
}
END_TEST

static const char *text_of(const struct items *s)
{
	auto_text struct text out = { 0 };

	for (size_t i = 0; i < s->n; i++)
		text_printf(&out, "%s %s\n", s->list[i].key, s->list[i].body);
	return arena_copy(arena, text_get(&out), out.n);
}

START_TEST(the_steering_plan_gives_the_steering_of_the_whole)
{
	static const char *const profiles[] = { per_packet, per_flow, compat_seed, all_sorts };
	static struct found_state down[] = { { "p2", MEMBER_DOWN, REASON_PROBE }, { "a", MEMBER_DOWN, REASON_PROBE } };
	const struct memory memories[] = { { 0 }, { .found = down, .n_found = 2 } };
	const struct plan *whole = nft_sample(profiles[_i / 2], arena);
	const struct memory *before = &memories[_i % 2];
	struct memory after[2];
	struct diags d;

	diags_init(&d, arena);
	struct items all = lower(plan_compile(whole->machine, whole->facts, before, &after[0], arena, &d), LOWER_STEERING);
	struct items part = lower(plan_compile_steering(whole->machine, whole->facts, before, &after[1], arena, &d),
				  LOWER_STEERING);
	ck_assert_str_eq(text_of(&part), text_of(&all));
	ck_assert_uint_eq(after[0].n_lists, after[1].n_lists);
	for (size_t i = 0; i < after[0].n_lists; i++)
		ck_assert_mem_eq(after[0].lists[i].owner, after[1].lists[i].owner,
				 after[0].lists[i].size * sizeof(*after[0].lists[i].owner));
}
END_TEST

START_TEST(a_plan_without_chains_has_no_items)
{
	const struct kernel_conf conf = { .mark_mask = M };

	ck_assert_uint_eq(lower(plan_empty(&conf, arena), LOWER_ALL).n, 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, every_op_says_what_it_does, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, userdata_is_what_nft_sends);
	tcase_add_test(tc, a_rule_is_what_nft_sends);
	tcase_add_test(tc, an_unknown_expression_shows_as_bytes);
	tcase_add_test(tc, an_unknown_attribute_shows_as_bytes);
	tcase_add_test(tc, a_value_that_is_loaded_and_not_used_shows);
	tcase_add_test(tc, a_comment_shows);
	tcase_add_test(tc, cut_off_bytes_are_read_with_care);
	tcase_add_test(tc, items_spell_out_keys_and_bodies);
	tcase_add_test(tc, prefixes_are_keys_with_their_length);
	tcase_add_test(tc, steering_is_lists_live_entries_and_choosing);
	tcase_add_loop_test(tc, the_steering_plan_gives_the_steering_of_the_whole, 0, 8);
	tcase_add_test(tc, a_plan_without_chains_has_no_items);
}
