/* SPDX-License-Identifier: MIT */
/* The certificate: what holds is proved, and what does not is named with its place and amount. */
#include "base/base.h"

#include <errno.h>
#include <signal.h>

#include "fixture.h"
#include "result_text.h"
#include "tiny.h"
#include "unit.h"
#include "weights/certify.h"
#include "weights/certify_parts.h"
#include "weights/progress.h"
#include "weights/result.h"

#define ID "ABABABABABABABABABABABABABABABABABABABAB"

static struct tiny tiny;
static struct certificate c;

static void begin(void)
{
	setup();
	tiny_init(&tiny);
}

static void look(const struct result *r)
{
	ck_assert_int_eq(certify(r, &tiny.in, NULL, arena, &c), 0);
}

/* The result of the objective as text, the first `from` in it made `to`, looked at. */
static void look_at(enum objective objective, const char *from, const char *to)
{
	auto_free char *text = result_text(tiny_result(&tiny, objective, arena));
	const char *at = strstr(text, from);
	auto_text struct text t = { 0 };

	ck_assert_msg(at != NULL, "no '%s' in:\n%s", from, text);
	text_add(&t, text, (size_t)(at - text));
	text_puts(&t, to);
	text_puts(&t, at + strlen(from));
	const struct result *r = result_of_text(t.p, t.n, arena, &diags);
	ck_assert_msg(r != NULL, "%s", diags.n > 0 ? diags.list[0]->text : "");
	look(r);
}

static void is_broken(enum condition condition, const char *where, int64_t by)
{
	ck_assert(!c.is_feasible);
	for (size_t i = 0; i < c.n_broken; i++)
		if (c.broken[i].condition == condition && strcmp(c.broken[i].where, where) == 0 && c.broken[i].by == by)
			return;
	for (size_t i = 0; i < c.n_broken; i++)
		fprintf(stderr, "%s, %s, by %lld\n", condition_names[c.broken[i].condition], c.broken[i].where, (long long)c.broken[i].by);
	ck_abort_msg("not found: %s, %s, by %lld", condition_names[condition], where, (long long)by);
}

START_TEST(the_solution_of_the_smallest_problem_is_proved)
{
	look(tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_uint_eq(c.n_broken, 0);
	ck_assert(c.is_feasible && c.has_bound);
	ck_assert(c.value == 24400000 && c.bound == 24400000 && c.gap == 0);
}
END_TEST

START_TEST(vanilla_in_the_place_of_a_solution_is_no_optimum)
{
	tiny_vanilla(&tiny);
	tiny.answer.value = 32800000;
	look(tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert(c.value == 32800000 && c.bound == 24400000 && c.gap == 8400000);
	is_broken(CONDITION_VALUE, "bound", 8400000);
}
END_TEST

static const struct {
	const char *from, *to;
	enum condition condition;
	const char *where;
	int64_t by;
} changes[] = {
	{ "position guard", "position guard", CONDITION_FORM, NULL, 0 },
	{ "unit 10000", "unit 9999", CONDITION_FORM, "header: unit", -1 },
	{ "theta 1500", "theta 1501", CONDITION_FORM, "header: theta", 1 },
	{ "scale 1", "scale 2", CONDITION_FORM, "header: scale", 1 },
	{ "scale 1", "scale 1.0", CONDITION_FORM, NULL, 0 },
	{ "supply 800000", "supply 800001", CONDITION_FORM, "header: supply", 1 },
	{ "clients 2", "clients 3", CONDITION_FORM, "header: clients", 1 },
	{ "value 24400000", "value 24400001", CONDITION_VALUE, "value", 1 },
	{ "bound 24400000", "bound -24400000", CONDITION_VALUE, "bound", -48800000 },
	{ "group 0 400000", "group 1 400000", CONDITION_FORM, "group 0: number", 1 },
	{ "group 0 400000", "group 0 399999", CONDITION_FORM, "group 0: share", -1 },
	{ "400000 500000", "400000 500001", CONDITION_FORM, "group 0: capacity", 1 },
	{ "500000 600000", "500000 600001", CONDITION_FORM, "group 0: cap", 1 },
	{ "600000 20 1000000", "600000 20 1000001", CONDITION_LOAD, "group 0", 1 },
	{ "600000 20 1000000", "600000 21 1000000", CONDITION_VALUE, "bound", 120000 },
	{ "relay " ID, "relay -", CONDITION_FORM, "relay $" ID ": fingerprint", 0 },
	{ "r1 G", "rr G", CONDITION_FORM, "relay r1: name", 0 },
	{ "both D", "both G", CONDITION_FORM, "relay both: class", 0 },
	{ "both D -", "both D 1", CONDITION_FORM, "relay both: takes no part, but is in a group", 0 },
	{ "r1 G 1", "r1 G -", CONDITION_FORM, "relay r1: takes part, but is in no group", 0 },
	{ "r1 G 1", "r1 G -", CONDITION_FORM, "group 1: has no relays", 0 },
	{ "r1 G 1", "r1 G 2", CONDITION_FORM, "relay r1: number of its group", 1 },
	{ "r1 G 1 30", "r1 G 1 31", CONDITION_FORM, "relay r1: weight", 1 },
	{ "30 240000 0", "30 240001 0", CONDITION_FORM, "relay r1: share", 1 },
	{ "30 240000 0", "30 240000 1", CONDITION_MIDDLE, "relay r1", 1 },
	{ "7 0 42000", "7 0 41999", CONDITION_MIDDLE, "relay both", -1 },
	{ "9 0 18000", "9 0 18001", CONDITION_MIDDLE, "relay exit", 1 },
	{ "11 0 220000", "11 0 220001", CONDITION_MIDDLE, "relay neither", 1 },
	{ "AS3320", "3320", CONDITION_FORM, NULL, 0 },
	{ "AS3320", "3321", CONDITION_FORM, "location AS3320: name", 0 },
	{ "home 1", "home 2", CONDITION_FORM, "location home: weight", 1 },
	{ "home 1 1", "home 1 0", CONDITION_FORM, "location home: not like row 0", 0 },
	{ "home 1 1", "home 1 0", CONDITION_FORM, "row 1: has no locations", 0 },
	{ "AS3320 1 0\nlocation home 1 1", "AS3320 1 1\nlocation home 1 0", CONDITION_FORM, "location AS3320: number of its row", 1 },
	{ "row 0 1", "row 1 1", CONDITION_FORM, "row 0: number", 1 },
	{ "row 0 1", "row 0 2", CONDITION_FORM, "row 0: weight", 1 },
	{ "11600000", "11600001", CONDITION_VALUE, "row 0: cost", 1 },
	{ "15200000", "15199999", CONDITION_FORM, "row 0: vanilla", -1 },
	{ "part 0=440000", "part 0=440001", CONDITION_B, "row 0", 1 },
	{ "part 0=440000", "part 0=440001", CONDITION_C, "group 0", 1 },
	{ "part 0=440000", "part 0=440001", CONDITION_LOAD, "group 0", -1 },
	{ "part 0=440000", "part 0=440001", CONDITION_VALUE, "row 0: cost", -10 },
	{ "full 1 part", "full 1-2 part", CONDITION_B, "row 0", 240000 },
	{ "part 0=440000", "part 0=440000,1=1", CONDITION_D, "row 0, group 1", 1 },
	{ "part 0=440000", "part 0=440001,2=-1", CONDITION_A, "row 0, group 2", 1 },
	{ "part 0=440000", "part 0=600001", CONDITION_D, "row 0, group 0", 1 },
	{ "tree r0 g0", "tree r0 g2", CONDITION_FORM, NULL, 0 },
};

START_TEST(every_change_is_named_with_its_place_and_amount)
{
	look_at(OBJECTIVE_TOTAL, changes[_i].from, changes[_i].to);
	if (changes[_i].where)
		is_broken(changes[_i].condition, changes[_i].where, changes[_i].by);
	else
		ck_assert(c.is_feasible && c.gap == 0);
}
END_TEST

START_TEST(relays_of_a_group_are_alike)
{
	static const uint64_t costs[TINY_RELAYS] = { 400000, 240000, 160001 };

	tiny.penalties[2] = tiny.penalties[1];
	tiny.penalties[5] = tiny.penalties[4];
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	ck_assert_uint_eq(r->n_groups, 2);
	tiny.in.relcost = costs;
	look(r);
	is_broken(CONDITION_FORM, "relay r2: is not in its group's ratio", 0);
	tiny.in.relcost = NULL;
	tiny.penalties[5]++;
	look(r);
	is_broken(CONDITION_FORM, "relay r2: not like group 1", 0);
}
END_TEST

START_TEST(other_inputs_do_not_fit)
{
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	tiny.in.theta = 2000;
	look(r);
	is_broken(CONDITION_FORM, "header: theta", -500);
	is_broken(CONDITION_FORM, "group 0: cap", -200000);
	tiny_init(&tiny);
	tiny.locations[1].weight = (struct amount){ 3, 3, true };
	look(r);
	is_broken(CONDITION_FORM, "location home: weight", -2);
	is_broken(CONDITION_FORM, "header: clients", -2);
	tiny_init(&tiny);
	tiny.in.n_locations = 1;
	look(r);
	is_broken(CONDITION_FORM, "header: locations", 1);
	tiny_init(&tiny);
	tiny.in.n_relays = 5;
	look(r);
	is_broken(CONDITION_FORM, "header: relays", 1);
	tiny_init(&tiny);
	tiny.in.theta = 500;
	look(r);
	is_broken(CONDITION_FORM, "inputs: no weights fit", 400000);
	ck_assert(!c.has_bound);
}
END_TEST

START_TEST(inputs_that_no_weights_fit_are_told_before_anything_is_added_up)
{
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	for (size_t i = 0; i < TINY_GROUPS; i++)
		tiny.relays[i].class = CLASS_GUARD_EXIT;
	tiny.in.weights.wgd = tiny.in.weights.wed = 10000;
	tiny.in.guards_only = false;
	tiny.relays[3].weight = 0;
	for (size_t l = 0; l < TINY_ROWS; l++)
		tiny.locations[l].weight = (struct amount){ 900000000000000000, 9e17, true };
	look(r);
	is_broken(CONDITION_FORM, "inputs: no weights fit", 1000000);
	ck_assert(!c.has_value && !c.has_bound);
}
END_TEST

START_TEST(without_guards_there_is_nothing_to_prove)
{
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	tiny.in.weights.wgg = 0;
	look(r);
	is_broken(CONDITION_FORM, "inputs: no relay takes part", 0);
}
END_TEST

/* ---- the objective max ----------------------------------------------------------------------------------------- */
/* L = 300000 300000 200000 of `--vuln`, prices of the second stage, its amounts by hand: row 0 takes 360000 of r1. */
static void solve_max(void)
{
	static const struct transport_part parts[] = { { 0, 200000 }, { 2, 240000 }, { 0, 400000 }, { 1, 240000 }, { 2, 160000 } };

	tiny.in.vuln = tiny.vuln;
	memcpy(tiny.parts, parts, sizeof(parts));
	tiny.full[0] = 6;
	tiny.parts[1] = tiny.parts[2];
	tiny.parts[2] = tiny.parts[3];
	tiny.parts[3] = tiny.parts[4];
	tiny.part_from[1] = 1;
	tiny.part_from[2] = 4;
	tiny.prices[0] = 30;
	tiny.prices[1] = 10;
	tiny.prices[2] = 0;
	tiny.answer.value = 2000000 + 7200000 + 9600000 + 4000000 + 7200000 + 6400000;
}

START_TEST(the_least_maximum_and_its_loads_are_made_anew)
{
	solve_max();
	look_at(OBJECTIVE_MAX, "max 900000", "max 900000");
	ck_assert_msg(c.is_feasible, "%s: %s", condition_names[c.broken[0].condition], c.broken[0].where);
	ck_assert(c.gap == 0 && c.value == 36400000);
	look_at(OBJECTIVE_MAX, "max 900000", "max 900001");
	is_broken(CONDITION_VALUE, "max", 1);
	tiny.vuln[1] = 9;
	look_at(OBJECTIVE_MAX, "max 900000", "max 900000");
	is_broken(CONDITION_VALUE, "max", 900000 - 1350000);
	is_broken(CONDITION_LOAD, "group 0: not W times L", 600000 - 2 * 450000);
}
END_TEST

START_TEST(relays_are_not_merged_for_max)
{
	solve_max();
	look_at(OBJECTIVE_MAX, "r1 G 1", "r1 G 0");
	is_broken(CONDITION_FORM, "relay r1: shares its group", 0);
}
END_TEST

START_TEST(max_only_wants_the_same_in_every_row)
{
	tiny.in.vuln = tiny.vuln;
	look_at(OBJECTIVE_MAX_ONLY, "0=300000,1=300000,2=200000\nrow", "0=300000,1=300000,2=200000\nrow");
	ck_assert(c.is_feasible && !c.has_bound && c.gap == 0);
	look_at(OBJECTIVE_MAX_ONLY, "0=300000,1=300000,2=200000\nrow", "0=300001,1=299999,2=200000\nrow");
	is_broken(CONDITION_LOAD, "row 0, group 0", 1);
	is_broken(CONDITION_LOAD, "row 0, group 1", -1);
	look_at(OBJECTIVE_MAX_ONLY, "600000 0 600000", "600000 1 600000");
	is_broken(CONDITION_FORM, "group 0: price", 1);
}
END_TEST

START_TEST(max_only_needs_no_matrix)
{
	tiny.in.vuln = tiny.vuln;
	tiny.in.values = (struct values){ 0 };
	tiny.in.column = NULL;
	tiny.in.n_locations = 1;
	look_at(OBJECTIVE_MAX_ONLY, "max 900000", "max 900000");
	ck_assert(c.is_feasible && c.value == 0);
}
END_TEST

/* v = 3 1 2, S = 800000, caps 500000 300000 200000: at 899999 r0 takes 299999, the others all they can. */
START_TEST(the_least_maximum_is_proved_by_what_fits_below_it)
{
	tiny.in.vuln = tiny.vuln;
	look_at(OBJECTIVE_MAX_ONLY, "max 900000", "max 900000");
	ck_assert(c.has_max && c.max == 900000);
	ck_assert(c.below == 799999 && c.supply == 800000);
	look_at(OBJECTIVE_MAX_ONLY, "max 900000", "max 900001");
	is_broken(CONDITION_VALUE, "max", 1);
	ck_assert(c.max == 900000);
	look_at(OBJECTIVE_TOTAL, "max -", "max -");
	ck_assert(!c.has_max);
}
END_TEST

/* ---- the inputs made anew -------------------------------------------------------------------------------------- */
static void take_shares(struct proof *p)
{
	*p = (struct proof){ .in = &tiny.in, .out = &c, .arena = arena };
	c = (struct certificate){ .is_feasible = true, .broken = arena_alloc(arena, 100 * sizeof(struct broken)) };
}

START_TEST(guards_that_are_exits_offer_what_the_exit_position_leaves)
{
	struct proof p;

	tiny.in.weights.wgd = 3000;
	tiny.in.weights.wed = 6000;
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.relays[3].share, 21000);
	ck_assert_int_eq(p.relays[3].capacity, 28000);
	ck_assert_int_eq(p.relays[4].share, 0);
	ck_assert_int_eq(p.supply, 821000);
	tiny.in.guards_only = true;
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.relays[3].share, 0);
	tiny.in.position = POSITION_EXIT;
	tiny.relays[4].is_weighted = false;
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.supply, 42000);
	ck_assert_int_eq(p.relays[3].capacity, 42000);
}
END_TEST

START_TEST(caps_of_long_products_are_exact)
{
	struct proof p;

	take_shares(&p);
	p.supply = (INT64_C(1) << 62) - 1;
	p.costs = (INT64_C(1) << 62) - 1;
	tiny.in.theta = 999999;
	/* theta below 1000 times: capped by S; else floor(theta · c / 1000). */
	ck_assert_int_eq(model_cap(&p, INT64_C(1) << 61), p.supply);
	ck_assert_int_eq(model_cap(&p, INT64_C(1) << 40), (int64_t)(((wide)999999 << 40) / 1000));
	p.costs = 7;
	p.supply = 1000000007;
	tiny.in.theta = 1;
	ck_assert_int_eq(model_cap(&p, 5), (int64_t)1000000007 * 5 / 7000);
	tiny.in.theta = 1000;
	ck_assert_int_eq(model_cap(&p, 7), 1000000007);
}
END_TEST

START_TEST(weights_that_are_not_whole_become_parts)
{
	struct proof p;

	tiny.in.is_whole = false;
	tiny.locations[0].weight = (struct amount){ .real = 0.75 };
	tiny.locations[1].weight = (struct amount){ .real = 0.25 };
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.weight[0], 3 << 20);
	ck_assert_int_eq(p.weight[1], 1 << 20);
	ck_assert_int_eq(p.clients, 1 << 22);
}
END_TEST

START_TEST(weights_too_large_become_parts)
{
	struct proof p;

	/* Capacity 10^6: W may be up to (2^62 - 1) / 10^6 = 4611686018427. */
	tiny.locations[0].weight.whole = 4611686018426;
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.clients, 4611686018427);
	tiny.locations[0].weight.whole++;
	take_shares(&p);
	ck_assert(model_make(&p));
	ck_assert_int_eq(p.weight[0], 1 << 22);
	ck_assert_int_eq(p.weight[1], 1);
	for (size_t i = 0; i < 3; i++)
		tiny.relays[i].weight = UINT64_C(30000000000000);
	take_shares(&p);
	ck_assert(!model_make(&p));
	is_broken(CONDITION_FORM, "inputs: more than 62 bits", 0);
}
END_TEST

/* ---- the fill -------------------------------------------------------------------------------------------------- */
static int by_key(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static wide slow_fill(struct slot *slots, size_t n, int64_t supply)
{
	wide cost = 0;

	qsort(slots, n, sizeof(*slots), by_key);
	for (size_t i = 0; i < n; i++) {
		const int64_t r = slots[i].room < supply ? slots[i].room : supply;

		cost += (wide)slots[i].key * r;
		supply -= r;
	}
	return cost;
}

START_TEST(a_fill_costs_what_a_sort_says)
{
	struct slot a[50], b[50];

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		const size_t n = 1 + (size_t)rand() % ARRAY_LEN(a);
		const int levels = 1 + rand() % (round % 2 ? 4 : 1000);
		int64_t room = 0;

		for (size_t i = 0; i < n; i++) {
			a[i] = b[i] = (struct slot){ rand() % levels, rand() % 3 ? rand() % 100 : 0 };
			room += a[i].room;
		}
		const int64_t supply = room ? rand() % (room + 1) : 0;

		ck_assert(fill_cost(a, n, supply) == slow_fill(b, n, supply));
	}
}
END_TEST

START_TEST(a_fill_of_the_highest_prices_fits)
{
	enum { N = 100 };
	const int64_t most = (INT64_C(1) << 62) - 1;
	struct slot a[N], b[N];

	for (int i = 0; i < N; i++)
		a[i] = b[N - 1 - i] = (struct slot){ most - i, most };
	ck_assert(fill_cost(a, N, most) == slow_fill(b, N, most));
}
END_TEST

START_TEST(a_signal_ends_it)
{
	static const volatile sig_atomic_t interrupted = 1;
	struct progress progress;

	progress_init(&progress, &interrupted, NULL);
	ck_assert_int_eq(certify(tiny_result(&tiny, OBJECTIVE_TOTAL, arena), &tiny.in, &progress, arena, &c), -EINTR);
}
END_TEST

/* Locations are compared one by one, which with many of them takes long. */
START_TEST(a_signal_ends_the_look_at_locations)
{
	static const volatile sig_atomic_t interrupted = 1;
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);
	struct progress progress;

	r->locations[1].weight = 5;
	progress_init(&progress, &interrupted, NULL);
	ck_assert_int_eq(certify(r, &tiny.in, &progress, arena, &c), -EINTR);
	ck_assert_uint_eq(c.n_broken, 0);
}
END_TEST

static unsigned n_looks;

static void count_look(struct progress *p)
{
	n_looks++;
	p->told_us -= 10000000;
}

/* A row takes as long as there are relays, however few groups they are in. */
START_TEST(a_signal_is_looked_for_where_relays_are_many)
{
	enum { MANY = 300000 };
	struct inputs in = tiny.in;
	struct relay *relays = arena_array(arena, struct relay, MANY);
	uint32_t *columns = arena_array(arena, uint32_t, MANY);
	struct progress progress;
	struct problem_wish wish = { .threads = 1 };

	for (size_t i = 0; i < MANY; i++)
		relays[i] = (struct relay){ .name = "r", .is_weighted = true, .class = CLASS_GUARD, .weight = 1 };
	in.relays = relays;
	in.n_relays = MANY;
	in.column = columns;
	const struct problem *p = problem_new(&in, &wish, arena, &diags);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->n_groups, 1);
	struct transport_part parts[] = { { 0, p->supply }, { 0, p->supply } };
	const struct transport_answer answer = {
		.price = (int64_t[]){ 0 }, .full_words = 1, .full = (uint64_t[]){ 0, 0 }, .part_from = (size_t[]){ 0, 1, 2 },
		.part = parts, .tree = { (int32_t[]){ 0, 0 }, (int32_t[]){ TREE_ROOT } },
	};
	progress_init(&progress, NULL, count_look);
	progress.told_us -= 10000000;
	ck_assert_int_eq(certify(result_new(p, &answer, NULL, 0, arena), &in, &progress, arena, &c), 0);
	ck_assert_uint_ge(n_looks, 3);          /* locations, and each of two rows */
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, the_solution_of_the_smallest_problem_is_proved);
	tcase_add_test(tc, vanilla_in_the_place_of_a_solution_is_no_optimum);
	tcase_add_loop_test(tc, every_change_is_named_with_its_place_and_amount, 0, ARRAY_LEN(changes));
	tcase_add_test(tc, relays_of_a_group_are_alike);
	tcase_add_test(tc, other_inputs_do_not_fit);
	tcase_add_test(tc, inputs_that_no_weights_fit_are_told_before_anything_is_added_up);
	tcase_add_test(tc, without_guards_there_is_nothing_to_prove);
	tcase_add_test(tc, the_least_maximum_and_its_loads_are_made_anew);
	tcase_add_test(tc, relays_are_not_merged_for_max);
	tcase_add_test(tc, max_only_wants_the_same_in_every_row);
	tcase_add_test(tc, max_only_needs_no_matrix);
	tcase_add_test(tc, the_least_maximum_is_proved_by_what_fits_below_it);
	tcase_add_test(tc, guards_that_are_exits_offer_what_the_exit_position_leaves);
	tcase_add_test(tc, caps_of_long_products_are_exact);
	tcase_add_test(tc, weights_that_are_not_whole_become_parts);
	tcase_add_test(tc, weights_too_large_become_parts);
	tcase_add_test(tc, a_fill_costs_what_a_sort_says);
	tcase_add_test(tc, a_fill_of_the_highest_prices_fits);
	tcase_add_test(tc, a_signal_ends_it);
	tcase_add_test(tc, a_signal_ends_the_look_at_locations);
	tcase_add_test(tc, a_signal_is_looked_for_where_relays_are_many);
}
