/* SPDX-License-Identifier: MIT */
/* Routing: the tables of the paths, the rules that lead marked packets there, and the groups of engine nexthop
 * (packet.md sections 9 and 10). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"

enum { NEXTHOP_ID = 0x6e000000, NEXTHOP_FAMILY = 0x10000, GROUP_ID = 0x6e100000, GROUP_OTHER = 0x80000 };
enum { BLOCK_SIZE = 200, BLOCK_BESIDE = 68, BLOCK_NEAR = 1, BLOCK_PAST_NEAR = 48, BLOCK_REFUSED = 49, BLOCK_PATHS = 50,
       BLOCK_END = 17, WEIGHT_LIMIT = 255 };

/* What the routes and rules of one family are made of. */
struct family_work {
	struct compile *c;
	unsigned family;
	bool used;                      /* by the table of a path */
	bool balanced_default;          /* by a balance without `to` */
	struct prefix_list *to;         /* of each balance: what its paths' tables hold */
};

static struct prefix default_prefix(unsigned family)
{
	return (struct prefix){ .addr = { .family = af_of[family] } };
}

static struct prefix host_prefix(const struct addr *a)
{
	return (struct prefix){ .addr = *a, .len = (uint8_t)addr_bits(a) };
}

static const struct addr *path_via(const struct plan_path *p, unsigned family)
{
	return family == IP4 ? &p->via4 : &p->via6;
}

static struct origin hop_origin(const struct plan_path *p, unsigned family)
{
	const struct path *conf = p->conf;
	struct origin o = p->origin;

	if (conf->point_to_point)
		o.place = conf->interface_place;
	else if (conf->via_auto)
		o.place = conf->via_place;
	else
		o.place = family == IP4 ? conf->via4_place : conf->via6_place;
	return o;
}

/* ---- routes of the paths ---------------------------------------------------------------------------------------- */
static int compare_prefix(const void *x, const void *y)
{
	return prefix_compare(x, y);
}

/* `to` as written, each once: an inner prefix is a route of its own. */
static struct prefix_list routed_prefixes(const struct balance *b, unsigned family, struct arena *a)
{
	struct prefix_list l = { .list = arena_array(a, struct prefix, b->n_to + 1) };
	size_t all = 0;

	if (b->n_to == 0) {
		l.list[l.n++] = default_prefix(family);
		return l;
	}
	for (size_t i = 0; i < b->n_to; i++)
		if (b->to[i].prefix.addr.family == af_of[family])
			l.list[all++] = b->to[i].prefix;
	qsort(l.list, all, sizeof(*l.list), compare_prefix);
	for (size_t i = 0; i < all; i++)
		if (l.n == 0 || !prefix_eq(&l.list[i], &l.list[l.n - 1]))
			l.list[l.n++] = l.list[i];
	return l;
}

/* The balances whose `to` stands in a path's table, as lists by path: first[path], then next[]. */
struct uses {
	uint32_t *first, *next;         /* 1 + place; 0: none */
	const struct balance_work **balance;
	size_t n;
};

static struct uses find_uses(const struct compile *c)
{
	struct uses u = { .first = arena_array(c->a, uint32_t, c->m->n_paths) };
	size_t n = 0;

	for (size_t i = 0; i < c->m->n_balances; i++)
		n += c->balances[i].conf->n_members;
	u.next = arena_array(c->a, uint32_t, n);
	u.balance = arena_array(c->a, const struct balance_work *, n);
	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		for (size_t k = 0; k < b->conf->n_members && b->marks; k++) {
			uint32_t *first = &u.first[b->members[k].path - c->p->paths];

			u.balance[u.n] = b;
			u.next[u.n++] = *first;
			*first = (uint32_t)u.n;
		}
	}
	return u;
}

/* What the table of a path holds: sorted, each once. `own` is room that is used again for every path. */
static struct prefix_list table_prefixes(const struct family_work *w, const struct uses *u, const struct path_work *p,
					 struct prefix *own)
{
	const struct path *conf = p->out->conf;
	const uint32_t first = u->first[p - w->c->paths];
	struct prefix_list l = { .list = own };
	size_t all = 0;

	if (first != 0 && u->next[first - 1] == 0 && conf->n_probes == 0)
		return w->to[u->balance[first - 1] - w->c->balances];
	for (uint32_t i = first; i != 0; i = u->next[i - 1]) {
		const struct prefix_list *to = &w->to[u->balance[i - 1] - w->c->balances];

		memcpy(own + all, to->list, to->n * sizeof(*own));
		all += to->n;
	}
	const size_t balanced = all;
	for (size_t i = 0; i < conf->n_probes; i++) {
		const struct addr *target = &conf->probes[i].target.addr;
		bool covered = target->family != af_of[w->family];

		for (size_t k = 0; k < balanced && !covered; k++)
			covered = prefix_has(&own[k], target);
		if (!covered)
			own[all++] = host_prefix(target);
	}
	qsort(own, all, sizeof(*own), compare_prefix);
	for (size_t i = 0; i < all; i++)
		if (l.n == 0 || !prefix_eq(&own[i], &own[l.n - 1]))
			own[l.n++] = own[i];
	return l;
}

static size_t table_room(const struct family_work *w, const struct uses *u)
{
	size_t most = 0;

	for (size_t i = 0; i < w->c->m->n_paths; i++) {
		size_t n = w->c->m->paths[i].n_probes;

		for (uint32_t k = u->first[i]; k != 0; k = u->next[k - 1])
			n += w->to[u->balance[k - 1] - w->c->balances].n;
		most = MAX(most, n);
	}
	return most;
}

static void path_routes(struct family_work *w, const struct path_work *p, const struct prefix_list *l)
{
	struct compile *c = w->c;
	const struct addr *via = path_via(p->out, w->family);
	const struct origin origin = hop_origin(p->out, w->family);

	if (!path_carries(p->out, w->family) || l->n == 0)
		return;
	w->used = true;
	if (p->off || (p->out->conf->via_auto && via->family == 0))
		return;
	for (size_t i = 0; i < l->n; i++)
		*LIST_ADD(c->a, &c->routes) = (struct route){
			.family = af_of[w->family], .table = p->out->table, .to = l->list[i], .via = *via,
			.device = p->out->device, .onlink = via->family != 0, .origin = origin,
		};
}

static void table_routes(struct family_work *w, const struct uses *u)
{
	struct compile *c = w->c;
	struct prefix *own;

	w->to = arena_array(c->a, struct prefix_list, c->m->n_balances);
	for (size_t i = 0; i < c->m->n_balances; i++)
		w->to[i] = routed_prefixes(c->balances[i].conf, w->family, c->a);
	own = arena_array(c->a, struct prefix, table_room(w, u));
	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct prefix_list l = table_prefixes(w, u, &c->paths[i], own);
		path_routes(w, &c->paths[i], &l);
	}
}

/* Where checking is strict and main reaches a next hop by another device, the far machine's ARP requests need this. */
static void hop_routes(struct compile *c)
{
	for (size_t i = 0; i < c->f->n_hops; i++) {
		const struct fact_hop *h = &c->f->hops[i];

		if (!h->main_elsewhere || h->interface->rp_filter != 1 || h->hop.family != AF_INET ||
		    !h->interface->admin_up)
			continue;
		*LIST_ADD(c->a, &c->routes) = (struct route){
			.family = AF_INET, .table = TABLE_MAIN, .to = host_prefix(&h->hop),
			.device = h->interface->device,
			.origin = { JOIN(c->a, "path '", h->path, "'"), h->place },
		};
	}
}

static int compare_route(const void *x, const void *y)
{
	const struct route *a = x, *b = y;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return prefix_compare(&a->to, &b->to);
}

/* One table holds one route to a prefix: in main two paths may want the same. */
static void unique_routes(struct compile *c)
{
	struct route *list = c->routes.list;
	size_t n = 0, sorted = 1;

	while (sorted < c->routes.n && compare_route(&list[sorted - 1], &list[sorted]) < 0)
		sorted++;
	if (sorted >= c->routes.n)
		return;
	qsort(list, c->routes.n, sizeof(*list), compare_route);
	for (size_t i = 0; i < c->routes.n; i++) {
		char text[PREFIX_TEXT];

		if (n == 0 || compare_route(&list[n - 1], &list[i]) != 0) {
			list[n++] = list[i];
		} else if (strcmp(list[n - 1].device, list[i].device) != 0) {
			struct diag *g = diag_error(c->d, &list[i].origin.place, "main-route",
						    "'%s' would get two routes in the main table",
						    prefix_print(&list[i].to, text));
			diag_note(c->d, g, &list[n - 1].origin.place, "the other one is for this");
		}
	}
	c->routes.n = n;
}

/* ---- engine nexthop --------------------------------------------------------------------------------------------- */
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

static uint32_t gcd(uint32_t x, uint32_t y)
{
	while (y != 0) {
		const uint32_t rest = x % y;
		x = y;
		y = rest;
	}
	return x;
}

static bool in_group(const struct balance_work *b, size_t i, unsigned family, bool backups, bool keep)
{
	const struct plan_member *m = &b->members[i];

	return m->weight > 0 && m->backup == backups && path_carries(m->path, family) &&
	       (m->path->state == MEMBER_UP || keep);
}

/* The members of the group: those that are up, else the backups that are, else with `keep` all whose device is on.
 * Sets wanted[path] for each. */
static size_t group_members(struct compile *c, const struct balance_work *b, unsigned family,
			    struct nexthop_member *list, bool *wanted)
{
	size_t n = 0;
	uint32_t divisor = 0;

	for (int round = 0; round < 3 && n == 0; round++) {
		if (round == 2 && b->conf->when_all_down != ALL_DOWN_KEEP)
			break;
		for (size_t i = 0; i < b->conf->n_members; i++) {
			const struct plan_member *m = &b->members[i];

			if (!in_group(b, i, family, round == 1, round == 2) || path_work(c, m->path)->off)
				continue;
			list[n++] = (struct nexthop_member){ nexthop_id(m->path, family), m->weight };
			divisor = gcd(divisor, m->weight);
			wanted[m->path - c->p->paths] = true;
		}
	}
	for (size_t i = 0; i < n; i++) {
		list[i].weight /= divisor;
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

static void path_nexthops(struct family_work *w)
{
	struct compile *c = w->c;
	bool *wanted = arena_array(c->a, bool, c->m->n_paths);

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];
		struct nexthop_member *list;

		if (b->marks || !b->family[w->family])
			continue;
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

/* ---- rules ------------------------------------------------------------------------------------------------------ */
static struct rule *rule_new(struct family_work *w, uint32_t offset, enum rule_action action, const struct origin *o)
{
	struct rule *r = LIST_ADD(w->c->a, &w->c->rules);

	r->family = af_of[w->family];
	r->preference = w->c->m->kernel.rule_base + offset;
	r->action = action;
	r->origin = *o;
	return r;
}

/* Beside a balanced default route: specific routes of main win, but for what other balances take. */
static void near_rules(struct family_work *w, const struct origin *o)
{
	struct compile *c = w->c;
	const struct balance_work *whole = NULL;
	struct prefix_value *values;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		room += b->conf->n_to;
		if (b->marks && b->conf->n_to == 0 && !whole)
			whole = b;
	}
	if (!whole || c->compat)
		return;
	values = arena_array(c->a, struct prefix_value, room);
	for (size_t i = 0; i < c->m->n_balances; i++)
		for (size_t k = 0; k < c->balances[i].conf->n_to && c->balances[i].marks; k++)
			values[n++] = c->balances[i].conf->to[k];
	const struct prefix_list l = prefixes_reduce(values, n, af_of[w->family], c->a);
	if (l.n > RULES_NEAR) {
		diag_error(c->d, &whole->conf->place, "limit", "balances beside '%s' have %zu prefixes, at most %d",
			   whole->conf->name, l.n, RULES_NEAR);
		return;
	}
	for (size_t i = 0; i < l.n; i++) {
		struct rule *r = rule_new(w, BLOCK_NEAR + (uint32_t)i, RULE_GOTO, o);
		r->to = l.list[i];
		r->goto_preference = c->m->kernel.rule_base + BLOCK_PAST_NEAR;
	}
	struct rule *main = rule_new(w, BLOCK_NEAR + (uint32_t)l.n, RULE_LOOKUP, &whole->out->origin);
	main->table = TABLE_MAIN;
	main->suppress_default = true;
	if (l.n > 0)
		rule_new(w, BLOCK_PAST_NEAR, RULE_NOP, o);
}

static void refuse_rule(struct family_work *w)
{
	struct compile *c = w->c;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		if (!b->refuse)
			continue;
		struct rule *r = rule_new(w, BLOCK_REFUSED, RULE_UNREACHABLE, &b->out->origin);
		r->has_mark = true;
		r->mark = r->mask = c->m->kernel.mark_mask;
		return;
	}
}

static void path_rules(struct family_work *w)
{
	struct compile *c = w->c;

	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct path_work *p = &c->paths[i];

		if (p->out->mark == 0 || (!p->steered && p->out->conf->n_probes == 0))
			continue;
		struct rule *r = rule_new(w, BLOCK_PATHS + p->out->number, RULE_LOOKUP, &p->out->origin);
		r->has_mark = true;
		r->mark = p->out->mark;
		r->mask = p->mask;
		r->table = p->out->table;
	}
}

static void block_rules(struct family_work *w)
{
	struct compile *c = w->c;
	const struct origin o = { "the rules of the marks", c->m->place };
	const uint32_t end = c->p->rule_size - BLOCK_END;

	if (!w->used)
		return;
	if (!c->compat) {
		struct rule *skip = rule_new(w, 0, RULE_GOTO, &o);
		skip->has_mark = true;
		skip->mask = c->m->kernel.mark_mask;
		skip->goto_preference = c->m->kernel.rule_base + end;
		near_rules(w, &o);
	}
	refuse_rule(w);
	path_rules(w);
	if (!c->compat)
		rule_new(w, end, RULE_NOP, &o);
}

/* The selectors of one balance of engine nexthop, written out: in x from x to. */
struct selectors {
	const char *const *in;
	struct prefix_list from, to;
	size_t n;
};

static struct selectors selectors_of(const struct balance_work *b, unsigned family)
{
	struct selectors s = { .in = b->area.in, .from = b->area.from[family], .to = b->area.to[family] };

	s.n = MAX(b->area.n_in, 1) * MAX(s.from.n, 1) * MAX(s.to.n, 1);
	return s;
}

static void select_packets(struct rule *r, const struct selectors *s, size_t i)
{
	const size_t n_to = MAX(s->to.n, 1), n_from = MAX(s->from.n, 1);

	if (s->to.n > 0)
		r->to = s->to.list[i % n_to];
	if (s->from.n > 0)
		r->from = s->from.list[i / n_to % n_from];
	if (s->in)
		r->iif = s->in[i / n_to / n_from];
}

static bool group_exists(const struct compile *c, const struct balance_work *b, unsigned family)
{
	for (size_t i = 0; i < c->nexthops.n; i++) {
		const struct nexthop *h = &c->nexthops.list[i];

		if (h->group && (h->id & ~(uint32_t)GROUP_OTHER) == GROUP_ID + 2 * b->out->number + family)
			return true;
	}
	return false;
}

/* Rules of one balance; those without `to` ask main for specific routes first. Returns how many there are now. */
static size_t nexthop_rules(struct family_work *w, const struct balance_work *b, size_t used)
{
	struct compile *c = w->c;
	const struct selectors s = selectors_of(b, w->family);
	const size_t needed = s.n * (b->conf->n_to == 0 ? 2 : 1);
	const bool refuse = !group_exists(c, b, w->family) && b->conf->when_all_down == ALL_DOWN_DROP;
	const uint32_t first = c->p->rule_size - BLOCK_END + 1 + (uint32_t)used;

	if (used + needed > RULES_NEXTHOP) {
		diag_error(c->d, &b->conf->place, "limit", "balance '%s' with engine nexthop needs %zu rules, at most %zu",
			   b->conf->name, needed, RULES_NEXTHOP - used);
		return RULES_NEXTHOP;
	}
	for (size_t i = 0; i < needed - s.n; i++) {
		struct rule *r = rule_new(w, first + (uint32_t)i, RULE_LOOKUP, &b->out->origin);
		select_packets(r, &s, i);
		r->table = TABLE_MAIN;
		r->suppress_default = true;
	}
	for (size_t i = 0; i < s.n; i++) {
		struct rule *r = rule_new(w, first + (uint32_t)(needed - s.n + i),
					  refuse ? RULE_UNREACHABLE : RULE_LOOKUP, &b->out->origin);
		select_packets(r, &s, i);
		if (!refuse)
			r->table = c->m->kernel.table_base - b->out->number;
	}
	return used + needed;
}

static void check_engine(struct compile *c, const struct balance_work *b)
{
	if (b->conf->when_down == DOWN_DROP)
		diag_error(c->d, &b->conf->place, "policy", "'when-down drop' does not fit engine nexthop");
	for (size_t i = 0; i < b->conf->n_members; i++)
		if (b->members[i].path->state == MEMBER_DRAINING)
			diag_error(c->d, &b->conf->members[i].place, "policy", "engine nexthop cannot drain");
}

static void compile_family(struct compile *c, const struct uses *u, unsigned family)
{
	struct family_work w = { .c = c, .family = family };
	size_t used = 0;

	table_routes(&w, u);
	path_nexthops(&w);
	block_rules(&w);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (!c->order[i]->marks && c->order[i]->family[family])
			used = nexthop_rules(&w, c->order[i], used);
	if (family == IP4)
		c->p->ip4 = w.used || used > 0;
	else
		c->p->ip6 = w.used || used > 0;
}

void compile_routes(struct compile *c)
{
	const struct uses u = find_uses(c);

	LIST_ROOM(c->a, &c->routes, 2 * c->m->n_paths);
	LIST_ROOM(c->a, &c->rules, 2 * c->m->n_paths + RULES_NEXTHOP);
	c->p->rule_size = MAX(BLOCK_SIZE, c->highest + BLOCK_BESIDE);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (!c->balances[i].marks)
			check_engine(c, &c->balances[i]);
	for (unsigned f = 0; f < FAMILIES; f++)
		compile_family(c, &u, f);
	hop_routes(c);
	unique_routes(c);
}
