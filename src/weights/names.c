/* SPDX-License-Identifier: MIT */
/* Sorted keys, searched by halving: whatever the names are, nothing here takes long. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/clients.h"
#include "weights/lines.h"
#include "weights/names.h"

enum { ID_BYTES = 20 };

void names_add(struct names *s, const char *key, uint32_t index)
{
	s->list = arena_grow(s->arena, s->list, s->n, &s->room, sizeof(*s->list));
	s->list[s->n++] = (struct name){ key, index };
}

static int compare_names(const void *x, const void *y)
{
	const struct name *a = x, *b = y;
	const int order = strcmp(a->key, b->key);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

void names_sort(struct names *s)
{
	if (s->n > 1)
		qsort(s->list, s->n, sizeof(*s->list), compare_names);
}

static int compare_key(struct str key, const char *name)
{
	const int order = key.n ? strncmp(key.p, name, key.n) : 0;

	return order ? order : name[key.n] ? -1 : 0;
}

/* How many keys are below this one, or with `also_equal` not above it. */
static size_t count_below(const struct names *s, struct str key, bool also_equal)
{
	size_t from = 0, to = s->n;

	while (from < to) {
		const size_t middle = (from + to) / 2;
		const int order = compare_key(key, s->list[middle].key);

		if (order > 0 || (also_equal && order == 0))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

size_t names_search(const struct names *s, struct str key, const struct name **first)
{
	const size_t from = count_below(s, key, false);

	*first = s->list + from;
	if (from == s->n || compare_key(key, s->list[from].key) != 0)
		return 0;
	return count_below(s, key, true) - from;
}

bool location_key_of(struct str name, char key[LOCATION_KEY])
{
	struct str rest = name, part;
	char *to = key;

	if (name.n >= LOCATION_KEY)
		return false;
	while (field_next(&rest, ',', &part)) {
		memcpy(to, part.p, part.n);
		to[part.n] = '\0';
		const char *short_name = location_key(to);
		memmove(to, short_name, strlen(short_name) + 1);
		to += strlen(to);
		if (rest.p)
			*to++ = ',';
	}
	*to = '\0';
	return true;
}

static int compare_ids(const void *x, const void *y, void *relays)
{
	const struct relay *list = relays;

	return memcmp(list[((const struct name *)x)->index].id, list[((const struct name *)y)->index].id, ID_BYTES);
}

void relay_index_init(struct relay_index *x, const struct relay *relays, size_t n, struct arena *a)
{
	*x = (struct relay_index){ .relays = relays, .names = { .arena = a }, .ids = { .arena = a } };
	for (size_t i = 0; i < n; i++) {
		names_add(&x->names, relays[i].name, (uint32_t)i);
		if (relays[i].has_id)
			names_add(&x->ids, NULL, (uint32_t)i);
	}
	names_sort(&x->names);
	if (x->ids.n > 1)
		qsort_r(x->ids.list, x->ids.n, sizeof(*x->ids.list), compare_ids, (void *)(uintptr_t)relays);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c & ~0x20) - 'A' + 10;
	return -1;
}

static bool parse_id(struct str s, uint8_t id[ID_BYTES])
{
	if (s.n == 2 * ID_BYTES + 1 && s.p[0] == '$')
		s = (struct str){ s.p + 1, s.n - 1 };
	if (s.n != 2 * ID_BYTES)
		return false;
	for (size_t i = 0; i < ID_BYTES; i++) {
		const int high = hex_value(s.p[2 * i]), low = hex_value(s.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

size_t relay_index_find(const struct relay_index *x, struct str id, const struct name **first)
{
	uint8_t bytes[ID_BYTES];
	size_t from = 0, to = x->ids.n;

	if (x->ids.n == 0 || !parse_id(id, bytes))
		return names_search(&x->names, id, first);
	while (from < to) {
		const size_t middle = (from + to) / 2;
		const int order = memcmp(bytes, x->relays[x->ids.list[middle].index].id, ID_BYTES);
		*first = &x->ids.list[middle];
		if (order == 0)
			return 1;
		if (order > 0)
			from = middle + 1;
		else
			to = middle;
	}
	return 0;
}

const char *relay_title(const struct relay *r, struct arena *a)
{
	char id[RELAY_ID_TEXT];

	return r->has_id ? arena_printf(a, "$%s", relay_id_print(r, id)) : r->name;
}
