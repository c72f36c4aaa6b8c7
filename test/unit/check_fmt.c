/* SPDX-License-Identifier: MIT */
/* The canonical layout: what it does with each thing, and that it does nothing the second time. */
#include "base/base.h"

#include <glob.h>

#include "base/arena.h"
#include "base/text.h"
#include "profile/fmt.h"
#include "unit.h"

static int format(const char *in, struct text *out, struct text *messages)
{
	const struct source source = { .name = "x.prof", .text = str_of(in) };
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const int err = fmt_text(&source, out, &d);

	diags_print(&d, DIAG_GCC, NULL, false, messages);
	arena_free(a);
	return err;
}

static const struct {
	const char *what, *in, *out;
} layouts[] = {
	{ "an empty file stays empty", "", "" },
	{ "statements of one line get lines of their own", "nlbc 1; profile a", "nlbc 1\nprofile a\n" },
	{ "commas and other blanks go, also at line ends", "host\ta,b , c  \r\n", "host a b c\n" },
	{ "one blank line stays where there were several, none at the ends",
	  "\n\nnlbc 1\n\n\n\nprofile a\n\n", "nlbc 1\n\nprofile a\n" },
	{ "a block of one line stays on one line", "web{listen 1.2.3.4:80;changes on}\n",
	  "web { listen 1.2.3.4:80; changes on }\n" },
	{ "a block of many lines stays one, with its values in a column",
	  "web {\nlisten 1.2.3.4:80; changes on\n}\n", "web {\n    listen  1.2.3.4:80\n    changes on\n}\n" },
	{ "a blank line after { or before } goes", "web {\n\n\nchanges on\n\n}\n", "web {\n    changes on\n}\n" },
	{ "an empty block is { }", "kernel {}\n", "kernel { }\n" },
	{ "a block too long for one line gets many",
	  "shaper a { rate 50mbit; ceil 60mbit; burst 64kb; cburst 64kb; quantum 1514; queue fq_codel limit 1000 flows 10 }\n",
	  "shaper a {\n    rate    50mbit\n    ceil    60mbit\n    burst   64kb\n    cburst  64kb\n    quantum 1514\n"
	  "    queue   fq_codel limit 1000 flows 10\n}\n" },
	{ "a statement too long for one line is wrapped under its first value",
	  "balance b {\nto 10.10.10.0/24 10.10.11.0/24 10.10.12.0/24 10.10.13.0/24 10.10.14.0/24 10.10.15.0/24 10.10.16.0/24\n}\n",
	  "balance b {\n    to 10.10.10.0/24 10.10.11.0/24 10.10.12.0/24 10.10.13.0/24 10.10.14.0/24 10.10.15.0/24 \\\n"
	  "       10.10.16.0/24\n}\n" },
	{ "joined lines that fit become one", "host a \\\n  b\n", "host a b\n" },
	{ "neighbours of one keyword stand in columns",
	  "path a { via 10.0.0.1; interface a }\npath bcd { interface b; weight 2 }\n",
	  "path a   { via 10.0.0.1; interface a }\npath bcd { interface b; weight 2 }\n" },
	{ "statements inside stand in columns while they are the same",
	  "shaper a { rate 50mbit; queue 1mbit }\nshaper b { rate 130mbit; queue 2mbit }\nshaper c { engine tbf; rate 1mbit }\n",
	  "shaper a { rate 50mbit;  queue 1mbit }\nshaper b { rate 130mbit; queue 2mbit }\nshaper c { engine tbf; rate 1mbit }\n" },
	{ "device, address and toward are one column",
	  "interface a { toward 10.0.0.1 }\ninterface b { address 10.0.0.1 }\n",
	  "interface a { toward  10.0.0.1 }\ninterface b { address 10.0.0.1 }\n" },
	{ "options are columns, lists are not",
	  "path a {\nprobe ping 1.2.3.4 interval 2s fall 3\nprobe ping 10.2.3.4 interval 10s fall 3\n}\n"
	  "balance b {\nto 10.0.0.0/8 11.0.0.0/8\nto 2001:db8::/32 12.0.0.0/8\n}\n",
	  "path a {\n    probe ping 1.2.3.4  interval 2s  fall 3\n    probe ping 10.2.3.4 interval 10s fall 3\n}\n"
	  "balance b {\n    to 10.0.0.0/8 11.0.0.0/8\n    to 2001:db8::/32 12.0.0.0/8\n}\n" },
	{ "definitions align their equal signs", "define a = 1 2\ndefine bcd=3\n", "define a   = 1 2\ndefine bcd = 3\n" },
	{ "a blank line parts columns", "path a { weight 1 }\n\npath bcd { weight 2 }\n",
	  "path a { weight 1 }\n\npath bcd { weight 2 }\n" },
	{ "comments stay, alone or behind, these in a column",
	  "# one\nnlbc 1 # two  \nprofile abc #three\n  # four\n", "# one\nnlbc 1       # two\nprofile abc  #three\n# four\n" },
	{ "comments stay inside, after { and after }",
	  "web { # a\n# b\nchanges on # c\n} # d\nweb { changes on } # e\n",
	  "web {  # a\n    # b\n    changes on  # c\n}  # d\nweb { changes on }  # e\n" },
	{ "unknown keywords are laid out too", "wbe { x  y;z }\n", "wbe { x y; z }\n" },
	{ "strings, variables and includes stay as they are", "include  \"a  b.prof\"\nhost $x \"\\\"#\"\n",
	  "include \"a  b.prof\"\nhost $x \"\\\"#\"\n" },
	{ "characters are counted, not bytes", "define a = \"é\" # x\ndefine a = \"ee\" # y\n",
	  "define a = \"é\"   # x\ndefine a = \"ee\"  # y\n" },
};

START_TEST(every_thing_has_its_layout)
{
	auto_text struct text once = { 0 };
	auto_text struct text twice = { 0 };
	auto_text struct text messages = { 0 };

	ck_assert_msg(format(layouts[_i].in, &once, &messages) == 0, "%s: %s", layouts[_i].what, text_get(&messages));
	ck_assert_msg(strcmp(text_get(&once), layouts[_i].out) == 0, "%s:\n%s", layouts[_i].what, text_get(&once));
	ck_assert_int_eq(format(text_get(&once), &twice, &messages), 0);
	ck_assert_str_eq(text_get(&once), text_get(&twice));
}
END_TEST

static const struct {
	const char *in, *message;
} wrong[] = {
	{ "web {\n", "x.prof:1:5: error: this '{' is never closed [syntax]\n" },
	{ "}\n", "x.prof:1:1: error: '}' without a '{' [syntax]\n" },
	{ "a = b\n", "x.prof:1:3: error: unexpected '='; write: keyword value [syntax]\n" },
	{ "\"a\" b\n", "x.prof:1:1: error: expected a keyword [syntax]\n" },
	{ "a \"b\n", "x.prof:1:3: error: string is not closed on its line [syntax]\n" },
	{ "{\"nlbc\": 1}\n", "x.prof: error: this profile has no 'profile' [missing]\n" },
};

START_TEST(text_that_is_no_profile_is_told_and_not_laid_out)
{
	auto_text struct text out = { 0 };
	auto_text struct text messages = { 0 };

	ck_assert_int_lt(format(wrong[_i].in, &out, &messages), 0);
	ck_assert_str_eq(text_get(&messages), wrong[_i].message);
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(blocks_may_be_sixteen_deep_and_no_deeper)
{
	for (unsigned depth = 16; depth <= 17; depth++) {
		auto_text struct text in = { 0 };
		auto_text struct text out = { 0 };
		auto_text struct text messages = { 0 };

		for (unsigned i = 0; i < depth; i++)
			text_puts(&in, "a {\n");
		for (unsigned i = 0; i < depth; i++)
			text_puts(&in, "}\n");
		ck_assert_int_eq(format(text_get(&in), &out, &messages) == 0, depth == 16);
	}
}
END_TEST

START_TEST(a_comment_too_long_to_stand_behind_gets_its_own_line)
{
	auto_text struct text in = { 0 };
	auto_text struct text out = { 0 };
	auto_text struct text messages = { 0 };

	text_puts(&in, "nlbc 1 #");
	for (int i = 0; i < 4000; i++)
		text_putc(&in, 'x');
	text_puts(&in, "\nprofile a\n");
	ck_assert_int_eq(format(text_get(&in), &out, &messages), 0);
	ck_assert_ptr_eq(strstr(text_get(&out), "nlbc 1\n#xxx"), text_get(&out));
}
END_TEST

START_TEST(the_shipped_profiles_are_in_canonical_layout)
{
	const char *srcdir = getenv("srcdir");
	auto_text struct text pattern = { 0 };
	glob_t found;

	text_printf(&pattern, "%s/profiles/*.prof", srcdir ? srcdir : ".");
	ck_assert_int_eq(glob(text_get(&pattern), 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		auto_free char *text = NULL;
		auto_text struct text out = { 0 };
		auto_text struct text messages = { 0 };
		size_t n;

		ck_assert_int_eq(read_file(found.gl_pathv[i], 1 << 20, &text, &n), 0);
		ck_assert_int_eq(format(text, &out, &messages), 0);
		ck_assert_msg(strcmp(text, text_get(&out)) == 0, "%s would be laid out as\n%s", found.gl_pathv[i],
			      text_get(&out));
	}
	globfree(&found);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, every_thing_has_its_layout, 0, ARRAY_LEN(layouts));
	tcase_add_loop_test(tc, text_that_is_no_profile_is_told_and_not_laid_out, 0, ARRAY_LEN(wrong));
	tcase_add_test(tc, blocks_may_be_sixteen_deep_and_no_deeper);
	tcase_add_test(tc, a_comment_too_long_to_stand_behind_gets_its_own_line);
	tcase_add_test(tc, the_shipped_profiles_are_in_canonical_layout);
}
