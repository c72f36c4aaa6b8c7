/* SPDX-License-Identifier: MIT */
/* Files of AS relationships, and routes: against a slow machine that lets every AS hear its neighbours until nothing changes,
 * on small graphs of all shapes. */
#include "base/base.h"

#include "fixture.h"
#include "unit.h"
#include "weights/lines.h"
#include "weights/relations.h"
#include "weights/routes.h"

static const struct relations *read_text(const char *text)
{
	return relations_read(text_file(text), NULL, false, arena, &diags);
}

/* "3 1 2 4": AS numbers. */
static const char *route_of(const char *text, uint32_t from, uint32_t to)
{
	const struct relations *r = read_text(text);
	const char *all = "";

	ck_assert_ptr_nonnull(r);
	uint32_t *path = arena_array(arena, uint32_t, r->ases.n);
	struct routes *t = routes_new(r);
	routes_towards(t, (uint32_t)as_list_find(&r->ases, to));
	const size_t n = routes_path(t, (uint32_t)as_list_find(&r->ases, from), path);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(arena, "%s%s%u", all, i ? " " : "", r->ases.list[path[i]]);
	routes_free(t);
	return all;
}

static const struct {
	const char *relations;
	uint32_t from, to;
	const char *route;
} routes[] = {
	{ "1|2|0\n1|3|-1\n2|4|-1\n", 3, 4, "3 1 2 4" },
	{ "1|2|0\n1|3|-1\n2|4|-1\n", 3, 3, "3" },
	/* A customer before a shorter peer, a peer before a shorter provider. */
	{ "1|2|-1\n2|3|-1\n1|3|0\n", 1, 3, "1 2 3" },
	{ "1|2|0\n2|3|-1\n3|4|-1\n5|1|-1\n5|4|-1\n", 1, 4, "1 2 3 4" },
	/* The shorter, then the lower. */
	{ "9|2|-1\n2|4|-1\n9|8|-1\n8|7|-1\n7|4|-1\n", 9, 4, "9 2 4" },
	{ "9|3|-1\n9|2|-1\n3|4|-1\n2|4|-1\n", 9, 4, "9 2 4" },
	{ "9|3|0\n9|2|0\n3|4|-1\n2|4|-1\n", 9, 4, "9 2 4" },
	{ "3|9|-1\n2|9|-1\n3|4|-1\n2|4|-1\n", 9, 4, "9 2 4" },
	/* Peers do not carry each other's traffic to peers or providers. */
	{ "1|2|0\n2|3|0\n", 1, 3, "" },
	{ "1|2|0\n3|2|-1\n", 1, 3, "" },
	{ "1|2|-1\n1|3|-1\n", 2, 3, "2 1 3" },
	{ "2|1|-1\n2|3|0\n3|4|0\n", 1, 4, "" },
	/* Cycles of providers, two that provide for each other. */
	{ "1|2|-1\n2|3|-1\n3|1|-1\n3|4|-1\n", 1, 4, "1 2 3 4" },
	{ "1|2|-1\n2|1|-1\n3|1|-1\n2|4|-1\n", 3, 4, "3 1 2 4" },
	{ "1|2|-1|bgp\n# x\nAS1|AS3|-1|mlp\n", 2, 3, "2 1 3" },
};

START_TEST(a_route_follows_the_export_rules)
{
	ck_assert_str_eq(route_of(routes[_i].relations, routes[_i].from, routes[_i].to), routes[_i].route);
}
END_TEST

/* ---- against a slow machine ------------------------------------------------------------------------------------ */
enum { MOST = 9 };
enum { NOBODY, CUSTOMER, PEER, PROVIDER, BOTH };  /* what y is to x; the best first; BOTH: customer and provider */
struct slow {
	size_t n;
	int is[MOST][MOST];
	int kind[MOST];                          /* of each AS's route: NOBODY: none */
	size_t length[MOST];                     /* ASes on it */
	size_t path[MOST][MOST];
};

static uint64_t state;
static unsigned below(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

/* From whom x has the route that y offers: NOBODY: it does not. Who is both tells as a customer what goes everywhere. */
static int offer(const struct slow *s, size_t x, size_t y, size_t to)
{
	const bool is_everywhere = y == to || s->kind[y] == CUSTOMER;
	const int is = s->is[x][y] == BOTH ? is_everywhere ? CUSTOMER : PROVIDER : s->is[x][y];

	if (s->kind[y] == NOBODY || (!is_everywhere && is != PROVIDER))
		return NOBODY;
	for (size_t i = 0; i < s->length[y]; i++)
		if (s->path[y][i] == x)
			return NOBODY;
	return is;
}

/* x looks at what its neighbours say now; whether it changes its mind. */
static bool listen(struct slow *s, size_t x, size_t to)
{
	size_t best = x;
	int kind = NOBODY;

	for (size_t y = 0; y < s->n; y++) {
		const int is = offer(s, x, y, to);
		if (is == NOBODY || (kind != NOBODY && (is > kind || (is == kind && s->length[y] >= s->length[best]))))
			continue;
		best = y;
		kind = is;
	}
	const size_t length = best == x ? 0 : s->length[best] + 1;
	size_t path[MOST] = { x };
	if (best != x)
		memcpy(path + 1, s->path[best], s->length[best] * sizeof(*path));
	if (s->kind[x] == kind && s->length[x] == length && memcmp(s->path[x], path, length * sizeof(*path)) == 0)
		return false;
	s->kind[x] = kind;
	s->length[x] = length;
	memcpy(s->path[x], path, sizeof(path));
	return true;
}

static void settle(struct slow *s, size_t to)
{
	bool is_changed = true;

	memset(s->kind, 0, sizeof(s->kind));
	memset(s->length, 0, sizeof(s->length));
	s->kind[to] = CUSTOMER;
	s->length[to] = 1;
	s->path[to][0] = to;
	for (unsigned round = 0; is_changed; round++) {
		ck_assert_uint_lt(round, 1000);
		is_changed = false;
		for (size_t x = 0; x < s->n; x++)
			is_changed |= x != to && listen(s, x, to);
	}
}

/* Some pairs are related; two may provide for each other. */
static const char *draw(struct slow *s)
{
	const char *text = "";

	*s = (struct slow){ .n = 2 + below(MOST - 1) };
	const unsigned density = 1 + below(9);
	for (size_t x = 0; x < s->n; x++) {
		for (size_t y = 0; y < x; y++) {
			if (below(10) >= density)
				continue;
			const unsigned kind = below(10);
			if (kind < 3) {
				text = arena_printf(arena, "%s%zu|%zu|0\n", text, x + 1, y + 1);
				s->is[x][y] = s->is[y][x] = PEER;
				continue;
			}
			if (kind != 3)
				text = arena_printf(arena, "%s%zu|%zu|-1\n", text, x + 1, y + 1);
			if (kind == 3 || kind == 4)
				text = arena_printf(arena, "%s%zu|%zu|-1\n", text, y + 1, x + 1);
			s->is[x][y] = kind == 3 ? PROVIDER : kind == 4 ? BOTH : CUSTOMER;
			s->is[y][x] = kind == 3 ? CUSTOMER : kind == 4 ? BOTH : PROVIDER;
		}
	}
	return text;
}

static void compare_route(const struct slow *s, const struct routes *t, size_t from, size_t to, const char *text)
{
	uint32_t path[MOST];
	const size_t n = routes_path(t, (uint32_t)from, path);

	ck_assert_msg(n == s->length[from], "%zu ASes instead of %zu from %zu to %zu in\n%s", n, s->length[from], from + 1, to + 1, text);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(path[i] == s->path[from][i], "another way from %zu to %zu in\n%s", from + 1, to + 1, text);
}

static void compare_graph(struct slow *s)
{
	const char *text = draw(s);
	uint32_t all[MOST];
	uint32_t wanted[MOST];
	size_t n_wanted = 0;

	for (size_t i = 0; i < s->n; i++) {
		all[i] = (uint32_t)i + 1;
		if (below(3) == 0)
			wanted[n_wanted++] = (uint32_t)i;
	}
	const struct as_list also = { all, s->n };
	const struct relations *r = relations_read(text_file(text), &also, false, arena, &diags);
	ck_assert_ptr_nonnull(r);
	struct routes *t = routes_new(r);
	struct routes *few = routes_new(r);
	routes_want(few, all, 1);
	routes_want(few, wanted, n_wanted);
	for (size_t to = 0; to < s->n; to++) {
		settle(s, to);
		routes_towards(t, (uint32_t)to);
		routes_towards(few, (uint32_t)to);
		for (size_t from = 0; from < s->n; from++)
			compare_route(s, t, from, to, text);
		for (size_t i = 0; i < n_wanted; i++)
			compare_route(s, few, wanted[i], to, text);
	}
	routes_free(t);
	routes_free(few);
}

START_TEST(routes_are_what_neighbours_agree_on)
{
	struct slow s;

	state = (uint64_t)_i;
	for (unsigned i = 0; i < 200; i++)
		compare_graph(&s);
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------------------------- */
START_TEST(relations_have_each_pair_once)
{
	const struct as_list also = { (uint32_t[]){ 3, 90 }, 2 };
	const char *path = text_file("7|3|-1\n7|3|-1\n5|3|0\n3|5|0\n7|5|-1\n5|7|-1\n");
	const struct relations *r = relations_read(path, &also, false, arena, &diags);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->n_pairs, 3);
	ck_assert_uint_eq(r->n_related, 3);
	ck_assert_uint_eq(r->ases.n, 4);
	ck_assert_uint_eq(r->ases.list[3], 90);
	ck_assert_uint_eq(r->peers.from[4], 2);
	ck_assert_uint_eq(r->providers.from[4], 3);
	ck_assert_uint_eq(r->customers.from[4], 3);
}
END_TEST

static const struct {
	const char *relations;
	const char *text;
	unsigned line, column, noted;
} wrongs[] = {
	{ "1|2|1\n", "relation '1' is not -1 or 0", 1, 5, 0 },
	{ "1|2|2\n", "relation '2' is not -1 or 0", 1, 5, 0 },
	{ "1|2|\n", "relation '' is not -1 or 0", 1, 5, 0 },
	{ "0|2|0\n", "'0' is not an AS number", 1, 1, 0 },
	{ "1|4294967296|0\n", "'4294967296' is not an AS number", 1, 3, 0 },
	{ "1|2\n", "line has 2 fields, 3 or 4 expected", 1, 1, 0 },
	{ "1|2|0|a|b\n", "line has 5 fields, 3 or 4 expected", 1, 1, 0 },
	{ "#\n5|AS5|0\n", "AS5 is related to itself", 2, 3, 0 },
	{ "1|2|0\n3|1|0\n2|1|-1\n", "AS1 and AS2 are given twice with different relations", 3, 1, 1 },
};

START_TEST(wrong_relations_are_told_with_their_place)
{
	ck_assert_ptr_null(read_text(wrongs[_i].relations));
	ck_assert_uint_eq(diags.n, 1);
	const struct diag *g = diags.list[0];
	ck_assert_str_eq(g->text, wrongs[_i].text);
	ck_assert_uint_eq(g->place.line, wrongs[_i].line);
	ck_assert_uint_eq(g->place.column, wrongs[_i].column);
	ck_assert_uint_eq(g->note ? g->note_place.line : 0, wrongs[_i].noted);
}
END_TEST

START_TEST(lenient_leaves_wrong_relations_out)
{
	const struct relations *r = relations_read(text_file("1|2|0\n1|2|-1\n1|x|0\n"), NULL, true, arena, &diags);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->n_pairs, 1);
	ck_assert_str_eq(diags.list[0]->text, "2 malformed lines left out");
}
END_TEST

START_TEST(a_compressed_file_says_how_to_read_it)
{
	const char *path = text_file("BZh91AY");

	ck_assert_ptr_null(relations_read(path, NULL, false, arena, &diags));
	ck_assert_str_eq(diags.list[0]->hint, arena_printf(arena, "bzip2 -dc %s | nlbc weights penalty --relations - ...", path));
}
END_TEST

START_TEST(an_empty_file_relates_nobody)
{
	const struct relations *r = read_text("# nothing\n");

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->ases.n, 0);
	routes_free(routes_new(r));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_route_follows_the_export_rules, 0, ARRAY_LEN(routes));
	tcase_add_loop_test(tc, routes_are_what_neighbours_agree_on, 0, 25);
	tcase_add_test(tc, relations_have_each_pair_once);
	tcase_add_loop_test(tc, wrong_relations_are_told_with_their_place, 0, ARRAY_LEN(wrongs));
	tcase_add_test(tc, lenient_leaves_wrong_relations_out);
	tcase_add_test(tc, a_compressed_file_says_how_to_read_it);
	tcase_add_test(tc, an_empty_file_relates_nobody);
}
