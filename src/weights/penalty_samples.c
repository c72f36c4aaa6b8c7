/* SPDX-License-Identifier: MIT */
/* Far ends of circuits: pairs of an exit's AS and a destination are sampled evenly by weight, and each AS on the ways
 * between them gets the bits of its samples. Exact at any weight. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/penalty_parts.h"

/* Samples from..to-1 are of this pair. */
struct sampled {
	uint32_t exit, destination;
	unsigned from, to;
};
struct samples {
	struct sampled *list;
	size_t n;
};

/* floor(a · b / c), b < c: the product may be longer than 128 bits. */
static uint64_t share_of(uint64_t a, wide b, wide c)
{
	uint64_t quotient = 0;
	wide rest = 0;

	for (int bit = 63; bit >= 0; bit--) {
		rest = 2 * rest + (a >> bit & 1 ? b : 0);
		quotient *= 2;
		for (; rest >= c; rest -= c)
			quotient++;
	}
	return quotient;
}

/* Sample k is the first pair whose running sum is more than (2k+1)/(2n) of the whole: first the exit that it falls to, then
 * within that the destination. */
static struct samples sample(const struct stakes *exits, const struct stakes *destinations, unsigned n, struct arena *a)
{
	struct samples out = { arena_array(a, struct sampled, n), 0 };
	wide all = 0;
	wide before = 0;
	uint64_t all_far = 0;
	size_t e = 0;

	for (size_t i = 0; i < exits->n; i++)
		all += exits->list[i].weight;
	for (size_t i = 0; i < destinations->n; i++)
		all_far += (uint64_t)destinations->list[i].weight;
	uint64_t near = 0;                       /* sum of the destinations before d */
	size_t d = 0;
	for (unsigned k = 0; k < n; k++) {
		const wide mark = (2 * (wide)k + 1) * all;
		while ((before + exits->list[e].weight) * 2 * n <= mark) {
			before += exits->list[e++].weight;
			near = 0;
			d = 0;
		}
		const uint64_t far = share_of(all_far, mark - before * 2 * n, exits->list[e].weight * 2 * n);
		while (near + (uint64_t)destinations->list[d].weight <= far)
			near += (uint64_t)destinations->list[d++].weight;
		struct sampled *last = out.n > 0 ? &out.list[out.n - 1] : NULL;
		const struct sampled next = { exits->list[e].as, destinations->list[d].as, k, k + 1 };
		if (last && last->exit == next.exit && last->destination == next.destination)
			last->to++;
		else
			out.list[out.n++] = next;
	}
	return out;
}

/* ---- bits ------------------------------------------------------------------------------------------------------ */
struct marker {
	struct routes *routes;
	uint32_t *path;
	struct arena *arena;
	struct watch *out;
};

static uint64_t *bits_of(struct marker *m, uint32_t as)
{
	struct watch *w = m->out;

	if (w->slot[as] == 0) {
		w->slot[as] = ++w->n;
	}
	return w->bits + (size_t)(w->slot[as] - 1) * w->words;
}

static void mark(struct marker *m, const struct sampled *s, uint32_t from, uint32_t to, bool *missing)
{
	const size_t n = penalty_path(m->routes, from, to, m->path, missing);

	for (size_t i = 0; i < n; i++) {
		uint64_t *bits = bits_of(m, m->path[i]);
		for (unsigned k = s->from; k < s->to; k++)
			bits[k / 64] |= UINT64_C(1) << k % 64;
	}
}

static int compare_destination(const void *x, const void *y)
{
	const struct sampled *a = x;
	const struct sampled *b = y;

	if (a->destination != b->destination)
		return a->destination < b->destination ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

/* Ways from destinations to exits; or, sorted so, from exits to destinations. */
static void mark_all(struct marker *m, const struct samples *s, bool to_exits, size_t *missing)
{
	uint32_t *starts = arena_array(m->arena, uint32_t, s->n);
	uint32_t towards = UINT32_MAX;

	for (size_t i = 0; i < s->n; i++)
		starts[i] = to_exits ? s->list[i].destination : s->list[i].exit;
	routes_want(m->routes, starts, s->n);
	for (size_t i = 0; i < s->n; i++) {
		const uint32_t to = to_exits ? s->list[i].exit : s->list[i].destination;
		bool is_missing = false;
		if (to != towards)
			routes_towards(m->routes, to);
		towards = to;
		mark(m, &s->list[i], starts[i], to, &is_missing);
		*missing += to_exits && is_missing;
	}
}

void watch_samples(const struct relations *r, const struct stakes *exits, const struct stakes *destinations, unsigned n,
		   struct arena *a, struct watch *out, size_t *missing)
{
	struct samples s = sample(exits, destinations, n, a);
	struct marker m = { .routes = routes_new(r), .path = arena_array(a, uint32_t, r->ases.n + 1),
			    .arena = a, .out = out };

	*out = (struct watch){ .slot = arena_array(a, uint32_t, r->ases.n), .words = n / 64 };
	out->bits = arena_array(a, uint64_t, r->ases.n * out->words);
	mark_all(&m, &s, true, missing);
	qsort(s.list, s.n, sizeof(*s.list), compare_destination);
	mark_all(&m, &s, false, missing);
	routes_free(m.routes);
}

void watch_suspects(const struct relations *r, const struct as_list *suspects, struct arena *a, struct watch *out)
{
	*out = (struct watch){ .slot = arena_array(a, uint32_t, r->ases.n) };
	for (size_t i = 0; i < suspects->n; i++)
		out->slot[as_list_find(&r->ases, suspects->list[i])] = ++out->n;
}
