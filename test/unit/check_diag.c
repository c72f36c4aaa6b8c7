/* SPDX-License-Identifier: MIT */
/* The user's mistakes exactly as profile.md section 8 shows them. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "unit.h"

static struct arena *arena;
static struct diags d;
static struct text out;

static void begin(void)
{
	arena = arena_new();
	diags_init(&d, arena);
}

static void end(void)
{
	text_release(&out);
	arena_free(arena);
}

static struct place at(const struct source *s, unsigned line, unsigned column, unsigned length)
{
	return (struct place){ .source = s, .line = line, .column = column, .length = length };
}

static const char *printed(const char *file)
{
	text_clear(&out);
	diags_print(&d, DIAG_HUMAN, file, false, &out);
	return text_get(&out);
}

#define CORE_LINE "shaper core { rate 50; queue 1mbit; qunatum 1514 }"

START_TEST(two_errors_of_one_line_print_as_the_language_shows_them)
{
	static const char *const words[] = { "rate", "queue", "quantum" };
	const struct source s = { .name = "one.prof", .text = STR("nlbc 1\nprofile one\n" CORE_LINE "\n") };
	const struct place late = at(&s, 3, 37, 7);
	const struct place early = at(&s, 3, 20, 2);
	struct diag *g = diag_error(&d, &late, "keyword", "unknown keyword '%s'", "qunatum");

	ck_assert(diag_nearest(&d, g, STR("qunatum"), words, ARRAY_LEN(words)));
	g = diag_error(&d, &early, "value", "'50' is not a rate");
	diag_hint(&d, g, "write a unit, for example %s", "50mbit");
	ck_assert_str_eq(printed("one.prof"),
			 "one.prof:3:20: error: '50' is not a rate\n"
			 "    3 | " CORE_LINE "\n"
			 "      |                    ^~\n"
			 "hint: write a unit, for example 50mbit\n"
			 "one.prof:3:37: error: unknown keyword 'qunatum'\n"
			 "    3 | " CORE_LINE "\n"
			 "      |                                     ^~~~~~~\n"
			 "hint: did you mean 'quantum'?\n"
			 "one.prof: 2 errors\n");
}
END_TEST

START_TEST(a_second_place_is_a_note_without_its_line)
{
	const struct source s = { .name = "three.prof", .text = STR("a\nb\nc\nmark 1\nmark 1\n") };
	const struct place first = at(&s, 4, 1, 4);
	const struct place second = at(&s, 5, 1, 4);
	struct diag *g = diag_error(&d, &second, "mark", "the same mark");

	diag_note(&d, g, &first, "first given here");
	diag_hint(&d, g, "leave it out");
	ck_assert_str_eq(printed(NULL),
			 "three.prof:5:1: error: the same mark\n"
			 "    5 | mark 1\n"
			 "      | ^~~~\n"
			 "hint: leave it out\n"
			 "three.prof:4:1: note: first given here\n");
}
END_TEST

START_TEST(nothing_to_say_prints_nothing)
{
	ck_assert_str_eq(printed("good.prof"), "");
}
END_TEST

static const struct {
	const char *line;
	unsigned column, length;
	const char *shown, *mark;
} marks[] = {
	{ "\tpath p1 {\t}", 2, 4, "\tpath p1 {\t}", "\t^~~~" },
	{ "a\tb\tcd", 5, 2, "a\tb\tcd", " \t \t^~" },
	{ "\tab", 1, 2, "\tab", "^~" },
	{ "{", 1, 0, "{", "^" },
	{ "{", 1, 1, "{", "^" },
	{ "ab", 2, 50, "ab", " ^" },
	{ "ab", 3, 4, "ab", "  ^" },
	{ "ab", 30, 4, "ab", "  ^" },
	{ "", 1, 3, "", "^" },
	{ "x\r", 1, 5, "x", "^" },
	{ "caf\xc3\xa9 wrong", 6, 5, "caf\xc3\xa9 wrong", "     ^~~~~" },
	{ "a\x01" "b\x7f\xff wrong", 7, 5, "a?b?? wrong", "      ^~~~~" },
	{ "\033[31mred\xc2\x85 x", 11, 1, "?[31mred? x", "          ^" },
};

START_TEST(the_mark_stands_under_the_words)
{
	auto_text struct text file = { 0 };
	auto_text struct text expected = { 0 };

	text_printf(&file, "first\n%s\nlast\n", marks[_i].line);
	const struct source s = { .name = "a.prof", .text = { file.p, file.n } };
	const struct place place = at(&s, 2, marks[_i].column, marks[_i].length);
	diag_warning(&d, &place, "x", "odd");
	text_printf(&expected, "a.prof:2:%u: warning: odd\n    2 | %s\n      | %s\n", marks[_i].column,
		    marks[_i].shown, marks[_i].mark);
	ck_assert_str_eq(printed(NULL), text_get(&expected));
}
END_TEST

START_TEST(a_zero_byte_in_a_line_is_shown_and_the_last_line_needs_no_end)
{
	const struct source s = { .name = "a.prof", .text = { "one\na\0b c", 9 } };
	const struct place place = at(&s, 2, 5, 1);

	diag_error(&d, &place, "x", "odd");
	ck_assert_str_eq(printed(NULL), "a.prof:2:5: error: odd\n    2 | a?b c\n      |     ^\n");
}
END_TEST

START_TEST(a_line_of_more_than_200_characters_is_left_out)
{
	auto_text struct text file = { 0 };

	for (int i = 0; i < 200; i++)
		text_puts(&file, "\xc3\xa9");
	text_puts(&file, "\n");
	for (int i = 0; i < 201; i++)
		text_puts(&file, "e");
	const struct source s = { .name = "a.prof", .text = { file.p, file.n } };
	const struct place short_enough = at(&s, 1, 1, 1);
	const struct place too_long = at(&s, 2, 1, 1);
	diag_error(&d, &short_enough, "x", "odd");
	struct diag *g = diag_error(&d, &too_long, "x", "even");
	diag_hint(&d, g, "shorter");
	ck_assert_ptr_nonnull(strstr(printed(NULL), "\n      | ^\na.prof:2:1: error: even\nhint: shorter\n"));
}
END_TEST

START_TEST(a_line_that_is_not_there_is_not_shown)
{
	const struct source s = { .name = "a.prof", .text = STR("one\n") };
	const struct place after = at(&s, 2, 1, 0);
	const struct place whole = at(&s, 0, 0, 0);

	diag_error(&d, &after, "x", "no 'profile'");
	diag_error(&d, &whole, "x", "profile is larger than 4 MiB");
	ck_assert_str_eq(printed(NULL), "a.prof: error: profile is larger than 4 MiB\n"
					"a.prof:2:1: error: no 'profile'\n");
}
END_TEST

START_TEST(places_come_in_order_of_files_lines_and_columns_and_nowhere_last)
{
	const struct source main_file = { .name = "main.prof", .text = STR("ab\ncd\n") };
	const struct source included = { .name = "inc.prof", .text = STR("ef\n"), .order = 1 };
	const struct place places[] = {
		at(&included, 1, 1, 0), at(&main_file, 2, 1, 0), at(&main_file, 1, 2, 0), at(&main_file, 1, 1, 0),
	};

	diag_error(&d, NULL, "usage", "nowhere");
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		diag_error(&d, &places[i], "x", "%zu", i);
	diag_warning(&d, &places[3], "x", "said later");
	ck_assert_str_eq(printed("main.prof"), "main.prof:1:1: error: 3\n    1 | ab\n      | ^\n"
					       "main.prof:1:1: warning: said later\n    1 | ab\n      | ^\n"
					       "main.prof:1:2: error: 2\n    1 | ab\n      |  ^\n"
					       "main.prof:2:1: error: 1\n    2 | cd\n      | ^\n"
					       "inc.prof:1:1: error: 0\n    1 | ef\n      | ^\n"
					       "nlbc: error: nowhere\n"
					       "main.prof: 5 errors, 1 warning\n");
}
END_TEST

START_TEST(a_place_in_json_is_a_pointer_and_sorts_by_its_parts)
{
	static const char *const pointers[] = {
		"/path/p1/via/10", "/path/p1/via/2", "/path/p1/via", "/path/p1-b", "/proxy", "/path/p1/via/2/x",
	};
	const struct source s = { .name = "six.json", .text = STR("{}") };

	for (size_t i = 0; i < ARRAY_LEN(pointers); i++) {
		const struct place place = { .source = &s, .pointer = pointers[i] };
		diag_error(&d, &place, "x", "odd");
	}
	ck_assert_str_eq(printed("six.json"), "six.json:/path/p1/via: error: odd\n"
					      "six.json:/path/p1/via/2: error: odd\n"
					      "six.json:/path/p1/via/2/x: error: odd\n"
					      "six.json:/path/p1/via/10: error: odd\n"
					      "six.json:/path/p1-b: error: odd\n"
					      "six.json:/proxy: error: odd\n"
					      "six.json: 6 errors\n");
}
END_TEST

START_TEST(what_the_user_wrote_cannot_steer_the_terminal)
{
	const struct source s = { .name = "bad\033name", .text = STR("") };
	const struct place place = { .source = &s, .pointer = "/a\nb" };
	struct diag *g = diag_error(&d, &place, "x", "'%s' is not a name", "\033[2J\xff");

	diag_hint(&d, g, "a\nb");
	diag_note(&d, g, &place, "c\rd");
	ck_assert_str_eq(printed("bad\033name"), "bad?name:/a?b: error: '?[2J?' is not a name\n"
						 "hint: a?b\n"
						 "bad?name:/a?b: note: c?d\n"
						 "bad?name: 1 error\n");
}
END_TEST

static size_t count(const char *haystack, const char *needle)
{
	size_t n = 0;

	for (const char *p = strstr(haystack, needle); p; p = strstr(p + 1, needle))
		n++;
	return n;
}

START_TEST(twenty_errors_and_twenty_warnings_are_shown)
{
	for (int i = 0; i < 20; i++)
		diag_error(&d, NULL, "x", "e");
	ck_assert_ptr_null(strstr(printed("a.prof"), "not shown"));
	diag_error(&d, NULL, "x", "e");
	ck_assert_ptr_nonnull(strstr(printed("a.prof"), "\na.prof: more errors not shown\na.prof: 21 errors\n"));
	for (int i = 0; i < 21; i++)
		diag_warning(&d, NULL, "x", "w");
	const char *all = printed("a.prof");
	ck_assert_uint_eq(count(all, ": error: "), 20);
	ck_assert_uint_eq(count(all, ": warning: "), 20);
	ck_assert_ptr_nonnull(strstr(all, "\na.prof: more errors not shown\n"
					  "a.prof: more warnings not shown\n"
					  "a.prof: 21 errors, 21 warnings\n"));
}
END_TEST

START_TEST(a_flood_of_errors_is_counted_and_takes_no_memory)
{
	struct diag *g = NULL;

	for (int i = 0; i < DIAGS_KEPT; i++)
		g = diag_error(&d, NULL, "x", "e");
	const size_t size = arena_size(arena);
	for (int i = 0; i < 100000; i++) {
		g = diag_error(&d, NULL, "x", "e");
		diag_hint(&d, g, "h");
		diag_note(&d, g, NULL, "n");
	}
	ck_assert_uint_eq(arena_size(arena), size);
	ck_assert_uint_eq(d.n, DIAGS_KEPT);
	ck_assert_uint_eq(d.n_errors, DIAGS_KEPT + 100000);
	diag_warning(&d, NULL, "x", "w");
	ck_assert_uint_eq(d.n, DIAGS_KEPT + 1);
}
END_TEST

START_TEST(gcc_format_is_one_line_each)
{
	const struct source s = { .name = "a.prof", .text = STR("one\n") };
	const struct place place = at(&s, 1, 2, 1);
	struct diag *g = diag_error(&d, &place, "mark-twice", "same mark");

	diag_hint(&d, g, "leave it out");
	diag_note(&d, g, &place, "here");
	diag_warning(&d, NULL, "machine", "slow");
	diags_print(&d, DIAG_GCC, "a.prof", false, &out);
	ck_assert_str_eq(text_get(&out), "a.prof:1:2: error: same mark; leave it out [mark-twice]\n"
					 "nlbc: warning: slow [machine]\n");
}
END_TEST

START_TEST(colour_marks_the_word_and_the_place)
{
	const struct source s = { .name = "a.prof", .text = STR("one\n") };
	const struct place place = at(&s, 1, 1, 3);

	diag_error(&d, &place, "x", "e");
	diag_warning(&d, NULL, "x", "w");
	diags_print(&d, DIAG_HUMAN, NULL, true, &out);
	ck_assert_str_eq(text_get(&out), "a.prof:1:1: \033[31merror:\033[0m e\n"
					 "    1 | one\n"
					 "      | \033[31m^~~\033[0m\n"
					 "nlbc: \033[33mwarning:\033[0m w\n");
}
END_TEST

START_TEST(json_has_every_member_of_every_diag)
{
	const struct source s = { .name = "a.prof", .text = STR("one\n") };
	const struct place place = at(&s, 1, 2, 1);
	const struct place pointed = { .source = &s, .pointer = "/a/b" };
	struct diag *g = diag_error(&d, &place, "c", "t\xff");

	diag_hint(&d, g, "h");
	diag_note(&d, g, &pointed, "n");
	diag_warning(&d, NULL, "machine", "w");
	json_t *j = diags_json(&d);
	auto_free char *dumped = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	ck_assert_str_eq(dumped,
			 "[{\"file\":\"a.prof\",\"line\":1,\"column\":2,\"length\":1,\"severity\":\"error\",\"code\":\"c\","
			 "\"text\":\"t?\",\"hint\":\"h\",\"note\":{\"file\":\"a.prof\",\"line\":null,\"column\":null,"
			 "\"length\":null,\"text\":\"n\",\"pointer\":\"/a/b\"},\"pointer\":null},"
			 "{\"file\":null,\"line\":null,\"column\":null,\"length\":null,\"severity\":\"warning\","
			 "\"code\":\"machine\",\"text\":\"w\",\"hint\":null,\"note\":null,\"pointer\":null}]");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, two_errors_of_one_line_print_as_the_language_shows_them);
	tcase_add_test(tc, a_second_place_is_a_note_without_its_line);
	tcase_add_test(tc, nothing_to_say_prints_nothing);
	tcase_add_loop_test(tc, the_mark_stands_under_the_words, 0, ARRAY_LEN(marks));
	tcase_add_test(tc, a_zero_byte_in_a_line_is_shown_and_the_last_line_needs_no_end);
	tcase_add_test(tc, a_line_of_more_than_200_characters_is_left_out);
	tcase_add_test(tc, a_line_that_is_not_there_is_not_shown);
	tcase_add_test(tc, places_come_in_order_of_files_lines_and_columns_and_nowhere_last);
	tcase_add_test(tc, a_place_in_json_is_a_pointer_and_sorts_by_its_parts);
	tcase_add_test(tc, what_the_user_wrote_cannot_steer_the_terminal);
	tcase_add_test(tc, twenty_errors_and_twenty_warnings_are_shown);
	tcase_add_test(tc, a_flood_of_errors_is_counted_and_takes_no_memory);
	tcase_add_test(tc, gcc_format_is_one_line_each);
	tcase_add_test(tc, colour_marks_the_word_and_the_place);
	tcase_add_test(tc, json_has_every_member_of_every_diag);
}
