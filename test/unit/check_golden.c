/* SPDX-License-Identifier: MIT */
/* The golden files of the language: test/golden/bad/X.prof or X.json says exactly X.err, test/golden/good/X.prof says
 * nothing and is in the twin X.json, byte for byte, and back. */
#include "base/base.h"

#include <glob.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/profile.h"
#include "unit.h"

enum { FILE_LIMIT = 1 << 22 };

static const char *root;        /* of the source tree, in full, since the tests change folders */
static glob_t bad, good;

/* The files name themselves without a folder, as their messages do. */
static bool enter(const char *folder)
{
	auto_text struct text path = { 0 };

	text_printf(&path, "%s/test/golden/%s", root, folder);
	return chdir(text_get(&path)) == 0;
}

static char *read_all(const char *file)
{
	char *p;
	size_t n;

	ck_assert_msg(read_file(file, FILE_LIMIT, &p, &n) == 0, "cannot read %s", file);
	p = realloc(p, n + 1);
	ck_assert_ptr_nonnull(p);
	p[n] = 0;
	return p;
}

/* The same name with another ending. */
static char *beside(struct arena *a, const char *file, const char *ending)
{
	return arena_printf(a, "%.*s%s", (int)(strrchr(file, '.') - file), file, ending);
}

START_TEST(wrong_profiles_say_exactly_what_is_wrong)
{
	struct arena *a = arena_new();
	const char *file = bad.gl_pathv[_i];
	auto_text struct text said = { 0 };
	struct diags d;

	ck_assert(enter("bad"));
	diags_init(&d, a);
	const struct profile *p = profile_read(file, NULL, a, &d);
	auto_free char *expected = read_all(beside(a, file, ".err"));

	diags_print(&d, DIAG_HUMAN, file, false, &said);
	ck_assert_msg(strcmp(text_get(&said), expected) == 0, "%s says:\n%s\nnot:\n%s", file, text_get(&said), expected);
	ck_assert_msg(!p == (d.n_errors > 0), "%s: a profile with errors, or none without", file);
	arena_free(a);
}
END_TEST

static const struct profile *read_silently(struct arena *a, const char *name, const char *text)
{
	auto_text struct text said = { 0 };
	const struct profile *p;
	struct diags d;

	diags_init(&d, a);
	p = text ? profile_read_text(name, str_of(text), NULL, a, &d) : profile_read(name, NULL, a, &d);
	diags_print(&d, DIAG_HUMAN, name, false, &said);
	ck_assert_msg(p && d.n == 0, "%s", text_get(&said));
	return p;
}

START_TEST(good_profiles_have_exactly_their_twin)
{
	struct arena *a = arena_new();
	const char *file = good.gl_pathv[_i];
	auto_text struct text twin = { 0 };
	auto_text struct text blocks = { 0 };
	auto_text struct text again = { 0 };

	ck_assert(enter("good"));
	const struct profile *p = read_silently(a, file, NULL);
	auto_free char *expected = read_all(beside(a, file, ".json"));

	profile_print_json(p, 2, &twin);
	ck_assert_msg(strcmp(text_get(&twin), expected) == 0, "%s has the twin:\n%s", file, text_get(&twin));
	profile_print(read_silently(a, beside(a, file, ".json"), NULL), &blocks);
	profile_print_json(read_silently(a, "printed.prof", text_get(&blocks)), 2, &again);
	ck_assert_msg(strcmp(text_get(&again), expected) == 0, "%s through its twin and back:\n%s", file, text_get(&blocks));
	arena_free(a);
}
END_TEST

/* Before any test runs, so that each file is one. */
static void find(glob_t *found, const char *folder, const char *const *patterns, size_t n)
{
	if (!enter(folder))
		BUG("no folder %s", folder);
	for (size_t i = 0; i < n; i++)
		if (glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, found) != 0)
			BUG("no %s in %s", patterns[i], folder);
}

void unit_tests(TCase *tc)
{
	static const char *const of_bad[] = { "*.prof", "*.json" }, *const of_good[] = { "*.prof" };
	const char *srcdir = getenv("srcdir");

	root = realpath(srcdir ? srcdir : ".", NULL);
	if (!root)
		BUG("no source tree");
	find(&bad, "bad", of_bad, ARRAY_LEN(of_bad));
	find(&good, "good", of_good, ARRAY_LEN(of_good));
	tcase_add_loop_test(tc, wrong_profiles_say_exactly_what_is_wrong, 0, (int)bad.gl_pathc);
	tcase_add_loop_test(tc, good_profiles_have_exactly_their_twin, 0, (int)good.gl_pathc);
}
