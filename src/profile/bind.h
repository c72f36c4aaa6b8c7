/* SPDX-License-Identifier: MIT */
/* From the tree of statements to the typed model: defaults filled in, names resolved, top level and each role merged
 * into one machine. Also what the checks need besides the model: the statement behind every object. */
#ifndef NLBC_PROFILE_BIND_H
#define NLBC_PROFILE_BIND_H

#include "base/base.h"
#include "base/diag.h"
#include "profile/profile.h"
#include "profile/tree.h"

struct arena;

/* Kinds of named objects. */
enum object_kind {
	OBJECT_INTERFACE, OBJECT_SHAPER, OBJECT_PATH, OBJECT_BALANCE, OBJECT_PROXY, OBJECT_ONION,
	OBJECT_KINDS
};

struct object {
	const char *name;
	const struct stmt *stmt;
	bool sound;                     /* nothing in it is wrong: checks that compare it with others make sense */
};

/* The objects of one kind on one machine, in the order of the machine's array. */
struct objects {
	struct object *list;
	size_t n;
	const struct object **by_name;  /* sorted */
	const char *here;               /* hint: their names, made when first needed */
};

struct bound {                          /* a machine and where its objects come from */
	struct machine *machine;
	const struct stmt *role;        /* NULL: the profile has no roles */
	struct objects objects[OBJECT_KINDS];
	const struct stmt *kernel, *web;        /* NULL: left out */
	const struct stmt **sysctls;    /* in the order of the machine's array */
	size_t n_sysctls;
};

struct binding {
	struct arena *arena;
	struct diags *diags;
	const struct tree *tree;
	struct bound *machines;
	size_t n_machines;
	bool *used;                     /* by a statement's order: some other object refers to it */
	unsigned *dangling_in;          /* by a statement's order: 1 + the machine for which it told a name as dangling */
	size_t n_dangling;
};

/* The whole way from a read tree to a checked profile. NULL when d holds an error, its own or the reader's. */
const struct profile *profile_from_tree(const char *file, const struct tree *t, struct arena *a, struct diags *d);

/* The place in the machine's array of the object of this name, which is marked as used. -1 where there is none: that is
 * told, once for all roles. `from` is the statement that holds the name. */
ptrdiff_t bind_find(struct binding *b, struct bound *m, enum object_kind kind, const struct stmt *from,
		    const struct value *name);
/* Nothing in the statement or its block is wrong. */
bool stmt_is_sound(const struct stmt *s);

/* A value's number, or the one given by the table's default: that of an argument of the statement, and that of the first
 * argument of a keyword in a block (NULL: the block is left out). Choices count from 0 in the table's order. */
uint64_t stmt_number(const struct stmt *s, const char *arg);
uint64_t block_number(const struct stmt *block, enum block_kind kind, const char *keyword);
/* The same of an option of a keyword in a block. */
uint64_t block_option(const struct stmt *block, enum block_kind kind, const char *keyword, const char *arg);
/* Only what is written: set is false where the keyword is left out or its value is wrong. */
struct opt_u64 block_given(const struct stmt *block, const char *keyword);
/* A good value of this type for the argument, or NULL. */
const struct value *field_typed(const struct stmt *s, const char *arg, enum value_type type);
const struct value *block_typed(const struct stmt *block, const char *keyword, enum value_type type);

/* Values of a keyword that may stand more than once: how many, and those that are prefixes. */
size_t count_values(const struct stmt *block, const char *keyword);
const struct prefix_value *bind_prefixes(struct binding *b, const struct stmt *s, const char *keyword, size_t *n);

/* One room of the model each: bind_packet.c, bind_service.c. */
void bind_kernel(const struct stmt *s, struct kernel_conf *k);
void bind_packet(struct binding *b, struct bound *m);
void bind_services(struct binding *b, struct bound *m);

#endif
