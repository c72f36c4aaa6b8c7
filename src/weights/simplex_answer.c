/* SPDX-License-Identifier: MIT */
/* From the last tree to the answer: amounts, prices, the value of those amounts, and the tree itself. */
#include "base/base.h"

#include "weights/memory.h"
#include "weights/simplex.h"

/* A tree arc's flow is a part unless it has come to a bound. */
static void place_parts(const struct simplex *s, const struct choice *arcs, size_t n, struct transport_answer *out)
{
	size_t at = 0, k = 0;

	for (uint32_t l = 0; l <= s->m; l++) {
		out->part_from[l] = at;
		for (; k < n && arcs[k].arc.row == l; k++)
			out->part[at++] = (struct transport_part){ arcs[k].arc.column, arcs[k].weight };
	}
}

static int compare_arcs(const void *x, const void *y)
{
	const struct choice *a = x, *b = y;

	if (a->arc.row != b->arc.row)
		return a->arc.row < b->arc.row ? -1 : 1;
	return a->arc.column < b->arc.column ? -1 : a->arc.column > b->arc.column;
}

static void fill_parts(const struct simplex *s, struct transport_answer *out)
{
	auto_free struct choice *arcs = allocate(s->n_nodes, sizeof(*arcs));
	size_t n = 0;

	for (uint32_t v = 0; v < simplex_root(s); v++) {
		const struct arc a = tree_arc(s, v);

		if (a.row == ARC_ROOT || s->flow[v] == 0)
			continue;
		if (s->flow[v] == s->capacity[v])
			out->full[a.row * out->full_words + a.column / 64] |= (uint64_t)1 << a.column % 64;
		else
			arcs[n++] = (struct choice){ 0, (int64_t)s->flow[v], a };
	}
	qsort(arcs, n, sizeof(*arcs), compare_arcs);
	out->part = allocate(n, sizeof(*out->part));
	out->part_from = allocate(s->m + 1, sizeof(*out->part_from));
	place_parts(s, arcs, n, out);
}

static wide value_of(const struct transport *t, const struct transport_answer *a)
{
	wide value = 0;

	for (size_t l = 0; l < t->m; l++) {
		wide row = 0;

		for (size_t k = 0; k < a->full_words; k++)
			for (uint64_t word = a->full[l * a->full_words + k]; word; word &= word - 1) {
				const size_t i = k * 64 + (unsigned)__builtin_ctzll(word);

				row += (wide)t->bound[i] * values_at(&t->penalty, l, i);
			}
		value += row * t->weight[l];
		for (size_t k = a->part_from[l]; k < a->part_from[l + 1]; k++)
			value += (wide)a->part[k].amount * values_at(&t->penalty, l, a->part[k].column);
	}
	return value;
}

/* Arcs that rest at their upper bound; those with none rest at 0. */
static void fill_full(const struct simplex *s, struct transport_answer *out)
{
	out->full_words = s->full_words;
	out->full = allocate(s->m * s->full_words, sizeof(*out->full));
	memcpy(out->full, s->full, s->m * s->full_words * sizeof(*out->full));
	for (size_t i = 0; i < s->n; i++)
		for (size_t l = 0; s->t->bound[i] == 0 && l < s->m; l++)
			out->full[l * out->full_words + i / 64] &= ~((uint64_t)1 << i % 64);
}

static void fill_tree(const struct simplex *s, struct transport_answer *out)
{
	const uint32_t root = simplex_root(s);

	out->tree.row = allocate(s->m, sizeof(*out->tree.row));
	out->tree.column = allocate(s->n, sizeof(*out->tree.column));
	out->price = allocate(s->n, sizeof(*out->price));
	for (size_t l = 0; l < s->m; l++)
		out->tree.row[l] = s->parent[l] - (int32_t)s->m;
	for (size_t i = 0; i < s->n; i++) {
		const uint32_t v = simplex_column(s, i);

		out->tree.column[i] = (uint32_t)s->parent[v] == root ? TREE_ROOT : s->parent[v];
		out->price[i] = s->potential[v] - s->potential[root];
	}
}

void answer_fill(const struct simplex *s, struct transport_answer *out)
{
	fill_full(s, out);
	fill_parts(s, out);
	fill_tree(s, out);
	out->value = value_of(s->t, out);
}
