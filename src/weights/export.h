/* SPDX-License-Identifier: MIT */
/* Tables, plot and Shadow file of results (weights.md section 7, "export"). */
#ifndef NLBC_WEIGHTS_EXPORT_H
#define NLBC_WEIGHTS_EXPORT_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/result.h"

struct progress;

/* Each writes to f: 0, -errno (a full disk); -EINVAL, explained, where the result cannot be told so; -EINTR. */
int export_relays(const struct result *r, FILE *f) MUST_USE;
int export_locations(const struct result *r, FILE *f) MUST_USE;
int export_shadow(const struct result *r, FILE *f, struct progress *progress, struct diags *d) MUST_USE;

/* How the expected penalty is distributed over clients: a picture of 800 × 500 with a curve for each of n >= 1 results and one
 * for vanilla, that of the first. */
int export_svg(const struct result *const *results, size_t n, FILE *f) MUST_USE;

#endif
