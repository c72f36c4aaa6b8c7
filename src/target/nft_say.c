/* SPDX-License-Identifier: MIT */
/* Canonical text of a rule, made from its netlink bytes: the registers are followed by name, so that the text says what
 * the rule does, in nft's words, whatever registers and lengths carried it. Whatever does not fit the few forms we know
 * stands there as bytes. Nothing is left out but counter values and ids, so any foreign change shows. */
#include "base/base.h"

#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "target/nft.h"

enum { SLOTS = 16, VALUE_MAX = 16, ATTRS = 12 };

enum value_kind {
	VALUE_NONE,
	VALUE_NUMBER,               /* 4 bytes or less, in the machine's order */
	VALUE_BYTES,                /* anything else: shown as hex */
	VALUE_ADDRESS,              /* the first bytes of an address; family */
	VALUE_NAME,                 /* a device */
	VALUE_FAMILY, VALUE_PROTOCOL, VALUE_PRESENT, VALUE_STATE,
	VALUE_CONSTANT,             /* text is the value itself */
};

/* What a register holds, in words. */
struct value {
	enum value_kind kind;
	bool used, masked, turned;  /* turned: brought into network order */
	uint8_t family, size;
	uint8_t mask[VALUE_MAX], flip[VALUE_MAX];
	size_t word, word_n;        /* what it is called, in reader.words */
};

/* One rule being read. */
struct reader {
	struct text *out;
	struct text *words;         /* what values are called */
	struct value slots[SLOTS];
	uint8_t family;             /* matched already */
	const struct nlattr *a[ATTRS + 1];
};

/* Bits set from the left; -1 where they do not stand in one piece. */
static int prefix_length(const uint8_t *mask, size_t n)
{
	int length = 0;

	while ((size_t)length < n * 8 && mask[length / 8] & 0x80 >> length % 8)
		length++;
	for (size_t i = (size_t)length; i < n * 8; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	return length;
}

/* ---- registers -------------------------------------------------------------------------------------------------- */

/* The first 32-bit slot of a register, SLOTS where there is none of this number. */
static unsigned slot_of(uint32_t reg)
{
	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		return (reg - NFT_REG_1) * 4;
	return reg >= NFT_REG32_00 && reg <= NFT_REG32_15 ? reg - NFT_REG32_00 : SLOTS;
}

static void word_begin(struct reader *r)
{
	if (r->out->n > 0 && r->out->p[r->out->n - 1] != '\n')
		text_putc(r->out, ' ');
}

static void put_word(struct text *out, const struct reader *r, const struct value *v)
{
	text_add(out, r->words->p + v->word, v->word_n);
}

/* A value that nothing was done with may still end the rule (no such header, no connection). */
static void value_forget(struct reader *r, struct value *v)
{
	if (!v->used) {
		word_begin(r);
		text_putc(r->out, '[');
		put_word(r->out, r, v);
		text_putc(r->out, ']');
	}
	v->kind = VALUE_NONE;
}

static unsigned slots_of(const struct value *v)
{
	return (v->size + 3u) / 4;
}

/* The place for a value of so many bytes; NULL where they do not fit. What was there is gone. */
static struct value *value_new(struct reader *r, const struct nlattr *dreg, enum value_kind kind, uint32_t size)
{
	const unsigned slot = slot_of(wire_get_be32(dreg));
	const unsigned n = (size + 3) / 4;

	if (size == 0 || size > VALUE_MAX || slot + n > SLOTS)
		return NULL;
	for (unsigned i = 0; i < slot + n; i++)
		if (r->slots[i].kind != VALUE_NONE && i + slots_of(&r->slots[i]) > slot)
			value_forget(r, &r->slots[i]);
	struct value *v = &r->slots[slot];
	v->kind = kind;
	v->used = v->masked = v->turned = false;
	v->family = 0;
	v->size = (uint8_t)size;
	v->word = r->words->n;
	v->word_n = 0;
	return v;
}

/* What the newest value is called, or more of it. */
static void value_word(struct reader *r, struct value *v, const char *word)
{
	text_puts(r->words, word);
	v->word_n = r->words->n - v->word;
}

static struct value *value_of(struct reader *r, const struct nlattr *sreg, size_t size)
{
	const unsigned slot = slot_of(wire_get_be32(sreg));

	if (slot >= SLOTS || r->slots[slot].kind == VALUE_NONE || (size && r->slots[slot].size != size))
		return NULL;
	return &r->slots[slot];
}

static bool is_boring(const uint8_t *p, size_t n, uint8_t byte)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != byte)
			return false;
	return true;
}

static void put_bits(struct text *out, const struct value *v, const uint8_t *p)
{
	if (v->size == 4 && (v->kind == VALUE_NUMBER || v->kind == VALUE_STATE)) {
		nft_say_hex32(nft_number_of(p, 4), out);
	} else {
		text_add(out, "0x", 2);
		nft_say_hex((struct bytes){ p, v->size }, out);
	}
}

/* meta mark & 0x80ffffff | 0x01000000 */
static void put_value(struct reader *r, struct value *v)
{
	uint8_t both[VALUE_MAX];

	put_word(r->out, r, v);
	v->used = true;
	if (!v->masked)
		return;
	for (unsigned i = 0; i < v->size; i++)
		both[i] = v->mask[i] & v->flip[i];
	text_add(r->out, " & ", 3);
	put_bits(r->out, v, v->mask);
	if (is_boring(v->flip, v->size, 0))
		return;
	text_puts(r->out, is_boring(both, v->size, 0) ? " | " : " ^ ");
	put_bits(r->out, v, v->flip);
}

/* ---- expressions: each says whether it understood; if not, it is shown as bytes ---------------------------------- */

static bool only(const struct reader *r, unsigned bits)
{
	for (unsigned i = 1; i <= ATTRS; i++)
		if (r->a[i] && !(bits & 1u << i))
			return false;
	return true;
}

static bool read_meta(struct reader *r)
{
	static const struct { const char *word; enum value_kind kind; uint8_t size; } rows[] = {
		[NFT_META_MARK] = { "meta mark", VALUE_NUMBER, 4 },
		[NFT_META_IIFNAME] = { "iifname", VALUE_NAME, IFNAMSIZ },
		[NFT_META_OIFNAME] = { "oifname", VALUE_NAME, IFNAMSIZ },
		[NFT_META_NFPROTO] = { "meta nfproto", VALUE_FAMILY, 1 },
		[NFT_META_L4PROTO] = { "meta l4proto", VALUE_PROTOCOL, 1 },
	};
	const uint32_t key = wire_get_be32(r->a[NFTA_META_KEY]);

	if (key >= ARRAY_LEN(rows) || !rows[key].word)
		return false;
	if (r->a[NFTA_META_SREG]) {
		struct value *from = value_of(r, r->a[NFTA_META_SREG], 4);
		if (key != NFT_META_MARK || r->a[NFTA_META_DREG] || !from || from->turned)
			return false;
		word_begin(r);
		text_puts(r->out, "meta mark set ");
		put_value(r, from);
		return true;
	}
	struct value *v = value_new(r, r->a[NFTA_META_DREG], rows[key].kind, rows[key].size);
	if (v)
		value_word(r, v, rows[key].word);
	return v;
}

static bool read_ct(struct reader *r)
{
	const uint32_t key = wire_get_be32(r->a[NFTA_CT_KEY]);

	if (!r->a[NFTA_CT_KEY] || r->a[NFTA_CT_DIRECTION] || (key != NFT_CT_MARK && key != NFT_CT_STATE))
		return false;
	if (r->a[NFTA_CT_SREG]) {
		struct value *from = value_of(r, r->a[NFTA_CT_SREG], 4);
		if (key != NFT_CT_MARK || r->a[NFTA_CT_DREG] || !from || from->turned)
			return false;
		word_begin(r);
		text_puts(r->out, "ct mark set ");
		put_value(r, from);
		return true;
	}
	struct value *v = value_new(r, r->a[NFTA_CT_DREG], key == NFT_CT_MARK ? VALUE_NUMBER : VALUE_STATE, 4);
	if (v)
		value_word(r, v, key == NFT_CT_MARK ? "ct mark" : "ct state");
	return v;
}

/* The field's name where we have one: addresses need the family that was matched before. */
static const char *payload_word(const struct reader *r, uint32_t base, uint32_t offset, uint32_t size)
{
	if (base == NFT_PAYLOAD_TRANSPORT_HEADER && size == 2)
		return offset == 0 ? "th sport" : offset == 2 ? "th dport" : NULL;
	if (base != NFT_PAYLOAD_NETWORK_HEADER)
		return NULL;
	if (r->family == AF_INET) {
		if (offset == 6 && size == 2)
			return "ip frag-off";
		return size > 4 ? NULL : offset == 12 ? "ip saddr" : offset == 16 ? "ip daddr" : NULL;
	}
	if (r->family == AF_INET6)
		return size > 16 ? NULL : offset == 8 ? "ip6 saddr" : offset == 24 ? "ip6 daddr" : NULL;
	return NULL;
}

static bool read_payload(struct reader *r)
{
	const uint32_t base = wire_get_be32(r->a[NFTA_PAYLOAD_BASE]);
	const uint32_t offset = wire_get_be32(r->a[NFTA_PAYLOAD_OFFSET]);
	const uint32_t size = wire_get_be32(r->a[NFTA_PAYLOAD_LEN]);
	const char *word = payload_word(r, base, offset, size);

	if (!r->a[NFTA_PAYLOAD_DREG])
		return false;
	struct value *v = value_new(r, r->a[NFTA_PAYLOAD_DREG], VALUE_BYTES, size);
	if (!v)
		return false;
	if (word) {
		value_word(r, v, word);
		if (strstr(word, "addr")) {
			v->kind = VALUE_ADDRESS;
			v->family = r->family;
		}
		return true;
	}
	text_printf(r->words, "@%u+%u:%u", base, offset, size);
	value_word(r, v, "");
	return true;
}

static bool read_fib(struct reader *r)
{
	if (wire_get_be32(r->a[NFTA_FIB_RESULT]) != NFT_FIB_RESULT_ADDRTYPE ||
	    wire_get_be32(r->a[NFTA_FIB_FLAGS]) != NFTA_FIB_F_DADDR)
		return false;
	struct value *v = value_new(r, r->a[NFTA_FIB_DREG], VALUE_NUMBER, 4);
	if (v)
		value_word(r, v, "fib daddr type");
	return v;
}

static bool read_exthdr(struct reader *r)
{
	const struct bytes type = wire_bytes(r->a[NFTA_EXTHDR_TYPE]);

	if (!r->a[NFTA_EXTHDR_DREG] || type.n != 1 || *(const uint8_t *)type.p != IPPROTO_FRAGMENT ||
	    wire_get_be32(r->a[NFTA_EXTHDR_OFFSET]) != 0 || wire_get_be32(r->a[NFTA_EXTHDR_LEN]) != 1 ||
	    wire_get_be32(r->a[NFTA_EXTHDR_FLAGS]) != NFT_EXTHDR_F_PRESENT ||
	    wire_get_be32(r->a[NFTA_EXTHDR_OP]) != NFT_EXTHDR_OP_IPV6)
		return false;
	struct value *v = value_new(r, r->a[NFTA_EXTHDR_DREG], VALUE_PRESENT, 1);
	if (v)
		value_word(r, v, "exthdr frag");
	return v;
}

static bool read_numgen(struct reader *r)
{
	const uint32_t type = wire_get_be32(r->a[NFTA_NG_TYPE]);

	if (type > NFT_NG_RANDOM || wire_get_be32(r->a[NFTA_NG_OFFSET]) != 0)
		return false;
	struct value *v = value_new(r, r->a[NFTA_NG_DREG], VALUE_NUMBER, 4);
	if (!v)
		return false;
	value_word(r, v, type == NFT_NG_RANDOM ? "numgen random mod " : "numgen inc mod ");
	nft_say_number(wire_get_be32(r->a[NFTA_NG_MODULUS]), r->words);
	value_word(r, v, "");
	return true;
}

/* The components of a key: values one after the other that fill `size` bytes. */
static bool key_words(struct reader *r, unsigned slot, uint32_t size)
{
	bool first = true;

	while (size > 0) {
		struct value *v = slot < SLOTS ? &r->slots[slot] : NULL;
		if (!v || v->kind == VALUE_NONE || v->masked || v->turned)
			return false;
		const unsigned n = slots_of(v);
		/* The last one of a key alone is not padded. */
		if (n * 4 > size && v->size != size)
			return false;
		if (!first)
			text_add(r->words, " . ", 3);
		auto_text struct text word = {0};
		put_word(&word, r, v);
		text_add(r->words, word.p, word.n);
		v->used = true;
		first = false;
		slot += n;
		size -= MIN(n * 4, size);
	}
	return true;
}

static bool read_hash(struct reader *r)
{
	const size_t start = r->words->n;
	const uint32_t size = wire_get_be32(r->a[NFTA_HASH_LEN]);

	if (wire_get_be32(r->a[NFTA_HASH_TYPE]) != NFT_HASH_JENKINS || !r->a[NFTA_HASH_SEED] ||
	    wire_get_be32(r->a[NFTA_HASH_OFFSET]) != 0)
		return false;
	text_puts(r->words, "jhash ");
	if (!key_words(r, slot_of(wire_get_be32(r->a[NFTA_HASH_SREG])), size))
		return false;
	text_puts(r->words, " mod ");
	nft_say_number(wire_get_be32(r->a[NFTA_HASH_MODULUS]), r->words);
	text_puts(r->words, " seed ");
	nft_say_hex32(wire_get_be32(r->a[NFTA_HASH_SEED]), r->words);
	struct value *v = value_new(r, r->a[NFTA_HASH_DREG], VALUE_NUMBER, 4);
	if (!v)
		return false;
	v->word = start;
	v->word_n = r->words->n - start;
	return true;
}

static bool get_data(const struct nlattr *a, uint8_t *p, size_t n)
{
	const struct bytes value = wire_bytes(a ? wire_first(wire_bytes(a)) : NULL);

	if (value.n != n)
		return false;
	memcpy(p, value.p, n);
	return true;
}

static bool read_bitwise(struct reader *r)
{
	const uint32_t size = wire_get_be32(r->a[NFTA_BITWISE_LEN]);
	struct value *v = value_of(r, r->a[NFTA_BITWISE_SREG], size);

	if (!v || wire_get_be32(r->a[NFTA_BITWISE_OP]) != NFT_BITWISE_BOOL || v->masked || v->turned ||
	    v->kind == VALUE_CONSTANT || v != value_of(r, r->a[NFTA_BITWISE_DREG], size) || !size)
		return false;
	if (!get_data(r->a[NFTA_BITWISE_MASK], v->mask, size) || !get_data(r->a[NFTA_BITWISE_XOR], v->flip, size))
		return false;
	v->masked = true;
	return true;
}

static bool read_byteorder(struct reader *r)
{
	struct value *v = value_of(r, r->a[NFTA_BYTEORDER_SREG], 4);

	if (!v || v->kind != VALUE_NUMBER || v->masked || v->turned ||
	    v != value_of(r, r->a[NFTA_BYTEORDER_DREG], 4) ||
	    wire_get_be32(r->a[NFTA_BYTEORDER_OP]) != NFT_BYTEORDER_HTON ||
	    wire_get_be32(r->a[NFTA_BYTEORDER_LEN]) != 4 || wire_get_be32(r->a[NFTA_BYTEORDER_SIZE]) != 4)
		return false;
	v->turned = true;
	return true;
}

/* ip daddr 10.10.3.0/24, whether by whole bytes or by a mask. */
static bool say_prefix(struct reader *r, struct value *v, const uint8_t *p)
{
	const size_t whole = v->family == AF_INET ? 4 : 16;
	const int length = v->masked ? prefix_length(v->mask, v->size) : v->size * 8;

	if (length < 0 || (v->masked && !is_boring(v->flip, v->size, 0)))
		return false;
	v->used = true;
	put_word(r->out, r, v);
	text_putc(r->out, ' ');
	nft_say_address(v->family, p, v->size, r->out);
	if ((size_t)length < whole * 8) {
		text_putc(r->out, '/');
		nft_say_number((uint64_t)length, r->out);
	}
	return true;
}

/* ct state new (one of these bits), ct state != new (not this state and no other). */
static bool say_state(struct reader *r, struct value *v, uint32_t op, uint32_t data)
{
	const size_t start = r->out->n;
	const bool any = v->masked && op == NFT_CMP_NEQ && data == 0 && is_boring(v->flip, 4, 0);

	if (!any && (v->masked || op > NFT_CMP_NEQ))
		return false;
	put_word(r->out, r, v);
	text_puts(r->out, any ? " " : op == NFT_CMP_EQ ? " == " : " != ");
	v->used = nft_say_states(any ? nft_number_of(v->mask, 4) : data, r->out);
	if (!v->used)
		r->out->n = start;
	return v->used;
}

static const char *compare_word(uint32_t op)
{
	static const char *const words[] = {
		[NFT_CMP_EQ] = " ", [NFT_CMP_NEQ] = " != ", [NFT_CMP_LT] = " < ", [NFT_CMP_LTE] = " <= ",
		[NFT_CMP_GT] = " > ", [NFT_CMP_GTE] = " >= ",
	};

	return op < ARRAY_LEN(words) ? words[op] : NULL;
}

/* The right-hand side, by what is compared. */
static void say_data(struct reader *r, const struct value *v, const uint8_t *p)
{
	const uint8_t family = p[0];

	if (v->kind == VALUE_NAME && !v->masked && nft_is_device_name(p, v->size))
		text_printf(r->out, "\"%s\"", (const char *)p);
	else if (v->kind == VALUE_FAMILY && (family == NFPROTO_IPV4 || family == NFPROTO_IPV6))
		text_puts(r->out, family == NFPROTO_IPV4 ? "ipv4" : "ipv6");
	else if (v->kind == VALUE_PROTOCOL && nft_protocol_word(p[0]))
		text_puts(r->out, nft_protocol_word(p[0]));
	else if (v->kind == VALUE_FAMILY || v->kind == VALUE_PROTOCOL || v->kind == VALUE_PRESENT)
		nft_say_number(p[0], r->out);
	else if (v->turned)
		nft_say_number(be32toh(nft_number_of(p, 4)), r->out);
	else
		put_bits(r->out, v, p);
}

static bool read_cmp(struct reader *r)
{
	uint8_t data[VALUE_MAX];
	const uint32_t op = wire_get_be32(r->a[NFTA_CMP_OP]);
	struct value *v = value_of(r, r->a[NFTA_CMP_SREG], 0);

	if (!v || !compare_word(op) || v->kind == VALUE_CONSTANT || !get_data(r->a[NFTA_CMP_DATA], data, v->size))
		return false;
	/* Bytes are compared from the first: only equality means the same for numbers in the machine's order. */
	word_begin(r);
	if (v->kind == VALUE_ADDRESS && op == NFT_CMP_EQ && say_prefix(r, v, data))
		return true;
	if (v->kind == VALUE_STATE && say_state(r, v, op, nft_number_of(data, 4)))
		return true;
	if (v->kind == VALUE_FAMILY && op == NFT_CMP_EQ && !v->masked)
		r->family = data[0] == NFPROTO_IPV4 ? AF_INET : data[0] == NFPROTO_IPV6 ? AF_INET6 : 0;
	put_value(r, v);
	text_puts(r->out, v->masked && op == NFT_CMP_EQ ? " == " : compare_word(op));
	say_data(r, v, data);
	return true;
}

static bool read_lookup(struct reader *r)
{
	struct value *v = value_of(r, r->a[NFTA_LOOKUP_SREG], 0);
	const char *set = wire_get_string(r->a[NFTA_LOOKUP_SET]);
	const uint32_t flags = wire_get_be32(r->a[NFTA_LOOKUP_FLAGS]);

	if (!v || v->turned || !*set || flags > NFT_LOOKUP_F_INV ||
	    (r->a[NFTA_LOOKUP_DREG] && (flags || wire_get_be32(r->a[NFTA_LOOKUP_DREG]) != NFT_REG_VERDICT)))
		return false;
	word_begin(r);
	put_value(r, v);
	text_puts(r->out, r->a[NFTA_LOOKUP_DREG] ? " vmap @" : flags ? " != @" : " @");
	nft_say_name(set, r->out);
	return true;
}

static bool read_immediate(struct reader *r)
{
	const uint32_t dreg = wire_get_be32(r->a[NFTA_IMMEDIATE_DREG]);
	const struct nlattr *inner = r->a[NFTA_IMMEDIATE_DATA] ? wire_first(wire_bytes(r->a[NFTA_IMMEDIATE_DATA])) : NULL;
	const struct nlattr *verdict[NFTA_VERDICT_MAX + 1];
	uint8_t data[4];

	if (!inner)
		return false;
	if (dreg != NFT_REG_VERDICT) {
		if (!get_data(r->a[NFTA_IMMEDIATE_DATA], data, sizeof(data)))
			return false;
		struct value *v = value_new(r, r->a[NFTA_IMMEDIATE_DREG], VALUE_CONSTANT, 4);
		if (!v)
			return false;
		nft_say_hex32(nft_number_of(data, sizeof(data)), r->words);
		value_word(r, v, "");
		return true;
	}
	if (wire_type(inner) != NFTA_DATA_VERDICT)
		return false;
	wire_table(wire_bytes(inner), verdict, NFTA_VERDICT_MAX);
	const size_t before = r->out->n;
	word_begin(r);
	const char *chain = verdict[NFTA_VERDICT_CHAIN] ? wire_get_string(verdict[NFTA_VERDICT_CHAIN]) : NULL;
	if (nft_say_verdict((int32_t)wire_get_be32(verdict[NFTA_VERDICT_CODE]), chain, r->out))
		return true;
	r->out->n = before;
	return false;
}

static bool read_objref(struct reader *r)
{
	const char *name = wire_get_string(r->a[NFTA_OBJREF_IMM_NAME]);

	if (wire_get_be32(r->a[NFTA_OBJREF_IMM_TYPE]) != NFT_OBJECT_COUNTER || !*name)
		return false;
	word_begin(r);
	text_puts(r->out, "counter name \"");
	nft_say_name(name, r->out);
	text_putc(r->out, '"');
	return true;
}

#define BIT(n) (1u << (n))
#define STRING(s) { (s), sizeof(s) - 1 }
static const struct expr_row {
	struct str name;
	uint16_t known;             /* attributes it understands */
	bool (*read)(struct reader *r);
} expr_rows[] = {
	{ STRING("meta"), BIT(NFTA_META_KEY) | BIT(NFTA_META_DREG) | BIT(NFTA_META_SREG), read_meta },
	{ STRING("bitwise"), BIT(NFTA_BITWISE_SREG) | BIT(NFTA_BITWISE_DREG) | BIT(NFTA_BITWISE_LEN) | BIT(NFTA_BITWISE_MASK) |
		     BIT(NFTA_BITWISE_XOR) | BIT(NFTA_BITWISE_OP), read_bitwise },
	{ STRING("immediate"), BIT(NFTA_IMMEDIATE_DREG) | BIT(NFTA_IMMEDIATE_DATA), read_immediate },
	{ STRING("objref"), BIT(NFTA_OBJREF_IMM_TYPE) | BIT(NFTA_OBJREF_IMM_NAME), read_objref },
	{ STRING("ct"), BIT(NFTA_CT_KEY) | BIT(NFTA_CT_DREG) | BIT(NFTA_CT_SREG), read_ct },
	{ STRING("cmp"), BIT(NFTA_CMP_SREG) | BIT(NFTA_CMP_OP) | BIT(NFTA_CMP_DATA), read_cmp },
	{ STRING("lookup"), BIT(NFTA_LOOKUP_SET) | BIT(NFTA_LOOKUP_SREG) | BIT(NFTA_LOOKUP_DREG) | BIT(NFTA_LOOKUP_SET_ID) |
		    BIT(NFTA_LOOKUP_FLAGS), read_lookup },
	{ STRING("payload"), BIT(NFTA_PAYLOAD_DREG) | BIT(NFTA_PAYLOAD_BASE) | BIT(NFTA_PAYLOAD_OFFSET) | BIT(NFTA_PAYLOAD_LEN),
	  read_payload },
	{ STRING("numgen"), BIT(NFTA_NG_DREG) | BIT(NFTA_NG_MODULUS) | BIT(NFTA_NG_TYPE) | BIT(NFTA_NG_OFFSET), read_numgen },
	{ STRING("hash"), BIT(NFTA_HASH_SREG) | BIT(NFTA_HASH_DREG) | BIT(NFTA_HASH_LEN) | BIT(NFTA_HASH_MODULUS) |
		  BIT(NFTA_HASH_SEED) | BIT(NFTA_HASH_OFFSET) | BIT(NFTA_HASH_TYPE), read_hash },
	{ STRING("fib"), BIT(NFTA_FIB_DREG) | BIT(NFTA_FIB_RESULT) | BIT(NFTA_FIB_FLAGS), read_fib },
	{ STRING("exthdr"), BIT(NFTA_EXTHDR_DREG) | BIT(NFTA_EXTHDR_TYPE) | BIT(NFTA_EXTHDR_OFFSET) | BIT(NFTA_EXTHDR_LEN) |
		    BIT(NFTA_EXTHDR_FLAGS) | BIT(NFTA_EXTHDR_OP), read_exthdr },
	{ STRING("byteorder"), BIT(NFTA_BYTEORDER_SREG) | BIT(NFTA_BYTEORDER_DREG) | BIT(NFTA_BYTEORDER_OP) |
		       BIT(NFTA_BYTEORDER_LEN) | BIT(NFTA_BYTEORDER_SIZE), read_byteorder },
};

/* Anything else; it may have written any register. */
static void say_bytes(struct reader *r, const char *name, struct bytes data)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (r->slots[i].kind != VALUE_NONE)
			value_forget(r, &r->slots[i]);
	word_begin(r);
	text_putc(r->out, '[');
	nft_say_name(name, r->out);
	text_putc(r->out, ' ');
	if (strcmp(name, "counter") != 0)   /* its values are counts */
		nft_say_hex(data, r->out);
	text_putc(r->out, ']');
}

static void read_expr(struct reader *r, const struct nlattr *e)
{
	const struct nlattr *parts[NFTA_EXPR_MAX + 1];

	wire_table(wire_bytes(e), parts, NFTA_EXPR_MAX);
	const char *name = wire_get_string(parts[NFTA_EXPR_NAME]);
	const struct bytes data = wire_bytes(parts[NFTA_EXPR_DATA]);
	const size_t n = strlen(name);
	for (size_t i = 0; i < ARRAY_LEN(expr_rows); i++) {
		if (!str_eq(expr_rows[i].name, (struct str){ name, n }))
			continue;
		wire_table(data, r->a, ATTRS);
		if (only(r, expr_rows[i].known) && expr_rows[i].read(r))
			return;
		break;
	}
	say_bytes(r, name, data);
}

void nft_say_rule(const struct nft_rule *rule, struct text *out)
{
	auto_text struct text words = {0};
	struct reader r;

	r.out = out;
	r.words = &words;
	r.family = 0;
	for (unsigned i = 0; i < SLOTS; i++) {
		r.slots[i].kind = VALUE_NONE;   /* and nothing else of it is looked at */
		r.slots[i].size = 0;
	}
	for (const struct nlattr *e = wire_first(rule->exprs); e; e = wire_next(rule->exprs, e))
		read_expr(&r, e);
	for (unsigned i = 0; i < SLOTS; i++)
		if (r.slots[i].kind != VALUE_NONE)
			value_forget(&r, &r.slots[i]);
	nft_say_userdata(rule->userdata, out);
}
