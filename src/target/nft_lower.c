/* SPDX-License-Identifier: MIT */
/* A plan's table as items: every object with the bytes that will be sent and the text made from them. A plan of a
 * thousand paths has some ten thousand items, so keys and bodies are built in one buffer and copied once. */
#include "base/base.h"

#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include "base/arena.h"
#include "target/nft.h"

struct lowering {
	const struct plan *plan;
	struct items *out;
	struct arena *a;
	struct text words, bytes;
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

static void lower_set(struct lowering *l, const struct set *s)
{
	struct nft_object *o = object_new(l, NFT_SET);

	o->set = nft_encode_set(s->kind, l->a);
	o->set.name = s->name;
	o->set.id = nft_set_id(l->plan, s->name);
	add(l, o, &s->origin);
	for (size_t i = 0; i < s->n; i++) {
		struct nft_object *e = object_new(l, NFT_ELEM);
		e->elem.set = &o->set;
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
}

static void lower_entry(struct lowering *l, const struct map *m, const struct nft_set *set, size_t i)
{
	const struct map_entry *entry = &m->entries[i];
	struct nft_object *e = object_new(l, NFT_ELEM);

	e->elem.set = set;
	e->elem.key = m->kind == MAP_DEVICES ? device_key(l, entry->device) : (const uint8_t *)&entry->key;
	e->elem.verdict = NFT_GOTO;
	e->elem.chain = entry->chain;
	add(l, e, &entry->origin);
}

static void lower_map(struct lowering *l, const struct map *m)
{
	struct nft_object *o = object_new(l, NFT_SET);

	o->set = nft_encode_map(m->kind, m->size, l->a);
	o->set.name = m->name;
	o->set.id = nft_set_id(l->plan, m->name);
	add(l, o, &m->origin);
	for (size_t i = 0; i < m->n; i++)
		lower_entry(l, m, &o->set, i);
}

/* What a weight or a state moves: entries of marks and lists, lists of another length, and who draws from them. */
static bool is_steering(const struct chain *c)
{
	return strncmp(c->name, "choose_", strlen("choose_")) == 0;
}

static void lower_rest(struct lowering *l)
{
	struct nft_object *table = object_new(l, NFT_TABLE);

	table->table = nft_encode_table(l->a);
	add(l, table, NULL);
	lower_about(l);
	for (size_t i = 0; i < l->plan->n_counters; i++) {
		struct nft_object *o = object_new(l, NFT_OBJECT);
		o->named.name = l->plan->counters[i].name;
		o->named.type = NFT_OBJECT_COUNTER;
		add(l, o, &l->plan->counters[i].origin);
	}
	for (size_t i = 0; i < l->plan->n_sets; i++)
		lower_set(l, &l->plan->sets[i]);
}

int nft_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d UNUSED)
{
	struct lowering l = { .plan = p, .out = out, .a = out->arena };

	if (p->n_chains == 0)
		return 0;
	if (what == LOWER_ALL)
		lower_rest(&l);
	for (size_t i = 0; i < p->n_maps; i++)
		if (what == LOWER_ALL || p->maps[i].kind != MAP_DEVICES)
			lower_map(&l, &p->maps[i]);
	for (size_t i = 0; i < p->n_chains; i++)
		if (what == LOWER_ALL || is_steering(&p->chains[i]))
			lower_chain(&l, &p->chains[i]);
	text_release(&l.words);
	text_release(&l.bytes);
	return 0;
}
