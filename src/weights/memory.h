/* SPDX-License-Identifier: MIT */
/* The user's limit of memory, looked at before anything large is begun. */
#ifndef NLBC_WEIGHTS_MEMORY_H
#define NLBC_WEIGHTS_MEMORY_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

/* Whether `needed` bytes are within the limit (0: there is none); if not, explained with code 'machine'. */
bool memory_allows(uint64_t limit, uint64_t needed, struct diags *d) MUST_USE;

/* 3.1 GiB, 41 MiB; in the arena. */
const char *memory_print(struct arena *a, uint64_t bytes);

#endif
