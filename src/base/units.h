/* SPDX-License-Identifier: MIT */
/* Numbers with a unit, as they stand in profiles and on command lines (profile.md section 4): 500ms, 64kb, 50mbit. */
#ifndef NLBC_BASE_UNITS_H
#define NLBC_BASE_UNITS_H

#include "base/base.h"

struct unit {
	const char *name;
	uint64_t factor;        /* in bit/s, bytes or microseconds */
};
/* Each ends with .name NULL. */
extern const struct unit rate_units[], size_units[], time_units[];

/* Number and one of these units, in any case. Fractions of the smallest unit are rounded down. 0, -EINVAL, -ERANGE. */
int parse_measure(struct str s, const struct unit *units, uint64_t *number) MUST_USE;

#endif
