/* SPDX-License-Identifier: MIT */
/* The request goes to the server, on a connection that may still have to be made; and what is done where that fails before
 * any byte of an answer. Connecting and sending go together. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

/* ---- failures ----------------------------------------------------------------------------------------------------- */

static unsigned status_of(enum exchange_end why)
{
	switch (why) {
	case END_CONNECT_TIMEOUT:
	case END_RESPONSE_TIMEOUT:
		return 504;
	case END_NO_SERVER:
	case END_QUEUE_TIMEOUT:
		return 503;
	default:
		return 502;
	}
}

/* Host was the first server's, since the client gave none. */
static void name_host(struct relay *r)
{
	struct worker *w = r->client->w;
	struct buffer *held = &r->up.held;
	const struct str old = str_of(w->servers[0].text), name = str_of(r->server->text);
	struct buffer changed = { 0 };
	char *at, *end = held->p + held->n;

	at = memmem(held->p + r->up.kept, held->n - r->up.kept, "\r\nHost: ", 8);
	if (!at || r->server == w->servers || !r->up.whole)
		return;
	at += 8;
	if (buffer_add(&w->buffers, &changed, held->p, (size_t)(at - held->p)) < 0 ||
	    buffer_add(&w->buffers, &changed, name.p, name.n) < 0 ||
	    buffer_add(&w->buffers, &changed, at + old.n, (size_t)(end - at) - old.n) < 0) {
		buffer_release(&w->buffers, &changed);
		return;
	}
	buffer_release(&w->buffers, held);
	buffer_uncount(&w->buffers, &changed);
	*held = changed;
	held->at = r->up.kept;
}

/* May what was sent be sent again? Connecting sends nothing. */
static bool can_repeat(const struct relay *r, bool connecting)
{
	if (r->client->w->conf->tcp)
		return connecting;
	if (!r->up.whole)
		return false;
	return r->up.held.at == r->up.kept || http_method_repeatable(r->method);
}

static bool may_repeat(struct relay *r, enum exchange_end why)
{
	struct worker *w = r->client->w;

	if (why != END_CONNECT_FAILED && why != END_CONNECT_TIMEOUT && why != END_SERVER_CLOSED)
		return false;
	return r->e.attempts <= w->conf->retries && budget_take(&w->budget, w->loop.now_us);
}

enum step send_failed(struct client *c, enum exchange_end why)
{
	struct relay *r = c->relay;
	const bool connecting = !r->to || r->to->connecting, reused = r->to && r->e.reused;
	const bool can = can_repeat(r, connecting);

	if (r->to)
		server_let_go(r, false);
	if (reused && why == END_SERVER_CLOSED && !r->renewed && can) {
		r->renewed = true;
		flow_again(&r->up);
		r->sent = false;
		return send_begin(c, true);
	}
	(void)worker_now(c->w);
	pick_done(r, GROUP_FAILURE);
	if (can && may_repeat(r, why) && pick_another(c, why == END_SERVER_CLOSED)) {
		flow_again(&r->up);
		r->sent = r->renewed = false;
		return send_begin(c, false);
	}
	return own_answer(c, status_of(why), why);
}

/* ---- sending ------------------------------------------------------------------------------------------------------ */

enum step send_begin(struct client *c, bool fresh)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	int e;

	if (r->hostless)
		name_host(r);
	e = server_engage(r, fresh);
	if (e == -EBUSY || worker_is_short(w, -e)) {
		pick_done(r, GROUP_UNKNOWN);
		return own_answer(c, 503, END_NO_SERVER);
	}
	if (e < 0)
		return send_failed(c, END_CONNECT_FAILED);
	if (!r->to->connecting) {
		r->e.t3 = r->e.t2;
		/* Patience is still that of the head, or of the queue. */
		if (!r->up.ended)
			client_wait(c, w->conf->idle_us);
	} else {
		client_wait(c, w->conf->connect_us);
		if (r->server->far && conn_watch(w, &r->to->conn) < 0)
			return send_failed(c, END_CONNECT_FAILED);
	}
	return STEP_ON;
}

/* The connection takes bytes. */
static void connected(struct client *c)
{
	struct relay *r = c->relay;

	r->to->connecting = false;
	r->e.t3 = c->w->loop.now_us;
	if (!r->up.ended) {
		server_push(r->to);
		client_wait(c, c->w->conf->idle_us);
	}
}

static enum step client_short(struct client *c)
{
	relay_abort(c, END_CLIENT_GONE, c->relay->up.error != 0);
	return STEP_WAIT;
}

/* More of the request. STEP_ON: the answer may be looked for. */
static enum step send_more(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct server_conn *s = r->to;
	const enum flow_end end = flow_run(w, &r->up, &c->conn, &s->conn);

	/* What was read beyond this request is the beginning of the next one. */
	if (r->up.n_rest > 0 && client_keep_rest(c, r->up.rest, r->up.n_rest) < 0)
		return client_short(c);
	if (s->connecting && r->up.taken > 0)
		connected(c);
	if (!s->conn.watched) {
		s->server->far |= s->connecting && !s->conn.writable;
		if (conn_watch(w, &s->conn) < 0)
			return send_failed(c, END_CONNECT_FAILED);
	}
	switch (end) {
	case FLOW_WAITS:
		if (!s->connecting)
			relay_progress(c, PROGRESS_BYTES);
		return STEP_ON;
	case FLOW_DONE:
		r->sent = true;
		client_wait(c, w->conf->response_us);
		return STEP_ON;
	case FLOW_SHORT:
		return client_short(c);
	case FLOW_BAD:
		pick_done(r, GROUP_UNKNOWN);
		return own_answer(c, 400, END_BAD_REQUEST);
	case FLOW_LARGE:
		pick_done(r, GROUP_UNKNOWN);
		return own_answer(c, 413, END_TOO_LARGE);
	case FLOW_REFUSED:
		/* It may have answered before it closed. */
		if (!s->connecting)
			s->conn.readable = true;
		return s->connecting ? send_failed(c, END_CONNECT_FAILED) : STEP_ON;
	}
	return STEP_WAIT;
}

enum step send_step(struct client *c)
{
	struct relay *r = c->relay;
	struct server_conn *s = r->to;

	if (s->connecting && s->conn.failed)
		return send_failed(c, END_CONNECT_FAILED);
	if (!s->greeted) {
		const int e = greet_server(r);

		if (e == -EAGAIN)
			return conn_watch(c->w, &s->conn) < 0 ? send_failed(c, END_CONNECT_FAILED) : STEP_WAIT;
		if (e < 0)
			return send_failed(c, END_CONNECT_FAILED);
	}
	if (!r->sent) {
		const enum step step = send_more(c);

		if (c->state != CLIENT_SEND || c->relay != r || r->to != s || step == STEP_WAIT)
			return step;
	}
	return answer_read(c);
}
