/* SPDX-License-Identifier: MIT */
/* The tree of statements: how it grows, how it is searched, and when two are equal. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/tree.h"

const struct field *stmt_field(const struct stmt *s, const char *arg)
{
	for (size_t i = 0; i < s->n_fields; i++)
		if (strcmp(arg_name(s->fields[i].arg), arg) == 0)
			return &s->fields[i];
	return NULL;
}

const struct value *stmt_value(const struct stmt *s, const char *arg)
{
	const struct field *f = stmt_field(s, arg);

	return f && f->n > 0 ? &f->values[0] : NULL;
}

const struct stmt *stmt_child(const struct stmt *s, const char *keyword)
{
	for (size_t i = 0; s->kinds && s->kinds[i]; i++)
		if (strcmp(s->kinds[i]->keyword->word, keyword) == 0)
			return s->kinds[i];
	return NULL;
}

const struct stmt *stmt_after(const struct stmt *c)
{
	return c->same;
}

const struct value *stmt_get(const struct stmt *s, const char *keyword)
{
	const struct stmt *c = stmt_child(s, keyword);

	return c && c->n_fields > 0 && c->fields[0].n > 0 ? &c->fields[0].values[0] : NULL;
}

bool is_other_role(const struct tree *t, const struct stmt *s)
{
	return t->role && s->keyword->inner == BLOCK_ROLE && s->name && strcmp(s->name->text, t->role) != 0;
}

const struct place *stmt_place(const struct stmt *s)
{
	return s->name ? &s->name->place : &s->place;
}

struct stmt *stmt_add(struct arena *a, struct stmt *parent, const struct keyword *k, const struct place *place)
{
	struct stmt *s = arena_one(a, struct stmt);

	s->keyword = k;
	s->place = *place;
	s->parent = parent;
	if (!parent)
		return s;
	if (parent->last)
		parent->last->next = s;
	else
		parent->first = s;
	parent->last = s;
	parent->n_children++;
	return s;
}

static bool field_equal(const struct field *a, const struct field *b)
{
	if (a->arg != b->arg || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!value_equal(&a->values[i], &b->values[i]))
			return false;
	return true;
}

/* Blocks nest at most 16 deep, so recursion is bounded. */
static bool stmt_equal(const struct stmt *a, const struct stmt *b)
{
	if (a->keyword != b->keyword || a->n_fields != b->n_fields || a->n_children != b->n_children ||
	    a->has_block != b->has_block)
		return false;
	for (size_t i = 0; i < a->n_fields; i++)
		if (!field_equal(&a->fields[i], &b->fields[i]))
			return false;
	for (a = a->first, b = b->first; a && b; a = a->next, b = b->next)
		if (!stmt_equal(a, b))
			return false;
	return !a && !b;
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
	return stmt_equal(a->root, b->root);
}
