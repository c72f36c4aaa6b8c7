/* SPDX-License-Identifier: MIT */
/* What status, watch and wait say of the status object (apply/status.h) to people. */
#ifndef NLBC_CLI_STATUS_SHOW_H
#define NLBC_CLI_STATUS_SHOW_H

#include "base/out.h"

struct arena;

/* A member's value; "" and 0 where it is null. */
const char *member_text(json_t *o, const char *name);
json_int_t member_number(json_t *o, const char *name);

/* `in sync`, `drift, 2 differences`, `degraded, p2 DOWN (hand)`. */
const char *status_say(json_t *status, struct arena *a);
/* The line that everything begins with: profile, state, paths that are up, generation. */
void status_show_head(json_t *status, bool colour, struct arena *a, struct text *out);
/* A cell with a path's state in capitals, and why. */
void status_add_state(struct table *t, json_t *path);

#endif
