/* SPDX-License-Identifier: MIT */
/* W-7: penalties from routes. The specification's network; random ones against plain sets of ASes; a cycle of providers, an
 * AS alone, and 100,000 random lines. Routes themselves against a slow machine: test/unit/check_routes.c. */
#include "base/base.h"

#include "../unit/fixture.h"
#include "../unit/small_network.h"
#include "../unit/unit.h"
#include "base/text.h"
#include "weights/penalty.h"
#include "weights/relations.h"
#include "weights/routes.h"

/* AS n is 1.0.n.0/24. */
static const char *prefixes_of(unsigned n)
{
	const char *all = "";

	for (unsigned i = 1; i <= n; i++)
		all = arena_printf(arena, "%s1.0.%u.0\t24\t%u\n", all, i, i);
	return all;
}

/* ---- the specification's network ------------------------------------------------------------------------------- */
static const struct small_relay relays[] = {
	{ "Guard", 7, "1.0.5.1" }, { "Guard", 1, "1.0.4.1" }, { "Exit", 5, "1.0.5.2" },
	{ "Exit", 5, "1.0.6.2" },  { "Running", 9, "1.0.1.1" },
};
static const char relations[] = "1|2|0\n1|3|-1\n2|4|-1\n1|5|-1\n2|5|-1\n2|8|-1\n8|6|-1\n8|7|-1\n";

static struct penalty_wish wish_of(void)
{
	return (struct penalty_wish){
		.relations = text_file(relations),
		.relays = text_file(small_consensus(relays, ARRAY_LEN(relays), NULL)),
		.clients = text_file("location,weight\nAS3,1\n"),
		.prefixes = text_file(prefixes_of(8)),
		.samples = 4096,
		.threads = 1,
	};
}

static void expect(const struct penalties *p, uint32_t scale, uint32_t as4, uint32_t as5)
{
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->scale, scale);
	ck_assert_uint_eq(p->values.rows, 1);
	ck_assert_uint_eq(p->values.columns, 2);
	ck_assert_str_eq(p->rows[0], "AS3");
	ck_assert_uint_eq(p->columns[0], 4);
	ck_assert_uint_eq(p->columns[1], 5);
	ck_assert_uint_eq(values_at(&p->values, 0, 0), as4);
	ck_assert_uint_eq(values_at(&p->values, 0, 1), as5);
	ck_assert_uint_eq(p->n_relations, 8);
	ck_assert_uint_eq(p->n_as, 8);
	ck_assert_uint_eq(p->pairs_without_route, 0);
	ck_assert_uint_eq(diags.n, 0);
}

START_TEST(destinations_of_the_specification)
{
	struct penalty_wish w = wish_of();

	w.destinations = text_file("as,weight\n4,1\n7,1\n");
	expect(penalty_compute(&w, NULL, arena, &diags), 4096, 3072, 2048);
}
END_TEST

START_TEST(suspects_of_the_specification)
{
	struct penalty_wish w = wish_of();

	w.suspects = text_file("1\n2\n");
	expect(penalty_compute(&w, NULL, arena, &diags), 1, 2, 1);
}
END_TEST

/* ---- random networks ------------------------------------------------------------------------------------------- */
enum { ASES = 24, SAMPLES = 128 };

static uint64_t state;
static unsigned below(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

/* Not all are related; what is not in it is alone. */
static const char *draw_relations(void)
{
	const char *all = "";

	for (unsigned x = 2; x <= ASES; x++)
		for (unsigned k = below(3); k > 0; k--) {
			const unsigned y = 1 + below(x - 1);
			if (below(12) > 0 && !strstr(all, arena_printf(arena, "\n%u|%u|", y, x)))
				all = arena_printf(arena, "%s\n%u|%u|%d", all, y, x, below(4) ? -1 : 0);
		}
	return all;
}

/* A set of ASes as bits, by number. */
static uint64_t set_of(struct routes *t, const struct relations *r, uint32_t x, uint32_t y, bool *missing)
{
	uint64_t set = UINT64_C(1) << x | UINT64_C(1) << y;
	uint32_t path[ASES];

	for (int way = 0; way < 2; way++) {
		routes_towards(t, (uint32_t)as_list_find(&r->ases, way ? x : y));
		const size_t n = routes_path(t, (uint32_t)as_list_find(&r->ases, way ? y : x), path);
		*missing |= n == 0;
		for (size_t i = 0; i < n; i++)
			set |= UINT64_C(1) << r->ases.list[path[i]];
	}
	return set;
}

struct plain {
	struct small_relay relays[40];
	size_t n_relays;
	unsigned as[40];
	unsigned far[ASES + 1];          /* weights of destinations */
	unsigned near[ASES + 1];         /* of exits */
	const struct relations *r;
	struct routes *t;
	uint64_t sample[SAMPLES];
};

static void plain_samples(struct plain *p)
{
	uint64_t all = 0;
	uint64_t sum = 0;
	unsigned k = 0;

	for (unsigned e = 1; e <= ASES; e++)
		for (unsigned d = 1; d <= ASES; d++)
			all += (uint64_t)p->near[e] * p->far[d];
	for (unsigned e = 1; e <= ASES; e++)
		for (unsigned d = 1; d <= ASES; d++) {
			bool missing = false;
			sum += (uint64_t)p->near[e] * p->far[d];
			while (k < SAMPLES && sum * 2 * SAMPLES > (2 * k + 1) * all)
				p->sample[k++] = set_of(p->t, p->r, e, d, &missing);
		}
	ck_assert_uint_eq(k, SAMPLES);
}

static void plain_draw(struct plain *p, const char **destinations)
{
	static const char *const flags[] = { "Guard", "Exit", "Exit Guard", "Guard", "Running" };

	*p = (struct plain){ .n_relays = 5 + below(35) };
	for (size_t i = 0; i < p->n_relays; i++) {
		const char *flag = flags[i < 2 ? i : below(5)];
		p->as[i] = 1 + below(ASES);
		p->relays[i] = (struct small_relay){ flag, 1 + below(1000), arena_printf(arena, "1.0.%u.9", p->as[i]) };
		if (strstr(flag, "Exit"))
			p->near[p->as[i]] += p->relays[i].weight;
	}
	*destinations = "as,weight\n";
	for (unsigned n = 1 + below(6); n > 0; n--) {
		const unsigned as = 1 + below(ASES);
		const unsigned weight = 1 + below(100);
		p->far[as] += weight;
		*destinations = arena_printf(arena, "%s%u,%u\n", *destinations, as, weight);
	}
}

static void compare(struct plain *p, const struct penalties *q, uint64_t suspects)
{
	size_t missing = 0;

	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->values.rows, ASES);
	for (unsigned l = 1; l <= ASES; l++) {
		for (size_t g = 0; g < q->values.columns; g++) {
			bool is_missing = false;
			const uint64_t set = set_of(p->t, p->r, l, q->columns[g], &is_missing);
			unsigned hit = (unsigned)__builtin_popcountll(set & suspects);
			for (size_t k = 0; !suspects && k < SAMPLES; k++)
				hit += (set & p->sample[k]) != 0;
			ck_assert_uint_eq(values_at(&q->values, l - 1, g), hit);
			missing += is_missing && l != q->columns[g];
		}
	}
	ck_assert_uint_ge(q->pairs_without_route, missing);
	ck_assert(!suspects || q->pairs_without_route == missing);
}

START_TEST(random_networks_have_the_penalties_of_plain_sets)
{
	uint32_t numbers[ASES];
	const struct as_list everybody = { numbers, ASES };
	const char *clients = "location,weight\n";
	const char *destinations;
	struct plain p;

	state = (uint64_t)_i;
	for (unsigned i = 0; i < ASES; i++) {
		numbers[i] = i + 1;
		clients = arena_printf(arena, "%s%u,1\n", clients, i + 1);
	}
	plain_draw(&p, &destinations);
	struct penalty_wish w = {
		.relations = text_file(draw_relations()),
		.relays = text_file(small_consensus(p.relays, p.n_relays, NULL)),
		.clients = text_file(clients),
		.prefixes = text_file(prefixes_of(ASES)),
		.destinations = text_file(destinations),
		.samples = SAMPLES,
		.threads = 1 + below(5),
	};
	p.r = relations_read(w.relations, &everybody, false, arena, &diags);
	ck_assert_ptr_nonnull(p.r);
	p.t = routes_new(p.r);
	plain_samples(&p);
	compare(&p, penalty_compute(&w, NULL, arena, &diags), 0);
	const uint64_t suspects = (UINT64_C(1) << (1 + below(ASES))) | (UINT64_C(1) << (1 + below(ASES)));
	w.destinations = NULL;
	const char *list = "";
	for (unsigned i = 1; i <= ASES; i++)
		if (suspects >> i & 1)
			list = arena_printf(arena, "%s%u\n", list, i);
	w.suspects = text_file(list);
	compare(&p, penalty_compute(&w, NULL, arena, &diags), suspects);
	routes_free(p.t);
}
END_TEST

/* ---- what must end --------------------------------------------------------------------------------------------- */
START_TEST(a_cycle_of_providers_ends)
{
	struct penalty_wish w = wish_of();

	w.relations = text_file("1|3|-1\n3|5|-1\n5|1|-1\n4|1|-1\n");
	w.suspects = text_file("1\n5\n");
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);
	ck_assert_ptr_nonnull(p);
	/* 3, 1, 4 and back; 3, 5 and back by customers 5, 1, 3. */
	ck_assert_uint_eq(values_at(&p->values, 0, 0), 1);
	ck_assert_uint_eq(values_at(&p->values, 0, 1), 2);
}
END_TEST

START_TEST(an_as_alone_has_ends_only)
{
	struct penalty_wish w = wish_of();

	w.relations = text_file("1|5|-1\n");
	w.suspects = text_file("1\n3\n5\n");
	const struct penalties *p = penalty_compute(&w, NULL, arena, &diags);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(values_at(&p->values, 0, 0), 1);
	ck_assert_uint_eq(values_at(&p->values, 0, 1), 2);
	ck_assert_uint_eq(p->pairs_without_route, 2);
	ck_assert_uint_eq(diags.n_warnings, 1);
}
END_TEST

START_TEST(random_lines_end_and_no_route_is_longer_than_there_are_ases)
{
	enum { LINES = 100000, NUMBERS = 20000 };
	auto_text struct text t = { 0 };

	state = 7;
	for (unsigned i = 0; i < LINES; i++) {
		const unsigned x = 1 + below(NUMBERS);
		const unsigned y = 1 + below(NUMBERS);
		text_printf(&t, "%u|%u|%d\n", x, y, below(5) ? -1 : 0);
	}
	const struct relations *r = relations_read(text_file(text_get(&t)), NULL, true, arena, &diags);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_gt(r->n_pairs, LINES - 100);
	struct routes *routes = routes_new(r);
	uint32_t *path = arena_array(arena, uint32_t, r->ases.n);
	size_t n_routes = 0;
	for (unsigned i = 0; i < 50; i++) {
		const uint32_t to = below((unsigned)r->ases.n);
		routes_towards(routes, to);
		for (uint32_t from = 0; from < r->ases.n; from++) {
			const size_t n = routes_path(routes, from, path);
			ck_assert_uint_le(n, r->ases.n);
			if (n == 0)
				continue;
			n_routes++;
			ck_assert_uint_eq(path[0], from);
			ck_assert_uint_eq(path[n - 1], to);
		}
	}
	ck_assert_uint_gt(n_routes, 50 * r->ases.n / 2);
	routes_free(routes);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, destinations_of_the_specification);
	tcase_add_test(tc, suspects_of_the_specification);
	tcase_add_loop_test(tc, random_networks_have_the_penalties_of_plain_sets, 0, 60);
	tcase_add_test(tc, a_cycle_of_providers_ends);
	tcase_add_test(tc, an_as_alone_has_ends_only);
	tcase_add_test(tc, random_lines_end_and_no_route_is_longer_than_there_are_ases);
}
