/* SPDX-License-Identifier: MIT */
/* The messages of an nft batch. */
#include "base/base.h"

#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/arena.h"
#include "target/nft_batch.h"

/* The kernel reads an attribute's length from 16 bits; a list of elements is closed well before that. */
enum { LIST_LIMIT = 60000 };

static void mark(struct nft_batch *w, uint32_t offset, const struct change *c, const struct origin *origin)
{
	w->marks = arena_grow(w->a, w->marks, w->n_marks, &w->marks_room, sizeof(*w->marks));
	w->marks[w->n_marks++] = (struct nft_mark){ w->messages.n_messages, offset, c, origin };
}

static struct nlmsghdr *begin(struct nft_batch *w, uint16_t type, uint16_t flags, const struct change *c)
{
	struct nlmsghdr *m = batch_begin(&w->messages, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, c);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));

	head->nfgen_family = NFPROTO_INET;
	head->version = NFNETLINK_V0;
	return m;
}

static void end(struct nft_batch *w, struct nlmsghdr *m)
{
	batch_end(&w->messages, m);
}

void nft_put_frame(struct nft_batch *w, uint16_t type, uint32_t generation)
{
	struct nlmsghdr *m = batch_begin(&w->messages, type, 0, NULL);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));

	head->version = NFNETLINK_V0;
	head->res_id = htobe16(NFNL_SUBSYS_NFTABLES);
	if (type == NFNL_MSG_BATCH_BEGIN)
		mnl_attr_put_u32(m, NFNL_BATCH_GENID, htobe32(generation));
	end(w, m);
}

static void put_bytes(struct nlmsghdr *m, uint16_t type, struct bytes b)
{
	if (b.n)
		mnl_attr_put(m, type, b.n, b.p);
}

void nft_put_table(struct nft_batch *w, uint16_t type, const struct change *c, const struct nft_table *t)
{
	struct nlmsghdr *m = begin(w, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0, c);

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, NFT_TABLE_NAME);
	if (type == NFT_MSG_NEWTABLE) {
		mnl_attr_put_u32(m, NFTA_TABLE_FLAGS, 0);
		put_bytes(m, NFTA_TABLE_USERDATA, t->userdata);
	}
	end(w, m);
}

void nft_put_new_chain(struct nft_batch *w, const struct change *c, const struct nft_chain *chain)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_NEWCHAIN, NLM_F_CREATE, c);

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, chain->name);
	if (chain->base.type) {
		mnl_attr_put_strz(m, NFTA_CHAIN_TYPE, chain->base.type);
		mnl_attr_put_u32(m, NFTA_CHAIN_POLICY, htobe32(chain->base.policy));
		struct nlattr *hook = mnl_attr_nest_start(m, NFTA_CHAIN_HOOK);
		mnl_attr_put_u32(m, NFTA_HOOK_HOOKNUM, htobe32(chain->base.hook));
		mnl_attr_put_u32(m, NFTA_HOOK_PRIORITY, htobe32((uint32_t)chain->base.priority));
		mnl_attr_nest_end(m, hook);
	}
	end(w, m);
}

void nft_put_del_chain(struct nft_batch *w, const struct change *c, const char *name)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELCHAIN, 0, c);

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	end(w, m);
}

void nft_put_flush(struct nft_batch *w, const struct change *c, const char *chain)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELRULE, 0, c);

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
	end(w, m);
}

void nft_put_rules(struct nft_batch *w, const struct change *c, const struct nft_chain *chain)
{
	for (size_t i = 0; i < chain->n_rules; i++) {
		const struct nft_rule *r = &chain->rules[i];
		struct nlmsghdr *m = begin(w, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, c);
		if (r->origin)
			mark(w, 0, c, r->origin);
		mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE_NAME);
		mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain->name);
		mnl_attr_put(m, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED, r->exprs.n, r->exprs.p);
		put_bytes(m, NFTA_RULE_USERDATA, r->userdata);
		end(w, m);
	}
}

void nft_put_object(struct nft_batch *w, uint16_t type, const struct change *c, const struct nft_named *o)
{
	struct nlmsghdr *m = begin(w, type, type == NFT_MSG_NEWOBJ ? NLM_F_CREATE : 0, c);

	mnl_attr_put_strz(m, NFTA_OBJ_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_OBJ_NAME, o->name);
	mnl_attr_put_u32(m, NFTA_OBJ_TYPE, htobe32(o->type));
	if (type == NFT_MSG_NEWOBJ)
		mnl_attr_nest_end(m, mnl_attr_nest_start(m, NFTA_OBJ_DATA));
	end(w, m);
}

void nft_put_new_set(struct nft_batch *w, const struct change *c, const struct nft_set *s)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_NEWSET, NLM_F_CREATE, c);

	mnl_attr_put_strz(m, NFTA_SET_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_SET_NAME, s->name);
	mnl_attr_put_u32(m, NFTA_SET_FLAGS, htobe32(s->flags));
	mnl_attr_put_u32(m, NFTA_SET_KEY_TYPE, htobe32(s->key_type));
	mnl_attr_put_u32(m, NFTA_SET_KEY_LEN, htobe32(s->key_len));
	if (s->flags & NFT_SET_MAP) {
		mnl_attr_put_u32(m, NFTA_SET_DATA_TYPE, htobe32(s->data_type));
		mnl_attr_put_u32(m, NFTA_SET_DATA_LEN, 0);
	}
	mnl_attr_put_u32(m, NFTA_SET_ID, htobe32(s->id));
	put_bytes(m, NFTA_SET_USERDATA, s->userdata);
	end(w, m);
}

void nft_put_del_set(struct nft_batch *w, const struct change *c, const struct nft_set *s)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELSET, 0, c);

	mnl_attr_put_strz(m, NFTA_SET_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_SET_NAME, s->name);
	end(w, m);
}

void nft_list_close(struct nft_element_list *l)
{
	if (l->m) {
		mnl_attr_nest_end(l->m, l->list);
		end(l->w, l->m);
	}
	l->m = NULL;
}

static void list_open(struct nft_element_list *l, const struct nft_set *s, const struct change *c)
{
	l->set = s;
	l->m = begin(l->w, l->type, l->type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0, c);
	mnl_attr_put_strz(l->m, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(l->m, NFTA_SET_ELEM_LIST_SET, s->name);
	mnl_attr_put_u32(l->m, NFTA_SET_ELEM_LIST_SET_ID, htobe32(s->id));
	l->list = mnl_attr_nest_start(l->m, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void put_data(struct nlmsghdr *m, uint16_t type, const void *p, size_t n)
{
	struct nlattr *nest = mnl_attr_nest_start(m, type);

	mnl_attr_put(m, NFTA_DATA_VALUE, n, p);
	mnl_attr_nest_end(m, nest);
}

/* `value`: its verdict is written, too. */
static void put_element(struct nft_element_list *l, const uint8_t *key, const struct nft_elem *value, uint32_t flags,
			bool open)
{
	struct nlattr *nest = mnl_attr_nest_start(l->m, NFTA_LIST_ELEM);

	if (flags)
		mnl_attr_put_u32(l->m, NFTA_SET_ELEM_FLAGS, htobe32(flags));
	if (open)
		put_bytes(l->m, NFTA_SET_ELEM_USERDATA, nft_open_interval);
	put_data(l->m, NFTA_SET_ELEM_KEY, key, l->set->key_len);
	if (value) {
		struct nlattr *data = mnl_attr_nest_start(l->m, NFTA_SET_ELEM_DATA);
		struct nlattr *verdict = mnl_attr_nest_start(l->m, NFTA_DATA_VERDICT);
		mnl_attr_put_u32(l->m, NFTA_VERDICT_CODE, htobe32((uint32_t)value->verdict));
		if (value->chain)
			mnl_attr_put_strz(l->m, NFTA_VERDICT_CHAIN, value->chain);
		mnl_attr_nest_end(l->m, verdict);
		mnl_attr_nest_end(l->m, data);
	}
	mnl_attr_nest_end(l->m, nest);
}

void nft_list_add(struct nft_element_list *l, const struct nft_elem *e, const struct change *c)
{
	if (l->m && (l->set != e->set || l->m->nlmsg_len + 4 * (e->set->key_len + 64) > LIST_LIMIT))
		nft_list_close(l);
	if (!l->m)
		list_open(l, e->set, c);
	mark(l->w, l->m->nlmsg_len, c, NULL);
	put_element(l, e->key, e->set->flags & NFT_SET_MAP && l->type == NFT_MSG_NEWSETELEM ? e : NULL, 0,
		    e->set->flags & NFT_SET_INTERVAL && !e->end);
	if (e->end)
		put_element(l, e->end, NULL, NFT_SET_ELEM_INTERVAL_END, false);
}
