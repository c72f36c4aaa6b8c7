/* SPDX-License-Identifier: MIT */
/* Compares what arrived with what a case expects: bytes, but for a date, the client's own address, and how data were cut
 * into chunks. Reads from the start each time; cases are short. */
#include "base/base.h"

#include <ctype.h>

#include "play.h"

/* All return > 0: so many bytes belong to it; 0: it may become so; -1: never. An empty piece takes none: *none. */

static ssize_t match_bytes(struct str want, const char *p, size_t n)
{
	if (memcmp(p, want.p, MIN(n, want.n)) != 0)
		return -1;
	return n < want.n ? 0 : (ssize_t)want.n;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static ssize_t match_date(const char *p, size_t n)
{
	static const char shape[] = "aaa, 00 aaa 0000 00:00:00 GMT";

	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		if (i == n)
			return 0;
		const unsigned char c = (unsigned char)p[i];
		if (shape[i] == 'a' ? !isalpha(c) : shape[i] == '0' ? !isdigit(c) : c != (unsigned char)shape[i])
			return -1;
	}
	return sizeof(shape) - 1;
}

/* One chunk's head. */
static ssize_t match_size(const char *p, size_t n, size_t *size)
{
	size_t digits = 0;

	*size = 0;
	for (; digits < n && isxdigit((unsigned char)p[digits]); digits++) {
		const int c = tolower((unsigned char)p[digits]);
		*size = *size * 16 + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
		if (digits == 8)
			return -1;
	}
	if (digits == n)
		return 0;
	const ssize_t end = digits ? match_bytes(STR("\r\n"), p + digits, n - digits) : -1;
	return end <= 0 ? end : (ssize_t)digits + 2;
}

/* Chunks of just these data; torn: the last of them may be cut short, and the empty one does not come. */
static ssize_t match_chunked(struct str want, bool torn, const char *p, size_t n)
{
	size_t at = 0, done = 0, size;

	for (;;) {
		const ssize_t head = match_size(p + at, n - at, &size);
		if (head <= 0)
			return head;
		at += (size_t)head;
		const size_t left = want.n - done;
		if ((size > left && !torn) || (size == 0) != (left == 0))
			return -1;
		const ssize_t data = size ? match_bytes((struct str){ want.p + done, MIN(size, left) }, p + at, n - at) : 1;
		if (data <= 0)
			return data;
		at += MIN(size, left);
		done += MIN(size, left);
		if (torn && done == want.n)
			return (ssize_t)at;
		const ssize_t end = match_bytes(STR("\r\n"), p + at, n - at);
		if (end <= 0)
			return end;
		at += 2;
		if (size == 0)
			return (ssize_t)at;
	}
}

ssize_t step_match(const struct step *s, const char *p, size_t n, const char *client)
{
	size_t at = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct piece *want = &s->pieces[i];
		ssize_t took = 0;
		switch (want->kind) {
		case PIECE_BYTES: took = match_bytes(want->bytes, p + at, n - at); break;
		case PIECE_DATE: took = match_date(p + at, n - at); break;
		case PIECE_CLIENT: took = match_bytes(str_of(client), p + at, n - at); break;
		case PIECE_CHUNKED:
		case PIECE_TORN: took = match_chunked(want->bytes, want->kind == PIECE_TORN, p + at, n - at); break;
		}
		if (took <= 0)
			return took;
		at += (size_t)took;
	}
	return (ssize_t)at;
}
