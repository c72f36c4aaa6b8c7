/* SPDX-License-Identifier: MIT */
/* Answers to what a profile asks of the machine (plan/facts.h). */
#ifndef NLBC_TARGET_FACTS_H
#define NLBC_TARGET_FACTS_H

#include "base/addr.h"
#include "base/diag.h"
#include "plan/facts.h"

struct kernel;
struct own;

/* Fills in the answers; texts live in a. Settings that we displaced (own; NULL: none) count as they were before, so
 * that the answers do not depend on what was made of them. What the machine cannot answer (no such device, several) is an error at its
 * place, code "machine". 0, -EINVAL (errors were added), other -errno explained in d. */
int facts_read(struct kernel *k, const struct own *own, struct facts *f, struct arena *a, struct diags *d) MUST_USE;
/* 1: an address of this machine; 0: not; -errno. */
int kernel_owns(struct kernel *k, const struct addr *address) MUST_USE;

#endif
