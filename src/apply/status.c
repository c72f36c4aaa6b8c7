/* SPDX-License-Identifier: MIT */
/* Gathering the status object: journal, plan in force, difference, counters. */
#include "base/base.h"

#include "apply/apply.h"
#include "apply/boot.h"
#include "apply/status.h"
#include "apply/trial.h"
#include "core/member.h"
#include "target/kernel.h"
#include "target/target.h"

struct status {
	struct session *session;
	struct kept_profile kept;
	const struct plan *plan;        /* NULL: nothing is in force */
	struct road road;
	struct counts counts;
};

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *number_or_null(bool has, uint64_t n)
{
	return has ? number(n) : json_null();
}

static json_t *seconds(uint64_t us)
{
	return json_real((double)us / 1e6);
}

static void set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		BUG("cannot set '%s'", name);
}

/* ---- counters ----------------------------------------------------------------------------------------------------- */

static int by_name(const void *key, const void *row)
{
	return strcmp(key, ((const struct count *)row)->name);
}

static const struct count *find_count(const struct status *st, const char *kind, const char *balance, const char *path)
{
	char name[3 * 32];

	(void)snprintf(name, sizeof(name), "%s_%s_%s", kind, balance, path);
	return st->counts.n ? bsearch(name, st->counts.list, st->counts.n, sizeof(struct count), by_name) : NULL;
}

struct tally {
	uint64_t packets, bytes, flows;
	bool counts, has_flows;         /* by a balance whose packets are counted; per-flow */
};

static void tally_add(struct tally *t, const struct status *st, const struct balance *b, const char *path)
{
	if (b->engine_nexthop)
		return;
	const struct count *packets = find_count(st, "packets", b->name, path);
	const struct count *flows = find_count(st, "flows", b->name, path);

	t->counts |= packets != NULL || !b->compat_seed;        /* the seed's own rules count some paths, or none */
	t->packets += packets ? packets->packets : 0;
	t->bytes += packets ? packets->bytes : 0;
	t->flows += flows ? flows->packets : 0;
	t->has_flows |= b->method->kind == POLICY_PER_FLOW && !b->compat_seed;
}

static void put_tally(json_t *o, const struct tally *t)
{
	set(o, "packets", number_or_null(t->counts, t->packets));
	set(o, "bytes", number_or_null(t->counts, t->bytes));
	set(o, "new_flows", number_or_null(t->has_flows, t->flows));
}

/* ---- paths and balances ------------------------------------------------------------------------------------------- */

static struct tally tally_of_path(const struct status *st, const struct plan_path *p)
{
	struct tally t = { 0 };

	for (size_t b = 0; b < st->plan->n_balances; b++) {
		const struct plan_balance *balance = &st->plan->balances[b];

		for (size_t i = 0; i < balance->n_members; i++)
			if (balance->members[i].path == p)
				tally_add(&t, st, balance->conf, p->conf->name);
	}
	t.counts |= !st->plan->n_balances;
	return t;
}

static json_t *via_of(const struct plan_path *p)
{
	const struct addr *hops[] = { &p->via4, &p->via6 };
	json_t *list = json_array();
	char buf[ADDR_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(hops); i++)
		if (hops[i]->family)
			(void)json_array_append_new(list, json_string(addr_print(hops[i], buf)));
	return list;
}

static const struct fact_interface *fact_of_path(const struct status *st, const struct plan_path *p)
{
	return &st->plan->facts->interfaces[facts_index(st->plan->machine, p->conf->interface)];
}

/* Without carrier the kernel passes a path's routes over, whatever the lists still give it. */
static bool has_lost_link(const struct status *st, const struct plan_path *p)
{
	return !fact_of_path(st, p)->carrier;
}

static bool is_down(const struct status *st, const struct plan_path *p)
{
	return p->state == MEMBER_DOWN || has_lost_link(st, p);
}

static json_t *path_object(const struct status *st, size_t i)
{
	const struct plan_path *p = &st->plan->paths[i];
	const struct tally t = tally_of_path(st, p);
	const enum member_reason reason = has_lost_link(st, p) ? REASON_LINK : p->reason;
	json_t *o = json_object();

	set(o, "state", json_string(member_state_name(is_down(st, p) ? MEMBER_DOWN : p->state)));
	set(o, "reason", text_or_null(member_reason_name(reason)));
	set(o, "held", json_boolean(p->held));
	set(o, "interface", json_string(p->conf->interface->name));
	set(o, "device", text_or_null(p->device));
	set(o, "via", via_of(p));
	set(o, "mark", number(p->mark));
	set(o, "table", number(p->table));
	set(o, "weight", number(p->weight));
	put_tally(o, &t);
	set(o, "since", text_or_null(journal_since(&st->session->journal, p->conf->name, i)));
	set(o, "probes", json_array());
	return o;
}

static json_t *member_object(const struct status *st, const struct plan_balance *b, const struct plan_member *m)
{
	json_t *o = json_object();
	struct tally t = { 0 };

	tally_add(&t, st, b->conf, m->path->conf->name);
	set(o, "weight", number(m->weight));
	set(o, "share", json_real(b->size ? (double)m->quota / b->size : 0));
	set(o, "backup", json_boolean(m->backup));
	put_tally(o, &t);
	return o;
}

static const char *scope_name(enum scope s)
{
	static const char *const names[] = {
		[SCOPE_FORWARDED] = "forwarded", [SCOPE_LOCAL] = "local", [SCOPE_ALL] = "all",
	};

	return names[s];
}

static json_t *balance_object(const struct status *st, const struct plan_balance *b)
{
	json_t *o = json_object(), *paths = json_object();

	for (size_t i = 0; i < b->n_members; i++)
		set(paths, b->members[i].path->conf->name, member_object(st, b, &b->members[i]));
	set(o, "method", json_string(b->conf->method->name));
	set(o, "scope", json_string(scope_name(b->conf->scope)));
	set(o, "paths", paths);
	return o;
}

/* ---- queues ------------------------------------------------------------------------------------------------------- */

static const char *node_name(enum node_kind k)
{
	static const char *const names[] = {
		[NODE_HTB] = "htb", [NODE_HTB_CLASS] = "htb", [NODE_TBF] = "tbf", [NODE_NETEM] = "netem",
		[NODE_BFIFO] = "bfifo", [NODE_PFIFO] = "pfifo", [NODE_FQ_CODEL] = "fq_codel",
	};

	return names[k];
}

static const struct queue_count *find_queue(const struct status *st, const char *interface)
{
	for (size_t i = 0; i < st->counts.n_queues; i++)
		if (strcmp(st->counts.queues[i].interface, interface) == 0)
			return &st->counts.queues[i];
	return NULL;
}

struct queue_shape {
	uint64_t rate_bps, bytes, packets, delay_us;
	bool has_bytes, has_packets;
};

static struct queue_shape shape_of(const struct tc_tree *t)
{
	struct queue_shape q = { 0 };

	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct tc_node *n = &t->nodes[i];

		if (n->kind == NODE_HTB_CLASS || n->kind == NODE_TBF)
			q.rate_bps = n->rate_Bps * 8;
		if (n->kind == NODE_NETEM)
			q.delay_us = n->delay_us;
		if (n->kind == NODE_BFIFO || n->kind == NODE_TBF)
			q.bytes = n->limit, q.has_bytes = true;
		if (n->kind == NODE_PFIFO || n->kind == NODE_FQ_CODEL)
			q.packets = n->limit, q.has_packets = true;
	}
	return q;
}

static json_t *shaper_object(const struct status *st, const struct tc_tree *t)
{
	const struct queue_count *c = find_queue(st, t->interface);
	const struct queue_shape q = shape_of(t);
	json_t *o = json_object();

	set(o, "shaper", text_or_null(t->shaper));
	set(o, "device", json_string(t->device));
	set(o, "kind", json_string(node_name(t->nodes[0].kind)));
	set(o, "rate_bps", number_or_null(q.rate_bps, q.rate_bps));
	set(o, "queue_bytes", number_or_null(q.has_bytes, q.bytes));
	set(o, "queue_packets", number_or_null(q.has_packets, q.packets));
	set(o, "queue_seconds", q.has_bytes && q.rate_bps ? seconds(q.bytes * 8 * 1000000 / q.rate_bps) : json_null());
	set(o, "delay_seconds", q.delay_us ? seconds(q.delay_us) : json_null());
	set(o, "backlog_bytes", number_or_null(c, c ? c->backlog_bytes : 0));
	set(o, "backlog_packets", number_or_null(c, c ? c->backlog_packets : 0));
	set(o, "sent_bytes", number_or_null(c, c ? c->sent_bytes : 0));
	set(o, "sent_packets", number_or_null(c, c ? c->sent_packets : 0));
	set(o, "dropped_packets", number_or_null(c, c ? c->dropped_packets : 0));
	set(o, "overlimits", number_or_null(c, c ? c->overlimits : 0));
	return o;
}

/* ---- the whole ---------------------------------------------------------------------------------------------------- */

static const char *state_word(const struct status *st)
{
	const struct journal *j = &st->session->journal;

	if (j->end == JOURNAL_UNFINISHED || trial_is_over(&j->trial))
		return "unfinished";
	if (road_changes(&st->road))
		return "drift";
	if (!st->plan)
		return "none";
	for (size_t i = 0; i < st->plan->facts->n_interfaces; i++)
		if (st->plan->facts->interfaces[i].absent)
			return "degraded";
	for (size_t i = 0; i < st->plan->n_paths; i++)
		if (is_down(st, &st->plan->paths[i]))
			return "degraded";
	return "in-sync";
}

/* Interfaces whose device has gone. */
static json_t *pending_of(const struct status *st)
{
	json_t *list = json_array();

	for (size_t i = 0; st->plan && i < st->plan->facts->n_interfaces; i++)
		if (st->plan->facts->interfaces[i].absent)
			(void)json_array_append_new(list, json_string(st->plan->facts->interfaces[i].name));
	return list;
}

static void put_head(json_t *o, const struct status *st)
{
	const struct generation *g = &st->session->journal.in_force;
	const struct machine *m = st->plan ? st->plan->machine : NULL;
	const struct trial *t = &st->session->journal.trial;
	char digest[65], until[TIME_TEXT];

	if (m)
		profile_digest(st->kept.profile, digest);
	set(o, "state", json_string(state_word(st)));
	set(o, "profile", text_or_null(m ? m->profile : NULL));
	set(o, "description", text_or_null(m ? m->description : NULL));
	set(o, "role", text_or_null(m ? m->role : NULL));
	set(o, "target", text_or_null(m ? g->target : NULL));
	set(o, "digest", text_or_null(m ? digest : NULL));
	set(o, "generation", number_or_null(m, g->number));
	set(o, "applied_at", text_or_null(m ? g->at : NULL));
	set(o, "applied_by", text_or_null(m ? g->by : NULL));
	set(o, "confirm_until", text_or_null(t->number ? trial_until(t, until) : NULL));
	set(o, "daemon", json_false());
	set(o, "saved", json_boolean(m && boot_is(st->session->state_dir, &st->kept, st->session->arena)));
	set(o, "differences", number(road_changes(&st->road)));
	set(o, "pending", pending_of(st));
}

static json_t *put_all(const struct status *st)
{
	json_t *o = json_object(), *paths = json_object(), *balances = json_object(), *shapers = json_object();
	const struct plan *p = st->plan;

	for (size_t i = 0; p && i < p->n_paths; i++)
		set(paths, p->paths[i].conf->name, path_object(st, i));
	for (size_t i = 0; p && i < p->n_balances; i++)
		set(balances, p->balances[i].conf->name, balance_object(st, &p->balances[i]));
	for (size_t i = 0; p && i < p->n_trees; i++)
		set(shapers, p->trees[i].interface, shaper_object(st, &p->trees[i]));
	put_head(o, st);
	set(o, "paths", paths);
	set(o, "balances", balances);
	set(o, "shapers", shapers);
	set(o, "proxies", json_object());
	set(o, "onions", json_object());
	return o;
}

/* Nothing in force: what is ours all the same shows as a difference from the empty plan. */
static int compare(struct status *st, struct diags *d)
{
	struct session *s = st->session;
	const struct plan *p = st->plan;

	if (!p) {
		struct plan *empty = plan_empty(&s->own.kernel, s->arena);

		empty->rule_size = s->own.rule_size;
		p = empty;
	}
	int err = road_plan(&st->road, p, LOWER_ALL, s->arena, d);

	return err ? err : road_compare(&st->road, s, d);
}

static int count(struct status *st, struct diags *d)
{
	st->counts.arena = st->session->arena;
	for (size_t i = 0; st->plan && i < st->road.n_steps; i++) {
		const struct target *t = st->road.steps[i].target;
		int err = t->count ? t->count(st->session->kernel, st->plan, &st->counts, d) : 0;

		if (err)
			return err;
	}
	return 0;
}

json_t *status_read(struct session *s, const struct plan **plan, struct diags *d)
{
	struct status st = { .session = s };
	size_t errors = d->n_errors;

	st.plan = apply_in_force(s, &st.kept, d);
	if (d->n_errors > errors || compare(&st, d) != 0 || count(&st, d) != 0)
		return NULL;
	if (plan)
		*plan = st.plan;
	return put_all(&st);
}

bool status_is_good(json_t *status)
{
	const char *state = json_string_value(json_object_get(status, "state"));

	return state && strcmp(state, "in-sync") == 0;
}

/* ---- picking values ----------------------------------------------------------------------------------------------- */

static json_t *unknown(json_t *in, const char *name, const char *where, struct arena *a, struct diags *d)
{
	const char **names = arena_array(a, const char *, json_object_size(in) + 1);
	struct diag *g = *where ? diag_error(d, NULL, "usage", "no '%s' in %s", name, where) :
				  diag_error(d, NULL, "usage", "no '%s' in the status", name);
	size_t n = 0;
	const char *key;
	json_t *value;

	json_object_foreach(in, key, value)
		names[n++] = key;
	(void)diag_nearest(d, g, str_of(name), names, n);
	return NULL;
}

json_t *status_get(json_t *status, const char *path, struct arena *a, struct diags *d)
{
	json_t *at = status;

	for (const char *p = path; *p;) {
		size_t n = strcspn(p, ".");
		const char *name = arena_copy(a, p, n);
		const char *where = p == path ? "" : arena_copy(a, path, (size_t)(p - path) - 1);
		uint64_t place;
		json_t *next = json_is_array(at) ? (parse_uint(str_of(name), &place) == 0 ? json_array_get(at, place) : NULL) :
						   json_object_get(at, name);

		if (!next)
			return unknown(at, name, where, a, d);
		at = next;
		p += n + (p[n] == '.');
	}
	return at;
}
