/* SPDX-License-Identifier: MIT */
/* nlbc history and nlbc rollback: the generations applied here, and one of them applied again. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "apply/history.h"
#include "cli/applied.h"
#include "cli/command.h"

enum { SHOWN = 20 };

/* The argument, if there is one. 0, or -EINVAL explained. */
static int read_number(struct invocation *v, const char *what, uint64_t *number)
{
	if (!v->n_args || (parse_uint(str_of(v->args[0]), number) == 0 && *number))
		return 0;
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' is not %s", v->args[0], what), "a number from 1");
	return -EINVAL;
}

static const struct column columns[] = {
	{ "generation", true }, { "applied at", false }, { "by", false }, { "profile", false }, { "digest", false },
	{ "outcome", false },
};

static enum tint tint_of(const struct past *p, bool in_force)
{
	return p->outcome == OUTCOME_APPLIED ? in_force ? TINT_GOOD : TINT_NONE : TINT_CARE;
}

/* `per-packet router`: the role where there is one. */
static void add_row(struct table *t, const struct past *p, bool in_force)
{
	const bool role = strcmp(p->role, "-") != 0, why = strcmp(p->why, "-") != 0;

	table_add(t, TINT_NONE, "%" PRIu64, p->number);
	table_add(t, TINT_NONE, "%s", p->at);
	table_add(t, TINT_NONE, "%s", p->by);
	table_add(t, TINT_NONE, role ? "%s %s" : "%s", p->profile, p->role);
	table_add(t, TINT_NONE, "%s", p->sum);
	table_add(t, tint_of(p, in_force), why ? "%s (%s)" : "%s%s", outcome_name(p->outcome),
		  why ? p->why : in_force ? ", in force" : "");
}

static json_t *text_or_null(const char *s)
{
	return strcmp(s, "-") == 0 ? json_null() : json_string(s);
}

static json_t *row_json(const struct journal *j, const struct past *p)
{
	return json_pack("{s:I,s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:o,s:b,s:b}", "generation", (json_int_t)p->number, "applied_at",
			 p->at, "applied_by", p->by, "verb", p->verb, "profile", p->profile, "role", text_or_null(p->role),
			 "digest", p->sum, "outcome", outcome_name(p->outcome), "reason", text_or_null(p->why), "in_force",
			 p->number == j->in_force.number, "kept", journal_has_generation(j, p->number));
}

/* Newest first. */
static void show(struct invocation *v, const struct journal *j, size_t limit)
{
	const size_t first = j->n_history > limit ? j->n_history - limit : 0;
	json_t *list = json_array();
	auto_text struct text out = { 0 };
	struct table t;

	table_init(&t, v->arena, columns, ARRAY_LEN(columns));
	for (size_t i = j->n_history; i-- > first;) {
		const struct past *p = &j->history[i];

		add_row(&t, p, p->number == j->in_force.number);
		(void)json_array_append_new(list, row_json(j, p));
	}
	if (v->out.json) {
		out_json(&v->out, "history", list);
		return;
	}
	json_decref(list);
	if (!j->n_history)
		text_puts(&out, "nothing was applied here\n");
	else
		table_print(&t, "", v->out.colour, &out);
	out_result(&v->out, &out);
}

static int run_history(struct invocation *v)
{
	uint64_t limit = SHOWN;
	struct session s;

	if (read_number(v, "a count", &limit) != 0 || cli_open(v, &s, false) != 0)
		return 0;
	show(v, &s.journal, (size_t)MIN(limit, (uint64_t)HISTORY_KEPT));
	session_close(&s);
	return 0;
}

const struct command command_history = {
	.name = "history", .arguments = "[N]", .max_args = 1,
	.help = "The last N (20) generations, newest first: number, time, who, profile, digest, and what became of it: applied, "
		"rolled-back with the reason, unconfirmed, or unfinished. The last 20 are kept for rollback.",
	.run = run_history,
};

/* What is on trial ends at once: back to what was in force before it. */
static int rollback(struct invocation *v, struct session *s, uint64_t number)
{
	const struct trial *t = &s->journal.trial;
	struct apply_result result;
	struct apply_request q;

	if (t->number && (!number || number == t->to))
		return applied_go_back(v, s);
	int err = apply_earlier(s, number, &q, &v->diags);

	if (!err)
		err = cli_check_kept(v, q.machine, number ? arena_printf(v->arena, "generation %" PRIu64, number) :
							    "the generation before");
	return err ? err : applied_carry_out(v, s, &q, &result);
}

static int run_rollback(struct invocation *v)
{
	uint64_t number = 0;
	struct session s;

	if (read_number(v, "a generation", &number) != 0 || cli_open_settled(v, &s) != 0)
		return 0;
	(void)!rollback(v, &s, number);     /* what went wrong is told */
	cli_close(&s);
	return 0;
}

const struct command command_rollback = {
	.name = "rollback", .arguments = "[N]", .changes = true, .max_args = 1,
	.help = "Apply generation N again, by default the one before that in force, with its role and its devices as they were "
		"then. That makes a new generation. history shows the numbers. While a generation awaits confirmation: go back to "
		"what was in force before it, at once.",
	.run = run_rollback,
};
