/* SPDX-License-Identifier: MIT */
/* From files to a profile, and from a profile to the machine that this one is. */
#include "base/base.h"

#include <limits.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/files.h"
#include "profile/profile.h"
#include "unit.h"

static char directory[PATH_MAX];
static struct arena *arena;
static struct diags diags;

static void set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "%s/nlbc-read-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	arena = arena_new();
	diags_init(&diags, arena);
}

static void remove_directory(void)
{
	const char *rm = arena_printf(arena, "rm -rf '%s'", directory);

	ck_assert_int_eq(system(rm), 0);
	arena_free(arena);
}

static const char *put(const char *name, const char *text)
{
	const char *path = arena_printf(arena, "%s/%s", directory, name);
	auto_fclose FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	return path;
}

static void put_directory(const char *name)
{
	ck_assert_int_eq(mkdir(arena_printf(arena, "%s/%s", directory, name), 0700), 0);
}

/* What is said, with the test's directory left out. */
static const char *messages(void)
{
	auto_text struct text all = { 0 };
	auto_text struct text out = { 0 };

	diags_print(&diags, DIAG_GCC, NULL, false, &all);
	for (const char *p = text_get(&all); *p;) {
		if (strncmp(p, directory, strlen(directory)) == 0)
			p += strlen(directory) + 1;
		else
			text_putc(&out, *p++);
	}
	return arena_strdup(arena, text_get(&out));
}

START_TEST(what_a_pattern_matches_is_told_by_its_own_name)
{
	put_directory("part");
	put_directory("part/a.prof");
	ck_assert_ptr_null(profile_read(put("x.prof", "nlbc 1; profile x; include part/*\n"), NULL, arena, &diags));
	ck_assert_str_eq(messages(), "x.prof:1:28: error: cannot read 'part/a.prof': Is a directory [include]\n");
}
END_TEST

START_TEST(an_included_minus_is_a_file)
{
	ck_assert_int_eq(chdir(directory), 0);
	put("-", "interface a { device eth0 }\n");
	put("x.prof", "nlbc 1; profile x; include \"-\"\n");
	ck_assert_ptr_nonnull(profile_read("x.prof", NULL, arena, &diags));
}
END_TEST

START_TEST(a_file_is_read_with_what_it_includes)
{
	const char *main_file = put("x.prof", "nlbc 1; profile x; define d = eth0\n"
					      "include part/*.prof; include none/*.prof\n");
	put_directory("part");
	put("part/b.prof", "interface b { device $d }\n");
	put("part/a.prof", "include \"../common\"\n");
	put("part/.hidden.prof", "nonsense\n");
	put("part/other", "nonsense\n");
	put("common", "interface common { device $d }\n");

	const struct profile *p = profile_read(main_file, NULL, arena, &diags);
	ck_assert_str_eq(messages(), "");
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->machines->n_interfaces, 2);
	ck_assert_str_eq(p->machines->interfaces[0].name, "common");
	ck_assert_str_eq(p->machines->interfaces[1].device, "eth0");
}
END_TEST

START_TEST(a_circle_of_includes_is_found_however_it_is_spelled)
{
	const char *main_file = put("x.prof", "nlbc 1; profile x\ninclude part/a.prof\n");

	put_directory("part");
	put("part/a.prof", "include ../part/../x.prof\n");
	ck_assert_ptr_null(profile_read(main_file, NULL, arena, &diags));
	ck_assert_str_eq(messages(), "part/a.prof:1:9: error: include goes round in a circle [include]\n");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_told)
{
	const char *main_file = put("x.prof", "nlbc 1; profile x\ninclude part\ninclude no.prof\n");

	put_directory("part");
	ck_assert_ptr_null(profile_read(main_file, NULL, arena, &diags));
	ck_assert_ptr_null(profile_read(arena_printf(arena, "%s/y", directory), NULL, arena, &diags));
	ck_assert_str_eq(messages(), "y: error: cannot read 'y': No such file or directory [include]\n"
				     "x.prof:2:9: error: cannot read 'part': Is a directory [include]\n"
				     "x.prof:3:9: error: cannot read 'no.prof': No such file or directory [include]\n");
}
END_TEST

START_TEST(files_and_all_of_them_have_limits)
{
	auto_text struct text text = { 0 };
	auto_text struct text includes = { 0 };

	text_puts(&text, "#\n");
	while (text.n < 1 << 20)
		text_add(&text, "######################################################\n", MIN(55, (1 << 20) - text.n));
	put("mega", text_get(&text));
	text_puts(&includes, "nlbc 1; profile x\n");
	for (unsigned i = 0; i < 4; i++)
		text_puts(&includes, "include mega\n");
	ck_assert_ptr_null(profile_read(put("x.prof", text_get(&includes)), NULL, arena, &diags));
	text_putc(&text, '#');
	put("more", text_get(&text));
	ck_assert_ptr_null(profile_read(put("y.prof", "nlbc 1; profile x\ninclude more\n"), NULL, arena, &diags));
	ck_assert_str_eq(messages(), "y.prof:2:9: error: file is larger than 1 MiB [limit]\n"
				     "x.prof:5:9: error: profile is larger than 4 MiB [limit]\n");
}
END_TEST

START_TEST(includes_are_at_most_16_deep_and_64)
{
	auto_text struct text text = { 0 };

	for (unsigned i = 0; i < 17; i++)
		put(arena_printf(arena, "d%u", i), arena_printf(arena, "include d%u\n", i + 1));
	put("d17", "");
	ck_assert_ptr_null(profile_read(put("x.prof", "nlbc 1; profile x\ninclude d1\n"), NULL, arena, &diags));
	ck_assert_str_eq(messages(), "d16:1:9: error: includes are nested deeper than 16 [limit]\n");

	diags_init(&diags, arena);
	text_puts(&text, "nlbc 1; profile x\n");
	for (unsigned i = 0; i < 64; i++)
		text_puts(&text, "include d17\n");
	ck_assert_ptr_null(profile_read(put("y.prof", text_get(&text)), NULL, arena, &diags));
	ck_assert_str_eq(messages(), "y.prof:65:9: error: profile has more than 64 files [limit]\n");
}
END_TEST

static const struct profile *read_text(const char *text)
{
	const struct profile *p = profile_read_text("x", str_of(text), NULL, arena, &diags);

	ck_assert_str_eq(messages(), "");
	ck_assert_ptr_nonnull(p);
	return p;
}

static const char two_roles[] = "nlbc 1; profile x\n"
				"role one { interface a { address 10.0.0.1 }; interface b { address 10.0.1.1 } }\n"
				"role two { interface a { address 10.0.0.2 } }\n"
				"role bare { interface a { device eth0 } }\n";

/* addresses: last bytes of 10.0.0.x, then of 10.0.1.x. */
static const struct {
	const char *text, *option, *environment, *host;
	unsigned char owned[2];
	const char *role;               /* "": the machine without roles; NULL: an error */
} choices[] = {
	{ two_roles, "two", "one", "bare", { 1, 1 }, "two" },
	{ two_roles, NULL, "bare", "two", { 1, 1 }, "bare" },
	{ two_roles, NULL, NULL, "two", { 1, 1 }, "one" },
	{ two_roles, NULL, NULL, NULL, { 2, 0 }, "two" },
	{ two_roles, NULL, NULL, "bare", { 1, 0 }, "bare" },
	{ two_roles, NULL, NULL, "else", { 1, 0 }, NULL },
	{ two_roles, NULL, NULL, "two", { 0, 0 }, "two" },
	{ two_roles, "three", NULL, "two", { 2, 0 }, NULL },
	{ "nlbc 1; profile x; role r { interface a { device d } }", NULL, NULL, NULL, { 0, 0 }, "r" },
	{ "nlbc 1; profile x", NULL, NULL, NULL, { 0, 0 }, "" },
	{ "nlbc 1; profile x", NULL, "r", NULL, { 0, 0 }, "" },
	{ "nlbc 1; profile x", "r", NULL, NULL, { 0, 0 }, NULL },
};

START_TEST(the_role_is_asked_for_or_the_only_one_or_fits_or_is_the_host)
{
	const struct addr owned[] = {
		{ .family = AF_INET, .b = { 10, 0, 0, choices[_i].owned[0] } },
		{ .family = AF_INET, .b = { 10, 0, 1, choices[_i].owned[1] } },
	};
	const struct role_facts facts = {
		.option = choices[_i].option, .environment = choices[_i].environment, .host = choices[_i].host,
		.owned = owned, .n_owned = ARRAY_LEN(owned),
	};
	const struct profile *p = read_text(choices[_i].text);
	const struct machine *m = profile_choose(p, &facts, &diags);

	ck_assert_int_eq(m == NULL, choices[_i].role == NULL);
	ck_assert_uint_eq(diags.n_errors, m == NULL);
	if (m && m->role)
		ck_assert_str_eq(m->role, choices[_i].role);
	else if (m)
		ck_assert_str_eq("", choices[_i].role);
}
END_TEST

START_TEST(a_role_that_cannot_be_told_lists_all)
{
	const struct role_facts facts = { .option = NULL };
	const struct role_facts wrong = { .option = "tow" };
	const struct profile *p = read_text(two_roles);

	ck_assert_ptr_null(profile_choose(p, &facts, &diags));
	ck_assert_ptr_null(profile_choose(p, &wrong, &diags));
	ck_assert_str_eq(messages(), "nlbc: error: cannot tell which role of x this machine has; give --role, one of: one, two, "
				     "bare [machine]\n"
				     "nlbc: error: no role 'tow' in x; did you mean 'two'? [usage]\n");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, remove_directory);
	tcase_add_test(tc, what_a_pattern_matches_is_told_by_its_own_name);
	tcase_add_test(tc, an_included_minus_is_a_file);
	tcase_add_test(tc, a_file_is_read_with_what_it_includes);
	tcase_add_test(tc, a_circle_of_includes_is_found_however_it_is_spelled);
	tcase_add_test(tc, a_file_that_cannot_be_read_is_told);
	tcase_add_test(tc, files_and_all_of_them_have_limits);
	tcase_add_test(tc, includes_are_at_most_16_deep_and_64);
	tcase_add_loop_test(tc, the_role_is_asked_for_or_the_only_one_or_fits_or_is_the_host, 0, ARRAY_LEN(choices));
	tcase_add_test(tc, a_role_that_cannot_be_told_lists_all);
}
