/* SPDX-License-Identifier: MIT */
/* Small changes of what is remembered: what people set by hand, what probes and links say. Arrays are made anew in the
 * arena, so that a memory taken before stays what it was. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/memory.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool memory_is_empty(const struct memory *m)
{
	return !m->n_paths && !m->n_balances && !m->n_lists && !m->n_hand_states && !m->n_hand_weights && !m->n_found;
}

void memory_hold_state(struct memory *m, const char *path, enum member_state state, struct arena *a)
{
	struct hand_state *list = arena_array(a, struct hand_state, m->n_hand_states + 1);
	size_t n = 0;

	for (size_t i = 0; i < m->n_hand_states; i++)
		if (!same(m->hand_states[i].path, path))
			list[n++] = m->hand_states[i];
	if (state != MEMBER_UP)
		list[n++] = (struct hand_state){ path, state };
	m->hand_states = list;
	m->n_hand_states = n;
}

static void drop_weight(struct memory *m, const char *balance, const char *path, struct arena *a)
{
	struct hand_weight *list = arena_array(a, struct hand_weight, m->n_hand_weights + 1);
	size_t n = 0;

	for (size_t i = 0; i < m->n_hand_weights; i++) {
		const struct hand_weight *w = &m->hand_weights[i];

		/* A weight for all balances takes the place of those for single ones. */
		if (!same(w->path, path) || (balance && !same(w->balance, balance)))
			list[n++] = *w;
	}
	m->hand_weights = list;
	m->n_hand_weights = n;
}

void memory_hold_weight(struct memory *m, const char *balance, const char *path, uint32_t weight, struct arena *a)
{
	drop_weight(m, balance, path, a);
	m->hand_weights[m->n_hand_weights++] = (struct hand_weight){ balance, path, weight };
}

void memory_drop_weight(struct memory *m, const char *balance, const char *path, struct arena *a)
{
	drop_weight(m, balance, path, a);
}

void memory_found(struct memory *m, const char *path, enum member_state state, enum member_reason reason,
		  struct arena *a)
{
	struct found_state *list = arena_array(a, struct found_state, m->n_found + 1);
	size_t n = 0;

	for (size_t i = 0; i < m->n_found; i++)
		if (!same(m->found[i].path, path))
			list[n++] = m->found[i];
	if (state != MEMBER_UP)
		list[n++] = (struct found_state){ path, state, reason };
	m->found = list;
	m->n_found = n;
}
