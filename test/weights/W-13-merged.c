/* SPDX-License-Identifier: MIT */
/* W-13: what is alike is merged without a change of the optimum, and every relay of a group keeps all of weights.md 6.1. Beside
 * the problems of section 9, random small ones with many equal rows and columns (W-15, merged). */
#include "base/base.h"

#include <inttypes.h>

#include "../unit/unit.h"
#include "slow.h"
#include "solved.h"

static const struct problem_wish merged = { .threads = 1 }, apart = { .threads = 1, .no_merge = true };

START_TEST(merging_keeps_the_optima_of_the_specification)
{
	const struct made_row *r = &made_rows[_i];
	char text[WIDE_TEXT];
	struct solved s;

	if (r->is_slow && !getenv("WEIGHTS_SLOW"))
		return;
	solved_made(&s, &r->wish, &merged);
	ck_assert_msg(s.p, "%s: %s", r->name, s.diags.n ? s.diags.list[0]->text : "no problem");
	const char *fault = slow_fault(&s.t, &s.answer), *wanted = r->merged ? r->merged : r->value;
	ck_assert_msg(!fault, "%s: %s", r->name, fault);
	ck_assert_msg(!strcmp(wide_print(s.answer.value, text), wanted), "%s: %s, not %s", r->name, text, wanted);
	solved_release(&s);
}
END_TEST

/* Amounts of a row by group. */
static void row_amounts(const struct solved *s, size_t row, int64_t *x)
{
	const struct transport_answer *a = &s->answer;

	for (size_t g = 0; g < s->p->n_groups; g++) {
		const bool is_full = a->full[row * a->full_words + g / 64] >> g % 64 & 1;
		x[g] = is_full ? s->t.weight[row] * s->t.bound[g] : 0;
	}
	for (size_t k = a->part_from[row]; k < a->part_from[row + 1]; k++)
		x[a->part[k].column] = a->part[k].amount;
}

/* Each relay takes the part share / group's share of an amount: nothing is divided, both sides are multiplied instead. */
static void relays_keep_all(const struct solved *s, wide costs)
{
	const struct problem *p = s->p;
	int64_t *x = calloc(p->n_groups, sizeof(*x));
	wide *load = calloc(p->n_groups, sizeof(*load)), *shares = calloc(p->n_groups, sizeof(*shares));

	for (size_t r = 0; r < p->n_rows; r++) {
		wide sum = 0;
		row_amounts(s, r, x);
		for (size_t g = 0; g < p->n_groups; g++) {
			ck_assert_int_ge(x[g], 0);
			sum += x[g];
			load[g] += x[g];
			/* (d), once for all relays of the group: their costs are to their shares as its own are (below). */
			ck_assert((wide)x[g] * 1000 * costs <= (wide)p->in->theta * p->supply * p->row_weight[r] * p->groups[g].cost);
		}
		ck_assert(sum == (wide)p->row_weight[r] * p->supply);
	}
	for (size_t i = 0; i < p->in->n_relays; i++) {
		if (p->group[i] == NO_GROUP)
			continue;
		const struct problem_group *g = &p->groups[p->group[i]];
		const wide share = (wide)p->in->weights.wgg * p->in->relays[i].weight, capacity = (wide)10000 * p->in->relays[i].weight;
		const wide cost = p->in->relcost ? (wide)p->in->relcost[i] : share;
		ck_assert(capacity * g->share == share * g->capacity && cost * g->share == share * g->cost);
		ck_assert(load[p->group[i]] * share <= (wide)p->clients * capacity * g->share);
		shares[p->group[i]] += share;
	}
	/* Parts of all relays add up to the group's amount, so (b) holds for relays as it does for groups. */
	for (size_t g = 0; g < p->n_groups; g++)
		ck_assert(shares[g] == p->groups[g].share);
	free(x);
	free(load);
	free(shares);
}

START_TEST(relays_that_share_ends_are_merged_and_keep_their_limits)
{
	const struct made_wish w = { .kind = MADE_RELAYS, .m = 1000, .n = 2100 };
	struct solved s;

	solved_made(&s, &w, &merged);
	ck_assert_uint_eq(s.p->n_rows, 791);
	ck_assert_uint_eq(s.p->n_groups, 294);
	relays_keep_all(&s, s.p->supply);
	solved_release(&s);
}
END_TEST

enum { ROWS = 6, COLUMNS = 8, RANDOM = 3000 };

/* Splitmix64. */
static uint64_t draw(uint64_t *z)
{
	uint64_t x = *z += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

struct bytes {
	uint8_t b[24 + 8 * (ROWS + COLUMNS) + 2 * ROWS * COLUMNS];
	size_t n;
};

static void add(struct bytes *to, const void *p, size_t n)
{
	memcpy(to->b + to->n, p, n);
	to->n += n;
}

/* *is_even: theta · Wgg is whole in units, so that caps are not rounded down. */
static void draw_file(uint64_t *z, struct bytes *f, bool *is_even)
{
	static const int32_t thetas[] = { 1000, 1300, 1500, 2000, 5000 };
	const int32_t m = 1 + (int32_t)(draw(z) % ROWS), n = 1 + (int32_t)(draw(z) % COLUMNS);
	const int32_t head[] = { m, n, 1 + (int32_t)(draw(z) % 10000), thetas[draw(z) % ARRAY_LEN(thetas)] };
	const uint64_t levels = 1 + draw(z) % 3;

	*is_even = (int64_t)head[2] * head[3] % 1000 == 0;
	f->n = 0;
	add(f, "LOCAW1\0", 8);
	add(f, head, sizeof(head));
	for (int32_t l = 0; l < m; l++)
		add(f, &(uint64_t){ 1 + draw(z) % 4 }, 8);
	for (int32_t i = 0; i < n; i++)
		add(f, &(uint64_t){ draw(z) % 4 * 7 }, 8);
	for (int32_t k = 0; k < m * n; k++)
		add(f, &(uint16_t){ (uint16_t)(draw(z) % levels) }, 2);
}

START_TEST(random_problems_are_merged_exactly)
{
	uint64_t z = 13;
	size_t n_merged = 0;

	for (size_t k = 0; k < RANDOM; k++) {
		const uint64_t seed = z;
		struct solved a, b;
		struct bytes f;
		bool is_even;
		wide value;

		draw_file(&z, &f, &is_even);
		solved_bytes(&a, f.b, f.n, &merged);
		solved_bytes(&b, f.b, f.n, &apart);
		ck_assert_msg(!a.p == !b.p, "problem %#" PRIx64, seed);
		if (a.p) {
			n_merged += a.p->n_rows < b.p->n_rows && a.p->n_groups < b.p->n_groups;
			relays_keep_all(&a, a.p->supply);
			ck_assert_msg(slow_solve(&a.t, &value) && value == a.answer.value, "problem %#" PRIx64, seed);
			ck_assert_msg(slow_solve(&b.t, &value) && value == b.answer.value, "problem %#" PRIx64, seed);
			ck_assert_msg(is_even ? a.answer.value == b.answer.value : a.answer.value <= b.answer.value,
				      "problem %#" PRIx64, seed);
		}
		solved_release(&a);
		solved_release(&b);
	}
	ck_assert_uint_gt(n_merged, RANDOM / 10);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, merging_keeps_the_optima_of_the_specification, 0, (int)made_n_rows);
	tcase_add_test(tc, relays_that_share_ends_are_merged_and_keep_their_limits);
	tcase_add_test(tc, random_problems_are_merged_exactly);
}
