/* SPDX-License-Identifier: MIT */
/* Requests, answers and changes in the order of their times. */
#include "base/base.h"

#include <math.h>

#include "base/arena.h"
#include "simulation.h"

/* An exchange on its way: when it ends, and how. */
struct flight {
	uint64_t begin_us, end_us;
	uint32_t server, client;
	bool failed, trial;
};

struct server {
	const struct sim_server *conf;
	uint64_t *free_us;              /* of each slot: when it is done with what was given to it */
	size_t taken;                   /* of the list of service times */
	unsigned failures;              /* in a row */
	bool trial;
	uint64_t last_us;
};

struct sim {
	const struct sim_conf *conf;
	struct arena *arena;
	struct group *group;
	struct health health;
	struct server servers[SIM_SERVERS];
	struct chance chance;
	struct flight *flights;         /* a heap by end_us */
	size_t n_flights, flights_room;
	double *times;                  /* milliseconds */
	size_t n_times, times_room;
	struct sim_result result;
};

static uint64_t us_of(double s)
{
	return (uint64_t)(s * 1e6 + 0.5);
}

static bool is_within(const struct sim_span *s, uint64_t t_us)
{
	return t_us >= us_of(s->from_s) && t_us < us_of(s->to_s);
}

/* ---- the heap -------------------------------------------------------------------------------------------------- */
static void flights_push(struct sim *s, const struct flight *f)
{
	s->flights = arena_grow(s->arena, s->flights, s->n_flights, &s->flights_room, sizeof(*f));
	size_t at = s->n_flights++;

	for (; at > 0 && s->flights[(at - 1) / 2].end_us > f->end_us; at = (at - 1) / 2)
		s->flights[at] = s->flights[(at - 1) / 2];
	s->flights[at] = *f;
}

static struct flight flights_pop(struct sim *s)
{
	const struct flight first = s->flights[0], last = s->flights[--s->n_flights];
	size_t at = 0;

	for (size_t next; (next = 2 * at + 1) < s->n_flights; at = next) {
		next += next + 1 < s->n_flights && s->flights[next + 1].end_us < s->flights[next].end_us;
		if (last.end_us <= s->flights[next].end_us)
			break;
		s->flights[at] = s->flights[next];
	}
	s->flights[at] = last;
	return first;
}

/* ---- servers --------------------------------------------------------------------------------------------------- */
static double service_ms(struct sim *s, struct server *v)
{
	if (v->conf->list_ms)
		return v->conf->list_ms[v->taken++ % v->conf->n_list];
	return -log(chance_unit(&s->chance)) * v->conf->mean_ms;
}

/* When what arrives now is answered: it waits for the slot that is free first. */
static uint64_t served_us(struct sim *s, struct server *v, uint64_t now_us)
{
	uint64_t *slot = NULL;
	double ms = service_ms(s, v);

	for (unsigned k = 0; k < v->conf->slots; k++)
		if (!slot || v->free_us[k] < *slot)
			slot = &v->free_us[k];
	const uint64_t start_us = slot && *slot > now_us ? *slot : now_us;

	if (is_within(&v->conf->slow, start_us))
		ms *= v->conf->slow_times;
	const uint64_t end_us = start_us + us_of(ms / 1e3);

	if (slot)
		*slot = end_us;
	return end_us;
}

static void begin(struct sim *s, uint32_t i, uint32_t client, uint64_t now_us)
{
	struct server *v = &s->servers[i];
	const struct sim_server *c = v->conf;
	struct flight f = { .server = i, .client = client, .begin_us = now_us };

	f.trial = v->trial = group_state(s->group, i) == MEMBER_PROBING;
	group_set_busy(s->group, i, v->trial);
	f.failed = is_within(&c->fail, now_us) && chance_unit(&s->chance) < c->fail_share;
	if (is_within(&c->hang, now_us)) {
		f.failed = true;
		f.end_us = now_us + us_of(c->hang_timeout_ms / 1e3);
	} else {
		f.end_us = f.failed && c->fail_ms > 0 ? now_us + us_of(c->fail_ms / 1e3) : served_us(s, v, now_us);
	}
	group_begin(s->group, i, now_us);
	flights_push(s, &f);
	if (now_us < us_of(s->conf->warm_s))
		return;
	const double idle_s = (double)(now_us - v->last_us) / 1e6;

	if (idle_s > s->result.idle_s[i])
		s->result.idle_s[i] = idle_s;
	v->last_us = now_us;
	s->result.last_s[i] = (double)now_us / 1e6;
	s->result.requests[i]++;
}

/* ---- what happens ---------------------------------------------------------------------------------------------- */
static void pass_on_states(struct sim *s, uint64_t now_us)
{
	for (size_t i = 0; i < s->conf->n; i++)
		group_set_state(s->group, i, s->health.members[i].state, now_us);
}

static void count(struct sim *s, uint64_t begin_us, uint64_t now_us, bool failed)
{
	if (begin_us < us_of(s->conf->warm_s) || begin_us >= us_of(s->conf->until_s))
		return;
	s->times = arena_grow(s->arena, s->times, s->n_times, &s->times_room, sizeof(*s->times));
	s->times[s->n_times++] = (double)(now_us - begin_us) / 1e3;
	s->result.errors += failed;
}

static void arrive(struct sim *s, uint32_t client, uint64_t now_us)
{
	const int i = group_choose(s->group, &(struct group_wish){ .now_us = now_us });

	if (i >= 0)
		begin(s, (uint32_t)i, client, now_us);
	else
		count(s, now_us, now_us, true);
}

static void look_at_health(struct sim *s, const struct flight *f)
{
	struct server *v = &s->servers[f->server];
	bool changed = false;

	v->failures = f->failed ? v->failures + 1 : 0;
	if (f->trial) {
		v->trial = false;
		group_set_busy(s->group, f->server, false);
		changed |= health_trial(&s->health, f->server, !f->failed, f->end_us);
	}
	if (s->conf->eject_errors && v->failures >= s->conf->eject_errors &&
	    health_failures(&s->health, f->server, f->end_us)) {
		v->failures = 0;
		s->result.ejections++;
		changed = true;
	}
	if (changed)
		pass_on_states(s, f->end_us);
}

static void finish(struct sim *s, const struct flight *f)
{
	const uint64_t taken_us = f->end_us - f->begin_us;
	struct group_outcome o = { .now_us = f->end_us, .end = f->failed ? GROUP_FAILURE : GROUP_SAMPLE,
				   .first_us = taken_us, .whole_us = taken_us };

	if (f->failed && s->conf->failure_ms > 0) {
		o.end = GROUP_SAMPLE;
		o.first_us = us_of(s->conf->failure_ms / 1e3);
		o.whole_us = 0;
	}
	group_done(s->group, f->server, &o);
	look_at_health(s, f);
	count(s, f->begin_us, f->end_us, f->failed);
	if (s->conf->clients && f->end_us < us_of(s->conf->until_s))
		arrive(s, f->client, f->end_us);
}

/* The next order of an operator after now_us, carried out; UINT64_MAX: none. */
static uint64_t next_order_us(const struct sim *s, uint64_t now_us)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < s->conf->n; i++) {
		const struct sim_span *d = &s->conf->servers[i].down;

		if (us_of(d->from_s) > now_us)
			next = MIN(next, us_of(d->from_s));
		else if (us_of(d->to_s) > now_us)
			next = MIN(next, us_of(d->to_s));
	}
	return next;
}

static void order(struct sim *s, uint64_t now_us)
{
	for (size_t i = 0; i < s->conf->n; i++)
		(void)health_by_hand(&s->health, i, is_within(&s->conf->servers[i].down, now_us) ? HAND_DOWN : HAND_UP,
				     now_us);
	pass_on_states(s, now_us);
}

/* ---- from begin to end ----------------------------------------------------------------------------------------- */
static void set_up(struct sim *s)
{
	const struct sim_conf *c = s->conf;
	const bool adaptive = strcmp(c->method, "adaptive") == 0;
	const double alpha = c->alpha > 0 ? c->alpha : adaptive ? 0.05 : 0.2;
	const struct group_conf group = {
		.policy = policy_find(str_of(c->method)), .compat_seed = c->compat_seed, .window = 3,
		.alpha_ppm = (uint32_t)(alpha * 1e6 + 0.5), .refresh_us = 5000000,
		.decay_us = adaptive ? 5000000 : 10000000, .slow_start_us = us_of(c->slow_start_s),
	};
	const struct health_conf health = { .eject_errors = c->eject_errors, .eject_us = us_of(c->eject_s) };
	struct group_member_conf *members = arena_array(s->arena, struct group_member_conf, c->n);

	for (size_t i = 0; i < c->n; i++) {
		members[i] = (struct group_member_conf){ arena_printf(s->arena, "s%zu", i), 1, false };
		s->servers[i].conf = &c->servers[i];
		s->servers[i].free_us = arena_array(s->arena, uint64_t, c->servers[i].slots);
		s->servers[i].last_us = us_of(c->warm_s);
	}
	s->group = group_new(&group, members, c->n, c->seed, s->arena);
	s->chance.state = ~c->seed;
	health_init(&s->health, &health, c->n, 0, s->arena);
}

static void run(struct sim *s)
{
	const uint64_t until_us = us_of(s->conf->until_s);
	uint64_t arrival_us = s->conf->rate > 0 ? 0 : UINT64_MAX, order_us = next_order_us(s, 0);

	for (uint32_t k = 0; k < s->conf->clients; k++)
		arrive(s, k, 0);
	for (;;) {
		const uint64_t end_us = s->n_flights ? s->flights[0].end_us : UINT64_MAX;
		const uint64_t tick_us = MIN(health_next_us(&s->health), order_us);
		const uint64_t request_us = MIN(end_us, arrival_us);
		const uint64_t now_us = MIN(request_us, tick_us);

		if (now_us == UINT64_MAX || (now_us >= until_us && !s->n_flights))
			break;
		if (now_us == order_us) {
			order(s, now_us);
			order_us = next_order_us(s, now_us);
		} else if (now_us == tick_us) {
			if (health_tick(&s->health, now_us))
				pass_on_states(s, now_us);
		} else if (now_us == end_us) {
			const struct flight f = flights_pop(s);

			finish(s, &f);
		} else {
			arrive(s, 0, now_us);
			arrival_us += us_of(-log(chance_unit(&s->chance)) / s->conf->rate);
			arrival_us = arrival_us < until_us ? arrival_us : UINT64_MAX;
		}
	}
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct sim *s, double q)
{
	return s->n_times ? s->times[(size_t)ceil(q * (double)s->n_times) - 1] : 0;
}

struct sim_result simulate(const struct sim_conf *c)
{
	struct sim s = { .conf = c, .arena = arena_new() };
	struct sim_result *r = &s.result;
	double sum = 0;
	size_t all = 0;

	set_up(&s);
	run(&s);
	qsort(s.times, s.n_times, sizeof(*s.times), compare);
	for (size_t k = 0; k < s.n_times; k++)
		sum += s.times[k];
	r->n = s.n_times;
	r->mean_ms = sum / (double)s.n_times;
	r->p95_ms = quantile(&s, 0.95);
	r->p99_ms = quantile(&s, 0.99);
	r->p999_ms = quantile(&s, 0.999);
	r->per_second = (double)s.n_times / (c->until_s - c->warm_s);
	for (size_t i = 0; i < c->n; i++) {
		const double idle_s = c->until_s - (double)s.servers[i].last_us / 1e6;

		r->idle_s[i] = MAX(r->idle_s[i], idle_s);
		all += r->requests[i];
	}
	for (size_t i = 0; i < c->n; i++)
		r->share[i] = 100.0 * (double)r->requests[i] / (double)all;
	arena_free(s.arena);
	return s.result;
}
