/* SPDX-License-Identifier: MIT */
/* A plan's table as items: every object with the bytes that will be sent and the text made from them. A plan of a
 * thousand paths has some ten thousand items: they are made in the order of their keys, in a list of the right size,
 * and those of elements without a detour. */
#include "base/base.h"

#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "base/arena.h"
#include "target/nft.h"

/* A set or a map of the plan, as it stands in the batch. */
struct holder {
	const struct nft_object *object;
	const struct set *set;          /* or */
	const struct map *map;
	const char *prefix;             /* of its elements' keys; holders are sorted by it */
};

/* Many entries go to few chains: `goto x` is said once. A place holds the last chain that fell on it. */
enum { VERDICTS = 1024 };
struct verdict {
	const char *chain, *body;
};

struct lowering {
	const struct plan *plan;
	struct items *out;
	struct arena *a;
	struct text words, bytes;
	struct holder *holders;
	size_t n_holders;
	struct verdict *verdicts;       /* VERDICTS of them */
};

static struct nft_object *object_new(struct lowering *l, enum nft_kind kind)
{
	struct nft_object *o = arena_one(l->a, struct nft_object);

	o->kind = kind;
	return o;
}

static void add(struct lowering *l, const struct nft_object *o, const struct origin *origin)
{
	text_clear(&l->words);
	nft_key(o, &l->words);
	const char *key = arena_copy(l->a, l->words.p, l->words.n);
	text_clear(&l->words);
	nft_body(o, &l->words);
	items_add(l->out, key, arena_copy(l->a, text_get(&l->words), l->words.n), origin, o);
}

/* ---- chains ----------------------------------------------------------------------------------------------------- */

static void lower_chain(struct lowering *l, const struct chain *c)
{
	struct nft_object *o = object_new(l, NFT_CHAIN);
	struct nft_rule *rules = arena_array(l->a, struct nft_rule, c->n_rules);

	for (size_t i = 0; i < c->n_rules; i++) {
		text_clear(&l->bytes);
		nft_encode_rule(l->plan, &c->rules[i], &l->bytes);
		rules[i] = (struct nft_rule){
			.exprs = { arena_copy(l->a, l->bytes.p, l->bytes.n), l->bytes.n }, .origin = &c->rules[i].origin,
		};
	}
	o->chain = (struct nft_chain){
		.name = c->name, .base = nft_encode_base(c->hook), .rules = rules, .n_rules = c->n_rules,
	};
	add(l, o, &c->origin);
}

static void lower_about(struct lowering *l)
{
	struct nft_object *o = object_new(l, NFT_CHAIN);
	struct nft_rule *rule = arena_one(l->a, struct nft_rule);

	*rule = nft_encode_about(l->plan, l->a);
	o->chain = (struct nft_chain){ .name = NFT_ABOUT, .rules = rule, .n_rules = 1 };
	add(l, o, NULL);
}

static void lower_chains(struct lowering *l)
{
	bool about = false;

	for (size_t i = 0; i < l->plan->n_chains; i++) {
		if (!about && strcmp(NFT_ABOUT, l->plan->chains[i].name) < 0) {
			lower_about(l);
			about = true;
		}
		lower_chain(l, &l->plan->chains[i]);
	}
	if (!about)
		lower_about(l);
}

/* What a weight or a state moves: entries of marks and lists, lists of another length, and who draws from them. */
static void lower_choices(struct lowering *l)
{
	for (size_t i = 0; i < l->plan->n_chains; i++)
		if (strncmp(l->plan->chains[i].name, "choose_", strlen("choose_")) == 0)
			lower_chain(l, &l->plan->chains[i]);
}

/* ---- elements --------------------------------------------------------------------------------------------------- */

static const uint8_t *device_key(struct lowering *l, const char *device)
{
	uint8_t *key = arena_alloc(l->a, IFNAMSIZ);

	memcpy(key, device, MIN(strlen(device), (size_t)IFNAMSIZ - 1));
	return key;
}

/* The first address behind a prefix; NULL: there is none. */
static const uint8_t *prefix_end(struct lowering *l, const struct prefix *p)
{
	uint8_t *end = arena_alloc(l->a, sizeof(p->addr.b));

	memcpy(end, p->addr.b, sizeof(p->addr.b));
	for (int i = (int)p->len - 1; i >= 0; i--) {
		end[i / 8] ^= (uint8_t)(0x80 >> i % 8);
		if (end[i / 8] & 0x80 >> i % 8)
			return end;
	}
	return NULL;
}

static void lower_member(struct lowering *l, const struct holder *h, size_t i)
{
	const struct set *s = h->set;
	struct nft_object *e = object_new(l, NFT_ELEM);

	e->elem.set = &h->object->set;
	switch (s->kind) {
	case SET_DEVICES:
		e->elem.key = device_key(l, s->devices[i]);
		break;
	case SET_PREFIXES4: case SET_PREFIXES6:
		e->elem.key = s->prefixes[i].addr.b;
		e->elem.end = prefix_end(l, &s->prefixes[i]);
		break;
	case SET_PROTOCOLS:
		e->elem.key = &s->numbers[i];
		break;
	case SET_ADDRESS_TYPES: {
		const uint32_t type = s->numbers[i];
		e->elem.key = (const uint8_t *)arena_copy(l->a, &type, sizeof(type));
		break;
	}
	}
	add(l, e, &s->origin);
}

static const char *entry_body(struct lowering *l, const struct nft_object *e)
{
	struct verdict *v = &l->verdicts[(uintptr_t)e->elem.chain / sizeof(max_align_t) % VERDICTS];

	if (v->chain != e->elem.chain) {
		text_clear(&l->words);
		nft_body(e, &l->words);
		*v = (struct verdict){ e->elem.chain, arena_copy(l->a, l->words.p, l->words.n) };
	}
	return v->body;
}

static void lower_entry(struct lowering *l, const struct holder *h, const struct map_entry *entry, struct nft_object *e)
{
	e->kind = NFT_ELEM;
	e->elem = (struct nft_elem){ .set = &h->object->set, .verdict = NFT_GOTO, .chain = entry->chain };
	e->elem.key = h->map->kind == MAP_DEVICES ? device_key(l, entry->device) : (const uint8_t *)&entry->key;
	const char *body = entry_body(l, e);
	text_clear(&l->words);
	text_puts(&l->words, h->prefix);
	nft_key_value(&e->elem, &l->words);
	items_add(l->out, arena_copy(l->a, l->words.p, l->words.n), body, &entry->origin, e);
}

/* The numbers below `size` as they are sorted when written: 0, 1, 10, 100, 11, 2. Behind the last comes 0. */
static uint32_t next_in_text(uint32_t i, uint32_t size)
{
	if (i > 0 && (uint64_t)i * 10 < size)
		return i * 10;
	do {
		if (i % 10 != 9 && i + 1 < size)
			return i + 1;
		i /= 10;
	} while (i > 0);
	return 0;
}

static void lower_slots(struct lowering *l, const struct holder *h, struct nft_object *objects)
{
	uint32_t i = 0;

	do {
		lower_entry(l, h, &h->map->entries[i], objects++);
		i = next_in_text(i, h->map->size);
	} while (i != 0);
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->key, ((const struct item *)b)->key);
}

/* The plan's order is by value, a key's by what is written: the same for marks and devices, not for addresses. */
static void sort_tail(struct items *s, size_t first)
{
	for (size_t i = first + 1; i < s->n; i++)
		if (compare_keys(&s->list[i - 1], &s->list[i]) > 0) {
			qsort(s->list + first, s->n - first, sizeof(*s->list), compare_keys);
			return;
		}
}

static void lower_entries(struct lowering *l, const struct holder *h)
{
	const struct map *m = h->map;
	struct nft_object *objects = arena_array(l->a, struct nft_object, m->n);

	if (m->kind == MAP_SLOTS && m->n == m->size && m->n > 0) {
		lower_slots(l, h, objects);
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		lower_entry(l, h, &m->entries[i], &objects[i]);
}

static void lower_elements(struct lowering *l, const struct holder *h)
{
	const size_t first = l->out->n;

	if (h->map)
		lower_entries(l, h);
	for (size_t i = 0; h->set && i < h->set->n; i++)
		lower_member(l, h, i);
	sort_tail(l->out, first);
}

/* ---- sets and maps ---------------------------------------------------------------------------------------------- */

static void hold(struct lowering *l, const char *name, struct nft_set s, const struct set *set, const struct map *map)
{
	struct nft_object *o = object_new(l, NFT_SET);

	o->set = s;
	o->set.name = name;
	o->set.id = nft_set_id(l->plan, name);
	l->holders[l->n_holders++] = (struct holder){
		.object = o, .set = set, .map = map, .prefix = arena_printf(l->a, "elem/%s/", name),
	};
}

static int compare_holders(const void *a, const void *b)
{
	return strcmp(((const struct holder *)a)->prefix, ((const struct holder *)b)->prefix);
}

static void hold_all(struct lowering *l, enum lower_what what)
{
	const struct plan *p = l->plan;

	l->holders = arena_array(l->a, struct holder, p->n_sets + p->n_maps);
	l->verdicts = arena_array(l->a, struct verdict, VERDICTS);
	for (size_t i = 0; i < p->n_sets && what == LOWER_ALL; i++)
		hold(l, p->sets[i].name, nft_encode_set(p->sets[i].kind, l->a), &p->sets[i], NULL);
	for (size_t i = 0; i < p->n_maps; i++)
		if (what == LOWER_ALL || p->maps[i].kind != MAP_DEVICES)
			hold(l, p->maps[i].name, nft_encode_map(p->maps[i].kind, p->maps[i].size, l->a), NULL, &p->maps[i]);
	qsort(l->holders, l->n_holders, sizeof(*l->holders), compare_holders);
}

/* Holders are sorted as their names stand in keys of elements; `map/a` and `map/a-b` are sorted without the '/' behind. */
static void lower_declarations(struct lowering *l, bool maps)
{
	const size_t first = l->out->n;

	for (size_t i = 0; i < l->n_holders; i++) {
		const struct holder *h = &l->holders[i];
		if (maps == (h->map != NULL))
			add(l, h->object, maps ? &h->map->origin : &h->set->origin);
	}
	sort_tail(l->out, first);
}

static void lower_counters(struct lowering *l)
{
	for (size_t i = 0; i < l->plan->n_counters; i++) {
		struct nft_object *o = object_new(l, NFT_OBJECT);
		o->named.name = l->plan->counters[i].name;
		o->named.type = NFT_OBJECT_COUNTER;
		add(l, o, &l->plan->counters[i].origin);
	}
}

static void lower_table(struct lowering *l)
{
	struct nft_object *table = object_new(l, NFT_TABLE);

	table->table = nft_encode_table(l->a);
	add(l, table, NULL);
}

static void make_room(struct items *out, const struct plan *p)
{
	size_t n = p->n_chains + p->n_counters + p->n_sets + p->n_maps + 2;

	for (size_t i = 0; i < p->n_sets; i++)
		n += p->sets[i].n;
	for (size_t i = 0; i < p->n_maps; i++)
		n += p->maps[i].n;
	if (out->room == 0) {
		out->list = arena_array(out->arena, struct item, n);
		out->room = n;
	}
}

int nft_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d UNUSED)
{
	struct lowering l = { .plan = p, .out = out, .a = out->arena };

	if (p->kernel.target != TARGET_NFT || p->n_chains == 0 || what == LOWER_UNTRACKED)
		return 0;
	make_room(out, p);
	hold_all(&l, what);
	if (what == LOWER_ALL) {
		lower_chains(&l);
		lower_counters(&l);
	} else {
		lower_choices(&l);
	}
	for (size_t i = 0; i < l.n_holders; i++)
		lower_elements(&l, &l.holders[i]);
	lower_declarations(&l, true);
	lower_declarations(&l, false);
	if (what == LOWER_ALL)
		lower_table(&l);
	text_release(&l.words);
	text_release(&l.bytes);
	return 0;
}
