/* SPDX-License-Identifier: MIT */
/* A whole problem in one file (.locaw, weights.md section 3): for tests and benchmarks. */
#ifndef NLBC_WEIGHTS_PROBLEM_FILE_H
#define NLBC_WEIGHTS_PROBLEM_FILE_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/inputs.h"

struct arena;

/* Inputs as the file has them, in arena a; a file that is larger than that is allowed is not read. NULL: explained. */
struct inputs *problem_file_read(const char *path, struct arena *a, struct diags *d);

#endif
