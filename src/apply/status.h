/* SPDX-License-Identifier: MIT */
/* What is applied, whether the kernel still matches it, and the counters (command.md section 4, members of `status`). */
#ifndef NLBC_APPLY_STATUS_H
#define NLBC_APPLY_STATUS_H

#include "apply/session.h"

#include <jansson.h>

/* The status object as scripts see it; everything else (text, get) is made from it. NULL: explained in d. The caller
 * gives the reference back. */
/* *plan, if not NULL, is the plan in force (NULL: nothing is). */
json_t *status_read(struct session *s, const struct plan **plan, struct diags *d);

/* The value that a PATH (names joined by dots, array places from 0) names within the object: a borrowed reference.
 * NULL: explained in d, with the nearest name. */
json_t *status_get(json_t *status, const char *path, struct arena *a, struct diags *d);

/* Everything in step and no member down or pending. */
bool status_is_good(json_t *status);

#endif
