/* SPDX-License-Identifier: MIT */
/* What the tests of the methods share: a small group of members a, b, c, ..., and exchanges with them. */
#ifndef NLBC_TEST_METHODS_H
#define NLBC_TEST_METHODS_H

#include "core/group.h"

/* The profile's defaults, decay 5 s; as the seed does it. */
struct group_conf conf(const char *name);
struct group_conf seed(const char *name);
/* n members of these weights; NULL: 1 each. */
struct group *group_of(struct group_conf c, const uint32_t *weights, size_t n);
int choose(struct group *g, uint64_t now_us);
/* The next n choices, each begun and left open, as letters. */
const char *letters(struct group *g, size_t n);
/* An exchange of i is over: in us microseconds, and without a word about it. */
void finish(struct group *g, int i, uint64_t now_us, uint64_t us);
void leave(struct group *g, int i);

#endif
