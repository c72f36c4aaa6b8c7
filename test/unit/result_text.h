/* SPDX-License-Identifier: MIT */
/* Results as text in memory, and back. */
#ifndef NLBC_TEST_UNIT_RESULT_TEXT_H
#define NLBC_TEST_UNIT_RESULT_TEXT_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/result.h"

/* Its text form, malloc'd. */
char *result_text(const struct result *r);
/* A text of n bytes read as a result is; NULL: told in d. */
const struct result *result_of_text(const char *text, size_t n, struct arena *a, struct diags *d);

#endif
