/* SPDX-License-Identifier: MIT */
/* What comes before a client's first request: a PROXY head, then TLS. Both within the patience of the first head. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/proxyhead.h"
#include "proxy/parts.h"
#include "proxy/tls.h"

/* It breaks a protocol before there is any request: logged, and what it still sends thrown away. */
static enum step refuse(struct client *c, enum exchange_end end)
{
	if (relay_new(c))
		relay_end(c, end);
	stream_forget_tls(&c->conn.stream);
	return linger_begin(c);
}

/* ---- PROXY heads ------------------------------------------------------------------------------------------------- */

bool client_is_trusted(const struct client *c)
{
	const struct proxy_conf *conf = c->w->conf;

	for (size_t i = 0; i < conf->n_trust; i++)
		if (prefix_has(&conf->trust[i].prefix, &c->peer.addr))
			return true;
	return false;
}

/* The head is looked at in the socket and taken when it is whole: what follows is another's. */
enum step proxyhead_step(struct client *c)
{
	struct worker *w = c->w;
	struct proxyhead h;
	const ssize_t n = recv(c->conn.stream.fd, w->buf, PROXYHEAD_V2_BYTES, MSG_PEEK | MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		client_close(c, false);
		return STEP_WAIT;
	}
	c->begun = n > 0;

	const int bytes = n > 0 ? proxyhead_read(w->buf, (size_t)n, &h) : 0;

	if (bytes == 0 && !c->conn.ending)
		return STEP_WAIT;
	if (bytes <= 0 || recv(c->conn.stream.fd, w->buf, (size_t)bytes, MSG_DONTWAIT) != bytes)
		return refuse(c, END_BAD_HEAD);
	if (h.known) {
		c->peer = h.source;
		c->local = h.destination;
	}
	c->address = addresses_add(w->addresses, &c->peer.addr);
	c->conn.readable = true;
	return client_open(c);
}

/* ---- TLS --------------------------------------------------------------------------------------------------------- */

enum step greet_step(struct client *c)
{
	const int e = stream_handshake(&c->conn.stream);

	if (e == -EAGAIN)
		return STEP_WAIT;
	if (e == -EPROTO)
		return refuse(c, END_BAD_TLS);
	if (e < 0) {
		client_close(c, false);
		return STEP_WAIT;
	}
	c->conn.readable = c->conn.writable = true;    /* what came with the handshake is at hand already */
	c->greeted = true;
	return client_open(c);
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

enum step client_open(struct client *c)
{
	struct worker *w = c->w;

	if (w->setup->tls && !c->greeted) {
		c->state = CLIENT_GREET;
		if (tls_accept(w->setup->tls, &c->conn.stream) == 0)
			return STEP_ON;
		client_close(c, true);
		(void)worker_is_short(w, ENOMEM);
		return STEP_WAIT;
	}
	if (w->conf->tcp)
		return tunnel_start(c);
	c->state = CLIENT_HEAD;
	return STEP_ON;
}

enum step client_begin(struct client *c)
{
	if (!c->w->conf->proxy_protocol)
		return client_open(c);
	c->state = CLIENT_PROXYHEAD;
	/* Who may not speak for others is not heard. */
	if (client_is_trusted(c))
		return STEP_ON;
	if (relay_new(c))
		relay_end(c, END_BAD_HEAD);
	client_close(c, false);
	return STEP_WAIT;
}

void greet_timeout(struct client *c)
{
	const bool begun = c->state == CLIENT_PROXYHEAD ? c->begun : stream_heard(&c->conn.stream);

	if (begun && relay_new(c))
		relay_end(c, c->state == CLIENT_PROXYHEAD ? END_BAD_HEAD : END_BAD_TLS);
	client_close(c, false);
}

/* ---- to servers -------------------------------------------------------------------------------------------------- */

static struct endpoint local_of(const struct client *c)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);

	if (c->local.addr.family)
		return c->local;
	(void)getsockname(c->conn.stream.fd, (struct sockaddr *)&a, &n);        /* fails: of no family */
	return endpoint_of(&a);
}

static int introduce(struct relay *r)
{
	const struct client *c = r->client;
	struct server_conn *s = r->to;
	/* In tcp it may be all that is said for a while. */
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (c->w->conf->tcp && !s->server->tls ? 0 : MSG_MORE);
	struct proxyhead h = { .source = c->peer, .destination = local_of(c) };
	char head[PROXYHEAD_WRITTEN];

	h.known = h.source.addr.family == h.destination.addr.family;

	const size_t n = proxyhead_write(&h, head);
	const ssize_t sent = send(s->conn.stream.fd, head, n, flags);

	if (sent < 0)
		return -errno;
	s->introduced = true;
	return (size_t)sent == n ? 0 : -EPIPE;          /* a fresh socket has room for it */
}

/* A certificate that does not fit looks like any failed connect, but for this. */
static void tell_reason(struct worker *w, const struct server_conn *s)
{
	const char *reason = tls_reason(&s->conn.stream);

	if (!reason || (w->refused_told_us && w->loop.now_us - w->refused_told_us < SECOND_US))
		return;
	w->refused_told_us = w->loop.now_us;
	orders_tell(w, "event kind=server proxy=%s name=%s reason=%s", w->conf->name, s->server->conf->name, reason);
}

int greet_server(struct relay *r)
{
	struct worker *w = r->client->w;
	struct server_conn *s = r->to;
	int e = s->server->conf->proxy_protocol && !s->introduced ? introduce(r) : 0;

	if (e == 0 && s->server->tls) {
		e = stream_handshake(&s->conn.stream);
		if (e == 0)
			s->conn.writable = s->conn.readable = true;
		else if (e != -EAGAIN)
			tell_reason(w, s);
	}
	s->greeted = e == 0;
	return e;
}
