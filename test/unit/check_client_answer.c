/* SPDX-License-Identifier: MIT */
/* A client's reader of answers: whole, in any pieces, and what ends too early or is none. */
#include "base/base.h"

#include <errno.h>

#include "bench/client_answer.h"
#include "unit.h"

static const struct {
	const char *text;
	unsigned status;
	uint64_t bytes;
	bool close;
	const char *origin;
	size_t behind;          /* bytes of the text that belong to the next answer */
} answers[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Origin: A\r\n\r\nhello", 200, 5, false, "A", 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-origin: b\r\n\r\nhelloHTTP/1.1 2", 200, 5, false, "b", 10 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0c\r\n0123456789ab\r\n0\r\n\r\n", 200, 15, false, "", 0 },
	{ "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, 0, false, "", 0 },
	{ "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 503, 0, true, "", 0 },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, 1, true, "", 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Origin: 0123456789012345678901234567890123456789\r\n\r\n", 200, 0, false,
	  "0123456789012345678901234567890", 0 },
};

/* Read in pieces of so many bytes, each in memory of its own. */
static size_t read_in_pieces(struct client_answer *a, const char *text, size_t piece)
{
	static struct http_head scratch;
	const size_t n = strlen(text);
	size_t at = 0;

	while (at < n && !a->ended) {
		const size_t size = MIN(piece, n - at);
		auto_free char *copy = malloc(size);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text + at, size);
		const ssize_t taken = client_answer_take(a, &scratch, copy, size);
		ck_assert_int_ge(taken, 0);
		ck_assert(a->ended || (size_t)taken == size);
		at += (size_t)taken;
	}
	return n - at;
}

START_TEST(an_answer_is_the_same_in_any_pieces)
{
	struct client_answer a = { .ended = false };

	for (size_t piece = 1; piece <= strlen(answers[_i].text); piece++) {
		client_answer_init(&a);
		ck_assert_uint_eq(read_in_pieces(&a, answers[_i].text, piece), answers[_i].behind);
		ck_assert(a.ended && client_answer_end(&a) == 0);
		ck_assert_uint_eq(a.status, answers[_i].status);
		ck_assert_uint_eq(a.bytes, answers[_i].bytes);
		ck_assert(a.close == answers[_i].close);
		ck_assert_str_eq(a.origin, answers[_i].origin);
	}
	client_answer_release(&a);
}
END_TEST

START_TEST(a_body_without_length_ends_with_the_connection)
{
	struct client_answer a = { .ended = false };

	ck_assert_uint_eq(read_in_pieces(&a, "HTTP/1.1 200 OK\r\n\r\nhello", 100), 0);
	ck_assert(!a.ended && a.close);
	ck_assert_int_eq(client_answer_end(&a), 0);
	ck_assert(a.ended);
	ck_assert_uint_eq(a.bytes, 5);
	client_answer_release(&a);
}
END_TEST

static const char *const cuts[] = {
	"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
};

START_TEST(an_answer_that_is_cut_is_no_answer)
{
	struct client_answer a = { .ended = false };

	(void)read_in_pieces(&a, cuts[_i], 7);
	ck_assert_int_eq(client_answer_end(&a), -ECONNRESET);
	client_answer_release(&a);
}
END_TEST

static const char *const wrong[] = {
	"SSH-2.0-x\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
};

START_TEST(what_is_no_answer_is_refused)
{
	static struct http_head scratch;
	struct client_answer a = { .ended = false };

	ck_assert_int_lt(client_answer_take(&a, &scratch, wrong[_i], strlen(wrong[_i])), 0);
	client_answer_release(&a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, an_answer_is_the_same_in_any_pieces, 0, ARRAY_LEN(answers));
	tcase_add_test(tc, a_body_without_length_ends_with_the_connection);
	tcase_add_loop_test(tc, an_answer_that_is_cut_is_no_answer, 0, ARRAY_LEN(cuts));
	tcase_add_loop_test(tc, what_is_no_answer_is_refused, 0, ARRAY_LEN(wrong));
}
