/* SPDX-License-Identifier: MIT */
/* W-14: the certificate proves every result of W-8 to W-10, and finds a change of any single number in it. */
#include "base/base.h"

#include "../unit/result_text.h"
#include "../unit/unit.h"
#include "base/arena.h"
#include "solved.h"
#include "weights/certify.h"

static const struct made_wish small = { .kind = MADE_TIERS, .m = 10, .n = 40 };

static void look(struct solved *s, const struct result *r, struct certificate *c)
{
	ck_assert_int_eq(certify(r, s->in, NULL, s->arena, c), 0);
}

static void solve_small(struct solved *s, enum objective objective, bool no_merge)
{
	const struct problem_wish wish = { .objective = objective, .no_merge = no_merge, .threads = 1 };

	solved_made(s, &small, &wish);
}

/* ---- what holds ------------------------------------------------------------------------------------------------ */
/* The result as it comes out of a file. */
static void prove(const struct made_row *row, const struct problem_wish *wish, const char *value)
{
	struct solved s;
	struct certificate c;
	char buf[WIDE_TEXT];

	solved_made(&s, &row->wish, wish);
	auto_free char *text = result_text(solved_result(&s));
	const struct result *r = result_of_text(text, strlen(text), s.arena, &s.diags);
	ck_assert_msg(r != NULL, "%s: %s", row->name, s.diags.n ? s.diags.list[0]->text : "");
	look(&s, r, &c);
	ck_assert_msg(c.n_broken == 0, "%s: %s: %s", row->name, condition_names[c.broken[0].condition], c.broken[0].where);
	ck_assert(c.is_feasible && c.gap == 0);
	if (value)
		ck_assert_str_eq(wide_print(c.value, buf), value);
	solved_release(&s);
}

START_TEST(results_are_proved)
{
	const struct made_row *row = &made_rows[_i];

	if (row->is_slow && !getenv("WEIGHTS_SLOW"))
		return;
	prove(row, &(struct problem_wish){ .threads = 1 }, row->merged ? row->merged : row->value);
	prove(row, &(struct problem_wish){ .no_merge = true, .threads = 1 }, row->value);
	if (!row->max)
		return;
	prove(row, &(struct problem_wish){ .objective = OBJECTIVE_MAX, .threads = 1 }, row->second);
	prove(row, &(struct problem_wish){ .objective = OBJECTIVE_MAX_ONLY, .threads = 1 }, NULL);
}
END_TEST

/* ---- what does not --------------------------------------------------------------------------------------------- */
/* The number at `from`, up to 38 digits, made one more or one less. */
static void change_number(struct text *out, const char *text, const char *from, size_t digits, int by)
{
	char buf[WIDE_TEXT];
	wide v = 0;

	ck_assert_int_eq(wide_parse((struct str){ from, digits }, &v), 0);
	text_clear(out);
	text_add(out, text, (size_t)(from - text));
	text_puts(out, wide_print(v + by, buf));
	text_puts(out, from + digits);
}

/* Whether the text is refused by the reader or the certificate. A price may change to one that proves as much. */
static bool is_found(const struct solved *s, const struct text *text, bool is_price)
{
	struct arena *a = arena_new();
	struct certificate c = { 0 };
	struct diags d;

	diags_init(&d, a);
	const struct result *r = result_of_text(text->p, text->n, a, &d);

	if (r)
		ck_assert_int_eq(certify(r, s->in, NULL, a, &c), 0);
	const bool is_found = !r || !c.is_feasible || (is_price && c.gap == 0);

	arena_free(a);
	return is_found;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next number of a line: digits that begin a word or a part of one; names that end in digits are no numbers. */
static const char *number_next(const char *line, const char *p, size_t *digits)
{
	for (; *p != '\n'; p++)
		if (is_digit(*p) && p > line && strchr(" ,-=", p[-1])) {
			*digits = strspn(p, "0123456789");
			return p;
		}
	return NULL;
}

static unsigned word_of(const char *line, const char *p)
{
	unsigned word = 0;

	for (; line < p; line++)
		word += *line == ' ';
	return word;
}

/* Changes every number of every line but the tree's; gives how many there were. */
static size_t change_all(struct solved *s)
{
	auto_free char *text = result_text(solved_result(s));
	auto_text struct text changed = { 0 };
	size_t n = 0, digits;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, "tree ", 5) == 0)
			continue;
		for (const char *p = line; (p = number_next(line, p, &digits)) != NULL; p += digits)
			for (int by = -1; by <= 1; by += 2) {
				const bool is_price = strncmp(line, "group ", 6) == 0 && word_of(line, p) == 5;

				change_number(&changed, text, p, digits, by);
				n++;
				ck_assert_msg(is_found(s, &changed, is_price), "not found: by %d at %.*s in %.60s", by, (int)digits, p,
					      line);
			}
	}
	return n;
}

static const struct {
	enum objective objective;
	bool no_merge;
} ways[] = { { OBJECTIVE_TOTAL, false }, { OBJECTIVE_TOTAL, true }, { OBJECTIVE_MAX, false }, { OBJECTIVE_MAX_ONLY, false } };

START_TEST(any_single_number_changed_is_found)
{
	struct solved s;

	solve_small(&s, ways[_i].objective, ways[_i].no_merge);
	ck_assert_uint_gt(change_all(&s), 1000);
	solved_release(&s);
}
END_TEST

/* Two lines of a result change places. */
START_TEST(groups_in_another_order_are_found)
{
	auto_text struct text swapped = { 0 };
	struct certificate c;
	struct solved s;

	solve_small(&s, OBJECTIVE_TOTAL, false);
	auto_free char *text = result_text(solved_result(&s));
	char *const first = strstr(text, "\ngroup 3 ") + 1, *const second = strstr(text, "\ngroup 4 ") + 1;
	char *const end = strchr(second, '\n') + 1;

	text_add(&swapped, text, (size_t)(first - text));
	text_add(&swapped, second, (size_t)(end - second));
	text_add(&swapped, first, (size_t)(second - first));
	text_puts(&swapped, end);
	const struct result *r = result_of_text(swapped.p, swapped.n, s.arena, &s.diags);
	ck_assert_ptr_nonnull(r);
	look(&s, r, &c);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "group 3: number");
	ck_assert_int_eq(c.broken[0].condition, CONDITION_FORM);
	ck_assert(c.broken[0].by == 1);
	solved_release(&s);
}
END_TEST

START_TEST(a_result_cut_anywhere_is_no_result)
{
	struct solved s;

	solve_small(&s, OBJECTIVE_TOTAL, false);
	auto_free char *text = result_text(solved_result(&s));
	const size_t n = strlen(text), last = (size_t)(strstr(text, "\nend ") + 1 - text);

	ck_assert_ptr_null(result_of_text(text, last, s.arena, &s.diags));
	ck_assert_str_eq(s.diags.list[0]->text, "result is cut off");
	for (size_t cut = 0; cut < n - 1; cut += cut < last ? 97 : 1)
		ck_assert_ptr_null(result_of_text(text, cut, s.arena, &s.diags));
	solved_release(&s);
}
END_TEST

START_TEST(other_inputs_are_found)
{
	struct solved s;
	struct certificate c;

	solve_small(&s, OBJECTIVE_TOTAL, false);
	const struct result *r = solved_result(&s);
	struct inputs in = *s.in;

	in.theta = 4000;
	ck_assert_int_eq(certify(r, &in, NULL, s.arena, &c), 0);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "header: theta");
	ck_assert(c.broken[0].by == 1000);
	in.theta = 5000;
	in.locations[7].weight.whole += 5;
	ck_assert_int_eq(certify(r, &in, NULL, s.arena, &c), 0);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "header: clients");
	ck_assert(c.broken[0].by == -5);
	ck_assert_str_eq(c.broken[1].where, "location l7: weight");
	solved_release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, results_are_proved, 0, (int)made_n_rows);
	tcase_add_loop_test(tc, any_single_number_changed_is_found, 0, ARRAY_LEN(ways));
	tcase_add_test(tc, groups_in_another_order_are_found);
	tcase_add_test(tc, a_result_cut_anywhere_is_no_result);
	tcase_add_test(tc, other_inputs_are_found);
}
