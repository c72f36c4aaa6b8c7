/* SPDX-License-Identifier: MIT */
/* nlbc weights export: tables, a plot and Shadow's file of results. */
#include "base/base.h"

#include <errno.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "weights/export.h"
#include "weights/result.h"

enum { EXPORT_RESULTS = 64 };

struct exporting {
	struct invocation *v;
	struct weights_run run;
	const struct result *results[EXPORT_RESULTS];
	struct outputs outputs;
};

static int write_relays(struct exporting *e, FILE *f)
{
	return export_relays(e->results[0], f);
}

static int write_locations(struct exporting *e, FILE *f)
{
	return export_locations(e->results[0], f);
}

static int write_shadow(struct exporting *e, FILE *f)
{
	return export_shadow(e->results[0], f, &e->run.progress, &e->v->diags);
}

static int write_svg(struct exporting *e, FILE *f)
{
	return export_svg(e->results, e->v->n_args, f);
}

static const struct form {
	const char *option;
	bool many;                      /* of several results */
	int (*write)(struct exporting *e, FILE *f);
} forms[] = {
	{ "relays-csv", false, write_relays },
	{ "locations-csv", false, write_locations },
	{ "shadow", false, write_shadow },
	{ "svg", true, write_svg },
};

static int read_results(struct exporting *e)
{
	struct invocation *v = e->v;
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		any |= option_given(v, forms[i].option);
		if (option_given(v, forms[i].option) && !forms[i].many && v->n_args > 1)
			return weights_refuse(v, arena_printf(v->arena, "'--%s' takes one RESULT", forms[i].option),
					      "only --svg takes several");
	}
	if (!any)
		return weights_refuse(v, "nothing to export", "--relays-csv, --locations-csv, --shadow or --svg");
	if (files_check(v) != 0)
		return -EINVAL;
	for (size_t i = 0; i < v->n_args; i++) {
		e->results[i] = result_read(v->args[i], v->arena, &v->diags);
		if (!e->results[i])
			return -EINVAL;
	}
	return 0;
}

/* One form: 0, -errno explained, -EINTR. */
static int write_form(struct exporting *e, const struct form *form)
{
	const size_t told = e->v->diags.n_errors;
	FILE *f = outputs_open(&e->outputs, e->v, option_value(e->v, form->option));

	if (!f)
		return -EIO;
	const int err = form->write(e, f);

	if (err && e->v->diags.n_errors > told)         /* explained: the result cannot be told so */
		return err;
	return outputs_close(&e->outputs, err);
}

static int write_all(struct exporting *e)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const int err = option_given(e->v, forms[i].option) ? write_form(e, &forms[i]) : 0;

		if (err || *e->v->interrupted)
			return err;
	}
	return 0;
}

static void tell(struct exporting *e)
{
	const struct result *r = e->results[0];
	struct invocation *v = e->v;

	for (size_t i = 0; i < e->outputs.n; i++)
		if (e->outputs.list[i].target)
			out_say(&e->run.said, "%s", e->outputs.list[i].path);
	if (v->out.json)
		out_json(&v->out, "weights",
			 json_own(json_pack("{s:s,s:I,s:I,s:I,s:O}", "command", "export", "results", (json_int_t)v->n_args,
					    "locations", (json_int_t)r->n_locations, "relays", (json_int_t)r->n_relays,
					    "files", e->outputs.files)));
}

static int run_export(struct invocation *v)
{
	struct exporting e = { .v = v };
	bool aside = false;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		aside |= option_given(v, forms[i].option) && strcmp(option_value(v, forms[i].option), "-") == 0;
	weights_run_init(&e.run, v, aside);
	if (read_results(&e) == 0) {
		weights_run_start(&e.run, "export");
		if (weights_run_keep(&e.run, &e.outputs, write_all(&e)) == 0)
			tell(&e);
	}
	outputs_drop(&e.outputs);
	return weights_told(v, 0);
}

const struct command command_weights_export = {
	.name = "weights export", .arguments = "RESULT…", .min_args = 1, .max_args = EXPORT_RESULTS,
	.help = "Write tables of relays and locations, the weights in the form of Shadow, or a plot of how the expected penalty is "
		"distributed over clients, with a curve for each result and one for vanilla weights.",
	.options = {
		{ "relays-csv", 0, "FILE", false, "table of relays: share, load, middle weight" },
		{ "locations-csv", 0, "FILE", false, "table of locations: penalty, vanilla penalty, distance" },
		{ "shadow", 0, "FILE", false, "weights of relays for each location, for Shadow" },
		{ "svg", 0, "FILE", false, "distribution of the expected penalty over clients" },
	},
	.run = run_export,
};
