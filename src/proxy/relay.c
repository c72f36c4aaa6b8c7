/* SPDX-License-Identifier: MIT */
/* A relay's life: made when a request's head is complete or a tcp client comes, accounted once and freed at its end. */
#include "base/base.h"

#include "proxy/parts.h"

struct relay *relay_new(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = w->unused_relays;

	if (r)
		w->unused_relays = r->next;
	else
		r = malloc(sizeof(*r));
	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct relay, near));
	buffer_lend(&r->up.held, r->near, sizeof(r->near));
	r->client = c;
	r->e.client = c->peer;
	r->e.server = -1;
	r->e.estimate_us = -1;
	r->bound = -1;
	r->e.t1 = w->loop.now_us;
	c->relay = r;
	return r;
}

/* The request's line was held on to for this. */
static void name_request(struct relay *r)
{
	const char *p = r->up.held.p;

	if (r->n_line == 0)
		return;
	r->e.method = (struct str){ p, r->n_method };
	r->e.target = (struct str){ p + r->n_method + 1, r->n_line - r->n_method - 1U };
}

static void count_bytes(struct worker *w, struct relay *r)
{
	const uint64_t in = r->head_bytes + r->up.read, out = r->down.taken;

	account_bytes(w->account, in - r->e.request_bytes, out - r->e.response_bytes);
	r->e.request_bytes = in;
	r->e.response_bytes = out;
}

void relay_end(struct client *c, enum exchange_end end)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;

	if (r->picked)
		pick_done(r, GROUP_UNKNOWN);
	if (queue_has(&r->place)) {
		queue_remove(&w->queue, &r->place);
		queue_changed(w);
	}
	r->e.end = end;
	r->e.t6 = MAX(w->loop.now_us, r->e.t5);
	count_bytes(w, r);
	name_request(r);
	account_done(w->account, &r->e);
	budget_finished(&w->budget);
	flow_release(w, &r->up);
	flow_release(w, &r->down);
	input_drop(w, &r->answer);
	free(r->tried);
	c->relay = NULL;
	r->next = w->unused_relays;
	w->unused_relays = r;
}

void relay_abort(struct client *c, enum exchange_end end, bool reset)
{
	struct relay *r = c->relay;

	if (r->picked)
		pick_done(r, end == END_SERVER_CUT ? GROUP_FAILURE : end == END_CLIENT_GONE ? GROUP_LEFT : GROUP_UNKNOWN);
	if (r->to)
		server_let_go(r, false);
	relay_end(c, end);
	client_close(c, reset);
}

void relay_progress(struct client *c, uint64_t least)
{
	struct relay *r = c->relay;
	const uint64_t taken = r->up.taken + r->down.taken;

	count_bytes(c->w, r);
	if (taken - r->counted < least)
		return;
	r->counted = taken;
	client_wait(c, c->w->conf->idle_us);
}
