/* SPDX-License-Identifier: MIT */
/* Files read by lines: what a line is, what is refused and with which words, where messages point; numbers and columns. */
#include "base/base.h"

#include <errno.h>

#include "base/text.h"
#include "fixture.h"
#include "unit.h"
#include "weights/lines.h"
#include "weights/values.h"

static struct lines *open_text(const char *text, struct lines_wish wish)
{
	struct lines *l = lines_open(text_file(text), &wish, arena, &diags);

	ck_assert_ptr_nonnull(l);
	return l;
}

static void expect_line(struct lines *l, unsigned number, const char *text)
{
	struct str line;

	ck_assert_int_eq(lines_next(l, &line), 1);
	ck_assert_msg(str_is(line, text), "'%.*s' instead of '%s'", (int)line.n, line.p, text);
	ck_assert_uint_eq(lines_number(l), number);
}

static void expect_end(struct lines *l)
{
	struct str line;

	ck_assert_int_eq(lines_next(l, &line), 0);
	ck_assert_int_eq(lines_next(l, &line), 0);
}

static void expect_told(const char *text, unsigned line, unsigned column)
{
	ck_assert_uint_ge(diags.n, 1);
	const struct diag *g = diags.list[diags.n - 1];
	ck_assert_str_eq(g->text, text);
	ck_assert_uint_eq(g->place.line, line);
	ck_assert_uint_eq(g->place.column, column);
	ck_assert_str_eq(g->code, "input");
}

START_TEST(lines_end_with_lf_or_cr_lf_or_the_file)
{
	struct lines *l = open_text("a\nb b\r\n\n \t\r\n# no\n\tc\nlast", (struct lines_wish){ 0 });

	expect_line(l, 1, "a");
	expect_line(l, 2, "b b");
	expect_line(l, 6, "\tc");
	expect_line(l, 7, "last");
	expect_end(l);
	lines_close(l);
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

START_TEST(raw_lines_are_all_of_them)
{
	struct lines *l = open_text("\n# yes\r\n", (struct lines_wish){ .raw = true });

	expect_line(l, 1, "");
	expect_line(l, 2, "# yes");
	expect_end(l);
	lines_close(l);
}
END_TEST

START_TEST(an_empty_file_has_no_lines)
{
	struct lines *l = open_text("", (struct lines_wish){ 0 });

	expect_end(l);
	lines_close(l);
	lines_close(NULL);
}
END_TEST

/* Longer than what is read at once, so that lines lie across pieces. */
START_TEST(lines_are_whole_wherever_the_pieces_end)
{
	auto_text struct text t = { 0 };
	struct str line;
	unsigned n = 0;

	for (unsigned i = 0; i < 200000; i++)
		text_printf(&t, "%u %.*s%s\n", i, (int)(i % 60), "............................................................",
			    i % 7 ? "" : "\r");
	struct lines *l = open_text(text_get(&t), (struct lines_wish){ 0 });
	while (lines_next(l, &line) == 1) {
		struct str number;
		uint64_t value = 0;
		const bool right = field_next(&line, ' ', &number) && !parse_whole(number, UINT64_MAX, &value) &&
				   value == n && line.n == n % 60;

		if (!right)     /* an assertion costs a call into the system */
			ck_abort_msg("line %u", n + 1);
		n++;
	}
	ck_assert_uint_eq(n, 200000);
	lines_close(l);
}
END_TEST

START_TEST(a_line_has_its_limit)
{
	struct lines *l = open_text("12345\n12345\r\n123456\n", (struct lines_wish){ .max_line = 5 });
	struct str line;

	expect_line(l, 1, "12345");
	expect_line(l, 2, "12345");
	ck_assert_int_eq(lines_next(l, &line), -EMSGSIZE);
	expect_told("line is longer than 5 bytes", 3, 1);
	lines_close(l);
}
END_TEST

START_TEST(a_line_without_end_takes_no_memory_without_end)
{
	auto_free char *long_line = malloc(1000001);
	struct str line;

	memset(long_line, 'x', 1000000);
	long_line[1000000] = '\0';
	struct lines *l = open_text(long_line, (struct lines_wish){ 0 });
	ck_assert_int_eq(lines_next(l, &line), -EMSGSIZE);
	expect_told("line is longer than 65536 bytes", 1, 1);
	lines_close(l);
}
END_TEST

START_TEST(a_file_has_its_limit)
{
	struct lines *l = open_text("0123456\n0\n", (struct lines_wish){ .max_bytes = 10 });

	expect_line(l, 1, "0123456");
	expect_line(l, 2, "0");
	expect_end(l);
	lines_close(l);
	const struct lines_wish w = { .max_bytes = 9 };
	ck_assert_ptr_null(lines_open(bytes_file("0123456\n0\n", 10), &w, arena, &diags));
	expect_told("file is longer than 9 bytes", 0, 0);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	bool any_bytes;
	const char *text;       /* NULL: fine */
	unsigned line, column;
} bytes[] = {
	{ "ok\na\0b\n", 7, false, "byte 0x00 is not text", 2, 2 },
	{ "ok\na\0b\n", 7, true, "byte 0x00 is not text", 2, 2 },
	{ "\x1b[m\n", 4, true, "byte 0x1b is not text", 1, 1 },
	{ "a\rb\n", 4, false, "byte 0x0d is not text", 1, 2 },
	{ "a\r\r\n", 4, false, "byte 0x0d is not text", 1, 2 },
	{ "a\r", 2, false, "byte 0x0d is not text", 1, 2 },
	{ "\x7f\n", 2, true, "byte 0x7f is not text", 1, 1 },
	{ "a\xc3\xa4\n", 4, false, "byte 0xc3 is not ASCII", 1, 2 },
	{ "a\xc3\xa4 \xe2\x82\xac \x01\n", 10, true, "byte 0x01 is not text", 1, 6 },
	{ "a\xc3\xa4\n", 4, true, NULL, 0, 0 },
	{ "a\tb\r\n~\n", 7, false, NULL, 0, 0 },
	{ "# \x80\n", 4, false, NULL, 0, 0 },
	{ "# \x80\x01\n", 5, false, "byte 0x80 is not ASCII", 1, 3 },
	{ "#\n#\x01\x80\n", 6, false, "byte 0x01 is not text", 2, 2 },
};

START_TEST(bytes_that_are_no_text_are_told)
{
	const struct lines_wish w = { .any_bytes = bytes[_i].any_bytes };
	struct lines *l = lines_open(bytes_file(bytes[_i].bytes, bytes[_i].n), &w, arena, &diags);
	struct str line;
	int got;

	ck_assert_ptr_nonnull(l);
	while ((got = lines_next(l, &line)) == 1)
		;
	ck_assert_int_eq(got, bytes[_i].text ? -EILSEQ : 0);
	if (bytes[_i].text)
		expect_told(bytes[_i].text, bytes[_i].line, bytes[_i].column);
	ck_assert_uint_eq(diags.n, bytes[_i].text ? 1 : 0);
	lines_close(l);
}
END_TEST

/* Whatever stands before it in the piece that is looked at at once. */
START_TEST(a_zero_byte_is_found_anywhere)
{
	char text[200];

	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'x', sizeof(text));
		text[100] = '\n';
		if (at == 100)
			continue;
		text[at] = '\0';
		struct lines *l = lines_open(bytes_file(text, sizeof(text)), &(struct lines_wish){ 0 }, arena, &diags);
		struct str line;
		ck_assert_ptr_nonnull(l);
		if (at > 100)
			ck_assert_int_eq(lines_next(l, &line), 1);
		ck_assert_int_eq(lines_next(l, &line), -EILSEQ);
		expect_told("byte 0x00 is not text", at > 100 ? 2 : 1, (unsigned)(at > 100 ? at - 100 : at + 1));
		lines_close(l);
	}
}
END_TEST

static const struct {
	const char *bytes, *name;
} packed[] = {
	{ "\xfd" "7zXZ\0\0\4", "xz" }, { "\x1f\x8b\x08\0\0\0\0\0", "gzip" }, { "BZh91AY&", "bzip2" },
};

START_TEST(compressed_files_are_known)
{
	const char *path = bytes_file(packed[_i].bytes, 8);
	const struct lines_wish w = { .unpack_for = _i ? "nlbc weights bandwidth -" : NULL };

	ck_assert_ptr_null(lines_open(path, &w, arena, &diags));
	expect_told(arena_printf(arena, "%s is compressed", path), 0, 0);
	ck_assert_str_eq(diags.list[0]->hint,
			 arena_printf(arena, "%s -dc %s | nlbc weights %s -", packed[_i].name, path,
				      _i ? "bandwidth" : "..."));
}
END_TEST

START_TEST(what_cannot_be_read_is_told)
{
	const struct lines_wish w = { 0 };

	ck_assert_ptr_null(lines_open("/nowhere/at all", &w, arena, &diags));
	expect_told("cannot read '/nowhere/at all': No such file or directory", 0, 0);
	ck_assert_ptr_null(lines_open("/", &w, arena, &diags));
	expect_told("cannot read '/': Is a directory", 0, 0);
}
END_TEST

START_TEST(a_message_shows_its_line_alone)
{
	auto_text struct text t = { 0 };
	struct lines *l = open_text("a\nsome w\xc3\xb6rds here\nc\n", (struct lines_wish){ .any_bytes = true });
	struct str line;

	ck_assert_int_eq(lines_next(l, &line), 1);
	ck_assert_int_eq(lines_next(l, &line), 1);
	struct diag *g = lines_wrong(l, (struct str){ line.p + 12, 4 }, "'%s' is wrong", "here");
	diag_hint(&diags, g, "mend it");
	ck_assert_int_eq(lines_next(l, &line), 1);
	const struct place place = lines_place(l, line);
	diag_error(&diags, &place, "input", "and this");
	lines_close(l);
	diags_print(&diags, DIAG_HUMAN, NULL, false, &t);
	const char *name = diags.list[0]->place.source->name;
	ck_assert_str_eq(text_get(&t), arena_printf(arena,
						    "%s:2:12: error: 'here' is wrong\n"
						    "    2 | some w\xc3\xb6rds here\n"
						    "      |            ^~~~\n"
						    "hint: mend it\n"
						    "%s:3:1: error: and this\n",
						    name, name));
}
END_TEST

START_TEST(a_message_about_a_long_word_is_short)
{
	auto_free char *word = malloc(60001);
	struct str line;

	memset(word, 'x', 60000);
	word[60000] = '\0';
	struct lines *l = open_text(word, (struct lines_wish){ 0 });
	ck_assert_int_eq(lines_next(l, &line), 1);
	lines_wrong(l, line, "'%.*s' is not a number", (int)line.n, line.p);
	lines_close(l);
	ck_assert_uint_eq(diags.n, 1);
	const char *text = diags.list[0]->text;
	ck_assert_uint_lt(strlen(text), 320);
	ck_assert(text[0] == '\'' && strstr(text, "x ... x") && strstr(text, "xx' is not a number"));
}
END_TEST

START_TEST(lenient_reading_counts_lines_once)
{
	struct lines *l = open_text("a\nb\n\xc3\nc\n", (struct lines_wish){ .lenient = true });
	struct str line;

	ck_assert_int_eq(lines_next(l, &line), 1);
	ck_assert_ptr_null(lines_wrong(l, line, "no"));
	ck_assert_ptr_null(lines_wrong(l, line, "no"));
	expect_line(l, 2, "b");
	expect_line(l, 4, "c");
	expect_end(l);
	ck_assert(!lines_failed(l));
	lines_close(l);
	ck_assert_uint_eq(diags.n_errors, 0);
	expect_told("2 malformed lines left out", 0, 0);
}
END_TEST

START_TEST(many_errors_are_hopeless)
{
	struct lines *l = open_text("a\n", (struct lines_wish){ 0 });
	struct str line;

	ck_assert_int_eq(lines_next(l, &line), 1);
	for (int i = 0; i < DIAGS_SHOWN; i++) {
		ck_assert(!lines_hopeless(l));
		lines_wrong(l, line, "no");
	}
	ck_assert(lines_hopeless(l) && lines_failed(l));
	lines_close(l);
}
END_TEST

START_TEST(the_first_byte_tells_json)
{
	struct lines *l = open_text(" \r\n\t{\"a/b\": [1, 2.5, 1000000000000000000, 1000000000000000001]}", (struct lines_wish){ 0 });

	ck_assert(lines_is_json(l));
	json_t *j = lines_json(l);
	ck_assert_ptr_nonnull(j);
	struct amount amount;
	ck_assert_int_eq(amount_of_json(json_array_get(json_object_get(j, "a/b"), 1), &amount), 0);
	ck_assert(!amount.is_whole && amount.real == 2.5);
	ck_assert_int_eq(amount_of_json(json_array_get(json_object_get(j, "a/b"), 2), &amount), 0);
	ck_assert_int_eq(amount_of_json(json_array_get(json_object_get(j, "a/b"), 3), &amount), -ERANGE);
	const struct place whole = lines_file(l);
	const struct place a = lines_member(l, &whole, "a/b", 0);
	ck_assert_str_eq(lines_member(l, &a, NULL, 1).pointer, "/a~1b/1");
	json_decref(j);
	lines_close(l);
	l = open_text("location,weight\n", (struct lines_wish){ 0 });
	ck_assert(!lines_is_json(l));
	expect_line(l, 1, "location,weight");
	lines_close(l);
	l = open_text("  \n", (struct lines_wish){ 0 });
	ck_assert(!lines_is_json(l));
	expect_end(l);
	lines_close(l);
}
END_TEST

START_TEST(json_may_be_longer_than_a_line)
{
	auto_text struct text t = { 0 };

	text_putc(&t, '[');
	for (unsigned i = 0; i < 100000; i++)
		text_printf(&t, "%s%u", i ? "," : "", i);
	text_putc(&t, ']');
	struct lines *l = open_text(text_get(&t), (struct lines_wish){ 0 });
	ck_assert(lines_is_json(l));
	json_t *j = lines_json(l);
	ck_assert_uint_eq(json_array_size(j), 100000);
	json_decref(j);
	lines_close(l);
}
END_TEST

START_TEST(wrong_json_has_a_place)
{
	struct lines *l = open_text("{\n \"a\": x\n}\n", (struct lines_wish){ 0 });

	ck_assert(lines_is_json(l));
	ck_assert_ptr_null(lines_json(l));
	expect_told("invalid token near 'x'", 2, 7);
	lines_close(l);
	l = open_text("{ \"a\": 1, \"a\": 2 }", (struct lines_wish){ 0 });
	ck_assert_ptr_null(lines_json(l));
	expect_told("duplicate object key near '\"a\"'", 1, 13);
	lines_close(l);
}
END_TEST

static const struct {
	const char *in;
	int err;
	double real;
	bool is_whole;
	uint64_t whole;
} amounts[] = {
	{ "0", 0, 0, true, 0 },
	{ "007", 0, 7, true, 7 },
	{ "1.0", 0, 1, true, 1 },
	{ "1.", 0, 1, true, 1 },
	{ ".5", 0, 0.5, false, 0 },
	{ "0.1", 0, 0.1, false, 0 },
	{ "12.500", 0, 12.5, false, 0 },
	{ "999999999999999999", 0, 999999999999999999.0, true, 999999999999999999 },
	{ "00000000000000000000000999999999999999999", 0, 999999999999999999.0, true, 999999999999999999 },
	{ "0.000000000000000000000000000123456789012345678", 0, 0.000000000000000000000000000123456789012345678, false, 0 },
	{ "9007199254740993.5", 0, 9007199254740993.5, false, 0 },
	{ "1234567890.12345678", 0, 1234567890.12345678, false, 0 },
	{ "1000000000000000000", -ERANGE, 0, false, 0 },
	{ "1.000000000000000000", -ERANGE, 0, false, 0 },
	{ "0.000000000000000000", 0, 0, true, 0 },
	{ "", -EINVAL, 0, false, 0 },
	{ ".", -EINVAL, 0, false, 0 },
	{ "1.2.3", -EINVAL, 0, false, 0 },
	{ "-1", -EINVAL, 0, false, 0 },
	{ "+1", -EINVAL, 0, false, 0 },
	{ "1e3", -EINVAL, 0, false, 0 },
	{ " 1", -EINVAL, 0, false, 0 },
};

START_TEST(amounts_are_exact)
{
	struct amount a = { 0 };

	ck_assert_int_eq(parse_amount(str_of(amounts[_i].in), &a), amounts[_i].err);
	ck_assert(a.real == amounts[_i].real);
	ck_assert_int_eq(a.is_whole, amounts[_i].is_whole);
	ck_assert_uint_eq(a.whole, amounts[_i].whole);
}
END_TEST

START_TEST(whole_numbers_have_their_range)
{
	uint64_t v = 0;

	ck_assert_int_eq(parse_whole(STR("18446744073709551615"), UINT64_MAX, &v), 0);
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert_int_eq(parse_whole(STR("18446744073709551616"), UINT64_MAX, &v), -ERANGE);
	ck_assert_int_eq(parse_whole(STR("99999999999999999999"), UINT64_MAX, &v), -ERANGE);
	ck_assert_int_eq(parse_whole(STR("0000000000000000000000012"), 12, &v), 0);
	ck_assert_uint_eq(v, 12);
	ck_assert_int_eq(parse_whole(STR("13"), 12, &v), -ERANGE);
	ck_assert_int_eq(parse_whole(STR("99999999999999999999x"), UINT64_MAX, &v), -EINVAL);
	ck_assert_int_eq(parse_whole(STR(""), UINT64_MAX, &v), -EINVAL);
}
END_TEST

START_TEST(as_numbers_and_addresses_are_read)
{
	uint32_t v = 0;

	ck_assert(parse_as(STR("AS3320"), &v) == 0 && v == 3320);
	ck_assert(parse_as(STR("4294967295"), &v) == 0 && v == UINT32_MAX);
	ck_assert_int_eq(parse_as(STR("AS0"), &v), -EINVAL);
	ck_assert_int_eq(parse_as(STR("4294967296"), &v), -EINVAL);
	ck_assert_int_eq(parse_as(STR("AS"), &v), -EINVAL);
	ck_assert_int_eq(parse_as(STR("as1"), &v), -EINVAL);
	ck_assert(parse_ipv4(STR("1.2.3.255"), &v) == 0 && v == 0x010203ff);
	ck_assert_int_eq(parse_ipv4(STR("1.2.3"), &v), -EINVAL);
	ck_assert_int_eq(parse_ipv4(STR("::1"), &v), -EINVAL);
}
END_TEST

START_TEST(columns_are_found_by_name)
{
	struct lines *l = open_text("# Tor Metrics\ndate,users,country,frac\n2020,5,de,1\n2020,6\n2020,7,de,,\n2020,8,fr,1\n",
				    (struct lines_wish){ 0 });
	struct csv c = { .lines = l, .names = { "country", "users" } };

	ck_assert_int_eq(csv_next(&c), 1);
	ck_assert(str_is(c.field[0], "de") && str_is(c.field[1], "5"));
	ck_assert_int_eq(csv_next(&c), 1);
	ck_assert(str_is(c.field[0], "fr") && str_is(c.field[1], "8"));
	ck_assert_uint_eq(diags.n, 2);
	ck_assert_str_eq(diags.list[0]->text, "line has 2 fields, 4 expected");
	ck_assert_uint_eq(diags.list[0]->place.line, 4);
	expect_told("line has 5 fields, 4 expected", 5, 1);
	ck_assert_int_eq(csv_next(&c), 0);
	lines_close(l);
}
END_TEST

/* What is told of the head of a CSV file with columns as and weight. */
static void expect_no_head(const char *text, bool is_lenient, const char *told, unsigned line, unsigned column)
{
	struct lines *l = open_text(text, (struct lines_wish){ .lenient = is_lenient });
	struct csv c = { .lines = l, .names = { "as", "weight" } };

	ck_assert_int_eq(csv_next(&c), -EINVAL);
	expect_told(told, line, column);
	lines_close(l);
}

START_TEST(a_missing_column_is_told)
{
	expect_no_head("as,wait\n", true, "column 'weight' is missing", 1, 1);
	ck_assert_str_eq(diags.list[0]->hint, "the first line names the columns: as,weight");
	expect_no_head("as,weight,as\n", false, "column 'as' is given twice", 1, 11);
	expect_no_head("", false, "column 'as' is missing", 0, 1);
}
END_TEST

static const struct {
	const char *in;
	int err;
} wides[] = {
	{ "0", 0 }, { "-1", 0 }, { "51002361280931787413", 0 },
	{ "170141183460469231731687303715884105727", 0 }, { "-170141183460469231731687303715884105728", 0 },
	{ "170141183460469231731687303715884105728", -ERANGE }, { "-170141183460469231731687303715884105729", -ERANGE },
	{ "", -EINVAL }, { "-", -EINVAL }, { "1 ", -EINVAL }, { "+1", -EINVAL }, { "--1", -EINVAL },
};

START_TEST(numbers_of_128_bits_are_read_and_written)
{
	wide v = 0;
	char buf[WIDE_TEXT];

	ck_assert_int_eq(wide_parse(str_of(wides[_i].in), &v), wides[_i].err);
	if (!wides[_i].err)
		ck_assert_str_eq(wide_print(v, buf), wides[_i].in);
}
END_TEST

/* ---- how much JSON takes ---------------------------------------------------------------------------------------- */
static size_t heap_bytes;

/* With what the heap itself takes for a block. */
static void *counting_malloc(size_t n)
{
	heap_bytes += MAX(n + 8 + 15, 32) / 16 * 16;
	return malloc(n);
}

static const char *const repeated[] = {
	"{\"a%u\":0.5}", "[]", "{}", "1", "\"x\"", "\"a longer text, with \\\"quotes\\\" and [,:{ in it\"", "[1,-2.5e+7,[3]]",
	"{\"$0123456789ABCDEF0123456789ABCDEF01234567\":12,\"b\":4000,\"c\":null}", "true",
};

/* Blocks that were given back for larger ones are counted, too: so it is no more than twice, and no less than a third. */
START_TEST(what_json_takes_is_known_before)
{
	auto_text struct text t = { 0 };

	text_puts(&t, "[");
	for (unsigned i = 0; i < 3000; i++) {
		text_puts(&t, i ? "," : "");
		text_puts(&t, repeated[_i]);
	}
	text_puts(&t, "]");
	struct lines *l = open_text(text_get(&t), (struct lines_wish){ 0 });

	heap_bytes = 0;
	json_set_alloc_funcs(counting_malloc, free);
	json_t *root = lines_json(l);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_ge(2 * lines_json_bytes(l), heap_bytes);
	ck_assert_uint_le(lines_json_bytes(l), 3 * heap_bytes);
	json_decref(root);
	lines_close(l);
}
END_TEST

START_TEST(json_that_would_take_more_than_is_allowed_is_not_made)
{
	auto_text struct text t = { 0 };

	text_puts(&t, "[{}");
	for (unsigned i = 0; i < 10000; i++)
		text_puts(&t, ",{}");
	text_puts(&t, "]");
	arena_allow(arena, 1024 * 1024);
	struct lines *l = open_text(text_get(&t), (struct lines_wish){ 0 });
	ck_assert_ptr_null(lines_json(l));
	ck_assert(lines_failed(l));
	ck_assert_str_eq(diags.list[0]->code, "machine");
	ck_assert_str_eq(diags.list[0]->text, "this problem needs 2.5 MiB, 1.0 MiB are allowed");
	lines_close(l);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lines_end_with_lf_or_cr_lf_or_the_file);
	tcase_add_test(tc, raw_lines_are_all_of_them);
	tcase_add_test(tc, an_empty_file_has_no_lines);
	tcase_add_test(tc, lines_are_whole_wherever_the_pieces_end);
	tcase_add_test(tc, a_line_has_its_limit);
	tcase_add_test(tc, a_line_without_end_takes_no_memory_without_end);
	tcase_add_test(tc, a_file_has_its_limit);
	tcase_add_loop_test(tc, bytes_that_are_no_text_are_told, 0, ARRAY_LEN(bytes));
	tcase_add_test(tc, a_zero_byte_is_found_anywhere);
	tcase_add_loop_test(tc, compressed_files_are_known, 0, ARRAY_LEN(packed));
	tcase_add_test(tc, what_cannot_be_read_is_told);
	tcase_add_test(tc, a_message_shows_its_line_alone);
	tcase_add_test(tc, a_message_about_a_long_word_is_short);
	tcase_add_test(tc, lenient_reading_counts_lines_once);
	tcase_add_test(tc, many_errors_are_hopeless);
	tcase_add_test(tc, the_first_byte_tells_json);
	tcase_add_test(tc, json_may_be_longer_than_a_line);
	tcase_add_test(tc, wrong_json_has_a_place);
	tcase_add_loop_test(tc, amounts_are_exact, 0, ARRAY_LEN(amounts));
	tcase_add_test(tc, whole_numbers_have_their_range);
	tcase_add_test(tc, as_numbers_and_addresses_are_read);
	tcase_add_test(tc, columns_are_found_by_name);
	tcase_add_test(tc, a_missing_column_is_told);
	tcase_add_loop_test(tc, numbers_of_128_bits_are_read_and_written, 0, ARRAY_LEN(wides));
	tcase_add_loop_test(tc, what_json_takes_is_known_before, 0, ARRAY_LEN(repeated));
	tcase_add_test(tc, json_that_would_take_more_than_is_allowed_is_not_made);
}
