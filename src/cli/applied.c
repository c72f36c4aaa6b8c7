/* SPDX-License-Identifier: MIT */
/* Applying for `apply` and `rollback`: the work, and what both say of it. */
#include "base/base.h"

#include <inttypes.h>
#include <time.h>

#include "apply/boot.h"
#include "apply/history.h"
#include "apply/trial.h"
#include "cli/applied.h"

static const struct {
	const char *part, *one, *many;
} kinds[] = {
	{ "route", "route", "routes" },   { "nexthop", "next hop", "next hops" }, { "rule", "rule", "rules" },
	{ "rule6", "IPv6 rule", "IPv6 rules" }, { "qdisc", "queue", "queues" },         { "class", "class", "classes" },
	{ "setting", "setting", "settings" }, { "chain", "chain", "chains" },     { "counter", "counter", "counters" },
	{ "map", "map", "maps" },         { "set", "set", "sets" },               { "elem", "entry", "entries" },
	{ "table", "table", "tables" },   { "ipt", "iptables chain", "iptables chains" },
};

static size_t kind_of(const char *key)
{
	size_t n = strcspn(key, "/");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strlen(kinds[i].part) == n && strncmp(key, kinds[i].part, n) == 0)
			return i;
	return ARRAY_LEN(kinds);
}

static void count_stage(const struct road *r, enum stage stage, size_t *counts)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		for (size_t c = 0; c < r->steps[i].changes.n; c++) {
			const struct change *change = &r->steps[i].changes.list[c];

			if (change->stage == stage)
				counts[kind_of((change->to ? change->to : change->from)->key)]++;
		}
	}
}

/* `prepare  2 routes, 4 rules, 3 classes` */
static void say_stages(struct invocation *v, const struct road *r)
{
	for (enum stage stage = STAGE_PREPARE; stage <= STAGE_RETIRE; stage++) {
		size_t counts[ARRAY_LEN(kinds) + 1] = { 0 };
		auto_text struct text line = { 0 };

		count_stage(r, stage, counts);
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (counts[i])
				text_printf(&line, "%s%zu %s", line.n ? ", " : "", counts[i],
					    counts[i] == 1 ? kinds[i].one : kinds[i].many);
		out_step(&v->out, "%-8s %s", stage_name(stage), line.n ? text_get(&line) : "nothing");
	}
}

static double seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Whole microseconds: a difference of two times has binary noise behind them. */
static double seconds_since(double start)
{
	return (double)(int64_t)((seconds_now() - start) * 1e6 + 0.5) / 1e6;
}

/* What an application is called: its profile and, where there is one, its role. */
struct title {
	const char *profile, *role, *target;
	const struct trial *trial;      /* that runs now */
	double start;
};

static json_t *result_json(struct invocation *v, const struct apply_result *r, const struct title *t)
{
	json_t *previous = r->previous ? json_integer((json_int_t)r->previous) : json_null();
	char until[TIME_TEXT];

	return json_pack("{s:b,s:I,s:o,s:s,s:s?,s:s,s:I,s:I,s:I,s:f,s:s?,s:o}", "changed", r->changed, "generation",
			 (json_int_t)r->generation, "previous", previous, "profile", t->profile, "role", t->role,
			 "target", t->target, "add", (json_int_t)r->road.n_add, "change", (json_int_t)r->road.n_edit, "remove",
			 (json_int_t)r->road.n_remove, "seconds", seconds_since(t->start), "confirm_until",
			 t->trial->number ? trial_until(t->trial, until) : NULL, "warnings", diags_json(&v->diags));
}

static void say_hands(struct invocation *v, const struct journal *j)
{
	const struct memory *m = &j->memory;

	for (size_t i = 0; i < m->n_hand_states; i++)
		out_say(&v->out, "note: path '%s' stays %s (by hand)", m->hand_states[i].path,
			member_state_name(m->hand_states[i].state));
	for (size_t i = 0; i < m->n_hand_weights; i++)
		out_say(&v->out, "note: path '%s' keeps weight %u%s%s (by hand)", m->hand_weights[i].path,
			m->hand_weights[i].weight, m->hand_weights[i].balance ? " in " : "",
			m->hand_weights[i].balance ? m->hand_weights[i].balance : "");
}

/* Whoever commits the legacy table makes every nth rule begin anew. */
static void say_turns(struct invocation *v, const struct machine *m)
{
	bool turns = false;

	for (size_t i = 0; i < m->n_balances; i++)
		turns |= m->balances[i].method->kind == POLICY_PER_PACKET ||
			 (m->balances[i].method->kind == POLICY_PER_FLOW && m->balances[i].pick == HOW_TURN);
	if (turns && m->kernel.target == TARGET_IPTABLES)
		out_say(&v->out, "note: other changes to table 'mangle' restart the turn");
}

/* When it goes back by itself, and what to do about it. */
static void say_trial(struct invocation *v, const struct trial *t)
{
	char until[TIME_TEXT];

	if (t->number && t->to)
		out_say(&v->out, "generation %" PRIu64 " is rolled back to generation %" PRIu64 " at %s unless confirmed: nlbc confirm",
			t->number, t->to, trial_until(t, until));
	else if (t->number)
		out_say(&v->out, "generation %" PRIu64 " is taken away at %s unless confirmed: nlbc confirm", t->number,
			trial_until(t, until));
}

/* At once where nothing is to be confirmed; a trial that runs already is told to do it. */
static int save(struct invocation *v, struct session *s, uint64_t generation)
{
	if (s->journal.trial.number)
		return trial_save(s, &v->diags);
	int err = boot_save(s, generation, &v->diags);

	if (!err)
		out_say(&v->out, "generation %" PRIu64 " is the start-up profile", generation);
	return err;
}

int applied_carry_out(struct invocation *v, struct session *s, const struct apply_request *q, struct apply_result *out)
{
	const struct title title = {
		.profile = q->machine->profile, .role = q->machine->role, .target = target_name(q->machine->kernel.target),
		.trial = &s->journal.trial, .start = seconds_now(),
	};
	int err = apply_profile(s, q, out, &v->diags);

	if (err) {
		v->rolled_back = out->rolled_back;
		v->generation = out->generation;
		return err;
	}
	if (v->out.json) {
		out_json(&v->out, v->command->name, result_json(v, out, &title));
		return q->save ? save(v, s, out->generation) : 0;
	}
	if (out->changed) {
		say_stages(v, &out->road);
		say_turns(v, q->machine);
	}
	say_hands(v, &s->journal);
	out_say(&v->out, out->changed ? "%s: applied as generation %" PRIu64 : "%s: no change, generation %" PRIu64,
		title.profile, out->generation);
	say_trial(v, title.trial);
	return q->save ? save(v, s, out->generation) : 0;
}

int applied_go_back(struct invocation *v, struct session *s)
{
	const double start = seconds_now();
	const struct generation undone = s->journal.now;
	struct apply_result r;
	struct way_back w;
	int err = trial_read_back(s, &w, &v->diags);

	if (!err)
		err = trial_go_back(s, &w, &r, &v->diags);
	if (err)
		return err;
	const struct generation *g = r.generation ? &w.was.in_force : &undone;
	const struct title title = {
		.profile = g->profile, .role = strcmp(g->role, "-") == 0 ? NULL : g->role, .target = g->target,
		.trial = &s->journal.trial, .start = start,
	};

	if (v->out.json) {
		out_json(&v->out, v->command->name, result_json(v, &r, &title));
		return 0;
	}
	say_stages(v, &r.road);
	if (r.generation)
		out_say(&v->out, "%s: rolled back, generation %" PRIu64 " is in force", title.profile, r.generation);
	else
		out_say(&v->out, "%s: rolled back, nothing is in force", title.profile);
	return 0;
}

/* ---- waiting for the end of a trial --------------------------------------------------------------------------------- */

static int stopped(struct invocation *v, uint64_t generation)
{
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "interrupted", "stopped by a signal"),
		  "generation %" PRIu64 " goes on to await confirmation: nlbc confirm", generation);
	return 0;
}

static int tell_end(struct invocation *v, const struct journal *j, uint64_t generation)
{
	const struct past *p = history_find(j, generation);

	if (p && p->outcome == OUTCOME_APPLIED) {
		out_say(&v->out, "generation %" PRIu64 " is confirmed", generation);
	} else if (p && p->outcome == OUTCOME_ROLLED_BACK) {
		diag_error(&v->diags, NULL, "unconfirmed", "generation %" PRIu64 " was not confirmed", generation);
		v->rolled_back = true;
		v->generation = j->in_force.number;
	} else {
		diag_error(&v->diags, NULL, "state", "generation %" PRIu64 " is no longer in force, and was not confirmed", generation);
	}
	return 0;
}

/* Where the guardian was killed, the time goes on all the same. */
int applied_wait(struct invocation *v, struct apply_result *r)
{
	const struct timespec step = { 0, 200 * 1000000L };
	struct session s;

	(void)!out_finish(&v->out);         /* what is written so far is of use now; main tells if it could not be */
	if (guardian_wait(&r->guardian, v->interrupted) != 0)
		return stopped(v, r->generation);
	for (;;) {
		if (cli_open_settled(v, &s) != 0)
			return 0;
		if (s.journal.trial.number != r->generation)
			break;
		session_close(&s);
		(void)nanosleep(&step, NULL);
		if (*v->interrupted)
			return stopped(v, r->generation);
	}
	int code = tell_end(v, &s.journal, r->generation);

	session_close(&s);
	return code;
}
