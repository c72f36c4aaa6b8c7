/* SPDX-License-Identifier: MIT */
/* nlbc diff: the profile against the kernel; changes nothing. */
#include "base/base.h"

#include <errno.h>

#include "apply/apply.h"
#include "cli/command.h"
#include "cli/show.h"

static int show(struct invocation *v, const struct apply_result *result)
{
	auto_text struct text out = { 0 };

	if (v->out.json) {
		out_json(&v->out, "diff", changes_json(&result->road, &v->diags));
	} else {
		show_changes(&result->road, v->out.colour, &out);
		out_result(&v->out, &out);
	}
	return result->changed ? failure_of("state")->exit : 0;
}

static int run_diff(struct invocation *v)
{
	const struct profile *p = cli_read(v, v->args[0]);
	const struct diags told = v->diags;
	struct apply_result result;
	struct session s;
	int err = 0;

	if (!p)
		return 0;
	for (int tries = 1;; tries++) {
		v->diags = told;
		if (cli_open(v, &s, false) != 0)
			return 0;
		const struct apply_request q = { .profile = p, .machine = cli_machine(v, p, &s) };

		err = q.machine ? apply_compare(&s, &q, &result, &v->diags) : -EINVAL;
		if (!cli_reads_again(&s, tries))
			break;
	}
	int code = err ? 0 : show(v, &result);

	session_close(&s);
	return code;
}

const struct command command_diff = {
	.name = "diff", .arguments = "FILE", .usual = true, .min_args = 1, .max_args = 1,
	.help = "Compare the profile with the kernel and change nothing. Exit 0 if they are the same, 3 if they differ.",
	.run = run_diff,
};
