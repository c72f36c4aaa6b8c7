/* SPDX-License-Identifier: MIT */
/* Applying: plan, compare, survey, journal, write; and the way back when a write is refused. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "apply/apply.h"
#include "apply/undo.h"
#include "base/out.h"
#include "plan/facts.h"
#include "target/facts.h"
#include "target/kernel.h"

/* ---- making the plan ---------------------------------------------------------------------------------------------- */

struct differing {
	const char *name;
	const char *now, *wanted;
};

/* These cannot change in place: old connection marks would be read as other paths (packet.md section 12). */
static int check_fixed(const struct session *s, const struct machine *m, struct diags *d)
{
	const struct kernel_conf *a = &s->own.kernel, *b = &m->kernel;

	if (!s->journal.now.number)
		return 0;
	const struct differing rows[] = {
		{ "target", a->target == TARGET_NFT ? "nft" : "iptables", b->target == TARGET_NFT ? "nft" : "iptables" },
		{ "mark-mask", arena_printf(s->arena, "0x%08x", a->mark_mask), arena_printf(s->arena, "0x%08x", b->mark_mask) },
		{ "rule-base", arena_printf(s->arena, "%u", a->rule_base), arena_printf(s->arena, "%u", b->rule_base) },
		{ "table-base", arena_printf(s->arena, "%u", a->table_base), arena_printf(s->arena, "%u", b->table_base) },
		{ "route-protocol", arena_printf(s->arena, "%u", a->route_protocol),
		  arena_printf(s->arena, "%u", b->route_protocol) },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].now, rows[i].wanted) == 0)
			continue;
		diag_hint(d, diag_error(d, &b->place, "machine", "%s is %s in the running profile", rows[i].name, rows[i].now),
			  "nlbc flush first");
		err = -EINVAL;
	}
	return err;
}

static struct memory forget_hands(struct memory m)
{
	m.hand_states = NULL;
	m.hand_weights = NULL;
	m.n_hand_states = m.n_hand_weights = 0;
	return m;
}

struct intent {                             /* what shall be in force, and what will then be remembered */
	const struct profile *profile;
	const struct machine *machine;
	struct facts *facts;
	struct plan *plan;
	struct memory after;
	char digest[DIGEST_TEXT];
	bool trusted;
};

static int make_plan(struct session *s, struct intent *w, const struct memory *before, struct road *r, struct diags *d)
{
	size_t errors = d->n_errors;
	int err = facts_read(s->kernel, &s->own, w->facts, s->arena, d);

	if (!err && d->n_errors > errors)
		err = -EINVAL;
	if (err)
		return err;
	w->plan = plan_compile(w->machine, w->facts, before, &w->after, s->arena, d);
	if (!w->plan)
		return -EINVAL;
	profile_digest(w->profile, w->digest);
	w->plan->sum = arena_printf(s->arena, "%.12s", w->digest);
	if (!s->journal.now.number)
		s->own.kernel = w->plan->kernel;
	s->own.rule_size = MAX(s->own.rule_size, w->plan->rule_size);
	return road_plan(r, w->plan, LOWER_ALL, s->arena, d);
}

/* A rule-set whose generation is the one we left, and whose items then are those wanted now, need not be read. */
static void trust(struct session *s, const struct road *r)
{
	const struct journal *j = &s->journal;

	s->own.trusted = j->end == JOURNAL_DONE && j->nft_generation && j->steer_sum &&
			 strcmp(j->steer_sum, road_steer_sum(r, s->arena)) == 0;
}

static int compare(struct session *s, const struct apply_request *q, struct intent *w, struct apply_result *out,
		   struct diags *d)
{
	int err = check_fixed(s, q->machine, d);

	*out = (struct apply_result){ .previous = s->journal.in_force.number, .generation = s->journal.in_force.number };
	*w = (struct intent){ .profile = q->profile, .machine = q->machine, .facts = facts_ask(q->machine, s->arena) };
	if (err)
		return err;
	const struct memory before = q->reset ? forget_hands(s->journal.memory) : s->journal.memory;

	err = make_plan(s, w, &before, &out->road, d);
	if (err)
		return err;
	trust(s, &out->road);
	return road_compare(&out->road, s, d);
}

static int survey(struct session *s, struct apply_result *out, struct diags *d)
{
	size_t errors = d->n_errors;
	int err = road_survey(&out->road, s, d);

	return err ? err : d->n_errors > errors ? -EINVAL : 0;
}

int apply_compare(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	struct intent w;
	int err = compare(s, q, &w, out, d);

	if (!err && road_changes(&out->road))
		err = survey(s, out, d);
	out->changed = road_changes(&out->road) > 0;
	return err;
}

int apply_rehearse(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	int err = apply_compare(s, q, out, d);

	return err ? err : road_rehearse(&out->road, s, d);
}

/* ---- writing it --------------------------------------------------------------------------------------------------- */

static const char *now_text(struct arena *a)
{
	char *buf = arena_alloc(a, TIME_TEXT);

	return time_print((int64_t)time(NULL), buf);
}

static int journal_failed(int err, struct diags *d)
{
	if (err)
		diag_error(d, NULL, "kernel", "cannot write the journal: %s", strerror(-err));
	return err;
}

/* On disk before the first change: what is begun, all that will be displaced, all that is remembered. */
static int begin(struct session *s, const struct generation *g, const struct memory *after, size_t known,
		 struct diags *d)
{
	auto_text struct text lines = { 0 };

	journal_put_begin(g, after, &lines);
	journal_put_displaced(s->own.displaced + known, s->own.n_displaced - known, &lines);
	return journal_failed(journal_append(&s->journal, &lines, true), d);
}

static void remember_since(struct journal *j, const struct plan *p, const char *at)
{
	struct counted_since *old = j->since;
	struct journal before = *j;

	j->since = NULL;
	j->n_since = j->since_room = 0;
	before.since = old;
	for (size_t i = 0; i < p->n_paths; i++) {
		const char *name = p->paths[i].conf->name;
		const char *since = journal_since(&before, name, i);

		journal_set_since(j, name, since ? since : at);
	}
}

/* Drops from the list what was put back: what nothing of ours stands on any more. */
static void keep_displaced(struct session *s, const struct road *r)
{
	struct journal *j = &s->journal;
	struct own *o = &s->own;
	size_t n = 0;

	for (size_t i = 0; i < o->n_displaced; i++) {
		bool wanted = false;

		for (size_t t = 0; t < r->n_steps && !wanted; t++)
			wanted = items_find(&r->steps[t].wanted, o->displaced[i].key) != NULL;
		if (wanted)
			o->displaced[n++] = o->displaced[i];
	}
	o->n_displaced = n;
	j->displaced = o->displaced;
	j->n_displaced = n;
}

static bool nft_changed(const struct road *r)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].target == &target_nft)
			return r->steps[i].changes.n > 0;
	return false;
}

/* After the last write: the kernel holds what the plan says. */
static int finish(struct session *s, const struct generation *g, const struct intent *w, const struct road *r,
		  struct diags *d)
{
	struct journal *j = &s->journal;
	char *sum = arena_alloc(s->arena, DIGEST_TEXT);

	road_digest(r, false, &s->own, s->own.n_displaced, sum);
	j->now = j->in_force = *g;
	j->last = MAX(j->last, g->number);
	j->end = JOURNAL_DONE;
	j->memory = w->after;
	j->done_sum = sum;
	j->steer_sum = road_steer_sum(r, s->arena);
	j->nft_generation = nft_changed(r) || s->own.trusted ? s->own.nft_generation : 0;
	keep_displaced(s, r);
	remember_since(j, w->plan, g->at);
	return journal_failed(journal_rewrite(j), d);
}

static int carry_out(struct session *s, struct generation *g, struct intent *w, struct apply_result *out,
		     struct diags *d)
{
	size_t known = s->own.n_displaced;
	struct undo u;
	int err = survey(s, out, d);

	if (err)
		return err;
	undo_init(&u, s, &out->road, known);
	g->before = u.before;
	err = begin(s, g, &w->after, known, d);
	if (err)
		return err;
	err = road_write(&out->road, s, d);
	if (!err)
		err = finish(s, g, w, &out->road, d);
	if (!err)
		return 0;
	out->rolled_back = undo(&u, s, g, d) == 0;
	out->generation = g->from;
	return err;
}

static struct generation new_generation(const struct session *s, const char *verb, const struct plan *p)
{
	const struct machine *m = p->machine;

	return (struct generation){
		.number = s->journal.last + 1, .from = s->journal.in_force.number, .verb = verb,
		.profile = m ? m->profile : "-", .role = m && m->role ? m->role : "-", .sum = p->sum ? p->sum : "-",
		.target = p->kernel.target == TARGET_NFT ? "nft" : "iptables", .by = s->by, .at = now_text(s->arena),
		.pid = (long)getpid(), .before = "-", .kernel = p->kernel, .rule_size = p->rule_size,
	};
}

/* The same profile for the same role, nothing different in the kernel, nothing newly remembered: no new generation. */
static bool is_same(const struct session *s, const struct intent *w, const struct road *r, bool reset)
{
	const struct journal *j = &s->journal;
	const char *role = w->machine->role ? w->machine->role : "-";

	return !road_changes(r) && j->end == JOURNAL_DONE && j->in_force.number && strcmp(j->in_force.sum, w->plan->sum) == 0 &&
	       strcmp(j->in_force.role, role) == 0 && !(reset && (j->memory.n_hand_states || j->memory.n_hand_weights));
}

int apply_profile(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	struct intent w;
	int err = compare(s, q, &w, out, d);

	if (err || is_same(s, &w, &out->road, q->reset))
		return err;
	struct generation g = new_generation(s, "apply", w.plan);

	w.plan->generation = g.number;
	err = journal_failed(session_save(s, g.number, q->profile, q->machine, w.facts), d);
	if (err)
		return err;
	out->generation = g.number;
	out->changed = true;
	return carry_out(s, &g, &w, out, d);
}

/* ---- flush -------------------------------------------------------------------------------------------------------- */

static size_t count_restored(const struct session *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->own.n_displaced; i++)
		n += strcmp(s->own.displaced[i].value, "default") != 0;
	return n;
}

/* Afterwards only the highest generation number is remembered. */
static int forget(struct session *s, struct diags *d)
{
	struct journal *j = &s->journal;

	j->end = JOURNAL_EMPTY;
	j->now = j->in_force = (struct generation){ 0 };
	j->memory = (struct memory){ 0 };
	j->n_displaced = j->n_since = 0;
	return journal_failed(journal_rewrite(j), d);
}

int apply_flush(struct session *s, bool force, bool dry_run, struct apply_result *out, struct diags *d)
{
	struct plan *empty = plan_empty(&s->own.kernel, s->arena);

	*out = (struct apply_result){ .previous = s->journal.in_force.number };
	s->own.force = force;
	empty->rule_size = s->own.rule_size;
	int err = road_plan(&out->road, empty, LOWER_ALL, s->arena, d);

	if (!err)
		err = road_compare(&out->road, s, d);
	if (!err)
		err = survey(s, out, d);
	if (err)
		return err;
	out->restored = count_restored(s);
	out->nothing = !road_changes(&out->road) && !s->own.n_displaced && s->journal.end == JOURNAL_EMPTY;
	out->changed = !out->nothing;
	if (dry_run)
		return road_rehearse(&out->road, s, d);
	if (out->nothing)
		return 0;
	struct generation g = new_generation(s, "flush", empty);
	struct undo u;

	g.number = 0;
	undo_init(&u, s, &out->road, s->own.n_displaced);
	g.before = u.before;
	err = begin(s, &g, &s->journal.memory, s->own.n_displaced, d);
	if (!err)
		err = road_write(&out->road, s, d);
	if (!err)
		return forget(s, d);
	out->rolled_back = undo(&u, s, &g, d) == 0;
	out->generation = g.from;
	return err;
}

/* ---- by hand ------------------------------------------------------------------------------------------------------ */

/* The plan of the profile in force with what is remembered now. Warnings were given when it was applied. */
static int plan_kept(struct session *s, const struct kept_profile *kept, struct intent *w, const struct memory *before,
		     struct road *r, struct diags *d)
{
	struct diags again;

	diags_init(&again, s->arena);
	*w = (struct intent){ .profile = kept->profile, .machine = kept->machine, .facts = kept_facts(kept, s->arena) };
	int err = make_plan(s, w, before, r, &again);

	for (size_t i = 0; i < again.n; i++) {
		const struct diag *g = again.list[i];

		if (g->severity == DIAG_ERROR)
			diag_error(d, &g->place, g->code, "%s", g->text)->hint = g->hint;
	}
	return err;
}

static int plan_in_force(struct session *s, struct kept_profile *kept, struct intent *w, const struct memory *before,
			 struct road *r, struct diags *d)
{
	int err = session_load(s, s->journal.in_force.number, kept, d);

	return err ? err : plan_kept(s, kept, w, before, r, d);
}

const struct plan *apply_in_force(struct session *s, struct kept_profile *kept, struct diags *d)
{
	struct intent w;
	struct road r;

	if (!s->journal.in_force.number)
		return NULL;
	return plan_in_force(s, kept, &w, &s->journal.memory, &r, d) == 0 ? w.plan : NULL;
}

static const struct plan_path *find_path(const struct plan *p, const struct hand *h, struct diags *d)
{
	const char **names = arena_array(p->arena, const char *, p->n_paths + 1);

	for (size_t i = 0; i < p->n_paths; i++) {
		names[i] = p->paths[i].conf->name;
		if (strcmp(names[i], h->path) == 0)
			return &p->paths[i];
	}
	struct diag *g = diag_error(d, NULL, "usage", "no path '%s'", h->path);

	diag_nearest(d, g, str_of(h->path), names, p->n_paths);
	return NULL;
}

/* What the person sees: the path's state, or its weight. */
static const char *shown(const struct plan *p, const struct hand *h, struct diags *d)
{
	const struct plan_path *path = find_path(p, h, d);

	if (!path)
		return NULL;
	if (h->kind == HAND_STATE)
		return member_state_name(path->state);
	if (!h->balance)
		return arena_printf(p->arena, "%u", path->weight);
	for (size_t b = 0; b < p->n_balances; b++) {
		const struct plan_balance *balance = &p->balances[b];

		for (size_t i = 0; strcmp(balance->conf->name, h->balance) == 0 && i < balance->n_members; i++)
			if (balance->members[i].path == path)
				return arena_printf(p->arena, "%u", balance->members[i].weight);
	}
	diag_error(d, NULL, "usage", "no path '%s' in balance '%s'", h->path, h->balance);
	return NULL;
}

static void set_by_hand(struct memory *m, const struct hand *h, struct arena *a)
{
	switch (h->kind) {
	case HAND_STATE:
		memory_hold_state(m, h->path, h->state, a);
		break;
	case HAND_WEIGHT:
		memory_hold_weight(m, h->balance, h->path, h->weight, a);
		break;
	case HAND_DEFAULT:
		memory_drop_weight(m, h->balance, h->path, a);
		break;
	}
}

static bool same_hands(const struct memory *a, const struct memory *b)
{
	if (a->n_hand_states != b->n_hand_states || a->n_hand_weights != b->n_hand_weights)
		return false;
	for (size_t i = 0; i < a->n_hand_states; i++)
		if (strcmp(a->hand_states[i].path, b->hand_states[i].path) != 0 || a->hand_states[i].state != b->hand_states[i].state)
			return false;
	for (size_t i = 0; i < a->n_hand_weights; i++) {
		const struct hand_weight *x = &a->hand_weights[i], *y = &b->hand_weights[i];

		if (strcmp(x->path, y->path) != 0 || x->weight != y->weight || !x->balance != !y->balance ||
		    (x->balance && strcmp(x->balance, y->balance) != 0))
			return false;
	}
	return true;
}

int apply_hand(struct session *s, const struct hand *h, struct apply_result *out, const char **from, const char **to,
	       struct diags *d)
{
	struct journal *j = &s->journal;
	struct memory before = j->memory;
	struct kept_profile kept;
	struct intent w;

	*out = (struct apply_result){ .previous = j->in_force.number, .generation = j->in_force.number };
	if (!j->in_force.number) {
		diag_hint(d, diag_error(d, NULL, "state", "nothing is applied"), "nlbc apply FILE");
		return -ENOENT;
	}
	int err = plan_in_force(s, &kept, &w, &before, &out->road, d);

	if (err)
		return err;
	*from = shown(w.plan, h, d);
	if (!*from)
		return -ENOENT;
	set_by_hand(&before, h, s->arena);
	err = plan_kept(s, &kept, &w, &before, &out->road, d);
	if (err)
		return err;
	*to = shown(w.plan, h, d);
	err = road_compare(&out->road, s, d);
	if (err || (!road_changes(&out->road) && same_hands(&before, &j->memory)))
		return err;
	struct generation g = j->in_force;

	g.from = g.number;
	g.verb = "path";
	g.pid = (long)getpid();
	w.plan->generation = g.number;
	w.plan->about_stands = true;
	out->changed = true;
	return carry_out(s, &g, &w, out, d);
}
