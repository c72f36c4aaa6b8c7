/* SPDX-License-Identifier: MIT */
/* nlbc apply: make the kernel match the profile. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "apply/apply.h"
#include "apply/boot.h"
#include "cli/applied.h"
#include "cli/command.h"
#include "cli/show.h"
#include "profile/value.h"

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

static int wrong_option(struct invocation *v, const char *text, const char *hint)
{
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "%s", text), "%s", hint);
	return -EINVAL;
}

enum { TRIAL_LEAST_S = 10, TRIAL_MOST_S = 3600 };

/* --confirm and what must not stand beside what. 0, or -EINVAL explained. */
static int read_options(struct invocation *v, uint64_t *trial_ms)
{
	const char *time = option_value(v, "confirm");
	const bool boot = option_given(v, "boot"), dry_run = option_given(v, "dry-run");
	struct value value = { 0 };

	*trial_ms = 0;
	if (boot == (v->n_args > 0))
		return boot ? wrong_option(v, "'--boot' takes no FILE", "nlbc apply FILE, or nlbc apply --boot") :
			      wrong_option(v, "'apply' needs a FILE, or --boot", "nlbc help apply");
	if (dry_run && (time || option_given(v, "save")))
		return wrong_option(v, "'--dry-run' changes nothing: there is nothing to confirm or save", "leave one of them out");
	if (!time)
		return option_given(v, "wait") ? wrong_option(v, "'--wait' without '--confirm'", "nlbc apply --confirm 60s --wait") : 0;
	if (value_parse(VALUE_TIME, str_of(time), &value) != 0 || value.number < TRIAL_LEAST_S * 1000000ULL ||
	    value.number > TRIAL_MOST_S * 1000000ULL)
		return wrong_option(v, arena_printf(v->arena, "'%s' is not a time from 10s to 1h", time),
				    "with a unit, s, min or h: nlbc apply --confirm 60s");
	*trial_ms = value.number / 1000;
	return 0;
}

/* The start-up profile: what was kept is applied in the role it was kept with. */
static const struct profile *read_boot(struct invocation *v)
{
	struct kept_profile kept;
	int err = boot_load(v->state_dir, v->arena, &kept, &v->diags);

	if (!err && cli_check_kept(v, kept.machine, "the start-up profile") != 0)
		return NULL;
	if (!err && kept.machine->role)
		v->role = kept.machine->role;
	if (!err)
		return kept.profile;
	if (err != -ENOENT)
		return NULL;
	if (access(boot_prof, F_OK) == 0)
		return cli_read(v, boot_prof);
	struct diag *g = diag_error(&v->diags, NULL, "machine", "no start-up profile: neither %s/boot.json nor %s",
				    session_dir(v->state_dir), boot_prof);

	diag_hint(&v->diags, g, "nlbc apply --save FILE keeps one");
	return NULL;
}

static int apply(struct invocation *v, const struct profile *p, struct session *s, uint64_t trial_ms,
		 struct apply_result *out)
{
	const struct machine *m = cli_machine(v, p, s);

	if (!m || check_parts(v, m) != 0)
		return -EINVAL;
	const struct apply_request q = {
		.profile = p, .machine = m, .reset = option_given(v, "reset"), .save = option_given(v, "save"),
		.trial_ms = trial_ms, .guarded = trial_ms > 0,
	};

	if (option_given(v, "dry-run"))
		return rehearse(v, s, &q);
	return applied_carry_out(v, s, &q, out);
}

static int run_apply(struct invocation *v)
{
	struct apply_result result = { 0 };
	uint64_t trial_ms;
	struct session s;

	if (read_options(v, &trial_ms) != 0)
		return 0;
	const struct profile *p = option_given(v, "boot") ? read_boot(v) : cli_read(v, v->args[0]);

	if (!p || (option_given(v, "dry-run") ? cli_open(v, &s, true) : cli_open_settled(v, &s)) != 0)
		return 0;
	int err = apply(v, p, &s, trial_ms, &result);

	if (trial_ms)
		cli_close(&s);              /* an older guardian ends */
	else
		session_close(&s);
	guardian_leave(&result.guardian);
	return !err && result.changed && option_given(v, "wait") ? applied_wait(v, &result) : 0;
}

const struct command command_apply = {
	.name = "apply", .arguments = "[FILE]", .usual = true, .changes = true, .max_args = 1,
	.help = "Make the kernel match the profile, replacing whatever profile was applied. Routes, rules and queues are "
		"prepared first, steering is switched in one transaction, then what is no longer wanted is taken away. A "
		"refusal rolls back to the profile before and names the profile line.",
	.options = {
		{ "dry-run", 0, NULL, false, "let the kernel check it, change nothing, print the difference" },
		{ "reset", 0, NULL, false, "forget what was set by hand" },
		{ "confirm", 0, "TIME", false, "roll back after 10s to 1h unless nlbc confirm comes, even if this login is gone" },
		{ "wait", 0, NULL, false, "with --confirm: stay until it is confirmed (0) or rolled back (6)" },
		{ "save", 0, NULL, false, "also keep it as the start-up profile, once confirmed" },
		{ "boot", 0, NULL, false, "apply the start-up profile" },
	},
	.run = run_apply,
};
