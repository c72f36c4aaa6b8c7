/* SPDX-License-Identifier: MIT */
/* Rows of past generations: found, made, dropped. */
#include "base/base.h"

#include "apply/history.h"

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_UNFINISHED] = "unfinished", [OUTCOME_APPLIED] = "applied", [OUTCOME_UNCONFIRMED] = "unconfirmed",
		[OUTCOME_ROLLED_BACK] = "rolled-back",
	};

	return names[o];
}

struct past *history_find(const struct journal *j, uint64_t number)
{
	for (size_t i = j->n_history; i-- > 0;)
		if (j->history[i].number == number)
			return &j->history[i];
	return NULL;
}

struct past *history_note(struct journal *j, const struct generation *g)
{
	struct past *p = history_find(j, g->number);

	if (p)
		return p;
	if (j->n_history == HISTORY_KEPT) {
		memmove(j->history, j->history + 1, (HISTORY_KEPT - 1) * sizeof(*j->history));
		j->n_history--;
	}
	j->history = arena_grow(j->arena, j->history, j->n_history, &j->history_room, sizeof(*j->history));
	p = &j->history[j->n_history++];
	*p = (struct past){
		.number = g->number, .why = "-", .verb = g->verb, .profile = g->profile, .role = g->role, .sum = g->sum,
		.by = g->by, .at = g->at,
	};
	return p;
}

const struct past *history_before(const struct journal *j, uint64_t number)
{
	for (size_t i = j->n_history; i-- > 0;) {
		const struct past *p = &j->history[i];

		if (p->number < number && p->outcome == OUTCOME_APPLIED && journal_has_generation(j, p->number))
			return p;
	}
	return NULL;
}
