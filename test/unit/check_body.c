/* SPDX-License-Identifier: MIT */
/* Chunked bodies: B1 to B3 with their limits, however they are cut, and in linear time. */
#include "base/base.h"

#include "heads.h"
#include "http/body.h"
#include "unit.h"

struct row {
	struct str bytes;
	const char *data;               /* NULL: wrong */
	size_t taken;                   /* behind the body, or behind the first wrong byte */
};
#define GOOD(text, rest, data) { { text rest, sizeof(text rest) - 1 }, (data), sizeof(text) - 1 }
#define BAD(text, rest) { { text rest, sizeof(text rest) - 1 }, NULL, sizeof(text) - 1 }
#define END "0\r\n\r\n"

static const struct row rows[] = {
	GOOD(END, "", ""),
	GOOD("c\r\nhello, world\r\n" END, "GET /", "hello, world"),
	GOOD("5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n" END, "", "hello, world"),
	GOOD("A\r\n0123456789\r\na\r\n0123456789\r\n" END, "", "01234567890123456789"),
	GOOD("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", "", "hello"),
	GOOD("5;a=b\r\nhello\r\n0;last\r\n\r\n", "", "hello"),
	GOOD("5 \t ; a=\"\x01\xff\t b\"\r\nhello\r\n" END, "", "hello"),
	GOOD("5;\r\nhello\r\n" END, "", "hello"),
	GOOD("2\r\n\r\n\r\n" END, "", "\r\n"),
	GOOD("1\r\na\r\n0\r\nX: 1\r\n\r\n", "", "a"),
	GOOD("1\r\na\r\n0\r\nContent-Length: 30\r\nY:\r\n\r\n", "GET / HTTP/1.1\r\n", "a"),
	/* B1 */
	BAD("0x", "5\r\nhello\r\n" END),
	BAD("-", "5\r\nhello\r\n" END),
	BAD(" ", "5\r\nhello\r\n" END),
	BAD("5 \r", "\nhello\r\n" END),
	BAD("5_", "0\r\nhello\r\n" END),
	BAD("g", "\r\n"),
	BAD("\r", "\nhello\r\n" END),
	BAD(";", "a=b\r\nhello\r\n" END),
	BAD("10000000000000005", "\r\nhello\r\n" END),
	BAD("00000000000000005", "\r\nhello\r\n" END),
	BAD("8000000000000000", "\r\nhello\r\n" END),
	BAD("ffffffffffffffff", "\r\nhello\r\n" END),
	BAD("5\n", "hello\r\n" END),
	BAD("5\rh", "ello\r\n" END),
	BAD("5\r\r", "\nhello\r\n" END),
	BAD("5;a\n", "hello\r\n" END),
	BAD("5;a\0", "\r\nhello\r\n" END),
	BAD("5;a\rb", "\r\nhello\r\n" END),
	BAD("5 a", "\r\nhello\r\n" END),
	/* B2 */
	BAD("5\r\nhello6", "\r\n" END),
	BAD("5\r\nhello\n", END),
	BAD("5\r\nhello\r0", "\r\n\r\n"),
	BAD("5\r\nhello" "0", "\r\n\r\n"),
	BAD("5\r\nhello\r\n\r", "\n" END),
	/* B3 */
	BAD("0\r\nX ", ": 1\r\n\r\n"),
	BAD("0\r\n:", " 1\r\n\r\n"),
	BAD("0\r\nX: 1\n", "\r\n\r\n"),
	BAD("0\r\nX: 1\rY", "\r\n\r\n"),
	BAD("0\r\nX: a\0", "b\r\n\r\n"),
	BAD("0\r\nX: 1\r\n ", "fold\r\n\r\n"),
	BAD("0\r\nnocolon\r", "\n\r\n"),
	BAD("0\r\n\n", ""),
	BAD("0\r\n\rX", ""),
	BAD("0\n", "\r\n"),
};

/* Reads in pieces; the data go to `data`. > 0: bytes taken when the body ended, 0: it did not, < 0: minus those before the piece
 * that was wrong, minus 1. */
static long read_by(struct str s, size_t piece, char *data)
{
	struct http_chunked c;
	size_t at = 0;
	size_t n = 0;

	http_chunked_init(&c);
	while (at < s.n && !c.ended) {
		const char *p;
		size_t n_data;
		const int took = http_chunked_read(&c, s.p + at, MIN(piece, s.n - at), &p, &n_data);
		if (took < 0)
			return -(long)at - 1;
		memcpy(data + n, p, n_data);
		n += n_data;
		at += (size_t)took;
	}
	data[n] = '\0';
	ck_assert_uint_eq(c.total, n);
	return c.ended ? (long)at : 0;
}

START_TEST(a_body_is_read_or_refused_at_its_first_wrong_byte_however_it_is_cut)
{
	const struct row *r = &rows[_i];
	char data[256];

	for (size_t piece = 1; piece <= r->bytes.n; piece++) {
		const long taken = read_by(r->bytes, piece, data);
		if (r->data) {
			ck_assert_int_eq(taken, (long)r->taken);
			ck_assert_str_eq(data, r->data);
		} else {
			ck_assert_msg(taken < 0, "%s", r->bytes.p);
			if (piece == 1)
				ck_assert_int_eq(taken, -(long)r->taken);
		}
	}
	ck_assert(heads_chunked(r->bytes) == (r->data != NULL));
}
END_TEST

START_TEST(what_is_not_complete_is_not_ended)
{
	const struct row *r = &rows[_i];
	char data[256];

	for (size_t n = 0; r->data && n < r->taken; n++)
		ck_assert_int_eq(read_by((struct str){ r->bytes.p, n }, n + 1, data), 0);
}
END_TEST

/* start, n times `piece`, end. */
static bool is_taken(const char *start, const char *piece, size_t times, const char *end)
{
	const size_t n = strlen(start) + times * strlen(piece) + strlen(end);
	auto_free char *p = malloc(n);
	auto_free char *data = malloc(n + 1);
	char *at = mempcpy(p, start, strlen(start));

	for (size_t i = 0; i < times; i++)
		at = mempcpy(at, piece, strlen(piece));
	memcpy(at, end, strlen(end));
	const bool whole = read_by((struct str){ p, n }, n, data) > 0;
	ck_assert(whole == (read_by((struct str){ p, n }, 1, data) > 0));
	return whole;
}

START_TEST(extensions_and_trailers_have_their_limits)
{
	ck_assert(is_taken("1;", "x", 256, "\r\na\r\n" END));
	ck_assert(!is_taken("1;", "x", 257, "\r\na\r\n" END));
	ck_assert(is_taken("1", " ", 256, ";\r\na\r\n" END));
	ck_assert(!is_taken("1", " ", 257, ";\r\na\r\n" END));
	ck_assert(is_taken("", "1;1234567\r\na\r\n", 2048, END));
	ck_assert(!is_taken("", "1;1234567\r\na\r\n", 2048, "0;\r\n\r\n"));
	ck_assert(is_taken("0\r\n", "X: 1\r\n", 64, "\r\n"));
	ck_assert(!is_taken("0\r\n", "X: 1\r\n", 65, "\r\n"));
	ck_assert(is_taken("0\r\nX:", "y", 8189, "\r\n\r\n"));
	ck_assert(!is_taken("0\r\nX:", "y", 8190, "\r\n\r\n"));
	ck_assert(is_taken("0\r\n", "x", 256, ":\r\n\r\n"));
	ck_assert(!is_taken("0\r\n", "x", 257, ":\r\n\r\n"));
}
END_TEST

START_TEST(data_move_together_in_place)
{
	char bytes[] = "3\r\nabc\r\n1;x\r\nd\r\n" END "GET";
	struct http_chunked c;
	size_t taken;

	http_chunked_init(&c);
	ck_assert_uint_eq(http_chunked_compact(&c, bytes, 7, &taken), 3);
	ck_assert_uint_eq(taken, 7);
	ck_assert_mem_eq(bytes, "abc", 3);
	ck_assert_uint_eq(http_chunked_compact(&c, bytes + 7, sizeof(bytes) - 1 - 7, &taken), 1);
	ck_assert_uint_eq(taken, sizeof(bytes) - 1 - 7 - 3);
	ck_assert(c.ended && bytes[7] == 'd' && c.total == 4);
	ck_assert_uint_eq(http_chunked_compact(&c, bytes, 3, &taken), 0);
	ck_assert_uint_eq(taken, 0);
}
END_TEST

START_TEST(data_before_a_wrong_byte_still_move)
{
	char bytes[] = "3\r\nabc\r\n1\r\nd\r\nx";
	struct http_chunked c;
	size_t taken;

	http_chunked_init(&c);
	ck_assert_uint_eq(http_chunked_compact(&c, bytes, sizeof(bytes) - 1, &taken), 4);
	ck_assert(c.wrong && !c.ended && taken < sizeof(bytes) - 1);
	ck_assert_mem_eq(bytes, "abcd", 4);
}
END_TEST

START_TEST(left_is_what_may_go_by_unread)
{
	static const char bytes[] = "64\r\nabc";
	struct http_chunked c;
	const char *data;
	size_t n;

	http_chunked_init(&c);
	ck_assert_int_eq(http_chunked_read(&c, bytes, 2, &data, &n), 2);
	ck_assert_uint_eq(c.left, 0);
	ck_assert_int_eq(http_chunked_read(&c, bytes + 2, 5, &data, &n), 5);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(c.left, 97);
	http_chunked_skip(&c, 97);
	ck_assert(c.left == 0 && c.total == 100);
	ck_assert_int_eq(http_chunked_read(&c, "\r\n" END, 7, &data, &n), 7);
	ck_assert(c.ended);
}
END_TEST

/* A quadratic reader would take hours. */
START_TEST(a_million_chunks_of_one_byte_are_read_and_moved)
{
	enum { CHUNKS = 1000000, ONE = 6 };
	auto_free char *p = malloc((size_t)CHUNKS * ONE + 5);
	struct http_chunked c;
	size_t taken;

	for (size_t i = 0; i < CHUNKS; i++)
		memcpy(p + i * ONE, "1\r\nx\r\n", ONE);
	memcpy(p + (size_t)CHUNKS * ONE, END, 5);
	http_chunked_init(&c);
	ck_assert_uint_eq(http_chunked_compact(&c, p, (size_t)CHUNKS * ONE + 5, &taken), CHUNKS);
	ck_assert(c.ended && p[0] == 'x' && p[CHUNKS - 1] == 'x');
}
END_TEST

static const struct {
	uint64_t size;
	const char *head;
} heads[] = {
	{ 0, "0\r\n" }, { 1, "1\r\n" }, { 15, "f\r\n" }, { 16, "10\r\n" }, { 65536, "10000\r\n" }, { INT64_MAX, "7fffffffffffffff\r\n" },
};

START_TEST(a_size_is_written_in_hex)
{
	char out[HTTP_CHUNK_HEAD];
	const size_t n = http_chunk_head(heads[_i].size, out);

	ck_assert(str_is((struct str){ out, n }, heads[_i].head));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_body_is_read_or_refused_at_its_first_wrong_byte_however_it_is_cut, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, what_is_not_complete_is_not_ended, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, extensions_and_trailers_have_their_limits);
	tcase_add_test(tc, data_move_together_in_place);
	tcase_add_test(tc, data_before_a_wrong_byte_still_move);
	tcase_add_test(tc, left_is_what_may_go_by_unread);
	tcase_add_test(tc, a_million_chunks_of_one_byte_are_read_and_moved);
	tcase_add_loop_test(tc, a_size_is_written_in_hex, 0, ARRAY_LEN(heads));
}
