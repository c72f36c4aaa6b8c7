/* SPDX-License-Identifier: MIT */
/* Lists of items, sorted by key. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/item.h"
#include "plan/sort.h"

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

static void sort(struct items *s)
{
	struct item *sorted = sort_by_first(s->list, s->n, sizeof(*s->list), s->arena);

	if (sorted != s->list)
		s->room = s->n;
	s->list = sorted;
}

void items_sort(struct items *s)
{
	sort(s);
	for (size_t i = 1; i < s->n; i++)
		if (strcmp(s->list[i - 1].key, s->list[i].key) == 0)
			BUG("two items are called '%s'", s->list[i].key);
}

void items_sort_live(struct items *s)
{
	size_t n = 0;

	sort(s);
	for (size_t i = 0; i < s->n; i++) {
		const bool twin = n > 0 && strcmp(s->list[n - 1].key, s->list[i].key) == 0;

		if (twin && strcmp(s->list[n - 1].body, s->list[i].body) != 0)
			BUG("two items are called '%s'", s->list[i].key);
		if (!twin)
			s->list[n++] = s->list[i];
	}
	s->n = n;
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
