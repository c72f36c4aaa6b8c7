/* SPDX-License-Identifier: MIT */
/* Bytes both ways at once: mode tcp, and what a connection becomes after 101. An end of one direction is passed on, a reset
 * of one side resets the other. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

enum step tunnel_start(struct client *c)
{
	struct relay *r = relay_new(c);

	if (!r) {
		client_close(c, true);
		return STEP_WAIT;
	}

	const struct buffer held = r->up.held;

	flow_init(&r->up, HTTP_BODY_CLOSE, 0, false);
	r->up.held = held;
	/* Until a server has taken the connection, what the client says may have to go to another one. */
	r->up.whole = r->up.hold = true;
	flow_init(&r->down, HTTP_BODY_CLOSE, 0, false);
	return pick_step(c);
}

enum step tunnel_upgrade(struct client *c, char *p, size_t n)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;

	r->up.in = r->down.in = HTTP_BODY_CLOSE;
	r->up.ended = r->down.ended = false;
	r->up.whole = false;
	r->up.limit = UINT64_MAX;
	c->state = CLIENT_TUNNEL;
	server_push(r->to);
	if (c->input) {
		const enum flow_end end = flow_take(w, &r->up, &r->to->conn, (struct str){ 0 }, c->input->bytes.p,
						    c->input->bytes.n);

		input_drop(w, &c->input);
		if (end == FLOW_REFUSED) {
			relay_abort(c, END_SERVER_CUT, true);
			return STEP_WAIT;
		}
	}
	if (flow_take(w, &r->down, &c->conn, (struct str){ 0 }, p, n) == FLOW_REFUSED) {
		relay_abort(c, END_CLIENT_GONE, true);
		return STEP_WAIT;
	}
	client_wait(c, w->conf->idle_us);
	return STEP_ON;
}

/* A server that is near has taken the connection already, and takes what the client has said: no event has to say so. */
static int send_at_once(struct client *c)
{
	struct relay *r = c->relay;
	struct server_conn *s = r->to;
	enum flow_end end = FLOW_WAITS;

	if (s->conn.writable && !s->server->tls && !s->server->conf->proxy_protocol)
		end = flow_run(c->w, &r->up, &c->conn, &s->conn);
	s->server->far |= end == FLOW_WAITS && buffer_waits(&r->up.held) > 0;
	if (r->up.taken == 0)
		s->conn.writable = false;
	return end == FLOW_REFUSED ? -r->up.error : conn_watch(c->w, &s->conn);
}

/* STEP_ON: bytes may flow. */
static enum step connect_step(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct server_conn *s = r->to;

	if (s->conn.failed || (!s->conn.watched && send_at_once(c) < 0))
		return send_failed(c, END_CONNECT_FAILED);
	if (!s->conn.writable)
		return STEP_WAIT;
	if (!s->greeted) {
		const int e = greet_server(r);

		if (e == -EAGAIN)
			return STEP_WAIT;
		if (e < 0)
			return send_failed(c, END_CONNECT_FAILED);
	}
	s->connecting = r->up.whole = false;
	r->e.t3 = w->loop.now_us;
	pick_connected(r);
	client_wait(c, w->conf->idle_us);
	return STEP_ON;
}

/* Both sides end at once, by a reset of whichever still is. */
static enum step tear(struct client *c, enum exchange_end end)
{
	struct relay *r = c->relay;

	pick_done(r, GROUP_UNKNOWN);
	server_reset(r);
	relay_end(c, end);
	client_close(c, true);
	return STEP_WAIT;
}

static void note_times(struct worker *w, struct relay *r)
{
	if (r->e.t4 == 0 && r->down.read > 0)
		r->e.t4 = w->loop.now_us;
	if (r->e.t5 == 0 && r->down.ended)
		r->e.t5 = w->loop.now_us;
}

enum step tunnel_step(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	struct server_conn *s = r->to;
	enum flow_end up, down;

	if (s->connecting) {
		if (c->conn.failed)
			return tear(c, END_CLIENT_GONE);
		if (connect_step(c) == STEP_WAIT)
			return STEP_WAIT;
		/* It may be another one by now. */
		r = c->relay;
		s = r->to;
		if (s->connecting)
			return STEP_ON;
	}
	/* What is sent first is never held back; most short connections send nothing after it. */
	if (r->up.taken > 0 && c->conn.readable && !c->conn.ending)
		server_push(s);
	up = flow_run(w, &r->up, &c->conn, &s->conn);
	down = flow_run(w, &r->down, &s->conn, &c->conn);
	note_times(w, r);
	relay_progress(c, 1);
	if (up == FLOW_SHORT || down == FLOW_REFUSED || c->conn.failed)
		return tear(c, END_CLIENT_GONE);
	if (down == FLOW_SHORT || up == FLOW_REFUSED || s->conn.failed)
		return tear(c, END_SERVER_CUT);
	if (up == FLOW_DONE && down == FLOW_DONE) {
		pick_done(r, GROUP_UNKNOWN);
		server_let_go(r, false);
		relay_end(c, END_OK);
		client_close(c, false);
		return STEP_WAIT;
	}
	if (up == FLOW_DONE)
		conn_shutdown(&s->conn);
	if (down == FLOW_DONE)
		conn_shutdown(&c->conn);
	return STEP_WAIT;
}
