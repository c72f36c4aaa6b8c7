/* SPDX-License-Identifier: MIT */
/* Reads what penalties follow from: ASes of clients, of guards, of exits with their weights, of destinations or suspects,
 * and the relations of all of these. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/as_list.h"
#include "weights/bandwidth.h"
#include "weights/clients.h"
#include "weights/consensus.h"
#include "weights/lines.h"
#include "weights/memory.h"
#include "weights/penalty.h"
#include "weights/penalty_parts.h"
#include "weights/places.h"

/* By AS number, until there are relations to have an index of. */
struct gathered {
	const struct penalty_wish *wish;
	struct arena *arena;
	struct diags *diags;
	struct penalties *out;
	uint32_t *clients;
	size_t n_clients;
	struct as_list guards, suspects;
	struct stakes exits, destinations;
};

/* ---- stakes ---------------------------------------------------------------------------------------------------- */
static void add_stake(struct gathered *g, struct stakes *s, uint32_t as, wide weight)
{
	s->list = arena_grow(g->arena, s->list, s->n, &s->room, sizeof(*s->list));
	s->list[s->n++] = (struct stake){ as, weight };
}

static int compare_stakes(const void *x, const void *y)
{
	const struct stake *a = x;
	const struct stake *b = y;

	return a->as < b->as ? -1 : a->as > b->as;
}

/* Each AS once, with the sum of its weights. */
static void add_up(struct stakes *s)
{
	size_t n = 0;

	if (s->n > 1)
		qsort(s->list, s->n, sizeof(*s->list), compare_stakes);
	for (size_t i = 0; i < s->n; i++) {
		if (n > 0 && s->list[n - 1].as == s->list[i].as)
			s->list[n - 1].weight += s->list[i].weight;
		else
			s->list[n++] = s->list[i];
	}
	s->n = n;
}

/* ---- clients --------------------------------------------------------------------------------------------------- */
static int gather_clients(struct gathered *g)
{
	const struct client_list *c = clients_read(g->wish->clients, g->wish->lenient, g->arena, g->diags);
	int err = 0;

	if (!c)
		return -EINVAL;
	g->n_clients = c->n;
	g->clients = arena_array(g->arena, uint32_t, c->n);
	g->out->rows = arena_array(g->arena, const char *, c->n);
	for (size_t i = 0; i < c->n; i++) {
		g->out->rows[i] = c->list[i].name;
		if (parse_as(str_of(c->list[i].name), &g->clients[i]) == 0)
			continue;
		diag_error(g->diags, &c->list[i].place, "input", "'%s' is not an AS number", c->list[i].name);
		err = -EINVAL;
	}
	return err;
}

/* ---- relays ---------------------------------------------------------------------------------------------------- */
/* Weights of the last position, in units: published, else computed. */
static int exit_weights(struct gathered *g, const struct consensus *c, int64_t *wee, int64_t *wed)
{
	struct bandwidth_sums sums;
	struct bandwidth_weights computed;
	const char *reason = NULL;

	if (c->has_weights) {
		*wee = c->published[WEE];
		*wed = c->published[WED];
		if (*wee >= 0 && *wed >= 0 && *wee <= c->scale && *wed <= c->scale)
			return 0;
		struct diag *d = diag_error(g->diags, &c->weights_place, "input", "published weights of exits are out of range");
		diag_hint(g->diags, d, "0 to %d", (int)c->scale);
		return -EINVAL;
	}
	bandwidth_add(c->relays, c->n_relays, c->method, &sums);
	if (bandwidth_compute(&sums, c->scale, &computed, &reason)) {
		diag_error(g->diags, &c->weights_place, "input", "no weights of exits are published, and none can be computed: %s",
			   reason);
		return -EINVAL;
	}
	*wee = computed.wee;
	*wed = computed.wed;
	return 0;
}

static void gather_relay(struct gathered *g, const struct relay *r, const struct places *p, wide exit_weight)
{
	const bool is_guard = r->class == CLASS_GUARD || r->class == CLASS_GUARD_EXIT;
	const wide weight = r->is_weighted ? exit_weight * (wide)r->weight : 0;

	if (!is_guard && weight == 0)
		return;
	const uint32_t as = r->address ? places_as(p, r->address) : 0;
	if (as == 0) {
		g->out->relays_without_as++;
		return;
	}
	if (is_guard)
		g->guards.list[g->guards.n++] = as;
	if (weight > 0)
		add_stake(g, &g->exits, as, weight);
}

static int gather_relays(struct gathered *g, const struct places *p)
{
	const struct consensus *c = consensus_read(g->wish->relays, "nlbc weights penalty --relays - ...", g->arena, g->diags);
	int64_t wee = 0;
	int64_t wed = 0;

	if (!c || (g->wish->destinations && exit_weights(g, c, &wee, &wed)))
		return -EINVAL;
	g->guards.list = arena_array(g->arena, uint32_t, c->n_relays);
	for (size_t i = 0; i < c->n_relays; i++) {
		const struct relay *r = &c->relays[i];
		gather_relay(g, r, p, r->class == CLASS_EXIT ? wee : r->class == CLASS_GUARD_EXIT ? wed : 0);
	}
	as_list_sort(&g->guards);
	add_up(&g->exits);
	if (g->out->relays_without_as > 0)
		diag_warning(g->diags, NULL, "input", "%zu relay%s left out: no prefix with an AS holds the address",
			     g->out->relays_without_as, g->out->relays_without_as == 1 ? "" : "s");
	if (g->guards.n == 0)
		diag_error(g->diags, NULL, "input", "no guards");
	else if (g->wish->destinations && g->exits.n == 0)
		diag_error(g->diags, NULL, "input", "no exits");
	else
		return 0;
	return -EINVAL;
}

/* ---- destinations, suspects ------------------------------------------------------------------------------------ */
static void read_destination(struct gathered *g, struct lines *l, const struct str *field)
{
	uint64_t weight = 0;
	uint32_t as;

	if (parse_as(field[0], &as)) {
		lines_wrong(l, field[0], "'%.*s' is not an AS number", (int)field[0].n, field[0].p);
		return;
	}
	const int err = parse_whole(field[1], UINT64_C(1) << 32, &weight);
	if (err == -EINVAL) {
		lines_wrong(l, field[1], "'%.*s' is not a weight", (int)field[1].n, field[1].p);
	} else if (err || weight == 0) {
		struct diag *d = lines_wrong(l, field[1], "'%.*s' is out of range", (int)field[1].n, field[1].p);
		diag_hint(g->diags, d, "1 to 4294967296");
	} else {
		add_stake(g, &g->destinations, as, (wide)weight);
	}
}

static int read_destinations(struct gathered *g, struct lines *l)
{
	struct csv c = { .lines = l, .names = { "as", "weight" } };
	int got;

	while ((got = csv_next(&c)) > 0)
		read_destination(g, l, c.field);
	return got < 0 || lines_failed(l) ? -EINVAL : 0;
}

static int gather_destinations(struct gathered *g)
{
	const struct lines_wish wish = { .lenient = g->wish->lenient, .any_bytes = true };
	struct lines *l = lines_open(g->wish->destinations, &wish, g->arena, g->diags);

	if (!l)
		return -EINVAL;
	int err = read_destinations(g, l);
	if (!err && g->destinations.n == 0) {
		const struct place place = lines_file(l);
		diag_error(g->diags, &place, "input", "no destinations");
		err = -EINVAL;
	}
	lines_close(l);
	add_up(&g->destinations);
	return err;
}

static int gather_suspects(struct gathered *g)
{
	return as_list_read(g->wish->suspects, "no suspects", g->wish->lenient, g->arena, g->diags, &g->suspects);
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */
/* All ASes that anything is asked about. */
static struct as_list everybody(const struct gathered *g)
{
	const size_t room = g->n_clients + g->guards.n + g->suspects.n + g->exits.n + g->destinations.n;
	struct as_list all = { arena_array(g->arena, uint32_t, room), 0 };

	for (size_t i = 0; i < g->n_clients; i++)
		all.list[all.n++] = g->clients[i];
	for (size_t i = 0; i < g->guards.n; i++)
		all.list[all.n++] = g->guards.list[i];
	for (size_t i = 0; i < g->suspects.n; i++)
		all.list[all.n++] = g->suspects.list[i];
	for (size_t i = 0; i < g->exits.n; i++)
		all.list[all.n++] = g->exits.list[i].as;
	for (size_t i = 0; i < g->destinations.n; i++)
		all.list[all.n++] = g->destinations.list[i].as;
	as_list_sort(&all);
	return all;
}

static uint32_t *indexes_of(const struct relations *r, const uint32_t *ases, size_t n, struct arena *a)
{
	uint32_t *out = arena_array(a, uint32_t, n);

	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)as_list_find(&r->ases, ases[i]);
	return out;
}

static void index_stakes(const struct relations *r, struct stakes *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->list[i].as = (uint32_t)as_list_find(&r->ases, s->list[i].as);
}

/* The values, a bit of every sample for each AS, and what threads take. */
static bool has_memory(struct gathered *g, const struct penalty_task *t, bool is_wide)
{
	const uint64_t values = (uint64_t)t->n_clients * t->n_guards * (is_wide ? sizeof(*t->p32) : sizeof(*t->p16));
	const uint64_t bits = g->wish->destinations ? (uint64_t)t->relations->ases.n * g->wish->samples / 8 : 0;

	return memory_allows(g->arena, values + bits + g->wish->threads * penalty_thread_bytes(t), g->diags);
}

/* 0, -EINTR, or -ENOMEM: explained. */
static int fill_in(struct gathered *g, const struct relations *r, struct progress *progress)
{
	struct penalties *out = g->out;
	struct watch watch = { .n = (uint32_t)g->suspects.n };
	struct penalty_task task = {
		.relations = r, .watch = &watch,
		.clients = indexes_of(r, g->clients, g->n_clients, g->arena), .n_clients = g->n_clients,
		.guards = indexes_of(r, g->guards.list, g->guards.n, g->arena), .n_guards = g->guards.n,
	};
	const bool is_wide = (g->wish->destinations ? g->wish->samples : g->suspects.n) > UINT16_MAX;
	const size_t cells = g->n_clients * g->guards.n;

	if (!has_memory(g, &task, is_wide))
		return -ENOMEM;
	if (g->wish->destinations) {
		index_stakes(r, &g->exits);
		index_stakes(r, &g->destinations);
		watch_samples(r, &g->exits, &g->destinations, g->wish->samples, g->arena, &watch, &out->pairs_without_route);
	} else {
		watch_suspects(r, &g->suspects, g->arena, &watch);
	}
	if (is_wide)
		task.p32 = arena_array(g->arena, uint32_t, cells);
	else
		task.p16 = arena_array(g->arena, uint16_t, cells);
	out->values = (struct values){ .rows = g->n_clients, .columns = g->guards.n, .p16 = task.p16, .p32 = task.p32 };
	return penalty_rows(&task, g->wish->threads, progress, &out->pairs_without_route);
}

static int gather(struct gathered *g)
{
	const struct places_files files = { .prefixes = g->wish->prefixes, .location = g->wish->location,
					    .lenient = g->wish->lenient };

	if (gather_clients(g))
		return -EINVAL;
	if (g->wish->destinations ? gather_destinations(g) : gather_suspects(g))
		return -EINVAL;
	const struct places *p = places_read(&files, g->arena, g->diags);
	return p ? gather_relays(g, p) : -EINVAL;
}

const struct penalties *penalty_compute(const struct penalty_wish *w, struct progress *progress, struct arena *a,
					struct diags *d)
{
	struct penalties *out = arena_one(a, struct penalties);
	struct gathered g = { .wish = w, .arena = a, .diags = d, .out = out };

	if (gather(&g))
		return NULL;
	const struct as_list all = everybody(&g);
	const struct relations *r = relations_read(w->relations, &all, w->lenient, a, d);
	if (!r)
		return NULL;
	const int err = fill_in(&g, r, progress);
	if (err == -EINTR)
		diag_error(d, NULL, "interrupted", "stopped by a signal");
	if (err)
		return NULL;
	if (out->pairs_without_route > 0)
		diag_warning(d, NULL, "input", "%zu pair%s of ASes without a route: of these only the ends count",
			     out->pairs_without_route, out->pairs_without_route == 1 ? "" : "s");
	out->scale = w->destinations ? w->samples : 1;
	out->columns = g.guards.list;
	out->n_relations = r->n_pairs;
	out->n_as = r->n_related;
	return out;
}
