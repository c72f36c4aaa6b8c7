/* SPDX-License-Identifier: MIT */
/* From a profile to the text of a format, without asking the kernel unless told to. */
#include "base/base.h"

#include <errno.h>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/script.h"
#include "plan/facts.h"
#include "profile/value.h"
#include "target/facts.h"
#include "target/target.h"

const struct listing_row listing_rows[LISTINGS] = {
	{ "plan", "plan.txt" },
	{ "sysctl", "sysctl.conf" },
	{ "ip", "ip.batch" },
	{ "ip6", "ip6.batch" },
	{ "tc", "tc.batch" },
	{ "nft", "nft.nft" },
	{ "iptables", "iptables.rules" },
	{ "ip6tables", "ip6tables.rules" },
	[LISTING_SCRIPT] = { "sh", "load.sh" },
};

/* ---- the plan ----------------------------------------------------------------------------------------------------- */

static int set_devices(struct invocation *v, struct facts *f)
{
	struct value device;

	for (size_t i = 0; i < v->n_given; i++) {
		if (strcmp(v->given[i].row->name, "device") != 0)
			continue;
		const char *value = v->given[i].value, *equals = strchr(value, '=');
		struct fact_interface *fi = equals ? facts_interface(f, arena_copy(v->arena, value, (size_t)(equals - value))) :
						     NULL;

		if (!fi) {
			diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "no interface for '--device %s'", value),
				  "write --device INTERFACE=DEVICE, with an interface of the profile");
			return -EINVAL;
		}
		fi->device = equals + 1;
		if (value_parse(VALUE_DEVICE, str_of(fi->device), &device) != 0) {
			diag_error(&v->diags, NULL, "usage", "'%s' is not a device name", fi->device);
			return -EINVAL;
		}
	}
	return 0;
}

static int find_facts(struct invocation *v, const struct machine *m, struct session *s, struct facts **f)
{
	*f = facts_ask(m, v->arena);
	int err = 0;

	if (s) {
		err = facts_read(s->kernel, &s->own, *f, v->arena, &v->diags);
		if (!err && v->diags.n_errors)
			err = -EINVAL;
	}
	return err ? err : set_devices(v, *f);
}

static const struct plan *make_plan(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = cli_machine(v, p, s);
	struct facts *f;

	if (!m || find_facts(v, m, s, &f) != 0)
		return NULL;
	char digest[65];
	struct plan *plan = plan_compile(m, f, NULL, NULL, v->arena, &v->diags);

	if (!plan)
		return NULL;
	profile_digest(p, digest);
	plan->sum = arena_printf(v->arena, "%.12s", digest);
	return plan;
}

const struct plan *listing_plan(struct invocation *v)
{
	const struct profile *p = cli_read(v, v->args[0]);
	struct session s;

	if (!p)
		return NULL;
	if (!option_given(v, "resolve"))
		return make_plan(v, p, NULL);
	if (cli_open(v, &s, false) != 0)
		return NULL;
	const struct plan *plan = make_plan(v, p, &s);

	session_close(&s);
	return plan;
}

/* ---- its formats -------------------------------------------------------------------------------------------------- */

/* Says what it is, in a line that every tool takes as a comment. */
static void put_head(const struct plan *p, const char *format, struct text *out)
{
	const struct machine *m = p->machine;

	text_printf(out, "# profile %s, %s%s, target %s, format %s\n", m->profile, m->role ? "role " : "no role",
		    m->role ? m->role : "", target_name(p->kernel.target), format);
}

/* An op that this target cannot carry out is told, not printed. */
static int print_by_target(const struct plan *p, const char *format, struct text *out, struct diags *d)
{
	const struct target *t = target_of_format(format);
	struct items items;

	if (!t)
		BUG("format '%s' is printed by no target", format);
	if (!target_serves(t, &p->kernel))
		return 0;
	items_init(&items, p->arena);
	int err = t->lower(p, LOWER_ALL, &items, d);

	if (!err)
		t->print(p, format, out);
	return err;
}

bool listing_fits(const struct plan *p, const char *format, struct diags *d)
{
	const struct target *t = format ? target_of_format(format) : NULL;

	if (!t || target_serves(t, &p->kernel))
		return true;
	diag_hint(d, diag_error(d, NULL, "usage", "format '%s' is of target %s, the profile asks for %s", format, t->name,
				target_name(p->kernel.target)), "--target %s", t->name);
	return false;
}

bool listing_is_empty(const struct text *t)
{
	for (const char *line = text_get(t); *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (*line != '#' && *line != '\n')
			return false;
	return true;
}

/* From all that some tool loads. */
static void print_script(const struct plan *p, const struct text *texts, struct text *out)
{
	struct script_part parts[LISTINGS];
	auto_text struct text head = { 0 };
	size_t n = 0;

	for (size_t i = LISTING_FIRST_LOADED; i < LISTING_SCRIPT; i++)
		if (texts[i].n)
			parts[n++] = (struct script_part){ listing_rows[i].format, text_get(&texts[i]) };
	put_head(p, listing_rows[LISTING_SCRIPT].format, &head);
	script_print(text_get(&head), parts, n, out);
}

int listing_print(const struct plan *p, const char *format, struct text *out, struct diags *d)
{
	put_head(p, format, out);
	if (strcmp(format, "plan") != 0)
		return print_by_target(p, format, out, d);
	plan_print(p, out);
	return 0;
}

int listing_print_all(const struct plan *p, struct text texts[LISTINGS], struct diags *d)
{
	for (size_t i = 0; i < LISTING_SCRIPT; i++) {
		int err = listing_print(p, listing_rows[i].format, &texts[i], d);

		if (err)
			return err;
		if (listing_is_empty(&texts[i]))
			text_clear(&texts[i]);
	}
	print_script(p, texts, &texts[LISTING_SCRIPT]);
	return 0;
}

void listing_release(struct text texts[LISTINGS])
{
	for (size_t i = 0; i < LISTINGS; i++)
		text_release(&texts[i]);
}
