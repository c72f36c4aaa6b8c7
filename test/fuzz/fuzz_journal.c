/* SPDX-License-Identifier: MIT */
/* The journal's records: whatever the bytes, they are read, and the same bytes give the same journal. */
#include "base/base.h"

#include "apply/journal_read.h"
#include "fuzz.h"

static void read_all(struct str rest, struct text *out)
{
	struct journal j = { .arena = arena_new(), .boot = "b", .netns = "n", .dir = "/", .lock_fd = -1 };

	while (rest.n) {
		const char *end = memchr(rest.p, '\n', rest.n);
		struct str line = { rest.p, end ? (size_t)(end - rest.p) : rest.n };

		journal_read_record(&j, line);
		rest.p += line.n + (end != NULL);
		rest.n -= line.n + (end != NULL);
	}
	journal_put_all(&j, out);
	arena_free(j.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct str all = { (const char *)bytes, n };
	auto_text struct text one = { 0 }, two = { 0 };

	read_all(all, &one);
	read_all(all, &two);
	if (one.n != two.n || strcmp(text_get(&one), text_get(&two)) != 0)
		abort();
	return 0;
}
