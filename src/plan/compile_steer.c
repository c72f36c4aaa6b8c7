/* SPDX-License-Identifier: MIT */
/* Steering as a whole: arrivals, every balance, the sets they share, the hooks (packet.md section 3). */
#include "base/base.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "base/arena.h"
#include "plan/sort.h"
#include "plan/steer.h"

static void from_chain(struct compile *c, struct path_work *w)
{
	const struct plan_path *p = w->out;
	const char *name = p->conf->name;
	const struct op mark = op_value(OP_MARK, p->mark, w->mask);
	struct rules_work r = { 0 };

	w->from = JOIN(c->a, "from_", name);
	if (c->steering)
		return;
	r = rules_for(c, 2);
	if (w->saves) {
		struct op count = op_named(OP_COUNT, counter_add(c, JOIN(c->a, "arrivals_", name), &p->origin));
		RULE(c, &r, &p->origin, op_of(OP_CT_NEW), op_value(OP_CT_MARK_IS, 0, w->mask),
		     op_value(OP_SAVE, p->mark, w->mask), count);
	}
	RULE(c, &r, &p->origin, mark, op_of(OP_ACCEPT));
	chain_add(c, w->from, HOOK_NONE, &r, &p->origin);
}

/* Interfaces of one path alone; false: there is none. */
static bool arrivals(struct compile *c)
{
	struct map_entry *list = arena_array(c->a, struct map_entry, c->m->n_paths);
	size_t n = 0;

	for (size_t i = 0; i < c->m->n_paths; i++) {
		struct path_work *w = &c->paths[i];

		if (!w->steered || w->shared || c->compat)
			continue;
		from_chain(c, w);
		w->out->arrives = true;
		list[n++] = (struct map_entry){ .device = w->out->device, .chain = w->from, .origin = w->out->origin };
	}
	if (n == 0 || c->steering)
		return false;
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = "arrive", .kind = MAP_DEVICES, .entries = sort_by_first(list, n, sizeof(*list), c->a), .n = n,
		.origin = { .what = "arrivals by paths", .place = c->m->place },
	};
	return true;
}

static void number_set(struct compile *c, const char *name, enum set_kind kind, const uint8_t *numbers, size_t n)
{
	*LIST_ADD(c->a, &c->sets) = (struct set){
		.name = name, .kind = kind, .numbers = numbers, .n = n,
		.origin = { .what = name, .place = c->m->place },
	};
}

static void common_sets(struct compile *c)
{
	static const uint8_t ported[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_UDPLITE };
	static const uint8_t exempt[] = { RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST };
	bool need_ported = false, need_exempt = false;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		if (!b->choose)
			continue;
		need_ported |= steer_hashes(b->conf) && b->conf->on == ON_FLOW;
		need_exempt |= b->conf->n_to == 0;
	}
	if (need_ported)
		number_set(c, "ported", SET_PROTOCOLS, ported, ARRAY_LEN(ported));
	if (need_exempt)
		number_set(c, "exempt", SET_ADDRESS_TYPES, exempt, ARRAY_LEN(exempt));
}

static void compile_balance(struct compile *c, struct balance_work *b)
{
	if (!b->marks && !steer_goes_round(c, b))
		return;
	steer_sets(c, b);
	if (!b->marks || (b->conf->compat_seed && !b->turns))
		return;
	b->choose = JOIN(c->a, "choose_", b->conf->name);
	if (b->remembers)
		b->live = JOIN(c->a, "live_", b->conf->name);
	steer_members(c, b);
	if (b->refuses)
		steer_refusal(c, b);
	for (size_t i = 0; i < b->n_lists; i++)
		steer_list(c, b, &b->lists[i]);
	steer_choice(c, b);
}

/* Names come first in all of these. */
static void sort_steering(struct compile *c)
{
	c->chains.list = sort_by_first(c->chains.list, c->chains.n, sizeof(*c->chains.list), c->a);
	c->sets.list = sort_by_first(c->sets.list, c->sets.n, sizeof(*c->sets.list), c->a);
	c->maps.list = sort_by_first(c->maps.list, c->maps.n, sizeof(*c->maps.list), c->a);
	c->counters.list = sort_by_first(c->counters.list, c->counters.n, sizeof(*c->counters.list), c->a);
}

static void make_room(struct compile *c)
{
	size_t members = 0;

	if (c->steering)
		return;
	for (size_t i = 0; i < c->m->n_balances; i++)
		members += c->m->balances[i].n_members;
	LIST_ROOM(c->a, &c->chains, c->m->n_paths + 2 * members + 2 * c->m->n_balances + 2);
	LIST_ROOM(c->a, &c->counters, c->m->n_paths + 2 * members + c->m->n_balances);
}

void compile_steer(struct compile *c)
{
	make_room(c);
	const bool some_arrive = arrivals(c);

	for (size_t i = 0; i < c->m->n_balances; i++)
		compile_balance(c, &c->balances[i]);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (c->balances[i].live)
			steer_live(c, &c->balances[i]);
	common_sets(c);
	if (!c->steering) {
		steer_prerouting(c, some_arrive);
		steer_output(c);
	}
	sort_steering(c);
}
