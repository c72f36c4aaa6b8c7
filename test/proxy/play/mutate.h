/* SPDX-License-Identifier: MIT */
/* Inputs made from the corpus by chance. */
#ifndef NLBC_TEST_PROXY_MUTATE_H
#define NLBC_TEST_PROXY_MUTATE_H

#include "play.h"

void mutate(const struct cases *c, uint64_t seed, uint64_t number, struct text *out);

#endif
