/* SPDX-License-Identifier: MIT */
/* nlbc confirm: keep what `apply --confirm` applied. */
#include "base/base.h"

#include <inttypes.h>

#include "apply/boot.h"
#include "apply/trial.h"
#include "cli/command.h"

static void confirm(struct invocation *v, struct session *s)
{
	struct trial t;

	if (trial_confirm(s, &t, &v->diags) != 0)
		return;
	const bool saved = t.save && boot_save(s, t.number, &v->diags) == 0;

	if (v->out.json)
		out_json(&v->out, "confirm", json_pack("{s:I,s:b}", "generation", (json_int_t)t.number, "saved", saved));
	else
		out_say(&v->out, "generation %" PRIu64 " is confirmed%s", t.number, saved ? ", and is the start-up profile" : "");
}

static int run_confirm(struct invocation *v)
{
	struct session s;

	if (cli_open_settled(v, &s) != 0)
		return 0;
	confirm(v, &s);
	cli_close(&s);
	return 0;
}

const struct command command_confirm = {
	.name = "confirm", .arguments = "", .changes = true,
	.help = "Keep what apply --confirm applied. Exit 6 if it is rolled back already, 3 if nothing waits.",
	.run = run_confirm,
};
