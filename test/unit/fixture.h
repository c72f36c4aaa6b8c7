/* SPDX-License-Identifier: MIT */
/* The fixture of tests that need memory and a place for messages: both new for each test. Add it to a test case with
 * tcase_add_checked_fixture(tc, setup, teardown). */
#ifndef NLBC_TEST_UNIT_FIXTURE_H
#define NLBC_TEST_UNIT_FIXTURE_H

#include "base/arena.h"
#include "base/diag.h"

extern struct arena *arena;
extern struct diags diags;

void setup(void);
void teardown(void);

/* A path to a file without a name that holds this and lasts as long as the test. */
const char *bytes_file(const void *bytes, size_t n);
const char *text_file(const char *text);

#endif
