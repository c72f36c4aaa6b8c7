/* SPDX-License-Identifier: MIT */
/* Changes of members' states and weights in a process that stays: the generation in force is held in memory, so that a
 * change costs only what it moves. The same road, with the part of the plan that steers (DESIGN.md section 1). */
#ifndef NLBC_APPLY_STEER_H
#define NLBC_APPLY_STEER_H

#include "apply/road.h"
#include "apply/session.h"

struct steer {
	struct session *session;        /* opened with `change`; must outlive this */
	struct kept_profile kept;
	struct facts *facts;            /* as when it was applied */
	struct memory memory;           /* now */
	struct arena *arena;            /* of the memory and the items now */
	struct road road;               /* wanted: what steers now */
};

/* Takes up the generation in force. 0; -ESTALE: the kernel differs from it; other -errno; explained in d. */
int steer_open(struct steer *st, struct session *s, struct diags *d) MUST_USE;
void steer_close(struct steer *st);

/* Makes `to` (a memory changed by memory_found and its kin) what steers: entries of maps only, unless a turn list gets
 * another length. What `to` points at must outlive st. Remembered in the journal, unsynced. 0; -ERESTART: others changed
 * the rule-set, compare and apply; other -errno explained in d, nothing is half-done in the rule-set. */
int steer_move(struct steer *st, const struct memory *to, struct diags *d) MUST_USE;

#endif
