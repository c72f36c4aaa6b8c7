/* SPDX-License-Identifier: MIT */
/* A client's connection: made by accept.c, led from state to state by the step function, freed at the end of the turn in
 * which it was closed. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

/* ---- the step function ------------------------------------------------------------------------------------------ */

static enum step one_step(struct client *c)
{
	switch (c->state) {
	case CLIENT_PROXYHEAD:
		return proxyhead_step(c);
	case CLIENT_GREET:
		return greet_step(c);
	case CLIENT_HEAD:
		return request_step(c);
	case CLIENT_QUEUE:
		return STEP_WAIT;
	case CLIENT_SEND:
		return send_step(c);
	case CLIENT_ANSWER:
		return answer_step(c);
	case CLIENT_OWN:
		return own_step(c);
	case CLIENT_TUNNEL:
		return tunnel_step(c);
	case CLIENT_LINGER:
		return linger_step(c);
	case CLIENT_CLOSED:
		return STEP_WAIT;
	}
	return STEP_WAIT;
}

/* The connection is no more: an error came, or both of its directions are closed. */
static void gone(struct client *c)
{
	if (c->relay)
		relay_abort(c, END_CLIENT_GONE, true);
	else
		client_close(c, false);
}

void client_step(struct client *c)
{
	if (c->conn.failed && c->state != CLIENT_TUNNEL && c->state != CLIENT_CLOSED) {
		gone(c);
		return;
	}
	while (one_step(c) == STEP_ON)
		;
	/* Short exchanges are over without the loop having heard of the client. */
	if (c->conn.watched || c->state == CLIENT_CLOSED)
		return;
	if (c->state == CLIENT_SEND && !c->conn.readable && c->conn.writable && c->relay->up.ended)
		return;
	if (conn_watch(c->w, &c->conn) < 0)
		gone(c);
}

static void on_event(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct client *c = container_of(f, struct client, conn.event);

	(void)l;
	if (c->state == CLIENT_CLOSED)
		return;
	conn_told(&c->conn, events);
	c->w->reads = 0;
	c->w->moved = 0;
	client_step(c);
}

/* ---- life ------------------------------------------------------------------------------------------------------- */

struct client *client_new(struct worker *w, int fd, const struct endpoint *peer)
{
	struct client *c = w->unused_clients;

	if (c)
		w->unused_clients = c->next;
	else
		c = malloc(sizeof(*c));
	if (!c)
		return NULL;
	*c = (struct client){ .w = w, .peer = *peer, .address = ADDRESSES_NONE, .timer = { .on_timer = client_on_timer } };
	conn_init(&c->conn, fd, on_event);
	c->conn.readable = true;        /* in http the kernel waited for the request (TCP_DEFER_ACCEPT) */
	c->next = w->clients;
	c->back = &w->clients;
	if (c->next)
		c->next->back = &c->next;
	w->clients = c;
	w->n_clients++;
	atomic_store_explicit(&w->mine->connections, w->n_clients, memory_order_relaxed);
	client_wait(c, w->conf->request_us);
	return c;
}

void client_close(struct client *c, bool reset)
{
	struct worker *w = c->w;

	if (c->state == CLIENT_CLOSED)
		return;
	c->state = CLIENT_CLOSED;
	conn_close(&c->conn, reset);
	loop_timer_clear(&c->timer);
	input_drop(w, &c->input);
	addresses_remove(w->addresses, c->address);
	*c->back = c->next;
	if (c->next)
		c->next->back = c->back;
	c->next = w->dead_clients;
	w->dead_clients = c;
	loop_later(&w->loop, &w->bury);
	w->n_clients--;
	atomic_store_explicit(&w->mine->connections, w->n_clients, memory_order_relaxed);
	if (!w->accepting)
		accept_check(w);
	if (w->draining)
		worker_check_drained(w);
}

/* A timer that is not watched for its client's going is looked at earlier. */
void client_wait(struct client *c, uint64_t us)
{
	const uint64_t now_us = c->w->loop.now_us;

	c->until_us = now_us + us;
	loop_timer_set(&c->w->loop, &c->timer, now_us + (c->conn.watched ? us : MIN(us, (uint64_t)WATCH_US)));
}

enum step client_next(struct client *c, bool keep)
{
	struct worker *w = c->w;

	/* Who was told that the connection goes on may be sending already: its next answer says that it ends. */
	if (keep && !w->stopping) {
		c->state = CLIENT_HEAD;
		c->kept = true;
		client_wait(c, w->conf->idle_us);
		return STEP_ON;
	}
	/* What the client still sends would be answered by a reset, which could overtake the answer. */
	if (!c->conn.ended && (c->conn.readable || c->input))
		return linger_begin(c);
	/* Closing would throw an answer away that still waits for its end, if bytes have come meanwhile: shutting down does not. */
	conn_shutdown(&c->conn);
	if (!c->conn.shut)
		return linger_begin(c);
	client_close(c, false);
	return STEP_WAIT;
}

/* ---- bytes that wait to be understood --------------------------------------------------------------------------- */

struct input *input_new(struct worker *w)
{
	struct input *i = w->unused_inputs;

	if (i)
		w->unused_inputs = i->next;
	else
		i = malloc(sizeof(*i));
	if (!i)
		return NULL;
	i->bytes = (struct buffer){ 0 };
	i->fresh = false;
	http_head_init(&i->head);
	return i;
}

void input_drop(struct worker *w, struct input **input)
{
	struct input *i = *input;

	if (!i)
		return;
	buffer_release(&w->buffers, &i->bytes);
	i->next = w->unused_inputs;
	w->unused_inputs = i;
	*input = NULL;
}

int client_keep_rest(struct client *c, const char *p, size_t n)
{
	struct input *i;

	if (n == 0) {
		input_drop(c->w, &c->input);
		return 0;
	}
	if (!c->input)
		c->input = input_new(c->w);
	i = c->input;
	if (!i)
		return -ENOMEM;
	http_head_init(&i->head);
	i->fresh = true;
	buffer_count(&c->w->buffers, &i->bytes);
	if (i->bytes.n > 0 && p >= i->bytes.p && p < i->bytes.p + i->bytes.n) {
		memmove(i->bytes.p, p, n);
		i->bytes.n = (uint32_t)n;
		return 0;
	}
	i->bytes.n = 0;
	return buffer_add(&c->w->buffers, &i->bytes, p, n);
}
