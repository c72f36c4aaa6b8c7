/* SPDX-License-Identifier: MIT */
/* What the journal tells of past generations: who applied what and when, and what became of it. Bounded; a flush and a
 * new boot leave it. */
#ifndef NLBC_APPLY_HISTORY_H
#define NLBC_APPLY_HISTORY_H

#include "apply/journal.h"

enum { HISTORY_KEPT = 100 };

const char *outcome_name(enum outcome o);      /* applied, rolled-back, ... */
/* NULL: not told of (any more). */
struct past *history_find(const struct journal *j, uint64_t number);
/* The generation's row, made (unfinished) where there is none; the oldest goes where there are too many. */
struct past *history_note(struct journal *j, const struct generation *g);
/* The last one before generation `number` that was in force and that is kept as a file; NULL: none. */
const struct past *history_before(const struct journal *j, uint64_t number);

#endif
