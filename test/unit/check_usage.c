/* SPDX-License-Identifier: MIT */
/* The keyword table is section 5 of the language's specification: every row of test/unit/keywords.tsv, and no other. */
#include "base/base.h"

#include "base/text.h"
#include "core/policy.h"
#include "profile/usage.h"
#include "unit.h"

enum { COLUMNS = 6, ROWS_MOST = 256 };
enum column_of { BLOCK, KEYWORD, ARGUMENTS, TIMES, DEFAULT, RANGE_OF };

struct tsv {
	char *text;
	char *rows[ROWS_MOST][COLUMNS];
	size_t n;
};

static void tsv_read(struct tsv *t)
{
	const char *srcdir = getenv("srcdir");
	auto_text struct text path = { 0 };
	size_t n;

	text_printf(&path, "%s/test/unit/keywords.tsv", srcdir ? srcdir : ".");
	ck_assert_int_eq(read_file(text_get(&path), 1 << 20, &t->text, &n), 0);
	for (char *line = t->text; line && *line;) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		if (*line != '#') {
			ck_assert_uint_lt(t->n, ROWS_MOST);
			for (size_t c = 0; c < COLUMNS; c++) {
				t->rows[t->n][c] = strsep(&line, "\t");
				ck_assert_msg(t->rows[t->n][c] != NULL, "row %zu has %zu columns", t->n + 1, c);
			}
			t->n++;
		}
		line = end;
	}
}

static enum block_kind block_of(const char *name)
{
	for (enum block_kind b = BLOCK_TOP; b < BLOCK_KINDS; b++)
		if (strcmp(b == BLOCK_TOP ? "top" : block_name(b), name) == 0)
			return b;
	ck_abort_msg("no block '%s'", name);
}

static bool is_method(char *const *row)
{
	return strstr(row[BLOCK], " method") != NULL;
}

static const char *times_of(const struct keyword *k)
{
	static const char *const times[] = {
		[TIMES_ONE] = "1", [TIMES_AT_MOST_ONE] = "0-1", [TIMES_ANY] = "0+", [TIMES_SOME] = "1+",
	};
	return times[k->times];
}

/* Without the quotes around words. */
static void plain(const char *s, struct text *out)
{
	for (; s && *s; s++)
		if (*s != '`')
			text_putc(out, *s);
}

static void compare(char *const *row, const struct keyword *k)
{
	auto_text struct text arguments = { 0 };
	auto_text struct text def = { 0 };
	auto_text struct text range = { 0 };

	usage_arguments(k, &arguments);
	plain(k->def ? k->def : "–", &def);
	plain(k->range, &range);
	ck_assert_msg(strcmp(text_get(&arguments), row[ARGUMENTS]) == 0, "%s %s: arguments are %s", row[BLOCK],
		      row[KEYWORD], text_get(&arguments));
	ck_assert_msg(strcmp(times_of(k), row[TIMES]) == 0, "%s %s: times is %s", row[BLOCK], row[KEYWORD], times_of(k));
	ck_assert_msg(strcmp(text_get(&def), row[DEFAULT]) == 0, "%s %s: default is %s", row[BLOCK], row[KEYWORD],
		      text_get(&def));
	ck_assert_msg(strcmp(text_get(&range), row[RANGE_OF]) == 0, "%s %s: range is %s", row[BLOCK], row[KEYWORD],
		      text_get(&range));
	ck_assert_ptr_nonnull(k->help);
}

START_TEST(the_table_is_section_five_in_its_order)
{
	struct tsv t = { .n = 0 };
	const struct keyword *last[BLOCK_KINDS] = { NULL };

	tsv_read(&t);
	for (size_t i = 0; i < t.n; i++) {
		if (is_method(t.rows[i]))
			continue;
		const enum block_kind b = block_of(t.rows[i][BLOCK]);
		const struct keyword *k = keyword_next(b, last[b]);

		ck_assert_msg(k != NULL, "%s has no keyword '%s'", t.rows[i][BLOCK], t.rows[i][KEYWORD]);
		ck_assert_str_eq(k->word, t.rows[i][KEYWORD]);
		ck_assert_ptr_eq(keyword_find(b, str_of(k->word)), k);
		compare(t.rows[i], k);
		last[b] = k;
	}
	for (enum block_kind b = BLOCK_TOP; b < BLOCK_KINDS; b++)
		ck_assert_msg(!keyword_next(b, last[b]), "%s has more keywords than section 5", block_name(b));
	free(t.text);
}
END_TEST

START_TEST(the_methods_and_their_options_are_those_of_section_five)
{
	struct tsv t = { .n = 0 };
	size_t n = 0;

	tsv_read(&t);
	for (size_t i = 0; i < t.n; i++) {
		if (!is_method(t.rows[i]))
			continue;
		const bool of_balance = strncmp(t.rows[i][BLOCK], "balance", 7) == 0;
		const struct keyword *k = keyword_find(of_balance ? BLOCK_BALANCE : BLOCK_PROXY, STR("method"));
		const struct policy *p = policy_find(str_of(t.rows[i][KEYWORD]));
		auto_text struct text options = { 0 };

		ck_assert_msg(p != NULL, "no method '%s'", t.rows[i][KEYWORD]);
		ck_assert_ptr_eq(p, policies[n++]);
		ck_assert(usage_fits(k, p));
		usage_method(k, p, &options);
		ck_assert_str_eq(text_get(&options), t.rows[i][ARGUMENTS]);
		if (!of_balance)
			ck_assert_int_eq(strstr(t.rows[i][TIMES], "tcp") != NULL, (p->where & POLICY_CONNECTION) != 0);
	}
	ck_assert_uint_eq(n, POLICY_KINDS);
	free(t.text);
}
END_TEST

START_TEST(every_bound_is_a_value_of_its_type_or_names_a_keyword)
{
	for (size_t i = 0; i < n_keywords; i++)
		for (size_t a = 0; a < keywords[i].n_args; a++)
			for (size_t s = 0; s < ARRAY_LEN(keywords[i].args[a].types); s++) {
				const struct value_spec *spec = &keywords[i].args[a].types[s];
				const char *const bounds[] = { spec->min, spec->max };
				struct value v;

				ck_assert_int_eq(!spec->min, !spec->max);
				for (size_t b = 0; spec->min && b < ARRAY_LEN(bounds); b++)
					ck_assert_msg(value_parse(spec->type, str_of(bounds[b]), &v) == 0 ||
							      name_is_valid(str_of(bounds[b])),
						      "%s: bound %s", keywords[i].word, bounds[b]);
			}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, the_table_is_section_five_in_its_order);
	tcase_add_test(tc, the_methods_and_their_options_are_those_of_section_five);
	tcase_add_test(tc, every_bound_is_a_value_of_its_type_or_names_a_keyword);
}
