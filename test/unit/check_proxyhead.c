/* SPDX-License-Identifier: MIT */
/* PROXY heads of both versions: read to their last byte, refused at their first wrong one, and written. */
#include "base/base.h"

#include <errno.h>

#include "base/proxyhead.h"
#include "heads.h"
#include "unit.h"

struct row {
	struct str bytes;
	const char *source, *destination;       /* NULL: the peer's own addresses stand; "": wrong */
	size_t taken;                           /* behind the head, or behind the first wrong byte */
};
#define GOOD(text, rest, from, to) { { text rest, sizeof(text rest) - 1 }, (from), (to), sizeof(text) - 1 }
#define NONE(text, rest) { { text rest, sizeof(text rest) - 1 }, NULL, NULL, sizeof(text) - 1 }
#define BAD(text, rest) { { text rest, sizeof(text rest) - 1 }, "", NULL, sizeof(text) - 1 }
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\0\x02\x01\xc0\0\x02\x02\x30\x39\x01\xbb"
#define V6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\x30\x39\x01\xbb"
#define LONG "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define DIGITS "0123456789"
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct row rows[] = {
	GOOD("PROXY TCP4 192.0.2.1 192.0.2.2 12345 443\r\n", "GET", "192.0.2.1:12345", "192.0.2.2:443"),
	GOOD("PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n", "", "[2001:db8::1]:0", "[2001:db8::2]:65535"),
	GOOD("PROXY TCP6 " LONG " " LONG " 65535 65535\r\n", "", "[" LONG "]:65535", "[" LONG "]:65535"),
	NONE("PROXY UNKNOWN\r\n", "GET"),
	NONE("PROXY UNKNOWN " LONG " " LONG " 65535 65535\r\n", ""),
	/* 107 bytes and 108 */
	NONE("PROXY UNKNOWN " DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS "1\r\n", "x"),
	BAD("PROXY UNKNOWN " DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS DIGITS "12\r", "\n"),
	BAD("G", "ET / HTTP/1.1\r\n"),
	BAD("\x16", "\x03\x01"),
	BAD("PROXY T4", ""),
	BAD("PROXY  ", "TCP4"),
	BAD("PROXY UNKNOWNx", "\r\n"),
	BAD("PROXY UNKNOWN a\n", ""),
	BAD("PROXY UNKNOWN a\rb", "\n"),
	BAD("PROXY TCP4 a", ""),
	BAD("PROXY TCP4  ", "192.0.2.1"),
	BAD("PROXY TCP4 192.0.2.256 ", "192.0.2.2 1 2\r\n"),
	BAD("PROXY TCP4 192.0.2.01 ", "192.0.2.2 1 2\r\n"),
	BAD("PROXY TCP4 2:", ":1 ::2 1 2\r\n"),
	BAD("PROXY TCP6 192.0.2.1 ", "192.0.2.2 1 2\r\n"),
	BAD("PROXY TCP6 :::1 ", "::2 1 2\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 65536 ", "1\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 01 ", "1\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 -", "1 1\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2  ", "1 1\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 123456", " 1\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 \r", "\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ", "\r\n"),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", ""),
	BAD("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rx", ""),
	/* version 2 */
	GOOD(SIGNATURE "\x21\x11\0\x0c" V4, "GET", "192.0.2.1:12345", "192.0.2.2:443"),
	GOOD(SIGNATURE "\x21\x21\0\x24" V6, "", "[2001:db8::1]:12345", "[2001:db8::2]:443"),
	GOOD(SIGNATURE "\x21\x11\0\x12" V4 "\x04\0\x03" "abc", "GET", "192.0.2.1:12345", "192.0.2.2:443"),
	NONE(SIGNATURE "\x20\0\0\0", "GET"),
	NONE(SIGNATURE "\x20\x11\0\x0c" V4, "GET"),
	NONE(SIGNATURE "\x20\xff\0\x01x", "GET"),
	NONE(SIGNATURE "\x21\0\0\0", ""),
	NONE(SIGNATURE "\x21\x12\0\x0c" V4, ""),
	NONE(SIGNATURE "\x21\x31\0\xd8" ZEROS ZEROS ZEROS ZEROS, ""),
	BAD("\r\n\r\n\0\r\nQUIT\r", ""),
	BAD("\r\n\r\nx", ""),
	BAD(SIGNATURE "\x11", ""),
	BAD(SIGNATURE "\x22", ""),
	BAD(SIGNATURE "\x21\x41", ""),
	BAD(SIGNATURE "\x21\x13", ""),
	BAD(SIGNATURE "\x21\x11\x10", ""),
	BAD(SIGNATURE "\x21\x11\0\x0b", V4),
	BAD(SIGNATURE "\x21\x21\0\x23", V6),
	BAD(SIGNATURE "\x21\x31\0\xd7", ""),
	BAD(SIGNATURE "\x20\0\x0f\xf1", ""),
};

static bool is_at(const struct endpoint *e, const char *text)
{
	char buf[ENDPOINT_TEXT];

	return strcmp(endpoint_print(e, buf), text) == 0;
}

START_TEST(a_head_is_read_or_refused_at_its_first_wrong_byte)
{
	const struct row *r = &rows[_i];
	struct proxyhead h;

	for (size_t n = 0; n < r->taken; n++)
		ck_assert_int_eq(proxyhead_read(r->bytes.p, n, &h), 0);
	for (size_t n = r->taken; n <= r->bytes.n; n++) {
		const int done = proxyhead_read(r->bytes.p, n, &h);
		if (r->source && !*r->source) {
			ck_assert_int_eq(done, -EINVAL);
			continue;
		}
		ck_assert_int_eq(done, (int)r->taken);
		ck_assert(h.known == (r->source != NULL));
		if (r->source)
			ck_assert(is_at(&h.source, r->source) && is_at(&h.destination, r->destination));
	}
	ck_assert(heads_proxy(r->bytes) == !(r->source && !*r->source));
}
END_TEST

START_TEST(a_head_of_4096_bytes_is_skipped_to_its_end)
{
	char bytes[PROXYHEAD_V2_BYTES] = SIGNATURE "\x21\x11\x0f\xf0" V4;
	struct proxyhead h;

	ck_assert_int_eq(proxyhead_read(bytes, sizeof(bytes) - 1, &h), 0);
	ck_assert_int_eq(proxyhead_read(bytes, sizeof(bytes), &h), (int)sizeof(bytes));
	ck_assert(h.known && is_at(&h.source, "192.0.2.1:12345"));
}
END_TEST

START_TEST(what_is_written_is_version_2)
{
	struct proxyhead h = { .known = true };
	char out[PROXYHEAD_WRITTEN];

	ck_assert_int_eq(endpoint_parse(STR("192.0.2.1:12345"), &h.source), 0);
	ck_assert_int_eq(endpoint_parse(STR("192.0.2.2:443"), &h.destination), 0);
	ck_assert_uint_eq(proxyhead_write(&h, out), 28);
	ck_assert_mem_eq(out, SIGNATURE "\x21\x11\0\x0c" V4, 28);
	ck_assert_int_eq(endpoint_parse(STR("[2001:db8::1]:12345"), &h.source), 0);
	ck_assert_int_eq(endpoint_parse(STR("[2001:db8::2]:443"), &h.destination), 0);
	ck_assert_uint_eq(proxyhead_write(&h, out), 52);
	ck_assert_mem_eq(out, SIGNATURE "\x21\x21\0\x24" V6, 52);
	h.known = false;
	ck_assert_uint_eq(proxyhead_write(&h, out), 16);
	ck_assert_mem_eq(out, SIGNATURE "\x20\0\0\0", 16);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_head_is_read_or_refused_at_its_first_wrong_byte, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, a_head_of_4096_bytes_is_skipped_to_its_end);
	tcase_add_test(tc, what_is_written_is_version_2);
}
