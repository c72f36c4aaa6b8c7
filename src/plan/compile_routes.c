/* SPDX-License-Identifier: MIT */
/* Routes: the tables of the paths, what main gets, and routing as a whole (packet.md section 10). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/routing.h"

enum { BLOCK_SIZE = 200, BLOCK_BESIDE = 68 };

static struct prefix default_prefix(unsigned family)
{
	return (struct prefix){ .addr = { .family = af_of[family] } };
}

static struct prefix host_prefix(const struct addr *a)
{
	return (struct prefix){ .addr = *a, .len = (uint8_t)addr_bits(a) };
}

struct origin hop_origin(const struct plan_path *p, unsigned family)
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

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
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

static void compile_family(struct compile *c, const struct uses *u, unsigned family)
{
	struct family_work w = { .c = c, .family = family };

	table_routes(&w, u);
	routing_nexthops(&w);
	const size_t used = routing_rules(&w);
	if (family == IP4)
		c->p->ip4 = w.used || used > 0;
	else
		c->p->ip6 = w.used || used > 0;
}

void compile_routes(struct compile *c)
{
	const struct uses u = find_uses(c);

	LIST_ROOM(c->a, &c->routes, 2 * c->m->n_paths);
	LIST_ROOM(c->a, &c->rules, 2 * c->m->n_paths + BLOCK_SIZE);
	c->p->rule_size = MAX(BLOCK_SIZE, c->highest + BLOCK_BESIDE);
	for (unsigned f = 0; f < FAMILIES; f++)
		compile_family(c, &u, f);
	hop_routes(c);
	unique_routes(c);
}
