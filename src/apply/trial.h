/* SPDX-License-Identifier: MIT */
/* Generations on trial (`apply --confirm`): in force until somebody confirms them, or else rolled back when their time is
 * over, by the guardian (guardian.h) or, where that has died, by the next command that may write. The journal decides;
 * whoever holds its lock may end a trial. */
#ifndef NLBC_APPLY_TRIAL_H
#define NLBC_APPLY_TRIAL_H

#include "apply/apply.h"
#include "base/out.h"

/* What a trial goes back to, in memory. */
struct way_back {
	struct journal was;             /* as it was then */
	struct kept_profile kept;       /* of the generation in force then, if there was one */
};

uint64_t boottime_ms(void);
/* The trial's time has come, or its roll-back has begun. */
bool trial_is_over(const struct trial *t);
/* Its end on the wall clock; returns buf. */
const char *trial_until(const struct trial *t, char buf[TIME_TEXT]);

/* Before the first change: what is in force now is set aside, unless a trial runs already; *w is what stands there, read
 * back. 0; -errno explained. */
int trial_prepare(struct session *s, struct way_back *w, struct diags *d) MUST_USE;
/* What the trial that runs goes back to. 0; -errno explained. */
int trial_read_back(struct session *s, struct way_back *w, struct diags *d) MUST_USE;
/* Ends the trial by going back. out may be NULL. 0; -errno explained (code "rollback"). */
int trial_go_back(struct session *s, const struct way_back *w, struct apply_result *out, struct diags *d) MUST_USE;
/* As the first thing of whoever will write: goes back if the time is over; *ended then. A warning tells that. 0; -errno
 * explained. */
int trial_settle(struct session *s, bool *ended, struct diags *d) MUST_USE;
/* Once confirmed, the generation on trial shall be the start-up profile. 0; -errno explained. */
int trial_save(struct session *s, struct diags *d) MUST_USE;
/* Ends it by keeping the generation; *t is what it was. -ENOENT explained: nothing is on trial (code "state"), or it is
 * rolled back already (code "unconfirmed"). */
int trial_confirm(struct session *s, struct trial *t, struct diags *d) MUST_USE;

#endif
