/* SPDX-License-Identifier: MIT */
/* The way back: after an error in a stage the generation before is applied by the same road, and the kernel must then
 * be as it was before the first change (packet.md section 13). */
#ifndef NLBC_APPLY_UNDO_H
#define NLBC_APPLY_UNDO_H

#include "apply/road.h"

struct undo {
	char before[DIGEST_TEXT];       /* the kernel before the first change */
	struct road road;               /* as it was then: its live items */
	struct displaced *displaced;    /* what this change displaces; what was displaced before is remembered anyway */
	size_t n_displaced;
	struct generation in_force;     /* the journal's, and its memory */
	struct memory memory;
};

/* Takes down how the kernel is now: r has just been compared and surveyed; s->own holds what will be displaced from
 * number `known` on. */
void undo_init(struct undo *u, const struct session *s, const struct road *r, size_t known);
/* Goes back to the generation g->from. 0: the kernel is as it was; otherwise what differs is in d (code "rollback") and
 * the journal stays open. The error that led here is in d already and is never hidden. */
int undo(struct undo *u, struct session *s, const struct generation *g, struct diags *d) MUST_USE;

#endif
