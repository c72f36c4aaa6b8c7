/* SPDX-License-Identifier: MIT */
/* What shall be in force, on its way into the kernel and the journal: planned, surveyed, begun, written, finished; undone
 * where a write is refused. For apply.c and hand.c; others use apply.h. */
#ifndef NLBC_APPLY_INTENT_H
#define NLBC_APPLY_INTENT_H

#include "apply/apply.h"

struct intent {
	const struct profile *profile;
	const struct machine *machine;
	struct facts *facts;            /* asked by the caller, answered by intent_plan */
	uint64_t trial_ms;              /* by the caller, as in struct apply_request, and save */
	bool save;
	bool may_glance;                /* by the caller: what is remembered is as the generation in force left it */
	struct plan *plan;
	struct memory after;            /* what will be remembered */
	char digest[DIGEST_TEXT];       /* of the profile */
	const char *basis;              /* of what the steering is made of, memory aside; NULL: not to be known */
	bool at_a_glance;               /* the rule-set is to be known by its generation alone: no steering is lowered */
};

/* What of the running profile cannot change in place (packet.md section 12). 0, -EINVAL explained. */
int intent_check_fixed(const struct session *s, const struct machine *m, struct diags *d) MUST_USE;
/* A warning where things of ours stand that no journal tells of. */
void intent_warn_adopted(const struct session *s, const struct road *r, struct diags *d);
/* Asks the machine, plans and lowers; at a glance where w->may_glance and the generation in force was made from the same.
 * 0; -errno explained. */
int intent_plan(struct intent *w, struct session *s, const struct memory *before, struct road *r,
		struct diags *d) MUST_USE;
/* As road_survey, but an error of the survey is one of the call: -EINVAL. */
int intent_survey(struct session *s, struct road *r, struct diags *d) MUST_USE;
/* From the survey of a compared road to the journal's `done`; g->before is filled in. On an error what was done is undone,
 * and out says whether that succeeded. 0; -errno explained. */
int intent_carry_out(struct intent *w, struct session *s, struct generation *g, struct apply_result *out,
		     struct diags *d) MUST_USE;

/* The next generation, as `begin` will record it. */
struct generation generation_new(const struct session *s, const char *verb, const struct plan *p);
/* `begin` on disk: what is remembered from now on, what will be displaced beyond the first `known`. 0; -errno explained. */
int generation_begin(struct session *s, const struct generation *g, const struct memory *after, size_t known,
		     struct diags *d) MUST_USE;
/* Explains a failure of the journal; passes err on. */
int journal_failed(int err, struct diags *d);

#endif
