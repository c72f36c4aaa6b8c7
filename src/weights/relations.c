/* SPDX-License-Identifier: MIT */
/* Reads AS relationships: pairs first, each once, then for each AS its providers, customers and peers. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/memory.h"
#include "weights/relations.h"

/* What the lower number of a pair is to the higher one. */
enum { PEER = 0, PROVIDER = 1, CUSTOMER = 2 };
enum { GRAPH_BYTES = 40 };               /* of a pair in make_graph(), at most */
struct pair {
	uint32_t low, high;
	uint32_t line;
	uint32_t relation;
};

struct reader {
	struct lines *lines;
	struct arena *arena;
	struct diags *diags;
	struct pair *list;
	size_t n, room;
};

static int read_as(struct reader *r, struct str s, uint32_t *as)
{
	if (parse_as(s, as) == 0)
		return 0;
	lines_wrong(r->lines, s, "'%.*s' is not an AS number", (int)s.n, s.p);
	return -EINVAL;
}

/* A|B|R or A|B|R|SOURCE. */
static void read_line(struct reader *r, struct str line)
{
	struct str field[4] = { { 0 } };
	uint32_t first, second;
	const size_t n = fields_split(line, '|', field, ARRAY_LEN(field));

	if (n < 3 || n > ARRAY_LEN(field)) {
		lines_wrong(r->lines, line, "line has %zu field%s, 3 or 4 expected", n, n == 1 ? "" : "s");
		return;
	}
	if (read_as(r, field[0], &first) || read_as(r, field[1], &second))
		return;
	const bool is_peer = str_is(field[2], "0");
	if (!is_peer && !str_is(field[2], "-1")) {
		lines_wrong(r->lines, field[2], "relation '%.*s' is not -1 or 0", (int)field[2].n, field[2].p);
		return;
	}
	if (first == second) {
		lines_wrong(r->lines, field[1], "AS%u is related to itself", first);
		return;
	}
	r->list = arena_grow(r->arena, r->list, r->n, &r->room, sizeof(*r->list));
	r->list[r->n++] = (struct pair){ .low = MIN(first, second), .high = MAX(first, second),
					 .line = lines_number(r->lines),
					 .relation = is_peer ? PEER : first < second ? PROVIDER : CUSTOMER };
}

static int compare_pairs(const void *x, const void *y)
{
	const struct pair *a = x;
	const struct pair *b = y;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Sorted, each pair once. Two that provide for each other are one pair with both relations. */
static void tell_pairs(struct reader *r)
{
	size_t n = 0;

	if (r->n > 1)
		qsort(r->list, r->n, sizeof(*r->list), compare_pairs);
	for (size_t i = 0; i < r->n; i++) {
		struct pair *last = n > 0 ? &r->list[n - 1] : NULL;
		const struct pair *next = &r->list[i];
		if (!last || last->low != next->low || last->high != next->high) {
			r->list[n++] = *next;
			continue;
		}
		if ((last->relation == PEER) == (next->relation == PEER)) {
			last->relation |= next->relation;
			continue;
		}
		struct place place = lines_file(r->lines);
		struct place first = place;
		place.line = next->line;
		first.line = last->line;
		place.column = first.column = 1;
		struct diag *g = lines_wrong_at(r->lines, place, "AS%u and AS%u are given twice with different relations",
						next->low, next->high);
		diag_note(r->diags, g, &first, "first given here");
	}
	r->n = n;
}

/* ---- the graph ------------------------------------------------------------------------------------------------- */
static struct as_list number_ases(const struct reader *r, const struct as_list *also, struct arena *a)
{
	struct as_list all = { arena_array(a, uint32_t, 2 * r->n + (also ? also->n : 0)), 0 };

	for (size_t i = 0; i < r->n; i++) {
		all.list[all.n++] = r->list[i].low;
		all.list[all.n++] = r->list[i].high;
	}
	for (size_t i = 0; also && i < also->n; i++)
		all.list[all.n++] = also->list[i];
	as_list_sort(&all);
	return all;
}

static bool is_relation(const struct pair *p, uint32_t relation)
{
	return relation == PEER ? p->relation == PEER : (p->relation & relation) != 0;
}

/* For each AS the others of its pairs: of the lower one where it is `for_low` to the higher, of the higher where the lower is
 * `for_high` to it. Pairs come sorted, and so do the lists. */
static struct neighbours collect(const struct reader *r, size_t n, uint32_t for_low, uint32_t for_high, struct arena *a)
{
	struct neighbours out = { arena_array(a, uint32_t, n + 2), NULL };
	uint32_t *at = out.from + 1;             /* where the list of each has come to */

	for (size_t i = 0; i < r->n; i++) {
		const struct pair *p = &r->list[i];
		at[p->low + 1] += is_relation(p, for_low);
		at[p->high + 1] += is_relation(p, for_high);
	}
	for (size_t i = 0; i < n; i++)
		at[i + 1] += at[i];
	out.list = arena_array(a, uint32_t, at[n]);
	for (size_t i = 0; i < r->n; i++) {
		const struct pair *p = &r->list[i];
		if (is_relation(p, for_low))
			out.list[at[p->low]++] = p->high;
		if (is_relation(p, for_high))
			out.list[at[p->high]++] = p->low;
	}
	return out;
}

static const struct relations *make_graph(struct reader *r, const struct as_list *also, struct arena *a)
{
	struct relations *out = arena_one(a, struct relations);

	out->ases = number_ases(r, also, a);
	out->n_pairs = r->n;
	for (size_t i = 0; i < r->n; i++) {
		r->list[i].low = (uint32_t)as_list_find(&out->ases, r->list[i].low);
		r->list[i].high = (uint32_t)as_list_find(&out->ases, r->list[i].high);
	}
	out->providers = collect(r, out->ases.n, CUSTOMER, PROVIDER, a);
	out->customers = collect(r, out->ases.n, PROVIDER, CUSTOMER, a);
	out->peers = collect(r, out->ases.n, PEER, PEER, a);
	for (size_t i = 0; i < out->ases.n; i++)
		out->n_related += out->providers.from[i] < out->providers.from[i + 1] ||
				  out->customers.from[i] < out->customers.from[i + 1] ||
				  out->peers.from[i] < out->peers.from[i + 1];
	return out;
}

const struct relations *relations_read(const char *path, const struct as_list *also, bool lenient, struct arena *a,
				       struct diags *d)
{
	const struct lines_wish wish = { .lenient = lenient, .unpack_for = "nlbc weights penalty --relations - ..." };
	struct reader r = { .lines = lines_open(path, &wish, a, d), .arena = a, .diags = d };
	struct str line;
	int got = 1;

	if (!r.lines)
		return NULL;
	while (!lines_hopeless(r.lines) && (got = lines_next(r.lines, &line)) > 0)
		read_line(&r, line);
	if (got == 0)
		tell_pairs(&r);
	const bool failed = got != 0 || lines_failed(r.lines);
	lines_close(r.lines);
	return failed || !memory_allows(a, r.n * GRAPH_BYTES, d) ? NULL : make_graph(&r, also, a);
}
