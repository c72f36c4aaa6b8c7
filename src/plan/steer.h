/* SPDX-License-Identifier: MIT */
/* The parts of steering, which compile_steer.c puts together. */
#ifndef NLBC_PLAN_STEER_H
#define NLBC_PLAN_STEER_H

#include "plan/ops.h"

enum { CONDITIONS = 6 };

/* ---- compile_hooks.c ---- */
/* The families a balance takes one by one, or FAMILIES alone where one rule does for both. Returns how many. */
size_t steer_variants(const struct balance_work *b, unsigned variants[FAMILIES]);
/* Its conditions for one of these as ops, at most CONDITIONS; returns their number. */
size_t steer_conditions(struct compile *c, const struct balance_work *b, unsigned family, bool with_in, struct op *ops);
/* The named sets of these conditions. */
void steer_sets(struct compile *c, const struct balance_work *b);
/* Of engine nexthop, and its packets would be marked if they were not left alone first. */
bool steer_goes_round(const struct compile *c, const struct balance_work *b);
void steer_prerouting(struct compile *c, bool arrivals);
void steer_output(struct compile *c);

/* ---- compile_members.c ---- */
void steer_members(struct compile *c, struct balance_work *b);
void steer_refusal(struct compile *c, struct balance_work *b);
void steer_list(struct compile *c, const struct balance_work *b, const struct list_work *l);
void steer_live(struct compile *c, const struct balance_work *b);

/* ---- compile_choose.c ---- */
bool steer_hashes(const struct balance *b);
void steer_choice(struct compile *c, struct balance_work *b);

/* ---- compile_seed.c: the four rules of `per-flow … compat seed` ---- */
void steer_seed(struct compile *c, const struct balance_work *b, struct rules_work *pre);

#endif
