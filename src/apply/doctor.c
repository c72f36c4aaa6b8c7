/* SPDX-License-Identifier: MIT */
/* The table of checks, and how what they say becomes findings. */
#include "base/base.h"

#include <errno.h>

#include "apply/apply.h"
#include "apply/doctor_checks.h"
#include "apply/intent.h"
#include "plan/facts.h"

struct check {
	const char *name;
	const char *well;               /* said where nothing is wrong */
	enum looked (*look)(struct exam *e, struct diags *d);
	bool of_profile;                /* a fault only where a profile asks for it */
};

static const struct check checks[] = {
	{ "capabilities", "nlbc may do what it needs", check_capabilities, false },
	{ "kernel", "the kernel is 6.1 or later", check_kernel, false },
	{ "state-directory", "the journal can be written", check_state_directory, false },
	{ "unfinished", "no change was left half-way", check_unfinished, false },
	{ "leftovers", "nothing of ours stands here unknown", check_leftovers, false },
	{ "drift", "the kernel is as it was applied", check_drift, false },
	{ "nf-tables", "nf_tables is there, and no other table 'inet nlbc'", check_nft, true },
	{ "conntrack", "connections can be tracked", check_conntrack, false },
	{ "queues", "every queue can be made", check_queues, false },
	{ "next-hop-groups", "next-hop groups can hash by flow", check_groups, false },
	{ "flavours", "no table 'mangle' of both flavours of iptables", check_flavours, false },
	{ "legacy-tables", "legacy iptables has what the rules need, and table 'mangle' is its alone", check_legacy, false },
	{ "marks", "nobody else uses our mark bits", check_marks, true },
	{ "preferences", "nobody else has rules in our block", check_preferences, true },
	{ "route-tables", "nobody else has routes where ours go", check_tables, true },
	{ "route-protocol", "nobody else goes by our route protocol", check_protocol, false },
	{ "links", "the device of every path is on", check_links, false },
	{ "next-hops", "every next hop is on a network of its device", check_next_hops, false },
	{ "forwarding", "packets are forwarded", check_forwarding, false },
	{ "reverse-path", "no path meets strict reverse-path checks", check_reverse_path, false },
	{ "receive-offload", "packets are counted one by one", check_offload, false },
	{ "translation", "no rule changes sources packet by packet", check_translation, false },
	{ "networkd", "systemd-networkd leaves our rules and routes alone", check_networkd, false },
	{ "networkmanager", "NetworkManager leaves the devices of paths alone", check_networkmanager, false },
	{ "firewall", "no firewall service takes our rules away", check_firewalls, false },
};

/* ---- findings ----------------------------------------------------------------------------------------------------- */

static void add(struct findings *out, struct arena *a, struct finding f)
{
	out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
	out->list[out->n++] = f;
}

static void add_diags(struct findings *out, const char *check, bool soft, const struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = d->list[i];

		add(out, d->arena, (struct finding){
			.level = g->severity == DIAG_ERROR && !soft ? FINDING_FAIL : FINDING_WARN,
			.check = check, .text = g->text, .hint = g->hint, .place = g->place });
	}
}

/* ---- the profile -------------------------------------------------------------------------------------------------- */

static int plan_asked(struct exam *e, struct diags *d)
{
	struct session *s = e->session;
	struct intent w = {
		.profile = e->request->profile, .machine = e->request->machine, .facts = facts_ask(e->request->machine, s->arena),
	};
	int err = intent_check_fixed(s, w.machine, d);

	if (!err)
		err = intent_plan(&w, s, &s->journal.memory, &e->road, d);
	if (!err)
		e->plan = w.plan;
	return err;
}

static int plan_in_force(struct exam *e, struct diags *d)
{
	struct session *s = e->session;
	struct kept_profile kept;
	const size_t errors = d->n_errors;
	const struct plan *p = apply_in_force(s, &kept, d);

	if (p)
		e->plan = p;
	return d->n_errors > errors ? -EINVAL : road_plan(&e->road, e->plan, LOWER_ALL, s->arena, d);
}

/* Warnings of the plan are left to the checks, which look at the same more closely. */
static void look_at_profile(struct exam *e, struct findings *out)
{
	struct session *s = e->session;
	struct plan *empty = plan_empty(&s->own.kernel, s->arena);
	struct diags d;

	diags_init(&d, s->arena);
	empty->rule_size = s->own.rule_size;
	e->plan = empty;
	int err = e->request->profile ? plan_asked(e, &d) : plan_in_force(e, &d);

	if (!err)
		err = road_compare(&e->road, s, &d);
	e->compared = !err;
	e->asked = !err && e->plan->machine;
	const struct diags errors = diags_errors(&d);

	add_diags(out, "profile", false, &errors);
	if (!err)
		add(out, s->arena, (struct finding){
			.level = FINDING_OK, .check = "profile",
			.text = !e->asked ? "nothing is applied" :
				arena_printf(s->arena, e->request->profile ? "'%s' can be planned here" : "'%s' is in force",
					     e->plan->machine->profile) });
}

void doctor_look(struct session *s, const struct doctor_request *q, struct findings *out)
{
	struct exam e = { .session = s, .request = q };

	*out = (struct findings){ 0 };
	look_at_profile(&e, out);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		const struct check *c = &checks[i];
		struct diags d;

		diags_init(&d, s->arena);
		if (c->look(&e, &d) == LOOKED_NOT)
			continue;
		add_diags(out, c->name, c->of_profile && !e.asked, &d);
		if (d.n == 0)
			add(out, s->arena, (struct finding){ .level = FINDING_OK, .check = c->name, .text = c->well });
	}
}
