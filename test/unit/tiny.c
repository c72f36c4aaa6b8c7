/* SPDX-License-Identifier: MIT */
/* A problem that can be computed by hand, solved by hand. */
#include "base/base.h"

#include "base/arena.h"
#include "tiny.h"

static void init_relays(struct tiny *t)
{
	static const enum relay_class classes[TINY_RELAYS] = {
		CLASS_GUARD, CLASS_GUARD, CLASS_GUARD, CLASS_GUARD_EXIT, CLASS_EXIT, CLASS_MIDDLE,
	};
	static const char *const names[TINY_RELAYS] = { "r0", "r1", "r2", "both", "exit", "neither" };
	static const uint64_t weights[TINY_RELAYS] = { 50, 30, 20, 7, 9, 11 };
	static const uint64_t vuln[TINY_RELAYS] = { 3, 1, 2 };

	for (uint32_t i = 0; i < TINY_RELAYS; i++) {
		t->relays[i] = (struct relay){
			.name = names[i], .is_weighted = true, .guard_fraction = -1, .class = classes[i], .weight = weights[i],
		};
		t->columns[i] = i < TINY_GROUPS ? i : NO_COLUMN;
		t->vuln[i] = vuln[i];
	}
	t->relays[0].has_id = true;
	memset(t->relays[0].id, 0xab, sizeof(t->relays[0].id));
}

static void init_answer(struct tiny *t)
{
	static const struct transport_part parts[] = { { 0, 440000 }, { 0, 560000 }, { 1, 240000 } };

	memcpy(t->parts, parts, sizeof(parts));
	t->prices[0] = 20;
	t->full[0] = 1 << 1;
	t->part_from[1] = 1;
	t->part_from[2] = 3;
	t->row_tree[0] = t->row_tree[1] = 0;
	t->group_tree[0] = 1;
	t->group_tree[1] = TREE_ROOT;
	t->group_tree[2] = TREE_NONE;
	t->answer = (struct transport_answer){
		.value = 24400000, .price = t->prices, .full_words = 1, .full = t->full, .part_from = t->part_from, .part = t->parts,
		.tree = { t->row_tree, t->group_tree },
	};
}

void tiny_init(struct tiny *t)
{
	static const uint16_t penalties[] = { 10, 20, 40, 10, 30, 40 };

	*t = (struct tiny){ .in = {
		.unit = 10000, .theta = 1500,
		.weights = { .wgg = 8000, .wmg = 2000, .wme = 1000, .wmd = 3000, .wee = 9000, .wed = 10000 },
		.relays = t->relays, .n_relays = TINY_RELAYS, .column = t->columns, .locations = t->locations,
		.n_locations = TINY_ROWS, .is_whole = true, .scale = { .n = 1 },
		.values = { .rows = TINY_ROWS, .columns = TINY_GROUPS, .p16 = t->penalties },
	} };
	memcpy(t->penalties, penalties, sizeof(penalties));
	t->locations[0] = (struct location){ .name = "AS3320", .weight = { 1, 1, true }, .row = 0 };
	t->locations[1] = (struct location){ .name = "home", .weight = { 1, 1, true }, .row = 1 };
	init_relays(t);
	init_answer(t);
}

void tiny_vanilla(struct tiny *t)
{
	static const struct transport_part parts[] = { { 0, 400000 }, { 1, 240000 }, { 2, 160000 } };

	t->full[0] = t->full[1] = 0;
	t->part_from[1] = 3;
	t->part_from[2] = 6;
	for (size_t l = 0; l < TINY_ROWS; l++)
		memcpy(t->parts + 3 * l, parts, sizeof(parts));
}

const struct result *tiny_result(struct tiny *t, enum objective objective, struct arena *a)
{
	static const int64_t load[] = { 300000, 300000, 200000 };
	const struct problem_wish wish = { .objective = objective, .threads = 1 };
	struct diags d;

	diags_init(&d, a);
	const struct problem *p = problem_new(&t->in, &wish, a, &d);

	return result_new(p, objective == OBJECTIVE_MAX_ONLY ? NULL : &t->answer, load, 900000, a);
}
