/* SPDX-License-Identifier: MIT */
/* The one road to the kernel: a plan is lowered to items, what is ours is read, the difference is written in stages.
 * apply, flush, a change of state, roll-back and recovery all take it (DESIGN.md sections 1 and 6). */
#ifndef NLBC_APPLY_ROAD_H
#define NLBC_APPLY_ROAD_H

#include "apply/session.h"
#include "plan/item.h"
#include "target/target.h"

enum { ROAD_TARGETS = 8, ROAD_TRIES = 5, DIGEST_TEXT = 65 };

/* One target's part. */
struct step {
	const struct target *target;
	struct items wanted, live;
	struct changes changes;
};

struct road {
	const struct plan *plan;
	struct step steps[ROAD_TARGETS];
	size_t n_steps;
	size_t n_add, n_edit, n_remove;        /* of all steps, as last compared */
};

/* Lowers the plan. 0, or -EINVAL explained in d. */
int road_plan(struct road *r, const struct plan *p, enum lower_what what, struct arena *a, struct diags *d) MUST_USE;
/* Reads what is ours and makes the changes, staged. 0, -errno explained. */
int road_compare(struct road *r, struct session *s, struct diags *d) MUST_USE;
/* What stands in the way (in d, code machine) and what will be displaced (in s->own). 0 also with errors in d. */
int road_survey(struct road *r, struct session *s, struct diags *d) MUST_USE;
/* As far as the kernel lets it be checked without a commit. 0, -errno explained. */
int road_rehearse(struct road *r, struct session *s, struct diags *d) MUST_USE;
/* Prepare, switch, retire. Where the rule-set moved under us, reads and compares again, at most ROAD_TRIES times. 0;
 * -EBUSY, -EINTR, other -errno: explained; then some of it may be done. */
int road_write(struct road *r, struct session *s, struct diags *d) MUST_USE;

static inline size_t road_changes(const struct road *r) { return r->n_add + r->n_edit + r->n_remove; }

/* Drops from the list of displaced things those on which nothing wanted stands: they were put back. With `standing` keeps
 * those on which something of ours stands, wanted or not, as r was last compared. */
void road_keep_displaced(const struct road *r, struct own *o, bool standing);
/* SHA-256 over `key NUL body LF` of the wanted, or the live, items, and of n displaced things. */
void road_digest(const struct road *r, bool live, const struct displaced *displaced, size_t n, char hex[DIGEST_TEXT]);
/* The first 12 digits of the same over the wanted nft items alone; by it a rule-set is known without reading it. */
const char *road_steer_sum(const struct road *r, struct arena *a);

#endif
