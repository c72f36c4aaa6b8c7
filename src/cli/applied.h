/* SPDX-License-Identifier: MIT */
/* Applying for the verbs that do (apply, rollback). */
#ifndef NLBC_CLI_APPLIED_H
#define NLBC_CLI_APPLIED_H

#include "apply/apply.h"
#include "cli/command.h"

/* Applies and prints the result under the name of the verb. 0; -errno explained. */
int applied_carry_out(struct invocation *v, struct session *s, const struct apply_request *q,
		      struct apply_result *out) MUST_USE;
/* rollback of a generation on trial: goes back to what was in force before it. 0; -errno explained. */
int applied_go_back(struct invocation *v, struct session *s) MUST_USE;
/* apply --confirm --wait, after the session: until the trial has ended. The exit code. */
int applied_wait(struct invocation *v, struct apply_result *r);

#endif
