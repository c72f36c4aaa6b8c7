/* SPDX-License-Identifier: MIT */
/* nlbc help and nlbc version. */
#include "base/base.h"

#include <sys/utsname.h>

#include "cli/command.h"

static void wrap(const char *paragraph, const char *indent, struct text *out)
{
	enum { WIDTH = 80 };
	size_t column = strlen(indent);

	text_puts(out, indent);
	while (*paragraph) {
		size_t n = strcspn(paragraph, " ");

		if (column + n > WIDTH && column > strlen(indent)) {
			text_printf(out, "\n%s", indent);
			column = strlen(indent);
		} else if (column > strlen(indent)) {
			text_putc(out, ' ');
			column++;
		}
		text_add(out, paragraph, n);
		column += n;
		paragraph += n + (paragraph[n] == ' ');
	}
	text_putc(out, '\n');
}

static void put_options(const struct option_row *rows, struct text *out)
{
	for (; rows->name; rows++) {
		auto_text struct text left = { 0 };

		if (rows->letter)
			text_printf(&left, "-%c, ", rows->letter);
		text_printf(&left, "--%s%s%s", rows->name, rows->value ? " " : "", rows->value ? rows->value : "");
		text_printf(out, "  %-34s %s\n", text_get(&left), rows->help);
	}
}

static void explain(const struct command *c, struct text *out)
{
	text_puts(out, "nlbc ");
	command_synopsis(c, out);
	text_puts(out, "\n\n");
	wrap(c->help, "  ", out);
	if (!c->options[0].name)
		return;
	text_puts(out, "\nOptions:\n");
	put_options(c->options, out);
}

static void list_all(struct text *out)
{
	text_puts(out, "usage: nlbc [OPTIONS] VERB [OPTIONS] [ARGUMENTS]\n\nVerbs:\n");
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden)
			continue;
		auto_text struct text line = { 0 };

		command_synopsis(*c, &line);
		text_printf(out, "  nlbc %s\n", text_get(&line));
	}
	text_puts(out, "\nOptions of every verb:\n");
	put_options(global_options, out);
	text_puts(out, "\nExit codes:\n");
	text_puts(out, "  0    done, or already so\n");
	for (const struct failure *f = failures; f->code; f++)
		text_printf(out, "  %-4d %s: %s\n", f->exit, f->code, f->means);
}

static int run_help(struct invocation *v)
{
	auto_text struct text out = { 0 };
	const struct command *c = v->n_args ? command_find(v->args[0]) : NULL;

	if (v->n_args && (!c || c->hidden)) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "unknown verb '%s'", v->args[0]), "nlbc help");
		return 0;
	}
	if (c)
		explain(c, &out);
	else
		list_all(&out);
	out_result(&v->out, &out);
	return 0;
}

const struct command command_help = {
	.name = "help", .arguments = "[VERB]", .max_args = 1,
	.help = "Explain a verb, or list all of them.",
	.run = run_help,
};

static int run_version(struct invocation *v)
{
	auto_text struct text out = { 0 };
	struct utsname u = { 0 };

	if (!v->out.json) {
		text_puts(&out, "nlbc " NLBC_VERSION "\n");
		out_result(&v->out, &out);
		return 0;
	}
	(void)uname(&u);        /* cannot fail with a valid pointer */
	out_json(&v->out, "version",
		 json_pack("{s:s,s:i,s:i,s:[s,s],s:{s:s},s:s}", "nlbc", NLBC_VERSION, "language", 1, "schema", 1, "targets", "nft",
			   "iptables", "libraries", "jansson", jansson_version_str(), "kernel", u.release));
	return 0;
}

const struct command command_version = {
	.name = "version", .arguments = "",
	.help = "Print the version.",
	.run = run_version,
};
