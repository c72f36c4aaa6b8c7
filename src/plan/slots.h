/* SPDX-License-Identifier: MIT */
/* How weights become lists (packet.md section 4): turn lists, taken one entry after the other, and slot lists, of which
 * one is drawn. Members are their places in the weights given; the order in which they are given decides ties. */
#ifndef NLBC_PLAN_SLOTS_H
#define NLBC_PLAN_SLOTS_H

#include "base/base.h"

struct arena;

enum { SLOT_FREE = UINT16_MAX };        /* an entry that nobody owns */

/* The weights' common divisor; 0: no weight at all. */
uint32_t slots_divisor(const uint32_t *weights, size_t n);

/* The steps of one round: the sum of the weights divided by their common divisor; 0: no weight at all. */
uint64_t slots_round(const uint32_t *weights, size_t n);

/* The smooth order of one round: exactly weights / divisor entries of each member, spread evenly (3:1 gives A A B A).
 * `list` has room for slots_round() entries. */
void slots_turn(const uint32_t *weights, size_t n, uint16_t *list, struct arena *a);

/* The entries of `size` that each member is due: by largest remainder, in all `size` unless no weight is given. */
void slots_quotas(const uint32_t *weights, size_t n, uint32_t size, uint32_t *quotas, struct arena *a);

/* Makes `list`, which holds the old owners or SLOT_FREE, fit the quotas, whose sum is its size or 0. Moves as few
 * entries as possible: of each member those beyond its quota. With a sum of 0 all entries become free. */
void slots_fill(const uint32_t *quotas, size_t n, uint16_t *list, uint32_t size, struct arena *a);

#endif
