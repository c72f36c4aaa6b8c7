/* SPDX-License-Identifier: MIT */
/* Answers made here (proxy.md 4.5), and the gentle end of a connection: what a client still sends is thrown away for a
 * while, since a reset for it could overtake the answer. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

enum { OWN_ANSWER_BYTES = 512 };

static bool may_keep(const struct relay *r, unsigned status)
{
	const bool fits = status == 200 || (status >= 502 && status <= 504);

	return fits && r->keep && r->up.ended && !r->client->w->draining;
}

enum step own_answer(struct client *c, unsigned status, enum exchange_end end)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	char text[OWN_ANSWER_BYTES];
	size_t n;

	if (r->to)
		server_let_go(r, false);
	if (w->conf->tcp) {
		relay_end(c, end);
		client_close(c, false);
		return STEP_WAIT;
	}
	r->keep = may_keep(r, status);
	n = http_own_answer(&(struct http_own_answer){
		.status = status, .head = r->method == HTTP_HEAD, .close = !r->keep, .keep_alive = r->keep && r->minor_0,
		.date = worker_date(w),
	}, text);
	r->e.status = status;
	r->e.end = end;
	r->down.ended = true;
	c->state = CLIENT_OWN;
	client_wait(c, w->conf->idle_us);
	if (flow_add(w, &r->down, &c->conn, (struct str){ text, n }) == FLOW_REFUSED) {
		relay_abort(c, end, true);
		return STEP_WAIT;
	}
	return STEP_ON;
}

enum step linger_begin(struct client *c)
{
	conn_shutdown(&c->conn);
	c->state = CLIENT_LINGER;
	input_drop(c->w, &c->input);
	client_wait(c, c->conn.shut ? LINGER_US : c->w->conf->idle_us);
	return STEP_ON;
}

enum step own_step(struct client *c)
{
	struct relay *r = c->relay;
	const bool keep = r->keep;

	switch (flow_run(c->w, &r->down, NULL, &c->conn)) {
	case FLOW_DONE:
		relay_end(c, r->e.end);
		return keep ? client_next(c, true) : linger_begin(c);
	case FLOW_WAITS:
		return STEP_WAIT;
	default:
		relay_abort(c, r->e.end, true);
		return STEP_WAIT;
	}
}

enum step linger_step(struct client *c)
{
	struct worker *w = c->w;

	/* In TLS the end is a record, for which there was no room. */
	if (!c->conn.shut) {
		(void)linger_begin(c);
		return c->conn.shut ? STEP_ON : STEP_WAIT;
	}
	const ssize_t n = conn_read(w, &c->conn, w->buf, READ_BYTES);

	if (n == -EAGAIN)
		return STEP_WAIT;
	if (n > 0)
		c->thrown += (uint32_t)n;
	if (n > 0 && c->thrown < LINGER_BYTES)
		return STEP_ON;
	client_close(c, false);
	return STEP_WAIT;
}
