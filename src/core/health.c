/* SPDX-License-Identifier: MIT */
/* What a member's state is follows from three things that know nothing of each other: orders, checks, and ejection. */
#include "base/base.h"

#include "base/arena.h"
#include "core/health.h"

enum { EJECTIONS_MOST = 10, PEACE_TIMES = 10 };

struct standing {
	enum member_state state;
	enum member_reason reason;
};

/* A drained member that checks say is gone is down: who is bound to it had better move. */
static struct standing standing_of(const struct health *h, const struct health_member *m)
{
	if (m->hand == HAND_DOWN)
		return (struct standing){ MEMBER_DOWN, REASON_HAND };
	if (h->conf.checked && m->known && !m->good)
		return (struct standing){ MEMBER_DOWN, m->refused ? REASON_CERTIFICATE : REASON_HEALTH };
	if (m->out || (m->ejected && h->conf.checked && !m->proven))
		return (struct standing){ MEMBER_DOWN, REASON_EJECTED };
	if (m->hand == HAND_DRAIN)
		return (struct standing){ MEMBER_DRAINING, REASON_HAND };
	if (m->ejected)
		return (struct standing){ MEMBER_PROBING, REASON_EJECTED };
	if (h->conf.checked && !m->good)
		return (struct standing){ MEMBER_PROBING, REASON_HEALTH };
	return (struct standing){ MEMBER_UP, REASON_NONE };
}

static bool settle(const struct health *h, struct health_member *m, uint64_t now_us)
{
	const struct standing s = standing_of(h, m);
	const bool changed = s.state != m->state || s.reason != m->reason;

	if (s.state != m->state)
		m->since_us = now_us;
	m->state = s.state;
	m->reason = s.reason;
	m->held = m->hand != HAND_UP;
	return changed;
}

void health_init(struct health *h, const struct health_conf *c, size_t n, uint64_t now_us, struct arena *a)
{
	*h = (struct health){ .conf = *c, .n = n, .members = arena_array(a, struct health_member, n) };
	for (size_t i = 0; i < n; i++) {
		(void)settle(h, &h->members[i], now_us);
		h->members[i].since_us = now_us;
	}
}

void health_weight(struct health *h, size_t i, uint32_t weight)
{
	h->members[i].idle = weight == 0;
}

/* ---- active ---------------------------------------------------------------------------------------------------- */
bool health_checked(struct health *h, size_t i, enum health_result r, uint64_t now_us)
{
	struct health_member *m = &h->members[i];
	const bool good = r == HEALTH_GOOD;

	m->proven |= good;
	if (!good)
		m->refused = r == HEALTH_CERTIFICATE;
	if (good == m->good && m->known) {
		m->run = 0;
	} else if (!m->known || ++m->run >= (good ? h->conf.rise : h->conf.fall)) {
		m->known = true;
		m->good = good;
		m->run = 0;
	}
	return settle(h, m, now_us);
}

/* ---- passive --------------------------------------------------------------------------------------------------- */
static bool has_other_up(const struct health *h, const struct health_member *but)
{
	for (const struct health_member *m = h->members; m < h->members + h->n; m++)
		if (m != but && m->state == MEMBER_UP && !m->idle)
			return true;
	return false;
}

static size_t count_ejected(const struct health *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->members[i].ejected;
	return n;
}

static bool eject(struct health *h, struct health_member *m, uint64_t now_us)
{
	const bool peace = now_us >= m->peace_since_us + PEACE_TIMES * h->conf.eject_us;

	m->ejections = m->ejections == 0 || (!m->ejected && peace) ? 1 : MIN(m->ejections + 1, EJECTIONS_MOST);
	m->ejected = m->out = true;
	m->proven = false;
	m->eject_until_us = now_us + h->conf.eject_us * m->ejections;
	return settle(h, m, now_us);
}

bool health_failures(struct health *h, size_t i, uint64_t now_us)
{
	struct health_member *m = &h->members[i];

	if (!h->conf.eject_errors || m->ejected || (m->state != MEMBER_UP && m->state != MEMBER_PROBING))
		return false;
	if (!has_other_up(h, m) || count_ejected(h) >= (h->n + 1) / 2)
		return false;
	return eject(h, m, now_us);
}

bool health_trial(struct health *h, size_t i, bool good, uint64_t now_us)
{
	struct health_member *m = &h->members[i];

	if (m->state != MEMBER_PROBING || !m->ejected)
		return false;
	if (!good)
		return has_other_up(h, m) && eject(h, m, now_us);
	m->ejected = false;
	m->peace_since_us = now_us;
	return settle(h, m, now_us);
}

bool health_tick(struct health *h, uint64_t now_us)
{
	bool changed = false;

	for (struct health_member *m = h->members; m < h->members + h->n; m++) {
		if (!m->out || now_us < m->eject_until_us)
			continue;
		m->out = false;
		changed |= settle(h, m, now_us);
	}
	return changed;
}

uint64_t health_next_us(const struct health *h)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < h->n; i++)
		if (h->members[i].out && h->members[i].eject_until_us < next)
			next = h->members[i].eject_until_us;
	return next;
}

/* ---- by hand, and over a reload -------------------------------------------------------------------------------- */
bool health_by_hand(struct health *h, size_t i, enum health_hand hand, uint64_t now_us)
{
	struct health_member *m = &h->members[i];
	const bool held = m->held;

	m->hand = hand;
	return settle(h, m, now_us) || held != m->held;
}

void health_take_over(struct health *h, size_t i, const struct health_member *before)
{
	struct health_member *m = &h->members[i];
	const bool idle = m->idle;

	*m = *before;
	m->idle = idle;
	m->run = 0;
	m->known &= h->conf.checked;
	if (!m->known)
		m->good = before->state == MEMBER_UP;
	if (!h->conf.eject_errors)
		m->ejected = m->out = false;
	const uint64_t since_us = m->since_us;

	(void)settle(h, m, since_us);
}
