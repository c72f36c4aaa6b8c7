/* SPDX-License-Identifier: MIT */
/* Tables, plot and Shadow file of results (weights.md section 7, "export"). */
#ifndef NLBC_WEIGHTS_EXPORT_H
#define NLBC_WEIGHTS_EXPORT_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/result.h"

/* Each writes to f: 0, -errno; -EINVAL explained where the result cannot be told so. */
int export_relays(const struct result *r, FILE *f) MUST_USE;
int export_locations(const struct result *r, FILE *f) MUST_USE;
int export_svg(const struct result *const *results, size_t n, FILE *f) MUST_USE;
int export_shadow(const struct result *r, FILE *f, struct diags *d) MUST_USE;

#endif
