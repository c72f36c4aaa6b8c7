/* SPDX-License-Identifier: MIT */
/* The weights of classes that --wgg asks for. */
#ifndef NLBC_WEIGHTS_WGG_H
#define NLBC_WEIGHTS_WGG_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/inputs.h"
#include "weights/relays.h"

/* Sets in->unit and in->weights. False: explained. */
bool wgg_choose(const struct inputs_wish *w, const struct relays *relays, struct inputs *in, struct diags *d) MUST_USE;
/* A number in 1/WGG_ONE, rounded down to the unit; the rest is for the middle, and guard+exit relays are exits only. */
void wgg_set(struct inputs *in, uint64_t number);

#endif
