/* SPDX-License-Identifier: MIT */
/* Two ends of a connection in TLS, ours both: handshakes, bytes under back-pressure, ends, tickets, names. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "fixture.h"
#include "profile/profile.h"
#include "proxy/stream_tls.h"
#include "proxy/tls.h"
#include "proxy/tls_wire.h"
#include "tls_files.h"
#include "unit.h"

static struct proxy_conf conf;
static struct tls_conf certificates[3];
static struct server_conf server;
static struct stream in, out;           /* our listener's end, our end towards a server */
static struct tls_listener *listener;
static struct tls_server **servers;

static void begin(void)
{
	setup();
	tls_files_begin();
	tls_files_make("issuer", NULL, 30, NULL);
	tls_files_make("good", "DNS:good.example,DNS:*.wide.example", 30, "issuer");
	tls_files_make("address", "IP:192.0.2.1", 30, "issuer");
	tls_files_make("other", "DNS:other.example", 30, NULL);
	certificates[0] = (struct tls_conf){ .certificate = strdup(tls_file("good.pem")), .key = strdup(tls_file("good.key")) };
	certificates[1] = (struct tls_conf){ .certificate = strdup(tls_file("other.pem")), .key = strdup(tls_file("other.key")) };
	certificates[2] = (struct tls_conf){
		.certificate = strdup(tls_file("address.pem")), .key = strdup(tls_file("address.key")),
	};
	server = (struct server_conf){
		.name = "a", .tls = true, .tls_name = "good.example", .tls_verify = VERIFY_FILE,
		.tls_store = strdup(tls_file("issuer.pem")),
	};
	conf = (struct proxy_conf){ .tls = certificates, .n_tls = 1, .servers = &server, .n_servers = 1 };
	in.fd = out.fd = -1;
}

static void hang_up(void)
{
	if (in.tls)
		stream_tls_end(&in, false);
	if (out.tls)
		stream_tls_end(&out, false);
	base_closep(&in.fd);
	base_closep(&out.fd);
	in.fd = out.fd = -1;
}

static void end(void)
{
	hang_up();
	tls_listener_free(listener);
	tls_servers_free(servers, 1);
	for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
		free((char *)(uintptr_t)certificates[i].certificate);
		free((char *)(uintptr_t)certificates[i].key);
	}
	free((char *)(uintptr_t)server.tls_store);
	tls_files_end();
	teardown();
}

static void make(void)
{
	listener = tls_listener_new(&conf, NULL, &diags);
	servers = tls_servers_new(&conf, &diags);
	ck_assert_uint_eq(diags.n, 0);
	ck_assert_ptr_nonnull(listener);
	ck_assert_ptr_nonnull(servers);
}

static void wire(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	in.fd = pair[0];
	out.fd = pair[1];
}

static void connect_both(void)
{
	wire();
	ck_assert_int_eq(tls_accept(listener, &in), 0);
	ck_assert_int_eq(tls_connect(servers[0], &out), 0);
}

/* Both sides in turn, until both are done or one fails: the failing side's error, of the client first. */
static int shake(void)
{
	int a = -EAGAIN, b = -EAGAIN;

	for (int i = 0; i < 10 && (a || b); i++) {
		b = stream_tls_handshake(&out);
		a = stream_tls_handshake(&in);
		if ((a && a != -EAGAIN) || (b && b != -EAGAIN))
			break;
	}
	return b && b != -EAGAIN ? b : a;
}

static void connected(void)
{
	connect_both();
	ck_assert_int_eq(shake(), 0);
}

static ssize_t put(struct stream *s, const char *p, size_t n)
{
	const struct iovec v = { (char *)(uintptr_t)p, n };

	return stream_tls_write(s, &v, 1, false);
}

/* What s takes in becomes known: tickets, close_notify. */
static ssize_t get(struct stream *s)
{
	char byte[100];

	return stream_tls_read(s, byte, sizeof(byte));
}

START_TEST(the_newest_version_and_the_cheapest_suite_are_taken)
{
	make();
	connected();
	ck_assert_str_eq(SSL_get_version(in.tls->ssl), "TLSv1.3");
	ck_assert_str_eq(SSL_get_cipher_name(in.tls->ssl), "TLS_AES_128_GCM_SHA256");
	ck_assert_int_eq(SSL_get_negotiated_group(in.tls->ssl), NID_X25519);
}
END_TEST

START_TEST(bytes_come_as_they_were_in_one_record_and_one_send)
{
	char head[] = "head ", body[] = "and body", got[100], raw[200];
	const struct iovec v[] = { { head, 5 }, { head, 0 }, { body, 8 } };

	make();
	connected();
	ck_assert_int_eq(get(&out), -EAGAIN);
	ck_assert_int_eq(stream_tls_write(&in, v, 3, false), 13);
	ck_assert_int_eq(recv(out.fd, raw, sizeof(raw), MSG_PEEK), 5 + 13 + 1 + 16);
	ck_assert_int_eq(stream_tls_read(&out, got, sizeof(got)), 13);
	ck_assert_mem_eq(got, "head and body", 13);
	ck_assert(!stream_tls_holds(&out));
}
END_TEST

START_TEST(what_is_not_read_yet_is_held)
{
	char got[4];

	make();
	connected();
	ck_assert_int_eq(put(&out, "abcdef", 6), 6);
	ck_assert_int_eq(put(&out, "gh", 2), 2);
	ck_assert_int_eq(stream_tls_read(&in, got, 4), 4);
	ck_assert(stream_tls_holds(&in));
	ck_assert_int_eq(stream_tls_read(&in, got, 3), 3);
	ck_assert(stream_tls_holds(&in));
	ck_assert_int_eq(stream_tls_read(&in, got, 4), 1);
	ck_assert_int_eq(got[0], 'h');
	ck_assert(!stream_tls_holds(&in));
}
END_TEST

static char pattern(size_t i)
{
	return (char)(i * 7 + i / 251);
}

/* 3 MiB through a socket with little room, in writes of `step` bytes in pieces of `piece`, read 1 to 100,000 bytes at a time. */
static void send_much(struct stream *from, struct stream *to, size_t step, size_t piece)
{
	enum { TOTAL = 3 << 20 };
	char *data = malloc(TOTAL), *got = malloc(TOTAL + 1);
	size_t sent = 0, come = 0, left_over = 0;

	for (size_t i = 0; i < TOTAL; i++)
		data[i] = pattern(i);
	while (come < TOTAL) {
		while (sent < TOTAL) {
			const size_t end_of_step = MIN(sent + step, (size_t)TOTAL);
			struct iovec v[64];
			int n = 0;
			for (size_t at = sent; at < end_of_step && n < 64; at += v[n++].iov_len)
				v[n] = (struct iovec){ data + at, MIN(piece, end_of_step - at) };
			const ssize_t wrote = stream_tls_write(from, v, n, false);
			left_over += from->tls->n_left > 0;
			ck_assert(wrote > 0 || wrote == -EAGAIN);
			if (wrote < 0)
				break;
			sent += (size_t)wrote;
		}
		const size_t room = MIN((size_t)(come % 100000) + 1, (size_t)TOTAL + 1 - come);
		const ssize_t part = stream_tls_read(to, got + come, room);
		ck_assert(part > 0 || part == -EAGAIN);
		come += part > 0 ? (size_t)part : 0;
	}
	ck_assert_mem_eq(data, got, TOTAL);
	ck_assert(step <= TLS_RECORD_DATA || left_over > 0);    /* the road that this test is for was taken */
	free(data);
	free(got);
}

static const struct {
	size_t step, piece;
} ways[] = { { 65536, 65536 }, { 65536, 5000 }, { 40000, 16384 }, { 16384, 16384 }, { 1000, 10 }, { 200000, 100000 } };

START_TEST(much_comes_through_little_room_unharmed)
{
	make();
	connected();
	send_much(&in, &out, ways[_i].step, ways[_i].piece);
	send_much(&out, &in, ways[_i].step, ways[_i].piece);
}
END_TEST

START_TEST(an_end_is_told_from_a_cut)
{
	make();
	connected();
	ck_assert_int_eq(put(&in, "last", 4), 4);
	ck_assert_int_eq(stream_tls_say_end(&in), 0);
	ck_assert_int_eq(stream_tls_say_end(&in), 0);
	ck_assert_int_eq(get(&out), 4);
	ck_assert(stream_tls_holds(&out));
	ck_assert_int_eq(get(&out), 0);
	/* The other direction lives on. */
	ck_assert_int_eq(put(&out, "more", 4), 4);
	ck_assert_int_eq(get(&in), 4);
	hang_up();

	connected();
	ck_assert_int_eq(put(&in, "cut", 3), 3);
	ck_assert_int_eq(shutdown(in.fd, SHUT_WR), 0);
	ck_assert_int_eq(get(&out), 3);
	ck_assert_int_eq(get(&out), -ECONNABORTED);
	ck_assert_int_eq(get(&out), -ECONNABORTED);
}
END_TEST

START_TEST(an_end_without_room_waits_for_room)
{
	char lots[4096] = "", got[65536];
	size_t sent = 0, come = 0;
	ssize_t n;

	make();
	connected();
	while ((n = put(&in, lots, sizeof(lots))) > 0)
		sent += (size_t)n;
	ck_assert_int_eq(n, -EAGAIN);
	/* What the socket did not take is the caller's, and must go before the end. */
	while ((n = stream_tls_read(&out, got, sizeof(got))) > 0)
		come += (size_t)n;
	ck_assert_int_eq(put(&in, lots, sizeof(lots)), sizeof(lots));
	ck_assert_int_eq(stream_tls_say_end(&in), 0);
	while ((n = stream_tls_read(&out, got, sizeof(got))) > 0)
		come += (size_t)n;
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(come, sent + sizeof(lots));
}
END_TEST

START_TEST(an_end_that_finds_no_room_is_told_later)
{
	char lots[4096] = "";

	make();
	connected();
	while (send(in.fd, lots, sizeof(lots), 0) > 0)
		;
	ck_assert_int_eq(stream_tls_say_end(&in), -EAGAIN);
	while (recv(out.fd, lots, sizeof(lots), 0) > 0)
		;
	ck_assert_int_eq(stream_tls_say_end(&in), 0);
	ck_assert_int_eq(recv(out.fd, lots, sizeof(lots), 0), 5 + 2 + 1 + 16);
	ck_assert_int_eq(lots[0], 23);
}
END_TEST

START_TEST(the_other_side_closing_unheard_is_no_error)
{
	make();
	wire();
	ck_assert_int_eq(tls_accept(listener, &in), 0);
	ck_assert_int_eq(stream_tls_handshake(&in), -EAGAIN);
	base_closep(&out.fd);
	out.fd = -1;
	ck_assert_int_eq(stream_tls_handshake(&in), -ENODATA);
}
END_TEST

START_TEST(what_is_not_tls_gets_an_alert)
{
	char alert[10];

	make();
	wire();
	ck_assert_int_eq(tls_accept(listener, &in), 0);
	ck_assert_int_eq(send(out.fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
	ck_assert_int_eq(stream_tls_handshake(&in), -EPROTO);
	ck_assert_int_eq(recv(out.fd, alert, sizeof(alert), 0), 7);
	ck_assert_mem_eq(alert, "\x15\x03\x01\0\x02\x02\x0a", 7);
}
END_TEST

START_TEST(a_broken_record_ends_the_connection)
{
	make();
	connected();
	ck_assert_int_eq(send(out.fd, "\x17\x03\x03\0\x11" "aaaaaaaaaaaaaaaaa", 22, 0), 22);
	ck_assert_int_eq(get(&in), -EPROTO);
	ck_assert_int_eq(get(&in), -EPROTO);
}
END_TEST

/* One connection; was it a resumed one? */
static bool resumed(void)
{
	connected();
	/* The ticket comes after the handshake. */
	ck_assert_int_eq(get(&out), -EAGAIN);
	const bool yes = SSL_session_reused(out.tls->ssl) == 1;
	ck_assert_int_eq(SSL_session_reused(in.tls->ssl), yes);
	hang_up();
	return yes;
}

START_TEST(sessions_are_resumed_also_by_another_worker_with_the_keys)
{
	uint8_t keys[TLS_TICKET_KEYS_BYTES];

	make();
	ck_assert(!resumed());
	ck_assert(resumed());
	/* The next generation has the keys of this one, */
	struct tls_listener *next = tls_listener_new(&conf, listener, &diags);
	tls_listener_free(listener);
	listener = next;
	ck_assert(resumed());
	/* and one without them gets them as bytes. */
	tls_listener_keys(listener, keys);
	tls_listener_free(listener);
	listener = tls_listener_new(&conf, NULL, &diags);
	tls_listener_set_keys(listener, keys);
	ck_assert(resumed());
}
END_TEST

START_TEST(tickets_live_for_two_keys)
{
	SSL_SESSION *kept;

	make();
	ck_assert(!resumed());
	tls_listener_turn_keys(listener);
	connect_both();
	kept = SSL_get1_session(out.tls->ssl);
	ck_assert_int_eq(shake(), 0);
	ck_assert_int_eq(SSL_session_reused(out.tls->ssl), 1);
	hang_up();
	tls_listener_turn_keys(listener);
	connect_both();
	ck_assert_int_eq(SSL_set_session(out.tls->ssl, kept), 1);
	ck_assert_int_eq(shake(), 0);
	ck_assert_int_eq(SSL_session_reused(out.tls->ssl), 0);
	SSL_SESSION_free(kept);
}
END_TEST

START_TEST(the_certificate_goes_by_the_name)
{
	static const struct {
		const char *name, *certificate;
	} asked[] = {
		{ "good.example", "good" }, { "x.wide.example", "good" }, { "other.example", "other" },
		{ "nothing.example", "good" }, { NULL, "good" },
	};

	conf.n_tls = 3;
	server.tls_verify = VERIFY_OFF;
	make();
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		char cn[100] = "";
		server.tls_name = asked[i].name;
		connected();
		X509 *x = SSL_get1_peer_certificate(out.tls->ssl);
		X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, cn, sizeof(cn));
		ck_assert_str_eq(cn, asked[i].certificate);
		X509_free(x);
		hang_up();
	}
}
END_TEST

static const struct {
	const char *name;
	size_t certificate;
	bool fits;
} servers_met[] = {
	{ "good.example", 0, true },
	{ "a.wide.example", 0, true },
	{ "a.b.wide.example", 0, false },
	{ "bad.example", 0, false },
	{ "192.0.2.1", 2, true },
	{ "192.0.2.2", 2, false },
	{ "other.example", 1, false },          /* its own issuer, who is not ours */
};

START_TEST(a_server_must_have_its_name_from_an_issuer_of_ours)
{
	server.tls_name = servers_met[_i].name;
	conf.tls = &certificates[servers_met[_i].certificate];
	make();
	connect_both();
	ck_assert_int_eq(shake(), servers_met[_i].fits ? 0 : -EPROTO);
	if (servers_met[_i].fits)
		ck_assert_ptr_null(tls_reason(&out));
	else
		ck_assert_str_eq(tls_reason(&out), "certificate");
}
END_TEST

START_TEST(an_expired_server_is_refused)
{
	tls_files_make("old", "DNS:good.example", -1, "issuer");
	const struct tls_conf old = { .certificate = tls_file("old.pem"), .key = tls_file("old.key") };
	conf.tls = &old;
	make();
	connect_both();
	ck_assert_int_eq(shake(), -EPROTO);
	ck_assert_str_eq(tls_reason(&out), "certificate");
}
END_TEST

/* What the other side offers as protocols, and what is taken of it; NULL: refused. */
static const struct {
	bool tcp;
	const char *offer, *taken;
} protocols[] = {
	{ false, "\10http/1.1", "http/1.1" },
	{ false, "\2h2\10http/1.1", "http/1.1" },
	{ false, "\2h2", NULL },
	{ false, "\10http/1.0", NULL },
	{ false, "", "" },
	{ true, "\2h2", "" },
};

START_TEST(of_protocols_http_1_1_is_taken)
{
	const unsigned char *taken;
	unsigned n;

	conf.tcp = protocols[_i].tcp;
	make();
	connect_both();
	(void)SSL_set_alpn_protos(out.tls->ssl, (const unsigned char *)protocols[_i].offer,
				  (unsigned)strlen(protocols[_i].offer));
	if (!protocols[_i].taken) {
		ck_assert_int_eq(shake(), -EPROTO);
		return;
	}
	ck_assert_int_eq(shake(), 0);
	SSL_get0_alpn_selected(out.tls->ssl, &taken, &n);
	ck_assert_uint_eq(n, strlen(protocols[_i].taken));
	if (n > 0)
		ck_assert_mem_eq(taken, protocols[_i].taken, n);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_newest_version_and_the_cheapest_suite_are_taken);
	tcase_add_test(tc, bytes_come_as_they_were_in_one_record_and_one_send);
	tcase_add_test(tc, what_is_not_read_yet_is_held);
	tcase_add_loop_test(tc, much_comes_through_little_room_unharmed, 0, (int)ARRAY_LEN(ways));
	tcase_add_test(tc, an_end_is_told_from_a_cut);
	tcase_add_test(tc, an_end_without_room_waits_for_room);
	tcase_add_test(tc, an_end_that_finds_no_room_is_told_later);
	tcase_add_test(tc, the_other_side_closing_unheard_is_no_error);
	tcase_add_test(tc, what_is_not_tls_gets_an_alert);
	tcase_add_test(tc, a_broken_record_ends_the_connection);
	tcase_add_test(tc, sessions_are_resumed_also_by_another_worker_with_the_keys);
	tcase_add_test(tc, tickets_live_for_two_keys);
	tcase_add_test(tc, the_certificate_goes_by_the_name);
	tcase_add_loop_test(tc, a_server_must_have_its_name_from_an_issuer_of_ours, 0, (int)ARRAY_LEN(servers_met));
	tcase_add_test(tc, an_expired_server_is_refused);
	tcase_add_loop_test(tc, of_protocols_http_1_1_is_taken, 0, (int)ARRAY_LEN(protocols));
}
