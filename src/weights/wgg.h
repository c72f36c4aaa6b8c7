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
/* A part of the unit, the rest for the middle; guard+exit relays are exits only. */
void wgg_set(struct inputs *in, int64_t wgg);

#endif
