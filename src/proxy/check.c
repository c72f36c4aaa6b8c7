/* SPDX-License-Identifier: MIT */
/* A check of a server: connect, where it is due a PROXY head and TLS, then a request and the status of its answer. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/loop.h"
#include "base/proxyhead.h"
#include "http/head.h"
#include "proxy/check.h"
#include "proxy/master.h"
#include "proxy/service.h"
#include "proxy/socket.h"
#include "proxy/stream.h"
#include "proxy/tls.h"

enum { ANSWER_BYTES = 16 << 10, FIRST_ROUND_US = 1000000 };

enum check_state { CHECK_WAITS, CHECK_CONNECT, CHECK_HEAD, CHECK_HANDSHAKE, CHECK_SEND, CHECK_ANSWER };

struct check {
	struct service *service;
	size_t server;
	enum check_state state;
	struct stream stream;
	struct loop_fd fd;
	struct loop_timer timer;        /* waiting: the next check; else the time-out */
	uint64_t base_us, round;
	struct text out;                /* what is to be sent in this state */
	size_t sent;
	char *in;                       /* ANSWER_BYTES, while a check runs */
	size_t n;
};

uint64_t check_due_us(uint64_t interval_us, size_t i, size_t n, uint64_t k)
{
	const uint64_t over_us = k == 0 ? MIN(interval_us, (uint64_t)FIRST_ROUND_US) : interval_us;

	return k * interval_us + over_us * i / n;
}

/* ---- its end --------------------------------------------------------------------------------------------------------- */

static void put_away(struct check *c)
{
	if (c->stream.fd >= 0) {
		loop_remove(&c->service->master->loop, &c->fd);
		stream_close(&c->stream);
	}
	free(c->in);
	c->in = NULL;
	text_release(&c->out);
	c->state = CHECK_WAITS;
}

static void wait_for_next(struct check *c)
{
	const struct service *s = c->service;
	const uint64_t now_us = clock_us();
	uint64_t at_us;

	do
		at_us = c->base_us + check_due_us(s->conf->health_interval_us, c->server, s->conf->n_servers, ++c->round);
	while (at_us <= now_us);
	loop_timer_set(&s->master->loop, &c->timer, at_us);
}

static void finish(struct check *c, bool good)
{
	struct service *s = c->service;
	const enum health_result r = good ? HEALTH_GOOD : tls_reason(&c->stream) ? HEALTH_CERTIFICATE : HEALTH_BAD;

	put_away(c);
	wait_for_next(c);
	if (health_checked(&s->health, c->server, r, clock_us()))
		service_publish(s);
}

/* ---- its steps ------------------------------------------------------------------------------------------------------- */

static int connected(struct check *c)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(c->stream.fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		return -errno;
	if (err)
		return -err;
	struct sockaddr_storage peer;

	n = sizeof(peer);
	return getpeername(c->stream.fd, (struct sockaddr *)&peer, &n) < 0 ? -EAGAIN : 0;
}

static void put_head(struct check *c)
{
	const struct proxyhead local = { .known = false };
	char bytes[PROXYHEAD_WRITTEN];

	if (c->service->conf->servers[c->server].proxy_protocol)
		text_add(&c->out, bytes, proxyhead_write(&local, bytes));
}

static void put_request(struct check *c)
{
	const struct server_conf *to = &c->service->conf->servers[c->server];
	char at[ENDPOINT_TEXT];

	text_clear(&c->out);
	c->sent = 0;
	text_printf(&c->out, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: nlbc\r\nConnection: close\r\n\r\n", c->service->conf->health_url,
		    to->tls_name ? to->tls_name : endpoint_print(&to->address.endpoint, at));
}

static int send_out(struct check *c)
{
	while (c->sent < c->out.n) {
		const struct iovec v = { c->out.p + c->sent, c->out.n - c->sent };
		const ssize_t n = stream_write(&c->stream, &v, 1, false);

		if (n < 0)
			return (int)n;
		c->sent += (size_t)n;
	}
	return 0;
}

/* 1: the final head says a good status; 0: more; -EPROTO: another, or none. */
static int judge(struct check *c)
{
	const struct proxy_conf *conf = c->service->conf;
	const struct http_limits limits = { .head_bytes = ANSWER_BYTES };
	struct http_head h;

	for (;;) {
		http_head_init(&h);
		const int n = http_answer_read(&h, c->in, c->n, &limits);

		if (n <= 0)
			return n < 0 ? -EPROTO : 0;
		if (h.status >= 200)
			return h.status >= conf->health_status_min && h.status <= conf->health_status_max ? 1 : -EPROTO;
		c->n -= (size_t)n;
		memmove(c->in, c->in + n, c->n);
	}
}

static int read_answer(struct check *c)
{
	for (;;) {
		const ssize_t n = stream_read(&c->stream, c->in + c->n, ANSWER_BYTES - c->n);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return -ECONNRESET;
		c->n += (size_t)n;
		const int judged = judge(c);

		if (judged)
			return judged < 0 ? judged : 0;
		if (c->n == ANSWER_BYTES)
			return -EPROTO;
	}
}

/* As far as it goes. 0: the server is good; -EAGAIN: not yet; any other: it is not. */
static int step(struct check *c)
{
	struct service *s = c->service;
	struct tls_server *tls = s->tls_servers[c->server];
	int err = 0;

	switch (c->state) {
	case CHECK_WAITS:
		return -EAGAIN;
	case CHECK_CONNECT:
		err = connected(c);
		if (err)
			return err;
		put_head(c);
		c->state = CHECK_HEAD;
		__attribute__((fallthrough));
	case CHECK_HEAD:
		err = send_out(c);
		if (!err && tls)
			err = tls_connect(tls, &c->stream);
		if (err)
			return err;
		c->state = CHECK_HANDSHAKE;
		__attribute__((fallthrough));
	case CHECK_HANDSHAKE:
		err = stream_handshake(&c->stream);
		if (err || s->conf->health_tcp)
			return err;
		put_request(c);
		c->state = CHECK_SEND;
		__attribute__((fallthrough));
	case CHECK_SEND:
		err = send_out(c);
		if (err)
			return err;
		c->state = CHECK_ANSWER;
		__attribute__((fallthrough));
	case CHECK_ANSWER:
		err = read_answer(c);
	}
	return err;
}

static void go_on(struct check *c)
{
	const int err = step(c);

	if (err != -EAGAIN)
		finish(c, err == 0);
}

static void on_event(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	go_on(container_of(f, struct check, fd));
}

static int begin(struct check *c)
{
	struct loop *l = &c->service->master->loop;
	struct sockaddr_storage to;
	const socklen_t n = socket_address(&c->service->conf->servers[c->server].address.endpoint, &to);

	c->stream = (struct stream){ .fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
	if (c->stream.fd < 0)
		return -errno;
	c->n = c->sent = 0;
	c->in = malloc(ANSWER_BYTES);
	if (!c->in)
		return -ENOMEM;
	if (connect(c->stream.fd, (struct sockaddr *)&to, n) < 0 && errno != EINPROGRESS)
		return -errno;
	c->state = CHECK_CONNECT;
	c->fd.fd = c->stream.fd;
	loop_timer_set(l, &c->timer, clock_us() + c->service->conf->health_timeout_us);
	return loop_add(l, &c->fd, EPOLLIN | EPOLLOUT | EPOLLET);
}

/* A shortage of our own says nothing of the server: the check is left out. */
static bool is_shortage(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -ENOBUFS || err == -EADDRNOTAVAIL;
}

static void on_timer(struct loop *l UNUSED, struct loop_timer *t)
{
	struct check *c = container_of(t, struct check, timer);

	if (c->state != CHECK_WAITS) {
		finish(c, false);
		return;
	}
	const int err = begin(c);

	if (is_shortage(err)) {
		put_away(c);
		wait_for_next(c);
	} else if (err) {
		finish(c, false);
	}
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

struct check *checks_new(struct service *s, struct arena *a)
{
	if (!s->conf->has_health)
		return NULL;
	struct check *list = arena_array(a, struct check, s->conf->n_servers);

	for (size_t i = 0; i < s->conf->n_servers; i++)
		list[i] = (struct check){ .service = s, .server = i, .stream = { .fd = -1 }, .fd = { .fd = -1, .on_event = on_event },
					  .timer = { .on_timer = on_timer } };
	return list;
}

void checks_start(struct service *s)
{
	const uint64_t now_us = clock_us();

	for (size_t i = 0; s->checks && i < s->conf->n_servers; i++) {
		struct check *c = &s->checks[i];

		c->base_us = now_us;
		c->round = 0;
		loop_timer_set(&s->master->loop, &c->timer, now_us + check_due_us(s->conf->health_interval_us, i, s->conf->n_servers, 0));
	}
}

void checks_stop(struct service *s)
{
	for (size_t i = 0; s->checks && i < s->conf->n_servers; i++) {
		loop_timer_clear(&s->checks[i].timer);
		put_away(&s->checks[i]);
	}
}
