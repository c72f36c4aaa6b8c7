/* SPDX-License-Identifier: MIT */
/* What is passed on (proxy.md 4.4), byte for byte, and the answers made here (4.5). */
#include "base/base.h"

#include <errno.h>

#include "http/cookie.h"
#include "http/forward.h"
#include "unit.h"

static const struct http_limits limits = { .head_bytes = 32768 };
static struct http_head h;
static char out[8192];

#define LINE "GET / HTTP/1.1\r\n"
#define BASE LINE "Host: a\r\n"
#define X "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n"
#define VIA "Via: 1.1 nlbc\r\n"
#define PEER .client = { "192.0.2.7", 9 }, .server = { "198.51.100.1:80", 15 }

struct pass_row {
	const char *in, *out;
	struct http_request_pass pass;
};
static const struct pass_row requests[] = {
	{ BASE "\r\n", BASE X VIA "\r\n", { PEER } },
	{ LINE "hOSt:\ta \t\r\nB:c\r\nD: e\r\nF:\r\nG:  h\r\nI: j\r\n\r\n",
	  LINE "hOSt: a\r\nB: c\r\nD: e\r\nF: \r\nG: h\r\nI: j\r\n" X VIA "\r\n", { PEER } },
	{ "POST /x HTTP/1.1\r\nContent-Length: 05\r\nHost: a\r\n\r\n",
	  "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" X VIA "\r\n", { PEER } },
	{ BASE "Content-Length: 0\r\n\r\n", BASE "Content-Length: 0\r\n" X VIA "\r\n", { PEER } },
	{ BASE "Transfer-Encoding:cHUNKED\r\nTrailer: X\r\n\r\n", BASE "Transfer-Encoding: chunked\r\n" X VIA "\r\n", { PEER } },
	/* H6 */
	{ "GET http://b/x HTTP/1.1\r\nA: 1\r\nHost: a\r\nB: 2\r\n\r\n",
	  "GET /x HTTP/1.1\r\nA: 1\r\nHost: b\r\nB: 2\r\n" X VIA "\r\n", { PEER } },
	{ "GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?x HTTP/1.1\r\nHost: b\r\n" X VIA "\r\n", { PEER } },
	{ "GET http://b:8 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: b:8\r\n" X VIA "\r\n", { PEER } },
	{ "OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: b\r\n" X VIA "\r\n", { PEER } },
	{ "OPTIONS http://b?x HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS /?x HTTP/1.1\r\nHost: b\r\n" X VIA "\r\n", { PEER } },
	{ "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n" X VIA "\r\n", { PEER } },
	/* 1.0 and above 1.1 */
	{ "GET / HTTP/1.0\r\nExpect: 100-continue\r\nA: b\r\n\r\n",
	  LINE "Host: 198.51.100.1:80\r\nA: b\r\n" X "Via: 1.0 nlbc\r\n\r\n", { PEER } },
	{ "GET http://b/ HTTP/1.0\r\n\r\n", LINE "Host: b\r\n" X "Via: 1.0 nlbc\r\n\r\n", { PEER } },
	{ "GET / HTTP/1.9\r\nHost: a\r\n\r\n", BASE X VIA "\r\n", { PEER } },
	/* what is not passed on */
	{ BASE "Connection: close, X-Hop, via\r\nX-HOP: 1\r\nKeep-Alive: 5\r\nVia: 1.1 b\r\nY: 1\r\n\r\n",
	  BASE "Y: 1\r\n" X VIA "\r\n", { PEER } },
	{ BASE "Proxy-Connection: a\r\nProxy-Authorization: b\r\nProxy-Authenticate: c\r\nTE: d\r\nUpgrade: h2c\r\nHTTP2-Settings: e\r\n"
	  "Via: 1.0 b\r\nCookie: c=d\r\nDate: x\r\nExpect: 100-continue\r\n\r\n",
	  BASE "Via: 1.0 b\r\nCookie: c=d\r\nDate: x\r\nExpect: 100-continue\r\n" X VIA "\r\n", { PEER } },
	/* '_' where servers take it for '-' */
	{ BASE "X_Forwarded_For: 1\r\nx-forwarded_PROTO: 2\r\nX-Forwarded_Host: 3\r\nX_Real-IP: 4\r\nContent_Length: 5\r\n"
	  "Transfer_Encoding: chunked\r\nX_Y: 6\r\nX_Forwarded_Fort: 7\r\n_: 8\r\n\r\n",
	  BASE "X_Y: 6\r\nX_Forwarded_Fort: 7\r\n_: 8\r\n" X VIA "\r\n", { PEER, .trusted = true } },
	/* forwarding fields */
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\nX-Real-IP: y\r\nX-Forwarded-Host: z\r\nX-Forwarded-Proto: https\r\n\r\n",
	  BASE X VIA "\r\n", { PEER } },
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\nX-Real-IP: y\r\nX-Forwarded-Host: z\r\n\r\n",
	  BASE "Forwarded: for=x\r\nX-Real-IP: y\r\nX-Forwarded-Host: z\r\n"
	  "X-Forwarded-For: 1.2.3.4, 192.0.2.7\r\nX-Forwarded-Proto: http\r\n" VIA "\r\n", { PEER, .trusted = true } },
	{ BASE "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nX-Forwarded-For:\r\nx-forwarded-for: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n\r\n",
	  BASE "X-Forwarded-Proto: https\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8, 9.9.9.9, 192.0.2.7\r\n" VIA "\r\n",
	  { PEER, .trusted = true } },
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nConnection: x-forwarded-for, x-forwarded-proto\r\nX-Forwarded-Proto: https\r\n\r\n",
	  BASE X VIA "\r\n", { PEER, .trusted = true } },
	{ BASE "\r\n", BASE "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n" VIA "\r\n", { PEER, .tls = true } },
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\n\r\n", BASE "Forwarded: for=192.0.2.7;host=a;proto=http\r\n" VIA "\r\n",
	  { PEER, .forwarded = HTTP_FORWARDED_RFC7239 } },
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x, for=y\r\n\r\n",
	  BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x, for=y, for=192.0.2.7;host=a;proto=http\r\n" VIA "\r\n",
	  { PEER, .forwarded = HTTP_FORWARDED_RFC7239, .trusted = true } },
	{ BASE "\r\n", BASE X "Forwarded: for=192.0.2.7;host=a;proto=http\r\n" VIA "\r\n", { PEER, .forwarded = HTTP_FORWARDED_BOTH } },
	{ BASE "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\nX-Real-IP: y\r\nX-Forwarded-Host: z\r\nX-Forwarded-Proto: https\r\n\r\n",
	  BASE VIA "\r\n", { PEER, .forwarded = HTTP_FORWARDED_NONE, .trusted = true } },
	{ LINE "Host: a:8\r\n\r\n", LINE "Host: a:8\r\nForwarded: for=\"[2001:db8::7]\";host=\"a:8\";proto=https\r\n" VIA "\r\n",
	  { .client = { "2001:db8::7", 11 }, .client_is_ipv6 = true, .tls = true, .forwarded = HTTP_FORWARDED_RFC7239 } },
	{ LINE "Host:\r\n\r\n", LINE "Host: \r\nForwarded: for=192.0.2.7;proto=http\r\n" VIA "\r\n",
	  { PEER, .forwarded = HTTP_FORWARDED_RFC7239 } },
	/* the connection to the server */
	{ BASE "Connection: keep-alive\r\n\r\n", BASE X VIA "Connection: close\r\n\r\n", { PEER, .close = true } },
	{ BASE "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n",
	  BASE "Sec-WebSocket-Key: k\r\n" X VIA "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", { PEER } },
	{ BASE "Connection: Upgrade\r\nUpgrade: h2c , websocket,\r\nUpgrade: a/1\r\n\r\n",
	  BASE X VIA "Connection: close, upgrade\r\nUpgrade: websocket, a/1\r\n\r\n", { PEER, .close = true } },
	/* H16 */
	{ "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 10\r\nMax-Forwards: x\r\nmax-forwards:1\r\n\r\n",
	  "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 9\r\nMax-Forwards: x\r\nmax-forwards: 0\r\n" X VIA "\r\n", { PEER } },
	{ BASE "Max-Forwards: 10\r\n\r\n", BASE "Max-Forwards: 10\r\n" X VIA "\r\n", { PEER } },
};

START_TEST(a_request_is_written_anew)
{
	const struct pass_row *r = &requests[_i];

	http_head_init(&h);
	ck_assert_int_gt(http_request_read(&h, r->in, strlen(r->in), &limits), 0);
	const int n = http_request_write(&h, r->in, &r->pass, out, sizeof(out));
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	ck_assert_str_eq(out, r->out);
	for (size_t room = 0; room < (size_t)n; room++)
		ck_assert_int_eq(http_request_write(&h, r->in, &r->pass, out, room), -EMSGSIZE);
}
END_TEST

#define OK "HTTP/1.1 200 OK\r\n"
#define DATE "Date: D\r\n"
#define NOW .date = { "D", 1 }

static const struct {
	const char *in, *out;
	struct http_answer_pass pass;
} answers[] = {
	{ OK "X : 1\r\nContent-Length: 5\r\n\r\n", OK "X: 1\r\n" DATE "Content-Length: 5\r\n\r\n", { NOW, .body = HTTP_BODY_LENGTH } },
	{ "HTTP/1.0 200\r\nDate: x\r\n\r\n", "HTTP/1.1 200 \r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n",
	  { NOW, .body = HTTP_BODY_CHUNKED } },
	{ OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\nTrailer: X\r\n\r\n", OK DATE "Transfer-Encoding: chunked\r\n\r\n",
	  { NOW, .body = HTTP_BODY_CHUNKED } },
	{ OK "Transfer-Encoding: chunked\r\n\r\n", OK DATE "Connection: close\r\n\r\n", { NOW, .body = HTTP_BODY_CLOSE, .close = true } },
	{ OK "Connection: X-Hop, date\r\nX-Hop: 1\r\nDate: x\r\nContent-Length: 1\r\n\r\n",
	  OK DATE "Content-Length: 1\r\nConnection: keep-alive\r\n\r\n", { NOW, .body = HTTP_BODY_LENGTH, .keep_alive = true } },
	{ OK "Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n",
	  OK "Set-Cookie: a\r\nSet-Cookie: b\r\n" DATE "Set-Cookie: s=1; Path=/\r\nContent-Length: 0\r\n\r\n",
	  { NOW, .body = HTTP_BODY_LENGTH, .cookie = { "s=1; Path=/", 11 } } },
	{ OK "Content-Length: 5\r\n\r\n", OK DATE "Content-Length: 5\r\n\r\n", { NOW, .body = HTTP_BODY_NONE } },
	{ OK "Transfer-Encoding: chunked\r\n\r\n", OK DATE "\r\n", { NOW, .body = HTTP_BODY_NONE } },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n" DATE "Content-Length: 5\r\n\r\n",
	  { NOW, .body = HTTP_BODY_NONE } },
	{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 204 No Content\r\n" DATE "\r\n",
	  { NOW, .body = HTTP_BODY_NONE } },
	{ "HTTP/1.1 103 Early Hints\r\nLink: l\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
	  "HTTP/1.1 103 Early Hints\r\nLink: l\r\n\r\n", { NOW, .body = HTTP_BODY_NONE, .close = true, .cookie = { "s=1", 3 } } },
	{ "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: k\r\n\r\n",
	  "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: k\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
	  { NOW, .body = HTTP_BODY_NONE, .upgrade = true } },
	{ OK "X_Real_IP: 1\r\n\r\n", OK "X_Real_IP: 1\r\n" DATE "Transfer-Encoding: chunked\r\n\r\n", { NOW, .body = HTTP_BODY_CHUNKED } },
	{ OK "Via: 1.1 x\r\nHost: y\r\nX-Forwarded-For: z\r\nExpect: e\r\n\r\n",
	  OK "Via: 1.1 x\r\nHost: y\r\nX-Forwarded-For: z\r\nExpect: e\r\n" DATE "Transfer-Encoding: chunked\r\n\r\n",
	  { NOW, .body = HTTP_BODY_CHUNKED } },
};

START_TEST(an_answer_is_written_anew)
{
	const char *in = answers[_i].in;

	http_head_init(&h);
	ck_assert_int_gt(http_answer_read(&h, in, strlen(in), &limits), 0);
	const int n = http_answer_write(&h, in, &answers[_i].pass, out, sizeof(out));
	ck_assert_int_gt(n, 0);
	out[n] = '\0';
	ck_assert_str_eq(out, answers[_i].out);
	for (size_t room = 0; room < (size_t)n; room++)
		ck_assert_int_eq(http_answer_write(&h, in, &answers[_i].pass, out, room), -EMSGSIZE);
}
END_TEST

/* The most that may be added to a head: the header promises 2048 bytes. */
START_TEST(head_bytes_and_2048_are_enough)
{
	static char in[32768];
	static char large[32768 + 2048];
	struct http_request_pass pass = { .client = STR("2001:db8:1111:2222:3333:4444:255.255.255.255"), .client_is_ipv6 = true,
					  .tls = true, .trusted = true, .forwarded = HTTP_FORWARDED_BOTH, .close = true };
	size_t n = (size_t)snprintf(in, sizeof(in), "OPTIONS http://%0262d/ HTTP/1.1\r\nHost:%0262d\r\n"
				    "Connection:upgrade\r\nUpgrade:a\r\n", 0, 0);

	for (int i = 0; i < 123; i++)
		n += (size_t)snprintf(in + n, sizeof(in) - n, "%s:1\r\n", i % 2 ? "X-Forwarded-For" : "Forwarded");
	n += (size_t)snprintf(in + n, sizeof(in) - n, "Max-Forwards:1\r\n\r\n");
	http_head_init(&h);
	ck_assert_int_eq(http_request_read(&h, in, n, &limits), (int)n);
	ck_assert_int_gt(http_request_write(&h, in, &pass, large, n + 2048), 0);
}
END_TEST

static const struct {
	struct http_own_answer answer;
	const char *text;
} own[] = {
	{ { .status = 502, .date = { "D", 1 } },
	  "HTTP/1.1 502 Bad Gateway\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 16\r\n\r\n502 Bad Gateway\n" },
	{ { .status = 502, .head = true, .close = true, .date = { "D", 1 } },
	  "HTTP/1.1 502 Bad Gateway\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 16\r\nConnection: close\r\n\r\n" },
	{ { .status = 503, .keep_alive = true, .date = { "D", 1 } },
	  "HTTP/1.1 503 Service Unavailable\r\n" DATE "Content-Type: text/plain\r\nContent-Length: 24\r\nRetry-After: 1\r\n"
	  "Connection: keep-alive\r\n\r\n503 Service Unavailable\n" },
	{ { .status = 200, .date = { "D", 1 } }, "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n\r\n" },
};

START_TEST(an_answer_is_made_here)
{
	const size_t n = http_own_answer(&own[_i].answer, out);

	out[n] = '\0';
	ck_assert_str_eq(out, own[_i].text);
}
END_TEST

START_TEST(every_refusal_has_a_phrase)
{
	static const unsigned all[] = { 200, 400, 408, 413, 414, 417, 431, 501, 502, 503, 504, 505 };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct http_own_answer a = { .status = all[i], .close = true, .date = STR("Sun, 06 Nov 1994 08:49:37 GMT") };
		ck_assert_str_ne(http_phrase(all[i]), "");
		const size_t n = http_own_answer(&a, out);
		http_head_init(&h);
		ck_assert_int_gt(http_answer_read(&h, out, n, &limits), 0);
		ck_assert_uint_eq(h.bytes + h.length, n);
	}
	ck_assert_str_eq(http_phrase(299), "");
}
END_TEST

START_TEST(a_date_is_as_in_rfc_9110)
{
	char buf[HTTP_DATE_TEXT];

	ck_assert_str_eq(http_date(784111777, buf), "Sun, 06 Nov 1994 08:49:37 GMT");
	ck_assert_str_eq(http_date(0, buf), "Thu, 01 Jan 1970 00:00:00 GMT");
	ck_assert_str_eq(http_date(4107542399, buf), "Sun, 28 Feb 2100 23:59:59 GMT");
}
END_TEST

static const struct {
	const char *fields, *value;
} cookies[] = {
	{ "Cookie: s=1\r\n", "1" },
	{ "Cookie: a=2; s=1;b=3\r\n", "1" },
	{ "Cookie: a=2\r\ncookie: ss=5;;  s=1=2\r\n", "1=2" },
	{ "Cookie: s=1; s=2\r\n", "1" },
	{ "Cookie: s=\r\n", "" },
	{ "Cookie: S=1; as=1; s; a=s=1; =1\r\n", NULL },
	{ "Cookie:\r\nX: s=1\r\n", NULL },
	{ "", NULL },
};

START_TEST(a_cookie_is_found_by_its_exact_name)
{
	char in[256];

	(void)snprintf(in, sizeof(in), BASE "%s\r\n", cookies[_i].fields);
	http_head_init(&h);
	ck_assert_int_gt(http_request_read(&h, in, strlen(in), &limits), 0);
	const struct str value = http_cookie_find(&h, in, STR("s"));
	if (cookies[_i].value)
		ck_assert(value.p && str_is(value, cookies[_i].value));
	else
		ck_assert_ptr_null(value.p);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_request_is_written_anew, 0, ARRAY_LEN(requests));
	tcase_add_loop_test(tc, an_answer_is_written_anew, 0, ARRAY_LEN(answers));
	tcase_add_test(tc, head_bytes_and_2048_are_enough);
	tcase_add_loop_test(tc, an_answer_is_made_here, 0, ARRAY_LEN(own));
	tcase_add_test(tc, every_refusal_has_a_phrase);
	tcase_add_test(tc, a_date_is_as_in_rfc_9110);
	tcase_add_loop_test(tc, a_cookie_is_found_by_its_exact_name, 0, ARRAY_LEN(cookies));
}
