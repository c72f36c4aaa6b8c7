/* SPDX-License-Identifier: MIT */
/* W-14: the certificate proves every result of W-8 to W-10, and finds a change of any single number in it. */
#include "base/base.h"

#include "../unit/unit.h"
#include "base/arena.h"
#include "road.h"
#include "weights/certify.h"

static const struct made_wish small = { .kind = MADE_TIERS, .m = 20, .n = 100 };

static void look(const struct road *road, const struct result *r, struct certificate *c)
{
	ck_assert_int_eq(certify(r, road->in, NULL, road->arena, c), 0);
}

/* ---- what holds ------------------------------------------------------------------------------------------------ */
/* The result as it comes out of a file. */
static void prove(struct road *road, const char *value)
{
	struct certificate c;
	char text[WIDE_TEXT];
	auto_free char *s = road_text(road->r);
	const struct result *r = road_read(s, strlen(s), road->arena, &road->diags);

	ck_assert_msg(r != NULL, "%s", road->diags.n ? road->diags.list[0]->text : "");
	look(road, r, &c);
	ck_assert_msg(c.n_broken == 0, "%s: %s", condition_names[c.broken[0].condition], c.broken[0].where);
	ck_assert(c.is_feasible && c.gap == 0);
	if (value)
		ck_assert_str_eq(wide_print(c.value, text), value);
}

START_TEST(results_are_proved)
{
	const struct made_row *row = &made_rows[_i];

	if (row->is_slow && !getenv("WEIGHTS_SLOW"))
		return;
	struct made *made = made_new(&row->wish);
	struct road road;

	road_open(&road, made);
	road_solve(&road, OBJECTIVE_TOTAL, false);
	prove(&road, row->merged ? row->merged : row->value);
	road_solve(&road, OBJECTIVE_TOTAL, true);
	prove(&road, row->value);
	if (row->max) {
		road_solve(&road, OBJECTIVE_MAX, false);
		prove(&road, row->second);
		road_solve(&road, OBJECTIVE_MAX_ONLY, false);
		prove(&road, NULL);
	}
	road_close(&road);
	made_free(made);
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
static bool is_found(const struct road *road, const struct text *text, bool is_price)
{
	struct arena *a = arena_new();
	struct certificate c = { 0 };
	struct diags d;

	diags_init(&d, a);
	const struct result *r = road_read(text->p, text->n, a, &d);

	if (r)
		ck_assert_int_eq(certify(r, road->in, NULL, a, &c), 0);
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
static size_t change_all(const struct road *road)
{
	auto_free char *text = road_text(road->r);
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
				ck_assert_msg(is_found(road, &changed, is_price), "not found: by %d at %.*s in %.60s", by, (int)digits, p,
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
	struct made *made = made_new(&small);
	struct road road;

	road_open(&road, made);
	road_solve(&road, ways[_i].objective, ways[_i].no_merge);
	ck_assert_uint_gt(change_all(&road), 2000);
	road_close(&road);
	made_free(made);
}
END_TEST

/* Two lines of a result change places. */
START_TEST(groups_in_another_order_are_found)
{
	struct made *made = made_new(&small);
	struct road road;
	struct certificate c;

	road_open(&road, made);
	road_solve(&road, OBJECTIVE_TOTAL, false);
	auto_free char *text = road_text(road.r);
	char *const first = strstr(text, "\ngroup 3 ") + 1, *const second = strstr(text, "\ngroup 4 ") + 1;
	char *const end = strchr(second, '\n') + 1;
	auto_text struct text swapped = { 0 };

	text_add(&swapped, text, (size_t)(first - text));
	text_add(&swapped, second, (size_t)(end - second));
	text_add(&swapped, first, (size_t)(second - first));
	text_puts(&swapped, end);
	const struct result *r = road_read(swapped.p, swapped.n, road.arena, &road.diags);
	ck_assert_ptr_nonnull(r);
	look(&road, r, &c);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "group 3: number");
	ck_assert_int_eq(c.broken[0].condition, CONDITION_FORM);
	ck_assert(c.broken[0].by == 1);
	road_close(&road);
	made_free(made);
}
END_TEST

START_TEST(a_result_cut_anywhere_is_no_result)
{
	struct made *made = made_new(&small);
	struct road road;

	road_open(&road, made);
	road_solve(&road, OBJECTIVE_TOTAL, false);
	auto_free char *text = road_text(road.r);
	const size_t n = strlen(text), last = (size_t)(strstr(text, "\nend ") + 1 - text);

	ck_assert_ptr_null(road_read(text, last, road.arena, &road.diags));
	ck_assert_str_eq(road.diags.list[0]->text, "result is cut off");
	for (size_t cut = 0; cut < n - 1; cut += cut < last ? 97 : 1)
		ck_assert_ptr_null(road_read(text, cut, road.arena, &road.diags));
	road_close(&road);
	made_free(made);
}
END_TEST

START_TEST(other_inputs_are_found)
{
	struct made *made = made_new(&small), *other;
	struct made_wish wish = made->wish;
	struct road road, there;
	struct certificate c;

	road_open(&road, made);
	road_solve(&road, OBJECTIVE_TOTAL, false);
	wish.theta = 4000;
	other = made_new(&wish);
	road_open(&there, other);
	look(&there, road.r, &c);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "header: theta");
	ck_assert(c.broken[0].by == 1000);
	road_close(&there);
	made_free(other);
	made->weight[7] += 5;
	road_open(&there, made);
	look(&there, road.r, &c);
	ck_assert(!c.is_feasible);
	ck_assert_str_eq(c.broken[0].where, "header: clients");
	ck_assert(c.broken[0].by == -5);
	ck_assert_str_eq(c.broken[1].where, "location l7: weight");
	road_close(&there);
	road_close(&road);
	made_free(made);
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
