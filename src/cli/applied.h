/* SPDX-License-Identifier: MIT */
/* Applying for the verbs that do (apply, rollback). */
#ifndef NLBC_CLI_APPLIED_H
#define NLBC_CLI_APPLIED_H

#include "apply/apply.h"
#include "cli/command.h"

/* Applies and prints the result under the name of the verb; returns the exit code. */
int applied_carry_out(struct invocation *v, struct session *s, const struct apply_request *q);

#endif
