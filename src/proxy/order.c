/* SPDX-License-Identifier: MIT */
/* Orders of the control socket (proxy.md section 3): each is answered once, and doing it twice is harmless. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/line.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/control.h"
#include "proxy/peer.h"
#include "proxy/report.h"
#include "proxy/service.h"
#include "proxy/watch.h"

enum { WEIGHT_MOST = 1000 };

struct ordered {
	struct peer *peer;
	struct master *master;
	const struct line *line;
	uint64_t seq;
};

/* The proxy that it names; NULL: it has been told. */
static struct service *find_proxy(const struct ordered *o)
{
	const struct str name = line_get(o->line, "proxy");
	struct service *s = o->master->current ? edition_find(o->master->current, name) : NULL;

	if (!name.p)
		peer_error(o->peer, o->line, "usage", "'proxy' is missing");
	else if (!s)
		peer_error(o->peer, o->line, "usage", "no proxy '%.*s'", (int)name.n, name.p);
	return s;
}

static bool read_hand(struct str state, enum health_hand *hand)
{
	static const char *const names[] = { [HAND_UP] = "up", [HAND_DRAIN] = "drain", [HAND_DOWN] = "down" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(state, names[i])) {
			*hand = (enum health_hand)i;
			return true;
		}
	return false;
}

/* Its state before and now go along with the ok. */
static void say_done(const struct ordered *o, enum member_state from, enum member_state to)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "ok");
	line_word_number(&t, "seq", o->seq);
	line_word(&t, "from", member_state_name(from));
	line_word(&t, "to", member_state_name(to));
	line_end(&t);
	peer_say(o->peer, &t);
}

static void obey_server(const struct ordered *o)
{
	struct service *s = find_proxy(o);
	const struct str name = line_get(o->line, "name");
	const struct str state = line_get(o->line, "state"), weight = line_get(o->line, "weight");
	enum health_hand hand = HAND_UP;
	uint64_t number = 0;

	if (!s)
		return;
	if (upgrade_is_under_way(&o->master->upgrade)) {
		peer_error(o->peer, o->line, "busy", "an upgrade is under way");
		return;
	}
	const int i = name.p ? service_find(s, name) : -1;

	if (i < 0) {
		peer_error(o->peer, o->line, "usage", "proxy '%s' has no server '%.*s'", s->conf->name, (int)name.n,
			   name.p ? name.p : "");
		return;
	}
	const enum member_state from = s->health.members[i].state;

	if (state.p && !weight.p && read_hand(state, &hand)) {
		service_set_hand(s, (size_t)i, hand);
		say_done(o, from, s->health.members[i].state);
	} else if (weight.p && !state.p && str_is(weight, "default")) {
		service_set_weight(s, (size_t)i, false, 0);
		say_done(o, from, s->health.members[i].state);
	} else if (weight.p && !state.p && line_number(o->line, "weight", &number) == 0 && number <= WEIGHT_MOST) {
		service_set_weight(s, (size_t)i, true, (uint32_t)number);
		say_done(o, from, s->health.members[i].state);
	} else {
		peer_error(o->peer, o->line, "usage", "expected state=up/down/drain, or weight=0 to 1000 or default");
	}
}

static void obey_reload(const struct ordered *o)
{
	const int err = master_reload(o->master);

	if (err == -EBUSY)
		peer_error(o->peer, o->line, "busy", "a reload is under way");
	else if (err == -EINVAL)
		peer_error(o->peer, o->line, "profile", "%s", text_get(&o->master->refusal));
	else if (err)
		peer_error(o->peer, o->line, "kernel", "%s", strerror(-err));
	if (err)
		return;
	o->peer->reloads = true;
	o->peer->reload_seq = o->seq;
}

static void obey_reopen(const struct ordered *o)
{
	const int err = master_reopen(o->master);

	if (err)
		peer_error(o->peer, o->line, "kernel", "a log cannot be opened: %s", strerror(-err));
	else
		peer_ok(o->peer, o->seq);
}

static void obey_stop(const struct ordered *o)
{
	struct master *m = o->master;

	peer_ok(o->peer, o->seq);
	master_stop(m);
}

static void obey_report(const struct ordered *o)
{
	auto_text struct text t = { 0 };
	const struct report r = { .out = &t, .mono_us = o->master->loop.now_us, .seq = &o->peer->seq };

	watch_count(o->master);
	if (o->master->current)
		report_round(&r, o->master->current);
	line_begin(&t, "ok");
	line_word_number(&t, "seq", o->seq);
	line_end(&t);
	peer_say(o->peer, &t);
}

/* Of one proxy, or of all: each counts its own. */
static void obey_samples(const struct ordered *o)
{
	auto_text struct text t = { 0 };
	const struct report r = { .out = &t, .mono_us = o->master->loop.now_us };
	const struct edition *e = o->master->current;
	struct service *only = line_find(o->line, "proxy") ? find_proxy(o) : NULL;
	uint64_t since = 0;
	const int err = line_number(o->line, "since", &since);

	if (line_find(o->line, "proxy") && !only)
		return;
	if (err && err != -ENOENT) {
		peer_error(o->peer, o->line, "usage", "'since' is the number of a sample");
		return;
	}
	for (size_t i = 0; e && i < e->n; i++)
		if (!only || only == e->services[i])
			report_samples(&r, e->services[i], since);
	line_begin(&t, "ok");
	line_word_number(&t, "seq", o->seq);
	line_end(&t);
	peer_say(o->peer, &t);
}

void order_obey(struct peer *p, const struct line *order)
{
	static const struct {
		const char *name;
		enum right right;
		void (*obey)(const struct ordered *o);
	} rows[] = {
		{ "server", RIGHT_CHANGE, obey_server },   { "reload", RIGHT_CHANGE, obey_reload },
		{ "reopen", RIGHT_CHANGE, obey_reopen },   { "stop", RIGHT_CHANGE, obey_stop },
		{ "report", RIGHT_READ, obey_report },     { "samples", RIGHT_READ, obey_samples },
	};
	struct ordered o = { .peer = p, .master = p->control->master, .line = order };
	const struct str what = line_get(order, "do");

	if (line_number(order, "seq", &o.seq)) {
		peer_error(p, order, "usage", "an order needs 'seq', a number");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!what.p || !str_is(what, rows[i].name))
			continue;
		if (p->right < rows[i].right)
			peer_error(p, order, "permission", "group nlbc may, or root");
		else
			rows[i].obey(&o);
		return;
	}
	peer_error(p, order, "usage", "unknown order '%.*s'", (int)what.n, what.p ? what.p : "");
}
