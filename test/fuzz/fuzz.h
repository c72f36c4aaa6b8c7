/* SPDX-License-Identifier: MIT */
/* The entry that every fuzz_x.c defines: feeds n foreign bytes to one reader. Returns 0; aborts on a finding. */
#ifndef NLBC_TEST_FUZZ_H
#define NLBC_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
