/* SPDX-License-Identifier: MIT */
/* Reading the command line of nlbc-proxy; the manual says what each option means. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "proxy/options.h"

const char options_usage[] =
	"usage: nlbc-proxy FILE [--name X]... [--role R] [--socket FILE] [--report FILE] [-q | -v]\n"
	"       nlbc-proxy --help | --version\n";

enum option { OPTION_NAME, OPTION_ROLE, OPTION_SOCKET, OPTION_REPORT, OPTION_QUIET, OPTION_VERBOSE, OPTION_HELP, OPTION_VERSION };

static const char *const words[] = {
	[OPTION_NAME] = "--name", [OPTION_ROLE] = "--role", [OPTION_SOCKET] = "--socket", [OPTION_REPORT] = "--report",
	[OPTION_QUIET] = "--quiet", [OPTION_VERBOSE] = "--verbose", [OPTION_HELP] = "--help", [OPTION_VERSION] = "--version",
};

/* What is left of the words. */
struct rest {
	char **words;
	int n;
	struct diags *d;
};

static int wrong(struct rest *r, const char *fmt, const char *word, const char *hint)
{
	diag_hint(r->d, diag_error(r->d, NULL, "usage", fmt, word), "%s", hint);
	return -EINVAL;
}

static int set_value(struct options *o, enum option which, const char *value, struct rest *r)
{
	const char **one = which == OPTION_ROLE ? &o->role : which == OPTION_SOCKET ? &o->socket : &o->report;

	if (which == OPTION_NAME) {
		o->names[o->n_names++] = value;
		return 0;
	}
	if (*one)
		return wrong(r, "'%s' is given twice", words[which], "nlbc-proxy --help");
	*one = value;
	return 0;
}

static void set_flag(struct options *o, enum option which)
{
	o->quiet |= which == OPTION_QUIET;
	o->verbose |= which == OPTION_VERBOSE;
	o->help |= which == OPTION_HELP;
	o->version |= which == OPTION_VERSION;
}

/* The option of a word, with the value behind its '=' where there is one; -1: none. */
static int find_option(const char *word, const char **value)
{
	const size_t n = strcspn(word, "=");

	*value = word[n] ? word + n + 1 : NULL;
	if (strcmp(word, "-q") == 0)
		return OPTION_QUIET;
	if (strcmp(word, "-v") == 0)
		return OPTION_VERBOSE;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(str_of(words[i]), (struct str){ word, n }))
			return (int)i;
	return -1;
}

static int read_option(struct options *o, const char *word, struct rest *r)
{
	const char *value;
	const int which = find_option(word, &value);

	if (which < 0) {
		struct diag *g = diag_error(r->d, NULL, "usage", "unknown option '%s'", word);

		if (!diag_nearest(r->d, g, str_of(word), words, ARRAY_LEN(words)))
			diag_hint(r->d, g, "nlbc-proxy --help");
		return -EINVAL;
	}
	if (which > OPTION_REPORT) {
		set_flag(o, (enum option)which);
		return value ? wrong(r, "'%s' takes no value", words[which], "nlbc-proxy --help") : 0;
	}
	if (!value && r->n > 0) {
		value = *r->words++;
		r->n--;
	}
	if (!value || !*value)
		return wrong(r, "'%s' needs a value", words[which], "nlbc-proxy --help");
	return set_value(o, (enum option)which, value, r);
}

int options_parse(struct options *o, int argc, char **argv, struct arena *a, struct diags *d)
{
	struct rest r = { .words = argv + 1, .n = argc - 1, .d = d };
	bool ended = false;

	*o = (struct options){ .names = arena_array(a, const char *, (size_t)argc + 1), .argv = argv };
	while (r.n > 0) {
		const char *word = *r.words++;
		int err = 0;

		r.n--;
		if (!ended && strcmp(word, "--") == 0)
			ended = true;
		else if (!ended && word[0] == '-' && word[1])
			err = read_option(o, word, &r);
		else if (o->file)
			err = wrong(&r, "unexpected '%s'", word, "one profile is all it takes");
		else
			o->file = word;
		if (err)
			return err;
	}
	if (o->quiet && o->verbose)
		return wrong(&r, "'%s' and '--verbose' exclude each other", "--quiet", "nlbc-proxy --help");
	if (!o->file && !o->help && !o->version)
		return wrong(&r, "%s is missing", "FILE", "nlbc-proxy --help");
	return 0;
}
