/* SPDX-License-Identifier: MIT */
/* Keys and canonical bodies of nft items, made from what would be sent or was read, so that both agree. */
#include "base/base.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "target/nft.h"

enum { SIZE_IN_USERDATA = 30 };   /* where the modulus stands in the userdata of MAP_SLOTS */

static void body_table(const struct nft_table *t, struct text *out)
{
	text_puts(out, "inet");
	nft_say_userdata(t->userdata, out);
	if (t->flags)
		text_printf(out, " flags 0x%x", t->flags);
}

static const char *hook_word(uint32_t hook)
{
	static const char *const words[] = {
		[NF_INET_PRE_ROUTING] = "prerouting", [NF_INET_LOCAL_IN] = "input", [NF_INET_FORWARD] = "forward",
		[NF_INET_LOCAL_OUT] = "output", [NF_INET_POST_ROUTING] = "postrouting",
	};

	return hook < ARRAY_LEN(words) ? words[hook] : "other";
}

static void body_chain(const struct nft_chain *c, struct text *out)
{
	const struct nft_base *b = &c->base;
	const size_t start = out->n;

	if (b->type)
		text_printf(out, "type %s hook %s priority %d; policy %s;", b->type, hook_word(b->hook), b->priority,
			    b->policy == NF_ACCEPT ? "accept" : "drop");
	if (b->flags)
		text_printf(out, " flags 0x%x;", b->flags);
	nft_say_userdata(c->userdata, out);
	for (size_t i = 0; i < c->n_rules; i++) {
		if (out->n > start)
			text_putc(out, '\n');
		nft_say_rule(&c->rules[i], out);
	}
}

static bool bytes_eq(struct bytes a, struct bytes b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool set_eq(const struct nft_set *a, const struct nft_set *b)
{
	return a->flags == b->flags && a->key_type == b->key_type && a->key_len == b->key_len &&
	       a->data_type == b->data_type && bytes_eq(a->userdata, b->userdata);
}

/* The words it was declared with, if its bytes are those of a declaration we make. */
static bool body_declared(const struct nft_set *s, struct arena *a, struct text *out)
{
	static const char *const set_words[] = {
		[SET_DEVICES] = "typeof oifname", [SET_PREFIXES4] = "typeof ip daddr; flags interval",
		[SET_PREFIXES6] = "typeof ip6 daddr; flags interval", [SET_PROTOCOLS] = "typeof meta l4proto",
		[SET_ADDRESS_TYPES] = "typeof fib daddr type",
	};
	static const char *const map_words[] = {
		[MAP_DEVICES] = "typeof iifname : verdict", [MAP_MARKS] = "typeof ct mark : verdict",
	};

	for (unsigned i = 0; i < ARRAY_LEN(set_words); i++) {
		const struct nft_set ours = nft_encode_set((enum set_kind)i, a);
		if (set_eq(&ours, s)) {
			text_puts(out, set_words[i]);
			return true;
		}
	}
	for (unsigned i = 0; i < ARRAY_LEN(map_words); i++) {
		const struct nft_set ours = nft_encode_map((enum map_kind)i, 0, a);
		if (set_eq(&ours, s)) {
			text_puts(out, map_words[i]);
			return true;
		}
	}
	uint32_t size = 0;
	if (s->userdata.n >= SIZE_IN_USERDATA + sizeof(size))
		memcpy(&size, (const char *)s->userdata.p + SIZE_IN_USERDATA, sizeof(size));
	const struct nft_set slots = nft_encode_map(MAP_SLOTS, size, a);
	if (!set_eq(&slots, s))
		return false;
	text_printf(out, "typeof numgen inc mod %u : verdict", size);
	return true;
}

static void say_extra(struct bytes extra, struct text *out)
{
	if (extra.n == 0)
		return;
	text_puts(out, " and ");
	nft_say_hex(extra, out);
}

static void body_set(const struct nft_set *s, struct text *out)
{
	struct arena *a = arena_new();

	if (!body_declared(s, a, out)) {
		text_printf(out, "flags 0x%x; key %u, %u bytes; data %u; userdata ", s->flags, s->key_type, s->key_len,
			    s->data_type);
		nft_say_hex(s->userdata, out);
	}
	say_extra(s->extra, out);
	arena_free(a);
}

static void body_elem(const struct nft_elem *e, struct text *out)
{
	if (e->set->flags & NFT_SET_MAP && !nft_say_verdict(e->verdict, e->chain, out))
		nft_say_number((uint32_t)e->verdict, out);
	say_extra(e->extra, out);
}

/* Length of the prefix from key up to end (NULL: all ones and beyond); -1 where it is none. */
static int interval_length(const uint8_t *key, const uint8_t *end, unsigned n)
{
	uint8_t last[16], borrow = 1;

	for (unsigned i = n; i-- > 0;) {
		last[i] = end ? (uint8_t)(end[i] - borrow) : 0xff;
		borrow = borrow && end && end[i] == 0;
	}
	unsigned length = 0;
	while (length < n * 8 && !((key[length / 8] ^ last[length / 8]) & 0x80 >> length % 8))
		length++;
	for (unsigned i = length; i < n * 8; i++)
		if (key[i / 8] & 0x80 >> i % 8 || !(last[i / 8] & 0x80 >> i % 8))
			return -1;
	return (int)length;
}

static void key_address(const struct nft_elem *e, uint8_t family, struct text *out)
{
	const unsigned n = family == AF_INET ? 4 : 16;

	nft_say_address(family, e->key, n, out);
	if (!(e->set->flags & NFT_SET_INTERVAL))
		return;
	const int length = interval_length(e->key, e->end, n);
	if (length >= 0) {
		text_putc(out, '/');
		nft_say_number((uint64_t)length, out);
	} else if (e->end) {
		text_puts(out, "-before-");
		nft_say_address(family, e->end, n, out);
	} else {
		text_puts(out, "-");
	}
}

static void key_hex(const struct nft_elem *e, struct text *out)
{
	text_puts(out, "0x");
	nft_say_hex((struct bytes){ e->key, e->set->key_len }, out);
	if (!(e->set->flags & NFT_SET_INTERVAL))
		return;
	text_puts(out, "-");
	if (e->end)
		nft_say_hex((struct bytes){ e->end, e->set->key_len }, out);
}

static void key_word(const char *word, uint32_t number, struct text *out)
{
	if (word)
		text_puts(out, word);
	else
		nft_say_number(number, out);
}

void nft_key_value(const struct nft_elem *e, struct text *out)
{
	const struct nft_set *s = e->set;
	const bool number = s->key_len == 4 && !(s->flags & NFT_SET_INTERVAL);

	if (s->key_type == NFT_TYPE_IFNAME && nft_is_device_name(e->key, s->key_len))
		text_puts(out, (const char *)e->key);
	else if (s->key_type == NFT_TYPE_MARK && number)
		nft_say_hex32(nft_number_of(e->key, 4), out);
	else if (s->key_type == NFT_TYPE_INTEGER && number)
		nft_say_number(nft_number_of(e->key, 4), out);
	else if (s->key_type == NFT_TYPE_INET_PROTOCOL && s->key_len == 1)
		key_word(nft_protocol_word(e->key[0]), e->key[0], out);
	else if (s->key_type == NFT_TYPE_FIB_ADDR && number)
		key_word(nft_address_type_word(nft_number_of(e->key, 4)), nft_number_of(e->key, 4), out);
	else if (s->key_type == NFT_TYPE_IPADDR && s->key_len == 4)
		key_address(e, AF_INET, out);
	else if (s->key_type == NFT_TYPE_IP6ADDR && s->key_len == 16)
		key_address(e, AF_INET6, out);
	else
		key_hex(e, out);
}

void nft_body(const struct nft_object *o, struct text *out)
{
	switch (o->kind) {
	case NFT_TABLE: body_table(&o->table, out); break;
	case NFT_CHAIN: body_chain(&o->chain, out); break;
	case NFT_OBJECT: text_puts(out, o->named.type == NFT_OBJECT_COUNTER ? "counter" : "object"); break;
	case NFT_SET: body_set(&o->set, out); break;
	case NFT_ELEM: body_elem(&o->elem, out); break;
	}
}

void nft_key(const struct nft_object *o, struct text *out)
{
	switch (o->kind) {
	case NFT_TABLE:
		text_puts(out, "table/" NFT_TABLE_NAME);
		break;
	case NFT_CHAIN:
		text_puts(out, "chain/");
		nft_say_name(o->chain.name, out);
		break;
	case NFT_OBJECT:
		if (o->named.type == NFT_OBJECT_COUNTER)
			text_puts(out, "counter/");
		else
			text_printf(out, "object/%u/", o->named.type);
		nft_say_name(o->named.name, out);
		break;
	case NFT_SET:
		text_puts(out, o->set.flags & NFT_SET_MAP ? "map/" : "set/");
		nft_say_name(o->set.name, out);
		break;
	case NFT_ELEM:
		text_puts(out, "elem/");
		nft_say_name(o->elem.set->name, out);
		text_putc(out, '/');
		nft_key_value(&o->elem, out);
		break;
	}
}
