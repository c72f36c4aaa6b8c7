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
#include "target/nft_batch.h"

static const struct nft_object *object_of(const struct change *c)
{
	return c->to ? c->to->obj : c->from->obj;
}

/* ---- stages ----------------------------------------------------------------------------------------------------- */

static void fill_buckets(struct nft_batch *w, enum stage stage)
{
	const struct changes *c = w->changes;
	uint8_t *kinds = arena_alloc(w->a, c->n);
	size_t n[NFT_KINDS] = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		kinds[i] = NFT_KINDS;
		if (c->list[i].stage == stage)
			n[kinds[i] = (uint8_t)object_of(&c->list[i])->kind]++;
	}
	for (unsigned k = 0; k < NFT_KINDS; k++)
		w->buckets[k] = (struct nft_bucket){ .list = arena_array(w->a, const struct change *, n[k]) };
	for (size_t i = 0; i < c->n; i++) {
		struct nft_bucket *b = &w->buckets[kinds[i] % NFT_KINDS];
		if (kinds[i] < NFT_KINDS)
			b->list[b->n++] = &c->list[i];
	}
}

#define EACH(c, w, kind) \
	for (size_t c##_i = 0; c##_i < (w)->buckets[kind].n && ((c) = (w)->buckets[kind].list[c##_i]); c##_i++)

/* The generation's mark goes along with whatever is sent. */
static void put_about(struct nft_batch *w)
{
	const struct nft_rule rule = nft_encode_about(w->plan, w->a);
	const struct nft_chain about = { .name = NFT_ABOUT, .rules = &rule, .n_rules = 1 };

	if (w->plan->kernel.target != TARGET_NFT || w->plan->n_chains == 0 || w->plan->about_stands)
		return;
	nft_put_new_chain(w, NULL, &about);
	nft_put_flush(w, NULL, NFT_ABOUT);
	nft_put_rules(w, NULL, &about);
}

static void put_elements(struct nft_batch *w, uint16_t type)
{
	struct nft_element_list l = { .w = w, .type = type };
	const struct change *c;

	EACH(c, w, NFT_ELEM) {
		const struct item *item = type == NFT_MSG_NEWSETELEM ? c->to : c->from;
		if (item)
			nft_list_add(&l, &((const struct nft_object *)item->obj)->elem, c);
	}
	nft_list_close(&l);
}

static void put_prepare(struct nft_batch *w)
{
	const struct change *c;

	EACH(c, w, NFT_TABLE)
		nft_put_table(w, NFT_MSG_NEWTABLE, c, &object_of(c)->table);
	EACH(c, w, NFT_CHAIN)
		nft_put_new_chain(w, c, &object_of(c)->chain);
	EACH(c, w, NFT_OBJECT)
		nft_put_object(w, NFT_MSG_NEWOBJ, c, &object_of(c)->named);
	EACH(c, w, NFT_SET)
		nft_put_new_set(w, c, &object_of(c)->set);
	EACH(c, w, NFT_CHAIN)
		nft_put_rules(w, c, &object_of(c)->chain);
	put_elements(w, NFT_MSG_NEWSETELEM);
	put_about(w);
}

static bool base_eq(const struct nft_base *a, const struct nft_base *b)
{
	return !a->type == !b->type && (!a->type || strcmp(a->type, b->type) == 0) && a->hook == b->hook &&
	       a->priority == b->priority && a->policy == b->policy && a->flags == b->flags;
}

/* A hook cannot be moved: somebody else's is taken away, and nothing can refer to a base chain. */
static void switch_chain(struct nft_batch *w, const struct change *c)
{
	const struct nft_chain *from = c->from ? &((const struct nft_object *)c->from->obj)->chain : NULL;
	const struct nft_chain *to = c->to ? &((const struct nft_object *)c->to->obj)->chain : NULL;
	const bool keep = from && to && base_eq(&from->base, &to->base) && from->userdata.n == to->userdata.n;

	if (from && !keep)
		nft_put_del_chain(w, c, from->name);
	if (from && keep)
		nft_put_flush(w, c, from->name);
	if (to && !keep)
		nft_put_new_chain(w, c, to);
	if (to)
		nft_put_rules(w, c, to);
}

static void put_switch(struct nft_batch *w)
{
	const struct change *c;

	EACH(c, w, NFT_TABLE)
		nft_put_table(w, NFT_MSG_NEWTABLE, c, &object_of(c)->table);
	put_elements(w, NFT_MSG_DELSETELEM);
	put_elements(w, NFT_MSG_NEWSETELEM);
	EACH(c, w, NFT_CHAIN)
		switch_chain(w, c);
	put_about(w);
}

static void put_retire(struct nft_batch *w)
{
	const struct change *c;

	EACH(c, w, NFT_TABLE) {   /* everything in it goes along */
		nft_put_table(w, NFT_MSG_DELTABLE, c, &object_of(c)->table);
		return;
	}
	EACH(c, w, NFT_CHAIN)
		nft_put_flush(w, c, object_of(c)->chain.name);
	EACH(c, w, NFT_SET)
		nft_put_del_set(w, c, &object_of(c)->set);
	EACH(c, w, NFT_CHAIN)
		nft_put_del_chain(w, c, object_of(c)->chain.name);
	EACH(c, w, NFT_OBJECT)
		nft_put_object(w, NFT_MSG_DELOBJ, c, &object_of(c)->named);
	put_about(w);
}

static bool has_stage(const struct changes *c, enum stage stage)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].stage == stage)
			return true;
	return false;
}

static void put_stage(struct nft_batch *w, enum stage stage)
{
	if (!has_stage(w->changes, stage))
		return;
	fill_buckets(w, stage);
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

static int put_replacement(struct nft_batch *w, struct diags *d)
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
	nft_put_table(w, NFT_MSG_DELTABLE, NULL, NULL);
	put_stage(w, STAGE_PREPARE);
	put_stage(w, STAGE_SWITCH);
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
static void locate(struct nft_batch *w, struct refusal *r)
{
	const struct nft_mark *found = NULL;

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

static void report(struct nft_batch *w, struct refusals *r, struct diags *d)
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

static int fill(struct nft_batch *w, uint32_t generation, enum stage stage, bool dry_run, struct diags *d)
{
	nft_put_frame(w, NFNL_MSG_BATCH_BEGIN, generation);
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
	struct nft_batch w = { .plan = p, .changes = c, .a = arena_new() };
	auto_refusals struct refusals r = { .place = refusals_place(p) };

	batch_init(&w.messages, KERNEL_NETFILTER);
	int err = fill(&w, kernel_generation(k), stage, dry_run, d);
	if (!err && w.messages.n_messages > 1) {
		if (!dry_run)
			nft_put_frame(&w, NFNL_MSG_BATCH_END, 0);
		err = batch_send(k, &w.messages, &r);
		if (err < 0 && err != -ERESTART)
			report(&w, &r, d);
		if (!err && !dry_run)
			err = look_after(k, more_to_come(c, stage), own, d);
	}
	batch_release(&w.messages);
	arena_free(w.a);
	return err;
}
