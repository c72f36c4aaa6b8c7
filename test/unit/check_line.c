/* SPDX-License-Identifier: MIT */
/* Control lines: the grammar with its limits, writing, and lines out of pieces. */
#include "base/base.h"

#include <errno.h>

#include "base/line.h"
#include "unit.h"

static struct line line;

static int parse(const char *s)
{
	return line_parse(str_of(s), &line, NULL);
}

START_TEST(a_line_is_a_verb_and_words)
{
	ck_assert_int_eq(parse("report kind=server open=3 reason=- text=\"two \\\"w\\\\rds\""), 0);
	ck_assert(str_is(line.verb, "report"));
	ck_assert_uint_eq(line.n, 4);
	ck_assert(line_is(&line, "kind", "server"));
	ck_assert(str_is(line_get(&line, "text"), "two \"w\\rds"));
}
END_TEST

START_TEST(a_bare_dash_is_no_value_and_a_quoted_one_is)
{
	ck_assert_int_eq(parse("event a=- b=\"-\" c=\"\""), 0);
	ck_assert(line_find(&line, "a")->none);
	ck_assert_ptr_null(line_get(&line, "a").p);
	ck_assert(line_is(&line, "b", "-"));
	ck_assert(line_is(&line, "c", ""));
	ck_assert(!line_is(&line, "a", "-"));
}
END_TEST

START_TEST(numbers_are_whole_and_decimal)
{
	uint64_t n = 7;

	ck_assert_int_eq(parse("x a=18446744073709551615 b=18446744073709551616 c=0x10 d=01 e=- f=-1 g=0 h=1.5"), 0);
	ck_assert_int_eq(line_number(&line, "a", &n), 0);
	ck_assert_uint_eq(n, UINT64_MAX);
	ck_assert_int_eq(line_number(&line, "b", &n), -ERANGE);
	ck_assert_int_eq(line_number(&line, "c", &n), -EINVAL);
	ck_assert_int_eq(line_number(&line, "d", &n), -EINVAL);
	ck_assert_int_eq(line_number(&line, "e", &n), -ENOENT);
	ck_assert_int_eq(line_number(&line, "f", &n), -EINVAL);
	ck_assert_int_eq(line_number(&line, "g", &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(line_number(&line, "h", &n), -EINVAL);
	ck_assert_int_eq(line_number(&line, "z", &n), -ENOENT);
}
END_TEST

static const struct {
	const char *text, *why;
} wrong[] = {
	{ "", "an empty line" },
	{ " hello", "a verb is missing" },
	{ "Hello", "a verb is missing" },
	{ "9a", "a verb is missing" },
	{ "hello ", "a key is missing" },
	{ "hello  a=1", "a key is missing" },
	{ "hello\ta=1", "no blank after a word" },
	{ "hello a", "no '=' after a key" },
	{ "hello a =1", "no '=' after a key" },
	{ "hello A=1", "a key is missing" },
	{ "hello a=", "a value is missing" },
	{ "hello a=1 a=2", "a key is given twice" },
	{ "hello a=1\r", "no blank after a word" },
	{ "hello a=b\"c\"", "no blank after a word" },
	{ "hello a=\"b\"c", "no blank after a word" },
	{ "hello a=\"b", "a string is not closed" },
	{ "hello a=\"b\\n\"", "the only escapes are \\\" and \\\\" },
	{ "hello a=\"b\\", "the only escapes are \\\" and \\\\" },
	{ "hello a=\"\x01\"", "control byte in a string" },
	{ "hello a=\"\x7f\"", "control byte in a string" },
	{ "hello a=\"\xff\"", "a string is not UTF-8" },
	{ "hello a=\xc3\xa9", "a value is missing" },
	{ "hello a=b\\c", "no blank after a word" },
};

START_TEST(what_breaks_the_grammar_is_said)
{
	const char *why = NULL;

	ck_assert_int_eq(line_parse(str_of(wrong[_i].text), &line, &why), -EINVAL);
	ck_assert_str_eq(why, wrong[_i].why);
}
END_TEST

START_TEST(a_line_has_at_most_64_words)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "x");
	for (unsigned i = 0; i < LINE_WORDS; i++)
		text_printf(&t, " k%u=%u", i, i);
	ck_assert_int_eq(parse(text_get(&t)), 0);
	text_puts(&t, " more=1");
	ck_assert_int_eq(parse(text_get(&t)), -EINVAL);
}
END_TEST

START_TEST(a_line_has_at_most_4096_bytes)
{
	auto_text struct text t = { 0 };

	text_puts(&t, "x a=");
	while (t.n < LINE_BYTES - 1)
		text_putc(&t, 'b');
	ck_assert_int_eq(parse(text_get(&t)), 0);
	text_putc(&t, 'b');
	ck_assert_int_eq(parse(text_get(&t)), -EINVAL);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "event");
	line_word(&t, "a", "bare");
	line_word(&t, "b", "two words");
	line_word(&t, "c", NULL);
	line_word(&t, "d", "-");
	line_word(&t, "e", "");
	line_word(&t, "f", "a\"b\\c\n\xff");
	line_word_number(&t, "g", 12);
	line_word_printf(&t, "h", "%d ms", 5);
	line_word_str(&t, "i", (struct str){ "xyz", 2 });
	line_end(&t);
	ck_assert_str_eq(text_get(&t),
		"event a=bare b=\"two words\" c=- d=\"-\" e=\"\" f=\"a\\\"b\\\\c??\" g=12 h=\"5 ms\" i=xy\n");
	ck_assert_int_eq(line_parse((struct str){ t.p, t.n - 1 }, &line, NULL), 0);
	ck_assert(line_is(&line, "f", "a\"b\\c??"));
}
END_TEST

START_TEST(lines_come_out_of_pieces)
{
	static const char stream[] = "a x=1\nb y=2\n\nc";
	struct line_reader r = { .n = 0 };
	auto_text struct text seen = { 0 };
	struct str s;

	for (size_t i = 0; i < sizeof(stream) - 1; i++) {
		ck_assert_uint_eq(line_reader_add(&r, stream + i, 1), 1);
		while (line_reader_next(&r, &s) == 1)
			text_printf(&seen, "[%.*s]", (int)s.n, s.p);
	}
	ck_assert_str_eq(text_get(&seen), "[a x=1][b y=2][]");
}
END_TEST

START_TEST(many_lines_at_once_are_taken_one_by_one)
{
	struct line_reader r = { .n = 0 };
	struct str s;

	ck_assert_uint_eq(line_reader_add(&r, "a\nb\nc", 5), 5);
	ck_assert_int_eq(line_reader_next(&r, &s), 1);
	ck_assert(str_is(s, "a"));
	ck_assert_int_eq(line_reader_next(&r, &s), 1);
	ck_assert(str_is(s, "b"));
	ck_assert_int_eq(line_reader_next(&r, &s), 0);
	ck_assert_uint_eq(line_reader_add(&r, "\n", 1), 1);
	ck_assert_int_eq(line_reader_next(&r, &s), 1);
	ck_assert(str_is(s, "c"));
}
END_TEST

START_TEST(a_stream_without_an_end_of_line_is_ended)
{
	struct line_reader r = { .n = 0 };
	char bytes[LINE_BYTES + 10];
	struct str s;

	memset(bytes, 'a', sizeof(bytes));
	bytes[LINE_BYTES - 1] = '\n';
	ck_assert_uint_eq(line_reader_add(&r, bytes, sizeof(bytes)), LINE_BYTES);
	ck_assert_int_eq(line_reader_next(&r, &s), 1);
	ck_assert_uint_eq(s.n, LINE_BYTES - 1);
	ck_assert_int_eq(line_reader_next(&r, &s), 0);
	bytes[LINE_BYTES - 1] = 'a';
	ck_assert_uint_eq(line_reader_add(&r, bytes, sizeof(bytes)), LINE_BYTES);
	ck_assert_int_eq(line_reader_next(&r, &s), -EMSGSIZE);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, a_line_is_a_verb_and_words);
	tcase_add_test(tc, a_bare_dash_is_no_value_and_a_quoted_one_is);
	tcase_add_test(tc, numbers_are_whole_and_decimal);
	tcase_add_loop_test(tc, what_breaks_the_grammar_is_said, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(tc, a_line_has_at_most_64_words);
	tcase_add_test(tc, a_line_has_at_most_4096_bytes);
	tcase_add_test(tc, what_is_written_is_read_back);
	tcase_add_test(tc, lines_come_out_of_pieces);
	tcase_add_test(tc, many_lines_at_once_are_taken_one_by_one);
	tcase_add_test(tc, a_stream_without_an_end_of_line_is_ended);
}
