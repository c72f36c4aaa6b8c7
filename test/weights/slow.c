/* SPDX-License-Identifier: MIT */
/* Shortest augmenting paths, each found by relaxing arcs until nothing changes; and weights.md 6.1 and 6.2 taken literally. */
#include "base/base.h"

#include "slow.h"

/* Arcs stand in pairs, an arc and its way back, at k and k ^ 1. */
struct slow_arc {
	size_t from, to;
	wide left, cost;
};
struct slow_graph {
	size_t n_nodes, n_arcs;
	struct slow_arc *arcs;
	wide *distance;
	size_t *by;                      /* the arc over which a node is reached */
};

static void *allocate(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		out_of_memory();
	return p;
}

static void add_arc(struct slow_graph *g, size_t from, size_t to, wide capacity, wide cost)
{
	g->arcs[g->n_arcs++] = (struct slow_arc){ from, to, capacity, cost };
	g->arcs[g->n_arcs++] = (struct slow_arc){ to, from, 0, -cost };
}

static const wide far = (wide)1 << 100;

static bool find_path(struct slow_graph *g, size_t from, size_t to)
{
	bool changed = true;

	for (size_t v = 0; v < g->n_nodes; v++)
		g->distance[v] = far;
	g->distance[from] = 0;
	while (changed) {
		changed = false;
		for (size_t k = 0; k < g->n_arcs; k++) {
			const struct slow_arc *a = &g->arcs[k];

			if (a->left > 0 && g->distance[a->from] < far &&
			    g->distance[a->from] + a->cost < g->distance[a->to]) {
				g->distance[a->to] = g->distance[a->from] + a->cost;
				g->by[a->to] = k;
				changed = true;
			}
		}
	}
	return g->distance[to] < far;
}

static wide send_along(struct slow_graph *g, size_t from, size_t to)
{
	wide most = far;

	for (size_t v = to; v != from; v = g->arcs[g->by[v]].from)
		most = MIN(most, g->arcs[g->by[v]].left);
	for (size_t v = to; v != from; v = g->arcs[g->by[v]].from) {
		g->arcs[g->by[v]].left -= most;
		g->arcs[g->by[v] ^ 1].left += most;
	}
	return most;
}

bool slow_solve(const struct transport *t, wide *value)
{
	const size_t source = t->m + t->n, sink = source + 1;
	struct slow_graph g = { .n_nodes = sink + 1 };
	wide clients = 0, to_send = 0;

	g.arcs = allocate(2 * (t->m * t->n + t->m + t->n), sizeof(*g.arcs));
	g.distance = allocate(g.n_nodes, sizeof(*g.distance));
	g.by = allocate(g.n_nodes, sizeof(*g.by));
	for (size_t l = 0; l < t->m; l++) {
		clients += t->weight[l];
		add_arc(&g, source, l, (wide)t->weight[l] * t->supply, 0);
		for (size_t i = 0; i < t->n; i++)
			add_arc(&g, l, t->m + i, (wide)t->weight[l] * t->bound[i], values_at(&t->penalty, l, i));
	}
	for (size_t i = 0; i < t->n; i++)
		add_arc(&g, t->m + i, sink, clients * t->capacity[i], 0);
	*value = 0;
	for (to_send = clients * t->supply; to_send > 0 && find_path(&g, source, sink); ) {
		const wide sent = send_along(&g, source, sink);

		*value += sent * g.distance[sink];
		to_send -= sent;
	}
	free(g.arcs);
	free(g.distance);
	free(g.by);
	return to_send == 0;
}

/* What row l sends to each column; NULL, or what is wrong. */
static const char *row_amounts(const struct transport *t, const struct transport_answer *a, size_t l, int64_t *x)
{
	wide sum = 0;

	for (size_t i = 0; i < t->n; i++) {
		const bool is_full = a->full[l * a->full_words + i / 64] >> i % 64 & 1;

		if (is_full && t->bound[i] == 0)
			return "a bound of 0 is full";
		x[i] = is_full ? t->weight[l] * t->bound[i] : 0;
	}
	for (size_t k = a->part_from[l]; k < a->part_from[l + 1]; k++) {
		const struct transport_part *p = &a->part[k];

		if (p->column >= t->n || x[p->column] != 0 || (k > a->part_from[l] && p->column <= p[-1].column))
			return "parts are not in order";
		if (p->amount <= 0 || p->amount >= t->weight[l] * t->bound[p->column])
			return "a part is not between its bounds";
		x[p->column] = p->amount;
	}
	for (size_t i = 0; i < t->n; i++)
		sum += x[i];
	return sum == (wide)t->weight[l] * t->supply ? NULL : "a row does not send its supply";
}

struct offer {
	int64_t cost, most;
};

static int compare_offers(const void *x, const void *y)
{
	const struct offer *a = x, *b = y;

	return a->cost < b->cost ? -1 : a->cost > b->cost;
}

/* The least that one client of row l can have at prices: a sort and a fill. */
static wide least_of_row(const struct transport *t, const int64_t *price, size_t l, struct offer *offers)
{
	int64_t left = t->supply;
	wide sum = 0;

	for (size_t i = 0; i < t->n; i++)
		offers[i] = (struct offer){ values_at(&t->penalty, l, i) + price[i], t->bound[i] };
	qsort(offers, t->n, sizeof(*offers), compare_offers);
	for (size_t i = 0; i < t->n && left > 0; i++) {
		const int64_t taken = MIN(left, offers[i].most);

		sum += (wide)taken * offers[i].cost;
		left -= taken;
	}
	return sum;
}

const char *slow_fault(const struct transport *t, const struct transport_answer *a)
{
	auto_free int64_t *x = allocate(t->n, sizeof(*x));
	auto_free wide *load = allocate(t->n, sizeof(*load));
	auto_free struct offer *offers = allocate(t->n, sizeof(*offers));
	wide value = 0, bound = 0, clients = 0;

	for (size_t l = 0; l < t->m; l++) {
		const char *fault = row_amounts(t, a, l, x);

		if (fault)
			return fault;
		for (size_t i = 0; i < t->n; i++) {
			load[i] += x[i];
			value += (wide)x[i] * values_at(&t->penalty, l, i);
		}
		bound += t->weight[l] * least_of_row(t, a->price, l, offers);
		clients += t->weight[l];
	}
	for (size_t i = 0; i < t->n; i++) {
		if (load[i] > clients * t->capacity[i])
			return "a column takes more than its capacity";
		if (a->price[i] < 0)
			return "a price is below 0";
		bound -= clients * t->capacity[i] * a->price[i];
	}
	if (value != a->value)
		return "the amounts have another value";
	return value == bound ? NULL : "the prices do not prove the value";
}
