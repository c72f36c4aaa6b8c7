/* SPDX-License-Identifier: MIT */
/* Counts the addresses of each AS in each country. Prefixes, ranges of countries, hosts and reserved addresses are each laid
 * flat, as stretches that follow one another from 0.0.0.0 to the end, and one sweep goes along all of them side by side. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/as_list.h"
#include "weights/places.h"
#include "weights/places_parts.h"

/* From here to where the next one begins holds what range number `of` says. */
struct stretch {
	uint32_t from;
	uint32_t of;             /* NOTHING: no range */
};
#define NOTHING UINT32_MAX
struct layer {
	const struct stretch *list;      /* the first begins at 0 */
	size_t n;
};

struct places {
	struct places_tables tables;
	struct layer nets, lands, hosts;
	uint64_t *per_address;           /* of each range of hosts: hosts per address, in 1/65536 */
};

static const uint64_t addresses_end = UINT64_C(1) << 32;
enum { HOST_UNIT = 65536 };

/* Addresses that no network on the Internet has: anything but NOTHING. */
static const struct stretch reserved_list[] = {
	{ 0, 0 },                        /* 0.0.0.0/8 */
	{ 0x01000000, NOTHING },
	{ 0x0a000000, 0 },               /* 10.0.0.0/8 */
	{ 0x0b000000, NOTHING },
	{ 0x64400000, 0 },               /* 100.64.0.0/10 */
	{ 0x64800000, NOTHING },
	{ 0x7f000000, 0 },               /* 127.0.0.0/8 */
	{ 0x80000000, NOTHING },
	{ 0xa9fe0000, 0 },               /* 169.254.0.0/16 */
	{ 0xa9ff0000, NOTHING },
	{ 0xac100000, 0 },               /* 172.16.0.0/12 */
	{ 0xac200000, NOTHING },
	{ 0xc0000000, 0 },               /* 192.0.0.0/24 */
	{ 0xc0000100, NOTHING },
	{ 0xc0000200, 0 },               /* 192.0.2.0/24 */
	{ 0xc0000300, NOTHING },
	{ 0xc0a80000, 0 },               /* 192.168.0.0/16 */
	{ 0xc0a90000, NOTHING },
	{ 0xc6120000, 0 },               /* 198.18.0.0/15 */
	{ 0xc6140000, NOTHING },
	{ 0xc6336400, 0 },               /* 198.51.100.0/24 */
	{ 0xc6336500, NOTHING },
	{ 0xcb007100, 0 },               /* 203.0.113.0/24 */
	{ 0xcb007200, NOTHING },
	{ 0xe0000000, 0 },               /* 224.0.0.0/3 */
};
static const struct layer reserved = { reserved_list, ARRAY_LEN(reserved_list) };
static const struct stretch nothing_list[] = { { 0, NOTHING } };
static const struct layer nothing = { nothing_list, ARRAY_LEN(nothing_list) };

/* 23456 stands for any AS above 65535; the rest is for documentation, private use or nobody (IANA's registry). */
static bool is_counted_as(uint32_t as)
{
	return as != 0 && as != 23456 && !(as >= 64496 && as <= 131071) && as < 4200000000;
}

/* ---- laying flat ----------------------------------------------------------------------------------------------- */
/* Ranges that are open where we are, each within the one before. */
struct nest {
	const struct range_table *ranges;
	uint32_t open[33];
	size_t depth;
	uint64_t at;
	struct stretch *out;
	size_t n;
};

static void put(struct nest *t, uint64_t until)
{
	if (t->at >= until)
		return;
	t->out[t->n++] = (struct stretch){ (uint32_t)t->at, t->depth > 0 ? t->open[t->depth - 1] : NOTHING };
	t->at = until;
}

static void close_until(struct nest *t, uint64_t from)
{
	while (t->depth > 0) {
		const uint64_t end = (uint64_t)t->ranges->list[t->open[t->depth - 1]].to + 1;
		if (end > from)
			return;
		put(t, end);
		t->depth--;
	}
}

static struct layer flatten(const struct range_table *ranges, struct arena *a)
{
	struct nest t = { .ranges = ranges, .out = arena_array(a, struct stretch, 2 * ranges->n + 1) };

	for (size_t i = 0; i < ranges->n; i++) {
		close_until(&t, ranges->list[i].from);
		put(&t, ranges->list[i].from);
		t.open[t.depth++] = (uint32_t)i;
	}
	close_until(&t, addresses_end);
	put(&t, addresses_end);
	return (struct layer){ t.out, t.n };
}

static uint64_t end_of(const struct layer *l, size_t i)
{
	return i + 1 < l->n ? l->list[i + 1].from : addresses_end;
}

/* Hosts of a range are spread over those of its addresses that no range within it holds. */
static void spread_hosts(struct places *p, struct arena *a)
{
	const struct range_table *hosts = &p->tables.hosts;
	uint64_t *n = arena_array(a, uint64_t, hosts->n);

	for (size_t i = 0; i < p->hosts.n; i++)
		if (p->hosts.list[i].of != NOTHING)
			n[p->hosts.list[i].of] += end_of(&p->hosts, i) - p->hosts.list[i].from;
	for (size_t i = 0; i < hosts->n; i++)
		n[i] = n[i] ? (uint64_t)hosts->list[i].what * HOST_UNIT / n[i] : 0;
	p->per_address = n;
}

const struct places *places_read(const struct places_files *f, struct arena *a, struct diags *d)
{
	struct places *p = arena_one(a, struct places);

	if (places_read_tables(f, a, d, &p->tables))
		return NULL;
	p->nets = flatten(&p->tables.nets, a);
	p->lands = p->tables.has_lands ? flatten(&p->tables.lands, a) : nothing;
	p->hosts = p->tables.has_hosts ? flatten(&p->tables.hosts, a) : nothing;
	spread_hosts(p, a);
	return p;
}

/* ---- one address ----------------------------------------------------------------------------------------------- */
static const uint32_t *origins_of(const struct places *p, const struct range *net)
{
	return net->n_origins > 1 ? &p->tables.origins[net->what] : &net->what;
}

uint32_t places_as(const struct places *p, uint32_t address)
{
	size_t low = 0;
	size_t high = p->nets.n;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;
		if (p->nets.list[middle].from <= address)
			low = middle;
		else
			high = middle;
	}
	const uint32_t of = p->nets.list[low].of;
	return of == NOTHING ? 0 : *origins_of(p, &p->tables.nets.list[of]);
}

/* ---- all addresses --------------------------------------------------------------------------------------------- */
/* Addresses of one owner in a country: an AS, or a prefix with several origins. */
struct piece {
	uint64_t key;            /* country << 32 | owner */
	uint64_t count;
};
struct pieces {
	struct piece *list;
	size_t n, room;
};
struct sweep {
	const struct places *places;
	enum origin_rule rule;
	struct arena *arena;
	struct pieces single, shared;
};

static void add_piece(struct sweep *s, struct pieces *t, uint64_t key, uint64_t count)
{
	if (t->n > 0 && t->list[t->n - 1].key == key) {
		t->list[t->n - 1].count += count;
		return;
	}
	t->list = arena_grow(s->arena, t->list, t->n, &t->room, sizeof(*t->list));
	t->list[t->n++] = (struct piece){ key, count };
}

static int compare_pieces(const void *x, const void *y)
{
	const struct piece *a = x;
	const struct piece *b = y;

	return a->key < b->key ? -1 : a->key > b->key;
}

/* Sorted, each owner in a country once. */
static void gather(struct pieces *t)
{
	size_t n = 0;

	if (t->n > 1)
		qsort(t->list, t->n, sizeof(*t->list), compare_pieces);
	for (size_t i = 0; i < t->n; i++) {
		if (n > 0 && t->list[n - 1].key == t->list[i].key)
			t->list[n - 1].count += t->list[i].count;
		else
			t->list[n++] = t->list[i];
	}
	t->n = n;
}

/* Addresses of one prefix that lie together, in one country. */
static void add_stretch(struct sweep *s, uint32_t of, uint16_t country, uint64_t count)
{
	const struct range *net = &s->places->tables.nets.list[of];
	const uint32_t *origins = origins_of(s->places, net);
	const uint64_t key = (uint64_t)country << 32;
	uint32_t first = 0;
	size_t n = 0;

	for (size_t i = 0; i < net->n_origins; i++) {
		if (!is_counted_as(origins[i]))
			continue;
		if (n++ == 0)
			first = origins[i];
	}
	if (n == 1 || (n > 1 && s->rule == ORIGIN_FIRST))
		add_piece(s, &s->single, key | first, count);
	else if (n > 1 && s->rule == ORIGIN_SPLIT)
		add_piece(s, &s->shared, key | of, count);
}

/* The addresses of a prefix in a country, evenly; what is left goes one each to the lowest numbers. */
static void split(struct sweep *s, const struct piece *p)
{
	const struct range *net = &s->places->tables.nets.list[(uint32_t)p->key];
	const uint32_t *origins = origins_of(s->places, net);
	struct as_list l = { arena_array(s->arena, uint32_t, net->n_origins), 0 };

	for (size_t i = 0; i < net->n_origins; i++)
		if (is_counted_as(origins[i]))
			l.list[l.n++] = origins[i];
	as_list_sort(&l);
	for (size_t i = 0; i < l.n; i++) {
		const uint64_t count = p->count / l.n + (i < p->count % l.n);
		if (count > 0)
			add_piece(s, &s->single, p->key >> 32 << 32 | l.list[i], count);
	}
}

/* Where the sweep is in a layer. */
struct cursor {
	const struct layer *layer;
	size_t i;
};

static uint32_t of_cursor(const struct cursor *c)
{
	return c->layer->list[c->i].of;
}

static void sweep(struct sweep *s)
{
	enum { NETS, LANDS, HOSTS, RESERVED, LAYERS };
	const struct places *p = s->places;
	const struct places_tables *t = &p->tables;
	struct cursor c[LAYERS] = { { &p->nets, 0 }, { &p->lands, 0 }, { &p->hosts, 0 }, { &reserved, 0 } };

	for (uint64_t at = 0, next; at < addresses_end; at = next) {
		next = addresses_end;
		for (size_t k = 0; k < LAYERS; k++)
			next = MIN(next, end_of(c[k].layer, c[k].i));
		const uint32_t net = of_cursor(&c[NETS]);
		const uint32_t land = t->has_lands ? of_cursor(&c[LANDS]) : net;
		const uint32_t hosts = of_cursor(&c[HOSTS]);
		if (net != NOTHING && land != NOTHING && of_cursor(&c[RESERVED]) == NOTHING) {
			const uint16_t country = (t->has_lands ? &t->lands : &t->nets)->list[land].country;
			const uint64_t each = !t->has_hosts ? 1 : hosts != NOTHING ? p->per_address[hosts] : 0;
			if (country && each)
				add_stretch(s, net, country, (next - at) * each);
		}
		for (size_t k = 0; k < LAYERS; k++)
			c[k].i += next == end_of(c[k].layer, c[k].i);
	}
}

static size_t count_ases(const struct holdings *h, struct arena *a)
{
	struct as_list l = { arena_array(a, uint32_t, h->n), h->n };

	for (size_t i = 0; i < h->n; i++)
		l.list[i] = h->list[i].as;
	as_list_sort(&l);
	return l.n;
}

void places_count(const struct places *p, enum origin_rule rule, struct arena *a, struct holdings *out)
{
	struct sweep s = { .places = p, .rule = rule, .arena = a };

	sweep(&s);
	gather(&s.shared);
	for (size_t i = 0; i < s.shared.n; i++)
		split(&s, &s.shared.list[i]);
	gather(&s.single);
	*out = (struct holdings){ .n = s.single.n, .unit = p->tables.has_hosts ? HOST_UNIT : 1,
				  .list = arena_array(a, struct holding, s.single.n) };
	for (size_t i = 0; i < s.single.n; i++) {
		const struct piece *piece = &s.single.list[i];
		const uint16_t country = (uint16_t)(piece->key >> 32);
		out->list[i] = (struct holding){ .as = (uint32_t)piece->key, .count = piece->count,
						 .country = { (char)(country >> 8), (char)(country & 255) } };
		out->total += piece->count;
	}
	out->n_as = count_ases(out, a);
}
