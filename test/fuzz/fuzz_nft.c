/* SPDX-License-Identifier: MIT */
/* Rules as the kernel gives them: whatever the bytes, they become printable text, and the same bytes the same text. The
 * first byte says how many of the last bytes are userdata. */
#include "base/base.h"

#include "fuzz.h"
#include "target/nft.h"

static void say(const uint8_t *bytes, size_t n, size_t userdata, struct text *out)
{
	auto_free void *copy = malloc(n + 1);      /* attributes are aligned, as in a message */

	if (!copy)
		abort();
	memcpy(copy, bytes, n);
	const struct nft_rule r = {
		.exprs = { copy, n - userdata }, .userdata = { (char *)copy + n - userdata, userdata },
	};
	nft_say_rule(&r, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_text struct text one = { 0 }, two = { 0 };

	if (n == 0)
		return 0;
	const size_t userdata = MIN((size_t)bytes[0], n - 1);
	say(bytes + 1, n - 1, userdata, &one);
	say(bytes + 1, n - 1, userdata, &two);
	if (one.n != two.n || strcmp(text_get(&one), text_get(&two)) != 0)
		abort();
	for (size_t i = 0; i < one.n; i++)
		if (((unsigned char)one.p[i] < ' ' && one.p[i] != '\t') || one.p[i] == 0x7f)
			abort();
	return 0;
}
