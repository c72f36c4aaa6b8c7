/* SPDX-License-Identifier: MIT */
/* From weights and states to turn lists and slot lists: who is eligible, what a member that is down keeps, and what is
 * done when nobody is left (packet.md section 4). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"
#include "plan/slots.h"

struct lists {
	struct compile *c;
	uint16_t *member_of;            /* by path number: member of the balance at hand, or SLOT_FREE */
};

/* Weights of the members that own entries. false: nobody is eligible. */
static bool eligible_weights(const struct balance_work *b, unsigned family, uint32_t *weights)
{
	bool found = false;

	for (int tier = 0; tier <= 1 && !found; tier++) {
		for (size_t i = 0; i < b->conf->n_members; i++) {
			const struct plan_member *m = &b->members[i];
			const bool up = m->path->state == MEMBER_UP;
			const bool takes_part = m->backup == (tier == 1) &&
				(b->n_lists == 1 || path_carries(m->path, family));

			weights[i] = takes_part && (up || (b->conf->when_down == DOWN_DROP && member_is_dead(m))) ?
				m->weight : 0;
			found |= up && weights[i] > 0;
		}
	}
	return found;
}

static const struct owner_list *old_list(const struct compile *c, const struct list_work *l, bool turn)
{
	for (size_t i = 0; i < c->before->n_lists; i++) {
		const struct owner_list *o = &c->before->lists[i];

		if (o->turn == turn && (turn || o->size == l->size) && strcmp(o->balance, l->memory_name) == 0)
			return o;
	}
	return NULL;
}

/* Entries of those that are no members any more are free. */
static void take_over(const struct lists *s, const struct owner_list *old, struct list_work *l)
{
	for (uint32_t i = 0; i < old->size; i++)
		l->owner[i] = old->owner[i] <= s->c->highest ? s->member_of[old->owner[i]] : SLOT_FREE;
}

static void new_owners(struct compile *c, struct list_work *l, uint32_t size)
{
	l->size = size;
	l->owner = arena_array(c->a, uint16_t, size);
	memset(l->owner, 0xff, size * sizeof(*l->owner));
}

static void nobody_left(const struct lists *s, const struct balance_work *b, struct list_work *l)
{
	const struct owner_list *old = old_list(s->c, l, b->turns);

	l->refused = b->conf->when_all_down == ALL_DOWN_DROP;
	l->kept = b->conf->when_all_down == ALL_DOWN_KEEP && old != NULL;
	new_owners(s->c, l, l->kept ? old->size : b->turns ? 1 : l->size);
	if (l->kept)
		take_over(s, old, l);
}

static void turn_list(const struct lists *s, const struct balance_work *b, struct list_work *l,
		      const uint32_t *weights)
{
	const uint64_t steps = slots_round(weights, b->conf->n_members);

	if (steps > LIST_LIMIT) {
		diag_error(s->c->d, &b->conf->place, "weights", "the round of '%s' has %llu steps, at most %d",
			   b->conf->name, (unsigned long long)steps, LIST_LIMIT);
		new_owners(s->c, l, 1);
		return;
	}
	new_owners(s->c, l, (uint32_t)steps);
	slots_turn(weights, b->conf->n_members, l->owner, s->c->a);
	if (b->conf->compat_seed) {            /* the second member begins */
		const uint16_t first = l->owner[0];
		memmove(l->owner, l->owner + 1, (steps - 1) * sizeof(*l->owner));
		l->owner[steps - 1] = first;
	}
}

static void slot_list(const struct lists *s, const struct balance_work *b, struct list_work *l,
		      const uint32_t *weights)
{
	const struct owner_list *old = old_list(s->c, l, false);
	uint32_t *quotas = arena_array(s->c->a, uint32_t, b->conf->n_members);

	new_owners(s->c, l, l->size);
	if (old)
		take_over(s, old, l);
	slots_quotas(weights, b->conf->n_members, l->size, quotas, s->c->a);
	slots_fill(quotas, b->conf->n_members, l->owner, l->size, s->c->a);
}

static void remember(struct compile *c, const struct balance_work *b, const struct list_work *l)
{
	uint16_t *owner = arena_array(c->a, uint16_t, l->size);

	for (uint32_t i = 0; i < l->size; i++) {
		if (l->refused)
			owner[i] = OWNER_REFUSED;
		else if (l->owner[i] != SLOT_FREE)
			owner[i] = (uint16_t)b->members[l->owner[i]].path->number;
	}
	*LIST_ADD(c->a, &c->lists) = (struct owner_list){ l->memory_name, b->turns, l->size, owner };
}

static void count_quotas(const struct balance_work *b, const struct list_work *l)
{
	for (uint32_t i = 0; i < l->size; i++) {
		if (l->owner[i] == SLOT_FREE)
			continue;
		struct plan_member *m = &b->members[l->owner[i]];
		m->quota += l->kept || !member_is_dead(m);
	}
}

static void make_list(const struct lists *s, struct balance_work *b, unsigned index, uint32_t *weights)
{
	struct list_work *l = &b->lists[index];
	struct compile *c = s->c;

	l->size = b->conf->slots;
	l->memory_name = index == 0 ? b->conf->name : JOIN(c->a, b->conf->name, "/6");
	if (!eligible_weights(b, index, weights))
		nobody_left(s, b, l);
	else if (b->turns)
		turn_list(s, b, l, weights);
	else
		slot_list(s, b, l, weights);
	l->map_name = arena_printf(c->a, "%s%s_%s.%u", b->turns ? "turn" : "slots", index == 0 ? "" : "6",
				   b->conf->name, l->size);
	remember(c, b, l);
}

/* The members of a next-hop group: weights as they are, the kernel keeps the buckets. */
static void group_quotas(struct compile *c, struct balance_work *b, uint32_t *weights)
{
	uint32_t *quotas = arena_array(c->a, uint32_t, b->conf->n_members);

	if (!eligible_weights(b, IP4, weights))
		return;
	slots_quotas(weights, b->conf->n_members, b->conf->slots, quotas, c->a);
	for (size_t i = 0; i < b->conf->n_members; i++)
		b->members[i].quota = quotas[i];
}

static void compile_list(const struct lists *s, struct balance_work *b)
{
	uint32_t *weights = arena_array(s->c->a, uint32_t, b->conf->n_members);

	b->out->size = b->conf->slots;
	if (!b->marks) {
		group_quotas(s->c, b, weights);
		return;
	}
	for (size_t i = 0; i < b->conf->n_members; i++)
		s->member_of[b->members[i].path->number] = (uint16_t)i;
	for (unsigned i = 0; i < b->n_lists; i++)
		make_list(s, b, i, weights);
	for (size_t i = 0; i < b->conf->n_members; i++)
		s->member_of[b->members[i].path->number] = SLOT_FREE;
	b->out->size = b->lists[0].size;
	count_quotas(b, &b->lists[0]);
}

void compile_lists(struct compile *c)
{
	struct lists s = { .c = c, .member_of = arena_array(c->a, uint16_t, c->highest + 1) };

	memset(s.member_of, 0xff, (c->highest + 1) * sizeof(*s.member_of));
	for (size_t i = 0; i < c->m->n_balances; i++)
		compile_list(&s, &c->balances[i]);
}
