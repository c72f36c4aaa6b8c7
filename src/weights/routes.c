/* SPDX-License-Identifier: MIT */
/* A tree of routes in three walks that never meet an AS twice. Customer routes are shortest ways up from the destination,
 * from customer to provider. Peer routes are one step beside them. Provider routes go down from all ASes that have a route,
 * shortest first. Lengths never fall along each walk, so the first route an AS hears of is among its shortest, and a later
 * one counts only if it is as long and comes from a lower number: cycles of providers do no harm. */
#include "base/base.h"

#include "weights/memory.h"
#include "weights/relations.h"
#include "weights/routes.h"

enum learned { LEARNED_FROM_CUSTOMER, LEARNED_FROM_PEER, LEARNED_FROM_PROVIDER };
struct way {
	uint32_t next, length;
	uint32_t turn;           /* of the tree it belongs to */
	enum learned learned;
};

#define NO_AS UINT32_MAX

struct routes {
	const struct relations *relations;
	struct way *ways;                        /* of each AS */
	uint32_t turn;
	/* ASes that have a route: with customer routes, then peer routes, then provider routes. */
	uint32_t *order;
	size_t n_customer, n_peer, n;
	struct neighbours customers, peers;      /* of each AS those whose routes matter */
	bool is_all;                             /* they are the graph's own */
	uint32_t *seen;                          /* of each AS: the last time it was wanted */
	uint32_t n_wants;
};

struct routes *routes_new(const struct relations *r)
{
	struct routes *t = allocate(1, sizeof(*t));

	t->relations = r;
	t->ways = allocate(r->ases.n, sizeof(*t->ways));
	t->order = allocate(r->ases.n, sizeof(*t->order));
	t->seen = allocate(r->ases.n, sizeof(*t->seen));
	t->customers = r->customers;
	t->peers = r->peers;
	t->is_all = true;
	return t;
}

uint64_t routes_bytes(const struct relations *r)
{
	const size_t each = sizeof(struct way) + 4 * sizeof(uint32_t);   /* order, seen, and where two lists begin */

	return r->ases.n * each + 2 * r->n_pairs * sizeof(uint32_t);
}

static void neighbours_free(struct neighbours *n)
{
	free(n->from);
	free(n->list);
}

static void forget_wanted(struct routes *t)
{
	if (!t->is_all) {
		neighbours_free(&t->customers);
		neighbours_free(&t->peers);
	}
}

void routes_free(struct routes *t)
{
	if (!t)
		return;
	forget_wanted(t);
	free(t->ways);
	free(t->order);
	free(t->seen);
	free(t);
}

/* ---- what is wanted -------------------------------------------------------------------------------------------- */
/* The reverse of `of`, as far as it leads from the n ASes of `list`. */
static struct neighbours turn_round(const struct neighbours *of, size_t n_all, const uint32_t *list, size_t n)
{
	struct neighbours out = { allocate(n_all + 2, sizeof(uint32_t)), NULL };
	uint32_t *at = out.from + 1;             /* where the list of each has come to */

	for (size_t k = 0; k < n; k++)
		for (uint32_t i = of->from[list[k]]; i < of->from[list[k] + 1]; i++)
			at[of->list[i] + 1]++;
	for (size_t i = 0; i < n_all; i++)
		at[i + 1] += at[i];
	out.list = allocate(at[n_all], sizeof(uint32_t));
	for (size_t k = 0; k < n; k++)
		for (uint32_t i = of->from[list[k]]; i < of->from[list[k] + 1]; i++)
			out.list[at[of->list[i]]++] = list[k];
	return out;
}

/* A route depends on those of providers, theirs on those of their providers: all of these, and nobody else's. */
void routes_want(struct routes *t, const uint32_t *wanted, size_t n)
{
	const struct relations *r = t->relations;
	const struct neighbours *up = &r->providers;
	size_t n_order = 0;

	forget_wanted(t);
	t->is_all = false;
	t->n_wants++;
	for (size_t k = 0; k < n; k++) {
		if (t->seen[wanted[k]] != t->n_wants)
			t->order[n_order++] = wanted[k];
		t->seen[wanted[k]] = t->n_wants;
	}
	for (size_t k = 0; k < n_order; k++) {
		for (uint32_t i = up->from[t->order[k]]; i < up->from[t->order[k] + 1]; i++) {
			if (t->seen[up->list[i]] != t->n_wants)
				t->order[n_order++] = up->list[i];
			t->seen[up->list[i]] = t->n_wants;
		}
	}
	t->customers = turn_round(up, r->ases.n, t->order, n_order);
	t->peers = turn_round(&r->peers, r->ases.n, t->order, n_order);
}

/* ---- a tree ---------------------------------------------------------------------------------------------------- */
/* All of `list` beside `via` hear of its route. */
static void tell_route(struct routes *t, uint32_t via, const struct neighbours *list, enum learned learned)
{
	const uint32_t length = t->ways[via].length + 1;

	for (uint32_t i = list->from[via]; i < list->from[via + 1]; i++) {
		struct way *way = &t->ways[list->list[i]];
		if (way->turn != t->turn) {
			*way = (struct way){ .next = via, .length = length, .turn = t->turn, .learned = learned };
			t->order[t->n++] = list->list[i];
		} else if (way->learned == learned && way->length == length && via < way->next) {
			way->next = via;
		}
	}
}

/* The first of three lists that rise, each read up to its end. */
static uint32_t take_shortest(const struct routes *t, size_t at[3], const size_t end[3])
{
	size_t best = 3;

	for (size_t k = 0; k < 3; k++)
		if (at[k] < end[k] &&
		    (best == 3 || t->ways[t->order[at[k]]].length < t->ways[t->order[at[best]]].length))
			best = k;
	return best == 3 ? NO_AS : t->order[at[best]++];
}

void routes_towards(struct routes *t, uint32_t to)
{
	t->turn++;
	t->ways[to] = (struct way){ .next = to, .turn = t->turn, .learned = LEARNED_FROM_CUSTOMER };
	t->order[0] = to;
	t->n = 1;
	for (size_t i = 0; i < t->n; i++)
		tell_route(t, t->order[i], &t->relations->providers, LEARNED_FROM_CUSTOMER);
	t->n_customer = t->n;
	for (size_t i = 0; i < t->n_customer; i++)
		tell_route(t, t->order[i], &t->peers, LEARNED_FROM_PEER);
	t->n_peer = t->n;
	size_t at[3] = { 0, t->n_customer, t->n_peer };
	for (;;) {
		const size_t end[3] = { t->n_customer, t->n_peer, t->n };
		const uint32_t via = take_shortest(t, at, end);
		if (via == NO_AS)
			return;
		tell_route(t, via, &t->customers, LEARNED_FROM_PROVIDER);
	}
}

size_t routes_path(const struct routes *t, uint32_t from, uint32_t *path)
{
	size_t n = 0;

	if (t->ways[from].turn != t->turn)
		return 0;
	while (path[n++] = from, t->ways[from].length > 0)
		from = t->ways[from].next;
	return n;
}
