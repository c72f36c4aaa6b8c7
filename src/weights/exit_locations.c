/* SPDX-License-Identifier: MIT */
/* Spreads each client over the ASes of the guards that a result gives it. Shares are no whole numbers: what comes out is
 * made whole again as all weights are. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/as_list.h"
#include "weights/exit_locations.h"
#include "weights/memory.h"
#include "weights/result.h"

/* A relay of the result: its place among the ASes, and its part of what its group carries. */
struct guard {
	size_t at;                       /* of its AS; behind the last of them: it has none */
	double part;
};

struct spreading {
	const struct result *r;
	const struct relay_index *index;
	const struct places *places;
	struct arena *arena;
	struct diags *d;
	struct guard *guards;            /* by group */
	size_t *from;                    /* [n_groups + 1] into guards */
	struct as_list ases;
	size_t n_guards;
	double *share;                   /* [ases.n + 1] of one row, the last without an AS */
	struct client_list *out;
	size_t room;
	double all, without;             /* clients */
};

/* The AS of a relay of the result; 0: none known. False: it is not among the relays. */
static bool find_as(struct spreading *s, const struct result_relay *relay, uint32_t *as)
{
	const struct name *first;
	const struct str id = str_of(relay->id[0] == '-' ? relay->name : relay->id);

	if (relay_index_find(s->index, id, &first) != 1) {
		diag_hint(s->d, diag_error(s->d, NULL, "input", "relay %.*s of '%s' is not among the relays", (int)id.n, id.p, s->r->file),
			  "--relays must be that of --guard-result");
		return false;
	}
	const uint32_t address = s->index->relays[first->index].address;
	*as = address ? places_as(s->places, address) : 0;
	return true;
}

/* Sorts the ASes, and says of each guard where its own is. */
static void number_ases(struct spreading *s, const uint32_t *as_of)
{
	for (size_t k = 0; k < s->n_guards; k++)
		if (as_of[k] > 0)
			s->ases.list[s->ases.n++] = as_of[k];
	as_list_sort(&s->ases);
	for (size_t k = 0; k < s->n_guards; k++)
		s->guards[k].at = MIN(as_list_find(&s->ases, as_of[k]), s->ases.n);
}

static bool take_guards(struct spreading *s)
{
	const struct result *r = s->r;
	uint32_t *as_of = arena_array(s->arena, uint32_t, r->n_relays);
	size_t *next = arena_array(s->arena, size_t, r->n_groups + 1);

	s->guards = arena_array(s->arena, struct guard, r->n_relays);
	s->from = arena_array(s->arena, size_t, r->n_groups + 1);
	s->ases.list = arena_array(s->arena, uint32_t, r->n_relays);
	for (size_t i = 0; i < r->n_relays; i++)
		if (r->relays[i].group != NO_GROUP)
			s->from[r->relays[i].group + 1]++;
	for (size_t g = 0; g < r->n_groups; g++) {
		s->from[g + 1] += s->from[g];
		next[g] = s->from[g];
	}
	for (size_t i = 0; i < r->n_relays; i++) {
		const struct result_relay *relay = &r->relays[i];

		if (relay->group == NO_GROUP)
			continue;
		const size_t k = next[relay->group]++;
		const int64_t share = r->groups[relay->group].share;
		s->guards[k].part = share > 0 ? (double)relay->share / (double)share : 0;
		if (!find_as(s, relay, &as_of[k]))
			return false;
		s->n_guards++;
	}
	number_ases(s, as_of);
	s->share = arena_array(s->arena, double, s->ases.n + 1);
	return true;
}

static void add_group(struct spreading *s, uint32_t group, double amount)
{
	for (size_t k = s->from[group]; k < s->from[group + 1]; k++)
		s->share[s->guards[k].at] += amount * s->guards[k].part;
}

/* R(AS) / S of a row. */
static void spread_row(struct spreading *s, const struct result_row *row)
{
	const struct result *r = s->r;

	memset(s->share, 0, (s->ases.n + 1) * sizeof(*s->share));
	for (size_t k = 0; k < row->n_full; k++)
		for (uint32_t g = r->full[row->full_from + k].first; g <= r->full[row->full_from + k].last; g++)
			add_group(s, g, (double)r->groups[g].cap / (double)r->supply);
	for (size_t k = 0; k < row->n_parts; k++) {
		const struct result_part *part = &r->parts[row->part_from + k];
		add_group(s, part->group, (double)part->amount / ((double)row->weight * (double)r->supply));
	}
}

static void add_client(struct spreading *s, const struct client_location *c)
{
	s->all += c->weight.real;
	s->without += c->weight.real * s->share[s->ases.n];
	for (size_t k = 0; k < s->ases.n; k++) {
		const double weight = c->weight.real * s->share[k];

		if (!(weight > 0))
			continue;
		s->out->list = arena_grow(s->arena, s->out->list, s->out->n, &s->room, sizeof(*s->out->list));
		s->out->list[s->out->n++] = (struct client_location){
			.name = arena_printf(s->arena, "%s,AS%u", c->name, s->ases.list[k]),
			.weight = { .real = weight }, .place = c->place,
		};
	}
}

static bool spread(struct spreading *s, const struct client_list *clients)
{
	struct names keys = { .arena = s->arena };

	for (size_t l = 0; l < s->r->n_locations; l++)
		names_add(&keys, location_key(s->r->locations[l].name), (uint32_t)l);
	names_sort(&keys);
	for (size_t i = 0; i < clients->n; i++) {
		const struct client_location *c = &clients->list[i];
		const struct name *first;

		if (names_search(&keys, str_of(location_key(c->name)), &first) == 0) {
			diag_error(s->d, &c->place, "input", "location '%s' is not in '%s'", c->name, s->r->file);
			return false;
		}
		if (!memory_allows(s->arena, 0, s->d))
			return false;
		spread_row(s, &s->r->rows[s->r->locations[first->index].row]);
		add_client(s, c);
	}
	return true;
}

const struct client_list *exit_locations(const char *path, const struct client_list *clients, const struct relay_index *index,
					 const struct places *places, struct arena *a, struct diags *d)
{
	struct spreading s = { .index = index, .places = places, .arena = a, .d = d, .out = arena_one(a, struct client_list) };

	if (!places) {
		diag_error(d, NULL, "usage", "--guard-result needs --prefixes or --location");
		return NULL;
	}
	s.r = result_read(path, a, d);
	if (!s.r)
		return NULL;
	if (s.r->position != POSITION_GUARD) {
		diag_error(d, NULL, "input", "'%s' is not a result of the guard position", path);
		return NULL;
	}
	if (!take_guards(&s) || !spread(&s, clients))
		return NULL;
	if (s.out->n == 0) {
		diag_error(d, NULL, "input", "no guard of '%s' is in a known AS", path);
		return NULL;
	}
	if (s.without > 0)
		diag_warning(d, NULL, "input", "%.3g %% of the clients have guards without an AS; the others stand for them",
			     100 * s.without / s.all);
	return s.out;
}
