/* SPDX-License-Identifier: MIT */
/* What an emulated server answers, and how it fails. Small answers are one send; bodies of more than 16 KiB go by
 * sendfile from memory, so that the server costs less than whoever passes them on. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "bench/origin.h"

enum { FILE_LIMIT = 256 << 20, SLOW_US = 20000 };

static const char fixed58[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nHello, world!\n";

/* ---- what is said ---------------------------------------------------------------------------------------------- */

/* 204 and 304 have no body, and so no length. */
static bool has_no_body(unsigned status)
{
	return status == 204 || status == 304;
}

static void add_head(struct text *t, const struct origin_server *s, unsigned status, uint64_t length, const char *connection)
{
	const char *phrase = http_phrase(status);

	text_printf(t, "HTTP/1.1 %u %s\r\n", status, *phrase ? phrase : "Status");
	if (!has_no_body(status))
		text_printf(t, "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %" PRIu64 "\r\n", length);
	text_printf(t, "X-Origin: %s\r\n%s\r\n", s->conf.name, connection);
}

void origin_answer_prepare(struct origin_server *s)
{
	static const char *const connections[] = { "", "Connection: close\r\n" };

	for (unsigned i = 0; i < 2; i++) {
		auto_text struct text t = { 0 };

		s->ready[i] = (struct str){ 0 };
		if (s->conf.reply != REPLY_SIZE || s->conf.reply_bytes > ORIGIN_INLINE)
			continue;
		add_head(&t, s, 200, s->conf.reply_bytes, connections[i]);
		text_add(&t, s->origin->pattern_bytes, (size_t)s->conf.reply_bytes);
		/* Not freed before the end: somebody may still be sending the one before. */
		s->ready[i] = (struct str){ arena_copy(s->origin->bench->arena, text_get(&t), t.n), t.n };
	}
}

/* "/123" means 123 bytes; false: another path. */
static bool path_bytes(const struct text *target, uint64_t *bytes)
{
	const char *query = memchr(text_get(target), '?', target->n);
	const size_t n = query ? (size_t)(query - target->p) : target->n;

	return n > 1 && target->p[0] == '/' && parse_uint((struct str){ target->p + 1, n - 1 }, bytes) == 0 &&
	       *bytes <= UINT64_C(1) << 40;
}

static const char *connection_field(const struct origin_conn *c)
{
	return c->close ? "Connection: close\r\n" : c->minor == 0 ? "Connection: keep-alive\r\n" : "";
}

/* Head and small body into c->own, a large one stays with the pattern; returns the length of the head. */
static size_t say_http(struct origin_conn *c, unsigned status)
{
	const struct origin_server *s = c->server;
	auto_text struct text said = { 0 };
	uint64_t bytes = s->conf.reply_bytes;

	if (s->conf.reply == REPLY_PATH && !path_bytes(&c->asked, &bytes)) {
		status = status == 200 ? 404 : status;
		bytes = 0;
	}
	if (s->conf.reply == REPLY_TARGET)
		text_add(&said, text_get(&c->asked), c->asked.n);
	if (s->conf.reply == REPLY_HELLO)
		text_printf(&said, "Hello from %s \xe2\x80\x93 simulated %" PRIu64 "ms\n", s->conf.name, (c->service_us + 500) / 1000);
	const bool own = s->conf.reply == REPLY_TARGET || s->conf.reply == REPLY_HELLO;

	if (own)
		bytes = said.n;
	text_clear(&c->own);
	add_head(&c->own, s, status, bytes, connection_field(c));
	const size_t head = c->own.n;

	if (c->method == HTTP_HEAD || has_no_body(status))
		bytes = 0;
	else if (own)
		text_add(&c->own, text_get(&said), said.n);
	else if (bytes <= ORIGIN_INLINE)
		text_add(&c->own, s->origin->pattern_bytes, (size_t)bytes);
	else
		c->body_left = bytes;
	return head;
}

/* The bytes asked for are a plain file name; what stands in it without white space at its end. False: there is none. */
static bool say_file(struct origin_conn *c)
{
	struct str name = { text_get(&c->asked), c->asked.n };
	auto_free char *bytes = NULL;
	char path[PATH_MAX];
	size_t n = 0;

	while (name.n && strchr(" \t\r\n", name.p[name.n - 1]))
		name.n--;
	if (name.n == 0 || name.n > NAME_MAX || memchr(name.p, '/', name.n) || memchr(name.p, 0, name.n) ||
	    str_is(name, ".") || str_is(name, ".."))
		return false;
	const int length = snprintf(path, sizeof(path), "%s/%.*s", c->server->conf.reply_dir, (int)name.n, name.p);

	if (length < 0 || (size_t)length >= sizeof(path) || read_file(path, FILE_LIMIT, &bytes, &n))
		return false;
	while (n && bytes[n - 1] && strchr(" \t\r\n\v\f", bytes[n - 1]))
		n--;
	text_clear(&c->own);
	text_add(&c->own, bytes, n);
	return true;
}

/* Returns the length of what stands before the body; -1: there is no answer. */
static ssize_t say(struct origin_conn *c, unsigned status)
{
	struct origin_server *s = c->server;
	const bool usual = s->conf.reply == REPLY_SIZE && status == 200 && c->method != HTTP_HEAD && (c->minor == 1 || c->close);
	ssize_t head = 0;

	c->body_left = c->body_at = 0;
	if (usual && s->ready[c->close].n) {
		c->out = s->ready[c->close].p;
		c->n_out = s->ready[c->close].n;
		return (ssize_t)(c->n_out - s->conf.reply_bytes);
	}
	switch (s->conf.reply) {
	case REPLY_SIZE:
	case REPLY_PATH:
	case REPLY_TARGET:
	case REPLY_HELLO:
		head = (ssize_t)say_http(c, status);
		break;
	case REPLY_FIXED58:
		c->out = fixed58;
		c->n_out = sizeof(fixed58) - 1;
		return 0;
	case REPLY_FILE:
		head = say_file(c) ? 0 : -1;
		break;
	case REPLY_ECHO:
		c->out = text_get(&c->asked);
		c->n_out = c->asked.n;
		return 0;
	}
	c->out = text_get(&c->own);
	c->n_out = c->own.n;
	return head;
}

/* ---- how it goes wrong ----------------------------------------------------------------------------------------- */

static enum fail_kind choose_fail(struct origin_server *s)
{
	if (s->conf.fail == FAIL_NONE)
		return FAIL_NONE;
	if (s->conf.share_ppm < 1000000 && chance_unit(&s->chance) * 1e6 >= s->conf.share_ppm)
		return FAIL_NONE;
	return s->conf.fail;
}

/* Ends after so many bytes of the body. */
static void cut(struct origin_conn *c, size_t head, uint64_t bytes)
{
	const uint64_t inline_bytes = MIN((uint64_t)(c->n_out - head), bytes);

	c->n_out = head + (size_t)inline_bytes;
	c->body_left = MIN(c->body_left, bytes - inline_bytes);
}

static void say_garbage(struct origin_conn *c)
{
	static const char garbage[] = "\x16\x03 this is no answer \xff\n\n";

	c->out = garbage;
	c->n_out = sizeof(garbage) - 1;
	c->body_left = 0;
	c->then = ORIGIN_THEN_CLOSE;
}

void origin_answer(struct origin_conn *c)
{
	struct origin_server *s = c->server;
	const enum fail_kind fail = choose_fail(s);

	s->failed += fail != FAIL_NONE;
	c->state = fail == FAIL_HANG ? ORIGIN_HUNG : ORIGIN_ANSWER;
	if (fail == FAIL_HANG)
		return;
	const ssize_t head = say(c, fail == FAIL_STATUS ? (unsigned)s->conf.fail_number : 200);

	c->then = c->close ? ORIGIN_THEN_CLOSE : ORIGIN_THEN_KEEP;
	c->slow_bps = fail == FAIL_SLOW ? s->conf.fail_number : 0;
	if (fail == FAIL_REFUSE || fail == FAIL_RESET || head < 0) {
		s->failed += head < 0 && fail == FAIL_NONE;
		origin_conn_drop(c, fail == FAIL_RESET);
	} else if (fail == FAIL_GARBAGE) {
		say_garbage(c);
	} else if (fail == FAIL_CUT || fail == FAIL_RESET_AFTER) {
		cut(c, (size_t)head, s->conf.fail_number);
		c->then = fail == FAIL_CUT ? ORIGIN_THEN_CLOSE : ORIGIN_THEN_RESET;
	}
}

void origin_answer_refuse(struct origin_conn *c, const struct http_refusal *why)
{
	c->server->refused++;
	origin_record(c, "refused", "%u %s", why->status, why->rule);
	text_clear(&c->own);
	add_head(&c->own, c->server, why->status, 0, "Connection: close\r\n");
	c->out = text_get(&c->own);
	c->n_out = c->own.n;
	c->body_left = c->slow_bps = 0;
	c->then = ORIGIN_THEN_LINGER;
	c->state = ORIGIN_ANSWER;
}

/* ---- sending --------------------------------------------------------------------------------------------------- */

/* At most `most` bytes; what was sent, 0: the peer takes none now; < 0: it is gone. */
static ssize_t send_some(struct origin_conn *c, uint64_t most)
{
	ssize_t sent;

	if (c->n_out) {
		const bool more = c->body_left && most > c->n_out;

		sent = send(c->io.fd, c->out, MIN((uint64_t)c->n_out, most), MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	} else {
		off_t at = (off_t)(c->body_at % ORIGIN_PATTERN);
		const uint64_t wanted = MIN(c->body_left, most);

		sent = sendfile(c->io.fd, c->server->origin->pattern, &at, (size_t)MIN(wanted, (uint64_t)(ORIGIN_PATTERN - at)));
	}
	if (sent < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (c->n_out) {
		c->out += sent;
		c->n_out -= (size_t)sent;
	} else {
		c->body_at += (uint64_t)sent;
		c->body_left -= (uint64_t)sent;
	}
	return sent;
}

static void on_slow(struct moments *m UNUSED, struct moment *t)
{
	origin_conn_step(container_of(t, struct origin_conn, moment));
}

/* A slice now, the next one when it is due. */
static bool send_slowly(struct origin_conn *c)
{
	const uint64_t slice = MAX(c->slow_bps / 8 * SLOW_US / 1000000, (uint64_t)1);

	if (c->moment.place)
		return false;
	if (send_some(c, slice) < 0) {
		origin_conn_drop(c, false);
		return false;
	}
	if (c->n_out + c->body_left == 0)
		return true;
	c->moment.on_moment = on_slow;
	moments_set(&c->server->origin->moments, &c->moment, clock_us() + slice * 8 * 1000000 / c->slow_bps);
	return false;
}

bool origin_answer_send(struct origin_conn *c)
{
	if (c->slow_bps)
		return send_slowly(c);
	while (c->n_out + c->body_left) {
		const ssize_t sent = send_some(c, UINT64_MAX);

		if (sent < 0)
			origin_conn_drop(c, false);
		if (sent <= 0)
			return false;
	}
	return true;
}
