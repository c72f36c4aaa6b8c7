/* SPDX-License-Identifier: MIT */
/* The command line of nlbc-bench: words sorted by the rows, values read with messages that name the word. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/bench.h"

static const struct bench_command *find_command(const struct bench_command *const *commands, struct bench *b, const char *name)
{
	const char *names[8];
	size_t n = 0;

	for (; commands[n]; n++) {
		if (strcmp(commands[n]->name, name) == 0)
			return commands[n];
		names[n] = commands[n]->name;
	}
	struct diag *g = diag_error(&b->diags, NULL, "usage", "unknown command '%s'", name);

	if (!diag_nearest(&b->diags, g, str_of(name), names, n))
		diag_hint(&b->diags, g, "there are origin, fence, client and cpu");
	return NULL;
}

static const struct bench_option *find_option(struct bench *b, struct str name)
{
	const char *names[BENCH_OPTIONS];
	size_t n = 0;

	for (const struct bench_option *o = b->command->options; o->name; o++) {
		if (str_is(name, o->name))
			return o;
		names[n++] = o->name;
	}
	struct diag *g = diag_error(&b->diags, NULL, "usage", "unknown option '--%.*s' of %s", (int)name.n, name.p,
				    b->command->name);

	if (!diag_nearest(&b->diags, g, name, names, n))
		diag_hint(&b->diags, g, "see nlbc-bench %s --help", b->command->name);
	return NULL;
}

/* argv[*i] is an option, its value stands behind '=' or is the next word. */
static int take_option(struct bench *b, int argc, char **argv, int *i)
{
	const char *word = argv[*i] + 2;
	const char *equals = strchr(word, '=');
	const struct str name = { word, equals ? (size_t)(equals - word) : strlen(word) };
	const struct bench_option *o = find_option(b, name);

	if (!o)
		return -EINVAL;
	if (bench_has(b, o->name) && !o->many) {
		diag_error(&b->diags, NULL, "usage", "option '--%s' is given twice", o->name);
		return -EINVAL;
	}
	if (!o->value && equals) {
		diag_error(&b->diags, NULL, "usage", "option '--%s' takes no value", o->name);
		return -EINVAL;
	}
	const char *value = equals ? equals + 1 : NULL;

	if (o->value && !equals) {
		if (*i + 1 >= argc) {
			diag_error(&b->diags, NULL, "usage", "option '--%s' needs a value: %s", o->name, o->value);
			return -EINVAL;
		}
		value = argv[++*i];
	}
	b->given[b->n_given++] = (struct bench_given){ o->name, value };
	return 0;
}

static int check_arguments(struct bench *b)
{
	const struct bench_command *c = b->command;

	if (b->n_args < c->min_args)
		diag_hint(&b->diags, diag_error(&b->diags, NULL, "usage", "%s needs %s", c->name, c->arguments),
			  "see nlbc-bench %s --help", c->name);
	else if (b->n_args > c->max_args)
		diag_error(&b->diags, NULL, "usage", "unexpected argument '%s'", b->args[c->max_args]);
	return b->diags.n_errors ? -EINVAL : 0;
}

int bench_parse(struct bench *b, const struct bench_command *const *commands, int argc, char **argv)
{
	bool only_arguments = false;

	b->args = arena_array(b->arena, const char *, (size_t)argc);
	b->given = arena_array(b->arena, struct bench_given, (size_t)argc);
	b->command = find_command(commands, b, argv[1]);
	if (!b->command)
		return -EINVAL;
	for (int i = 2; i < argc; i++) {
		if (only_arguments || strncmp(argv[i], "--", 2) != 0)
			b->args[b->n_args++] = argv[i];
		else if (argv[i][2] == 0)
			only_arguments = true;
		else if (take_option(b, argc, argv, &i))
			return -EINVAL;
	}
	return check_arguments(b);
}

void bench_help(const struct bench_command *c, struct text *out)
{
	text_printf(out, "usage: nlbc-bench %s %s\n\n%s\n", c->name, c->arguments, c->help);
	if (c->options[0].name)
		text_puts(out, "\nOptions:\n");
	for (const struct bench_option *o = c->options; o->name; o++) {
		const size_t before = out->n;

		text_printf(out, "  --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
		text_printf(out, "%*s%s\n", (int)MAX(27 - (int)(out->n - before), 1), "", o->help);
	}
}

bool bench_has(const struct bench *b, const char *option)
{
	for (size_t i = 0; i < b->n_given; i++)
		if (strcmp(b->given[i].name, option) == 0)
			return true;
	return false;
}

const char *bench_value(const struct bench *b, const char *option)
{
	const char *value = NULL;

	for (size_t i = 0; i < b->n_given; i++)
		if (strcmp(b->given[i].name, option) == 0)
			value = b->given[i].value;
	return value;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static int wrong(struct bench *b, const char *option, const char *what, const char *hint)
{
	diag_hint(&b->diags, diag_error(&b->diags, NULL, "usage", "'%s' for --%s %s", bench_value(b, option), option, what), "%s",
		  hint);
	return -EINVAL;
}

int bench_read_time(struct bench *b, const char *option, uint64_t *us)
{
	const char *text = bench_value(b, option);

	if (text && (parse_measure(str_of(text), time_units, us) || *us > UINT64_C(1000000) * 86400 * 365))
		return wrong(b, option, "is not a time", "write a unit, for example 500ms");
	return 0;
}

int bench_read_size(struct bench *b, const char *option, uint64_t *bytes)
{
	const char *text = bench_value(b, option);

	if (text && parse_uint(str_of(text), bytes) && parse_measure(str_of(text), size_units, bytes))
		return wrong(b, option, "is not a size", "write for example 1500000 or 64kb");
	return 0;
}

int bench_read_number(struct bench *b, const char *option, uint64_t max, uint64_t *value)
{
	const char *text = bench_value(b, option);

	if (!text)
		return 0;
	if (parse_uint(str_of(text), value))
		return wrong(b, option, "is not a whole number", "write for example 100");
	if (*value <= max)
		return 0;
	diag_error(&b->diags, NULL, "usage", "'%s' for --%s is more than %llu", text, option, (unsigned long long)max);
	return -EINVAL;
}

int bench_read_millionths(struct bench *b, const char *option, uint64_t *value)
{
	const char *text = bench_value(b, option);

	if (text && (parse_millionths(str_of(text), value) || *value == 0))
		return wrong(b, option, "is not a number above 0", "write for example 2.5");
	return 0;
}

int bench_read_endpoint(struct bench *b, const char *option, struct endpoint *e)
{
	const char *text = bench_value(b, option);

	if (text && endpoint_parse(str_of(text), e))
		return wrong(b, option, "is not an address and port", "names are not looked up; write for example 127.0.0.1:80");
	return 0;
}

int bench_read_compat(struct bench *b, bool *compat)
{
	const char *text = bench_value(b, "compat");

	*compat = text && strcmp(text, "seed") == 0;
	return !text || *compat ? 0 : wrong(b, "compat", "is not known", "there is: seed");
}

/* ---- results --------------------------------------------------------------------------------------------------- */

int bench_open_out(struct bench *b)
{
	const char *path = bench_value(b, "out");

	if (!path)
		return 0;
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0) {
		const int err = -errno;

		diag_error(&b->diags, NULL, err == -EACCES ? "permission" : "kernel", "cannot write '%s': %s", path, strerror(-err));
		return err;
	}
	b->out = fd;
	return 0;
}

int bench_write(struct bench *b, struct text *t)
{
	const int err = text_write(t, b->out);

	text_clear(t);
	if (err == -EPIPE)
		b->reader_gone = true;
	else if (err)
		diag_error(&b->diags, NULL, "machine", "cannot write results: %s", strerror(-err));
	return err;
}
