/* SPDX-License-Identifier: MIT */
/* An open hash table, at most half full. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/names.h"

uint32_t fnv1a(uint32_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x01000193;
	return hash;
}

void names_init(struct names *t, size_t n, struct arena *a)
{
	size_t room = 4;

	while (room < 2 * n + 2)
		room *= 2;
	*t = (struct names){ .entries = arena_array(a, struct name_entry, room), .mask = (uint32_t)room - 1 };
}

/* Its entry, or the free one where it would stand. */
static struct name_entry *entry_of(const struct names *t, const char *name)
{
	uint32_t i = fnv1a(FNV1A_START, name) & t->mask;

	while (t->entries[i].name && strcmp(t->entries[i].name, name) != 0)
		i = (i + 1) & t->mask;
	return &t->entries[i];
}

void names_put(struct names *t, const char *name, uint32_t value)
{
	struct name_entry *e = entry_of(t, name);

	t->n += e->name == NULL;
	*e = (struct name_entry){ name, value };
}

uint32_t names_find(const struct names *t, const char *name)
{
	if (t->n == 0)
		return NAME_NONE;
	const struct name_entry *e = entry_of(t, name);
	return e->name ? e->value : NAME_NONE;
}
