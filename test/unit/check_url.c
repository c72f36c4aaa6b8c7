/* SPDX-License-Identifier: MIT */
/* Where a client goes: URLs, the request for one, and the messages of SOCKS5. */
#include "base/base.h"

#include "base/text.h"
#include "bench/socks.h"
#include "bench/url.h"
#include "unit.h"

static const struct {
	const char *text, *host, *path;
	bool tcp, is_ipv6;
	uint16_t port;
} urls[] = {
	{ "http://192.0.2.1/", "192.0.2.1", "/", false, false, 80 },
	{ "http://192.0.2.1:8080", "192.0.2.1", "/", false, false, 8080 },
	{ "http://shop.example:81/a?b=c:d/e", "shop.example", "/a?b=c:d/e", false, false, 81 },
	{ "http://[2001:db8::1]:81/x", "2001:db8::1", "/x", false, true, 81 },
	{ "http://[::1]/x", "::1", "/x", false, true, 80 },
	{ "tcp://127.0.0.1:9004", "127.0.0.1", "/", true, false, 9004 },
	{ "tcp://[::1]:9004", "::1", "/", true, true, 9004 },
};

START_TEST(a_url_has_host_port_and_path)
{
	struct url u;

	ck_assert_int_eq(url_parse(urls[_i].text, &u), 0);
	ck_assert_str_eq(u.host, urls[_i].host);
	ck_assert_str_eq(u.path, urls[_i].path);
	ck_assert(u.tcp == urls[_i].tcp && u.is_ipv6 == urls[_i].is_ipv6);
	ck_assert_uint_eq(u.port, urls[_i].port);
}
END_TEST

static const char *const wrong[] = {
	"", "https://a/", "http://", "http:///x", "http://a:0/", "http://a:65536/", "http://a:/", "http://a:8x/", "http://a b/",
	"http://a/b c", "http://a/\r\nX: 1", "http://a/#x", "http://u@a/", "http://[::1", "http://[1.2.3.4]/", "http://::1/",
	"http://[::1]x/", "tcp://127.0.0.1", "tcp://127.0.0.1:1/x", "http://a?b/", "127.0.0.1:80",
};

START_TEST(what_is_no_url_is_refused)
{
	struct url u;

	ck_assert_msg(url_parse(wrong[_i], &u) < 0, "%s", wrong[_i]);
}
END_TEST

START_TEST(the_request_names_host_and_port)
{
	auto_text struct text t = { 0 };
	struct url u;

	ck_assert_int_eq(url_parse("http://[2001:db8::1]:81/x", &u), 0);
	url_request(&u, true, &t);
	ck_assert_str_eq(text_get(&t), "GET /x HTTP/1.1\r\nHost: [2001:db8::1]:81\r\nUser-Agent: nlbc-bench\r\n"
				       "Connection: close\r\n\r\n");
	text_clear(&t);
	ck_assert_int_eq(url_parse("http://a/", &u), 0);
	url_request(&u, false, &t);
	ck_assert_str_eq(text_get(&t), "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: nlbc-bench\r\n\r\n");
}
END_TEST

static const struct {
	const char *url, *request;
	size_t n;
} requests[] = {
	{ "http://192.0.2.1:8080/", "\x05\x01\x00\x01\xc0\x00\x02\x01\x1f\x90", 10 },
	{ "http://ab.onion/", "\x05\x01\x00\x03\x08""ab.onion\x00\x50", 15 },
	{ "http://[2001:db8::1]/", "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50", 22 },
};

START_TEST(socks_is_asked_by_address_or_name)
{
	char out[SOCKS_REQUEST];
	struct url u;

	ck_assert_int_eq(url_parse(requests[_i].url, &u), 0);
	ck_assert_uint_eq(socks_request(&u, out), requests[_i].n);
	ck_assert_mem_eq(out, requests[_i].request, requests[_i].n);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	int read;
	const char *why;
} replies[] = {
	{ "", 0, 0, NULL },
	{ "\x05", 1, 0, NULL },
	{ "\x05\x00\x00\x01\x7f\x00\x00\x01\x00", 9, 0, NULL },
	{ "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50more", 14, 10, NULL },
	{ "\x05\x00\x00\x03\x02""ab\x00\x50", 9, 9, NULL },
	{ "\x05\x00\x00\x04" "0123456789abcdef" "\x00\x50", 22, 22, NULL },
	{ "\x05\x05\x00\x01", 4, -1, "connection refused" },
	{ "\x05\xf0", 2, -1, "refused by the SOCKS proxy" },
	{ "\x05\x00\x00\x02", 4, -1, "the SOCKS proxy's reply is malformed" },
	{ "HTTP", 4, -1, "the SOCKS proxy speaks no version 5" },
};

START_TEST(a_socks_reply_is_whole_short_or_wrong)
{
	const char *why = NULL;
	const int read = socks_reply_read(replies[_i].bytes, replies[_i].n, &why);

	ck_assert_int_eq(read < 0 ? -1 : read, replies[_i].read);
	ck_assert_pstr_eq(why, replies[_i].why);
}
END_TEST

START_TEST(socks_begins_without_authentication)
{
	const char *why = NULL;

	ck_assert_int_eq(socks_hello_read("\x05", 1, &why), 0);
	ck_assert_int_eq(socks_hello_read("\x05\x00", 2, &why), 2);
	ck_assert_int_lt(socks_hello_read("\x05\xff", 2, &why), 0);
	ck_assert_str_eq(why, "the SOCKS proxy wants authentication");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_url_has_host_port_and_path, 0, ARRAY_LEN(urls));
	tcase_add_loop_test(tc, what_is_no_url_is_refused, 0, ARRAY_LEN(wrong));
	tcase_add_test(tc, the_request_names_host_and_port);
	tcase_add_loop_test(tc, socks_is_asked_by_address_or_name, 0, ARRAY_LEN(requests));
	tcase_add_loop_test(tc, a_socks_reply_is_whole_short_or_wrong, 0, ARRAY_LEN(replies));
	tcase_add_test(tc, socks_begins_without_authentication);
}
