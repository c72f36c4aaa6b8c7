/* SPDX-License-Identifier: MIT */
/* Which members may be chosen, what is counted of them, and what their samples are; how one is chosen is the policy's. */
#include "base/base.h"

#include "base/arena.h"
#include "core/choice.h"
#include "core/group.h"
#include "core/policy.h"

/* What a failure counts as (proxy.md 7.1). */
enum { FAILURE_TIMES = 5 };
static const uint64_t failure_first_us = 1000000, failure_most_us = 10000000;
static const double slow_least = 0.1;

struct group *group_new(const struct group_conf *c, const struct group_member_conf *members, size_t n, uint64_t seed,
			struct arena *a)
{
	struct group *g = arena_one(a, struct group);

	if (!c->policy->choose)
		BUG("policy '%s' chooses no members", c->policy->name);
	*g = (struct group){
		.conf = *c, .n = n, .chance = { seed }, .turns_ahead = c->turn, .changed = true,
		.members = arena_array(a, struct group_member, n),
		.usable = arena_array(a, uint32_t, n), .untried = arena_array(a, uint32_t, n),
	};
	for (size_t i = 0; i < n; i++) {
		struct group_member *m = &g->members[i];

		*m = (struct group_member){ .conf = members[i], .state = MEMBER_UP, .weight = members[i].weight,
					    .w = members[i].weight };
		if (c->policy->init)
			c->policy->init(m, c, a);
	}
	return g;
}

/* ---- what is known of a member --------------------------------------------------------------------------------- */
static void weigh(struct group *g, struct group_member *m, uint64_t now_us)
{
	const uint64_t t = now_us > m->up_us ? now_us - m->up_us : 0;
	const double part = (double)t / (double)g->conf.slow_start_us;

	m->w = m->weight * (part > slow_least ? part : slow_least);
}

static void slow_stop(struct group *g, struct group_member *m)
{
	g->n_slow -= m->slow;
	m->slow = false;
	m->w = m->weight;
}

static void slow_start(struct group *g, struct group_member *m, uint64_t now_us)
{
	if (g->conf.slow_start_us == 0 || g->conf.compat_seed)
		return;
	g->n_slow += !m->slow;
	m->slow = true;
	weigh(g, m, now_us);
}

static void slow_go_on(struct group *g, uint64_t now_us)
{
	for (size_t i = 0; i < g->n; i++) {
		struct group_member *m = &g->members[i];

		if (m->slow && now_us >= m->up_us + g->conf.slow_start_us)
			slow_stop(g, m);
		else if (m->slow)
			weigh(g, m, now_us);
	}
}

void group_set_state(struct group *g, size_t i, enum member_state s, uint64_t now_us)
{
	struct group_member *m = &g->members[i];
	const enum member_state before = m->state;

	if (s == before)
		return;
	m->state = s;
	g->changed = true;
	slow_stop(g, m);
	if (s == MEMBER_DOWN || before == MEMBER_DOWN)
		estimate_clear(&m->estimate);
	if (s == MEMBER_UP || before == MEMBER_DOWN)
		m->up_us = now_us;
	if (s == MEMBER_UP)
		slow_start(g, m, now_us);
}

void group_set_weight(struct group *g, size_t i, uint32_t weight)
{
	struct group_member *m = &g->members[i];

	if (weight == m->weight)
		return;
	/* In slow start the next choice weighs it anew. */
	m->weight = weight;
	m->w = weight;
	g->changed = true;
	/* A debt of a thousand steps of the old weight would keep a light member waiting. */
	for (size_t k = 0; k < g->n; k++)
		g->members[k].turn = 0;
}

void group_set_full(struct group *g, size_t i, bool full)
{
	g->changed |= full != g->members[i].full;
	g->members[i].full = full;
}

void group_set_busy(struct group *g, size_t i, bool busy)
{
	g->changed |= busy != g->members[i].busy;
	g->members[i].busy = busy;
}

/* ---- the choice ------------------------------------------------------------------------------------------------ */
static bool is_in_service(const struct group_member *m)
{
	return m->weight > 0 && (m->state == MEMBER_UP || m->state == MEMBER_PROBING);
}

static bool has_place(const struct group_member *m)
{
	return !m->full && !(m->state == MEMBER_PROBING && m->busy);
}

/* The usable members, or usable backups, but for those tried. */
static size_t collect(const struct group *g, bool backup, const uint8_t *tried, uint32_t *list)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct group_member *m = &g->members[i];

		if (m->conf.backup == backup && is_in_service(m) && has_place(m) && !(tried && tried[i]))
			list[n++] = (uint32_t)i;
	}
	return n;
}

static void look_anew(struct group *g)
{
	g->changed = false;
	g->n_usable = collect(g, false, NULL, g->usable);
	if (!g->n_usable)
		g->n_usable = collect(g, true, NULL, g->usable);
	g->any_waits = g->any_new = false;
	for (size_t i = 0; i < g->n; i++)
		g->any_waits |= is_in_service(&g->members[i]) && !has_place(&g->members[i]);
	for (size_t k = 0; k < g->n_usable; k++)
		g->any_new |= !g->members[g->usable[k]].estimate.measured;
}

/* A repeat goes to a backup rather than to a member that has just failed it. */
static struct choice without_tried(struct group *g, const struct group_wish *w)
{
	size_t n = collect(g, false, w->tried, g->untried);

	if (!n)
		n = collect(g, true, w->tried, g->untried);
	return n ? (struct choice){ g->untried, n, w } : (struct choice){ g->usable, g->n_usable, w };
}

int group_choose(struct group *g, const struct group_wish *w)
{
	const struct policy *p = g->conf.policy;

	if (g->n_slow)
		slow_go_on(g, w->now_us);
	if (g->changed)
		look_anew(g);
	const struct choice c = w->tried ? without_tried(g, w) : (struct choice){ g->usable, g->n_usable, w };
	if (!c.n)
		return g->any_waits ? GROUP_FULL : GROUP_NONE;
	return (int)(g->conf.compat_seed && p->seed_choose ? p->seed_choose : p->choose)(g, &c);
}

void group_begin(struct group *g, size_t i, uint64_t now_us)
{
	g->members[i].open++;
	g->members[i].picked_us = now_us;
}

/* ---- samples --------------------------------------------------------------------------------------------------- */
/* The largest estimate of all members, microseconds; 0: there is none. */
static uint64_t largest_us(const struct group *g)
{
	double most = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->members[i].estimate.measured && g->members[i].estimate.value > most)
			most = g->members[i].estimate.value;
	return (uint64_t)most;
}

static uint64_t failure_us(const struct group *g, uint64_t taken_us)
{
	const uint64_t largest = largest_us(g);
	const uint64_t x = largest ? MIN(FAILURE_TIMES * largest, failure_most_us) : failure_first_us;

	return MAX(x, taken_us);
}

static bool left_counts(const struct group *g, const struct group_member *m, uint64_t taken_us)
{
	/* A member that was never measured is held against the others: a hung one must not stay new for ever. */
	const uint64_t estimate = m->estimate.measured ? (uint64_t)m->estimate.value : largest_us(g);

	return estimate && taken_us > estimate;
}

/* The sample of an outcome, in the method's way of counting; false: it gives none. */
static bool sample_of(const struct group *g, const struct group_member *m, const struct group_outcome *o, uint64_t *x_us)
{
	switch (o->end) {
	case GROUP_SAMPLE:
		/* An estimate of nothing times any load would be nothing. */
		*x_us = g->conf.compat_seed ? o->whole_us : MAX(o->first_us, 1);
		return true;
	case GROUP_FAILURE:
		*x_us = g->conf.compat_seed ? MAX(o->whole_us, o->first_us) : failure_us(g, o->first_us);
		return true;
	case GROUP_LEFT:
		*x_us = o->first_us;
		return !g->conf.compat_seed && left_counts(g, m, o->first_us);
	case GROUP_UNKNOWN:
		return false;
	}
	BUG("outcome %d", (int)o->end);
}

void group_sample(struct group *g, size_t i, const struct group_outcome *o)
{
	struct group_member *m = &g->members[i];
	const struct policy *p = g->conf.policy;
	const uint64_t taken_us = MAX(o->first_us, o->whole_us);
	uint64_t x_us;

	if (!p->done || !sample_of(g, m, o, &x_us))
		return;
	/* What was sent before the member went down tells nothing of the one that came back. */
	if (m->state == MEMBER_DOWN || o->now_us < m->up_us + taken_us)
		return;
	g->changed |= !m->estimate.measured;
	(g->conf.compat_seed ? p->seed_done : p->done)(&m->estimate, &g->conf, x_us, o->now_us);
}

void group_done(struct group *g, size_t i, const struct group_outcome *o)
{
	if (!g->members[i].open)
		BUG("member '%s' has no open exchange", g->members[i].conf.name);
	g->members[i].open--;
	group_sample(g, i, o);
}

/* ---- what can be read ------------------------------------------------------------------------------------------ */
size_t group_size(const struct group *g)
{
	return g->n;
}

uint32_t group_open(const struct group *g, size_t i)
{
	return g->members[i].open;
}

enum member_state group_state(const struct group *g, size_t i)
{
	return g->members[i].state;
}

int64_t group_estimate_us(const struct group *g, size_t i)
{
	const struct estimate *e = &g->members[i].estimate;

	if (!e->measured)
		return -1;
	return (int64_t)(e->value * (g->conf.compat_seed ? 1000 : 1) + 0.5);
}
