/* SPDX-License-Identifier: MIT */
/* The keyword table in words: a keyword's arguments as the specification and the manual write them. */
#ifndef NLBC_PROFILE_USAGE_H
#define NLBC_PROFILE_USAGE_H

#include "base/base.h"
#include "base/text.h"
#include "profile/keywords.h"

struct policy;

/* `what=<size>/<packets>/<time>/fq_codel [limit <int>] …`, `<name> { }`; `–` where there are none. The options of
 * methods are left out (usage_method). */
void usage_arguments(const struct keyword *k, struct text *out);
/* The options a method takes as value of the keyword `method`. */
void usage_method(const struct keyword *method, const struct policy *policy, struct text *out);
/* One argument's types: `<size>/<packets>`, joined by separator; an option's without its name. */
void usage_types(const struct arg *arg, const char *separator, struct text *out);
/* Of one type: `100ms to 1h`; false: any value. */
bool usage_range(const struct value_spec *spec, struct text *out);
/* May this policy be a value of this keyword `method`: of a balance, or of a proxy? */
bool usage_fits(const struct keyword *method, const struct policy *policy);

#endif
