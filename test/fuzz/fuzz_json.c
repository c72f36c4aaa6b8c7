/* SPDX-License-Identifier: MIT */
/* Fuzz entry of the JSON twin. What is no JSON is another entry's, and of no interest to the corpus here. */
#include "base/base.h"

#include "fuzz.h"
#include "roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0 || bytes[0] != '{')
		return 0;
	(void)roundtrip((struct str){ (const char *)bytes, n });
	return 0;
}
