/* SPDX-License-Identifier: MIT */
/* nlbc compile: what would be put into the kernel, in the language of a stock tool, without asking the kernel. */
#include "base/base.h"

#include <errno.h>

#include "apply/road.h"
#include "cli/command.h"
#include "cli/show.h"
#include "plan/facts.h"
#include "profile/value.h"
#include "target/facts.h"

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

/* Without --resolve the kernel is not asked. */
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

static json_t *items_json(const struct road *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n_steps; i++) {
		const struct step *step = &r->steps[i];

		for (size_t k = 0; k < step->changes.n; k++) {
			const struct change *c = &step->changes.list[k];

			(void)json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:o}", "stage", stage_name(c->stage), "key",
								    c->to->key, "body", c->to->body, "place",
								    place_json(&c->to->origin.place)));
		}
	}
	return json_pack("{s:o}", "items", list);
}

/* Every item is an addition to a kernel that holds nothing. */
static int print_items(struct invocation *v, const struct plan *p)
{
	struct road r;
	int err = road_plan(&r, p, LOWER_ALL, v->arena, &v->diags);

	for (size_t i = 0; !err && i < r.n_steps; i++) {
		struct step *step = &r.steps[i];

		items_init(&step->live, v->arena);
		items_diff(&step->live, &step->wanted, v->arena, &step->changes);
		step->target->stage(&step->changes, &step->live, &step->wanted);
	}
	if (!err)
		out_json(&v->out, "compile", items_json(&r));
	return err;
}

/* Says what it is, in a line that every tool takes as a comment. */
static void put_head(const struct plan *p, const char *format, struct text *out)
{
	const struct machine *m = p->machine;

	text_printf(out, "# profile %s, %s%s, target %s, format %s\n", m->profile, m->role ? "role " : "no role",
		    m->role ? m->role : "", p->kernel.target == TARGET_NFT ? "nft" : "iptables", format);
}

static int print_format(struct invocation *v, const struct plan *p)
{
	const char *format = option_value(v, "format");
	auto_text struct text out = { 0 };

	if (!format)
		format = "plan";
	put_head(p, format, &out);
	if (strcmp(format, "plan") == 0) {
		plan_print(p, &out);
	} else {
		const struct target *t = target_of_format(format);

		if (!t)
			BUG("format '%s' is printed by no target", format);
		/* An op that this target cannot carry out is told, not printed. */
		struct items items;

		items_init(&items, v->arena);
		int err = t->lower(p, LOWER_ALL, &items, &v->diags);

		if (err)
			return err;
		t->print(p, format, &out);
	}
	out_result(&v->out, &out);
	return 0;
}

static int compile(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = cli_machine(v, p, s);
	struct facts *f;

	if (!m || target_check(&m->kernel, &v->diags) != 0 || find_facts(v, m, s, &f) != 0)
		return 0;
	char digest[65];
	struct plan *plan = plan_compile(m, f, NULL, NULL, v->arena, &v->diags);

	if (!plan)
		return 0;
	profile_digest(p, digest);
	plan->sum = arena_printf(v->arena, "%.12s", digest);
	return v->out.json ? print_items(v, plan) : print_format(v, plan);
}

static int run_compile(struct invocation *v)
{
	const struct profile *p = cli_read(v, v->args[0]);
	struct session s;

	if (!p)
		return 0;
	if (!option_given(v, "resolve")) {
		(void)compile(v, p, NULL);      /* what went wrong is in the messages */
		return 0;
	}
	if (cli_open(v, &s, false) != 0)
		return 0;
	(void)compile(v, p, &s);
	session_close(&s);
	return 0;
}

const struct command command_compile = {
	.name = "compile", .arguments = "FILE", .min_args = 1, .max_args = 1,
	.help = "Print what would be put into the kernel, in the language of a stock tool, without asking the kernel.",
	.options = {
		{ "format", 0, "plan/nft/ip/ip6/tc/sysctl", false, "the tool: the plan itself, nft -f, ip -batch, tc -batch, sysctl -p" },
		{ "resolve", 0, NULL, false, "look up devices and next hops on this machine" },
		{ "device", 0, "NAME=DEVICE", true, "the device of an interface" },
	},
	.run = run_compile,
};
