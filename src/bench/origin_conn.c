/* SPDX-License-Identifier: MIT */
/* A connection to an emulated server: one enum, one step function. A kept request without latency costs one receive and
 * one send: a read that gives less than asked for has emptied the socket, and epoll tells of the next bytes by an edge. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>

#include "bench/origin.h"
#include "bench/sockets.h"

enum { LINGER_US = 1000000 };

/* ---- beginning and end ----------------------------------------------------------------------------------------- */

void origin_conn_free(struct origin_conn *c)
{
	*c->back = c->next;
	if (c->next)
		c->next->back = c->back;
	if (c->io.fd >= 0)
		(void)close(c->io.fd);
	free(c->held);
	text_release(&c->asked);
	text_release(&c->own);
	free(c);
}

static void on_end(struct loop *l UNUSED, struct loop_task *t)
{
	origin_conn_free(container_of(t, struct origin_conn, end));
}

static bool is_served(const struct origin_conn *c)
{
	return c->state == ORIGIN_QUEUE || c->state == ORIGIN_SERVICE;
}

void origin_conn_drop(struct origin_conn *c, bool reset)
{
	struct origin *o = c->server->origin;

	if (c->io.fd >= 0) {
		c->server->open--;
		if (reset)
			socket_reset(c->io.fd);
		else
			(void)close(c->io.fd);
		c->io.fd = -1;
		origin_record(c, "close", "%s", reset ? "reset" : "closed");
	}
	if (is_served(c) || c->state == ORIGIN_CLOSED)
		return;
	c->state = ORIGIN_CLOSED;
	moments_clear(&o->moments, &c->moment);
	loop_later(&o->loop, &c->end);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static void begin_request(struct origin_conn *c, const struct http_head *h, const char *p)
{
	const struct str target = h->target_root ? STR("/") : (struct str){ p + h->target.at, h->target.n };

	c->method = h->method;
	c->minor = h->minor;
	c->close = h->close || (h->minor == 0 && !h->keep_alive) || !c->server->conf.keep;
	c->chunked = h->body == HTTP_BODY_CHUNKED;
	c->left = h->body == HTTP_BODY_LENGTH ? h->length : 0;
	c->received = 0;
	if (c->chunked)
		http_chunked_init(&c->chunks);
	text_clear(&c->asked);
	if (c->server->conf.reply != REPLY_SIZE)
		text_add(&c->asked, target.p, target.n);
	if (c->server->record >= 0)
		origin_record(c, "request", "%.*s %.*s HTTP/1.%u", (int)h->method_text.n, p + h->method_text.at, (int)target.n,
			      target.p, h->minor);
}

static bool is_complete(const struct origin_conn *c)
{
	return c->chunked ? c->chunks.ended : c->left == 0;
}

/* The client waits for it before it sends the body. So early the socket's buffer is empty: it fits. */
static void say_continue(const struct origin_conn *c)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	(void)!send(c->io.fd, line, sizeof(line) - 1, MSG_NOSIGNAL);
}

/* Takes bytes of the body; < 0: they are wrong. */
static int take_body(struct origin_conn *c, const char *p, size_t n)
{
	size_t taken = 0;

	while (taken < n && !is_complete(c)) {
		const char *data;
		size_t n_data = MIN((uint64_t)(n - taken), c->left);
		const int step = c->chunked ? http_chunked_read(&c->chunks, p + taken, n - taken, &data, &n_data) : (int)n_data;

		if (step < 0)
			return step;
		taken += (size_t)step;
		c->received += n_data;
		c->left -= c->chunked ? 0 : n_data;
	}
	return (int)taken;
}

/* Takes what belongs to the request that is being read; how many bytes that was. */
static size_t take_http(struct origin_conn *c, const char *p, size_t n)
{
	static const struct http_limits limits = { .head_bytes = ORIGIN_HEAD_LIMIT };
	static const struct http_refusal bad_body = { 400, "B1" };
	struct http_head *h = &c->server->origin->head;
	size_t taken = 0;

	if (c->state == ORIGIN_HEAD) {
		http_head_init(h);
		const int bytes = http_request_read(h, p, n, &limits);

		if (bytes < 0)
			origin_answer_refuse(c, &h->refusal);
		if (bytes <= 0)
			return 0;
		begin_request(c, h, p);
		c->state = ORIGIN_BODY;
		taken = (size_t)bytes;
		if (h->expect_continue && taken == n && !is_complete(c))
			say_continue(c);
	}
	const int body = take_body(c, p + taken, n - taken);

	if (body < 0) {
		origin_answer_refuse(c, &bad_body);
		return taken;
	}
	if (is_complete(c)) {
		origin_record(c, "body", "%" PRIu64, c->received);
		origin_server_arrive(c);
	}
	return taken + (size_t)body;
}

static size_t take_raw(struct origin_conn *c, const char *p, size_t n)
{
	text_clear(&c->asked);
	text_add(&c->asked, p, n);
	c->close = !c->server->conf.keep;
	origin_server_arrive(c);
	return n;
}

/* Keeps p[0..n), which may be within what is held, for the next look. False: no memory. */
static bool hold(struct origin_conn *c, const char *p, size_t n)
{
	if (n > 0 && p != c->held) {
		if (c->room < n) {
			char *bigger = realloc(c->held, MAX(n, (size_t)ORIGIN_INPUT));

			if (!bigger)
				return false;
			c->held = bigger;
			c->room = MAX(n, (size_t)ORIGIN_INPUT);
		}
		memmove(c->held, p, n);
	}
	c->n_held = n;
	return true;
}

/* More bytes: into the shared buffer, or behind those that are held. > 0: so many; 0: later; < 0: the connection is done. */
static ssize_t receive(struct origin_conn *c, char **p)
{
	struct origin *o = c->server->origin;
	char *room = o->input;
	size_t n = ORIGIN_INPUT;

	if (!c->readable)
		return 0;
	if (c->n_held) {
		if (c->n_held == c->room) {
			char *bigger = realloc(c->held, 2 * c->room);

			if (!bigger)
				return -ENOMEM;
			c->held = bigger;
			c->room *= 2;
		}
		room = c->held + c->n_held;
		n = c->room - c->n_held;
	}
	const ssize_t got = recv(c->io.fd, room, n, 0);

	if (got < 0 && errno == EAGAIN) {
		c->readable = false;
		return 0;
	}
	if (got <= 0)
		return -ECONNRESET;
	c->readable = (size_t)got == n || c->ended;
	*p = room;
	origin_record_bytes(c, room, (size_t)got);
	return got;
}

/* Reads until a request is complete; false: more is to come. */
static bool take_input(struct origin_conn *c)
{
	char *p = c->held;
	size_t n = c->n_held;

	if (!c->fresh) {
		const ssize_t got = receive(c, &p);

		if (got < 0)
			origin_conn_drop(c, false);
		if (got <= 0)
			return false;
		p = c->n_held ? c->held : p;
		n += (size_t)got;
	}
	const bool raw = spec_is_raw(&c->server->conf);
	const size_t taken = raw ? take_raw(c, p, n) : take_http(c, p, n);

	if (!hold(c, p + taken, n - taken))
		origin_conn_drop(c, true);
	/* What a request left behind is looked at once that is answered. */
	c->fresh = c->n_held > 0 && c->state != ORIGIN_HEAD && c->state != ORIGIN_BODY;
	return true;
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

static void on_linger_end(struct moments *m UNUSED, struct moment *t)
{
	origin_conn_drop(container_of(t, struct origin_conn, moment), false);
}

static void begin_linger(struct origin_conn *c)
{
	c->state = ORIGIN_LINGER;
	(void)shutdown(c->io.fd, SHUT_WR);      /* fails only for a peer that is gone, as the next read will say */
	c->moment.on_moment = on_linger_end;
	moments_set(&c->server->origin->moments, &c->moment, clock_us() + LINGER_US);
}

static bool linger(struct origin_conn *c)
{
	struct origin *o = c->server->origin;
	const ssize_t got = recv(c->io.fd, o->input, ORIGIN_INPUT, 0);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		origin_conn_drop(c, false);
	return got > 0;
}

static void end_answer(struct origin_conn *c)
{
	switch (c->then) {
	case ORIGIN_THEN_KEEP:
		c->state = ORIGIN_HEAD;
		break;
	case ORIGIN_THEN_CLOSE:
	case ORIGIN_THEN_RESET:
		origin_conn_drop(c, c->then == ORIGIN_THEN_RESET);
		break;
	case ORIGIN_THEN_LINGER:
		begin_linger(c);
		break;
	}
}

static bool send_answer(struct origin_conn *c)
{
	if (!origin_answer_send(c))
		return false;
	end_answer(c);
	return true;
}

static void on_event(struct loop *l UNUSED, struct loop_fd *f, uint32_t events)
{
	struct origin_conn *c = container_of(f, struct origin_conn, io);

	if (c->io.fd < 0)
		return;
	c->readable |= (events & (EPOLLIN | EPOLLRDHUP)) != 0;
	c->ended |= (events & EPOLLRDHUP) != 0;
	/* Nobody waits any longer for a hung answer. */
	if (events & (EPOLLHUP | EPOLLERR) || (c->state == ORIGIN_HUNG && c->ended))
		origin_conn_drop(c, false);
	else
		origin_conn_step(c);
}

static void watch(struct origin_conn *c)
{
	if (c->watched || c->io.fd < 0)
		return;
	c->watched = true;
	if (loop_add(&c->server->origin->loop, &c->io, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
		origin_conn_drop(c, true);      /* no memory for one more: this one alone suffers */
}

void origin_conn_step(struct origin_conn *c)
{
	bool moves = true;

	while (moves) {
		switch (c->state) {
		case ORIGIN_HEAD:
		case ORIGIN_BODY:
			moves = take_input(c);
			break;
		case ORIGIN_ANSWER:
			moves = send_answer(c);
			break;
		case ORIGIN_LINGER:
			moves = linger(c);
			break;
		case ORIGIN_QUEUE:
		case ORIGIN_SERVICE:
		case ORIGIN_HUNG:
		case ORIGIN_CLOSED:
			moves = false;
			break;
		}
	}
	watch(c);
}

void origin_conn_open(struct origin_server *s, int fd)
{
	struct origin_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		socket_reset(fd);
		return;
	}
	c->io = (struct loop_fd){ fd, on_event };
	c->end.run = on_end;
	c->server = s;
	c->number = ++s->connections;
	c->readable = true;
	c->next = s->conns;
	c->back = &s->conns;
	if (c->next)
		c->next->back = &c->next;
	s->conns = c;
	s->open++;
	if (s->record >= 0) {
		struct endpoint peer;
		char text[ENDPOINT_TEXT];

		socket_peer(fd, &peer);
		origin_record(c, "open", "%s", endpoint_print(&peer, text));
	}
	origin_conn_step(c);
}
