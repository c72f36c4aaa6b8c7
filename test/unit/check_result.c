/* SPDX-License-Identifier: MIT */
/* Results: made of a solved problem, as text, read back, and what the reader says of text that is none. */
#include "base/base.h"

#include "fixture.h"
#include "result_text.h"
#include "tiny.h"
#include "unit.h"
#include "weights/result.h"

#define ID "ABABABABABABABABABABABABABABABABABABABAB"
static const char tiny_text[] =
	"nlbc-weights 1\nobjective total\nposition guard\nunit 10000\ntheta 1500\nscale 1\nsupply 800000\nclients 2\n"
	"value 24400000\nbound 24400000\nmax -\n"
	"group 0 400000 500000 600000 20 1000000\ngroup 1 240000 300000 360000 0 600000\ngroup 2 160000 200000 240000 0 0\n"
	"relay " ID " r0 G 0 50 400000 0\nrelay - r1 G 1 30 240000 0\nrelay - r2 G 2 20 160000 400000\n"
	"relay - both D - 7 0 42000\nrelay - exit E - 9 0 18000\nrelay - neither M - 11 0 220000\n"
	"location AS3320 1 0\nlocation home 1 1\n"
	"row 0 1 11600000 15200000 full 1 part 0=440000\nrow 1 1 12800000 17600000 full - part 0=560000,1=240000\n"
	"tree r0 g0\ntree r1 g0\ntree g0 r1\ntree g1 root\nend 28\n";

static struct tiny tiny;

static const struct result *read_text(const char *text)
{
	return result_of_text(text, strlen(text), arena, &diags);
}

static void begin(void)
{
	setup();
	tiny_init(&tiny);
}

START_TEST(the_smallest_problem_is_written_as_the_specification_says)
{
	auto_free char *text = result_text(tiny_result(&tiny, OBJECTIVE_TOTAL, arena));

	ck_assert_str_eq(text, tiny_text);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
	const struct result *r = read_text(tiny_text);

	ck_assert_ptr_nonnull(r);
	auto_free char *text = result_text(r);
	ck_assert_str_eq(text, tiny_text);
}
END_TEST

START_TEST(lines_may_end_with_cr_and_comments_stand_between)
{
	static const char cr[] = "nlbc-weights 1\r\n# note\n\nobjective max-only\nposition exit\nunit 1\ntheta 1\nscale 0.010\nsupply 5\n"
				 "clients 1\nvalue 0\nbound -\nmax 7\ngroup 0 5 5 5 0 5\nrelay - a E 0 5 5 -\nlocation x 1 0\n"
				 "row 0 1 0 0 full 0 part -\nend 15";
	const struct result *r = read_text(cr);

	ck_assert_ptr_nonnull(r);
	ck_assert(!r->has_bound && r->has_max && !r->has_middle);
	ck_assert_uint_eq(r->scale.n, 10);
	ck_assert_int_eq(r->scale.tens, -3);
	ck_assert_ptr_null(r->tree.row);
	auto_free char *text = result_text(r);
	ck_assert_ptr_nonnull(strstr(text, "\nscale 0.010\n"));
}
END_TEST

START_TEST(a_scale_may_be_a_power_of_ten)
{
	auto_free char *before = strdup(tiny_text);
	struct result r = *read_text(before);

	r.scale = (struct penalty_scale){ 1, 18 };
	auto_free char *text = result_text(&r);
	ck_assert_ptr_nonnull(strstr(text, "\nscale 1000000000000000000\n"));
	const struct result *again = read_text(text);
	ck_assert_ptr_nonnull(again);
	ck_assert_double_eq(penalty_scale_value(&again->scale), 1e18);
}
END_TEST

START_TEST(groups_at_their_cap_are_runs)
{
	tiny.full[0] = 7;
	tiny.part_from[1] = tiny.part_from[2] = 0;
	auto_free char *text = result_text(tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_ptr_nonnull(strstr(text, " full 0-2 part -\n"));
	const struct result *r = read_text(text);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->rows[0].n_full, 1);
	ck_assert_uint_eq(r->full[0].last, 2);
}
END_TEST

START_TEST(max_only_gives_every_row_the_loads)
{
	tiny.in.vuln = tiny.vuln;
	auto_free char *text = result_text(tiny_result(&tiny, OBJECTIVE_MAX_ONLY, arena));

	ck_assert_ptr_nonnull(strstr(text, "\nbound -\nmax 900000\n"));
	ck_assert_ptr_nonnull(strstr(text, "\ngroup 0 400000 500000 600000 0 600000\n"));
	ck_assert_ptr_nonnull(strstr(text, " full - part 0=300000,1=300000,2=200000\n"));
	ck_assert_ptr_null(strstr(text, "tree"));
}
END_TEST

START_TEST(the_load_of_merged_relays_is_rounded_against_the_middle)
{
	tiny.penalties[1] = tiny.penalties[2] = 30;
	tiny.penalties[4] = tiny.penalties[5] = 30;
	tiny.in.theta = 5000;
	tiny.answer.full[0] = 0;
	tiny.parts[1].column = 1;
	tiny.parts[1].amount = 1;
	tiny.part_from[1] = 2;
	tiny.part_from[2] = 2;
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	/* Group 1 is r1 and r2 with shares 3 : 2 and load 1: 3/5 and 2/5 of a unit, both taken whole from the middle. */
	ck_assert_uint_eq(r->n_groups, 2);
	ck_assert_int_eq((int64_t)r->relays[1].middle, 2 * 300000 - 1);
	ck_assert_int_eq((int64_t)r->relays[2].middle, 2 * 200000 - 1);
}
END_TEST

/* ---- what is no result ----------------------------------------------------------------------------------------- */
static const struct {
	const char *from, *to;           /* of tiny_text: the first is replaced; NULL: cut off there */
	unsigned line;
	const char *text, *hint;
} wrong[] = {
	{ "nlbc-weights 1", "hello", 1, "this is not a result of 'solve'", NULL },
	{ "nlbc-weights 1", "nlbc-weights 2", 1, "'2', '1' expected", NULL },
	{ "objective total", "objective totl", 2, "unknown word 'totl'", "did you mean 'total'?" },
	{ "supply 800000\n", "", 7, "'clients', 'supply' expected", NULL },
	{ "theta 1500", "theta 1000001", 5, "'1000001' is out of range", "1 to 1000000" },
	{ "theta 1500", "theta x", 5, "'x' is not a number", NULL },
	{ "theta 1500", "theta", 5, "line ends early, or has two blanks in a row", NULL },
	{ "theta 1500", "theta  1500", 5, "line ends early, or has two blanks in a row", NULL },
	{ "theta 1500", "theta 1500 0", 5, "line goes on where it should end", NULL },
	{ "scale 1", "scale 0", 6, "'0' is not a scale", NULL },
	{ "scale 1", "scale 1.x", 6, "'1.x' is not a scale", NULL },
	{ "scale 1", "scale 01", 6, "'01' is not a scale", NULL },
	{ "scale 1", "scale 1.", 6, "'1.' is not a scale", NULL },
	{ "theta 1500", "theta 01500", 5, "'01500' has a zero in front", "numbers of a result have one spelling" },
	{ "bound 24400000", "bound -024400000", 10, "'-024400000' has a zero in front", "numbers of a result have one spelling" },
	{ "group 0 400000", "group 00 400000", 12, "'00' has a zero in front", "numbers of a result have one spelling" },
	{ "r0 G 0", "r0 G 00", 15, "'00' has a zero in front", "numbers of a result have one spelling" },
	{ "full 1 part", "full 01 part", 23, "'01' has a zero in front", "numbers of a result have one spelling" },
	{ "part 0=440000", "part 0=-0", 23, "'-0' has a zero in front", "numbers of a result have one spelling" },
	{ "tree r0 g0", "tree r00 g0", 25, "'00' has a zero in front", "numbers of a result have one spelling" },
	{ "end 28", "end 028", 29, "'028' has a zero in front", "numbers of a result have one spelling" },
	{ "clients 2", "clients 5764607523035", 8, "'5764607523035' is out of range", "1 to 5764607523034" },
	{ "bound 24400000", "bound -", 10, "'-' is not a number", NULL },
	{ "max -", "max 1", 11, "'1', '-' expected", NULL },
	{ "group 0 400000", "group 0 -1", 12, "'-1' is out of range", "0 to 1600000" },
	{ ID, "abc", 15, "'abc' is not a fingerprint", NULL },
	{ "r0 G 0", "r0 X 0", 15, "class 'X' is not G, D, E or M", NULL },
	{ "r0 G 0", "r0 G 3", 15, "'3' is out of range", "0 to 2" },
	{ "AS3320 1 0", "AS3320 0 0", 21, "'0' is out of range", "1 to 5764607523034" },
	{ "home 1 1", "home 1 2", 22, "location is in row 2, there are 2", NULL },
	{ "full 1 part", "full 3 part", 23, "'3' is out of range", "0 to 2" },
	{ "full 1 part", "full 1-0 part", 23, "groups of a row are not in order at '0'", NULL },
	{ "full 1 part", "full 1,1 part", 23, "groups of a row are not in order at '1'", NULL },
	{ "full 1 part", "full 1, part", 23, "'' is not a number", NULL },
	{ "full 1 part", "part", 23, "'part', 'full' expected", NULL },
	{ "part 0=440000", "part 0", 23, "'' is not a number", NULL },
	{ "0=560000,1=240000", "1=240000,0=560000", 24, "groups of a row are not in order at '0'", NULL },
	{ "tree r0 g0", "tree x0 g0", 25, "'x0' is not a node gN", NULL },
	{ "tree r0 g0", "tree r2 g0", 25, "'2' is out of range", "0 to 1" },
	{ "tree g1 root", "tree g1 g0", 28, "'g0' is not a node rN", NULL },
	{ "end 28", "end 27", 29, "result has 28 lines before this one", NULL },
	{ "end 28\n", "end 28\nend 29\n", 30, "text behind the line 'end'", NULL },
	{ "end 28", NULL, 28, "result is cut off", NULL },
	{ "group 0", NULL, 11, "result is cut off", NULL },
	{ "group 0 4", "relay - x M - 1 0 0\ngroup 0 4", 12, "'relay', 'group' expected", NULL },
};

START_TEST(what_is_no_result_is_told_with_its_line)
{
	const char *at = strstr(tiny_text, wrong[_i].from);
	auto_text struct text t = { 0 };

	text_add(&t, tiny_text, (size_t)(at - tiny_text));
	if (wrong[_i].to) {
		text_puts(&t, wrong[_i].to);
		text_puts(&t, at + strlen(wrong[_i].from));
	}
	ck_assert_ptr_null(read_text(text_get(&t)));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, wrong[_i].text);
	ck_assert_str_eq(diags.list[0]->code, "input");
	ck_assert_uint_eq(diags.list[0]->place.line, wrong[_i].line);
	if (wrong[_i].hint)
		ck_assert_str_eq(diags.list[0]->hint, wrong[_i].hint);
	else
		ck_assert_ptr_null(diags.list[0]->hint);
}
END_TEST

/* ---- warm ------------------------------------------------------------------------------------------------------ */
static void warm(const char *text, struct transport_tree *tree)
{
	const struct problem_wish wish = { .threads = 1 };

	result_warm_tree(read_text(text), problem_new(&tiny.in, &wish, arena, &diags), arena, tree);
}

START_TEST(the_tree_of_the_same_problem_is_the_same)
{
	struct transport_tree tree;

	warm(tiny_text, &tree);
	ck_assert_mem_eq(tree.row, tiny.row_tree, sizeof(tiny.row_tree));
	ck_assert_mem_eq(tree.column, tiny.group_tree, sizeof(tiny.group_tree));
}
END_TEST

START_TEST(locations_and_relays_are_found_again_by_name)
{
	struct transport_tree tree;

	tiny.locations[0].name = "home";
	tiny.locations[1].name = "3320";
	tiny.relays[2].name = "r1";
	tiny.relays[1].name = "r9";
	warm(tiny_text, &tree);
	/* g1 of old is g2 now, r1 of old r0; g1 is new. */
	ck_assert_int_eq(tree.row[0], 0);
	ck_assert_int_eq(tree.row[1], 0);
	ck_assert_int_eq(tree.column[0], 0);
	ck_assert_int_eq(tree.column[1], TREE_NONE);
	ck_assert_int_eq(tree.column[2], TREE_ROOT);
}
END_TEST

START_TEST(nothing_in_common_gives_no_tree)
{
	struct transport_tree tree;

	for (size_t i = 0; i < TINY_RELAYS; i++)
		tiny.relays[i] = (struct relay){ .name = "new", .is_weighted = true, .class = CLASS_GUARD, .weight = 5 + i };
	tiny.locations[0].name = tiny.locations[1].name = "new";
	for (size_t i = 0; i < TINY_RELAYS; i++)
		tiny.columns[i] = 0;
	warm(tiny_text, &tree);
	ck_assert_int_eq(tree.row[0], TREE_NONE);
	ck_assert_int_eq(tree.column[0], TREE_NONE);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, the_smallest_problem_is_written_as_the_specification_says);
	tcase_add_test(tc, what_is_written_is_read_back);
	tcase_add_test(tc, lines_may_end_with_cr_and_comments_stand_between);
	tcase_add_test(tc, a_scale_may_be_a_power_of_ten);
	tcase_add_test(tc, groups_at_their_cap_are_runs);
	tcase_add_test(tc, max_only_gives_every_row_the_loads);
	tcase_add_test(tc, the_load_of_merged_relays_is_rounded_against_the_middle);
	tcase_add_loop_test(tc, what_is_no_result_is_told_with_its_line, 0, ARRAY_LEN(wrong));
	tcase_add_test(tc, the_tree_of_the_same_problem_is_the_same);
	tcase_add_test(tc, locations_and_relays_are_found_again_by_name);
	tcase_add_test(tc, nothing_in_common_gives_no_tree);
}
