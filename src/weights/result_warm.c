/* SPDX-License-Identifier: MIT */
/* The tree of an old result in the numbers of a new problem: what it joined is joined again where both ends still exist. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/clients.h"
#include "weights/names.h"
#include "weights/problem.h"
#include "weights/result.h"
#include "weights/transport.h"

/* A relay or location by what it is called, and the group or row that it is in. */
struct member {
	const char *key;
	uint32_t in;
	uint64_t weight;
};
/* What a new group (row) and an old one have in common. */
struct common {
	uint32_t from, to;
	uint64_t weight;
};
#define NOTHING UINT32_MAX

static int by_ends(const void *a, const void *b)
{
	const struct common *x = a, *y = b;

	return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->to > y->to) - (x->to < y->to);
}

/* For each of n `from` ends the `to` with which it has most weight in common, ties to the lower; NOTHING if none. */
static uint32_t *best_of(struct common *c, size_t n_common, size_t n, struct arena *a)
{
	uint32_t *best = arena_array(a, uint32_t, n);
	uint64_t best_weight = 0;

	for (size_t i = 0; i < n; i++)
		best[i] = NOTHING;
	qsort(c, n_common, sizeof(*c), by_ends);
	for (size_t i = 0; i < n_common;) {
		const struct common *first = &c[i];
		uint64_t weight = 0;

		for (; i < n_common && c[i].from == first->from && c[i].to == first->to; i++)
			weight += c[i].weight;
		if (best[first->from] == NOTHING || weight > best_weight) {
			best[first->from] = first->to;
			best_weight = weight;
		}
	}
	return best;
}

struct members {
	struct member *list;
	size_t n, units;                 /* units: groups or rows */
};

/* Which old group (row) stands for a new one, and the other way round. */
struct pairing {
	uint32_t *old_of, *new_of;
};

static void sort_names(const struct members *m, struct names *out)
{
	for (size_t i = 0; i < m->n; i++)
		names_add(out, m->list[i].key, (uint32_t)i);
	names_sort(out);
}

/* Each of them in the other list, n. Both are mostly in the same order, so that names are sorted only where one is not found
 * behind the last. */
static size_t find_common(const struct members *new, const struct members *old, struct arena *a, struct common *out)
{
	struct names names = { .arena = a };
	size_t n = 0;

	for (size_t i = 0, k = 0; i < new->n; i++) {
		const struct member *m = &new->list[i];

		if (k == old->n || strcmp(m->key, old->list[k].key) != 0) {
			const struct name *first;

			if (names.n == 0)
				sort_names(old, &names);
			if (names_search(&names, str_of(m->key), &first) == 0)
				continue;
			k = first->index;
		}
		out[n++] = (struct common){ m->in, old->list[k++].in, m->weight };
	}
	return n;
}

static struct pairing pair(const struct members *new, const struct members *old, struct arena *a)
{
	struct common *c = arena_array(a, struct common, new->n);
	const size_t n = find_common(new, old, a, c);
	struct pairing p;

	p.old_of = best_of(c, n, new->units, a);
	for (size_t i = 0; i < n; i++)
		c[i] = (struct common){ c[i].to, c[i].from, c[i].weight };
	p.new_of = best_of(c, n, old->units, a);
	return p;
}

static struct pairing pair_rows(const struct result *old, const struct problem *p, struct arena *a)
{
	struct members from = { arena_array(a, struct member, p->in->n_locations), p->in->n_locations, p->n_rows };
	struct members to = { arena_array(a, struct member, old->n_locations), old->n_locations, old->n_rows };

	for (size_t l = 0; l < from.n; l++)
		from.list[l] = (struct member){ location_key(p->in->locations[l].name), p->row[l], (uint64_t)p->weight[l] };
	for (size_t l = 0; l < to.n; l++)
		to.list[l] = (struct member){ location_key(old->locations[l].name), old->locations[l].row, 0 };
	return pair(&from, &to, a);
}

static struct pairing pair_groups(const struct result *old, const struct problem *p, struct arena *a)
{
	struct members from = { arena_array(a, struct member, p->in->n_relays), 0, p->n_groups };
	struct members to = { arena_array(a, struct member, old->n_relays), 0, old->n_groups };

	for (size_t i = 0; i < p->in->n_relays; i++) {
		const struct relay *relay = &p->in->relays[i];
		char *id = relay->has_id ? arena_alloc(a, RELAY_ID_TEXT) : NULL;

		if (p->group[i] != NO_GROUP)
			from.list[from.n++] = (struct member){
				id ? relay_id_print(relay, id) : relay->name, p->group[i], relay->weight,
			};
	}
	for (size_t i = 0; i < old->n_relays; i++) {
		const struct result_relay *relay = &old->relays[i];

		if (relay->group != NO_GROUP)
			to.list[to.n++] = (struct member){ relay->id[0] == '-' ? relay->name : relay->id, relay->group, 0 };
	}
	return pair(&from, &to, a);
}

void result_warm_tree(const struct result *old, const struct problem *p, struct arena *a, struct transport_tree *out)
{
	const struct pairing rows = pair_rows(old, p, a);
	const struct pairing groups = pair_groups(old, p, a);
	const bool has_tree = old->tree.row && old->tree.column;

	out->row = arena_array(a, int32_t, p->n_rows);
	out->column = arena_array(a, int32_t, p->n_groups);
	for (size_t l = 0; l < p->n_rows; l++) {
		const uint32_t was = rows.old_of[l];
		const int32_t end = has_tree && was != NOTHING ? old->tree.row[was] : TREE_NONE;

		out->row[l] = end >= 0 && groups.new_of[end] != NOTHING ? (int32_t)groups.new_of[end] : TREE_NONE;
	}
	for (size_t i = 0; i < p->n_groups; i++) {
		const uint32_t was = groups.old_of[i];
		const int32_t end = has_tree && was != NOTHING ? old->tree.column[was] : TREE_NONE;

		out->column[i] = end < 0 ? end : rows.new_of[end] != NOTHING ? (int32_t)rows.new_of[end] : TREE_NONE;
	}
}
