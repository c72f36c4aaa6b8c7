/* SPDX-License-Identifier: MIT */
/* One statement as its words come, from either spelling: which argument takes which word, and what section 4 of
 * profile.md says of words that fit nowhere. */
#ifndef NLBC_PROFILE_FILL_H
#define NLBC_PROFILE_FILL_H

#include "base/base.h"
#include "profile/tree.h"

enum { FILL_ARGS = 16 };        /* no keyword has more */

struct fill {
	struct stmt *stmt;
	struct diags *diags;
	struct field fields[FILL_ARGS];         /* by argument; arg NULL: not given */
	bool closed;            /* the first value is wrong and decides about the others: nothing more can be said */
};

void fill_start(struct fill *f, struct stmt *s, struct diags *d);
/* Row of the next positional value from `from` on that may stand with the first value; n_args: none. */
size_t fill_positional(const struct fill *f, size_t from);
/* Row of the option or flag of this name that may stand; n_args: none. */
size_t fill_option(const struct fill *f, struct str name);
/* Reads n words (0 for a flag) as values of argument i. `place`: where the argument stands. */
void fill_values(struct fill *f, size_t i, const struct place *place, const struct word *words, size_t n);
/* Tells that a word stands where none, or no such option, may. */
void fill_unexpected(struct fill *f, const struct word *w);
/* All words of a statement in the block language: positional values, then options. */
void fill_words(struct fill *f, const struct word *words, size_t n);
/* Keeps what was given in the statement. */
void fill_stop(struct fill *f);

/* Tells of a keyword that this block does not have, with the best hint. Returns the keyword that was probably meant, or NULL. */
const struct keyword *unknown_keyword(enum block_kind block, const struct place *place, struct str word, struct diags *d);

#endif
