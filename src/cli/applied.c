/* SPDX-License-Identifier: MIT */
/* Applying for `apply` and `rollback`: the work, and what both say of it. */
#include "base/base.h"

#include <inttypes.h>
#include <time.h>

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

static json_t *result_json(struct invocation *v, const struct apply_result *r, const struct machine *m, double seconds)
{
	json_t *previous = r->previous ? json_integer((json_int_t)r->previous) : json_null();

	return json_pack("{s:b,s:I,s:o,s:s,s:s?,s:s,s:I,s:I,s:I,s:f,s:n,s:o}", "changed", r->changed, "generation",
			 (json_int_t)r->generation, "previous", previous, "profile", m->profile, "role", m->role,
			 "target", target_name(m->kernel.target), "add", (json_int_t)r->road.n_add, "change",
			 (json_int_t)r->road.n_edit, "remove", (json_int_t)r->road.n_remove, "seconds", seconds,
			 "confirm_until", "warnings", diags_json(&v->diags));
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

int applied_carry_out(struct invocation *v, struct session *s, const struct apply_request *q)
{
	const char *profile = q->machine->profile;
	struct apply_result result;
	double start = seconds_now();

	if (apply_profile(s, q, &result, &v->diags) != 0) {
		v->rolled_back = result.rolled_back;
		v->generation = result.generation;
		return 0;
	}
	if (v->out.json) {
		out_json(&v->out, v->command->name, result_json(v, &result, q->machine, seconds_since(start)));
		return 0;
	}
	if (result.changed) {
		say_stages(v, &result.road);
		say_turns(v, q->machine);
	}
	say_hands(v, &s->journal);
	out_say(&v->out, result.changed ? "%s: applied as generation %" PRIu64 : "%s: no change, generation %" PRIu64,
		profile, result.generation);
	return 0;
}
