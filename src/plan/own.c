/* SPDX-License-Identifier: MIT */
/* What was displaced for us is remembered until it has been put back. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/item.h"

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct displaced *)a)->key, ((const struct displaced *)b)->key);
}

static struct displaced *displaced_find(const struct own *o, const char *key)
{
	const struct displaced wanted = { .key = key };

	if (!o->unsorted)
		return o->n_displaced ? bsearch(&wanted, o->displaced, o->n_displaced, sizeof(wanted), by_key) : NULL;
	for (size_t i = 0; i < o->n_displaced; i++)
		if (strcmp(o->displaced[i].key, key) == 0)
			return &o->displaced[i];
	return NULL;
}

void own_sort(struct own *o)
{
	if (o->unsorted)
		qsort(o->displaced, o->n_displaced, sizeof(*o->displaced), by_key);
	o->unsorted = false;
}

const struct displaced *own_displaced(const struct own *o, const char *key)
{
	return displaced_find(o, key);
}

bool displaced_is_ours(const struct displaced *d, const char *value)
{
	return (d->ours && strcmp(d->ours, value) == 0) || (d->former && strcmp(d->former, value) == 0);
}

void own_displace(struct own *o, const char *key, const char *value, const char *ours)
{
	struct displaced *d = displaced_find(o, key);

	if (d && (!ours || (d->ours && strcmp(d->ours, ours) == 0)))
		return;
	if (d) {
		d->former = displaced_is_ours(d, value) ? arena_strdup(o->arena, value) : NULL;
		d->ours = arena_strdup(o->arena, ours);
		d->rewritten = true;
		return;
	}
	o->unsorted |= o->n_displaced && strcmp(o->displaced[o->n_displaced - 1].key, key) > 0;
	o->displaced = arena_grow(o->arena, o->displaced, o->n_displaced, &o->displaced_room, sizeof(*o->displaced));
	o->displaced[o->n_displaced++] = (struct displaced){
		.key = arena_strdup(o->arena, key), .value = arena_strdup(o->arena, value),
		.ours = arena_strdup(o->arena, ours),
	};
}

void own_forget(struct own *o, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_displaced; i++)
		if (strcmp(o->displaced[i].key, key) != 0)
			o->displaced[n++] = o->displaced[i];
	o->n_displaced = n;
}
