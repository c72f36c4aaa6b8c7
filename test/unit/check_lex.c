/* SPDX-License-Identifier: MIT */
/* Text to tokens: each kind with its place, and what is said of bytes that are none. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/lex.h"
#include "unit.h"

/* One letter per token, then its text where it has one: w s v { } ; = n (newline) j (join) c (comment) ! (error). */
static void print_tokens(struct str text, struct diags *d, struct text *out)
{
	static const char letters[] = "wsv{};=njc!";
	struct source *source = arena_one(d->arena, struct source);
	struct lex l;
	struct token t;

	*source = (struct source){ .name = "x", .text = text };
	lex_init(&l, source, d);
	for (lex_next(&l, &t); t.kind != TOKEN_END; lex_next(&l, &t)) {
		text_printf(out, "%c", letters[t.kind]);
		if (t.kind == TOKEN_WORD || t.kind == TOKEN_VARIABLE || t.kind == TOKEN_STRING || t.kind == TOKEN_COMMENT)
			text_printf(out, "%u:%u+%u<%.*s>", t.place.line, t.place.column, t.place.length, (int)t.text.n,
				    t.text.p);
	}
}

static const struct {
	const char *text, *tokens, *messages;
} rows[] = {
	{ "", "", "" },
	{ "a b,c\td", "w1:1+1<a>w1:3+1<b>w1:5+1<c>w1:7+1<d>", "" },
	{ "a\r\nb\n", "w1:1+1<a>nw2:1+1<b>n", "" },
	{ "a{b;}=", "w1:1+1<a>{w1:3+1<b>;}=", "" },
	{ "define x=$y", "w1:1+6<define>w1:8+1<x>=v1:10+2<$y>", "" },
	{ "a$b", "w1:1+3<a$b>", "" },
	{ "[::1]:80 130Mbit 10.0.0.0/8", "w1:1+8<[::1]:80>w1:10+7<130Mbit>w1:18+10<10.0.0.0/8>", "" },
	{ "a # é x \t\r\nb", "w1:1+1<a>c1:3+5<# é x>nw2:1+1<b>", "" },
	{ "a \\\nb", "w1:1+1<a>jw2:1+1<b>", "" },
	{ "# x \\\nb", "c1:1+5<# x \\>nw2:1+1<b>", "" },
	{ "\"é # \\\" \\\\\" b", "s1:1+11<\"é # \\\" \\\\\">w1:13+1<b>", "" },
	{ "\"a\tb\"", "s1:1+5<\"a\tb\">", "" },
	{ "x \"a b\nc", "w1:1+1<x>!nw2:1+1<c>", "x:1:3: error: string is not closed on its line [syntax]\n" },
	{ "x \"a\\\nc", "w1:1+1<x>!nw2:1+1<c>", "x:1:3: error: string is not closed on its line [syntax]\n" },
	{ "\"\\n\"", "!", "x:1:2: error: unexpected '\\n' in a string; the only escapes are \\\" and \\\\ [syntax]\n" },
	{ "a\\b", "w1:1+1<a>!w1:3+1<b>", "x:1:2: error: unexpected '\\' [syntax]\n" },
	{ "p\303\244th", "w1:1+1<p>!w1:3+2<th>",
	  "x:1:2: error: 'ä' outside a string or comment; write \"...\" around it [syntax]\n" },
	{ "a \001 b", "w1:1+1<a>!w1:5+1<b>", "x:1:3: error: unexpected control byte 0x01 [syntax]\n" },
	{ "a\rb", "w1:1+1<a>!w1:3+1<b>", "x:1:2: error: unexpected control byte 0x0d [syntax]\n" },
	{ "# \377", "c1:1+3<# \377>", "x:1:3: error: byte 0xff is not UTF-8 [syntax]\n" },
	{ "# \300\200", "c1:1+4<# \300\200>", "x:1:3: error: byte 0xc0 is not UTF-8 [syntax]\n" },
	{ "\"\033[m\"", "!", "x:1:2: error: unexpected control byte 0x1b [syntax]\n" },
	{ "\357\273\277nlbc", "w1:2+4<nlbc>", "x:1:1: error: unexpected byte order mark [syntax]\n" },
	{ "# \357\273\277", "c1:1+3<# \357\273\277>", "x:1:3: error: unexpected byte order mark [syntax]\n" },
};

START_TEST(text_is_cut_into_tokens)
{
	struct arena *a = arena_new();
	struct diags d;
	auto_text struct text tokens = { 0 };
	auto_text struct text messages = { 0 };

	diags_init(&d, a);
	print_tokens(str_of(rows[_i].text), &d, &tokens);
	diags_print(&d, DIAG_GCC, NULL, false, &messages);
	ck_assert_str_eq(text_get(&tokens), rows[_i].tokens);
	ck_assert_str_eq(text_get(&messages), rows[_i].messages);
	arena_free(a);
}
END_TEST

START_TEST(a_zero_byte_is_a_control_byte)
{
	struct arena *a = arena_new();
	struct diags d;
	auto_text struct text tokens = { 0 };

	diags_init(&d, a);
	print_tokens((struct str){ "a\0b", 3 }, &d, &tokens);
	ck_assert_str_eq(text_get(&tokens), "w1:1+1<a>!w1:3+1<b>");
	ck_assert_uint_eq(d.n_errors, 1);
	arena_free(a);
}
END_TEST

START_TEST(a_line_has_at_most_4096_bytes)
{
	struct arena *a = arena_new();
	struct diags d;
	auto_text struct text text = { 0 };
	auto_text struct text tokens = { 0 };

	diags_init(&d, a);
	text_puts(&text, "a\n");
	for (unsigned i = 0; i < 4096; i++)
		text_putc(&text, ';');
	text_puts(&text, "\r\nb\n");
	print_tokens((struct str){ text.p, text.n }, &d, &tokens);
	ck_assert_uint_eq(d.n_errors, 0);

	text_puts(&text, ";");
	for (unsigned i = 0; i < 4096; i++)
		text_putc(&text, ';');
	text_clear(&tokens);
	print_tokens((struct str){ text.p, text.n }, &d, &tokens);
	ck_assert_uint_eq(d.n_errors, 1);
	ck_assert_str_eq(d.list[0]->text, "line is longer than 4096 bytes");
	ck_assert_uint_eq(d.list[0]->place.line, 4);
	ck_assert_str_eq(text_get(&tokens) + tokens.n - 2, ">n");
	arena_free(a);
}
END_TEST

START_TEST(a_string_holds_what_its_escapes_mean)
{
	char buf[32];

	ck_assert_uint_eq(string_value(STR("\"\""), buf), 0);
	const size_t n = string_value(STR("\"a\\\"b\\\\\""), buf);
	ck_assert_uint_eq(n, 4);
	ck_assert_mem_eq(buf, "a\"b\\", 4);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, text_is_cut_into_tokens, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, a_zero_byte_is_a_control_byte);
	tcase_add_test(tc, a_line_has_at_most_4096_bytes);
	tcase_add_test(tc, a_string_holds_what_its_escapes_mean);
}
