/* SPDX-License-Identifier: MIT */
/* Our table as it is in the kernel, as items: table, chains with their rules, sets and maps with their elements, and
 * named objects. Read between two looks at the rule-set's generation, again if it moved. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/arena.h"
#include "target/nft.h"

enum { READ_TRIES = 10 };

/* Rules of one chain, pointing into the answer. */
struct chain_work {
	struct nft_chain chain;
	struct nft_rule *rules;
	size_t n, room;
};

struct table_reader {
	struct kernel *k;
	struct items *live;
	struct arena *a;
	struct arena *scratch;
	struct text words;
	struct chain_work *chains;
	size_t n_chains, chains_room;
	const struct nft_set **sets;
	size_t n_sets, sets_room;
};

static struct bytes keep(struct arena *a, struct bytes b)
{
	return (struct bytes){ arena_copy(a, b.p, b.n), b.n };
}

static void add(struct table_reader *r, const struct nft_object *o)
{
	text_clear(&r->words);
	nft_key(o, &r->words);
	const char *key = arena_copy(r->a, r->words.p, r->words.n);
	text_clear(&r->words);
	nft_body(o, &r->words);
	items_add(r->live, key, arena_copy(r->a, text_get(&r->words), r->words.n), NULL, o);
}

static bool is_in_table(const struct nlattr *name)
{
	return strcmp(wire_get_string(name), NFT_TABLE_NAME) == 0;
}

/* ---- chains and rules ------------------------------------------------------------------------------------------- */

static void read_hook(const struct nlattr **attrs, struct nft_base *b, struct arena *a)
{
	const struct nlattr *hook[NFTA_HOOK_MAX + 1];

	b->flags = wire_get_be32(attrs[NFTA_CHAIN_FLAGS]) & ~(uint32_t)NFT_CHAIN_BASE;
	if (!attrs[NFTA_CHAIN_HOOK])
		return;
	wire_table(wire_bytes(attrs[NFTA_CHAIN_HOOK]), hook, NFTA_HOOK_MAX);
	b->type = arena_strdup(a, wire_get_string(attrs[NFTA_CHAIN_TYPE]));
	b->hook = wire_get_be32(hook[NFTA_HOOK_HOOKNUM]);
	b->priority = (int32_t)wire_get_be32(hook[NFTA_HOOK_PRIORITY]);
	b->policy = wire_get_be32(attrs[NFTA_CHAIN_POLICY]);
}

static int read_chains(struct table_reader *r)
{
	auto_answer struct answer answer = {0};
	int err = nft_ask(r->k, &(struct nft_question){
		.type = NFT_MSG_GETCHAIN, .flags = NLM_F_DUMP, .family = NFPROTO_INET, .table = NFTA_CHAIN_TABLE,
	}, &answer);

	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_CHAIN_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_CHAIN_MAX);
		if (!is_in_table(attrs[NFTA_CHAIN_TABLE]))   /* kernels filter this dump by family only */
			continue;
		r->chains = arena_grow(r->scratch, r->chains, r->n_chains, &r->chains_room, sizeof(*r->chains));
		struct chain_work *w = &r->chains[r->n_chains++];
		*w = (struct chain_work){ .chain = {
			.name = arena_strdup(r->a, wire_get_string(attrs[NFTA_CHAIN_NAME])),
			.userdata = keep(r->a, wire_bytes(attrs[NFTA_CHAIN_USERDATA])),
		} };
		read_hook(attrs, &w->chain.base, r->a);
	}
	return err;
}

/* Rules come chain by chain, in the chains' order. */
static struct chain_work *chain_of(struct table_reader *r, const char *name, size_t *at)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		const size_t n = (*at + i) % r->n_chains;
		if (strcmp(r->chains[n].chain.name, name) == 0) {
			*at = n;
			return &r->chains[n];
		}
	}
	return NULL;
}

static void add_chains(struct table_reader *r)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		struct nft_object *o = arena_one(r->a, struct nft_object);
		o->kind = NFT_CHAIN;
		o->chain = r->chains[i].chain;
		o->chain.rules = r->chains[i].rules;
		o->chain.n_rules = r->chains[i].n;
		add(r, o);
		o->chain.rules = NULL;   /* they lie in the answer, and the body has said them */
		o->chain.n_rules = 0;
	}
}

static int read_rules(struct table_reader *r)
{
	auto_answer struct answer answer = {0};
	size_t at = 0;
	int err = nft_ask(r->k, &(struct nft_question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP, .family = NFPROTO_INET, .table = NFTA_RULE_TABLE,
	}, &answer);

	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_RULE_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_RULE_MAX);
		struct chain_work *w = is_in_table(attrs[NFTA_RULE_TABLE]) ?
			chain_of(r, wire_get_string(attrs[NFTA_RULE_CHAIN]), &at) : NULL;
		if (!w)
			continue;
		w->rules = arena_grow(r->scratch, w->rules, w->n, &w->room, sizeof(*w->rules));
		w->rules[w->n++] = (struct nft_rule){
			.exprs = wire_bytes(attrs[NFTA_RULE_EXPRESSIONS]),
			.userdata = wire_bytes(attrs[NFTA_RULE_USERDATA]),
		};
	}
	if (!err)
		add_chains(r);
	return err;
}

/* ---- sets and elements ------------------------------------------------------------------------------------------ */

/* Attributes that ours do not have, as bytes one after the other. */
static struct bytes extra(struct table_reader *r, const struct nlattr **attrs, const uint16_t *types, size_t n)
{
	text_clear(&r->words);
	for (size_t i = 0; i < n; i++)
		if (attrs[types[i]])
			text_add(&r->words, attrs[types[i]], attrs[types[i]]->nla_len);
	return keep(r->a, (struct bytes){ text_get(&r->words), r->words.n });
}

static struct bytes set_extra(struct table_reader *r, const struct nlattr **attrs)
{
	static const uint16_t types[] = {
		NFTA_SET_DESC, NFTA_SET_POLICY, NFTA_SET_TIMEOUT, NFTA_SET_GC_INTERVAL, NFTA_SET_OBJ_TYPE,
		NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS,
	};

	if (wire_bytes(attrs[NFTA_SET_DESC]).n == 0)
		attrs[NFTA_SET_DESC] = NULL;
	if (wire_get_be32(attrs[NFTA_SET_POLICY]) == NFT_SET_POL_PERFORMANCE)
		attrs[NFTA_SET_POLICY] = NULL;
	return extra(r, attrs, types, ARRAY_LEN(types));
}

static int read_sets(struct table_reader *r)
{
	auto_answer struct answer answer = {0};
	int err = nft_ask(r->k, &(struct nft_question){
		.type = NFT_MSG_GETSET, .flags = NLM_F_DUMP, .family = NFPROTO_INET, .table = NFTA_SET_TABLE,
	}, &answer);

	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_SET_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_SET_MAX);
		const uint32_t flags = wire_get_be32(attrs[NFTA_SET_FLAGS]);
		/* An anonymous set goes with the rule that holds it, whose text names it. */
		if (!is_in_table(attrs[NFTA_SET_TABLE]) || flags & NFT_SET_ANONYMOUS)
			continue;
		struct nft_object *o = arena_one(r->a, struct nft_object);
		o->kind = NFT_SET;
		o->set = (struct nft_set){
			.name = arena_strdup(r->a, wire_get_string(attrs[NFTA_SET_NAME])), .flags = flags,
			.key_type = wire_get_be32(attrs[NFTA_SET_KEY_TYPE]), .key_len = wire_get_be32(attrs[NFTA_SET_KEY_LEN]),
			.data_type = wire_get_be32(attrs[NFTA_SET_DATA_TYPE]),
			.userdata = keep(r->a, wire_bytes(attrs[NFTA_SET_USERDATA])),
		};
		o->set.extra = set_extra(r, attrs);
		add(r, o);
		r->sets = arena_grow(r->scratch, r->sets, r->n_sets, &r->sets_room, sizeof(*r->sets));
		r->sets[r->n_sets++] = &o->set;
	}
	return err;
}

static void read_verdict(const struct nlattr *data, struct nft_elem *e, struct arena *a)
{
	const struct nlattr *inner = data ? wire_first(wire_bytes(data)) : NULL;
	const struct nlattr *attrs[NFTA_VERDICT_MAX + 1];

	if (!inner || wire_type(inner) != NFTA_DATA_VERDICT) {
		e->extra = keep(a, wire_bytes(data));
		return;
	}
	wire_table(wire_bytes(inner), attrs, NFTA_VERDICT_MAX);
	e->verdict = (int32_t)wire_get_be32(attrs[NFTA_VERDICT_CODE]);
	if (attrs[NFTA_VERDICT_CHAIN])
		e->chain = arena_strdup(a, wire_get_string(attrs[NFTA_VERDICT_CHAIN]));
}

/* One entry of the kernel's dump: an element, or the end of an interval. */
struct entry {
	struct nft_elem elem;
	bool is_end;
};

static bool read_entry(struct table_reader *r, const struct nft_set *s, const struct nlattr *list, struct entry *out)
{
	static const uint16_t types[] = {
		NFTA_SET_ELEM_TIMEOUT, NFTA_SET_ELEM_USERDATA, NFTA_SET_ELEM_EXPR, NFTA_SET_ELEM_OBJREF,
		NFTA_SET_ELEM_KEY_END, NFTA_SET_ELEM_EXPRESSIONS,
	};
	const struct nlattr *attrs[NFTA_SET_ELEM_MAX + 1];

	wire_table(wire_bytes(list), attrs, NFTA_SET_ELEM_MAX);
	const struct bytes key = wire_bytes(attrs[NFTA_SET_ELEM_KEY] ?
		wire_first(wire_bytes(attrs[NFTA_SET_ELEM_KEY])) : NULL);
	if (key.n != s->key_len)
		return false;
	*out = (struct entry){
		.elem = { .set = s, .key = (const uint8_t *)arena_copy(r->a, key.p, key.n) },
		.is_end = wire_get_be32(attrs[NFTA_SET_ELEM_FLAGS]) & NFT_SET_ELEM_INTERVAL_END,
	};
	const struct bytes userdata = wire_bytes(attrs[NFTA_SET_ELEM_USERDATA]);
	if (userdata.n == nft_open_interval.n && memcmp(userdata.p, nft_open_interval.p, userdata.n) == 0)
		attrs[NFTA_SET_ELEM_USERDATA] = NULL;
	out->elem.extra = extra(r, attrs, types, ARRAY_LEN(types));
	if (s->flags & NFT_SET_MAP && !out->is_end)
		read_verdict(attrs[NFTA_SET_ELEM_DATA], &out->elem, r->a);
	return true;
}

/* By key; an end stands before the start that follows at the same place. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	const int order = memcmp(x->elem.key, y->elem.key, x->elem.set->key_len);

	return order ? order : (int)y->is_end - (int)x->is_end;
}

static void add_elem(struct table_reader *r, const struct nft_elem *e)
{
	struct nft_object *o = arena_one(r->a, struct nft_object);

	o->kind = NFT_ELEM;
	o->elem = *e;
	add(r, o);
}

static void add_intervals(struct table_reader *r, struct entry *list, size_t n)
{
	qsort(list, n, sizeof(*list), compare_entries);
	for (size_t i = 0; i < n; i++) {
		if (list[i].is_end)
			continue;
		if (i + 1 < n)
			list[i].elem.end = list[i + 1].elem.key;
		add_elem(r, &list[i].elem);
	}
}

static int read_elements(struct table_reader *r, const struct nft_set *s)
{
	auto_answer struct answer answer = {0};
	const bool intervals = s->flags & NFT_SET_INTERVAL && !(s->flags & NFT_SET_CONCAT);
	struct entry *list = NULL;
	size_t n = 0, room = 0;
	int err = nft_ask(r->k, &(struct nft_question){
		.type = NFT_MSG_GETSETELEM, .flags = NLM_F_DUMP, .family = NFPROTO_INET,
		.table = NFTA_SET_ELEM_LIST_TABLE, .name_type = NFTA_SET_ELEM_LIST_SET, .name = s->name,
	}, &answer);

	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_SET_ELEM_LIST_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_SET_ELEM_LIST_MAX);
		const struct bytes elements = wire_bytes(attrs[NFTA_SET_ELEM_LIST_ELEMENTS]);
		for (const struct nlattr *e = wire_first(elements); e; e = wire_next(elements, e)) {
			struct entry entry;
			if (!read_entry(r, s, e, &entry))
				continue;
			if (!intervals) {
				add_elem(r, &entry.elem);
				continue;
			}
			list = arena_grow(r->scratch, list, n, &room, sizeof(*list));
			list[n++] = entry;
		}
	}
	if (!err && n > 0)
		add_intervals(r, list, n);
	return err;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static int read_objects(struct table_reader *r)
{
	auto_answer struct answer answer = {0};
	int err = nft_ask(r->k, &(struct nft_question){
		.type = NFT_MSG_GETOBJ, .flags = NLM_F_DUMP, .family = NFPROTO_INET, .table = NFTA_OBJ_TABLE,
	}, &answer);

	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_OBJ_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_OBJ_MAX);
		if (!is_in_table(attrs[NFTA_OBJ_TABLE]))
			continue;
		struct nft_object *o = arena_one(r->a, struct nft_object);
		o->kind = NFT_OBJECT;
		o->named.name = arena_strdup(r->a, wire_get_string(attrs[NFTA_OBJ_NAME]));
		o->named.type = wire_get_be32(attrs[NFTA_OBJ_TYPE]);
		add(r, o);
	}
	return err;
}

static int read_table(struct table_reader *r, const struct own *own)
{
	auto_answer struct answer answer = {0};
	struct nft_table table;
	int err = nft_ask_table(r->k, &answer, &table);

	if (err == -ENOENT)
		return 0;
	if (err < 0 || (!nft_is_ours(&table) && !own->force))
		return err;
	struct nft_object *o = arena_one(r->a, struct nft_object);
	o->kind = NFT_TABLE;
	o->table = table;
	add(r, o);
	o->table.userdata = keep(r->a, table.userdata);
	err = read_chains(r);
	if (!err)
		err = read_rules(r);
	if (!err)
		err = read_objects(r);
	if (!err)
		err = read_sets(r);
	for (size_t i = 0; !err && i < r->n_sets; i++)
		err = read_elements(r, r->sets[i]);
	return err;
}

static int read_once(struct kernel *k, const struct own *own, struct items *live)
{
	struct table_reader r = { .k = k, .live = live, .a = live->arena, .scratch = arena_new() };

	items_init(live, live->arena);
	int err = read_table(&r, own);
	text_release(&r.words);
	arena_free(r.scratch);
	return err;
}

int nft_read(struct kernel *k, const struct own *own, const struct items *wanted, struct items *live, struct diags *d)
{
	uint32_t before, after;
	int err = nft_generation(k, &before);

	if (wanted->n == 0 && (err == -EINVAL || err == -EOPNOTSUPP))
		return 0;   /* a kernel without nf_tables holds nothing of ours */
	if (err < 0)
		return nft_explain(err, d);
	kernel_set_generation(k, before);
	if (own->at_a_glance || (own->trusted && before == own->nft_generation)) {
		live->list = wanted->list;
		live->n = live->room = wanted->n;
		return 0;
	}
	for (int i = 0; i < READ_TRIES; i++) {
		err = read_once(k, own, live);
		if (!err)
			err = nft_generation(k, &after);
		if (!err && before == after)
			return 0;
		/* Something was taken away between two of our questions: what we have is of no rule-set that was. */
		if (err < 0 && err != -ENOENT && err != -EINTR)
			return nft_explain(err, d);
		if (!err)
			before = after;
		else if ((err = nft_generation(k, &before)) < 0)
			return nft_explain(err, d);
		kernel_set_generation(k, before);
	}
	diag_error(d, NULL, "busy", "the rule-set is being changed by others");
	return -EBUSY;
}

/* ---- counters --------------------------------------------------------------------------------------------------- */

static uint64_t get_be64(const struct nlattr *a)
{
	const struct bytes b = wire_bytes(a);
	uint64_t value = 0;

	if (b.n == sizeof(value))
		memcpy(&value, b.p, sizeof(value));
	return be64toh(value);
}

static int compare_counts(const void *a, const void *b)
{
	return strcmp(((const struct count *)a)->name, ((const struct count *)b)->name);
}

int nft_count(struct kernel *k, const struct plan *p UNUSED, struct counts *out, struct diags *d)
{
	auto_answer struct answer answer = {0};
	int err = nft_ask(k, &(struct nft_question){
		.type = NFT_MSG_GETOBJ, .flags = NLM_F_DUMP, .family = NFPROTO_INET, .table = NFTA_OBJ_TABLE,
	}, &answer);

	if (err < 0 && err != -ENOENT)
		return nft_explain(err, d);
	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));) {
		const struct nlattr *attrs[NFTA_OBJ_MAX + 1], *data[NFTA_COUNTER_MAX + 1];
		wire_table(nft_attributes(m), attrs, NFTA_OBJ_MAX);
		if (!is_in_table(attrs[NFTA_OBJ_TABLE]) || wire_get_be32(attrs[NFTA_OBJ_TYPE]) != NFT_OBJECT_COUNTER)
			continue;
		wire_table(wire_bytes(attrs[NFTA_OBJ_DATA]), data, NFTA_COUNTER_MAX);
		out->list = arena_grow(out->arena, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = (struct count){
			.name = arena_strdup(out->arena, wire_get_string(attrs[NFTA_OBJ_NAME])),
			.packets = get_be64(data[NFTA_COUNTER_PACKETS]), .bytes = get_be64(data[NFTA_COUNTER_BYTES]),
		};
	}
	if (out->n)
		qsort(out->list, out->n, sizeof(*out->list), compare_counts);
	return 0;
}
