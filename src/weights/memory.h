/* SPDX-License-Identifier: MIT */
/* The user's limit of memory, looked at before anything large is begun; and memory that is not of an arena. */
#ifndef NLBC_WEIGHTS_MEMORY_H
#define NLBC_WEIGHTS_MEMORY_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

/* Whether `more` bytes besides those that the arena holds are within what it is allowed; if not, explained with code
 * 'machine'. */
bool memory_allows(const struct arena *a, uint64_t more, struct diags *d) MUST_USE;

/* 3.1 GiB, 41 MiB; in the arena. */
const char *memory_print(struct arena *a, uint64_t bytes);

/* n × size bytes of zeros, for free(); never NULL. */
void *allocate(size_t n, size_t size);

#endif
