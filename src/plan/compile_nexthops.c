/* SPDX-License-Identifier: MIT */
/* Engine nexthop: a resilient group of next hops for each balance, and the route that leads to it (packet.md
 * section 9). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/routing.h"
#include "plan/slots.h"

enum { NEXTHOP_ID = 0x6e000000, NEXTHOP_FAMILY = 0x10000, GROUP_ID = 0x6e100000, GROUP_OTHER = 0x80000,
       WEIGHT_LIMIT = 255 };

static uint32_t nexthop_id(const struct plan_path *p, unsigned family)
{
	return NEXTHOP_ID + family * NEXTHOP_FAMILY + p->number;
}

/* A group cannot change its number of buckets: another one takes its place, and the first id comes back after it. What
 * is remembered is a list whose entries tell which of the two is in use, 1 or 2. */
static uint32_t group_id(struct compile *c, const struct balance_work *b, unsigned family)
{
	const char *name = JOIN(c->a, b->conf->name, "/group");
	uint32_t which = 1;
	bool known = false;

	for (size_t i = 0; i < c->before->n_lists; i++) {
		const struct owner_list *o = &c->before->lists[i];

		if (strcmp(o->balance, name) == 0 && o->size > 0)
			which = (o->owner[0] == 2) != (o->size != b->conf->slots) ? 2 : 1;
	}
	for (size_t i = 0; i < c->lists.n; i++)      /* by the other family */
		known |= strcmp(c->lists.list[i].balance, name) == 0;
	if (!known) {
		uint16_t *owner = arena_array(c->a, uint16_t, b->conf->slots);

		for (uint32_t i = 0; i < b->conf->slots; i++)
			owner[i] = (uint16_t)which;
		*LIST_ADD(c->a, &c->lists) = (struct owner_list){ name, false, b->conf->slots, owner };
	}
	return GROUP_ID + 2 * b->out->number + family + (which == 2 ? GROUP_OTHER : 0);
}

static bool in_group(const struct balance_work *b, size_t i, unsigned family, bool backups, bool keep)
{
	const struct plan_member *m = &b->members[i];

	return m->weight > 0 && m->backup == backups && path_carries(m->path, family) &&
	       (m->path->state == MEMBER_UP || keep);
}

/* The members of the group, of those whose link is there: those that are up, else the backups that are, else with `keep`
 * all. Sets wanted[path] for each. */
static size_t group_members(struct compile *c, const struct balance_work *b, unsigned family,
			    struct nexthop_member *list, bool *wanted)
{
	uint32_t *weights = arena_array(c->a, uint32_t, b->conf->n_members);
	size_t n = 0;

	for (int round = 0; round < 3 && n == 0; round++) {
		if (round == 2 && b->conf->when_all_down != ALL_DOWN_KEEP)
			break;
		for (size_t i = 0; i < b->conf->n_members; i++) {
			const struct plan_member *m = &b->members[i];

			if (!in_group(b, i, family, round == 1, round == 2) || path_work(c, m->path)->dead)
				continue;
			weights[n] = m->weight;
			list[n++].id = nexthop_id(m->path, family);
			wanted[m->path - c->p->paths] = true;
		}
	}
	const uint32_t divisor = slots_divisor(weights, n);
	for (size_t i = 0; i < n; i++) {
		list[i].weight = weights[i] / divisor;
		if (list[i].weight > WEIGHT_LIMIT) {
			diag_error(c->d, &b->conf->place, "weights", "engine nexthop takes weights up to %d",
				   WEIGHT_LIMIT);
			break;
		}
	}
	return n;
}

static void group_routes(struct family_work *w, const struct balance_work *b, const struct nexthop_member *members,
			 size_t n)
{
	struct compile *c = w->c;
	const struct prefix_list to = w->to[b - c->balances];
	const uint32_t id = group_id(c, b, w->family);

	*LIST_ADD(c->a, &c->nexthops) = (struct nexthop){
		.id = id, .family = af_of[w->family], .group = true, .members = members, .n_members = n,
		.buckets = b->conf->slots, .origin = b->out->origin,
	};
	for (size_t i = 0; i < to.n; i++)
		*LIST_ADD(c->a, &c->routes) = (struct route){
			.family = af_of[w->family], .table = c->m->kernel.table_base - b->out->number,
			.to = to.list[i], .nexthop_id = id, .origin = b->out->origin,
		};
}

static void check_engine(struct compile *c, const struct balance_work *b)
{
	if (b->conf->when_down == DOWN_DROP)
		diag_error(c->d, &b->conf->place, "policy", "'when-down drop' does not fit engine nexthop");
	for (size_t i = 0; i < b->conf->n_members; i++)
		if (b->members[i].path->state == MEMBER_DRAINING)
			diag_hint(c->d, diag_error(c->d, &b->conf->members[i].place, "policy", "engine nexthop cannot drain"),
				  "nlbc path %s up, or down", b->members[i].path->conf->name);
}

void routing_nexthops(struct family_work *w)
{
	struct compile *c = w->c;
	bool *wanted = arena_array(c->a, bool, c->m->n_paths);

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];
		struct nexthop_member *list;

		if (b->marks || !b->family[w->family])
			continue;
		if (w->family == IP4 || !b->family[IP4])
			check_engine(c, b);
		list = arena_array(c->a, struct nexthop_member, b->conf->n_members);
		const size_t n = group_members(c, b, w->family, list, wanted);
		if (n > 0)
			group_routes(w, b, list, n);
	}
	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct plan_path *p = &c->p->paths[i];

		if (wanted[i])
			*LIST_ADD(c->a, &c->nexthops) = (struct nexthop){
				.id = nexthop_id(p, w->family), .family = af_of[w->family],
				.via = *path_via(p, w->family), .device = p->device,
				.origin = hop_origin(p, w->family),
			};
	}
}

bool routing_has_group(const struct compile *c, const struct balance_work *b, unsigned family)
{
	for (size_t i = 0; i < c->nexthops.n; i++) {
		const struct nexthop *h = &c->nexthops.list[i];

		if (h->group && (h->id & ~(uint32_t)GROUP_OTHER) == GROUP_ID + 2 * b->out->number + family)
			return true;
	}
	return false;
}
