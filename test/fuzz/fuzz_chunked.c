/* SPDX-License-Identifier: MIT */
/* Chunked bodies: see heads.h for what holds of all of them. */
#include "base/base.h"

#include "fuzz.h"
#include "heads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	(void)heads_chunked((struct str){ n ? (const char *)bytes : "", n });
	return 0;
}
