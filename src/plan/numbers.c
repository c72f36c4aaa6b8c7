/* SPDX-License-Identifier: MIT */
/* Giving numbers: first what is kept, then what was never used, then what was freed longest ago. A name that comes back
 * takes its old number, if that is still its own. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/names.h"
#include "plan/numbers.h"

struct numbers {
	const struct numbering *rules;
	struct numbered *rows;          /* copies of what is remembered; name NULL: taken by a name of now */
	size_t n_rows;
	bool *used;                     /* by number: since the last flush */
	uint32_t next;                  /* all below it are used or set aside */
};

static bool may_have(const struct numbering *rules, uint32_t number, size_t index)
{
	for (size_t i = 0; i < ARRAY_LEN(rules->aside); i++) {
		const uint16_t owner = rules->aside[i] ? rules->aside[i][number] : 0;

		if (owner != 0 && owner != index + 1)
			return false;
	}
	return true;
}

static int compare_freed(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;

	if (a->freed != b->freed)
		return a->freed < b->freed ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* A name may have several rows, where it once had to leave a number to a path that was given it by hand: then the one in
 * use counts, or else the one it left last. */
static void know_names(const struct numbers *s, struct names *known, struct arena *a)
{
	names_init(known, s->n_rows, a);
	for (size_t i = 0; i < s->n_rows; i++) {
		const uint32_t other = names_find(known, s->rows[i].name);
		const uint32_t freed = s->rows[i].freed;

		if (other == NAME_NONE || (s->rows[other].freed && (!freed || freed > s->rows[other].freed)))
			names_put(known, s->rows[i].name, (uint32_t)i);
	}
}

/* Rows that no name of now has kept are free from here on. */
static void free_rows(struct numbers *s)
{
	uint32_t freed = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n_rows; i++)
		freed = MAX(freed, s->rows[i].freed);
	for (size_t i = 0; i < s->n_rows; i++) {
		struct numbered *row = &s->rows[i];

		if (row->name && row->freed == 0)
			row->freed = ++freed;
		if (row->name)
			s->rows[n++] = *row;
	}
	s->n_rows = n;
	qsort(s->rows, n, sizeof(*s->rows), compare_freed);
}

static uint32_t keep_number(struct numbers *s, const struct names *known, const char *name, size_t index)
{
	const uint32_t i = names_find(known, name);

	if (i == NAME_NONE)
		return 0;
	struct numbered *row = &s->rows[i];
	if (row->number == 0 || row->number > s->rules->limit || !may_have(s->rules, row->number, index))
		return 0;
	row->name = NULL;
	return row->number;
}

static uint32_t new_number(struct numbers *s, size_t index)
{
	while (s->next <= s->rules->limit && s->used[s->next])
		s->next++;
	for (uint32_t n = s->next; n <= s->rules->limit; n++) {
		if (s->used[n] || !may_have(s->rules, n, index))
			continue;
		s->used[n] = true;
		return n;
	}
	for (size_t i = 0; i < s->n_rows; i++) {
		struct numbered *row = &s->rows[i];

		if (!row->name || row->number > s->rules->limit || !may_have(s->rules, row->number, index))
			continue;
		row->name = NULL;
		return row->number;
	}
	return 0;
}

static void remember(const struct numbers *s, const char *const *names, const uint32_t *numbers, size_t n,
		     struct arena *a, struct numbered **after, size_t *n_after)
{
	struct numbered *rows = arena_array(a, struct numbered, n + s->n_rows);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (numbers[i] != 0)
			rows[k++] = (struct numbered){ names[i], numbers[i], 0 };
	for (size_t i = 0; i < s->n_rows; i++)
		if (s->rows[i].name)
			rows[k++] = s->rows[i];
	*after = rows;
	*n_after = k;
}

void numbers_give(const struct numbering *rules, const struct numbered *before, size_t n_before,
		  const char *const *names, size_t n, struct arena *a, uint32_t *numbers,
		  struct numbered **after, size_t *n_after)
{
	struct numbers s = {
		.rules = rules, .rows = arena_array(a, struct numbered, n_before), .n_rows = n_before,
		.used = arena_array(a, bool, rules->limit + 1), .next = 1,
	};
	struct names known;

	for (size_t i = 0; i < n_before; i++) {
		s.rows[i] = before[i];
		if (before[i].number <= rules->limit)
			s.used[before[i].number] = true;
	}
	know_names(&s, &known, a);
	for (size_t i = 0; i < n; i++)
		numbers[i] = keep_number(&s, &known, names[i], i);
	free_rows(&s);
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == 0)
			numbers[i] = new_number(&s, i);
	remember(&s, names, numbers, n, a, after, n_after);
}
