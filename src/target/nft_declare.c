/* SPDX-License-Identifier: MIT */
/* What is declared besides rules, in the very bytes that nft 1.0.6 sends: sets and maps with the userdata by which an nft
 * of that age lists and loads them, hooks, the table's comment, and chain `about`, which holds the generation. */
#include "base/base.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "base/arena.h"
#include "target/nft.h"

enum { PRIORITY_MANGLE = -150 };

/* Userdata is read by nft only, types and lengths in single bytes (libnftnl 1.2.4, include/libnftnl/udata.h; nft 1.0.6,
 * src/mnl.c mnl_nft_set_add, and build_udata of each kind of expression). */
enum { UDATA_COMMENT = 0 };
enum { UDATA_KEY_BYTEORDER = 0, UDATA_DATA_BYTEORDER = 1, UDATA_KEY_TYPEOF = 3, UDATA_DATA_TYPEOF = 4,
       UDATA_DATA_INTERVAL = 6 };
enum { UDATA_EXPR = 0, UDATA_EXPR_DATA = 1 };
enum { BYTEORDER_HOST = 1, BYTEORDER_BIG = 2 };
enum { EXPR_VERDICT = 1, EXPR_PAYLOAD = 7, EXPR_META = 9, EXPR_CT = 12, EXPR_NUMGEN = 23, EXPR_FIB = 26 };
enum { PAYLOAD_IP = 12, PAYLOAD_IP_DADDR = 12, PAYLOAD_IP6 = 13, PAYLOAD_IP6_DADDR = 9 };

static void udata_put(struct text *w, uint8_t type, const void *p, size_t n)
{
	text_putc(w, (char)type);
	text_putc(w, (char)n);
	text_add(w, p, n);
}

static void udata_u32(struct text *w, uint8_t type, uint32_t value)
{
	udata_put(w, type, &value, sizeof(value));
}

struct typeof_row {
	uint32_t type, size, byteorder, expr;
	uint32_t parts[3];
	unsigned n_parts;
};

static const struct typeof_row set_rows[] = {
	[SET_DEVICES] = { NFT_TYPE_IFNAME, IFNAMSIZ, BYTEORDER_HOST, EXPR_META, { NFT_META_OIFNAME }, 1 },
	[SET_PREFIXES4] = { NFT_TYPE_IPADDR, 4, BYTEORDER_BIG, EXPR_PAYLOAD, { PAYLOAD_IP, PAYLOAD_IP_DADDR }, 2 },
	[SET_PREFIXES6] = { NFT_TYPE_IP6ADDR, 16, BYTEORDER_BIG, EXPR_PAYLOAD, { PAYLOAD_IP6, PAYLOAD_IP6_DADDR }, 2 },
	[SET_PROTOCOLS] = { NFT_TYPE_INET_PROTOCOL, 1, BYTEORDER_HOST, EXPR_META, { NFT_META_L4PROTO }, 1 },
	[SET_ADDRESS_TYPES] = { NFT_TYPE_FIB_ADDR, 4, BYTEORDER_HOST, EXPR_FIB,
				{ NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR }, 2 },
};

static const struct typeof_row map_rows[] = {
	[MAP_DEVICES] = { NFT_TYPE_IFNAME, IFNAMSIZ, BYTEORDER_HOST, EXPR_META, { NFT_META_IIFNAME }, 1 },
	[MAP_MARKS] = { NFT_TYPE_MARK, 4, BYTEORDER_HOST, EXPR_CT, { NFT_CT_MARK, UINT32_MAX }, 2 },
	[MAP_SLOTS] = { NFT_TYPE_INTEGER, 4, BYTEORDER_HOST, EXPR_NUMGEN, { NFT_NG_INCREMENTAL, 0, 0 }, 3 },
};

static const struct { uint8_t type, size, flags[4]; } open_interval = {
	.type = 1, .size = 4, .flags = { __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, 0, 0,
					 __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ },
};
const struct bytes nft_open_interval = { &open_interval, sizeof(open_interval) };

static void udata_typeof(struct text *w, uint8_t type, const struct typeof_row *row)
{
	auto_text struct text parts = {0}, whole = {0};

	for (unsigned i = 0; i < row->n_parts; i++)
		udata_u32(&parts, (uint8_t)i, row->parts[i]);
	udata_u32(&whole, UDATA_EXPR, row->expr);
	udata_put(&whole, UDATA_EXPR_DATA, parts.p, parts.n);
	udata_put(w, type, whole.p, whole.n);
}

static struct bytes keep(struct arena *a, const struct text *w)
{
	return (struct bytes){ arena_copy(a, w->p, w->n), w->n };
}

struct nft_set nft_encode_set(enum set_kind kind, struct arena *a)
{
	const struct typeof_row *row = &set_rows[kind];
	auto_text struct text w = {0};

	udata_u32(&w, UDATA_KEY_BYTEORDER, row->byteorder);
	udata_typeof(&w, UDATA_KEY_TYPEOF, row);
	return (struct nft_set){
		.flags = kind == SET_PREFIXES4 || kind == SET_PREFIXES6 ? NFT_SET_INTERVAL : 0,
		.key_type = row->type, .key_len = row->size, .userdata = keep(a, &w),
	};
}

struct nft_set nft_encode_map(enum map_kind kind, uint32_t size, struct arena *a)
{
	struct typeof_row row = map_rows[kind];
	const struct typeof_row verdict = { .expr = EXPR_VERDICT };
	auto_text struct text w = {0};

	if (kind == MAP_SLOTS)
		row.parts[1] = size;
	udata_u32(&w, UDATA_KEY_BYTEORDER, row.byteorder);
	udata_u32(&w, UDATA_DATA_BYTEORDER, 0);
	udata_typeof(&w, UDATA_KEY_TYPEOF, &row);
	udata_typeof(&w, UDATA_DATA_TYPEOF, &verdict);
	udata_u32(&w, UDATA_DATA_INTERVAL, 0);
	return (struct nft_set){
		.flags = NFT_SET_MAP, .key_type = row.type, .key_len = row.size, .data_type = NFT_DATA_VERDICT,
		.userdata = keep(a, &w),
	};
}

struct nft_base nft_encode_base(enum hook hook)
{
	switch (hook) {
	case HOOK_NONE:
		break;
	case HOOK_PREROUTING:
		return (struct nft_base){ "filter", NF_INET_PRE_ROUTING, PRIORITY_MANGLE, NF_ACCEPT, 0 };
	case HOOK_OUTPUT:
		return (struct nft_base){ "route", NF_INET_LOCAL_OUT, PRIORITY_MANGLE, NF_ACCEPT, 0 };
	}
	return (struct nft_base){ 0 };
}

static struct bytes comment(struct arena *a, const char *s)
{
	auto_text struct text w = {0};

	udata_put(&w, UDATA_COMMENT, s, strlen(s) + 1);
	return keep(a, &w);
}

struct nft_table nft_encode_table(struct arena *a)
{
	return (struct nft_table){ .userdata = comment(a, NFT_TABLE_COMMENT) };
}

void nft_about_comment(const struct plan *p, struct text *out)
{
	text_printf(out, "gen=%llu profile=%s sum=%s", (unsigned long long)p->generation,
		    p->machine ? p->machine->profile : "-", p->sum ? p->sum : "-");
}

struct nft_rule nft_encode_about(const struct plan *p, struct arena *a)
{
	static const struct op give_back = { .kind = OP_RETURN };
	const struct chain_rule rule = { .ops = &give_back, .n_ops = 1 };
	auto_text struct text w = {0}, about = {0};

	nft_encode_rule(p, &rule, &w);
	nft_about_comment(p, &about);
	return (struct nft_rule){ .exprs = keep(a, &w), .userdata = comment(a, text_get(&about)) };
}
