/* SPDX-License-Identifier: MIT */
/* nlbc compile: what would be put into the kernel, in the language of a stock tool, without asking the kernel. */
#include "base/base.h"

#include <errno.h>

#include "apply/road.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "cli/show.h"

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

static int print_script(struct invocation *v, const struct plan *p)
{
	struct text texts[LISTINGS] = { 0 };
	int err = listing_print_all(p, texts, &v->diags);

	if (!err)
		out_result(&v->out, &texts[LISTING_SCRIPT]);
	listing_release(texts);
	return err;
}

static int print_format(struct invocation *v, const struct plan *p)
{
	const char *format = option_value(v, "format");
	auto_text struct text out = { 0 };

	if (format && strcmp(format, "sh") == 0)
		return print_script(v, p);
	if (!listing_fits(p, format, &v->diags))
		return -EINVAL;
	int err = listing_print(p, format ? format : "plan", &out, &v->diags);

	if (!err)
		out_result(&v->out, &out);
	return err;
}

static int run_compile(struct invocation *v)
{
	const struct plan *p = listing_plan(v);

	if (p)                          /* what goes wrong is in the messages */
		(void)(v->out.json ? print_items(v, p) : print_format(v, p));
	return 0;
}

const struct command command_compile = {
	.name = "compile", .arguments = "FILE", .min_args = 1, .max_args = 1,
	.help = "Print what would be put into the kernel, in the language of a stock tool, without asking the kernel.",
	.options = {
		{ "format", 0, "plan/nft/iptables/ip6tables/ip/ip6/tc/sysctl/sh", false,
		  "the tool: the plan itself, nft -f, iptables-restore, ip -batch, tc -batch, sysctl -p, a script for sh" },
		{ "resolve", 0, NULL, false, "look up devices and next hops on this machine" },
		{ "device", 0, "NAME=DEVICE", true, "the device of an interface" },
	},
	.run = run_compile,
};
