/* SPDX-License-Identifier: MIT */
/* From the plan's rule language to expressions of nf_tables, in the very form in which nft 1.0.6 sends them for the text
 * that nft_text.c prints: same registers, same order, same userdata of sets (an nft of that age lists and loads it). */
#include "base/base.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "target/nft.h"

enum {
	IP_FRAG_OFF = 6, IP_SADDR = 12, IP_DADDR = 16,
	IP6_SADDR = 8, IP6_DADDR = 24,
	IP6_NEXT_FRAGMENT = 44,
	FRAGMENT_BITS = 0x3fff,        /* more fragments, and the offset */
	CT_STATE_NEW = 8,
	/* The first of a concatenated key's 32-bit registers; 8 is the first of NFT_REG_1. */
	KEY_SLOT = 4,
};

/* One rule being written. */
struct rule_writer {
	const struct plan *plan;
	struct text *w;
	uint8_t family;             /* matched already, 0: either */
};

/* An expression being written, apart so that it goes into the rule in one piece: thousands of rules are made of them. A
 * name has at most NFT_NAME_MAXLEN bytes, everything else is small. */
struct expr {
	size_t n, data;
	_Alignas(struct nlattr) char bytes[NFT_NAME_MAXLEN + 256];
};

static inline void expr_put(struct expr *e, uint16_t type, const void *p, size_t n)
{
	const struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type };
	const uint32_t zero = 0;
	const size_t next = e->n + NLA_HDRLEN + NLA_ALIGN(n);

	if (next + sizeof(zero) > sizeof(e->bytes))
		BUG("expression of more than %zu bytes", sizeof(e->bytes));
	if (n % NLA_ALIGNTO)
		memcpy(e->bytes + next - sizeof(zero), &zero, sizeof(zero));
	memcpy(e->bytes + e->n, &head, sizeof(head));
	memcpy(e->bytes + e->n + NLA_HDRLEN, p, n);
	e->n = next;
}

static inline void expr_be32(struct expr *e, uint16_t type, uint32_t value)
{
	const uint32_t be = htobe32(value);

	expr_put(e, type, &be, sizeof(be));
}

static inline void expr_string(struct expr *e, uint16_t type, const char *s)
{
	expr_put(e, type, s, strlen(s) + 1);
}

static inline size_t expr_nest(struct expr *e, uint16_t type)
{
	const size_t at = e->n;

	expr_put(e, type | NLA_F_NESTED, "", 0);
	return at;
}

static inline void expr_close(struct expr *e, size_t nest)
{
	const uint16_t n = (uint16_t)(e->n - nest);

	memcpy(e->bytes + nest + offsetof(struct nlattr, nla_len), &n, sizeof(n));
}

static inline void expr_value(struct expr *e, uint16_t type, const void *p, size_t n)
{
	const size_t nest = expr_nest(e, type);

	expr_put(e, NFTA_DATA_VALUE, p, n);
	expr_close(e, nest);
}

static inline void expr_begin(struct expr *e, const char *name)
{
	e->n = 0;
	(void)expr_nest(e, NFTA_LIST_ELEM);   /* at 0 */
	expr_string(e, NFTA_EXPR_NAME, name);
	e->data = expr_nest(e, NFTA_EXPR_DATA);
}

static inline void expr_end(struct expr *e, struct text *w)
{
	expr_close(e, e->data);
	expr_close(e, 0);
	text_add(w, e->bytes, e->n);
}

static void put_meta(struct text *w, enum nft_meta_keys key, uint32_t dreg)
{
	struct expr e;

	expr_begin(&e, "meta");
	expr_be32(&e, NFTA_META_KEY, key);
	expr_be32(&e, NFTA_META_DREG, dreg);
	expr_end(&e, w);
}

static void put_meta_set(struct text *w, enum nft_meta_keys key)
{
	struct expr e;

	expr_begin(&e, "meta");
	expr_be32(&e, NFTA_META_KEY, key);
	expr_be32(&e, NFTA_META_SREG, NFT_REG_1);
	expr_end(&e, w);
}

static void put_ct(struct text *w, enum nft_ct_keys key)
{
	struct expr e;

	expr_begin(&e, "ct");
	expr_be32(&e, NFTA_CT_KEY, key);
	expr_be32(&e, NFTA_CT_DREG, NFT_REG_1);
	expr_end(&e, w);
}

static void put_ct_set(struct text *w, enum nft_ct_keys key)
{
	struct expr e;

	expr_begin(&e, "ct");
	expr_be32(&e, NFTA_CT_KEY, key);
	expr_be32(&e, NFTA_CT_SREG, NFT_REG_1);
	expr_end(&e, w);
}

static void put_payload(struct text *w, enum nft_payload_bases base, uint32_t offset, uint32_t n, uint32_t dreg)
{
	struct expr e;

	expr_begin(&e, "payload");
	expr_be32(&e, NFTA_PAYLOAD_DREG, dreg);
	expr_be32(&e, NFTA_PAYLOAD_BASE, base);
	expr_be32(&e, NFTA_PAYLOAD_OFFSET, offset);
	expr_be32(&e, NFTA_PAYLOAD_LEN, n);
	expr_end(&e, w);
}

static void put_cmp(struct text *w, enum nft_cmp_ops op, const void *p, size_t n)
{
	struct expr e;

	expr_begin(&e, "cmp");
	expr_be32(&e, NFTA_CMP_SREG, NFT_REG_1);
	expr_be32(&e, NFTA_CMP_OP, op);
	expr_value(&e, NFTA_CMP_DATA, p, n);
	expr_end(&e, w);
}

static void put_bitwise(struct text *w, const void *mask, const void *flip, size_t n)
{
	struct expr e;

	expr_begin(&e, "bitwise");
	expr_be32(&e, NFTA_BITWISE_SREG, NFT_REG_1);
	expr_be32(&e, NFTA_BITWISE_DREG, NFT_REG_1);
	expr_be32(&e, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
	expr_be32(&e, NFTA_BITWISE_LEN, (uint32_t)n);
	expr_value(&e, NFTA_BITWISE_MASK, mask, n);
	expr_value(&e, NFTA_BITWISE_XOR, flip, n);
	expr_end(&e, w);
}

static void put_bits(struct text *w, uint32_t mask, uint32_t flip)
{
	put_bitwise(w, &mask, &flip, sizeof(mask));
}

static void put_verdict(struct text *w, int32_t code, const char *chain)
{
	struct expr e;

	expr_begin(&e, "immediate");
	expr_be32(&e, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	const size_t data = expr_nest(&e, NFTA_IMMEDIATE_DATA);
	const size_t verdict = expr_nest(&e, NFTA_DATA_VERDICT);
	expr_be32(&e, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		expr_string(&e, NFTA_VERDICT_CHAIN, chain);
	expr_close(&e, verdict);
	expr_close(&e, data);
	expr_end(&e, w);
}

static void put_number(struct text *w, uint32_t value)
{
	struct expr e;

	expr_begin(&e, "immediate");
	expr_be32(&e, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	expr_value(&e, NFTA_IMMEDIATE_DATA, &value, sizeof(value));
	expr_end(&e, w);
}

static void put_numgen(struct text *w, enum nft_ng_types type, uint32_t modulus)
{
	struct expr e;

	expr_begin(&e, "numgen");
	expr_be32(&e, NFTA_NG_DREG, NFT_REG_1);
	expr_be32(&e, NFTA_NG_MODULUS, modulus);
	expr_be32(&e, NFTA_NG_TYPE, type);
	expr_be32(&e, NFTA_NG_OFFSET, 0);
	expr_end(&e, w);
}

/* Kernels find sets of the same batch by name too; the id is what nft sends besides. */
uint32_t nft_set_id(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (strcmp(p->sets[i].name, name) == 0)
			return (uint32_t)i + 1;
	for (size_t i = 0; i < p->n_maps; i++)
		if (strcmp(p->maps[i].name, name) == 0)
			return (uint32_t)(p->n_sets + i) + 1;
	BUG("rule with set '%s', which the plan does not hold", name);
}

static void put_lookup(const struct rule_writer *r, const char *name, bool verdict)
{
	struct expr e;

	expr_begin(&e, "lookup");
	expr_be32(&e, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (verdict)
		expr_be32(&e, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	expr_string(&e, NFTA_LOOKUP_SET, name);
	expr_be32(&e, NFTA_LOOKUP_SET_ID, nft_set_id(r->plan, name));
	expr_end(&e, r->w);
}

/* ---- matches ---------------------------------------------------------------------------------------------------- */

static void match_family(struct rule_writer *r, uint8_t family)
{
	if (r->family == family)
		return;
	const uint8_t number = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
	put_meta(r->w, NFT_META_NFPROTO, NFT_REG_1);
	put_cmp(r->w, NFT_CMP_EQ, &number, sizeof(number));
	r->family = family;
}

static void match_device(struct rule_writer *r, const struct op *o)
{
	put_meta(r->w, o->kind == OP_IIF ? NFT_META_IIFNAME : NFT_META_OIFNAME, NFT_REG_1);
	if (o->by_set) {
		put_lookup(r, o->name, false);
		return;
	}
	char name[IFNAMSIZ] = "";
	memcpy(name, o->name, MIN(strlen(o->name), sizeof(name) - 1));
	put_cmp(r->w, NFT_CMP_EQ, name, sizeof(name));
}

/* Whole bytes are compared as they are; another length takes a mask over the whole address. */
static void match_address(struct rule_writer *r, const struct op *o)
{
	const bool ip4 = o->family == AF_INET;
	const uint32_t size = ip4 ? 4 : 16;
	const uint32_t offset = o->kind == OP_SRC ? ip4 ? IP_SADDR : IP6_SADDR : ip4 ? IP_DADDR : IP6_DADDR;

	match_family(r, o->family);
	if (o->by_set) {
		put_payload(r->w, NFT_PAYLOAD_NETWORK_HEADER, offset, size, NFT_REG_1);
		put_lookup(r, o->name, false);
		return;
	}
	const unsigned length = o->prefix.len;
	if (length > 0 && length % 8 == 0) {
		put_payload(r->w, NFT_PAYLOAD_NETWORK_HEADER, offset, length / 8, NFT_REG_1);
		put_cmp(r->w, NFT_CMP_EQ, o->prefix.addr.b, length / 8);
		return;
	}
	uint8_t mask[16] = {0};
	static const uint8_t none[16];
	for (unsigned i = 0; i < length; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	put_payload(r->w, NFT_PAYLOAD_NETWORK_HEADER, offset, size, NFT_REG_1);
	put_bitwise(r->w, mask, none, size);
	put_cmp(r->w, NFT_CMP_EQ, o->prefix.addr.b, size);
}

static void match_fragment(struct rule_writer *r, uint8_t family)
{
	match_family(r, family);
	if (family == AF_INET) {
		const uint16_t mask = htobe16(FRAGMENT_BITS), none = 0;
		put_payload(r->w, NFT_PAYLOAD_NETWORK_HEADER, IP_FRAG_OFF, sizeof(mask), NFT_REG_1);
		put_bitwise(r->w, &mask, &none, sizeof(mask));
		put_cmp(r->w, NFT_CMP_NEQ, &none, sizeof(none));
		return;
	}
	const uint8_t present = 1;
	const uint8_t type = IP6_NEXT_FRAGMENT;
	struct expr e;

	expr_begin(&e, "exthdr");
	expr_be32(&e, NFTA_EXTHDR_DREG, NFT_REG_1);
	expr_put(&e, NFTA_EXTHDR_TYPE, &type, sizeof(type));
	expr_be32(&e, NFTA_EXTHDR_OFFSET, 0);
	expr_be32(&e, NFTA_EXTHDR_LEN, 1);
	expr_be32(&e, NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
	expr_be32(&e, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
	expr_end(&e, r->w);
	put_cmp(r->w, NFT_CMP_EQ, &present, sizeof(present));
}

static void match_local(struct rule_writer *r)
{
	struct expr e;

	expr_begin(&e, "fib");
	expr_be32(&e, NFTA_FIB_DREG, NFT_REG_1);
	expr_be32(&e, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	expr_be32(&e, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	expr_end(&e, r->w);
	put_lookup(r, "exempt", false);
}

static void match_states(struct rule_writer *r, uint32_t states)
{
	const uint32_t none = 0;

	put_ct(r->w, NFT_CT_STATE);
	put_bits(r->w, states, 0);
	put_cmp(r->w, NFT_CMP_NEQ, &none, sizeof(none));
}

static void match_ct_new(struct rule_writer *r, bool negated)
{
	const uint32_t new = CT_STATE_NEW;

	if (!negated) {
		match_states(r, new);
		return;
	}
	put_ct(r->w, NFT_CT_STATE);
	put_cmp(r->w, NFT_CMP_NEQ, &new, sizeof(new));
}

static void match_mark(struct rule_writer *r, const struct op *o)
{
	if (o->kind == OP_CT_MARK_IS)
		put_ct(r->w, NFT_CT_MARK);
	else
		put_meta(r->w, NFT_META_MARK, NFT_REG_1);
	if (o->mask != UINT32_MAX)
		put_bits(r->w, o->mask, 0);
	put_cmp(r->w, o->negated ? NFT_CMP_NEQ : NFT_CMP_EQ, &o->value, sizeof(o->value));
}

/* cmp compares bytes as memcmp does, so a number is turned around first. */
static void match_chance(struct rule_writer *r, const struct op *o)
{
	const uint32_t bound = htobe32(o->value);

	put_numgen(r->w, NFT_NG_RANDOM, o->of);
	struct expr e;

	expr_begin(&e, "byteorder");
	expr_be32(&e, NFTA_BYTEORDER_SREG, NFT_REG_1);
	expr_be32(&e, NFTA_BYTEORDER_DREG, NFT_REG_1);
	expr_be32(&e, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	expr_be32(&e, NFTA_BYTEORDER_LEN, sizeof(bound));
	expr_be32(&e, NFTA_BYTEORDER_SIZE, sizeof(bound));
	expr_end(&e, r->w);
	put_cmp(r->w, NFT_CMP_LT, &bound, sizeof(bound));
}

/* ---- actions ---------------------------------------------------------------------------------------------------- */

static void do_mark(struct rule_writer *r, const struct op *o)
{
	const bool whole = o->mask == UINT32_MAX;

	if (whole)
		put_number(r->w, o->value);
	else if (o->kind == OP_SAVE)
		put_ct(r->w, NFT_CT_MARK);
	else
		put_meta(r->w, NFT_META_MARK, NFT_REG_1);
	if (!whole)
		put_bits(r->w, ~o->mask, o->value);
	if (o->kind == OP_SAVE)
		put_ct_set(r->w, NFT_CT_MARK);
	else
		put_meta_set(r->w, NFT_META_MARK);
}

static void do_count(struct rule_writer *r, const char *counter)
{
	struct expr e;

	expr_begin(&e, "objref");
	expr_be32(&e, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_COUNTER);
	expr_string(&e, NFTA_OBJREF_IMM_NAME, counter);
	expr_end(&e, r->w);
}

static void do_keep(struct rule_writer *r, const struct op *o)
{
	put_ct(r->w, NFT_CT_MARK);
	put_bits(r->w, r->plan->kernel.mark_mask, 0);
	put_lookup(r, o->name, true);
}

/* Register number of the n-th 32-bit slot: where a 16-byte register begins, nft writes that one's number. */
static uint32_t register_of(unsigned slot)
{
	return slot % 4 == 0 ? NFT_REG_1 + slot / 4 : NFT_REG32_00 + slot;
}

static unsigned key_address(struct rule_writer *r, uint8_t family, bool source, unsigned slot)
{
	const uint32_t size = family == AF_INET ? 4 : 16;
	const uint32_t offset = source ? family == AF_INET ? IP_SADDR : IP6_SADDR :
					 family == AF_INET ? IP_DADDR : IP6_DADDR;

	put_payload(r->w, NFT_PAYLOAD_NETWORK_HEADER, offset, size, register_of(slot));
	return slot + size / 4;
}

static unsigned key_port(struct rule_writer *r, uint32_t offset, unsigned slot)
{
	put_payload(r->w, NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2, register_of(slot));
	return slot + 1;
}

/* Components from register 2 on, each padded to 4 bytes. */
static void do_hash(struct rule_writer *r, const struct op *o)
{
	const enum key_kind key = o->pick.key;
	unsigned slot = KEY_SLOT;

	match_family(r, o->family);
	if (key != KEY_DESTINATION)
		slot = key_address(r, o->family, true, slot);
	if (key != KEY_SOURCE)
		slot = key_address(r, o->family, false, slot);
	if (key == KEY_FLOW || key == KEY_ADDRESSES_PROTOCOL)
		put_meta(r->w, NFT_META_L4PROTO, register_of(slot++));
	if (key == KEY_FLOW) {
		slot = key_port(r, 0, slot);
		slot = key_port(r, 2, slot);
	}
	struct expr e;

	expr_begin(&e, "hash");
	expr_be32(&e, NFTA_HASH_SREG, register_of(KEY_SLOT));
	expr_be32(&e, NFTA_HASH_DREG, NFT_REG_1);
	expr_be32(&e, NFTA_HASH_LEN, (slot - KEY_SLOT) * 4);
	expr_be32(&e, NFTA_HASH_MODULUS, o->pick.size);
	expr_be32(&e, NFTA_HASH_SEED, o->pick.seed);
	expr_be32(&e, NFTA_HASH_OFFSET, 0);
	expr_be32(&e, NFTA_HASH_TYPE, NFT_HASH_JENKINS);
	expr_end(&e, r->w);
}

static void do_pick(struct rule_writer *r, const struct op *o)
{
	switch (o->pick.kind) {
	case PICK_TURN:
		put_numgen(r->w, NFT_NG_INCREMENTAL, o->pick.size);
		break;
	case PICK_RANDOM:
		put_numgen(r->w, NFT_NG_RANDOM, o->pick.size);
		break;
	case PICK_HASH:
		do_hash(r, o);
		break;
	}
	put_lookup(r, o->name, true);
}

static void encode_match(struct rule_writer *r, const struct op *o)
{
	switch (o->kind) {
	case OP_FAMILY: match_family(r, o->family); break;
	case OP_IIF: case OP_OIF: match_device(r, o); break;
	case OP_SRC: case OP_DST: match_address(r, o); break;
	case OP_PROTO:
		put_meta(r->w, NFT_META_L4PROTO, NFT_REG_1);
		put_cmp(r->w, NFT_CMP_EQ, &o->proto, sizeof(o->proto));
		break;
	case OP_PORTED:
		put_meta(r->w, NFT_META_L4PROTO, NFT_REG_1);
		put_lookup(r, "ported", false);
		break;
	case OP_FRAGMENT: match_fragment(r, o->family); break;
	case OP_LOCAL: match_local(r); break;
	case OP_CT_NEW: match_ct_new(r, o->negated); break;
	case OP_CT_MARK_IS: case OP_MARK_IS: match_mark(r, o); break;
	case OP_CT_STATE: match_states(r, o->value); break;
	case OP_CHANCE: match_chance(r, o); break;
	case OP_COUNT: case OP_MARK: case OP_SAVE: case OP_KEEP: case OP_ENTER: case OP_PICK: case OP_GOTO: case OP_JUMP:
	case OP_RETURN: case OP_ACCEPT: case OP_RESTORE:
		BUG("op %d is no match", (int)o->kind);
	}
}

static void encode_op(struct rule_writer *r, const struct op *o)
{
	switch (o->kind) {
	case OP_COUNT: do_count(r, o->name); break;
	case OP_MARK: case OP_SAVE: do_mark(r, o); break;
	case OP_KEEP: do_keep(r, o); break;
	case OP_ENTER:
		put_meta(r->w, NFT_META_IIFNAME, NFT_REG_1);
		put_lookup(r, o->name, true);
		break;
	case OP_PICK: do_pick(r, o); break;
	case OP_GOTO: put_verdict(r->w, NFT_GOTO, o->name); break;
	case OP_JUMP: put_verdict(r->w, NFT_JUMP, o->name); break;
	case OP_RETURN: put_verdict(r->w, NFT_RETURN, NULL); break;
	case OP_ACCEPT: put_verdict(r->w, NF_ACCEPT, NULL); break;
	case OP_RESTORE:
		put_ct(r->w, NFT_CT_MARK);
		put_meta_set(r->w, NFT_META_MARK);
		break;
	case OP_FAMILY: case OP_IIF: case OP_OIF: case OP_SRC: case OP_DST: case OP_PROTO: case OP_PORTED: case OP_FRAGMENT:
	case OP_LOCAL: case OP_CT_NEW: case OP_CT_MARK_IS: case OP_MARK_IS: case OP_CT_STATE: case OP_CHANCE:
		encode_match(r, o);
		break;
	}
}

void nft_encode_rule(const struct plan *p, const struct chain_rule *rule, struct text *w)
{
	struct rule_writer r = { .plan = p, .w = w };

	for (size_t i = 0; i < rule->n_ops; i++)
		encode_op(&r, &rule->ops[i]);
}
