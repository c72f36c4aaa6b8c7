/* SPDX-License-Identifier: MIT */
/* The spanning tree: children in lists, sizes of subtrees (which are the exact weights of dual steepest edge: a shift of a
 * subtree changes as many potentials as it has nodes). */
#include "base/base.h"

#include "weights/simplex.h"

void tree_attach(struct simplex *s, uint32_t node, uint32_t parent)
{
	const int32_t first = s->child[parent];

	s->parent[node] = (int32_t)parent;
	s->next[node] = first;
	s->previous[node] = -1;
	if (first >= 0)
		s->previous[first] = (int32_t)node;
	s->child[parent] = (int32_t)node;
}

void tree_detach(struct simplex *s, uint32_t node)
{
	const int32_t before = s->previous[node], after = s->next[node];

	if (before >= 0)
		s->next[before] = after;
	else
		s->child[s->parent[node]] = after;
	if (after >= 0)
		s->previous[after] = before;
	s->parent[node] = -1;
}

/* The node after v in the order parents first, within the subtree of `top`, without what lies below v if `without`. */
static int32_t follow(const struct simplex *s, uint32_t v, uint32_t top, bool without)
{
	if (!without && s->child[v] >= 0)
		return s->child[v];
	while (v != top && s->next[v] < 0)
		v = (uint32_t)s->parent[v];
	return v == top ? -1 : s->next[v];
}

size_t tree_list(const struct simplex *s, uint32_t v, uint32_t *list)
{
	size_t n = 0;

	for (int32_t at = (int32_t)v; at >= 0; at = follow(s, (uint32_t)at, v, false))
		list[n++] = (uint32_t)at;
	return n;
}

size_t tree_list_others(const struct simplex *s, uint32_t v, uint32_t *list)
{
	const uint32_t root = simplex_root(s);
	size_t n = 0;

	for (int32_t at = (int32_t)root; at >= 0; at = follow(s, (uint32_t)at, root, (uint32_t)at == v))
		if ((uint32_t)at != v)
			list[n++] = (uint32_t)at;
	return n;
}

void tree_count(struct simplex *s)
{
	const size_t n = tree_list(s, simplex_root(s), s->order);

	for (size_t k = 0; k < n; k++)
		s->size[s->order[k]] = 1;
	for (size_t k = n; k-- > 1; )
		s->size[s->parent[s->order[k]]] += s->size[s->order[k]];
}

struct arc tree_arc(const struct simplex *s, uint32_t v)
{
	const uint32_t parent = (uint32_t)s->parent[v];

	if (simplex_is_row(s, v))
		return (struct arc){ v, parent - (uint32_t)s->m };
	return (struct arc){ parent == simplex_root(s) ? ARC_ROOT : parent, v - (uint32_t)s->m };
}

void tree_exchange(struct simplex *s, uint32_t v, uint32_t inner, uint32_t outer, wide flow, int64_t capacity)
{
	const uint32_t moved = s->size[v];
	uint32_t x = inner, new_parent = outer, below = 0;

	for (int32_t up = s->parent[v]; up >= 0; up = s->parent[up])
		s->size[up] -= moved;
	for (;;) {                                      /* the path from inner to v is turned round, arc by arc */
		const uint32_t old_parent = (uint32_t)s->parent[x], old_size = s->size[x];
		const wide old_flow = s->flow[x];
		const int64_t old_capacity = s->capacity[x];

		tree_detach(s, x);
		tree_attach(s, x, new_parent);
		s->size[x] = moved - below;
		s->flow[x] = flow;
		s->capacity[x] = capacity;
		flow_touch(s, x);
		if (x == v)
			break;
		below = old_size;
		new_parent = x;
		x = old_parent;
		flow = old_flow;
		capacity = old_capacity;
	}
	for (int32_t up = (int32_t)outer; up >= 0; up = s->parent[up])
		s->size[up] += moved;
}
