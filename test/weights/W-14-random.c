/* SPDX-License-Identifier: MIT */
/* W-14 on what problem files cannot say: relays of every class, both positions, costs and vulnerable paths, weights that are
 * no whole numbers or too large. What is solved is proved, merged or not, by code that shares nothing with it. */
#include "base/base.h"

#include "../unit/result_text.h"
#include "../unit/unit.h"
#include "base/arena.h"
#include "solved.h"
#include "weights/certify.h"

enum { RELAYS = 9, LOCATIONS = 6, ROUNDS = 3000 };

struct random_inputs {
	struct inputs in;
	struct relay relays[RELAYS];
	struct location locations[LOCATIONS];
	uint32_t columns[RELAYS];
	uint16_t penalties[LOCATIONS * RELAYS];
	uint64_t costs[RELAYS], vuln[RELAYS];
};

static uint64_t state;

static uint64_t below(uint64_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (state >> 33) % n;
}

static void make_relays(struct random_inputs *x, size_t n)
{
	static const char *const names[RELAYS] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };
	const uint64_t most = below(3) ? 4 : 1000000;

	for (uint32_t i = 0; i < n; i++) {
		x->relays[i] = (struct relay){
			.name = names[i], .has_id = below(2), .is_weighted = below(12) > 0, .guard_fraction = -1,
			.class = below(3) ? CLASS_GUARD : (enum relay_class)below(RELAY_CLASSES),
		};
		memset(x->relays[i].id, (int)i, sizeof(x->relays[i].id));
		x->relays[i].weight = x->relays[i].is_weighted ? below(most) : 0;
		x->columns[i] = i;
		x->costs[i] = 1 + below(3);
		x->vuln[i] = below(4);
	}
}

/* One kind of weights for all. */
static void make_locations(struct random_inputs *x, size_t m)
{
	static const char *const names[LOCATIONS] = { "1", "AS2", "x", "3,AS4", "y", "z" };
	const unsigned kind = (unsigned)below(3);

	for (uint32_t l = 0; l < m; l++) {
		struct amount w = { .whole = 1 + below(5), .is_whole = true };

		if (kind == 1)
			w.whole = (1 + below(1 << 30)) << 32;
		w.real = (double)w.whole;
		if (kind == 2)
			w = (struct amount){ .real = (1 + (double)below(1000)) / 7 };
		x->locations[l] = (struct location){ .name = names[l], .weight = w, .row = (uint32_t)below(m) };
	}
	x->in.is_whole = kind != 2;
}

static void make_weights(struct random_inputs *x)
{
	static const unsigned units[] = { 10000, 10000, 7, 1 };
	const unsigned unit = units[below(ARRAY_LEN(units))];
	struct bandwidth_weights *w = &x->in.weights;

	x->in.unit = unit;
	w->wgg = (int64_t)below(unit + 1);
	w->wmg = unit - w->wgg;
	w->wgd = below(2) ? (int64_t)below(unit + 1) : 0;
	w->wed = (int64_t)below((uint64_t)(unit - w->wgd) + 1);
	w->wmd = unit - w->wgd - w->wed;
	w->wee = (int64_t)below(unit + 1);
	w->wme = unit - w->wee;
}

static void make_inputs(struct random_inputs *x)
{
	static const unsigned thetas[] = { 500, 999, 1000, 1500, 2000, 5000, 20000 };
	const size_t m = 1 + below(LOCATIONS), n = 1 + below(RELAYS);
	const uint64_t levels = below(2) ? 3 : 60000;

	*x = (struct random_inputs){ .in = {
		.position = below(4) ? POSITION_GUARD : POSITION_EXIT, .guards_only = below(4) == 0,
		.theta = thetas[below(ARRAY_LEN(thetas))], .relays = x->relays, .n_relays = n, .column = x->columns,
		.relcost = below(3) ? NULL : x->costs, .vuln = below(2) ? NULL : x->vuln, .locations = x->locations, .n_locations = m,
		.values = { .rows = m, .columns = n, .p16 = x->penalties }, .scale = { .n = 4096 },
	} };
	make_weights(x);
	make_relays(x, n);
	make_locations(x, m);
	for (size_t k = 0; k < m * n; k++)
		x->penalties[k] = (uint16_t)below(levels);
}

/* False: there is no solution. */
static bool is_proved(const struct inputs *in, const struct problem_wish *wish)
{
	struct certificate c;
	struct solved s;

	solved_inputs(&s, in, wish);
	if (s.p) {
		auto_free char *text = result_text(solved_result(&s));
		const struct result *r = result_of_text(text, strlen(text), s.arena, &s.diags);

		ck_assert_msg(r != NULL, "%s in\n%s", s.diags.n ? s.diags.list[0]->text : "", text);
		ck_assert_int_eq(certify(r, in, NULL, s.arena, &c), 0);
		ck_assert_msg(c.n_broken == 0, "%s: %s in\n%s", condition_names[c.broken[0].condition], c.broken[0].where, text);
		ck_assert(c.has_bound == (wish->objective != OBJECTIVE_MAX_ONLY) && c.gap == 0);
	}
	const bool is_there = s.p != NULL;

	solved_release(&s);
	return is_there;
}

START_TEST(what_is_solved_is_proved)
{
	unsigned proved = 0;

	state = (uint64_t)_i + 1;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct random_inputs x;
		struct problem_wish wish = { .objective = (enum objective)_i, .no_merge = round % 3 == 0, .threads = 1 };

		make_inputs(&x);
		proved += is_proved(&x.in, &wish);
	}
	ck_assert_uint_gt(proved, ROUNDS / 4);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, what_is_solved_is_proved, OBJECTIVE_TOTAL, OBJECTIVE_MAX_ONLY + 1);
}
