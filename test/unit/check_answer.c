/* SPDX-License-Identifier: MIT */
/* Heads of answers: every rule of proxy.md 4.3, whole, byte by byte and cut at every place; and how their bodies end. */
#include "base/base.h"

#include "heads.h"
#include "http/head.h"
#include "unit.h"

static const struct http_limits limits = { .head_bytes = 32768 };
static struct http_head h;

struct row {
	struct str bytes;
	const char *rule;               /* NULL: accepted */
	size_t wrong;                   /* behind the first wrong byte */
};
#define GOOD(text) { { (text), sizeof(text) - 1 }, NULL, 0 }
#define BAD_AT(text, rest, rule) { { text rest, sizeof(text rest) - 1 }, (rule), sizeof(text) - 1 }

#define OK "HTTP/1.1 200 OK\r\n"

static const struct row rows[] = {
	GOOD(OK "\r\n"),
	GOOD("HTTP/1.0 200 OK\r\n\r\n"),
	GOOD("HTTP/1.1 200\r\n\r\n"),
	GOOD("HTTP/1.1 200 \r\n\r\n"),
	GOOD("HTTP/1.1 100 a\tb \xff\r\n\r\n"),
	GOOD("HTTP/1.1 599 x\r\nX : 1\r\nY\t \t:2\r\n\r\n"),
	GOOD(OK "Content-Length: 5\r\ncontent-length: 5\r\nContent-Length: 5, 05\r\n\r\n"),
	GOOD(OK "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n"),
	GOOD(OK "Connection: Content-Length, X\r\nX: 1\r\nContent-Length: 1\r\n\r\n"),
	GOOD(OK "Expect: x\r\nHost: a b\r\nHost: c\r\n\r\n"),
	/* A1 */
	BAD_AT("HTTP/1.2", " 200 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/2", " 200\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 2x", "0 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 0", "99 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 6", "00 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 2000", " OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1  ", "200 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1\t", "200 OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 200\t", "OK\r\n\r\n", "A1"),
	BAD_AT("HTTP/1.1 200 a\0", "b\r\n\r\n", "A1"),
	BAD_AT("h", "ttp/1.1 200 OK\r\n\r\n", "A1"),
	BAD_AT("\r", "\n" OK "\r\n", "A1"),
	BAD_AT("I", "CY 200 OK\r\n\r\n", "A1"),
	BAD_AT(OK "X: a\x01", "\r\n\r\n", "A1"),
	/* A2 */
	BAD_AT("HTTP/1.1 200 OK\n", "\r\n", "A2"),
	BAD_AT("HTTP/1.1 200 OK\rX", "\r\n", "A2"),
	BAD_AT(OK "X: 1\n", "\r\n", "A2"),
	BAD_AT(OK "X: 1\r\n ", "fold\r\n\r\n", "A2"),
	BAD_AT(OK " ", "X: 1\r\n\r\n", "A2"),
	BAD_AT(OK "garbage\r", "\n\r\n", "A2"),
	BAD_AT(OK "X y", ": 1\r\n\r\n", "A2"),
	BAD_AT(OK ":", " 1\r\n\r\n", "A2"),
	BAD_AT(OK "\n", "", "A2"),
	/* A5 */
	BAD_AT(OK "Transfer-Encoding: gzip, chunked\r", "\n\r\n", "A5"),
	BAD_AT(OK "Transfer-Encoding: chunked, chunked\r", "\n\r\n", "A5"),
	BAD_AT(OK "Transfer-Encoding: identity\r", "\n\r\n", "A5"),
	BAD_AT(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding:", " chunked\r\n\r\n", "A5"),
	BAD_AT("HTTP/1.0 200 OK\r\nTransfer-Encoding:", " chunked\r\n\r\n", "A5"),
	/* A6 */
	BAD_AT(OK "Content-Length: 5\r\nContent-Length: 6\r", "\n\r\n", "A6"),
	BAD_AT(OK "Content-Length: 5, 6\r", "\n\r\n", "A6"),
	BAD_AT(OK "Content-Length: 5,\r", "\n\r\n", "A6"),
	BAD_AT(OK "Content-Length:\r", "\n\r\n", "A6"),
	BAD_AT(OK "Content-Length: -1\r", "\n\r\n", "A6"),
	BAD_AT(OK "Content-Length: 9223372036854775808\r", "\n\r\n", "A6"),
	BAD_AT(OK "Transfer-Encoding: chunked\r\nContent-Length: x\r", "\n\r\n", "A6"),
};

static int read_from(struct str s, size_t first, size_t step)
{
	http_head_init(&h);
	for (size_t to = first; to < s.n; to += step) {
		const int done = http_answer_read(&h, s.p, to, &limits);
		if (done)
			return done;
	}
	return http_answer_read(&h, s.p, s.n, &limits);
}

static void expect(const struct row *r, size_t first, size_t step)
{
	const int done = read_from(r->bytes, first, step);

	if (!r->rule) {
		ck_assert_msg(done == (int)r->bytes.n, "%s: %d, %s", r->bytes.p, done, h.refusal.rule);
		return;
	}
	ck_assert_msg(done < 0 && h.refusal.status == 502, "%s is %d", r->bytes.p, done);
	ck_assert_msg(strcmp(h.refusal.rule, r->rule) == 0, "%s: %s", r->bytes.p, h.refusal.rule);
}

START_TEST(an_answer_is_taken_or_refused_by_its_rule_however_it_is_cut)
{
	const struct row *r = &rows[_i];

	expect(r, r->bytes.n, 1);
	expect(r, 1, 1);
	for (size_t cut = 1; cut < r->bytes.n; cut++)
		expect(r, cut, r->bytes.n);
	ck_assert_int_eq(heads_answer(r->bytes), r->rule == NULL);
}
END_TEST

START_TEST(an_answer_is_refused_at_its_first_wrong_byte)
{
	const struct row *r = &rows[_i];

	if (!r->rule)
		return;
	ck_assert_msg(read_from((struct str){ r->bytes.p, r->wrong - 1 }, r->wrong, 1) == 0, "%s", r->bytes.p);
	ck_assert_msg(read_from((struct str){ r->bytes.p, r->wrong }, r->wrong, 1) < 0, "%s", r->bytes.p);
}
END_TEST

static void take(const char *head)
{
	const struct str s = str_of(head);

	ck_assert_int_eq(read_from(s, s.n, 1), (int)s.n);
}

static const struct {
	const char *head;
	enum http_method method;
	enum http_body body;
	bool unclean;
} bodies[] = {
	{ OK "\r\n", HTTP_GET, HTTP_BODY_CLOSE, false },
	{ OK "Content-Length: 5\r\n\r\n", HTTP_GET, HTTP_BODY_LENGTH, false },
	{ OK "Content-Length: 5\r\n\r\n", HTTP_HEAD, HTTP_BODY_NONE, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n", HTTP_POST, HTTP_BODY_CHUNKED, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n", HTTP_HEAD, HTTP_BODY_NONE, false },
	{ OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", HTTP_GET, HTTP_BODY_CHUNKED, true },
	{ OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_HEAD, HTTP_BODY_NONE, true },
	{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, false },
	{ "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, true },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, false },
	{ "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, false },
	{ "HTTP/1.1 100 Continue\r\n\r\n", HTTP_POST, HTTP_BODY_NONE, false },
	{ "HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, true },
	{ "HTTP/1.0 200 OK\r\n\r\n", HTTP_GET, HTTP_BODY_CLOSE, false },
};

START_TEST(a_body_ends_as_status_method_and_fields_say)
{
	take(bodies[_i].head);
	ck_assert_int_eq(http_answer_body(&h, bodies[_i].method), bodies[_i].body);
	ck_assert(h.unclean == bodies[_i].unclean);
}
END_TEST

START_TEST(length_counts_unless_chunked)
{
	take(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n");
	ck_assert(h.has_length && h.length == 5 && !h.chunked);
	take(OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
	ck_assert(!h.has_length && h.chunked);
}
END_TEST

START_TEST(status_reason_and_connection_are_told)
{
	const char *head = "HTTP/1.0 404 Not there \r\nConnection: Keep-Alive, close\r\n\r\n";

	take(head);
	ck_assert_uint_eq(h.status, 404);
	ck_assert(str_is((struct str){ head + h.reason.at, h.reason.n }, "Not there "));
	ck_assert(h.close && h.keep_alive && h.minor == 0);
	take("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
	ck_assert(h.upgrade);
	take("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n");
	ck_assert(!h.upgrade);
}
END_TEST

START_TEST(blanks_before_a_colon_are_no_part_of_the_name)
{
	const char *head = OK "X : 1\r\nContent-Length\t: 3\r\n\r\n";

	take(head);
	ck_assert(str_is((struct str){ head + h.fields[0].name.at, h.fields[0].name.n }, "X"));
	ck_assert(h.has_length && h.length == 3);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, an_answer_is_taken_or_refused_by_its_rule_however_it_is_cut, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, an_answer_is_refused_at_its_first_wrong_byte, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, a_body_ends_as_status_method_and_fields_say, 0, ARRAY_LEN(bodies));
	tcase_add_test(tc, length_counts_unless_chunked);
	tcase_add_test(tc, status_reason_and_connection_are_told);
	tcase_add_test(tc, blanks_before_a_colon_are_no_part_of_the_name);
}
