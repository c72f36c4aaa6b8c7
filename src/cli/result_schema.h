/* SPDX-License-Identifier: MIT */
/* The JSON results of nlbc as data (command.md section 4), and the JSON Schemas made from it. */
#ifndef NLBC_CLI_RESULT_SCHEMA_H
#define NLBC_CLI_RESULT_SCHEMA_H

#include "base/base.h"
#include "base/text.h"

/* The results that have a schema: check, compile, diff, apply, flush, status, get, path, version, error, event.
 * NULL after the last one. */
const char *result_schema_name(size_t i);

/* The schema of a whole result line, envelope included, as text; 0, or -ENOENT: no such result. */
int result_schema_print(const char *name, struct text *out) MUST_USE;

/* The members of all results as list items of an mdoc page. */
void result_manual_print(struct text *out);

#endif
