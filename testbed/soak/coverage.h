/* SPDX-License-Identifier: MIT */
/* Which words of the packet part of the language appeared in the profiles, and which never did. */
#ifndef NLBC_SOAK_COVERAGE_H
#define NLBC_SOAK_COVERAGE_H

#include "base/base.h"
#include "compose.h"

struct stmt;

enum { COVER_KEYWORDS = 128, COVER_ARGUMENTS = 12, COVER_CHOICES = 8 };

/* How often, by place in the keyword table. */
struct coverage {
	unsigned keyword[COVER_KEYWORDS];
	unsigned argument[COVER_KEYWORDS][COVER_ARGUMENTS];
	unsigned choice[COVER_KEYWORDS][COVER_ARGUMENTS][COVER_CHOICES];
	unsigned type[COVER_KEYWORDS][COVER_ARGUMENTS][COVER_CHOICES];
};

/* Counts a statement and all below it; the root of a profile stands for the whole. */
void coverage_count(struct coverage *v, const struct stmt *s);
/* Prints a line for each word that this recipe could use and never did, and a sum; returns how many. */
unsigned coverage_tell(const struct coverage *v, const struct recipe *r);

#endif
