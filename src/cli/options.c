/* SPDX-License-Identifier: MIT */
/* The command line: options may stand before or after the verb, long ones are never shortened, `--` ends them. */
#include "base/base.h"

#include <errno.h>

#include "cli/command.h"

const struct option_row global_options[] = {
	{ "json", 'j', NULL, false, "results as JSON on one line, errors as JSON on standard error" },
	{ "pretty", 'p', NULL, false, "JSON, indented" },
	{ "quiet", 'q', NULL, false, "errors only" },
	{ "verbose", 'v', NULL, false, "say what is done, step by step" },
	{ "color", 0, "auto/always/never", false, "colour in what is printed for people" },
	{ "netns", 'n', "NAME", false, "work in this named network namespace" },
	{ "target", 0, "nft/iptables", false, "override the profile's target" },
	{ "role", 0, "NAME", false, "take this role of the profile" },
	{ "socket", 'S', "FILE", false, "where nlbcd listens" },
	{ "no-daemon", 0, NULL, false, "do not ask nlbcd" },
	{ NULL, 0, NULL, false, NULL },
};

bool option_given(const struct invocation *v, const char *name)
{
	for (size_t i = 0; i < v->n_given; i++)
		if (strcmp(v->given[i].row->name, name) == 0)
			return true;
	return false;
}

const char *option_value(const struct invocation *v, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < v->n_given; i++)
		if (strcmp(v->given[i].row->name, name) == 0)
			value = v->given[i].value;
	return value;
}

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const char *command_in_family(const struct command *c, const char *family)
{
	const size_t n = strlen(family);

	return strncmp(c->name, family, n) == 0 && c->name[n] == ' ' ? c->name + n + 1 : NULL;
}

bool command_is_family(const char *word)
{
	for (const struct command *const *c = commands; *c; c++)
		if (command_in_family(*c, word))
			return true;
	return false;
}

size_t command_words(const char *family, struct arena *a, const char **words)
{
	size_t n = 0;

	for (const struct command *const *c = commands; *c && n < COMMAND_WORDS; c++) {
		const char *name = family ? command_in_family(*c, family) : (*c)->name;

		if (!name || (*c)->hidden)
			continue;
		const char *word = arena_copy(a, name, strcspn(name, " "));

		if (n == 0 || strcmp(words[n - 1], word) != 0)
			words[n++] = word;
	}
	return n;
}

/* ---- reading it --------------------------------------------------------------------------------------------------- */

struct reading {
	struct invocation *v;
	char **words;
	size_t n, at;
	struct given_option *given;
	bool ended;                     /* `--` was seen */
};

static const struct option_row *find_in(const struct option_row *rows, struct str name, char letter)
{
	for (; rows->name; rows++)
		if (letter ? rows->letter == letter : str_is(name, rows->name))
			return rows;
	return NULL;
}

static const struct option_row *find_option(const struct invocation *v, struct str name, char letter)
{
	const struct option_row *row = v->command ? find_in(v->command->options, name, letter) : NULL;

	return row ? row : find_in(global_options, name, letter);
}

static size_t collect(const struct option_row *rows, const char **names)
{
	size_t n = 0;

	for (; rows->name; rows++)
		names[n++] = rows->name;
	return n;
}

static int unknown_option(struct reading *r, const char *word, struct str name)
{
	struct invocation *v = r->v;
	const char *names[COMMAND_OPTIONS + 16];
	size_t n = collect(global_options, names);

	if (v->command)
		n += collect(v->command->options, names + n);
	struct diag *g = diag_error(&v->diags, NULL, "usage", "unknown option '%s'", word);
	const char *near = nearest_word(name, names, n);

	if (near)
		diag_hint(&v->diags, g, "did you mean '--%s'?", near);
	else
		diag_hint(&v->diags, g, "nlbc help%s%s", v->command ? " " : "", v->command ? v->command->name : "");
	return -EINVAL;
}

/* A value that must be one of a few words is written a/b/c in the row; a/b/NUMBER takes others, too. */
static int check_choice(struct reading *r, const struct option_row *row, const char *value)
{
	const char *words[12];
	size_t n = 0;

	if (!strchr(row->value, '/') || strchr(row->value, '='))
		return 0;
	for (const char *p = row->value; n < ARRAY_LEN(words); p += strcspn(p, "/") + 1) {
		words[n] = arena_copy(r->v->arena, p, strcspn(p, "/"));
		if (strcmp(words[n++], value) == 0 || (*p >= 'A' && *p <= 'Z'))
			return 0;
		if (!strchr(p, '/'))
			break;
	}
	struct diag *g = diag_error(&r->v->diags, NULL, "usage", "unknown value '%s' for '--%s'", value, row->name);
	auto_text struct text all = { 0 };

	for (size_t i = 0; i < n; i++)
		text_printf(&all, "%s%s", i ? ", " : "", words[i]);
	if (!diag_nearest(&r->v->diags, g, str_of(value), words, n))
		diag_hint(&r->v->diags, g, "one of: %s", text_get(&all));
	return -EINVAL;
}

static int add_option(struct reading *r, const struct option_row *row, const char *value)
{
	struct invocation *v = r->v;

	if (option_given(v, row->name) && !row->many && row->value) {
		diag_error(&v->diags, NULL, "usage", "'--%s' is given twice", row->name);
		return -EINVAL;
	}
	if (row->value && !value) {
		if (r->at >= r->n) {
			diag_error(&v->diags, NULL, "usage", "'--%s' needs a value: %s", row->name, row->value);
			return -EINVAL;
		}
		value = r->words[r->at++];
	}
	if (row->value && check_choice(r, row, value) != 0)
		return -EINVAL;
	r->given[v->n_given++] = (struct given_option){ row, value };
	return 0;
}

static int read_long(struct reading *r, const char *word)
{
	const char *equals = strchr(word, '=');
	struct str name = { word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2) };
	const struct option_row *row = find_option(r->v, name, 0);

	if (!row)
		return unknown_option(r, word, name);
	if (equals && !row->value) {
		diag_error(&r->v->diags, NULL, "usage", "'--%s' takes no value", row->name);
		return -EINVAL;
	}
	return add_option(r, row, equals ? equals + 1 : NULL);
}

static int read_letters(struct reading *r, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *row = find_option(r->v, STR(""), *p);

		if (!row)
			return unknown_option(r, word, (struct str){ p, 1 });
		const char *rest = row->value && p[1] ? p + 1 : NULL;
		int err = add_option(r, row, rest);

		if (err || rest)
			return err;
	}
	return 0;
}

static int read_words(struct reading *r)
{
	struct invocation *v = r->v;
	int err = 0;

	while (r->at < r->n) {
		const char *word = r->words[r->at++];
		int wrong = 0;

		if (!r->ended && strcmp(word, "--") == 0)
			r->ended = true;
		else if (!r->ended && strncmp(word, "--", 2) == 0)
			wrong = read_long(r, word);
		else if (!r->ended && word[0] == '-' && word[1])
			wrong = read_letters(r, word);
		else
			v->args[v->n_args++] = word;
		err = wrong ? wrong : err;
	}
	return err;
}

/* The verb is the first word that is neither a global option nor one's value: its own options may stand before it, so
 * it must be known first. Its second word, if it has one, is the next such word. */
static size_t find_word(char **words, size_t n, size_t from)
{
	for (size_t i = from; i < n; i++) {
		const char *w = words[i];

		if (strcmp(w, "--") == 0)
			return n;
		if (w[0] != '-' || !w[1])
			return i;
		bool is_long = w[1] == '-';
		const struct option_row *row = is_long ? find_in(global_options, str_of(w + 2), 0) :
							 find_in(global_options, STR(""), w[strlen(w) - 1]);

		if (row && row->value)
			i++;
	}
	return n;
}

static int unknown_verb(struct invocation *v, const char *family, const char *word)
{
	const char *blank = family ? " " : "", *first = family ? family : "";
	const char *words[COMMAND_WORDS];
	const size_t n = command_words(family, v->arena, words);
	struct diag *g = diag_error(&v->diags, NULL, "usage", "unknown verb '%s%s%s'", first, blank, word);
	const char *near = nearest_word(str_of(word), words, n);

	if (near)
		diag_hint(&v->diags, g, "did you mean '%s%s%s'?", first, blank, near);
	else
		diag_hint(&v->diags, g, "nlbc help%s%s", blank, first);
	return -EINVAL;
}

/* Finds the verb by its words, of which the second may be missing. */
static int find_command(struct invocation *v, const char *word, const char *second)
{
	if (!command_is_family(word)) {
		v->command = command_find(word);
		return v->command ? 0 : unknown_verb(v, NULL, word);
	}
	v->family = word;
	if (!second)
		return 0;
	v->command = command_find(arena_printf(v->arena, "%s %s", word, second));
	return v->command ? 0 : unknown_verb(v, word, second);
}

static int check_arguments(struct invocation *v)
{
	const struct command *c = v->command;

	if (c && v->n_args < c->min_args) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' needs more: %s", c->name, c->arguments),
			  "nlbc help %s", c->name);
		return -EINVAL;
	}
	if (c && v->n_args > c->max_args) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "unexpected '%s' after '%s'", v->args[c->max_args], c->name),
			  "nlbc help %s", c->name);
		return -EINVAL;
	}
	return 0;
}

int invocation_parse(struct invocation *v, int argc, char **argv)
{
	size_t n = argc > 0 ? (size_t)argc - 1 : 0;
	char **words = arena_array(v->arena, char *, n + 1);
	size_t verb = find_word(argv + 1, n, 0);
	size_t second = verb < n && command_is_family(argv[verb + 1]) ? find_word(argv + 1, n, verb + 1) : n;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (i != verb && i != second)
			words[kept++] = argv[i + 1];
	int unknown = verb < n ? find_command(v, argv[verb + 1], second < n ? argv[second + 1] : NULL) : 0;
	struct reading r = { .v = v, .words = words, .n = kept, .given = arena_array(v->arena, struct given_option, n + 1) };

	v->args = arena_array(v->arena, const char *, n + 1);
	v->given = r.given;
	if (unknown) {                  /* how to print is asked for all the same; more messages would mislead */
		struct diags told = v->diags;
		int ignored = read_words(&r);

		v->diags = told;
		return ignored ? ignored : unknown;
	}
	int err = read_words(&r);

	return err ? err : check_arguments(v);
}

void command_synopsis(const struct command *c, struct text *out)
{
	text_puts(out, c->name);
	if (*c->arguments)
		text_printf(out, " %s", c->arguments);
	for (const struct option_row *o = c->options; o->name; o++)
		text_printf(out, " [--%s%s%s]%s", o->name, o->value ? " " : "", o->value ? o->value : "", o->many ? "…" : "");
}

void command_brief(const struct command *c, struct text *out)
{
	enum { BRIEF_COLUMNS = 110 };
	auto_text struct text whole = { 0 };

	command_synopsis(c, &whole);
	if (whole.n <= BRIEF_COLUMNS)
		text_puts(out, text_get(&whole));
	else
		text_printf(out, "%s%s%s [OPTIONS]", c->name, *c->arguments ? " " : "", c->arguments);
}
