/* SPDX-License-Identifier: MIT */
/* The files of the tree that are made from others: `nlbc-generate SRCDIR` names them, `nlbc-generate SRCDIR FILE` prints
 * one. Nearly all come from our tables; the twins of the shipped profiles come from these. `make generate` writes them,
 * `make check` compares. Not installed. */
#include "base/base.h"

#include <errno.h>
#include <glob.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli/result_schema.h"
#include "profile/profile.h"
#include "profile/schema.h"
#include "profile/syntax.h"

enum { PAGE_LIMIT = 1 << 20 };

/* Manuals written by hand (FILE.in), with a reference made from a table in the place of its mark. */
static const struct page {
	const char *file, *mark;
	void (*print)(struct text *out);
} pages[] = {
	{ "man/nlbc-json.5", ".\\\" MEMBERS\n", result_manual_print },
	{ "man/nlbc.prof.5", ".\\\" KEYWORDS\n", syntax_manual },
};

static const struct {
	const char *file;
	void (*print)(struct text *out);
} files[] = {
	{ "editors/nlbc.nanorc", syntax_nano },
	{ "editors/nlbc.vim", syntax_vim },
	{ "editors/nlbc.words", syntax_words },
	{ "schema/profile-1.json", schema_profile_print },
	{ "test/fuzz/prof.dict", syntax_fuzz },
};

static int print_page(const char *srcdir, const struct page *p, struct text *out)
{
	auto_text struct text path = { 0 };
	auto_free char *page = NULL;
	size_t n = 0;

	text_printf(&path, "%s/%s.in", srcdir, p->file);
	const int err = read_file(text_get(&path), PAGE_LIMIT, &page, &n);

	if (err) {
		fprintf(stderr, "%s: %s\n", text_get(&path), strerror(-err));
		return err;
	}
	const char *mark = strstr(page, p->mark);

	if (!mark) {
		fprintf(stderr, "%s: has no line %s", text_get(&path), p->mark);
		return -EINVAL;
	}
	text_add(out, page, (size_t)(mark - page));
	p->print(out);
	text_puts(out, mark + strlen(p->mark));
	return 0;
}

static int print_twin(const char *srcdir, const char *name, struct text *out)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const char *file = arena_printf(a, "%s/profiles/%s.prof", srcdir, name);
	const struct profile *p = profile_read(file, NULL, a, &d);

	if (p)
		profile_print_json(p, 2, out);
	else
		fprintf(stderr, "%s: %s\n", file, d.list[0]->text);
	arena_free(a);
	return p ? 0 : -EINVAL;
}

/* What stands between `before` and `after` in file, into name. */
static bool is_between(const char *file, const char *before, const char *after, struct text *name)
{
	const size_t n = strlen(file), b = strlen(before), a = strlen(after);

	if (n <= b + a || strncmp(file, before, b) != 0 || strcmp(file + n - a, after) != 0)
		return false;
	text_add(name, file + b, n - a - b);
	return true;
}

static int print_file(const char *srcdir, const char *file, struct text *out)
{
	auto_text struct text name = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i].file, file) == 0) {
			files[i].print(out);
			return 0;
		}
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (strcmp(pages[i].file, file) == 0)
			return print_page(srcdir, &pages[i], out);
	if (is_between(file, "test/golden/twin/", ".json", &name))
		return print_twin(srcdir, text_get(&name), out);
	if (is_between(file, "schema/", "-1.json", &name))
		return result_schema_print(text_get(&name), out);
	return -ENOENT;
}

static int print_list(const char *srcdir, struct text *out)
{
	auto_text struct text pattern = { 0 };
	glob_t profiles;

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		text_printf(out, "%s\n", files[i].file);
	for (size_t i = 0; result_schema_name(i); i++)
		text_printf(out, "schema/%s-1.json\n", result_schema_name(i));
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		text_printf(out, "%s\n", pages[i].file);

	text_printf(&pattern, "%s/profiles/*.prof", srcdir);
	if (glob(text_get(&pattern), 0, NULL, &profiles) != 0)
		return -ENOENT;
	for (size_t i = 0; i < profiles.gl_pathc; i++) {
		const char *name = strrchr(profiles.gl_pathv[i], '/') + 1;

		text_printf(out, "test/golden/twin/%.*s.json\n", (int)strcspn(name, "."), name);
	}
	globfree(&profiles);
	return 0;
}

int main(int argc, char **argv)
{
	auto_text struct text out = { 0 };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: nlbc-generate SRCDIR [FILE]\n");
		return 1;
	}
	const int err = argc == 2 ? print_list(argv[1], &out) : print_file(argv[1], argv[2], &out);

	if (err) {
		fprintf(stderr, "nlbc-generate: cannot make '%s'\n", argv[argc - 1]);
		return 1;
	}
	fputs(text_get(&out), stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
