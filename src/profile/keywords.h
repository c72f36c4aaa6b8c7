/* SPDX-License-Identifier: MIT */
/* The keyword table: section 5 of profile.md as one const array. Both readers, both writers, did-you-mean, the schema,
 * the manual's reference, completion and the syntax files come from it. */
#ifndef NLBC_PROFILE_KEYWORDS_H
#define NLBC_PROFILE_KEYWORDS_H

#include "base/base.h"
#include "profile/value.h"

enum block_kind {
	BLOCK_NONE,             /* the keyword takes no block */
	BLOCK_TOP,
	BLOCK_ROLE,             /* its keywords are those of BLOCK_TOP with in_role */
	BLOCK_KERNEL,
	BLOCK_INTERFACE,
	BLOCK_SHAPER,
	BLOCK_PATH,
	BLOCK_BALANCE,
	BLOCK_PROXY,
	BLOCK_SERVER,
	BLOCK_ONION,
	BLOCK_SCALE,
	BLOCK_WEB,
	BLOCK_KINDS
};

enum arg_kind {
	ARG_VALUE,              /* positional, always there (but `shaper` in an interface: name or block) */
	ARG_OPTIONAL,           /* positional, may be left out */
	ARG_OPTION,             /* NAME VALUE */
	ARG_FLAG                /* NAME */
};

/* What a range says beyond its bounds. */
enum value_rule { RULE_NONE, RULE_POWER_OF_TWO, RULE_ADJACENT_BITS, RULE_NOT_RESERVED_TABLE, RULE_VERSION };

/* One type that a value may have, and its range. */
struct value_spec {
	enum value_type type;
	const char *min, *max;  /* in the type's own writing; NULL: none. A bound that is another keyword's name ("rate",
				 * "replicas", "probes") is kept by the checks of meaning, not by value_read. */
	const char *range;      /* in words, where `MIN to MAX` would not do */
	enum value_rule rule;
};

struct arg {
	enum arg_kind kind;
	const char *name;       /* of the option or flag; JSON name of a positional value, NULL: "value" */
	bool many;              /* `…`: one or more; a VALUE_CHOICE among them stands alone */
	struct value_spec types[4];             /* tried in order, the first one's message; ends with VALUE_WRONG */
	const char *const *choices;             /* of VALUE_CHOICE; of VALUE_METHOD those that fit this block; ends with NULL */
	const char *when;       /* words of the first value with which this argument may stand, by blanks; NULL: any */
	const char *def;        /* default as written in a profile; NULL: none or told by the keyword */
	const char *help;       /* options and flags */
};

enum times { TIMES_ONE, TIMES_AT_MOST_ONE, TIMES_ANY, TIMES_SOME };   /* 1, 0-1, 0+, 1+ */

struct keyword {
	enum block_kind block;          /* where it stands */
	const char *word;
	const struct arg *args;         /* positional ones, then options and flags; two rows of one name differ in `when` */
	size_t n_args;
	enum times times;
	bool named;                     /* `<name> { }`: the first argument is the object's name */
	bool in_role;                   /* ● */
	bool grammar;                   /* define, include: known to the block reader only, no part of the tree or the twin */
	bool ordered;                   /* the order written counts; the twin has it in "path-order", "server-order" */
	enum block_kind inner;          /* the block's kind; BLOCK_NONE: takes no block */
	bool inner_or_value;            /* `<name> or { }` */
	unsigned most;                  /* statements (values, where `many`) in one block; 0: see section 10 */
	const char *def, *range;        /* columns of the table, for the manual; NULL: – or empty */
	const char *help;               /* meaning */
};

/* All rows, in the order of section 5 (define and include last). */
extern const struct keyword keywords[];
extern const size_t n_keywords;

/* NULL: no such keyword in this block. */
const struct keyword *keyword_find(enum block_kind block, struct str word);
/* The rows of a block in table order: start with NULL; NULL at the end. Leaves out define and include. */
const struct keyword *keyword_next(enum block_kind block, const struct keyword *k);
/* "balance"; "top level" for BLOCK_TOP. */
const char *block_name(enum block_kind block);

/* May this argument stand when the first value is `first`? */
bool arg_fits(const struct arg *arg, const char *first);
/* The first values with which it may, with commas between them; only where there is a choice (arg->when). */
void arg_print_when(const struct arg *arg, struct text *out);
static inline const char *arg_name(const struct arg *arg) { return arg->name ? arg->name : "value"; }
/* One of the argument's types; NULL: not this one. */
const struct value_spec *arg_spec(const struct arg *arg, enum value_type type);

#endif
