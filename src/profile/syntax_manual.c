/* SPDX-License-Identifier: MIT */
/* The keyword table as the reference part of nlbc.prof(5): one list per block, in mdoc. */
#include "base/base.h"

#include "core/policy.h"
#include "profile/keywords.h"
#include "profile/syntax.h"
#include "profile/usage.h"

enum { LINE = 78 };

static const struct {
	const char *text, *mdoc;
} signs[] = {
	{ "–", "\\(en" }, { "…", "..." }, { "≤", "\\(<=" }, { "×", "\\(mu" }, { "\\", "\\e" }, { "-", "\\-" },
};

/* One character as mdoc; returns how many bytes of s it was. */
static size_t add_sign(const char *s, struct text *out)
{
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strncmp(s, signs[i].text, strlen(signs[i].text)) == 0) {
			text_puts(out, signs[i].mdoc);
			return strlen(signs[i].text);
		}
	text_putc(out, *s);
	return 1;
}

/* Words on a macro line; a bracket at its end would be taken for punctuation. */
static void add_line(const char *s, struct text *out)
{
	char last = 0;

	while (*s) {
		last = *s;
		s += add_sign(s, out);
	}
	if (last == ']')
		text_puts(out, "\\&");
}

/* Running text in lines of bounded length; `word` stands in quotes. */
static void add_text(const char *s, struct text *out)
{
	size_t start = out->n;
	bool in_quotes = false;

	while (*s) {
		const size_t word = strcspn(s, " ");

		if (out->n > start) {
			const bool full = out->n - start + word + 2 > LINE;

			text_putc(out, full ? '\n' : ' ');
			if (full)
				start = out->n;
		}
		if (out->n == start && (*s == '.' || *s == '\''))
			text_puts(out, "\\&");
		for (const char *end = s + word; s < end;) {
			if (*s == '`') {
				text_puts(out, in_quotes ? "\\(cq" : "\\(oq");
				in_quotes = !in_quotes;
				s++;
			} else {
				s += add_sign(s, out);
			}
		}
		s += strspn(s, " ");
	}
}

static void add_sentence(struct text *out, const char *before, const char *what)
{
	auto_text struct text sentence = { 0 };

	text_printf(&sentence, "%s%s.", before, what);
	add_text(text_get(&sentence), out);
	text_putc(out, '\n');
}

static bool is_option(const struct arg *arg)
{
	return arg->kind == ARG_OPTION || arg->kind == ARG_FLAG;
}

static void add_option(const struct arg *arg, struct text *out)
{
	auto_text struct text types = { 0 };
	auto_text struct text range = { 0 };
	auto_text struct text help = { 0 };

	text_puts(out, ".It Cm ");
	add_line(arg->name, out);
	if (arg->kind == ARG_OPTION) {
		usage_types(arg, "/", &types);
		text_puts(out, " Ar ");
		add_line(text_get(&types), out);
	}
	text_putc(out, '\n');
	text_puts(&help, arg->help);
	if (arg->when) {
		text_puts(&help, " (with ");
		arg_print_when(arg, &help);
		text_putc(&help, ')');
	}
	add_sentence(out, "", text_get(&help));
	if (arg->types[0].type != VALUE_WRONG && usage_range(&arg->types[0], &range))
		add_sentence(out, "Range: ", text_get(&range));
	if (arg->def)
		add_sentence(out, "Default: ", arg->def);
}

static void add_options(const struct keyword *k, struct text *out)
{
	bool any = false;

	for (size_t i = 0; i < k->n_args; i++) {
		if (!is_option(&k->args[i]))
			continue;
		if (!any)
			text_puts(out, ".Pp\n.Bl -tag -compact -width Ds\n");
		any = true;
		add_option(&k->args[i], out);
	}
	if (any)
		text_puts(out, ".El\n");
}

static void add_methods(const struct keyword *k, struct text *out)
{
	text_puts(out, ".Pp\n.Bl -tag -compact -width Ds\n");
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		auto_text struct text options = { 0 };

		if (!usage_fits(k, policies[i]))
			continue;
		usage_method(k, policies[i], &options);
		text_puts(out, ".It Cm ");
		add_line(policies[i]->name, out);
		if (strcmp(text_get(&options), "–") != 0) {
			text_puts(out, " Ar ");
			add_line(text_get(&options), out);
		}
		text_putc(out, '\n');
		add_sentence(out, "", policies[i]->help);
		if (k->block == BLOCK_PROXY && !(policies[i]->where & POLICY_CONNECTION))
			add_sentence(out, "Mode http only", "");
	}
	text_puts(out, ".El\n");
}

static void add_keyword(const struct keyword *k, struct text *out)
{
	static const char *const times[] = {
		[TIMES_ONE] = "Exactly once", [TIMES_AT_MOST_ONE] = NULL, [TIMES_ANY] = "Any number of times",
		[TIMES_SOME] = "At least once",
	};
	auto_text struct text arguments = { 0 };

	usage_arguments(k, &arguments);
	text_puts(out, ".It Ic ");
	add_line(k->word, out);
	if (strcmp(text_get(&arguments), "–") != 0) {
		text_puts(out, " Ar ");
		add_line(text_get(&arguments), out);
	}
	text_putc(out, '\n');
	add_sentence(out, "", k->help);
	if (times[k->times])
		add_sentence(out, times[k->times], "");
	if (k->range && strncmp(k->range, "5.", 2) != 0 && strcmp(k->range, "section 10") != 0)
		add_sentence(out, "Range: ", k->range);
	if (k->def && strncmp(k->def, "5.", 2) != 0 && strcmp(k->def, "below") != 0)
		add_sentence(out, "Default: ", k->def);
	if (k->n_args > 0 && k->args[0].types[0].type == VALUE_METHOD)
		add_methods(k, out);
	add_options(k, out);
}

void syntax_manual(struct text *out)
{
	for (enum block_kind b = BLOCK_TOP; b < BLOCK_KINDS; b++) {
		if (b == BLOCK_ROLE)
			continue;
		if (b == BLOCK_TOP)
			text_puts(out, ".Ss Top level\n");
		else
			text_printf(out, ".Ss Block %s\n", block_name(b));
		text_puts(out, ".Bl -tag -width Ds\n");
		for (size_t i = 0; i < n_keywords; i++)
			if (keywords[i].block == b && !keywords[i].grammar)
				add_keyword(&keywords[i], out);
		text_puts(out, ".El\n");
		if (b == BLOCK_TOP) {
			text_puts(out, ".Pp\nA\n.Ic role\nblock takes");
			for (const struct keyword *k = keyword_next(BLOCK_ROLE, NULL); k;) {
				const struct keyword *next = keyword_next(BLOCK_ROLE, k);

				text_printf(out, "%s\n.Ic %s", next ? "" : "\nand", k->word);
				text_puts(out, next ? " ," : " .\n");
				k = next;
			}
		}
	}
}
