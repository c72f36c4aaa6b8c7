/* SPDX-License-Identifier: MIT */
/* How packets get from a balance to a path: the chains of its members, and the maps that lead there. Chains stay the same
 * whatever weights and states are; those move map entries only. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/slots.h"
#include "plan/steer.h"

static void stateless_member(struct compile *c, struct balance_work *b, size_t i, const struct origin *o,
			     struct op count)
{
	const struct plan_path *p = b->members[i].path;
	struct rules_work r = rules_for(c, 1);

	b->pick[i] = JOIN(c->a, "send_", b->conf->name, "_", p->conf->name);
	if (p->mark == 0)                      /* the seed's first path */
		RULE(c, &r, o, count, op_of(OP_ACCEPT));
	else
		RULE(c, &r, o, op_value(OP_MARK, p->mark, path_work(c, p)->mask), count, op_of(OP_ACCEPT));
	chain_add(c, b->pick[i], HOOK_NONE, &r, o);
}

static void remembering_member(struct compile *c, struct balance_work *b, size_t i, const struct origin *o,
			       struct op count)
{
	const struct plan_path *p = b->members[i].path;
	const uint32_t mask = path_work(c, p)->mask;
	const char *name = p->conf->name;
	const struct op flows = op_named(OP_COUNT,
		counter_add(c, JOIN(c->a, "flows_", b->conf->name, "_", name), o));
	const struct op mark = op_value(OP_MARK, p->mark, mask);
	struct rules_work pick = rules_for(c, 2), stay = rules_for(c, 1);

	b->pick[i] = JOIN(c->a, "pick_", b->conf->name, "_", name);
	b->stay[i] = JOIN(c->a, "stay_", b->conf->name, "_", name);
	RULE(c, &pick, o, op_value(OP_SAVE, p->mark, mask), flows);
	RULE(c, &pick, o, mark, count, op_of(OP_ACCEPT));
	RULE(c, &stay, o, mark, count, op_of(OP_ACCEPT));
	chain_add(c, b->pick[i], HOOK_NONE, &pick, o);
	chain_add(c, b->stay[i], HOOK_NONE, &stay, o);
}

/* Their names are all that entries need. */
static void name_members(struct compile *c, struct balance_work *b)
{
	for (size_t i = 0; i < b->conf->n_members; i++) {
		const char *name = b->members[i].path->conf->name;

		b->pick[i] = JOIN(c->a, b->remembers ? "pick_" : "send_", b->conf->name, "_", name);
		if (b->remembers)
			b->stay[i] = JOIN(c->a, "stay_", b->conf->name, "_", name);
	}
}

void steer_members(struct compile *c, struct balance_work *b)
{
	b->pick = arena_array(c->a, const char *, b->conf->n_members);
	b->stay = arena_array(c->a, const char *, b->conf->n_members);
	if (c->steering) {
		name_members(c, b);
		return;
	}
	for (size_t i = 0; i < b->conf->n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		const struct origin o = { p->origin.what, b->conf->members[i].place };
		const char *name = JOIN(c->a, "packets_", b->conf->name, "_", p->conf->name);
		const struct op count = op_named(OP_COUNT, counter_add(c, name, &o));

		if (b->remembers)
			remembering_member(c, b, i, &o, count);
		else
			stateless_member(c, b, i, &o, count);
	}
}

void steer_refusal(struct compile *c, struct balance_work *b)
{
	const uint32_t mask = c->m->kernel.mark_mask;
	const struct origin *o = &b->out->origin;
	struct rules_work r = { 0 };

	b->refuse = JOIN(c->a, "refuse_", b->conf->name);
	if (c->steering)
		return;
	const char *counter = counter_add(c, JOIN(c->a, "refused_", b->conf->name), o);
	RULE(c, &r, o, op_value(OP_MARK, mask, mask), op_named(OP_COUNT, counter), op_of(OP_ACCEPT));
	chain_add(c, b->refuse, HOOK_NONE, &r, o);
}

static int compare_mark(const void *x, const void *y)
{
	const struct map_entry *a = x, *b = y;

	return a->key < b->key ? -1 : a->key > b->key;
}

static void sort_marks(struct map_entry *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i - 1].key < list[i].key)
		i++;
	if (i < n)
		qsort(list, n, sizeof(*list), compare_mark);
}

void steer_list(struct compile *c, const struct balance_work *b, const struct list_work *l)
{
	struct map_entry *entries = arena_array(c->a, struct map_entry, l->size);
	size_t n = 0;

	for (uint32_t i = 0; i < l->size; i++) {
		const uint16_t owner = l->owner[i];
		const char *chain = b->refuse;

		if (!l->refused) {
			if (owner == SLOT_FREE)
				continue;
			if (l->kept || !member_is_dead(&b->members[owner]))
				chain = b->pick[owner];
		}
		entries[n++] = (struct map_entry){ .key = i, .chain = chain, .origin = b->out->origin };
	}
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = l->map_name, .kind = MAP_SLOTS, .size = l->size, .entries = entries, .n = n,
		.origin = b->out->origin,
	};
}

/* Where a connection that has this member's mark goes; NULL: it is drawn anew. */
static const char *live_chain(const struct balance_work *b, size_t i, const bool *kept)
{
	const bool all_refused = b->lists[0].refused && (b->n_lists == 1 || b->lists[1].refused);

	if (!member_is_dead(&b->members[i]) || kept[i])
		return b->stay[i];
	return b->conf->when_down == DOWN_DROP || all_refused ? b->refuse : NULL;
}

void steer_live(struct compile *c, const struct balance_work *b)
{
	const size_t n_members = b->conf->n_members;
	struct map_entry *list = arena_array(c->a, struct map_entry, n_members + c->m->n_paths);
	bool *kept = arena_array(c->a, bool, n_members), *member = arena_array(c->a, bool, c->m->n_paths);
	size_t n = 0;

	for (size_t i = 0; i < b->n_lists; i++)
		for (uint32_t k = 0; k < b->lists[i].size && b->lists[i].kept; k++)
			if (b->lists[i].owner[k] != SLOT_FREE)
				kept[b->lists[i].owner[k]] = true;
	for (size_t i = 0; i < n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		const char *chain = live_chain(b, i, kept);

		member[p - c->p->paths] = true;
		if (chain)
			list[n++] = (struct map_entry){ .key = p->mark, .chain = chain, .origin = b->out->origin };
	}
	for (size_t i = 0; i < c->m->n_paths && b->conf->inbound_same_path; i++) {
		const struct path_work *w = &c->paths[i];
		const bool dead = w->out->state == MEMBER_DOWN || w->out->state == MEMBER_PROBING;

		if (!member[i] && w->from && w->saves && !dead)
			list[n++] = (struct map_entry){ .key = w->out->mark, .chain = w->from, .origin = w->out->origin };
	}
	sort_marks(list, n);
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = b->live, .kind = MAP_MARKS, .entries = list, .n = n, .origin = b->out->origin,
	};
}
