/* SPDX-License-Identifier: MIT */
/* Every wait ends (proxy.md section 6): what happens when a client's timer says that patience with its state is over. */
#include "base/base.h"

#include "proxy/parts.h"

/* Nothing of a head came: silence; else the client is told. */
static enum step head_timeout(struct client *c)
{
	struct relay *r = c->input ? relay_new(c) : NULL;

	if (!r) {
		client_close(c, false);
		return STEP_WAIT;
	}
	r->head_bytes = c->input->bytes.n;
	return own_answer(c, 408, END_CLIENT_TIMEOUT);
}

static enum step send_timeout(struct client *c)
{
	struct relay *r = c->relay;

	if (r->to->connecting)
		return send_failed(c, END_CONNECT_TIMEOUT);
	if (r->sent || buffer_waits(&r->up.held) > 0 || r->up.pipe)
		return send_failed(c, END_RESPONSE_TIMEOUT);
	pick_done(r, GROUP_UNKNOWN);
	return own_answer(c, 408, END_CLIENT_TIMEOUT);
}

/* An answer stalls: by the client, which does not take it, or by the server. */
static enum step answer_timeout(struct client *c)
{
	struct relay *r = c->relay;

	if (r->picked)
		pick_done(r, buffer_waits(&r->down.held) > 0 || r->down.pipe ? GROUP_UNKNOWN : GROUP_FAILURE);
	relay_abort(c, END_IDLE, true);
	return STEP_WAIT;
}

static enum step timeout(struct client *c)
{
	switch (c->state) {
	case CLIENT_PROXYHEAD:
	case CLIENT_GREET:
		greet_timeout(c);
		return STEP_WAIT;
	case CLIENT_LINGER:
		client_close(c, false);
		return STEP_WAIT;
	case CLIENT_HEAD:
		return head_timeout(c);
	case CLIENT_QUEUE:
		queue_remove(&c->w->queue, &c->relay->place);
		queue_changed(c->w);
		return own_answer(c, 503, END_QUEUE_TIMEOUT);
	case CLIENT_SEND:
		return send_timeout(c);
	case CLIENT_ANSWER:
		return answer_timeout(c);
	case CLIENT_OWN:
		relay_abort(c, c->relay->e.end, true);
		return STEP_WAIT;
	case CLIENT_TUNNEL:
		if (c->relay->to->connecting)
			return send_failed(c, END_CONNECT_TIMEOUT);
		relay_abort(c, END_IDLE, false);
		return STEP_WAIT;
	case CLIENT_CLOSED:
		return STEP_WAIT;
	}
	return STEP_WAIT;
}

void client_on_timer(struct loop *l, struct loop_timer *t)
{
	struct client *c = container_of(t, struct client, timer);

	c->w->reads = 0;
	c->w->moved = 0;
	if (c->until_us > l->now_us) {
		/* An exchange that takes its time is watched from here on for its client going. */
		if (conn_watch(c->w, &c->conn) == 0)
			loop_timer_set(l, t, c->until_us);
		else
			client_close(c, true);
		return;
	}
	if (timeout(c) == STEP_ON)
		client_step(c);
}
