/* SPDX-License-Identifier: MIT */
/* A profile as a tree of statements, after define and include: what both spellings give, and what both writers print.
 * Every value keeps its text, its meaning and its place. The tree may hold statements with errors: an object with an
 * error of its own still counts as present. Lives in the reader's arena. */
#ifndef NLBC_PROFILE_TREE_H
#define NLBC_PROFILE_TREE_H

#include "base/base.h"
#include "base/diag.h"
#include "profile/keywords.h"
#include "profile/value.h"

struct arena;

/* A given argument. */
struct field {
	const struct arg *arg;
	struct place place;             /* the option's name; of a positional value, the first value */
	const struct value *values;     /* none for a flag; one, or more where arg->many; an option whose value is missing
					 * (told already) has none */
	size_t n;
};

struct stmt {
	const struct keyword *keyword;  /* NULL: the root, which stands for the file */
	struct place place;             /* the keyword; in the twin the member */
	const struct value *name;       /* of a named block; NULL where it has none */
	const struct field *fields;     /* the given ones, in the table's order; a block's name is the first */
	size_t n_fields;
	bool broken;                    /* something in the statement itself (not in its block) was wrong and has been told */
	bool has_block;
	bool left_out;                  /* a role that was not asked for: its block is not read */
	bool is_guess;                  /* stands for a keyword that was probably meant: present, but not a second one */
	bool has_unknown;               /* its block holds a keyword that is not known: what seems to be missing may be that */
	unsigned order;                 /* of reading, from 1 */
	struct stmt *parent, *first, *last, *next;      /* children in the order written */
	size_t n_children;
	/* Set by tree_check, so that searches need not pass long runs of other statements: */
	struct stmt *same;                      /* the next one in the block with this keyword */
	const struct stmt *const *kinds;        /* of the children: the first with each keyword; ends with NULL */
};

struct variable {
	const char *name;
	struct place place;             /* the name */
	bool used;
	const struct word *words;
	size_t n;
};

struct tree {
	struct stmt *root;
	struct variable *variables;     /* none in the twin; in the order defined */
	size_t n_variables;
	const char *role;               /* the only role that was read; NULL: all of them */
	const char *target;             /* the mechanism, whatever the text says; NULL: as it says */
	bool complete;                  /* false: reading stopped early or a part is missing, so that checks across
					 * statements (dangling, overlap, unused) would mislead */
};

/* The given argument of this name ("value" for an unnamed positional one), or NULL. */
const struct field *stmt_field(const struct stmt *s, const char *arg);
/* Its first value, or NULL where it is not given (or has no value). May be VALUE_WRONG. */
const struct value *stmt_value(const struct stmt *s, const char *arg);
/* The first child with this keyword, and the next one after c; NULL: none. */
const struct stmt *stmt_child(const struct stmt *s, const char *keyword);
const struct stmt *stmt_after(const struct stmt *c);
/* stmt_value of the first child with this keyword: the usual `rate 50mbit` in a block. */
const struct value *stmt_get(const struct stmt *s, const char *keyword);
static inline bool stmt_is(const struct stmt *s, const char *keyword) { return s->keyword && strcmp(s->keyword->word, keyword) == 0; }
/* A role that was not asked for. */
bool is_other_role(const struct tree *t, const struct stmt *s);
/* Where a message about the object stands: its name, or the keyword of a block without one. */
const struct place *stmt_place(const struct stmt *s);

/* The same statements with the same values (as text and type) in the same order, places aside. */
bool tree_equal(const struct tree *a, const struct tree *b);

/* For the readers: adds an empty statement at the end of parent (NULL: a new root). */
struct stmt *stmt_add(struct arena *a, struct stmt *parent, const struct keyword *k, const struct place *place);

#endif
