/* SPDX-License-Identifier: MIT */
/* W-14: nlbc with its solver replaced by vanilla. What comes out is allowed, and no optimum: the certificate says by how much. */
#include "base/base.h"

#include "../unit/unit.h"
#include "solved.h"
#include "weights/certify.h"
#include "weights/transport.h"

/* In the solver's place: every row as Tor has it, prices of 0, and the claim that this is the least. */
int transport_solve(const struct transport *t, const struct transport_wish *w, struct transport_answer *out)
{
	int64_t all = 0;

	(void)w;
	for (size_t i = 0; i < t->n; i++)
		all += t->bound[i];
	*out = (struct transport_answer){
		.price = calloc(t->n, sizeof(*out->price)), .full_words = 0, .part_from = calloc(t->m + 1, sizeof(*out->part_from)),
		.part = calloc(t->m * t->n, sizeof(*out->part)),
		.tree = { calloc(t->m, sizeof(int32_t)), calloc(t->n, sizeof(int32_t)) },
	};
	for (size_t l = 0; l < t->m; l++) {
		for (uint32_t i = 0; i < t->n; i++) {
			/* Caps are theta times vanilla: shares are in the ratio of the caps. */
			const int64_t amount = t->weight[l] * (int64_t)((wide)t->supply * t->bound[i] / all);

			if (amount > 0)
				out->part[out->part_from[l + 1]++] = (struct transport_part){ i, amount };
			out->value += (wide)amount * values_at(&t->penalty, l, i);
		}
		if (l + 1 < t->m)
			out->part_from[l + 2] = out->part_from[l + 1];
	}
	return 0;
}

void transport_release(struct transport_answer *a)
{
	free(a->price);
	free(a->part_from);
	free(a->part);
	free(a->tree.row);
	free(a->tree.column);
}

uint64_t transport_memory(size_t m, size_t n, uint32_t largest_penalty, unsigned threads)
{
	return m * n + largest_penalty + threads;
}

START_TEST(vanilla_in_the_solvers_place_fails)
{
	/* No cap reaches S here, so that caps are theta times the shares, in every digit. */
	static const struct made_wish wishes[] = { { .kind = MADE_TIERS, .m = 20, .n = 100 }, { .kind = MADE_STEPS, .m = 250, .n = 400 } };
	const struct problem_wish wish = { .no_merge = true, .threads = 1 };
	struct certificate c;
	struct solved s;

	solved_made(&s, &wishes[_i], &wish);
	const struct result *r = solved_result(&s);
	ck_assert_int_eq(certify(r, s.in, NULL, s.arena, &c), 0);
	ck_assert(c.has_bound && c.gap > 0);
	ck_assert(!c.is_feasible);
	for (size_t i = 0; i < c.n_broken; i++)
		ck_assert_msg(c.broken[i].condition == CONDITION_VALUE && strcmp(c.broken[i].where, "bound") == 0, "%s: %s",
			      condition_names[c.broken[i].condition], c.broken[i].where);
	ck_assert(c.value == r->value && c.bound < c.value);
	solved_release(&s);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, vanilla_in_the_solvers_place_fails, 0, 2);
}
