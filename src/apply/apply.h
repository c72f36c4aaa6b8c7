/* SPDX-License-Identifier: MIT */
/* What can be done to a namespace: apply a profile, flush, change a member by hand; or only look at the difference.
 * Everything takes the one road (apply/road.h) and is remembered in the journal. An error in a stage applies the
 * generation before and then demands that the kernel is as it was (packet.md section 13). */
#ifndef NLBC_APPLY_APPLY_H
#define NLBC_APPLY_APPLY_H

#include "apply/guardian.h"
#include "apply/road.h"
#include "apply/session.h"

struct apply_request {
	const struct profile *profile;
	const struct machine *machine;
	const char *verb;               /* for the journal; NULL: apply */
	struct facts *facts;            /* the questions to ask; NULL: those of the machine */
	bool reset;                     /* forget what people set by hand */
	uint64_t trial_ms;              /* rolled back after so long, unless it is confirmed; 0: in force for good */
	bool save;                      /* with a trial: once confirmed, it is the start-up profile */
	bool guarded;                   /* a guardian keeps the time of the trial */
};

struct apply_result {
	bool changed;
	uint64_t generation, previous;
	struct road road;               /* its changes, for printing */
	size_t restored;                /* flush: displaced things put back */
	bool nothing;                   /* flush: there was nothing */
	bool rolled_back;               /* an error was undone; generation is in force again */
	struct guardian guardian;       /* of a trial; the caller lets it go, whatever came of it */
};

/* All return 0, or a negative number with everything explained in d (codes machine, kernel, busy, rollback,
 * interrupted, state). Warnings may be in d either way. s must have been opened with `change` but for compare. */

/* Compares the profile with the kernel; changes nothing. Also finds what stands in the way. */
int apply_compare(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d) MUST_USE;
/* apply --dry-run: as apply_compare, and lets the kernel check it. */
int apply_rehearse(struct session *s, const struct apply_request *q, struct apply_result *out,
		   struct diags *d) MUST_USE;
/* While a generation is on trial, only another one on trial may take its place (code "state"). */
int apply_profile(struct session *s, const struct apply_request *q, struct apply_result *out,
		  struct diags *d) MUST_USE;
/* What `rollback` applies: the profile of generation `number` (0: the one before that in force, or the last that was),
 * its role and devices as they were then. 0; -errno explained, with the generations that are kept. */
int apply_earlier(struct session *s, uint64_t number, struct apply_request *out, struct diags *d) MUST_USE;
/* Removes all that is ours and puts back what was displaced. `force`: also a foreign table of our name. */
int apply_flush(struct session *s, bool force, bool dry_run, struct apply_result *out, struct diags *d) MUST_USE;

/* What a person says about one path. */
enum hand_kind { HAND_STATE, HAND_WEIGHT, HAND_DEFAULT };
struct hand {
	enum hand_kind kind;
	const char *path;
	const char *balance;            /* HAND_WEIGHT, HAND_DEFAULT: NULL: in all */
	enum member_state state;        /* HAND_STATE: up, draining or down */
	uint32_t weight;
};
/* from, to: the path's state, or its weight in that balance, before and after; printed values live in the arena. */
int apply_hand(struct session *s, const struct hand *h, struct apply_result *out, const char **from, const char **to,
	       struct diags *d) MUST_USE;

/* The plan of the generation in force with its present memory; NULL where nothing is in force (not an error) or on
 * error (d says why). */
const struct plan *apply_in_force(struct session *s, struct kept_profile *kept, struct diags *d);

#endif
