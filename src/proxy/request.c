/* SPDX-License-Identifier: MIT */
/* A request: its head is read, checked, written anew for a server, and held until an answer begins. A head that comes whole
 * is read where it stands; only one in pieces is collected. */
#include "base/base.h"

#include <errno.h>

#include "http/cookie.h"
#include "proxy/parts.h"

static struct str client_text(const struct client *c, char buf[ADDR_TEXT])
{
	return str_of(addr_print(&c->peer.addr, buf));
}

static enum http_forwarded forwarded(const struct proxy_conf *c)
{
	switch (c->forwarded) {
	case FORWARDED_X:
		return HTTP_FORWARDED_X;
	case FORWARDED_RFC7239:
		return HTTP_FORWARDED_RFC7239;
	case FORWARDED_BOTH:
		return HTTP_FORWARDED_BOTH;
	case FORWARDED_NONE:
		return HTTP_FORWARDED_NONE;
	}
	return HTTP_FORWARDED_X;
}

/* The head as the server gets it, in w->out: its length, or < 0. */
static int write_head(struct client *c, const struct http_head *h, const char *p)
{
	struct worker *w = c->w;
	char buf[ADDR_TEXT];
	const struct http_request_pass pass = {
		.client = client_text(c, buf),
		.client_is_ipv6 = c->peer.addr.family == AF_INET6,
		.trusted = w->conf->n_trust > 0 && client_is_trusted(c),
		.tls = w->setup->tls != NULL,
		.forwarded = forwarded(w->conf),
		.server = str_of(w->servers[0].text),
		.close = w->conf->per_request,
	};

	return http_request_write(h, p, &pass, w->out, w->out_room);
}

/* What of the head is needed when the head is gone. */
static void note(struct relay *r, const struct http_head *h)
{
	r->method = h->method;
	r->minor_0 = h->minor == 0;
	r->keep = !r->client->w->conf->per_request && !h->close && (h->minor > 0 || h->keep_alive);
	r->upgrade = h->upgrade;
	r->hostless = !h->has_host;
	r->head_bytes = h->bytes;
	flow_init(&r->down, HTTP_BODY_NONE, 0, false);
}

/* The server that the client is bound to. */
static int bound_server(const struct worker *w, const struct http_head *h, const char *p)
{
	return w->sticky ? sticky_find(w->sticky, http_cookie_find(h, p, str_of(w->conf->sticky))) : -1;
}

/* The held bytes begin with the request's line, which is kept for the log, and go on with the head as it is sent. */
static int hold_head(struct client *c, const struct http_head *h, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct buffer held = r->up.held;
	const char *end = memchr(w->out, '\r', n), *space = memchr(w->out, ' ', n);

	flow_init(&r->up, h->body, h->length, h->body == HTTP_BODY_CHUNKED);
	r->up.held = held;
	r->up.limit = w->conf->limit_body_bytes;
	r->up.whole = true;
	r->up.hold = http_method_repeatable(h->method);
	r->n_method = (uint16_t)(space - w->out);
	r->n_line = (uint16_t)(end - w->out - (long)sizeof(" HTTP/1.1") + 1);
	if (buffer_add(&w->buffers, &r->up.held, w->out, r->n_line) < 0 ||
	    buffer_add(&w->buffers, &r->up.held, w->out, n) < 0)
		return -ENOMEM;
	buffer_uncount(&w->buffers, &r->up.held);
	r->up.kept = r->up.held.at = r->n_line;
	return 0;
}

/* A whole head and n bytes from its first on. */
static enum step begin(struct client *c, const struct http_head *h, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = relay_new(c);
	const bool for_us = h->method == HTTP_OPTIONS && h->max_forwards == 0;
	enum flow_end end;
	int e;

	if (!r) {
		client_close(c, true);
		return STEP_WAIT;
	}
	note(r, h);
	r->bound = bound_server(w, h, p);
	e = write_head(c, h, p);
	if (e < 0 || hold_head(c, h, (size_t)e) < 0)
		return own_answer(c, 431, END_TOO_LARGE);
	if (h->body == HTTP_BODY_LENGTH && h->length > w->conf->limit_body_bytes)
		return own_answer(c, 413, END_TOO_LARGE);
	end = flow_take(w, &r->up, NULL, (struct str){ 0 }, p + h->bytes, n - h->bytes);
	if (end == FLOW_BAD)
		return own_answer(c, 400, END_BAD_REQUEST);
	if (end == FLOW_LARGE)
		return own_answer(c, 413, END_TOO_LARGE);
	if (end == FLOW_REFUSED || client_keep_rest(c, r->up.rest, r->up.n_rest) < 0) {
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	}
	return for_us ? own_answer(c, 200, END_OK) : pick_step(c);
}

/* n bytes of it have come. */
static enum step refuse(struct client *c, const struct http_head *h, size_t n)
{
	const unsigned status = h->refusal.status;
	struct relay *r = relay_new(c);
	char buf[ENDPOINT_TEXT];

	if (!r) {
		client_close(c, true);
		return STEP_WAIT;
	}
	if (c->w->setup->verbose)
		orders_tell(c->w, "event kind=request proxy=%s name=- from=%s reason=%s", c->w->conf->name,
			    endpoint_print(&c->peer, buf), h->refusal.rule);
	r->head_bytes = (uint32_t)n;
	return own_answer(c, status, status == 413 || status == 414 || status == 431 ? END_TOO_LARGE : END_BAD_REQUEST);
}

/* Bytes of a head from its first on: all that are there. */
static enum step take(struct client *c, struct http_head *h, char *p, size_t n)
{
	struct input *i;
	const int e = http_request_read(h, p, n, &c->w->limits);

	if (e > 0)
		return begin(c, h, p, n);
	if (e < 0)
		return refuse(c, h, n);
	if (!c->input) {
		i = c->input = input_new(c->w);
		if (!i || buffer_add(&c->w->buffers, &i->bytes, p, n) < 0) {
			client_close(c, true);
			return STEP_WAIT;
		}
		buffer_uncount(&c->w->buffers, &i->bytes);
		i->head = *h;
		if (c->kept)
			client_wait(c, c->w->conf->request_us);
	}
	return STEP_ON;
}

/* The client ended before its request did. */
static enum step left(struct client *c)
{
	struct relay *r = c->input ? relay_new(c) : NULL;

	if (r) {
		r->head_bytes = c->input->bytes.n;
		relay_end(c, END_CLIENT_GONE);
	}
	client_close(c, false);
	return STEP_WAIT;
}

enum step request_step(struct client *c)
{
	struct worker *w = c->w;
	struct input *i = c->input;
	ssize_t n;

	if (i && i->fresh) {
		i->fresh = false;
		buffer_uncount(&w->buffers, &i->bytes);
		client_wait(c, w->conf->request_us);
		return take(c, &i->head, i->bytes.p, i->bytes.n);
	}
	n = conn_read(w, &c->conn, w->buf, READ_BYTES);
	if (n == -EAGAIN)
		return STEP_WAIT;
	if (n <= 0)
		return left(c);
	if (!i) {
		http_head_init(&w->head);
		return take(c, &w->head, w->buf, (size_t)n);
	}
	if (buffer_add(&w->buffers, &i->bytes, w->buf, (size_t)n) < 0) {
		client_close(c, true);
		return STEP_WAIT;
	}
	buffer_uncount(&w->buffers, &i->bytes);
	return take(c, &i->head, i->bytes.p, i->bytes.n);
}
