/* SPDX-License-Identifier: MIT */
/* nlbc doctor: what is wrong, or could go wrong, one line a finding; changes nothing. */
#include "base/base.h"

#include "apply/doctor.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/show.h"

static const struct {
	const char *shown, *word;       /* for people, in JSON */
	enum tint tint;
} levels[] = {
	[FINDING_OK] = { "ok", "ok", TINT_GOOD },
	[FINDING_WARN] = { "warn", "warn", TINT_CARE },
	[FINDING_FAIL] = { "FAIL", "fail", TINT_BAD },
};

static json_t *findings_json(const struct findings *found)
{
	json_t *list = json_own(json_array());

	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->list[i];

		json_push(list, json_pack("{s:s,s:s,s:s,s:s?,s:o}", "level", levels[f->level].word, "check", f->check, "text",
					  f->text, "hint", f->hint, "place", place_json(&f->place)));
	}
	return json_own(json_pack("{s:o}", "findings", list));
}

static int widest(const struct findings *found)
{
	size_t width = 0;

	for (size_t i = 0; i < found->n; i++)
		width = MAX(width, strlen(found->list[i].check));
	return (int)width;
}

/* Words of others (rules, devices, files) may hold anything, and a finding is one line. */
static void show_finding(const struct finding *f, int width, bool colour, struct text *out)
{
	const char *level = levels[f->level].shown;

	tint_add(out, colour, levels[f->level].tint, level);
	text_printf(out, "%*s  %-*s  ", 4 - (int)strlen(level), "", width, f->check);
	if (f->place.source && !f->place.pointer)
		text_printf(out, "%s:%u:%u: ", f->place.source->name, f->place.line, f->place.column);
	text_add_printable(out, str_of(f->text));
	if (f->hint) {
		text_puts(out, "; hint: ");
		text_add_printable(out, str_of(f->hint));
	}
	text_putc(out, '\n');
}

static int show(struct invocation *v, const struct findings *found)
{
	auto_text struct text out = { 0 };
	bool failed = false;

	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->list[i];

		failed |= f->level == FINDING_FAIL;
		if (!v->out.quiet || f->level == FINDING_FAIL)
			show_finding(f, widest(found), v->out.colour, &out);
	}
	if (v->out.json)
		out_json(&v->out, "doctor", findings_json(found));
	else
		out_result(&v->out, &out);
	return failed ? failure_of("state")->exit : 0;
}

static int run_doctor(struct invocation *v)
{
	const struct profile *p = v->n_args ? cli_read(v, v->args[0]) : NULL;
	struct doctor_request q = { .profile = p, .root = "" };
	struct diags told = v->diags;
	struct findings found = { 0 };
	struct session s;

	if (v->n_args && !p)
		return 0;
	for (int tries = 1;; tries++) {
		v->diags = told;
		if (cli_open(v, &s, false) != 0)
			return 0;
		q.machine = p ? cli_machine(v, p, &s) : NULL;
		if (!p || q.machine)
			doctor_look(&s, &q, &found);
		if (!cli_reads_again(&s, tries))
			break;
	}
	session_close(&s);
	return p && !q.machine ? 0 : show(v, &found);
}

const struct command command_doctor = {
	.name = "doctor", .arguments = "[FILE]", .max_args = 1,
	.help = "Look for what is wrong, or could go wrong, on this machine: with the profile in force, or with FILE if it were "
		"applied here. One line for each thing looked at: ok, warn or FAIL, with what to do. Changes nothing. Exit 3 if "
		"there is a FAIL.",
	.run = run_doctor,
};
