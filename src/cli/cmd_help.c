/* SPDX-License-Identifier: MIT */
/* nlbc help and nlbc version. */
#include "base/base.h"

#include <sys/utsname.h>

#include "cli/command.h"

/* The next word; what stands in brackets is one. */
static size_t word_length(const char *p)
{
	size_t n = strcspn(p, " ");

	if (p[0] == '[')
		n = MAX(n, strcspn(p, "]") + (strchr(p, ']') != NULL));
	return n;
}

/* Lines of 80 columns, the first of which begins with `first`, the others with `indent`. */
static void wrap(const char *paragraph, const char *first, const char *indent, struct text *out)
{
	enum { WIDTH = 80 };
	const size_t margin = strlen(indent);
	size_t column = strlen(first);
	bool begun = false;

	text_puts(out, first);
	while (*paragraph) {
		size_t n = word_length(paragraph);

		if (begun && column + 1 + n > WIDTH) {
			text_printf(out, "\n%s", indent);
			column = margin;
		} else if (begun) {
			text_putc(out, ' ');
			column++;
		}
		text_add(out, paragraph, n);
		begun = true;
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
	auto_text struct text synopsis = { 0 };

	command_synopsis(c, &synopsis);
	wrap(text_get(&synopsis), "nlbc ", "        ", out);
	text_putc(out, '\n');
	wrap(c->help, "  ", "  ", out);
	if (!c->options[0].name)
		return;
	text_puts(out, "\nOptions:\n");
	put_options(c->options, out);
}

/* All verbs, or those of a family. */
static void list_verbs(const char *family, struct text *out)
{
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden || (family && !command_in_family(*c, family)))
			continue;
		text_puts(out, "  nlbc ");
		command_brief(*c, out);
		text_putc(out, '\n');
	}
}

static void list_family(const char *family, struct text *out)
{
	text_printf(out, "usage: nlbc [OPTIONS] %s VERB [OPTIONS] [ARGUMENTS]\n\nVerbs:\n", family);
	list_verbs(family, out);
	text_printf(out, "\nnlbc help %s VERB explains one.\n", family);
}

static void list_all(struct text *out)
{
	text_puts(out, "usage: nlbc [OPTIONS] VERB [OPTIONS] [ARGUMENTS]\n\nVerbs:\n");
	list_verbs(NULL, out);
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
	const char *name = v->n_args > 1 ? arena_printf(v->arena, "%s %s", v->args[0], v->args[1]) : v->args[0];
	const struct command *c = v->n_args ? command_find(name) : NULL;
	const bool is_family = v->n_args == 1 && command_is_family(name);

	if (v->n_args && !is_family && (!c || c->hidden)) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "unknown verb '%s'", name), "nlbc help");
		return 0;
	}
	if (c)
		explain(c, &out);
	else if (is_family)
		list_family(name, &out);
	else
		list_all(&out);
	out_result(&v->out, &out);
	return 0;
}

const struct command command_help = {
	.name = "help", .arguments = "[VERB]", .max_args = 2,
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
