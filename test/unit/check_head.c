/* SPDX-License-Identifier: MIT */
/* Heads: every rule of proxy.md 4.1 and 4.3 with its status and id, whole, byte by byte and cut at every place. */
#include "base/base.h"

#include "http/head.h"
#include "unit.h"

static const struct http_limits limits = { .head_bytes = 32768 };

struct row {
	const char *bytes;
	unsigned status;                /* 0: accepted */
	const char *rule;
};

#define BASE "GET / HTTP/1.1\r\nHost: a\r\n"
static const struct row requests[] = {
	{ BASE "\r\n", 0, NULL },
	{ "GET / HTTP/1.1\r\nhOSt:\ta \t\r\n\r\n", 0, NULL },
	{ BASE "X:\r\n\r\n", 0, NULL },
	{ "\r\n" BASE "\r\n", 0, NULL },
	{ "\r\n\r\n" BASE "\r\n", 400, "H1" },
	{ "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "H2" },
	{ "GET / HTTP/1.1\r\n\r\n", 400, "H11" },
	{ "GET / HTTP/1.0\r\n\r\n", 0, NULL },
	{ "TRACE / HTTP/1.1\r\n", 501, "H4" },
	{ "CONNECT a:1 HTTP/1.1\r\n", 501, "H4" },
	{ "\x16\x03\x01", 400, "H4" },
	{ "PROXY TCP4 1.2.3.4", 400, "H5" },
	{ BASE "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "H13" },
	{ BASE "Transfer-Encoding: cHUNKED\r\n\r\n", 0, NULL },
	{ BASE "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "H13" },
};

static int read_pieces(struct http_head *h, const char *p, size_t n, size_t first, size_t step)
{
	http_head_init(h);
	for (size_t to = first; to < n; to += step) {
		const int done = http_request_read(h, p, to, &limits);
		if (done)
			return done;
	}
	return http_request_read(h, p, n, &limits);
}

static void expect(const struct row *r, size_t first, size_t step)
{
	struct http_head h;
	const size_t n = strlen(r->bytes);
	const int done = read_pieces(&h, r->bytes, n, first, step);

	if (r->status) {
		ck_assert_msg(done < 0, "%s is %d", r->bytes, done);
		ck_assert_uint_eq(h.refusal.status, r->status);
		ck_assert_str_eq(h.refusal.rule, r->rule);
	} else {
		ck_assert_msg(done == (int)n, "%s: %d, %u %s", r->bytes, done, h.refusal.status, h.refusal.rule);
	}
}

START_TEST(a_request_is_taken_or_refused_by_its_rule_however_it_is_cut)
{
	const struct row *r = &requests[_i];

	expect(r, strlen(r->bytes), 1);
	expect(r, 1, 1);
	for (size_t cut = 1; cut < strlen(r->bytes); cut++)
		expect(r, cut, strlen(r->bytes));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_request_is_taken_or_refused_by_its_rule_however_it_is_cut, 0, ARRAY_LEN(requests));
}
