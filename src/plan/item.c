/* SPDX-License-Identifier: MIT */
/* Lists of items, sorted by key, and what we know as ours. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/item.h"

void items_init(struct items *s, struct arena *a)
{
	*s = (struct items){ .arena = a };
}

struct item *items_add(struct items *s, const char *key, const char *body, const struct origin *o, const void *obj)
{
	s->list = arena_grow(s->arena, s->list, s->n, &s->room, sizeof(*s->list));
	struct item *it = &s->list[s->n++];
	*it = (struct item){ .key = key, .body = body, .obj = obj };
	if (o)
		it->origin = *o;
	return it;
}

/* Keys share long beginnings (elem/slots_forward.1024/...), which comparing whole strings would read again and again:
 * the list is parted by one character at a time (multikey quicksort, Bentley and Sedgewick). */
struct keyed {
	const char *key;
	const struct item *item;
};

static void swap(struct keyed *a, struct keyed *b)
{
	const struct keyed t = *a;

	*a = *b;
	*b = t;
}

static void sort_few(struct keyed *list, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && strcmp(list[k - 1].key + depth, list[k].key + depth) > 0; k--)
			swap(&list[k - 1], &list[k]);
}

static void sort_keyed(struct keyed *list, size_t n, size_t depth)
{
	while (n > 8) {
		const unsigned char pivot = (unsigned char)list[n / 2].key[depth];
		size_t below = 0, above = n;

		for (size_t i = 0; i < above;) {
			const unsigned char c = (unsigned char)list[i].key[depth];

			if (c < pivot)
				swap(&list[below++], &list[i++]);
			else if (c > pivot)
				swap(&list[i], &list[--above]);
			else
				i++;
		}
		sort_keyed(list, below, depth);
		sort_keyed(list + above, n - above, depth);
		if (pivot == '\0')
			return;
		list += below;
		n = above - below;
		depth++;
	}
	sort_few(list, n, depth);
}

static bool is_sorted(const struct items *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (strcmp(s->list[i - 1].key, s->list[i].key) >= 0)
			return false;
	return true;
}

void items_sort(struct items *s)
{
	if (is_sorted(s))
		return;
	struct keyed *order = arena_array(s->arena, struct keyed, s->n);
	struct item *sorted = arena_array(s->arena, struct item, s->n);
	for (size_t i = 0; i < s->n; i++)
		order[i] = (struct keyed){ s->list[i].key, &s->list[i] };
	sort_keyed(order, s->n, 0);
	for (size_t i = 0; i < s->n; i++) {
		if (i > 0 && strcmp(order[i - 1].key, order[i].key) == 0)
			BUG("two items are called '%s'", order[i].key);
		sorted[i] = *order[i].item;
	}
	s->list = sorted;
	s->room = s->n;
}

static int compare_key(const void *key, const void *item)
{
	return strcmp(key, ((const struct item *)item)->key);
}

struct item *items_find(const struct items *s, const char *key)
{
	return s->n ? bsearch(key, s->list, s->n, sizeof(*s->list), compare_key) : NULL;
}

const char *stage_name(enum stage s)
{
	switch (s) {
	case STAGE_PREPARE:
		return "prepare";
	case STAGE_SWITCH:
		return "switch";
	case STAGE_RETIRE:
		return "retire";
	}
	BUG("stage %d", (int)s);
}

static struct displaced *displaced_find(const struct own *o, const char *key)
{
	for (size_t i = 0; i < o->n_displaced; i++)
		if (strcmp(o->displaced[i].key, key) == 0)
			return &o->displaced[i];
	return NULL;
}

const struct displaced *own_displaced(const struct own *o, const char *key)
{
	return displaced_find(o, key);
}

void own_displace(struct own *o, const char *key, const char *value, const char *ours)
{
	struct displaced *d = displaced_find(o, key);

	if (d) {
		d->ours = arena_strdup(o->arena, ours);
		return;
	}
	o->displaced = arena_grow(o->arena, o->displaced, o->n_displaced, &o->displaced_room, sizeof(*o->displaced));
	o->displaced[o->n_displaced++] = (struct displaced){
		.key = arena_strdup(o->arena, key), .value = arena_strdup(o->arena, value),
		.ours = arena_strdup(o->arena, ours),
	};
}
