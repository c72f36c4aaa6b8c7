/* SPDX-License-Identifier: MIT */
/* nlbc check: read and check profiles; silent where they are good. */
#include "base/base.h"

#include "cli/command.h"

struct checked {
	size_t n_errors, n_warnings;
	json_t *list;                   /* of all files, for JSON */
};

/* Each file has its own messages and its own count. A warning that counts as an error is shown as one. */
static void check_file(struct invocation *v, const char *file, const char *format, struct checked *c)
{
	struct arena *a = arena_new();
	auto_text struct text said = { 0 };
	struct diags d;

	diags_init(&d, a);
	const struct check_wish wish = { .role = option_value(v, "role"), .target = option_value(v, "target") };

	profile_check(file, &wish, a, &d);
	struct diags shown = v->out.quiet && !option_given(v, "strict") ? diags_errors(&d) : d;

	if (c->list) {
		json_t *list = diags_json(&d);

		(void)json_array_extend(c->list, list);
		json_decref(list);
	} else {
		diags_print(&shown, strcmp(format, "gcc") == 0 ? DIAG_GCC : DIAG_HUMAN,
			    strcmp(file, "-") == 0 ? "standard input" : file, v->out.colour_errors, &said);
	}
	fputs(text_get(&said), v->out.errors);
	c->n_errors += d.n_errors;
	c->n_warnings += d.n_warnings;
	arena_free(a);
}

static int run_check(struct invocation *v)
{
	const char *format = option_value(v, "format");
	bool json = v->out.json || (format && strcmp(format, "json") == 0);
	struct checked c = { .list = json ? json_array() : NULL };

	v->diags_shown = true;
	for (size_t i = 0; i < v->n_args; i++)
		check_file(v, v->args[i], format ? format : "human", &c);
	if (json)
		out_json(&v->out, "check", c.list);
	return c.n_errors || (c.n_warnings && option_given(v, "strict")) ? failure_of("profile")->exit : 0;
}

const struct command command_check = {
	.name = "check", .arguments = "FILE…", .usual = true, .min_args = 1, .max_args = 1000,
	.help = "Read and check profiles, all roles of each or the one of --role. Silent if they are good.",
	.options = {
		{ "strict", 0, NULL, false, "a warning counts as an error" },
		{ "format", 0, "human/gcc/json", false, "how messages are written" },
	},
	.run = run_check,
};
