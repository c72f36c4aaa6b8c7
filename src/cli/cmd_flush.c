/* SPDX-License-Identifier: MIT */
/* nlbc flush: take away exactly what nlbc put into this namespace. */
#include "base/base.h"

#include "apply/apply.h"
#include "cli/command.h"
#include "cli/show.h"

static json_t *result_json(const struct apply_result *r)
{
	return json_pack("{s:b,s:I,s:I}", "changed", r->changed, "removed", (json_int_t)r->road.n_remove, "restored",
			 (json_int_t)r->restored);
}

static int flush(struct invocation *v, struct session *s)
{
	bool dry_run = option_given(v, "dry-run");
	auto_text struct text out = { 0 };
	struct apply_result r;

	if (apply_flush(s, option_given(v, "force"), dry_run, &r, &v->diags) != 0) {
		v->rolled_back = r.rolled_back;
		v->generation = r.generation;
		return 0;
	}
	if (v->out.json) {
		out_json(&v->out, dry_run ? "diff" : "flush", dry_run ? changes_json(&r.road, &v->diags) : result_json(&r));
	} else if (r.nothing) {
		out_say(&v->out, "nothing to flush");
	} else if (dry_run) {
		show_changes(&r.road, v->out.colour, &out);
		out_result(&v->out, &out);
	} else {
		out_say(&v->out, "flushed: %zu removed, %zu put back", r.road.n_remove, r.restored);
	}
	return 0;
}

static int run_flush(struct invocation *v)
{
	struct session s;

	if (cli_open(v, &s, true) != 0)
		return 0;
	int code = flush(v, &s);

	cli_close(&s);
	return code;
}

const struct command command_flush = {
	.name = "flush", .arguments = "", .usual = true, .changes = true,
	.help = "Remove everything nlbc put into this network namespace, steering first, and put back the queues and settings "
		"it displaced. A table called nlbc that is not ours is left alone.",
	.options = {
		{ "dry-run", 0, NULL, false, "print what would be removed, change nothing" },
		{ "force", 0, NULL, false, "remove a table called nlbc even if it does not carry our tag" },
	},
	.run = run_flush,
};
