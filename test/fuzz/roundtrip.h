/* SPDX-License-Identifier: MIT */
/* What holds for every input of the two readers; aborts with a message where it does not. */
#ifndef NLBC_TEST_ROUNDTRIP_H
#define NLBC_TEST_ROUNDTRIP_H

#include "base/base.h"

/* Reads text in either spelling, includes answered from memory. What reads without error is printed as blocks and as
 * JSON, reads again to an equal profile with the same digest, and prints the same bytes again. What `nlbc fmt` lays out
 * stays as it is laid out, and means the same. Returns whether the text was read without error. */
bool roundtrip(struct str text);

#endif
