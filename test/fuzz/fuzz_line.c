/* SPDX-License-Identifier: MIT */
/* Control lines: a stream gives the same lines however it is cut, and a line that reads is written and read to the same. */
#include "base/base.h"

#include "base/line.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_line(struct str s)
{
	struct line l, again;
	auto_text struct text written = { 0 };

	if (line_parse(s, &l, NULL))
		return;
	text_add(&written, l.verb.p, l.verb.n);
	for (size_t i = 0; i < l.n; i++) {
		char key[LINE_BYTES];
		uint64_t number;

		require(l.words[i].key.n < sizeof(key));
		memcpy(key, l.words[i].key.p, l.words[i].key.n);
		key[l.words[i].key.n] = '\0';
		require(line_find(&l, key) == &l.words[i]);
		require(!l.words[i].value.p || memchr(l.words[i].value.p, '\n', l.words[i].value.n) == NULL);
		require(line_number(&l, key, &number) <= 0);
		line_word_str(&written, key, l.words[i].value);
	}
	if (written.n + 1 > LINE_BYTES)                 /* what had an unusual character may be longer quoted */
		return;
	require(line_parse((struct str){ text_get(&written), written.n }, &again, NULL) == 0);
	require(str_eq(l.verb, again.verb) && l.n == again.n);
	for (size_t i = 0; i < l.n; i++)
		require(str_eq(l.words[i].key, again.words[i].key) && l.words[i].none == again.words[i].none &&
			l.words[i].value.n >= again.words[i].value.n);
}

/* All lines of the stream, added in pieces of at most `piece` bytes, behind each other; *ended: how it ended. */
static void read_all(const char *p, size_t n, size_t piece, struct text *lines, int *ended)
{
	struct line_reader r = { .n = 0 };
	struct str s;

	*ended = 0;
	while (n > 0 && *ended == 0) {
		const size_t added = line_reader_add(&r, p, MIN(n, piece));

		p += added;
		n -= added;
		while ((*ended = line_reader_next(&r, &s)) == 1) {
			text_add(lines, s.p, s.n);
			text_putc(lines, '\n');
		}
		require(added > 0 || *ended < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_text struct text whole = { 0 }, pieces = { 0 };
	int whole_ended, pieces_ended;
	const char *p = (const char *)bytes;

	read_all(p, n, LINE_BYTES, &whole, &whole_ended);
	read_all(p, n, 7, &pieces, &pieces_ended);
	require(whole_ended == pieces_ended);
	require(str_eq((struct str){ text_get(&whole), whole.n }, (struct str){ text_get(&pieces), pieces.n }));
	for (const char *at = text_get(&whole), *end; (end = strchr(at, '\n')); at = end + 1)
		fuzz_line((struct str){ at, (size_t)(end - at) });
	fuzz_line((struct str){ n ? p : "", n });
	return 0;
}
