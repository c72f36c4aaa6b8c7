/* SPDX-License-Identifier: MIT */
/* Which server: what is known of them is told to the group, the group chooses, and what comes of it is told to the group, to
 * the page all workers share, and to the master. Those that find every server full wait in the queue. */
#include "base/base.h"

#include <errno.h>

#include "proxy/parts.h"

/* ---- what is known of servers ----------------------------------------------------------------------------------- */

void pick_look(struct worker *w)
{
	w->version = atomic_load_explicit(&w->page->version, memory_order_acquire);
	w->has_probing = false;
	for (size_t i = 0; i < w->n_servers; i++) {
		struct server *s = &w->servers[i];

		s->state = (enum member_state)atomic_load_explicit(&s->page->state, memory_order_relaxed);
		group_set_state(w->group, i, s->state, w->loop.now_us);
		group_set_weight(w->group, i, atomic_load_explicit(&s->page->weight, memory_order_relaxed));
		group_set_busy(w->group, i, false);
		w->has_probing |= s->state == MEMBER_PROBING;
	}
	queue_serve_later(w);
}

static void look_at_places(struct worker *w)
{
	for (size_t i = 0; i < w->n_servers; i++) {
		const struct server *s = &w->servers[i];

		if (s->conf->max_connections > 0)
			group_set_full(w->group, i, s->pool.n == 0 && server_is_full(s));
		if (s->state == MEMBER_PROBING)
			group_set_busy(w->group, i, atomic_load_explicit(&s->page->trial, memory_order_relaxed) != 0);
	}
}

/* The one exchange of a server on probation is ours, unless another worker was faster. */
static bool claim_trial(struct worker *w, struct relay *r, struct server *s)
{
	uint32_t nobody = 0;

	if (s->state != MEMBER_PROBING)
		return true;
	r->trial = atomic_compare_exchange_strong(&s->page->trial, &nobody, w->setup->number + 1);
	return r->trial;
}

/* A connection to it is either idle here, or may be made: over all workers there are only so many. */
static bool claim_place(struct relay *r, struct server *s)
{
	if (s->conf->max_connections == 0 || s->pool.n > 0)
		return true;
	r->claimed = server_claim(s);
	return r->claimed;
}

static void unclaim(struct relay *r, struct server *s)
{
	if (r->claimed)
		server_unclaim(s);
	r->claimed = false;
}

/* The server its client is bound to, where that takes it. */
static bool claim_bound(struct worker *w, struct relay *r)
{
	struct server *s = r->bound >= 0 ? &w->servers[r->bound] : NULL;

	if (!s || (s->state != MEMBER_UP && s->state != MEMBER_DRAINING) || (r->tried && r->tried[r->bound]))
		return false;
	return claim_place(r, s);
}

/* A place that is free belongs to who waits longest. */
static bool is_behind_others(struct worker *w, const struct relay *r)
{
	if (w->queue.n == 0 || r->e.attempts > 0 || r->client->state == CLIENT_QUEUE)
		return false;
	queue_serve_later(w);
	return true;
}

static int choose(struct worker *w, struct relay *r)
{
	const struct group_wish wish = {
		.now_us = w->loop.now_us, .client = &r->client->peer.addr, .tried = r->tried,
	};
	int i;

	if (atomic_load_explicit(&w->page->version, memory_order_relaxed) != w->version)
		pick_look(w);
	if (claim_bound(w, r))
		return r->bound;
	if (is_behind_others(w, r))
		return GROUP_FULL;
	if (w->has_limits || w->has_probing)
		look_at_places(w);
	while ((i = group_choose(w->group, &wish)) >= 0) {
		struct server *s = &w->servers[i];

		if (!claim_place(r, s))
			group_set_full(w->group, (size_t)i, true);
		else if (claim_trial(w, r, s))
			break;
		else
			group_set_busy(w->group, (size_t)i, true);
		unclaim(r, s);
	}
	return i;
}

/* ---- picking ------------------------------------------------------------------------------------------------------ */

static void note(struct worker *w, struct relay *r, size_t i)
{
	r->server = &w->servers[i];
	r->e.t2 = worker_now(w);
	r->e.t3 = 0;
	r->e.server = (int)i;
	r->e.attempts++;
	r->e.open = group_open(w->group, i);
	r->e.estimate_us = group_estimate_us(w->group, i);
	group_begin(w->group, i, w->loop.now_us);
	r->picked = true;
	r->sampled = false;
	atomic_store_explicit(&r->server->share->open, r->e.open + 1, memory_order_relaxed);
}

static enum step wait_in_queue(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;

	if (c->state != CLIENT_QUEUE) {
		if (!queue_add(&w->queue, &r->place)) {
			orders_tell_seldom(w, &w->queue_told_us, "queue-full");
			return own_answer(c, 503, END_QUEUE_FULL);
		}
		c->state = CLIENT_QUEUE;
		client_wait(c, w->conf->queue_us);
	} else {
		queue_add_first(&w->queue, &r->place);
	}
	queue_changed(w);
	return STEP_WAIT;
}

/* Chooses and engages until a server takes it, or none is left. */
enum step pick_step(struct client *c)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	const int i = choose(w, r);

	if (i == GROUP_FULL)
		return wait_in_queue(c);
	if (i < 0)
		return own_answer(c, 503, END_NO_SERVER);
	note(w, r, (size_t)i);
	c->state = w->conf->tcp ? CLIENT_TUNNEL : CLIENT_SEND;
	return send_begin(c, false);
}

/* Since then its state may have changed twice, and the trial be another worker's. */
static void end_trial(struct relay *r, struct server *s)
{
	uint32_t ours = r->client->w->setup->number + 1;

	r->trial = false;
	(void)atomic_compare_exchange_strong(&s->page->trial, &ours, 0);
}

bool pick_another(struct client *c, bool other)
{
	struct worker *w = c->w;
	struct relay *r = c->relay;
	int i;

	if (!r->tried)
		r->tried = calloc(w->n_servers, 1);
	if (r->tried)
		r->tried[r->server - w->servers] = 1;
	i = choose(w, r);
	if (i < 0)
		return false;
	if (other && r->tried && r->tried[i]) {
		unclaim(r, &w->servers[i]);
		if (r->trial)
			end_trial(r, &w->servers[i]);
		return false;
	}
	account_retry(w->account);
	note(w, r, (size_t)i);
	return true;
}

/* ---- what came of it ---------------------------------------------------------------------------------------------- */

static void tell_trial(struct worker *w, struct relay *r, bool good)
{
	end_trial(r, r->server);
	/* Until the master has judged, this worker sends it nothing more. */
	if (!good)
		group_set_state(w->group, (size_t)r->e.server, MEMBER_DOWN, w->loop.now_us);
	orders_tell(w, "trial server=%d good=%d", r->e.server, good);
}

/* The master is told, and is about to put it out: until it has, others are chosen where there are any. */
static void tell_failing(struct worker *w, struct relay *r)
{
	const size_t i = (size_t)r->e.server;

	orders_tell(w, "failing server=%zu", i);
	for (size_t k = 0; k < w->n_servers; k++)
		if (k != i && w->servers[k].state == MEMBER_UP) {
			group_set_busy(w->group, i, true);
			return;
		}
}

/* Failures in a row, of all workers: the master hears of each so many. */
static void count_health(struct worker *w, struct relay *r, bool good)
{
	struct page_server *p = r->server->page;
	const uint32_t most = w->conf->eject_errors;

	if (r->trial) {
		tell_trial(w, r, good);
		return;
	}
	if (good) {
		if (atomic_load_explicit(&p->failures, memory_order_relaxed) != 0)
			atomic_store_explicit(&p->failures, 0, memory_order_relaxed);
		return;
	}

	const uint32_t n = atomic_fetch_add_explicit(&p->failures, 1, memory_order_relaxed) + 1;

	if (most > 0 && n % most == 0)
		tell_failing(w, r);
}

static bool fails(unsigned status)
{
	return status >= 502 && status <= 504;
}

static struct group_outcome outcome(const struct relay *r, enum group_end end, uint64_t now_us)
{
	const uint64_t first_us = r->e.t4 && end != GROUP_FAILURE ? r->e.t4 : now_us;
	const unsigned status = r->e.server_status;

	if (end == GROUP_SAMPLE && (fails(status) || status == 500))
		end = GROUP_FAILURE;
	return (struct group_outcome){
		.now_us = now_us, .end = end, .first_us = first_us - r->e.t2,
		.whole_us = (r->e.t5 ? r->e.t5 : now_us) - r->e.t2,
	};
}

void pick_sample(struct relay *r)
{
	struct worker *w = r->client->w;
	const struct group_outcome o = outcome(r, GROUP_SAMPLE, w->loop.now_us);

	if (w->conf->compat_seed)
		return;
	r->sampled = true;
	group_sample(w->group, (size_t)r->e.server, &o);
}

void pick_connected(struct relay *r)
{
	count_health(r->client->w, r, true);
}

void pick_done(struct relay *r, enum group_end end)
{
	struct worker *w = r->client->w;
	const size_t i = (size_t)r->e.server;
	const bool failed = end == GROUP_FAILURE || (end == GROUP_SAMPLE && fails(r->e.server_status));
	struct group_outcome o = outcome(r, end, w->loop.now_us);

	r->picked = false;
	if (failed)
		account_failure(w->account, i);
	if (failed || end == GROUP_SAMPLE)
		count_health(w, r, !failed);
	else if (r->trial)
		end_trial(r, r->server);
	if (r->sampled && end != GROUP_FAILURE)
		o.end = GROUP_UNKNOWN;
	group_done(w->group, i, &o);
	atomic_store_explicit(&r->server->share->open, group_open(w->group, i), memory_order_relaxed);
	if (w->queue.n > 0)
		queue_serve_later(w);
}

/* ---- the queue ---------------------------------------------------------------------------------------------------- */

void queue_changed(struct worker *w)
{
	atomic_store_explicit(&w->mine->queued, w->queue.n, memory_order_relaxed);
	/* Other workers free places without a word. */
	if (w->queue.n > 0 && w->page->n_workers > 1 && !loop_timer_is_set(&w->queue_again))
		loop_timer_set(&w->loop, &w->queue_again, w->loop.now_us + AGAIN_US);
}

void queue_serve_later(struct worker *w)
{
	if (w->queue.n > 0)
		loop_later(&w->loop, &w->serve);
}

/* Each that waits is picked anew, the oldest first, until one of them finds no place again. */
static void on_serve(struct loop *l, struct loop_task *t)
{
	struct worker *w = container_of(t, struct worker, serve);

	(void)l;
	for (uint32_t left = w->queue.n; left > 0; left--) {
		struct relay *r = container_of(queue_take(&w->queue), struct relay, place);
		struct client *c = r->client;

		w->reads = 0;
		w->moved = 0;
		if (pick_step(c) == STEP_ON)
			client_step(c);
		if (c->state == CLIENT_QUEUE)
			break;
	}
	queue_changed(w);
}

static void on_queue_again(struct loop *l, struct loop_timer *t)
{
	(void)l;
	queue_serve_later(container_of(t, struct worker, queue_again));
}

void queue_start(struct worker *w)
{
	queue_init(&w->queue, w->conf->queue);
	w->serve.run = on_serve;
	w->queue_again.on_timer = on_queue_again;
}
