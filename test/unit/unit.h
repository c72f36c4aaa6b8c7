/* SPDX-License-Identifier: MIT */
/* What a unit test program consists of: test/unit/main.c and one file that fills in a test case. */
#ifndef NLBC_TEST_UNIT_H
#define NLBC_TEST_UNIT_H

#include <check.h>

/* Adds the program's tests: tcase_add_test(tc, sentence_that_holds), loop tests, fixtures. */
void unit_tests(TCase *tc);

#endif
