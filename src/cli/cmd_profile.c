/* SPDX-License-Identifier: MIT */
/* nlbc fmt, convert and schema: a profile in canonical layout, in the other spelling, and what its twin may hold. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/result_schema.h"
#include "profile/fmt.h"
#include "profile/schema.h"

enum { PROFILE_LIMIT = 1 << 20 };

/* ---- fmt ---------------------------------------------------------------------------------------------------------- */

/* A new file beside it, then renamed: the old one is there until the new one is whole. What a link leads to is replaced,
 * not the link; owner and mode stay. */
static int replace_file(struct invocation *v, const char *file, const struct text *t)
{
	auto_free char *real = realpath(file, NULL);
	const char *temporary = real ? arena_printf(v->arena, "%s.nlbc-fmt", real) : NULL;
	struct stat st;

	if (!temporary || stat(real, &st) < 0)
		return -errno;
	auto_close int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	ssize_t n = -1;

	if (fchown(fd, st.st_uid, st.st_gid) == 0 && fchmod(fd, st.st_mode & 07777) == 0)
		n = write(fd, text_get(t), t->n);
	if (n != (ssize_t)t->n || rename(temporary, real) < 0) {
		int err = n < 0 || errno ? -errno : -EIO;

		(void)unlink(temporary);
		return err;
	}
	return 0;
}

static void put_side(struct text *out, char sign, struct str s)
{
	while (s.n) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t n = end ? (size_t)(end - s.p) : s.n;

		text_putc(out, sign);
		text_add(out, s.p, n);
		text_putc(out, '\n');
		s.p += n + (end != NULL);
		s.n -= n + (end != NULL);
	}
}

static size_t count_lines(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n' || i + 1 == s.n;
	return n;
}

/* As `diff -U0` says it, in one hunk: the part between the lines that both ends share, old above new. Of no lines, the one
 * before is counted from. */
static void put_difference(const char *file, struct str old, struct str new, struct text *out)
{
	size_t head = 0, line = 1, tail = 0, least = MIN(old.n, new.n);

	for (size_t i = 0; i < least && old.p[i] == new.p[i]; i++)
		if (old.p[i] == '\n')
			head = i + 1, line++;
	for (size_t i = 0; i < least - head && old.p[old.n - 1 - i] == new.p[new.n - 1 - i]; i++)
		if (old.p[old.n - 1 - i] == '\n')
			tail = i;
	const struct str removed = { old.p + head, old.n - head - tail }, added = { new.p + head, new.n - head - tail };
	const size_t n_removed = count_lines(removed), n_added = count_lines(added);

	text_printf(out, "--- %s\n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", file, file, line - (n_removed == 0), n_removed,
		    line - (n_added == 0), n_added);
	put_side(out, '-', removed);
	if (removed.n && removed.p[removed.n - 1] != '\n')
		text_puts(out, "\\ No newline at end of file\n");
	put_side(out, '+', added);
}

/* True: the file is not canonical. */
static bool fmt_file(struct invocation *v, const char *file)
{
	auto_free char *bytes = NULL;
	auto_text struct text new = { 0 }, out = { 0 };
	size_t n = 0;
	int err = read_file(file, PROFILE_LIMIT, &bytes, &n);

	if (err) {
		diag_error(&v->diags, NULL, "profile", "cannot read '%s': %s", file, strerror(-err));
		return false;
	}
	struct source *source = arena_one(v->arena, struct source);

	*source = (struct source){ .name = strcmp(file, "-") == 0 ? "standard input" : file,
				   .text = { arena_copy(v->arena, bytes, n), n } };
	if (fmt_text(source, &new, &v->diags) != 0)
		return false;
	bool same = str_eq(source->text, (struct str){ text_get(&new), new.n });

	if (option_given(v, "diff")) {
		if (!same)
			put_difference(source->name, source->text, (struct str){ text_get(&new), new.n }, &out);
		out_result(&v->out, &out);
	} else if (!option_given(v, "write")) {
		out_result(&v->out, &new);
	} else if (!same) {
		err = replace_file(v, file, &new);
		if (err)
			diag_error(&v->diags, NULL, "profile", "cannot write '%s': %s", file, strerror(-err));
	}
	return !same;
}

static int run_fmt(struct invocation *v)
{
	bool differs = false;

	if (option_given(v, "write") && option_given(v, "diff")) {
		diag_error(&v->diags, NULL, "usage", "'--write' and '--diff' exclude each other");
		return 0;
	}
	for (size_t i = 0; i < v->n_args; i++) {
		if (option_given(v, "write") && strcmp(v->args[i], "-") == 0)
			diag_error(&v->diags, NULL, "usage", "'--write' needs files, not standard input");
		else
			differs |= fmt_file(v, v->args[i]);
	}
	return differs && option_given(v, "diff") ? failure_of("state")->exit : 0;
}

const struct command command_fmt = {
	.name = "fmt", .arguments = "FILE…", .min_args = 1, .max_args = 1000,
	.help = "Print profiles in canonical layout; comments, define and include are kept.",
	.options = {
		{ "write", 0, NULL, false, "into the file" },
		{ "diff", 0, NULL, false, "show what would change; exit 3 if anything would" },
	},
	.run = run_fmt,
};

/* ---- convert ------------------------------------------------------------------------------------------------------ */

static int run_convert(struct invocation *v)
{
	const char *to = option_value(v, "to");
	const struct profile *p = to ? cli_read(v, v->args[0]) : NULL;
	auto_text struct text out = { 0 };

	if (!to)
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'convert' needs '--to'"), "--to json or --to prof");
	if (!p)
		return 0;
	if (strcmp(to, "json") == 0)
		profile_print_json(p, 2, &out);
	else
		profile_print(p, &out);
	out_result(&v->out, &out);
	return 0;
}

const struct command command_convert = {
	.name = "convert", .arguments = "FILE", .min_args = 1, .max_args = 1,
	.help = "Print the profile in the other spelling, after define and include; comments are not kept.",
	.options = { { "to", 0, "json/prof", false, "the spelling that is wanted" } },
	.run = run_convert,
};

/* ---- schema ------------------------------------------------------------------------------------------------------- */

static int run_schema(struct invocation *v)
{
	static const char *const names[] = { "profile", "status", "event" };
	const char *which = v->n_args ? v->args[0] : "profile";
	auto_text struct text out = { 0 };

	if (strcmp(which, "profile") == 0) {
		schema_profile_print(&out);
	} else if (result_schema_print(which, &out) != 0) {
		struct diag *g = diag_error(&v->diags, NULL, "usage", "unknown schema '%s'", which);

		if (!diag_nearest(&v->diags, g, str_of(which), names, ARRAY_LEN(names)))
			diag_hint(&v->diags, g, "one of: profile, status, event");
	}
	out_result(&v->out, &out);
	return 0;
}

const struct command command_schema = {
	.name = "schema", .arguments = "[profile/status/event]", .max_args = 1,
	.help = "Print the JSON Schema of a profile's JSON twin, or of what status and watch print.",
	.run = run_schema,
};
