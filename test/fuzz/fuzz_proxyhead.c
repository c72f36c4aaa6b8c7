/* SPDX-License-Identifier: MIT */
/* PROXY heads: see heads.h for what holds of all of them. */
#include "base/base.h"

#include "fuzz.h"
#include "heads.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	(void)heads_proxy((struct str){ n ? (const char *)bytes : "", n });
	return 0;
}
