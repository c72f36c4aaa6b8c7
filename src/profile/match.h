/* SPDX-License-Identifier: MIT */
/* The packets that a balance's conditions take, as a set: do two balances share packets, does one lie wholly within the
 * other. The checks refuse what overlaps otherwise; the plan tries the inner one first (profile.md section 6). */
#ifndef NLBC_PROFILE_MATCH_H
#define NLBC_PROFILE_MATCH_H

#include "base/arena.h"
#include "base/base.h"
#include "base/text.h"

struct balance;
struct match;

/* The set of b's packets, made once so that comparing is one walk over sorted ranges. Lives in a; b must outlive it. */
const struct match *match_new(const struct balance *b, struct arena *a);
/* Some packet meets the conditions of both. */
bool match_shares(const struct match *a, const struct match *b);
/* Every packet of inner is one of outer; true for equal ones too. */
bool match_within(const struct match *inner, const struct match *outer);
/* The first packets that both take, as conditions are written: `in lan from 10.0.0.0/8 to 10.10.3.0/24 protocol tcp`;
 * what neither asks for is left out. Only where match_shares. */
void match_print_shared(const struct match *a, const struct match *b, struct text *out);

#endif
