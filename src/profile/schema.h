/* SPDX-License-Identifier: MIT */
/* The JSON Schema (draft 2020-12) of a profile's JSON twin, made from the keyword table. It knows names, types, ranges of
 * whole numbers and how often a member may stand; what the checks of meaning say is theirs alone. */
#ifndef NLBC_PROFILE_SCHEMA_H
#define NLBC_PROFILE_SCHEMA_H

#include "base/base.h"
#include "base/text.h"

void schema_profile_print(struct text *out);

#endif
