/* SPDX-License-Identifier: MIT */
/* A worker from its first to its last moment: what it consists of is set up, the loop runs, the dead are buried. */
#include "base/base.h"

#include <errno.h>
#include <time.h>

#include "proxy/parts.h"

enum { HEAD_ADDED = 2048 };             /* what a head may grow by when it is written anew */

struct str worker_date(struct worker *w)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &t);        /* cannot fail for this clock */
	if (t.tv_sec != w->date_s) {
		w->date_s = t.tv_sec;
		(void)http_date(t.tv_sec, w->date);
	}
	return (struct str){ w->date, HTTP_DATE_TEXT - 1 };
}

/* Nobody names them any more: the turn is over. */
static void on_bury(struct loop *l, struct loop_task *t)
{
	struct worker *w = container_of(t, struct worker, bury);
	struct client *c;
	struct server_conn *s;

	(void)l;
	while ((c = w->dead_clients)) {
		w->dead_clients = c->next;
		c->next = w->unused_clients;
		w->unused_clients = c;
	}
	while ((s = w->dead_servers)) {
		w->dead_servers = s->next;
		s->next = w->unused_servers;
		w->unused_servers = s;
	}
}

/* Where untaken bytes have become fewer, those that were not read from meanwhile are asked again. */
static void on_resume(struct loop *l, struct loop_timer *t)
{
	struct worker *w = container_of(t, struct worker, resume);
	struct client *next;

	if (w->buffers.bytes > UNTAKEN_LOW) {
		loop_timer_set(l, t, l->now_us + AGAIN_US);
		return;
	}
	for (struct client *c = w->clients; c && !loop_timer_is_set(t); c = next) {
		next = c->next;
		w->reads = 0;
		w->moved = 0;
		client_step(c);
	}
	accept_check(w);
}

static void on_second(struct loop *l, struct loop_timer *t)
{
	struct worker *w = container_of(t, struct worker, second);

	account_tick(w->account, l->now_us);
	for (size_t i = 0; i < w->n_servers; i++)
		atomic_store_explicit(&w->servers[i].share->estimate_us, group_estimate_us(w->group, i), memory_order_relaxed);
	servers_make_room(w);
	pick_look(w);
	loop_timer_set(l, t, l->now_us + SECOND_US / 2);
}

static struct group *make_group(struct worker *w)
{
	const struct proxy_conf *c = w->conf;
	const struct group_conf conf = {
		.policy = c->method, .compat_seed = c->compat_seed, .window = c->window, .alpha_ppm = c->alpha_ppm,
		.refresh_us = c->refresh_us, .decay_us = c->decay_us, .slow_start_us = c->slow_start_us,
		.turn = w->setup->number,
	};
	struct arena *a = arena_new();
	struct group_member_conf *members = arena_array(a, struct group_member_conf, c->n_servers);

	for (size_t i = 0; i < c->n_servers; i++)
		members[i] = (struct group_member_conf){
			.name = c->servers[i].name, .weight = c->servers[i].weight, .backup = c->servers[i].backup,
		};
	return group_new(&conf, members, c->n_servers, w->setup->seed, a);
}

static int start(struct worker *w, const struct worker_setup *s)
{
	int e = loop_init(&w->loop);

	if (e < 0)
		return e;
	w->setup = s;
	w->conf = s->conf;
	w->page = s->page;
	w->mine = page_worker(s->page, s->number);
	w->account = account_new(s->conf, s->number, s->page, s->log);
	w->group = make_group(w);
	w->limits.head_bytes = (uint32_t)s->conf->limit_head_bytes;
	w->out_room = s->conf->limit_head_bytes + HEAD_ADDED;
	w->out = malloc(w->out_room);
	if (!w->out)
		out_of_memory();
	w->bury.run = on_bury;
	w->second.on_timer = on_second;
	w->resume.on_timer = on_resume;
	w->sticky = sticky_new(s->profile, s->conf);
	if (s->conf->proxy_protocol)
		w->addresses = addresses_new(page_addresses(s->page, s->number), s->page->address_seed);
	budget_init(&w->budget, w->loop.now_us);
	queue_start(w);
	servers_start(w);
	on_second(&w->loop, &w->second);
	e = orders_start(w);
	if (e < 0)
		return e;
	accept_start(w);
	orders_tell(w, "ready");
	return 0;
}

int worker_run(const struct worker_setup *s, unsigned *cut)
{
	struct worker *w = calloc(1, sizeof(*w));
	int e;

	*cut = 0;
	if (!w)
		out_of_memory();
	e = start(w, s);
	if (e < 0)
		return 2;               /* there is nothing to flush yet */
	while (e == 0 && !w->loop.stopped)
		e = loop_turn(&w->loop, UINT64_MAX);
	account_flush(w->account);
	*cut = w->cut;
	return e < 0 ? 2 : w->cut > 0 ? 3 : 0;
}
