/* SPDX-License-Identifier: MIT */
/* nlbc diff: the profile against the kernel; changes nothing. */
#include "base/base.h"

#include "apply/apply.h"
#include "cli/command.h"
#include "cli/show.h"

static int diff(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = cli_machine(v, p, s);
	auto_text struct text out = { 0 };
	struct apply_result result;

	if (!m)
		return 0;
	const struct apply_request q = { .profile = p, .machine = m };

	if (apply_compare(s, &q, &result, &v->diags) != 0)
		return 0;
	if (v->out.json) {
		out_json(&v->out, "diff", changes_json(&result.road));
	} else {
		show_changes(&result.road, v->out.colour, &out);
		out_result(&v->out, &out);
	}
	return result.changed ? failure_of("state")->exit : 0;
}

static int run_diff(struct invocation *v)
{
	const struct profile *p = cli_read(v, v->args[0]);
	struct session s;

	if (!p || cli_open(v, &s, false) != 0)
		return 0;
	int code = diff(v, p, &s);

	session_close(&s);
	return code;
}

const struct command command_diff = {
	.name = "diff", .arguments = "FILE", .usual = true, .min_args = 1, .max_args = 1,
	.help = "Compare the profile with the kernel and change nothing. Exit 0 if they are the same, 3 if they differ.",
	.run = run_diff,
};
