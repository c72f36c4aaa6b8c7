/* SPDX-License-Identifier: MIT */
/* What can be said of a tree from the keyword table alone: how often keywords stand in a block, and names given twice. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "profile/parse.h"
#include "profile/tree.h"

enum { MOST_KEYWORDS = 128 };

struct checking {
	struct arena *arena;
	struct diags *diags;
	struct tree *tree;
};

static void tell_missing(struct checking *c, const struct stmt *s, const struct keyword *k)
{
	const struct place *place = stmt_place(s);
	struct diag *g;

	if (s->name)
		diag_error(c->diags, place, "missing", "%s '%s' has no '%s'", s->keyword->word, s->name->text, k->word);
	else if (s->keyword)
		diag_error(c->diags, place, "missing", "%s has no '%s'", s->keyword->word, k->word);
	else {
		g = diag_error(c->diags, place, "missing", "this profile has no '%s'", k->word);
		if (k->args[0].types[0].rule == RULE_VERSION)
			diag_hint(c->diags, g, "begin it with: %s %s", k->word, k->args[0].types[0].max);
	}
}

static void tell_twice(struct checking *c, const struct stmt *a, const struct stmt *b)
{
	const struct stmt *first = a->order < b->order ? a : b;
	const struct stmt *s = first == a ? b : a;

	if (a->is_guess || b->is_guess)
		return;
	struct diag *g = diag_error(c->diags, &s->place, "duplicate", "'%s' is given twice", s->keyword->word);

	diag_note(c->diags, g, &first->place, "first given here");
}

/* Beyond a limit reading stops: what follows in the block is left out, and so are the values that are too many. */
static void stop_at(struct checking *c, struct stmt *child, unsigned too_many)
{
	const struct keyword *k = child->keyword;
	const bool counts_values = k->n_args > 0 && k->args[0].many;
	const struct field *f = counts_values && child->n_fields > 0 ? &child->fields[0] : NULL;
	const bool has_value = f && f->n >= too_many;

	diag_error(c->diags, has_value ? &f->values[f->n - too_many].place : stmt_place(child), "limit",
		   counts_values ? "'%s' has more than %u values" : "'%s' stands more than %u times", k->word, k->most);
	c->tree->complete = false;
	child->broken = true;
	if (counts_values)
		child->n_fields = 0;
	child->parent->last = child;
	child->next = NULL;
}

/* How often a keyword stands in a block. */
struct standing {
	struct stmt *first, *last;
	unsigned count;
};

/* How often each keyword stands in the block of s; the statements of one keyword are linked on the way. */
static void check_times(struct checking *c, struct stmt *s, enum block_kind block)
{
	struct standing all[MOST_KEYWORDS] = { { .count = 0 } };
	const struct stmt *kinds[MOST_KEYWORDS];
	size_t n_kinds = 0;

	for (struct stmt *child = s->first; child; child = child->next) {
		const struct keyword *k = child->keyword;
		struct standing *at = &all[k - keywords];
		const bool counts_values = k->n_args > 0 && k->args[0].many;
		at->count += counts_values && child->n_fields > 0 ? (unsigned)child->fields[0].n : 1;
		if (k->most > 0 && at->count > k->most)
			stop_at(c, child, at->count - k->most);
		if (!at->first)
			kinds[n_kinds++] = at->first = child;
		else
			at->last->same = child;
		at->last = child;
		if (child != at->first && (k->times == TIMES_ONE || k->times == TIMES_AT_MOST_ONE))
			tell_twice(c, child, at->first);
	}
	const struct stmt **kept = arena_array(c->arena, const struct stmt *, n_kinds + 1);
	if (n_kinds > 0)
		memcpy(kept, kinds, n_kinds * sizeof(*kept));
	s->kinds = kept;
	for (const struct keyword *k = keyword_next(block, NULL); k; k = keyword_next(block, k))
		if ((k->times == TIMES_ONE || k->times == TIMES_SOME) && !all[k - keywords].first && c->tree->complete)
			tell_missing(c, s, k);
}

/* A role may not have again what stands once at top level. */
static void check_role(struct checking *c, const struct stmt *role)
{
	for (const struct stmt *child = role->first; child; child = child->next) {
		const struct stmt *above = stmt_child(c->tree->root, child->keyword->word);
		if (child->keyword->times == TIMES_AT_MOST_ONE && above)
			tell_twice(c, child, above);
	}
}

/* By keyword, name and place of reading: equal names become neighbours, the first written first. */
static int compare_named(const void *a, const void *b)
{
	const struct stmt *x = *(const struct stmt *const *)a;
	const struct stmt *y = *(const struct stmt *const *)b;

	if (x->keyword != y->keyword)
		return x->keyword < y->keyword ? -1 : 1;
	const int order = strcmp(x->name->text, y->name->text);
	if (order)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct named {
	const struct stmt **list;
	size_t n;
};

static struct named collect_named(struct checking *c, const struct stmt *s)
{
	struct named all = { .list = arena_array(c->arena, const struct stmt *, s->n_children) };

	for (const struct stmt *child = s->first; child; child = child->next)
		if (child->keyword->named && child->name)
			all.list[all.n++] = child;
	if (all.n > 1)
		qsort(all.list, all.n, sizeof(*all.list), compare_named);
	return all;
}

static bool is_same(const struct stmt *a, const struct stmt *b)
{
	return a->keyword == b->keyword && strcmp(a->name->text, b->name->text) == 0;
}

static void tell_defined_twice(struct checking *c, const struct stmt *a, const struct stmt *b)
{
	const struct stmt *first = a->order < b->order ? a : b;
	const struct stmt *second = first == a ? b : a;
	struct diag *g = diag_error(c->diags, &second->name->place, "duplicate", "%s '%s' is defined twice",
				    second->keyword->word, second->name->text);

	diag_note(c->diags, g, &first->name->place, "first defined here");
}

/* Names within one block, and against those at top level. */
static void check_names(struct checking *c, const struct named *here, const struct named *above)
{
	size_t first = 0;

	for (size_t i = 1; i < here->n; i++) {
		if (is_same(here->list[first], here->list[i]))
			tell_defined_twice(c, here->list[first], here->list[i]);
		else
			first = i;
	}
	for (size_t i = 0, j = 0; i < here->n && j < above->n;) {
		const struct stmt *a = here->list[i];
		const struct stmt *b = above->list[j];
		const int order = a->keyword != b->keyword ? (a->keyword < b->keyword ? -1 : 1) :
							     strcmp(a->name->text, b->name->text);
		if (order == 0)
			tell_defined_twice(c, a, b);
		i += order <= 0;
		j += order > 0;
	}
}

/* The table nests a few blocks deep, so recursion is bounded. */
static void check_block(struct checking *c, struct stmt *s, enum block_kind block, const struct named *above)
{
	const struct named none = { 0 };
	const struct named here = collect_named(c, s);

	check_times(c, s, block);
	check_names(c, &here, block == BLOCK_ROLE ? above : &none);
	if (block == BLOCK_ROLE)
		check_role(c, s);
	for (struct stmt *child = s->first; child; child = child->next)
		if (child->has_block)
			check_block(c, child, child->keyword->inner, &here);
}

void tree_check(struct tree *t, struct arena *a, struct diags *d)
{
	struct checking c = { .arena = a, .diags = d, .tree = t };

	if (n_keywords > MOST_KEYWORDS)
		BUG("more keywords than expected");
	check_block(&c, t->root, BLOCK_TOP, NULL);
}
