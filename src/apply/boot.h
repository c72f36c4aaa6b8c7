/* SPDX-License-Identifier: MIT */
/* The start-up profile: boot.json in the state directory, kept by `apply --save`, or else the administrator's own
 * boot.prof. */
#ifndef NLBC_APPLY_BOOT_H
#define NLBC_APPLY_BOOT_H

#include "apply/session.h"

/* The administrator's file. */
extern const char boot_prof[];

/* Makes the generation's file the start-up profile. 0; -errno explained. */
int boot_save(struct session *s, uint64_t generation, struct diags *d) MUST_USE;
/* Reads boot.json below the state directory (NULL: the default one). 0; -ENOENT: there is none, nothing is said; other
 * -errno explained. */
int boot_load(const char *state_dir, struct arena *a, struct kept_profile *out, struct diags *d) MUST_USE;
/* Would this profile and role be started? */
bool boot_is(const char *state_dir, const struct kept_profile *k, struct arena *a);

#endif
