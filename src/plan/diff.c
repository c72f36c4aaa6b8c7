/* SPDX-License-Identifier: MIT */
/* The difference of two sorted lists of items: one merge, the same for every target. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/item.h"

static const char about[] = "chain/about";      /* holds the generation, which is no difference */

static void change_add(struct changes *c, size_t *room, struct arena *a, const struct item *from, const struct item *to)
{
	enum change_op op = CHANGE_EDIT;

	if (strcmp((to ? to : from)->key, about) == 0)
		return;
	if (!from) {
		op = CHANGE_ADD;
		c->n_add++;
	} else if (!to) {
		op = CHANGE_REMOVE;
		c->n_remove++;
	} else {
		c->n_edit++;
	}
	c->list = arena_grow(a, c->list, c->n, room, sizeof(*c->list));
	c->list[c->n++] = (struct change){ .op = op, .from = from, .to = to };
}

void items_diff(const struct items *from, const struct items *to, struct arena *a, struct changes *out)
{
	size_t i = 0, k = 0, room = 0;

	*out = (struct changes){ 0 };
	while (i < from->n || k < to->n) {
		const struct item *old = i < from->n ? &from->list[i] : NULL;
		const struct item *new = k < to->n ? &to->list[k] : NULL;
		const int order = !old ? 1 : !new ? -1 : strcmp(old->key, new->key);

		if (order < 0)
			change_add(out, &room, a, old, NULL);
		else if (order > 0)
			change_add(out, &room, a, NULL, new);
		else if (strcmp(old->body, new->body) != 0)
			change_add(out, &room, a, old, new);
		i += order <= 0;
		k += order >= 0;
	}
}
