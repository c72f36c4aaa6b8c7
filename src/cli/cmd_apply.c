/* SPDX-License-Identifier: MIT */
/* nlbc apply: make the kernel match the profile. */
#include "base/base.h"

#include <inttypes.h>

#include "apply/apply.h"
#include "cli/applied.h"
#include "cli/command.h"
#include "cli/show.h"

/* Proxies, onions and the page are run by others; the packet part does not wait for them. */
static bool has_packet_part(const struct machine *m)
{
	if (m->n_balances || m->n_sysctls)
		return true;
	for (size_t i = 0; i < m->n_interfaces; i++)
		if (m->interfaces[i].shaper)
			return true;
	return false;
}

static int check_parts(struct invocation *v, const struct machine *m)
{
	auto_text struct text rest = { 0 };

	for (size_t i = 0; i < m->n_proxies; i++)
		text_printf(&rest, "%sproxy '%s'", rest.n ? ", " : "", m->proxies[i].name);
	for (size_t i = 0; i < m->n_onions; i++)
		text_printf(&rest, "%sonion '%s'", rest.n ? ", " : "", m->onions[i].name);
	if (m->web)
		text_printf(&rest, "%sweb", rest.n ? ", " : "");
	if (!rest.n)
		return 0;
	if (!has_packet_part(m)) {
		diag_hint(&v->diags, diag_error(&v->diags, &m->place, "unreachable", "%s: nlbcd does not answer", text_get(&rest)),
			  "nlbc-proxy FILE and nlbc-onion FILE run such a profile without nlbcd");
		return -1;
	}
	diag_warning(&v->diags, &m->place, "unreachable", "not applied, nlbcd does not answer: %s", text_get(&rest));
	return 0;
}

static int rehearse(struct invocation *v, struct session *s, const struct apply_request *q)
{
	auto_text struct text out = { 0 };
	struct apply_result result;

	if (apply_rehearse(s, q, &result, &v->diags) != 0)
		return 0;
	if (v->out.json) {
		out_json(&v->out, "diff", changes_json(&result.road, &v->diags));
		return 0;
	}
	show_changes(&result.road, v->out.colour, &out);
	out_result(&v->out, &out);
	if (!result.changed)
		out_say(&v->out, "%s: no change, generation %" PRIu64, q->machine->profile, result.generation);
	return 0;
}

static int apply(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = cli_machine(v, p, s);

	if (!m || check_parts(v, m) != 0)
		return 0;
	const struct apply_request q = { .profile = p, .machine = m, .reset = option_given(v, "reset") };

	if (option_given(v, "dry-run"))
		return rehearse(v, s, &q);
	return applied_carry_out(v, s, &q);
}

static int run_apply(struct invocation *v)
{
	const struct profile *p = cli_read(v, v->args[0]);
	struct session s;

	if (!p || cli_open(v, &s, true) != 0)
		return 0;
	int code = apply(v, p, &s);

	session_close(&s);
	return code;
}

const struct command command_apply = {
	.name = "apply", .arguments = "FILE", .usual = true, .changes = true, .min_args = 1, .max_args = 1,
	.help = "Make the kernel match the profile, replacing whatever profile was applied. Routes, rules and queues are "
		"prepared first, steering is switched in one transaction, then what is no longer wanted is taken away. A "
		"refusal rolls back to the profile before and names the profile line.",
	.options = {
		{ "dry-run", 0, NULL, false, "let the kernel check it, change nothing, print the difference" },
		{ "reset", 0, NULL, false, "forget what was set by hand" },
	},
	.run = run_apply,
};
