/* SPDX-License-Identifier: MIT */
/* Parts of the solver that its problems seldom reach: arcs taken by number alone, selection by weight, hits of a search
 * whatever is cut off, and the list of arcs near 0. */
#include "base/base.h"

#include "../weights/made.h"
#include "../weights/slow.h"
#include "unit.h"
#include "weights/progress.h"
#include "weights/simplex.h"

/* A level of all rows, from nothing, without tie digits. */
static void level_init(struct simplex *s, const struct transport *t, uint32_t *rows)
{
	int32_t *row = malloc(t->m * sizeof(*row)), *column = malloc(t->n * sizeof(*column));
	int32_t *place = malloc(t->m * sizeof(*place));

	*s = (struct simplex){ .by_row = t->penalty, .rows = rows };
	simplex_init(s, t, t->m, t->penalty.p16 != NULL);
	for (size_t l = 0; l < t->m; l++) {
		rows[l] = (uint32_t)l;
		row[l] = TREE_NONE;
		place[l] = (int32_t)l;
		s->weight[l] = t->weight[l];
		s->clients += t->weight[l];
	}
	for (size_t i = 0; i < t->n; i++)
		column[i] = TREE_NONE;
	cost_make_columns(s);
	start_from(s, &(struct transport_tree){ row, column }, place);
	free(row);
	free(column);
	free(place);
}

START_TEST(arcs_taken_by_number_alone_end_at_the_optimum)
{
	const struct made_wish wishes[] = { { .kind = MADE_TIERS, .m = 20, .n = 100 }, { .kind = MADE_PLAIN, .m = 20, .n = 100 },
					    { .kind = MADE_TIERS, .m = 30, .n = 40, .levels = 2 } };
	struct made *d = made_new(&wishes[_i]);
	uint32_t rows[30];
	struct transport_answer a = { 0 };
	struct transport t;
	struct simplex s;

	made_transport(d, &t);
	level_init(&s, &t, rows);
	s.idle = 1;
	ck_assert_int_eq(simplex_run(&s, 0), 0);
	answer_fill(&s, &a);
	ck_assert_ptr_null(slow_fault(&t, &a));
	transport_release(&a);
	simplex_release(&s);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

START_TEST(selection_puts_the_first_weights_in_front)
{
	struct choice c[200];
	int64_t before = 0, keys[200];

	for (uint32_t k = 0; k < 200; k++) {
		keys[k] = k * 7919 % 61;
		c[k] = (struct choice){ keys[k], k % 5, { k, 0 } };
	}
	const size_t last = choose_until(c, 200, _i, 200);
	if (_i > 400) {
		ck_assert_uint_eq(last, 200);
		return;
	}
	for (size_t k = 0; k < last; k++) {
		ck_assert_int_le(c[k].key, c[last].key);
		before += c[k].weight;
	}
	for (size_t k = last + 1; k < 200; k++)
		ck_assert_int_ge(c[k].key, c[last].key);
	ck_assert_int_lt(before, _i);
	ck_assert_int_ge(before + c[last].weight, _i);
}
END_TEST

START_TEST(no_more_than_asked_for_are_selected)
{
	struct choice c[100];

	for (uint32_t k = 0; k < 100; k++)
		c[k] = (struct choice){ (int64_t)((99 - k) * 37 % 100), 1, { k, 0 } };
	ck_assert_uint_eq(choose_until(c, 100, 1000, (size_t)_i), (size_t)_i);
	ck_assert_int_eq(c[_i].key, _i);
}
END_TEST

/* Costs and potentials far beyond 16 bits: what lies in the window is among the hits. */
START_TEST(searches_find_all_that_lies_in_the_window)
{
	const struct made_wish w = { .kind = MADE_PLAIN, .m = 70, .n = 150 };
	struct made *d = made_new(&w);
	uint32_t rows[70];
	struct transport t;
	struct simplex s;

	made_transport(d, &t);
	level_init(&s, &t, rows);
	for (uint32_t v = 0; v < simplex_root(&s); v++) {
		s.potential[v] = (int64_t)(v * 2654435761u) * 1000 - ((int64_t)1 << 40);
		cost_set_key(&s, v);
	}
	const int64_t base = reduced_cost(&s, (struct arc){ 3, 100 }) - 500;
	uint32_t hits[LINE_PIECE];
	struct line row, column;
	bool found = false;

	cost_line(&s, true, 3, &row);
	cost_line(&s, false, 100, &column);
	ck_assert_uint_lt(cost_search(&row, 0, base - 5000, 1000, hits), 30);
	for (size_t k = 0, n = cost_search(&row, 0, base, 1000, hits); k < n; k++)
		found |= hits[k] == 100;
	ck_assert(found);
	found = false;
	for (size_t k = 0, n = cost_search(&column, 2, base, 1000, hits); k < n; k++)
		found |= hits[k] == 1;
	ck_assert(found);
	ck_assert_uint_eq(cost_search(&row, 0, base, UINT16_MAX, hits), 150);
	simplex_release(&s);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

struct looks {
	struct progress progress;
	unsigned n, n_overloaded;
	double bound;
};

static void count_look(struct progress *p)
{
	struct looks *k = container_of(p, struct looks, progress);

	k->n++;
	k->n_overloaded += p->overload > 0 && p->overload <= 1;
	ck_assert_double_ge(p->bound, k->bound);
	k->bound = p->bound;
	p->told_us -= 10000000;         /* every look is told */
}

/* Whatever hangs too heavy in the tree is overload, until nothing does. The bound rises towards the value. */
START_TEST(a_run_tells_overload_while_there_is_any_and_a_bound)
{
	const struct made_wish w = { .kind = MADE_PLAIN, .m = 1000, .n = 1000 };
	struct looks k = { 0 };
	const struct transport_wish wish = { .threads = 1, .progress = &k.progress, .progress_scale = 1 };
	struct made *d = made_new(&w);
	struct transport_answer a;
	struct transport t;

	made_transport(d, &t);
	progress_init(&k.progress, NULL, count_look);
	k.progress.told_us -= 10000000;
	ck_assert_int_eq(transport_solve(&t, &wish, &a), 0);
	ck_assert_uint_gt(k.n, 3);
	ck_assert_uint_ge(k.n_overloaded + 2, k.n);
	ck_assert_double_gt(k.bound, 0.9 * (double)a.value);
	ck_assert_double_le(k.bound, (double)a.value);
	transport_release(&a);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

static bool all_near_are_listed(const struct simplex *s)
{
	for (uint32_t l = 0; l < s->m; l++)
		for (uint32_t i = 0; i < s->n; i++) {
			const int64_t reduced = reduced_cost(s, (struct arc){ l, i });
			const bool is_listed = s->is_near[l * s->full_words + i / 64] >> i % 64 & 1;

			if (!is_listed && reduced <= s->reach && -reduced <= s->reach)
				return false;
		}
	return true;
}

START_TEST(arcs_near_0_are_listed_whatever_is_shifted)
{
	const struct made_wish w = { .kind = MADE_TIERS, .m = 60, .n = 100 };
	struct made *d = made_new(&w);
	uint32_t rows[60], x = 1;
	size_t lists = 0, looks = 0;
	struct transport t;
	struct simplex s;

	made_transport(d, &t);
	level_init(&s, &t, rows);
	for (size_t k = 0; k < 400; k++) {
		if (s.reach < 0) {
			s.horizon = 32;
			near_make(&s);
			lists++;
		}
		x = x * 1664525 + 1013904223;
		const uint32_t v = (x >> 8) % simplex_root(&s);
		const bool up = simplex_is_row(&s, v);
		const int64_t reach = s.reach;

		(void)ratio_test(&s, v, up, 1, false);
		ratio_shift(&s, 1 + x % 20, up);
		looks += s.reach == reach;
		ck_assert(all_near_are_listed(&s));
	}
	ck_assert_uint_gt(lists, 1);
	ck_assert_uint_gt(looks, 100);
	simplex_release(&s);
	made_transport_release(&t);
	made_free(d);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, arcs_taken_by_number_alone_end_at_the_optimum, 0, 3);
	tcase_add_loop_test(tc, selection_puts_the_first_weights_in_front, 1, 420);
	tcase_add_loop_test(tc, no_more_than_asked_for_are_selected, 0, 100);
	tcase_add_test(tc, arcs_near_0_are_listed_whatever_is_shifted);
	tcase_add_test(tc, searches_find_all_that_lies_in_the_window);
	tcase_add_test(tc, a_run_tells_overload_while_there_is_any_and_a_bound);
}
