/* SPDX-License-Identifier: MIT */
/* Rules of legacy tables as the kernel gives them: whatever the bytes, they become printable text, and the same bytes
 * the same text. The first byte says which family; the kernel has made sure that an entry ends where it says. */
#include "base/base.h"

#include "fuzz.h"
#include "target/ipt.h"

static void say(const struct ipt_family *f, const uint8_t *bytes, size_t n, struct text *out)
{
	auto_free void *entry = malloc(n);
	struct ipt_head h;

	if (!entry)
		abort();
	memcpy(entry, bytes, n);
	f->get_head(entry, &h);
	h.next_offset = (uint16_t)n;
	f->put_head(&h, entry);
	ipt_say_rule(f, "CHAIN", entry, NULL, out);
	const char *comment = ipt_comment(f, entry);
	text_add_printable(out, str_of(comment ? comment : ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_text struct text one = { 0 }, two = { 0 };

	if (n == 0)
		return 0;
	const struct ipt_family *f = &ipt_families[bytes[0] % IPT_FAMILIES];

	if (n - 1 < f->entry_size || n - 1 > UINT16_MAX)
		return 0;
	say(f, bytes + 1, n - 1, &one);
	say(f, bytes + 1, n - 1, &two);
	if (one.n != two.n || strcmp(text_get(&one), text_get(&two)) != 0)
		abort();
	for (size_t i = 0; i < one.n; i++)
		if (((unsigned char)one.p[i] < ' ' && one.p[i] != '\t') || one.p[i] == 0x7f)
			abort();
	return 0;
}
