/* SPDX-License-Identifier: MIT */
/* Changes of our table as nft batches (packet.md section 5.4): prepare makes what no packet can reach yet, switch turns
 * entries of maps, existing chains and hooks, retire takes away what nothing refers to any more. The table and its hooks
 * are never made again under traffic, but for a table of another layout. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/arena.h"
#include "target/nft.h"

/* The kernel reads an attribute's length from 16 bits; a list of elements is closed well before that. */
enum { LIST_LIMIT = 60000 };

/* What one message, or one part of it, is about: elements share messages, rules have places of their own. */
struct mark {
	size_t message;
	uint32_t offset;            /* within the message */
	const struct change *change;
	const struct origin *origin;
};

struct writer {
	const struct plan *plan;
	const struct changes *changes;
	struct arena *a;
	struct batch batch;
	struct mark *marks;
	size_t n_marks, marks_room;
};

static const struct nft_object *object_of(const struct change *c)
{
	return c->to ? c->to->obj : c->from->obj;
}

static void mark(struct writer *w, uint32_t offset, const struct change *c, const struct origin *origin)
{
	w->marks = arena_grow(w->a, w->marks, w->n_marks, &w->marks_room, sizeof(*w->marks));
	w->marks[w->n_marks++] = (struct mark){ w->batch.n_messages, offset, c, origin };
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

static struct nlmsghdr *begin(struct writer *w, uint16_t type, uint16_t flags, const struct change *c)
{
	struct nlmsghdr *m = batch_begin(&w->batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, c);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));

	head->nfgen_family = NFPROTO_INET;
	head->version = NFNETLINK_V0;
	return m;
}

static void end(struct writer *w, struct nlmsghdr *m)
{
	batch_end(&w->batch, m);
}

static void put_frame(struct writer *w, uint16_t type, uint32_t generation)
{
	struct nlmsghdr *m = batch_begin(&w->batch, type, 0, NULL);
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

static void put_table(struct writer *w, uint16_t type, const struct change *c, const struct nft_table *t)
{
	struct nlmsghdr *m = begin(w, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0, c);

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, NFT_TABLE_NAME);
	if (type == NFT_MSG_NEWTABLE) {
		mnl_attr_put_u32(m, NFTA_TABLE_FLAGS, 0);
		put_bytes(m, NFTA_TABLE_USERDATA, t->userdata);
	}
	end(w, m);
}

static void put_new_chain(struct writer *w, const struct change *c, const struct nft_chain *chain)
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

/* Deleting a chain takes its rules along; one that others of the batch refer to is emptied first. */
static void put_del_chain(struct writer *w, const struct change *c, const char *name)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELCHAIN, 0, c);

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	end(w, m);
}

static void put_flush(struct writer *w, const struct change *c, const char *chain)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELRULE, 0, c);

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
	end(w, m);
}

static void put_rules(struct writer *w, const struct change *c, const struct nft_chain *chain)
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

static void put_object(struct writer *w, uint16_t type, const struct change *c, const struct nft_named *o)
{
	struct nlmsghdr *m = begin(w, type, type == NFT_MSG_NEWOBJ ? NLM_F_CREATE : 0, c);

	mnl_attr_put_strz(m, NFTA_OBJ_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_OBJ_NAME, o->name);
	mnl_attr_put_u32(m, NFTA_OBJ_TYPE, htobe32(o->type));
	if (type == NFT_MSG_NEWOBJ)
		mnl_attr_nest_end(m, mnl_attr_nest_start(m, NFTA_OBJ_DATA));
	end(w, m);
}

static void put_new_set(struct writer *w, const struct change *c, const struct nft_set *s)
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

static void put_del_set(struct writer *w, const struct change *c, const struct nft_set *s)
{
	struct nlmsghdr *m = begin(w, NFT_MSG_DELSET, 0, c);

	mnl_attr_put_strz(m, NFTA_SET_TABLE, NFT_TABLE_NAME);
	mnl_attr_put_strz(m, NFTA_SET_NAME, s->name);
	end(w, m);
}

/* Elements of one set in as few messages as they fit. */
struct element_list {
	struct writer *w;
	uint16_t type;
	const struct nft_set *set;
	struct nlmsghdr *m;
	struct nlattr *list;
};

static void list_close(struct element_list *l)
{
	if (l->m) {
		mnl_attr_nest_end(l->m, l->list);
		end(l->w, l->m);
	}
	l->m = NULL;
}

static void list_open(struct element_list *l, const struct nft_set *s, const struct change *c)
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
static void put_element(struct element_list *l, const uint8_t *key, const struct nft_elem *value, uint32_t flags,
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

static void list_add(struct element_list *l, const struct nft_elem *e, const struct change *c)
{
	if (l->m && (l->set != e->set || l->m->nlmsg_len + 4 * (e->set->key_len + 64) > LIST_LIMIT))
		list_close(l);
	if (!l->m)
		list_open(l, e->set, c);
	mark(l->w, l->m->nlmsg_len, c, NULL);
	put_element(l, e->key, e->set->flags & NFT_SET_MAP && l->type == NFT_MSG_NEWSETELEM ? e : NULL, 0,
		    e->set->flags & NFT_SET_INTERVAL && !e->end);
	if (e->end)
		put_element(l, e->end, NULL, NFT_SET_ELEM_INTERVAL_END, false);
}

/* ---- stages ----------------------------------------------------------------------------------------------------- */

/* for each change of this stage whose object is of this kind */
static const struct change *next(const struct writer *w, enum stage stage, enum nft_kind kind, const struct change *c)
{
	const struct change *last = w->changes->list + w->changes->n;

	for (c = c ? c + 1 : w->changes->list; c < last; c++)
		if (c->stage == stage && object_of(c)->kind == kind)
			return c;
	return NULL;
}

/* The generation's mark goes along with whatever is sent. */
static void put_about(struct writer *w)
{
	const struct nft_rule rule = nft_encode_about(w->plan, w->a);
	const struct nft_chain about = { .name = NFT_ABOUT, .rules = &rule, .n_rules = 1 };

	if (w->plan->n_chains == 0 || w->plan->about_stands)
		return;
	put_new_chain(w, NULL, &about);
	put_flush(w, NULL, NFT_ABOUT);
	put_rules(w, NULL, &about);
}

static void put_elements(struct writer *w, enum stage stage, uint16_t type)
{
	struct element_list l = { .w = w, .type = type };

	for (const struct change *c = NULL; (c = next(w, stage, NFT_ELEM, c));) {
		const struct item *item = type == NFT_MSG_NEWSETELEM ? c->to : c->from;
		if (item)
			list_add(&l, &((const struct nft_object *)item->obj)->elem, c);
	}
	list_close(&l);
}

static void put_prepare(struct writer *w)
{
	const struct change *c;

	for (c = NULL; (c = next(w, STAGE_PREPARE, NFT_TABLE, c));)
		put_table(w, NFT_MSG_NEWTABLE, c, &object_of(c)->table);
	for (c = NULL; (c = next(w, STAGE_PREPARE, NFT_CHAIN, c));)
		put_new_chain(w, c, &object_of(c)->chain);
	for (c = NULL; (c = next(w, STAGE_PREPARE, NFT_OBJECT, c));)
		put_object(w, NFT_MSG_NEWOBJ, c, &object_of(c)->named);
	for (c = NULL; (c = next(w, STAGE_PREPARE, NFT_SET, c));)
		put_new_set(w, c, &object_of(c)->set);
	for (c = NULL; (c = next(w, STAGE_PREPARE, NFT_CHAIN, c));)
		put_rules(w, c, &object_of(c)->chain);
	put_elements(w, STAGE_PREPARE, NFT_MSG_NEWSETELEM);
	put_about(w);
}

static bool base_eq(const struct nft_base *a, const struct nft_base *b)
{
	return !a->type == !b->type && (!a->type || strcmp(a->type, b->type) == 0) && a->hook == b->hook &&
	       a->priority == b->priority && a->policy == b->policy && a->flags == b->flags;
}

/* A hook cannot be moved: somebody else's is taken away, and nothing can refer to a base chain. */
static void switch_chain(struct writer *w, const struct change *c)
{
	const struct nft_chain *from = c->from ? &((const struct nft_object *)c->from->obj)->chain : NULL;
	const struct nft_chain *to = c->to ? &((const struct nft_object *)c->to->obj)->chain : NULL;
	const bool keep = from && to && base_eq(&from->base, &to->base) && from->userdata.n == to->userdata.n;

	if (from && !keep)
		put_del_chain(w, c, from->name);
	if (from && keep)
		put_flush(w, c, from->name);
	if (to && !keep)
		put_new_chain(w, c, to);
	if (to)
		put_rules(w, c, to);
}

static void put_switch(struct writer *w)
{
	const struct change *c;

	for (c = NULL; (c = next(w, STAGE_SWITCH, NFT_TABLE, c));)
		put_table(w, NFT_MSG_NEWTABLE, c, &object_of(c)->table);
	put_elements(w, STAGE_SWITCH, NFT_MSG_DELSETELEM);
	put_elements(w, STAGE_SWITCH, NFT_MSG_NEWSETELEM);
	for (c = NULL; (c = next(w, STAGE_SWITCH, NFT_CHAIN, c));)
		switch_chain(w, c);
	put_about(w);
}

static void put_retire(struct writer *w)
{
	const struct change *c = next(w, STAGE_RETIRE, NFT_TABLE, NULL);

	if (c) {   /* everything in it goes along */
		put_table(w, NFT_MSG_DELTABLE, c, &object_of(c)->table);
		return;
	}
	for (c = NULL; (c = next(w, STAGE_RETIRE, NFT_CHAIN, c));)
		put_flush(w, c, object_of(c)->chain.name);
	for (c = NULL; (c = next(w, STAGE_RETIRE, NFT_SET, c));)
		put_del_set(w, c, &object_of(c)->set);
	for (c = NULL; (c = next(w, STAGE_RETIRE, NFT_CHAIN, c));)
		put_del_chain(w, c, object_of(c)->chain.name);
	for (c = NULL; (c = next(w, STAGE_RETIRE, NFT_OBJECT, c));)
		put_object(w, NFT_MSG_DELOBJ, c, &object_of(c)->named);
	put_about(w);
}

static bool has_stage(const struct changes *c, enum stage stage)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].stage == stage)
			return true;
	return false;
}

static void put_stage(struct writer *w, enum stage stage)
{
	if (!has_stage(w->changes, stage))
		return;
	switch (stage) {
	case STAGE_PREPARE: put_prepare(w); break;
	case STAGE_SWITCH: put_switch(w); break;
	case STAGE_RETIRE: put_retire(w); break;
	}
}

/* ---- a table of another layout ---------------------------------------------------------------------------------- */

static bool is_replaced(const struct change *c)
{
	if (c->op != CHANGE_EDIT)
		return false;
	const struct nft_object *from = c->from->obj, *to = c->to->obj;
	if (from->kind == NFT_SET)
		return true;
	return from->kind == NFT_TABLE && (from->table.userdata.n != to->table.userdata.n ||
		memcmp(from->table.userdata.p, to->table.userdata.p, to->table.userdata.n) != 0);
}

/* The comment of a table and the type of a set cannot be changed: then everything is made anew in one batch. */
static bool replaces(const struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_replaced(&c->list[i]))
			return true;
	return false;
}

static int put_replacement(struct writer *w, struct diags *d)
{
	struct items none, all;
	struct changes changes;

	items_init(&none, w->a);
	items_init(&all, w->a);
	int err = nft_lower(w->plan, LOWER_ALL, &all, d);
	if (err < 0)
		return err;
	items_sort(&all);
	items_diff(&none, &all, w->a, &changes);
	nft_stage(&changes, &none, &all);
	w->changes = &changes;
	put_table(w, NFT_MSG_DELTABLE, NULL, NULL);
	put_prepare(w);
	put_switch(w);
	w->changes = NULL;
	diag_warning(d, NULL, "machine", "table 'inet " NFT_TABLE_NAME "' had another layout and was replaced; "
		     "meanwhile packets may have passed unmarked");
	return 0;
}

void nft_stage(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	static const enum stage stages[] = {
		[CHANGE_ADD] = STAGE_PREPARE, [CHANGE_EDIT] = STAGE_SWITCH, [CHANGE_REMOVE] = STAGE_RETIRE,
	};
	const bool whole = replaces(c);
	const struct nft_set *last = NULL;
	enum stage of_last = STAGE_SWITCH;
	struct { const char *name; enum stage stage; } *sets;
	size_t n_sets = 0;
	struct arena *a = arena_new();

	sets = arena_alloc(a, sizeof(*sets) * (c->n + 1));
	for (size_t i = 0; i < c->n; i++) {
		struct change *change = &c->list[i];
		const struct nft_object *o = object_of(change);
		change->stage = whole ? STAGE_SWITCH : stages[change->op];
		if (o->kind == NFT_CHAIN && o->chain.base.type)
			change->stage = STAGE_SWITCH;
		if (o->kind == NFT_SET) {
			sets[n_sets].name = o->set.name;
			sets[n_sets++].stage = change->stage;
		}
	}
	/* An element comes and goes with its set; of a set that stays it is what moves packets. */
	for (size_t i = 0; i < c->n; i++) {
		const struct nft_object *o = object_of(&c->list[i]);
		if (o->kind != NFT_ELEM)
			continue;
		if (o->elem.set != last) {
			last = o->elem.set;
			of_last = STAGE_SWITCH;
			for (size_t k = 0; k < n_sets; k++)
				if (strcmp(sets[k].name, last->name) == 0)
					of_last = sets[k].stage;
		}
		c->list[i].stage = of_last;
	}
	arena_free(a);
}

/* ---- sending ---------------------------------------------------------------------------------------------------- */

/* The expression a refusal is about, by its place in the rule's message; "" where there is none. */
static const char *expression_at(const struct refusal *r)
{
	const struct bytes attrs = { (const char *)r->message + sizeof(struct nlmsghdr) + sizeof(struct nfgenmsg),
				     r->message->nlmsg_len - sizeof(struct nlmsghdr) - sizeof(struct nfgenmsg) };
	const struct nlattr *table[NFTA_RULE_MAX + 1], *parts[NFTA_EXPR_MAX + 1];

	wire_table(attrs, table, NFTA_RULE_MAX);
	const struct bytes list = wire_bytes(table[NFTA_RULE_EXPRESSIONS]);
	for (const struct nlattr *e = wire_first(list); e; e = wire_next(list, e)) {
		const size_t at = (size_t)((const char *)e - (const char *)r->message);
		if (r->offset < at || r->offset >= at + e->nla_len)
			continue;
		wire_table(wire_bytes(e), parts, NFTA_EXPR_MAX);
		return wire_get_string(parts[NFTA_EXPR_NAME]);
	}
	return "";
}

/* ENOENT at one of these means the kernel was built without it: nothing else in them could be missing. */
static void explain_missing(struct refusal *r, struct arena *a)
{
	static const struct { const char *expression, *option; } rows[] = {
		{ "numgen", "CONFIG_NFT_NUMGEN (module nft_numgen)" },
		{ "hash", "CONFIG_NFT_HASH (module nft_hash)" },
		{ "fib", "CONFIG_NFT_FIB_INET (module nft_fib_inet)" },
		{ "ct", "CONFIG_NFT_CT (module nft_ct)" },
		{ "objref", "CONFIG_NFT_OBJREF (module nft_objref)" },
	};

	if (r->error != ENOENT && r->error != EOPNOTSUPP)
		return;
	const char *name = expression_at(r);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].expression, name) != 0)
			continue;
		r->words = arena_printf(a, "this kernel has no nft expression '%s'", name);
		r->whole = true;
		r->hint = rows[i].option;
	}
}

/* The change and the place of what was refused, more exactly than the message knows. */
static void locate(struct writer *w, struct refusal *r)
{
	const struct mark *found = NULL;

	for (size_t i = 0; i < w->n_marks; i++)
		if (w->marks[i].message == r->index && (!found || w->marks[i].offset <= r->offset))
			found = &w->marks[i];
	if (!found || !found->change)
		return;
	r->change = found->change;
	if (!found->origin)
		return;
	struct change *c = arena_one(w->a, struct change);
	struct item *item = arena_one(w->a, struct item);
	*item = *(found->change->to ? found->change->to : found->change->from);
	item->origin = *found->origin;
	*c = (struct change){ .op = found->change->op, .stage = found->change->stage, .to = item };
	r->change = c;
}

static void report(struct writer *w, struct refusals *r, struct diags *d)
{
	for (size_t i = 0; i < r->n; i++) {
		struct refusal *one = &r->list[i];
		if (!one->message)
			continue;
		locate(w, one);
		if (one->message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE))
			explain_missing(one, w->a);
	}
	refusals_report(r, d);
}

/* After our commit: the generation is the next one, unless others committed too. */
static int look_after(struct kernel *k, bool more, struct own *own, struct diags *d)
{
	const uint32_t sent = kernel_generation(k);
	uint32_t now;
	int err = nft_generation(k, &now);

	if (err < 0)
		return nft_explain(err, d);
	kernel_set_generation(k, now);
	const bool alone = now == sent + 1 || (now == 1 && sent == UINT32_MAX);
	own->nft_generation = alone ? now : 0;
	return alone || !more ? 0 : -ERESTART;
}

static bool more_to_come(const struct changes *c, enum stage stage)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].stage > stage)
			return true;
	return false;
}

static int fill(struct writer *w, uint32_t generation, enum stage stage, bool dry_run, struct diags *d)
{
	put_frame(w, NFNL_MSG_BATCH_BEGIN, generation);
	if (replaces(w->changes))
		return stage == STAGE_SWITCH || dry_run ? put_replacement(w, d) : 0;
	for (enum stage s = STAGE_PREPARE; s <= STAGE_RETIRE; s++)
		if (s == stage || dry_run)
			put_stage(w, s);
	return 0;
}

int nft_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
	      bool dry_run, struct diags *d)
{
	struct writer w = { .plan = p, .changes = c, .a = arena_new() };
	auto_refusals struct refusals r = { .place = refusals_place(p) };

	batch_init(&w.batch, KERNEL_NETFILTER);
	int err = fill(&w, kernel_generation(k), stage, dry_run, d);
	if (!err && w.batch.n_messages > 1) {
		if (!dry_run)
			put_frame(&w, NFNL_MSG_BATCH_END, 0);
		err = batch_send(k, &w.batch, &r);
		if (err < 0 && err != -ERESTART)
			report(&w, &r, d);
		if (!err && !dry_run)
			err = look_after(k, more_to_come(c, stage), own, d);
	}
	batch_release(&w.batch);
	arena_free(w.a);
	return err;
}
