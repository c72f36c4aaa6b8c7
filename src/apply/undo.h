/* SPDX-License-Identifier: MIT */
/* The way back: after an error in a stage the generation before is applied by the same road, and the kernel must then
 * be as it was before the first change (packet.md section 13). */
#ifndef NLBC_APPLY_UNDO_H
#define NLBC_APPLY_UNDO_H

#include "apply/road.h"

struct undo {
	char before[DIGEST_TEXT];       /* the kernel before the first change */
	struct road road;               /* the change's: live is what was there before it, unless `whole` */
	bool whole;                     /* what was there before is not known: all must be as the generation says */
	struct displaced *displaced;    /* what this change displaces; what was displaced before is remembered anyway */
	size_t n_displaced;
	struct journal was;             /* what was in force and remembered before the change */
	const struct kept_profile *kept;        /* of the generation that was in force; NULL: read where it is needed */
	struct road back;               /* answer: the way back, as it was before its first change */
};

/* Takes down how the kernel is now: r has just been compared and surveyed; s->own holds what will be displaced from
 * number `known` on. */
void undo_init(struct undo *u, const struct session *s, const struct road *r, size_t known);
/* Goes back from generation g to the one that was in force. 0: the kernel is as it was, and the journal too, but for the
 * history, which tells why; otherwise what differs is in d (code "rollback") and the journal stays open. The errors that
 * are in d already are never hidden. */
int undo(struct undo *u, struct session *s, const struct generation *g, const char *why, struct diags *d) MUST_USE;
/* The same because of the errors in d. */
int undo_refused(struct undo *u, struct session *s, const struct generation *g, struct diags *d) MUST_USE;

/* The plan of a profile that was applied, with what was remembered then. NULL: again, which also takes its warnings, says
 * why. */
struct plan *plan_kept(struct session *s, const struct kept_profile *kept, const struct memory *m, struct diags *again);

#endif
