/* SPDX-License-Identifier: MIT */
/* What the solver is held against: a textbook's method that shares nothing with it, for small problems, and a check of
 * answers by the definition, for any. */
#ifndef NLBC_TEST_WEIGHTS_SLOW_H
#define NLBC_TEST_WEIGHTS_SLOW_H

#include "base/base.h"
#include "weights/transport.h"

/* The least value, by shortest augmenting paths; false: what rows send finds no way. */
bool slow_solve(const struct transport *t, wide *value);
/* NULL if the answer is allowed, has the value it says, and its prices prove that none is less; else what is wrong. */
const char *slow_fault(const struct transport *t, const struct transport_answer *a);

#endif
