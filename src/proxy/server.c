/* SPDX-License-Identifier: MIT */
/* Connections to servers: opened, lent to one relay at a time, kept in the pool of their server in between. */
#include "base/base.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "proxy/parts.h"
#include "proxy/tls.h"

/* ---- max-connections ---------------------------------------------------------------------------------------------- */

bool server_is_full(const struct server *s)
{
	return atomic_load_explicit(&s->page->connections, memory_order_relaxed) >= s->conf->max_connections;
}

/* Our part of them, which is given back if we die: the one and the other count change at once, or nearly. */
static void count_place(struct server *s, uint32_t change)
{
	const uint32_t n = atomic_load_explicit(&s->share->connections, memory_order_relaxed);

	atomic_store_explicit(&s->share->connections, n + change, memory_order_relaxed);
}

bool server_claim(struct server *s)
{
	uint32_t n = atomic_load_explicit(&s->page->connections, memory_order_relaxed);

	do {
		if (n >= s->conf->max_connections)
			return false;
	} while (!atomic_compare_exchange_weak(&s->page->connections, &n, n + 1));
	count_place(s, 1);
	return true;
}

void server_unclaim(struct server *s)
{
	count_place(s, UINT32_MAX);
	atomic_fetch_sub_explicit(&s->page->connections, 1, memory_order_relaxed);
}

/* ---- events ------------------------------------------------------------------------------------------------------- */

static void count_idle(struct server *s, struct worker *w, int change)
{
	w->n_idle_servers += (uint32_t)change;
	atomic_store_explicit(&s->share->pooled, s->pool.n, memory_order_relaxed);
	atomic_store_explicit(&w->mine->idle_servers, w->n_idle_servers, memory_order_relaxed);
}

static void drop(struct server_conn *s, bool reset)
{
	struct worker *w = s->w;

	if (s->conn.stream.fd < 0)
		return;
	if (!s->client) {
		pool_remove(&s->server->pool, &s->place);
		count_idle(s->server, w, -1);
	}
	conn_close(&s->conn, reset);
	loop_timer_clear(&s->timer);
	if (s->server->conf->max_connections > 0) {
		server_unclaim(s->server);
		queue_serve_later(w);
	}
	s->next = w->dead_servers;
	w->dead_servers = s;
	loop_later(&w->loop, &w->bury);
}

static void on_event(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct server_conn *s = container_of(f, struct server_conn, conn.event);
	static const uint32_t said = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

	if (s->conn.stream.fd < 0)
		return;
	if (!s->client) {
		/* A server has nothing to say between exchanges: the end, or bytes nobody asked for. */
		if (events & said)
			drop(s, false);
		return;
	}
	s->w->reads = 0;
	s->w->moved = 0;
	/* An event of the turn in which it was taken from the pool is older than that: no answer to what was just sent. */
	if (s->turn == l->turn && (events & said)) {
		if (send_failed(s->client, END_SERVER_CLOSED) == STEP_ON)
			client_step(s->client);
		return;
	}
	conn_told(&s->conn, events);
	client_step(s->client);
}

/* It may have been used since, and the timer with it: then it is set anew when it is back in the pool. */
static void on_timer(struct loop *l, struct loop_timer *t)
{
	struct server_conn *s = container_of(t, struct server_conn, timer);
	uint64_t until_us;

	if (s->client)
		return;
	until_us = s->place.since_us + s->w->conf->pool_us;
	if (until_us > l->now_us)
		loop_timer_set(l, t, until_us);
	else
		drop(s, false);
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static int open_socket(struct server_conn *s, struct server *to)
{
	const int fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int off = 0;
	int e;

	if (fd < 0)
		return -errno;
	conn_init(&s->conn, fd, on_event);
	s->connecting = true;
	/* Our first bytes follow at once, and carry the last ACK of the handshake. */
	s->quiet = !to->tls && !s->w->conf->tcp;
	if (s->quiet)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	if (connect(fd, (const struct sockaddr *)&to->addr, to->addr_size) < 0 && errno != EINPROGRESS) {
		e = -errno;
		(void)close(fd);
		return e;
	}
	/* What is near has answered by now; for what is far an event will come. */
	s->conn.writable = !to->far;
	e = to->tls ? tls_connect(to->tls, &s->conn.stream) : 0;
	if (e < 0)
		conn_close(&s->conn, true);
	return e;
}

static struct server_conn *take_unused(struct worker *w)
{
	struct server_conn *s = w->unused_servers;

	if (s)
		w->unused_servers = s->next;
	else
		s = malloc(sizeof(*s));
	return s;
}

static int open_new(struct relay *r)
{
	struct worker *w = r->client->w;
	struct server *to = r->server;
	struct server_conn *s;
	int e;

	if (to->conf->max_connections > 0 && !r->claimed && !server_claim(to))
		return -EBUSY;
	r->claimed = false;
	s = take_unused(w);
	e = s ? 0 : -ENOMEM;
	if (s) {
		*s = (struct server_conn){ .w = w, .server = to, .client = r->client, .timer = { .on_timer = on_timer } };
		s->greeted = !to->tls && !to->conf->proxy_protocol;
		e = open_socket(s, to);
		if (e < 0 && worker_is_short(w, -e))
			e = open_socket(s, to);
	}
	if (e < 0) {
		if (to->conf->max_connections > 0)
			server_unclaim(to);
		if (s) {
			s->next = w->unused_servers;
			w->unused_servers = s;
		}
		return e;
	}
	r->to = s;
	r->e.reused = false;
	return 0;
}

int server_engage(struct relay *r, bool fresh)
{
	struct pool_place *p = fresh ? NULL : pool_take(&r->server->pool);
	struct server_conn *s;

	if (!p)
		return open_new(r);
	s = container_of(p, struct server_conn, place);
	count_idle(r->server, s->w, -1);
	s->client = r->client;
	s->turn = s->w->loop.turn;
	r->to = s;
	r->e.reused = true;
	return 0;
}

/* ---- letting go --------------------------------------------------------------------------------------------------- */

/* Nothing came beyond the answer. */
static bool is_silent(struct server_conn *s)
{
	char byte;

	if (s->conn.ending || s->conn.ended)
		return false;
	if (s->conn.readable)
		s->conn.readable = stream_read(&s->conn.stream, &byte, 1) != -EAGAIN;
	return !s->conn.readable;
}

void server_let_go(struct relay *r, bool again)
{
	struct server_conn *s = r->to;
	struct worker *w = s->w;

	r->to = NULL;
	again &= s->conn.watched && !s->conn.shut && !w->conf->per_request && is_silent(s);
	again &= !stream_holds(&s->conn.stream);
	if (s->server->conf->max_connections > 0 && w->page->n_workers > 1)
		again &= !server_is_full(s->server);
	if (!again) {
		drop(s, false);
		return;
	}
	s->client = NULL;
	pool_add(&s->server->pool, &s->place, w->loop.now_us);
	count_idle(s->server, w, 1);
	if (!loop_timer_is_set(&s->timer))
		loop_timer_set(&w->loop, &s->timer, w->loop.now_us + w->conf->pool_us);
	queue_serve_later(w);
}

void server_reset(struct relay *r)
{
	struct server_conn *s = r->to;

	r->to = NULL;
	drop(s, true);
}

bool servers_drop_oldest(struct worker *w)
{
	struct pool_place *oldest = NULL;

	for (size_t i = 0; i < w->n_servers; i++) {
		struct pool_place *p = w->servers[i].pool.oldest;

		if (p && (!oldest || p->since_us < oldest->since_us))
			oldest = p;
	}
	if (oldest)
		drop(container_of(oldest, struct server_conn, place), false);
	return oldest != NULL;
}

void servers_make_room(struct worker *w)
{
	if (!w->has_limits || w->page->n_workers == 1)
		return;
	for (size_t i = 0; i < w->n_servers; i++) {
		struct server *s = &w->servers[i];

		if (s->conf->max_connections == 0 || !server_is_full(s))
			continue;
		while (s->pool.oldest)
			drop(container_of(s->pool.oldest, struct server_conn, place), false);
	}
}

void server_push(struct server_conn *s)
{
	const int on = 1;

	if (s->pushed)
		return;
	s->pushed = true;
	/* Fails only on a socket that is gone. */
	(void)setsockopt(s->conn.stream.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void server_acknowledge(struct server_conn *s)
{
	const int on = 1;

	if (!s->quiet)
		return;
	s->quiet = false;
	(void)setsockopt(s->conn.stream.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* ---- servers as written ------------------------------------------------------------------------------------------- */

static void set_address(struct server *s)
{
	const struct endpoint *e = &s->conf->address.endpoint;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&s->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&s->addr;

	if (e->addr.family == AF_INET) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(e->port);
		memcpy(&v4->sin_addr, e->addr.b, 4);
		s->addr_size = sizeof(*v4);
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(e->port);
		memcpy(&v6->sin6_addr, e->addr.b, 16);
		s->addr_size = sizeof(*v6);
	}
	(void)endpoint_print(e, s->text);
}

void servers_start(struct worker *w)
{
	w->n_servers = w->conf->n_servers;
	w->servers = calloc(w->n_servers, sizeof(*w->servers));
	if (!w->servers)
		out_of_memory();
	for (size_t i = 0; i < w->n_servers; i++) {
		struct server *s = &w->servers[i];

		s->conf = &w->conf->servers[i];
		s->page = page_server(w->page, i);
		s->share = page_share(w->page, w->setup->number, i);
		s->tls = w->setup->tls_servers ? w->setup->tls_servers[i] : NULL;
		w->has_limits |= s->conf->max_connections > 0;
		set_address(s);
	}
}
