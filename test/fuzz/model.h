/* SPDX-License-Identifier: MIT */
/* What holds of any inputs that were read, and of any problem made of them. */
#ifndef NLBC_TEST_FUZZ_MODEL_H
#define NLBC_TEST_FUZZ_MODEL_H

#include "weights/inputs.h"

/* Aborts where it does not. NULL is fine if d explains it. */
void model_look(const struct inputs *in, struct arena *a, struct diags *d);

#endif
