/* SPDX-License-Identifier: MIT */
/* A server's answer: its head is read, checked and written anew, and leaves together with the first bytes of the body;
 * 1xx go before it. What follows is a flow. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

enum { LARGE_BYTES = 128 << 10 };       /* bodies that gain by splice even if little of them was copied before */

/* ---- the end ------------------------------------------------------------------------------------------------------ */

/* The last byte was read: a slow client holds no server. */
static void server_finished(struct client *c)
{
	struct relay *r = c->relay;

	if (!r->e.t5)
		r->e.t5 = worker_now(c->w);
	pick_done(r, GROUP_SAMPLE);
	server_let_go(r, r->reusable && r->sent && r->down.n_rest == 0);
}

/* The last byte was handed over. */
static enum step finish(struct client *c)
{
	struct relay *r = c->relay;
	const bool sent = r->sent, keep = r->keep && sent && !r->told_close;

	relay_end(c, END_OK);
	/* The rest of a request that was answered early is not read: its connection cannot go on. */
	if (!sent)
		c->conn.readable = true;
	return client_next(c, keep);
}

/* What went to the client must not look whole. */
static enum step cut(struct client *c)
{
	relay_abort(c, END_SERVER_CUT, true);
	return STEP_WAIT;
}

static enum step after(struct client *c, enum flow_end end)
{
	struct relay *r = c->relay;

	if (r->down.ended && r->to && end != FLOW_BAD)
		server_finished(c);
	switch (end) {
	case FLOW_WAITS:
		relay_progress(c, PROGRESS_BYTES);
		return STEP_WAIT;
	case FLOW_DONE:
		return finish(c);
	case FLOW_REFUSED:
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	case FLOW_SHORT:
	case FLOW_BAD:
	case FLOW_LARGE:
		return cut(c);
	}
	return STEP_WAIT;
}

enum step answer_step(struct client *c)
{
	struct relay *r = c->relay;

	return after(c, flow_run(c->w, &r->down, r->to ? &r->to->conn : NULL, &c->conn));
}

/* ---- heads -------------------------------------------------------------------------------------------------------- */

static enum step invalid(struct client *c)
{
	return send_failed(c, END_SERVER_INVALID);
}

/* The client is told where it belongs, unless it knows. */
static struct str cookie(const struct relay *r, unsigned status)
{
	const struct worker *w = r->client->w;

	if (!w->sticky || r->e.server == r->bound || (status < 200 && status != 101))
		return (struct str){ 0 };
	return sticky_cookie(w->sticky, (size_t)r->e.server);
}

/* Writes the head, in w->out, as the client gets it: its length, or < 0. */
static int write_head(struct client *c, const struct http_head *h, const char *p, enum http_body body)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	const bool until_close = body == HTTP_BODY_CLOSE && r->minor_0;
	const struct http_answer_pass pass = {
		.keep_alive = r->minor_0 && r->keep && !until_close,
		.close = h->status >= 200 && (!r->keep || until_close || w->draining || !r->sent),
		.body = body,
		.upgrade = h->status == 101,
		.date = worker_date(w),
		.cookie = cookie(r, h->status),
	};

	r->told_close |= pass.close;
	return http_answer_write(h, p, &pass, w->out, w->out_room);
}

/* How it goes to the client: without an end of its own it gets one by chunks, for those that know them. */
static enum http_body body_out(const struct relay *r, enum http_body in)
{
	if (in != HTTP_BODY_CHUNKED && in != HTTP_BODY_CLOSE)
		return in;
	return r->minor_0 ? HTTP_BODY_CLOSE : HTTP_BODY_CHUNKED;
}

static enum step final(struct client *c, const struct http_head *h, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	const enum http_body in = http_answer_body(h, r->method), out = body_out(r, in);
	struct buffer held = r->down.held;
	enum flow_end end;
	int e;

	r->e.t4 = worker_now(w);
	r->e.status = r->e.server_status = h->status;
	r->reusable = h->minor > 0 && !h->close && !h->unclean && in != HTTP_BODY_CLOSE;
	r->server->large = in == HTTP_BODY_LENGTH && h->length >= LARGE_BYTES;
	r->up.whole = false;
	e = write_head(c, h, p, out);
	if (e < 0)
		return invalid(c);

	const uint64_t taken = r->down.taken;

	flow_init(&r->down, in, h->length, out == HTTP_BODY_CHUNKED);
	r->down.held = held;
	r->down.taken = taken;
	r->down.final = r->told_close;
	c->state = CLIENT_ANSWER;
	client_wait(c, w->conf->idle_us);
	end = flow_take(w, &r->down, &c->conn, (struct str){ w->out, (size_t)e }, p + h->bytes, n - h->bytes);
	if (r->down.ended)
		r->e.t5 = r->e.t4;
	else if (end == FLOW_WAITS)
		pick_sample(r);
	if (end != FLOW_WAITS)
		return after(c, end);
	server_acknowledge(r->to);
	return STEP_ON;
}

/* A head before the final one: it goes to those that know of such. False: the exchange goes another way, *step. */
static bool interim(struct client *c, const struct http_head *h, const char *p, enum step *step)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	int e = -EPROTO;

	if (++r->n_1xx <= ANSWERS_1XX) {
		if (r->minor_0)
			return true;
		e = write_head(c, h, p, HTTP_BODY_NONE);
	}
	if (e < 0) {
		*step = invalid(c);
		return false;
	}
	if (flow_add(w, &r->down, &c->conn, (struct str){ w->out, (size_t)e }) == FLOW_REFUSED) {
		relay_abort(c, END_CLIENT_GONE, true);
		*step = STEP_WAIT;
		return false;
	}
	return true;
}

static enum step switched(struct client *c, const struct http_head *h, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	int e;

	if (!r->upgrade)
		return invalid(c);
	r->e.t4 = worker_now(w);
	r->e.status = r->e.server_status = 101;
	e = write_head(c, h, p, HTTP_BODY_NONE);
	if (e < 0)
		return invalid(c);
	pick_sample(r);
	pick_connected(r);
	if (flow_add(w, &r->down, &c->conn, (struct str){ w->out, (size_t)e }) == FLOW_REFUSED) {
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	}
	return tunnel_upgrade(c, p + h->bytes, n - h->bytes);
}

/* ---- reading heads ------------------------------------------------------------------------------------------------ */

/* The beginning of a head is kept until the rest is there. */
static enum step keep_piece(struct client *c, const struct http_head *h, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct input *i = input_new(w);

	if (!i || buffer_add(&w->buffers, &i->bytes, p, n) < 0) {
		input_drop(w, &i);
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	}
	buffer_uncount(&w->buffers, &i->bytes);
	i->head = *h;
	r->answer = i;
	server_acknowledge(r->to);
	return STEP_ON;
}

/* Heads from p on, one after the other, to the final one. */
static enum step take_heads(struct client *c, struct http_head *h, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct input *pieces = r->answer;
	enum step step = STEP_ON;

	r->answer = NULL;
	while (n > 0) {
		const int e = http_answer_read(h, p, n, &w->limits);

		if (e < 0) {
			step = invalid(c);
			break;
		}
		if (e == 0) {
			step = keep_piece(c, h, p, n);
			break;
		}
		if (h->status == 101 || h->status >= 200) {
			step = h->status == 101 ? switched(c, h, p, n) : final(c, h, p, n);
			break;
		}
		if (!interim(c, h, p, &step))
			break;
		server_acknowledge(r->to);
		p += e;
		n -= (size_t)e;
		http_head_init(h);
	}
	input_drop(w, &pieces);
	return step;
}

enum step answer_read(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct input *i = r->answer;
	const ssize_t n = conn_read(w, &r->to->conn, w->buf, r->server->large ? FIRST_READ_BYTES : READ_BYTES);

	if (n == -EAGAIN)
		return STEP_WAIT;
	if (n <= 0)
		return send_failed(c, i || r->n_1xx ? END_SERVER_INVALID : END_SERVER_CLOSED);
	if (r->to->connecting)
		return invalid(c);
	r->up.whole = false;
	if (!i) {
		http_head_init(&w->head);
		return take_heads(c, &w->head, w->buf, (size_t)n);
	}
	if (buffer_add(&w->buffers, &i->bytes, w->buf, (size_t)n) < 0) {
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	}
	buffer_uncount(&w->buffers, &i->bytes);
	return take_heads(c, &i->head, i->bytes.p, i->bytes.n);
}
