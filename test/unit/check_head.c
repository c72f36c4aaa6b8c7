/* SPDX-License-Identifier: MIT */
/* Heads of requests: every rule of proxy.md 4.1 with its status and id, whole, byte by byte and cut at every place; and what
 * they mean. The rows of section 11 are among them. */
#include "base/base.h"

#include "heads.h"
#include "http/bytes.h"
#include "http/head.h"
#include "unit.h"

static const struct http_limits limits = { .head_bytes = 32768 };
static struct http_head h;

struct row {
	struct str bytes;
	unsigned status;                /* 0: accepted */
	const char *rule;
	size_t wrong;                   /* behind the first wrong byte; 0: behind the last of `bytes` */
};
#define GOOD(text) { { (text), sizeof(text) - 1 }, 0, NULL, 0 }
#define BAD(text, status, rule) { { (text), sizeof(text) - 1 }, (status), (rule), 0 }
/* What follows the wrong byte changes nothing. */
#define BAD_AT(text, rest, status, rule) { { text rest, sizeof(text rest) - 1 }, (status), (rule), sizeof(text) - 1 }

#define LINE "GET / HTTP/1.1\r\n"
#define BASE LINE "Host: a\r\n"
#define NEXT "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
#define LONG_31 "abcdefghijklmnopqrstuvwxyz01234"
#define TE BASE "Transfer-Encoding: "
#define CL BASE "Content-Length: "

static const struct row rows[] = {
	GOOD(BASE "\r\n"),
	GOOD(LINE "hOSt:\ta \t\r\n\r\n"),
	GOOD(LINE "Host:a\r\n\r\n"),
	GOOD(LINE "Host:\r\n\r\n"),
	GOOD(LINE "Host: \t \r\n\r\n"),
	GOOD(BASE "X:\r\n\r\n"),
	GOOD(BASE "X: \t\xff\x80~ a\r\n\r\n"),
	GOOD(BASE "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n"),
	GOOD("\r\n" BASE "\r\n"),
	GOOD("GET / HTTP/1.0\r\n\r\n"),
	GOOD(BASE "X_Real_IP: 1\r\nContent_Length: 5\r\nContent-Length: 6\r\n\r\n"),
	GOOD("GET / HTTP/1.9\r\nHost: a\r\n\r\n"),
	GOOD("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
	GOOD(LONG_31 "x / HTTP/1.1\r\nHost: a\r\n\r\n"),
	GOOD("GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n"),
	GOOD("GET HTTPS://[::1]:8080?q HTTP/1.1\r\nHost: a\r\n\r\n"),
	GOOD("get /!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~ HTTP/1.1\r\nHost: a\r\n\r\n"),
	/* H1, H2 */
	BAD_AT("\r\n\r", "\n" BASE "\r\n", 400, "H1"),
	BAD_AT("\n", BASE "\r\n", 400, "H2"),
	BAD_AT("\rG", "ET / HTTP/1.1\r\n", 400, "H2"),
	BAD_AT("GET / HTTP/1.1\n", "Host: a\r\n\r\n", 400, "H2"),
	BAD_AT("GET / HTTP/1.1\rH", "ost: a\r\n\r\n", 400, "H2"),
	BAD_AT("GET\n", "", 400, "H2"),
	BAD_AT("GET /\n", "", 400, "H2"),
	BAD_AT("GET / \n", "", 400, "H2"),
	BAD_AT("GET / HTTP/\n", "", 400, "H2"),
	BAD_AT(LINE "Host: a\n", "\r\n", 400, "H2"),
	BAD_AT(LINE "Host: a\rb", "\r\n\r\n", 400, "H2"),
	BAD_AT(LINE "Host\n", "\r\n\r\n", 400, "H2"),
	BAD_AT(BASE "\n", "\r\n\r\n", 400, "H2"),
	BAD_AT(BASE "\rX", "\r\n\r\n", 400, "H2"),
	/* H3 */
	BAD_AT("GET  ", "/ HTTP/1.1\r\n", 400, "H3"),
	BAD_AT("GET /  ", "HTTP/1.1\r\n", 400, "H3"),
	BAD_AT("GET\t", "/ HTTP/1.1\r\n", 400, "H3"),
	BAD_AT("GET /\t", "HTTP/1.1\r\n", 400, "H3"),
	BAD_AT(" ", BASE, 400, "H3"),
	BAD_AT("GET\r", "\n", 400, "H3"),
	BAD_AT("GET /\r", "\n", 400, "H3"),
	BAD_AT("GET / \r", "\n", 400, "H3"),
	BAD_AT("GET / HTTP/1.1 ", "\r\n", 400, "H7"),
	/* H4 */
	BAD_AT("G\"", "T / HTTP/1.1\r\n", 400, "H4"),
	BAD_AT(LONG_31 "xy", " / HTTP/1.1\r\n", 400, "H4"),
	BAD_AT("\x16", "\x03\x01\x02", 400, "H4"),
	BAD_AT("G\0", "T / HTTP/1.1\r\n", 400, "H4"),
	BAD_AT("CONNECT ", "a:1 HTTP/1.1\r\n", 501, "H4"),
	BAD_AT("TRACE ", "/ HTTP/1.1\r\n", 501, "H4"),
	/* H5 */
	BAD_AT("PROXY T", "CP4 192.0.2.1 192.0.2.2 1 2\r\n", 400, "H5"),
	BAD_AT("GET a", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET *", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("OPTIONS */", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET /#", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET /\0", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET /\x80", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET /\x7f", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET /a b", " HTTP/1.1\r\n", 400, "H7"),
	BAD_AT("GET f", "tp://a/ HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http:/a", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http:// ", "HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http:///", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http ", "HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http://u@", "a/ HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http://u:p", "@a/ HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http://a:99999", "/ HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http://[::1/", " HTTP/1.1\r\n", 400, "H5"),
	BAD_AT("GET http://a\\", "@b/ HTTP/1.1\r\n", 400, "H5"),
	/* H7 */
	BAD_AT("GET / HTTP/1.10", "\r\n", 400, "H7"),
	BAD_AT("GET / h", "ttp/1.1\r\n", 400, "H7"),
	BAD_AT("GET / HTTP/9", ".9\r\n", 505, "H7"),
	BAD_AT("GET / HTTP/2", ".0\r\n", 505, "H7"),
	BAD_AT("GET / HTTP/0", ".9\r\n", 505, "H7"),
	BAD_AT("GET / HTTP/1,", "1\r\n", 400, "H7"),
	BAD_AT("GET / HTTP/1.x", "\r\n", 400, "H7"),
	BAD_AT("GET / HTTP/+", "1.1\r\n", 400, "H7"),
	BAD_AT("PRI *", " HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "H5"),
	/* H8 */
	BAD_AT(BASE "Content-Length ", ": 5\r\n\r\nhello", 400, "H8"),
	BAD_AT(BASE "X\t", ": 5\r\n\r\n", 400, "H8"),
	BAD_AT(BASE "X: 1\r\n ", "fold\r\n\r\n", 400, "H8"),
	BAD_AT(BASE "X: 1\r\n\t", "fold\r\n\r\n", 400, "H8"),
	BAD_AT(LINE " ", "Host: a\r\n\r\n", 400, "H8"),
	BAD_AT(BASE "nocolon\r", "\n\r\n", 400, "H8"),
	BAD_AT(BASE "X[", "]: 1\r\n\r\n", 400, "H8"),
	BAD_AT(BASE ":", " 1\r\n\r\n", 400, "H8"),
	BAD_AT(BASE "X\xef", ": 1\r\n\r\n", 400, "H8"),
	BAD_AT(BASE "X\0", ": 1\r\n\r\n", 400, "H8"),
	/* H9 */
	BAD_AT(BASE "X: a\0", "b\r\n\r\n", 400, "H9"),
	BAD_AT(BASE "X: a\a", "b\r\n\r\n", 400, "H9"),
	BAD_AT(BASE "X: a\x7f", "b\r\n\r\n", 400, "H9"),
	BAD_AT(BASE "X: \v", "b\r\n\r\n", 400, "H9"),
	/* H11 */
	BAD(LINE "\r\n", 400, "H11"),
	BAD(LINE "X: 1\r\n\r\n", 400, "H11"),
	BAD("GET http://a/ HTTP/1.1\r\n\r\n", 400, "H11"),
	BAD_AT(BASE "Host:", " a\r\n\r\n", 400, "H11"),
	BAD_AT("GET / HTTP/1.0\r\nHost: a\r\nhost:", " b\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: a b", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: a/", "b\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: a,b\"", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: u@", "a\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: a:99999", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: a:8x", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: :", "80\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: [::1\r", "\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: [1::2::3]", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: [192.0.2.1]", "\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: [::1%", "25lo]\r\n\r\n", 400, "H11"),
	BAD_AT(LINE "Host: [::1]x", "\r\n\r\n", 400, "H11"),
	GOOD(LINE "Host: [::1]\r\n\r\n"),
	GOOD(LINE "Host: [2001:db8::192.0.2.1]:65535\r\n\r\n"),
	GOOD(LINE "Host: a:\r\n\r\n"),
	GOOD(LINE "Host: -._~%!$&'()*+,;=:0\r\n\r\n"),
	/* H12 */
	GOOD(CL "5\r\n\r\n"),
	GOOD(CL "0000000000000000005 \t\r\n\r\n"),
	GOOD(CL "9223372036854775807\r\n\r\n"),
	BAD_AT(CL "-", "1" NEXT, 400, "H12"),
	BAD_AT(CL "+", "5" NEXT, 400, "H12"),
	BAD_AT(CL "0x", "5" NEXT, 400, "H12"),
	BAD_AT(CL "5_", "0" NEXT, 400, "H12"),
	BAD_AT(CL "5 5", NEXT, 400, "H12"),
	BAD_AT(CL "\r", "\n\r\n", 400, "H12"),
	BAD_AT(CL " \t \r", "\n\r\n", 400, "H12"),
	BAD_AT(CL "a", "bc" NEXT, 400, "H12"),
	BAD_AT(CL "5;", NEXT, 400, "H12"),
	BAD_AT(CL "5,", " 5" NEXT, 400, "H12"),
	BAD_AT(CL "\"", "5\"" NEXT, 400, "H12"),
	BAD_AT(CL "18446744073709551621", NEXT, 400, "H12"),
	BAD_AT(CL "9223372036854775808", NEXT, 400, "H12"),
	BAD_AT(CL "00000000000000000000", "05" NEXT, 400, "H12"),
	BAD_AT(CL "11111111111111111111", "11111111111111111111" NEXT, 400, "H12"),
	BAD_AT(CL "5\r\nContent-Length:", " 5" NEXT, 400, "H12"),
	BAD_AT(CL "5\v", NEXT, 400, "H9"),
	/* H13 */
	GOOD(TE "chunked\r\n\r\n"),
	GOOD(TE "\t cHUNKED \r\n\r\n"),
	BAD_AT(CL "5\r\nTransfer-Encoding:", " chunked" NEXT, 400, "H13"),
	BAD_AT(TE "chunked\r\nContent-Length:", " 5" NEXT, 400, "H13"),
	BAD_AT(TE "xchunked\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "chunked, identity\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "chunked, chunked\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "identity\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "\"chunked\"\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "chunked;q=1\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE ",chunked,x\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE ", chunked\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "chunked,\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "chun ked\r", "\n\r\n", 400, "H13"),
	BAD_AT(TE "\v", "chunked\r\n\r\n", 400, "H9"),
	BAD_AT(TE "chunked\0", "\r\n\r\n", 400, "H9"),
	BAD_AT(TE "chunked\r\nTransfer-Encoding:", " chunked" NEXT, 400, "H13"),
	BAD_AT("GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding:", " chunked" NEXT, 400, "H13"),
	BAD_AT(TE "gzip, chunked\r", "\n\r\n", 501, "H13"),
	BAD_AT(TE "gzip\t,deflate , CHUNKED\r", "\n\r\n", 501, "H13"),
	/* H14, H15 */
	GOOD(BASE "Expect: 100-Continue\r\n\r\n"),
	BAD_AT(BASE "Expect: x", "\r\n\r\n", 417, "H14"),
	BAD_AT(BASE "Expect: 100-continue,", " x\r\n\r\n", 417, "H14"),
	BAD_AT(BASE "Expect: 100-cont\r", "\n\r\n", 417, "H14"),
	BAD_AT(BASE "Expect:\r", "\n\r\n", 417, "H14"),
	BAD_AT(BASE "Connection: hOST\r", "\n\r\n", 400, "H15"),
	BAD_AT(BASE "Connection: close , Content-Length\r", "\n\r\n", 400, "H15"),
	BAD_AT(BASE "Connection: ,,transfer-encoding,\r", "\n\r\n", 400, "H15"),
	GOOD(BASE "Connection: close, X-Hop, , \"x\"\r\nX-Hop: 1\r\n\r\n"),
	GOOD(BASE "Connection:\r\nProxy-Connection: a\r\nTE: gzip\r\nUpgrade: h2c\r\n\r\n"),
};

static int read_from(struct str s, size_t first, size_t step)
{
	http_head_init(&h);
	for (size_t to = first; to < s.n; to += step) {
		const int done = http_request_read(&h, s.p, to, &limits);
		if (done)
			return done;
	}
	return http_request_read(&h, s.p, s.n, &limits);
}

static void expect(const struct row *r, size_t first, size_t step)
{
	const int done = read_from(r->bytes, first, step);

	if (!r->status) {
		ck_assert_msg(done == (int)r->bytes.n, "%s: %d, %u %s", r->bytes.p, done, h.refusal.status, h.refusal.rule);
		return;
	}
	ck_assert_msg(done < 0, "%s is %d", r->bytes.p, done);
	ck_assert_msg(h.refusal.status == r->status && strcmp(h.refusal.rule, r->rule) == 0, "%s: %u %s", r->bytes.p,
		      h.refusal.status, h.refusal.rule);
}

START_TEST(a_head_is_taken_or_refused_by_its_rule_however_it_is_cut)
{
	const struct row *r = &rows[_i];

	expect(r, r->bytes.n, 1);
	expect(r, 1, 1);
	for (size_t cut = 1; cut < r->bytes.n; cut++)
		expect(r, cut, r->bytes.n);
	ck_assert_int_eq(heads_request(r->bytes), r->status == 0);
}
END_TEST

START_TEST(a_head_is_refused_at_its_first_wrong_byte)
{
	const struct row *r = &rows[_i];
	const size_t wrong = r->wrong ? r->wrong : r->bytes.n;

	if (!r->status)
		return;
	ck_assert_msg(read_from((struct str){ r->bytes.p, wrong - 1 }, wrong, 1) == 0, "%s", r->bytes.p);
	ck_assert_msg(read_from((struct str){ r->bytes.p, wrong }, wrong, 1) < 0, "%s", r->bytes.p);
}
END_TEST

/* A head of n bytes in all, in one field. */
static int read_long(size_t n, uint32_t limit, size_t step)
{
	const struct http_limits own = { .head_bytes = limit };
	auto_free char *p = malloc(n);
	int done = 0;

	memset(p, 'x', n);
	memcpy(p, BASE "X: ", strlen(BASE "X: "));
	memcpy(p + n - 4, "\r\n\r\n", 4);
	http_head_init(&h);
	for (size_t to = MIN(step, n); done == 0; to = MIN(to + step, n)) {
		done = http_request_read(&h, p, to, &own);
		if (to == n)
			break;
	}
	return done;
}

START_TEST(a_head_may_be_as_long_as_the_limit)
{
	static const size_t steps[] = { 1, 63, 64, 511, 512, 513, 4000, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		ck_assert_int_eq(read_long(32768, 32768, steps[i]), 32768);
		ck_assert_int_lt(read_long(32769, 32768, steps[i]), 0);
		ck_assert_uint_eq(h.refusal.status, 431);
		ck_assert_str_eq(h.refusal.rule, "H10");
		ck_assert_int_lt(read_long(80000, 32768, steps[i]), 0);
		ck_assert_uint_eq(h.refusal.status, 431);
		ck_assert_int_eq(read_long(262144, 262144, steps[i]), 262144);
	}
}
END_TEST

static int read_repeated(const char *start, const char *piece, size_t times, const char *end)
{
	static char bytes[65536];
	size_t n = strlen(start);

	memcpy(bytes, start, n);
	for (size_t i = 0; i < times; i++, n += strlen(piece))
		memcpy(bytes + n, piece, strlen(piece));
	memcpy(bytes + n, end, strlen(end));
	n += strlen(end);
	const int whole = read_from((struct str){ bytes, n }, n, 1);
	const struct http_refusal refusal = h.refusal;
	ck_assert_int_eq(read_from((struct str){ bytes, n }, 1, 1), whole);
	ck_assert_uint_eq(h.refusal.status, refusal.status);
	return whole == (int)n ? 0 : (int)h.refusal.status;
}

START_TEST(counts_and_lengths_have_their_limits)
{
	ck_assert_int_eq(read_repeated(BASE, "X: 1\r\n", 127, "\r\n"), 0);
	ck_assert_int_eq(read_repeated(BASE, "X: 1\r\n", 128, "\r\n"), 431);
	ck_assert_int_eq(read_repeated("GET /", "a", 8191, " HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
	ck_assert_int_eq(read_repeated("GET /", "a", 8192, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
	ck_assert_int_eq(read_repeated("GET http://a/", "a", 8183, " HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
	ck_assert_int_eq(read_repeated("GET http://a/", "a", 8184, " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
	ck_assert_int_eq(read_repeated(BASE, "x", 256, ": 1\r\n\r\n"), 0);
	ck_assert_int_eq(read_repeated(BASE, "x", 257, ": 1\r\n\r\n"), 400);
	ck_assert_int_eq(read_repeated(LINE "Host: ", "a", 262, "\r\n\r\n"), 0);
	ck_assert_int_eq(read_repeated(LINE "Host: ", "a", 263, "\r\n\r\n"), 400);
	ck_assert_int_eq(read_repeated(BASE "Connection: a", ",a", 127, "\r\n\r\n"), 0);
	ck_assert_int_eq(read_repeated(BASE "Connection: a", ",a", 128, "\r\n\r\n"), 431);
}
END_TEST

static void take(const char *head)
{
	http_head_init(&h);
	ck_assert_int_eq(http_request_read(&h, head, strlen(head), &limits), (int)strlen(head));
}

static bool span_is(const char *head, struct http_span s, const char *text)
{
	return str_is((struct str){ head + s.at, s.n }, text);
}

static const struct {
	const char *head, *host, *target;
	bool absolute, root;
} targets[] = {
	{ BASE "\r\n", "a", "/", false, false },
	{ LINE "Host: \r\n\r\n", "", "/", false, false },
	{ "GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "b", "", true, true },
	{ "GET http://b:80?c HTTP/1.1\r\nHost: a\r\n\r\n", "b:80", "?c", true, true },
	{ "GET https://b/c?d HTTP/1.1\r\nHost: a\r\n\r\n", "b", "/c?d", true, false },
	{ "GET http://[::1]:8/ HTTP/1.0\r\n\r\n", "[::1]:8", "/", true, false },
	{ "GET //b/c HTTP/1.1\r\nHost: a\r\n\r\n", "a", "//b/c", false, false },
	{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a", "*", false, false },
};

START_TEST(host_and_target_are_those_of_the_absolute_form)
{
	const char *head = targets[_i].head;

	take(head);
	ck_assert(h.has_host);
	ck_assert(span_is(head, h.host, targets[_i].host));
	ck_assert(span_is(head, h.target, targets[_i].target));
	ck_assert(h.absolute == targets[_i].absolute && h.target_root == targets[_i].root);
}
END_TEST

START_TEST(a_body_is_as_its_fields_say)
{
	take(BASE "\r\n");
	ck_assert(h.body == HTTP_BODY_NONE && h.has_host && h.minor == 1);
	take(CL "123\r\n\r\n");
	ck_assert(h.body == HTTP_BODY_LENGTH && h.length == 123 && h.has_length);
	take(TE "Chunked\r\n\r\n");
	ck_assert(h.body == HTTP_BODY_CHUNKED && h.chunked);
}
END_TEST

START_TEST(connection_says_close_keep_alive_and_what_is_not_passed_on)
{
	take(BASE "A: 1\r\nConnection: Close,  x-hop\r\nB: 2\r\nConnection: keep-alive\r\nX-Hop: 1\r\nx-hop: 2\r\nX-Hop2: 3\r\n\r\n");
	ck_assert(h.close && h.keep_alive && !h.upgrade);
	for (uint32_t i = 0; i < h.n_fields; i++)
		ck_assert(h.fields[i].hop == (i == 5 || i == 6));
	take(BASE "Connection: a_b\r\nA_B: 1\r\na\x7e" "b: 1\r\nA^B: 1\r\n\r\n");
	ck_assert(h.fields[2].hop && !h.fields[3].hop && !h.fields[4].hop);
}
END_TEST

static const struct {
	const char *fields;
	bool upgrade;
} upgrades[] = {
	{ "Connection: Upgrade\r\nUpgrade: websocket\r\n", true },
	{ "Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\nContent-Length: 0\r\n", true },
	{ "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n", true },
	{ "Connection: Upgrade\r\nUpgrade: H2C\r\n", false },
	{ "Connection: Upgrade\r\nUpgrade: ,\r\n", false },
	{ "Connection: Upgrade\r\n", false },
	{ "Upgrade: websocket\r\n", false },
	{ "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n", false },
	{ "Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n", false },
};

START_TEST(an_upgrade_is_asked_for_without_body_and_not_to_h2c)
{
	char head[256];

	(void)snprintf(head, sizeof(head), BASE "%s\r\n", upgrades[_i].fields);
	take(head);
	ck_assert(h.upgrade == upgrades[_i].upgrade);
}
END_TEST

START_TEST(version_1_0_neither_upgrades_nor_expects)
{
	take("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\nExpect: 100-continue\r\n\r\n");
	ck_assert(h.minor == 0 && !h.upgrade && !h.expect_continue && !h.has_host);
	take(BASE "Expect: 100-continue\r\n\r\n");
	ck_assert(h.expect_continue);
	take(BASE "Expect: 100-continue\r\nConnection: expect\r\n\r\n");
	ck_assert(!h.expect_continue);
}
END_TEST

START_TEST(max_forwards_counts_for_options)
{
	take("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
	ck_assert_uint_eq(h.max_forwards, 0);
	take("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 7\r\nMax-Forwards: 3\r\n\r\n");
	ck_assert_uint_eq(h.max_forwards, 3);
	take("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 99999999999999999999999999\r\n\r\n");
	ck_assert_uint_eq(h.max_forwards, UINT32_MAX - 1);
	take("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n");
	ck_assert_uint_eq(h.max_forwards, UINT32_MAX);
	take("GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
	ck_assert_uint_eq(h.max_forwards, UINT32_MAX);
}
END_TEST

static const struct {
	const char *text;
	enum http_method method;
	bool repeatable;
} methods[] = {
	{ "GET", HTTP_GET, true }, { "HEAD", HTTP_HEAD, true }, { "POST", HTTP_POST, false }, { "PUT", HTTP_PUT, true },
	{ "DELETE", HTTP_DELETE, true }, { "OPTIONS", HTTP_OPTIONS, true }, { "PATCH", HTTP_METHOD_OTHER, false },
	{ "get", HTTP_METHOD_OTHER, false }, { "GETS", HTTP_METHOD_OTHER, false }, { "PROPFIND", HTTP_METHOD_OTHER, false },
};

START_TEST(a_method_is_known_by_its_exact_name)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "%s / HTTP/1.1\r\nHost: a\r\n\r\n", methods[_i].text);
	take(head);
	ck_assert_int_eq(h.method, methods[_i].method);
	ck_assert(http_method_repeatable(h.method) == methods[_i].repeatable);
	ck_assert(span_is(head, h.method_text, methods[_i].text));
}
END_TEST

static bool is_in(int c, const char *set)
{
	return c && strchr(set, c) != NULL;
}

START_TEST(classes_of_bytes_are_those_of_the_rfcs)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (int c = 0; c < 256; c++) {
		const bool alnum = is_in(c, letters);
		ck_assert(http_is((char)c, HTTP_IS_TOKEN) == (alnum || is_in(c, "!#$%&'*+-.^_`|~")));
		ck_assert(http_is((char)c, HTTP_IS_VALUE) == (c == '\t' || (c >= 0x20 && c != 0x7f)));
		ck_assert(http_is((char)c, HTTP_IS_TARGET) == (c > 0x20 && c < 0x7f && c != '#'));
		ck_assert(http_is((char)c, HTTP_IS_HOST) == (alnum || is_in(c, "-._~%!$&'()*+,;=")));
		ck_assert(http_is((char)c, HTTP_IS_HEX) == is_in(c, "0123456789abcdefABCDEF"));
		ck_assert(http_is((char)c, HTTP_IS_DIGIT) == is_in(c, "0123456789"));
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_head_is_taken_or_refused_by_its_rule_however_it_is_cut, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(tc, a_head_is_refused_at_its_first_wrong_byte, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, a_head_may_be_as_long_as_the_limit);
	tcase_add_test(tc, counts_and_lengths_have_their_limits);
	tcase_add_loop_test(tc, host_and_target_are_those_of_the_absolute_form, 0, ARRAY_LEN(targets));
	tcase_add_test(tc, a_body_is_as_its_fields_say);
	tcase_add_test(tc, connection_says_close_keep_alive_and_what_is_not_passed_on);
	tcase_add_loop_test(tc, an_upgrade_is_asked_for_without_body_and_not_to_h2c, 0, ARRAY_LEN(upgrades));
	tcase_add_test(tc, version_1_0_neither_upgrades_nor_expects);
	tcase_add_test(tc, max_forwards_counts_for_options);
	tcase_add_loop_test(tc, a_method_is_known_by_its_exact_name, 0, ARRAY_LEN(methods));
	tcase_add_test(tc, classes_of_bytes_are_those_of_the_rfcs);
}
