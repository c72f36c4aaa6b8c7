/* SPDX-License-Identifier: MIT */
/* Fuzz entry of the block language: its reader, its checks, its printers and its layout. */
#include "base/base.h"

#include "fuzz.h"
#include "roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	(void)roundtrip((struct str){ (const char *)bytes, n });
	return 0;
}
