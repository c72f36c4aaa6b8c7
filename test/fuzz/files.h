/* SPDX-License-Identifier: MIT */
/* Foreign bytes as files, for readers that take paths. */
#ifndef NLBC_TEST_FUZZ_FILES_H
#define NLBC_TEST_FUZZ_FILES_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_FILES = 8, FUZZ_PATH = 32 };
/* The path of a file in memory that holds these bytes until the next call with the same `which`, below FUZZ_FILES. */
const char *fuzz_file(unsigned which, const uint8_t *bytes, size_t n, char path[FUZZ_PATH]);

#endif
