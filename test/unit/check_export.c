/* SPDX-License-Identifier: MIT */
/* Results as tables, as Shadow's file and as pictures. */
#include "base/base.h"

#include <errno.h>

#include "fixture.h"
#include "tiny.h"
#include "unit.h"
#include "weights/export.h"

#define ID "ABABABABABABABABABABABABABABABABABABABAB"

static struct tiny tiny;

static void begin(void)
{
	setup();
	tiny_init(&tiny);
}

/* What an export writes, in the arena. */
static char *written(int (*export)(const struct result *r, FILE *f), const struct result *r)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ck_assert_int_eq(export(r, f), 0);
	(void)fclose(f);
	char *copy = arena_copy(arena, text, n);

	free(text);
	return copy;
}

static int shadow_error;
static int shadow(const struct result *r, FILE *f)
{
	shadow_error = export_shadow(r, f, NULL, &diags);
	return 0;
}

static int picture(const struct result *r, FILE *f)
{
	return export_svg(&r, 1, f);
}

/* As if no relay were bad for anybody. */
static const struct result *free_result(void)
{
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	for (size_t l = 0; l < r->n_rows; l++)
		r->rows[l].cost = r->rows[l].vanilla = 0;
	return r;
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */
START_TEST(relays_have_their_load_and_middle)
{
	ck_assert_str_eq(written(export_relays, tiny_result(&tiny, OBJECTIVE_TOTAL, arena)),
			 "fingerprint,nickname,class,group,weight,share,load,wmg,middle\n" ID
			 ",r0,G,0,50,400000,500000.000000,0.000000,0.000000\n"
			 ",r1,G,1,30,240000,300000.000000,0.000000,0.000000\n"
			 ",r2,G,2,20,160000,0.000000,1.000000,200000.000000\n"
			 ",both,D,,7,0,,,21000.000000\n,exit,E,,9,0,,,9000.000000\n,neither,M,,11,0,,,110000.000000\n");
}
END_TEST

START_TEST(locations_have_their_penalty_beside_vanilla)
{
	tiny.in.scale = (struct penalty_scale){ 4096, 0 };
	tiny.locations[1].name = "a,AS2";
	/* 11600000 and 15200000 of 800000 · 4096; |440000 - 400000| + |360000 - 240000| + 160000 = 320000 of 800000. */
	ck_assert_str_eq(written(export_locations, tiny_result(&tiny, OBJECTIVE_TOTAL, arena)),
			 "name,weight,penalty,vanilla,ratio,distance\n"
			 "AS3320,1,0.003540039063,0.004638671875,0.763158,0.400000\n"
			 "\"a,AS2\",1,0.003906250000,0.005371093750,0.727273,0.400000\n");
}
END_TEST

START_TEST(without_penalties_there_is_no_ratio)
{
	const struct result *r = free_result();

	ck_assert_ptr_nonnull(strstr(written(export_locations, r), "AS3320,1,0.000000000000,0.000000000000,,0.4"));
}
END_TEST

START_TEST(the_exit_position_has_no_middle)
{
	tiny.in.position = POSITION_EXIT;
	tiny.relays[1].class = tiny.relays[2].class = tiny.relays[0].class = CLASS_EXIT;
	tiny.relays[3].weight = tiny.relays[4].weight = 0;
	tiny.in.weights.wee = 8000;
	ck_assert_ptr_nonnull(strstr(written(export_relays, tiny_result(&tiny, OBJECTIVE_TOTAL, arena)),
				     ",r1,E,1,30,240000,300000.000000,,\n"));
}
END_TEST

/* ---- Shadow ---------------------------------------------------------------------------------------------------- */
START_TEST(shadow_gets_whole_weights_that_add_up)
{
	/* S is 80 consensus weights. */
	ck_assert_str_eq(written(shadow, tiny_result(&tiny, OBJECTIVE_TOTAL, arena)),
			 "AS3320_r0 r0 44 0 -1\nAS3320_r1 r1 36 0 -1\nAS3320_r2 r2 0 20 -1\n"
			 "home_r0 r0 56 0 -1\nhome_r1 r1 24 0 -1\nhome_r2 r2 0 20 -1\n");
}
END_TEST

START_TEST(what_is_missing_goes_to_the_largest_remainders)
{
	/* 44.2 35.7 0.1, then 55.5 24.5 0: 36 where .7 was; of the two halves the first. */
	static const struct transport_part parts[] = {
		{ 0, 442000 }, { 1, 357000 }, { 2, 1000 }, { 0, 555000 }, { 1, 245000 },
	};

	memcpy(tiny.parts, parts, sizeof(parts));
	tiny.full[0] = 0;
	tiny.part_from[1] = 3;
	tiny.part_from[2] = 5;
	const char *text = written(shadow, tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_int_eq(shadow_error, 0);
	ck_assert_ptr_nonnull(strstr(text, "AS3320_r0 r0 44 "));
	ck_assert_ptr_nonnull(strstr(text, "AS3320_r1 r1 36 "));
	ck_assert_ptr_nonnull(strstr(text, "home_r0 r0 56 "));
	ck_assert_ptr_nonnull(strstr(text, "home_r1 r1 24 "));
}
END_TEST

START_TEST(shadow_gets_exits_behind_their_guards)
{
	tiny.in.position = POSITION_EXIT;
	tiny.relays[1].class = tiny.relays[2].class = tiny.relays[0].class = CLASS_EXIT;
	tiny.relays[3].weight = tiny.relays[4].weight = 0;
	tiny.in.weights.wee = 8000;
	tiny.locations[0].name = "3320,AS5";
	const char *text = written(shadow, tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_int_eq(shadow_error, 0);
	ck_assert_ptr_nonnull(strstr(text, "3320,AS5_r0 r0 -1 -1 44\n"));
}
END_TEST

static void is_refused(const char *text)
{
	(void)written(shadow, tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_int_eq(shadow_error, -EINVAL);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, text);
}

START_TEST(names_that_shadow_cannot_part_are_refused)
{
	tiny.locations[1].name = "at_home";
	is_refused("Shadow's file cannot tell a location 'at_home': it parts names at '_' and blanks");
}
END_TEST

START_TEST(a_nickname_with_a_line_is_refused)
{
	tiny.relays[2].name = "r_2";
	is_refused("Shadow's file cannot tell a relay 'r_2': it parts names at '_' and blanks");
}
END_TEST

START_TEST(a_nickname_given_twice_is_refused)
{
	tiny.relays[2].name = "r0";
	is_refused("nickname 'r0' is not unique among relays that take part");
}
END_TEST

START_TEST(nicknames_of_others_do_not_matter)
{
	tiny.relays[3].name = tiny.relays[4].name = "r0";
	(void)written(shadow, tiny_result(&tiny, OBJECTIVE_TOTAL, arena));
	ck_assert_int_eq(shadow_error, 0);
}
END_TEST

START_TEST(too_many_lines_are_refused)
{
	struct result r = *tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	r.n_locations = 33333334;
	(void)written(shadow, &r);
	ck_assert_int_eq(shadow_error, -EINVAL);
	ck_assert_str_eq(diags.list[0]->text, "Shadow's file would have 100000002 lines, 100000000 at most");
}
END_TEST

START_TEST(weights_that_do_not_add_up_are_refused)
{
	tiny.parts[0].amount = 450001;
	is_refused("the weights of location 'AS3320' do not add up to the supply");
}
END_TEST

/* ---- pictures -------------------------------------------------------------------------------------------------- */
START_TEST(a_picture_has_all_that_it_needs)
{
	struct result r = *tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	r.file = "a<b>&\"c\".res";
	const char *svg = written(picture, &r);
	static const char *const parts[] = {
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"500\"",
		">Expected penalty over clients</text>", ">2 locations, 6 relays, theta 1.5</text>",
		">expected penalty of the first relay</text>", ">clients at or below it</text>", ">vanilla, mean 20.50</text>",
		">a&lt;b&gt;&amp;&quot;c&quot;.res (total), mean 15.25</text>", "</svg>\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		ck_assert_msg(strstr(svg, parts[i]) != NULL, "no %s in\n%s", parts[i], svg);
	ck_assert_ptr_null(strstr(svg, "<script"));
	ck_assert_ptr_null(strstr(svg, "href"));
	ck_assert_ptr_null(strstr(svg, "url("));
}
END_TEST

START_TEST(curves_are_steps)
{
	const char *svg = written(picture, tiny_result(&tiny, OBJECTIVE_TOTAL, arena));

	/* 14 to 22: ours at 14.5 and 16, below them nobody, above them everybody. */
	ck_assert_ptr_nonnull(strstr(svg, " d=\"M76 432H119.8V280H251V128H776\"/>"));
}
END_TEST

START_TEST(ticks_of_tiny_penalties_are_short)
{
	struct result r = *tiny_result(&tiny, OBJECTIVE_TOTAL, arena);

	r.scale = (struct penalty_scale){ 1, 9 };
	r.rows[0].cost = 0;
	const char *svg = written(picture, &r);
	ck_assert_ptr_nonnull(strstr(svg, ">0</text>"));
	ck_assert_ptr_nonnull(strstr(svg, ">20e-9</text>"));
}
END_TEST

START_TEST(many_results_are_counted_in_the_legend)
{
	const struct result *r = tiny_result(&tiny, OBJECTIVE_TOTAL, arena);
	const struct result *list[9] = { r, r, r, r, r, r, r, r, r };
	char *svg;
	size_t n;
	FILE *f = open_memstream(&svg, &n);

	ck_assert_int_eq(export_svg(list, ARRAY_LEN(list), f), 0);
	(void)fclose(f);
	ck_assert_ptr_nonnull(strstr(svg, ">and 4 more</text>"));
	free(svg);
}
END_TEST

START_TEST(a_picture_of_nothing_is_a_picture)
{
	ck_assert_ptr_nonnull(strstr(written(picture, free_result()), ">vanilla, mean 0.000<"));
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	FILE *f = fopen("/dev/full", "w");

	ck_assert_int_eq(export_relays(tiny_result(&tiny, OBJECTIVE_TOTAL, arena), f), -ENOSPC);
	(void)fclose(f);
	f = fopen("/dev/full", "w");
	ck_assert_int_eq(picture(tiny_result(&tiny, OBJECTIVE_TOTAL, arena), f), -ENOSPC);
	(void)fclose(f);
	f = fopen("/dev/full", "w");
	ck_assert_int_eq(result_write(tiny_result(&tiny, OBJECTIVE_TOTAL, arena), f), -ENOSPC);
	(void)fclose(f);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, relays_have_their_load_and_middle);
	tcase_add_test(tc, locations_have_their_penalty_beside_vanilla);
	tcase_add_test(tc, without_penalties_there_is_no_ratio);
	tcase_add_test(tc, the_exit_position_has_no_middle);
	tcase_add_test(tc, shadow_gets_whole_weights_that_add_up);
	tcase_add_test(tc, what_is_missing_goes_to_the_largest_remainders);
	tcase_add_test(tc, shadow_gets_exits_behind_their_guards);
	tcase_add_test(tc, names_that_shadow_cannot_part_are_refused);
	tcase_add_test(tc, a_nickname_with_a_line_is_refused);
	tcase_add_test(tc, a_nickname_given_twice_is_refused);
	tcase_add_test(tc, nicknames_of_others_do_not_matter);
	tcase_add_test(tc, too_many_lines_are_refused);
	tcase_add_test(tc, weights_that_do_not_add_up_are_refused);
	tcase_add_test(tc, a_picture_has_all_that_it_needs);
	tcase_add_test(tc, curves_are_steps);
	tcase_add_test(tc, ticks_of_tiny_penalties_are_short);
	tcase_add_test(tc, many_results_are_counted_in_the_legend);
	tcase_add_test(tc, a_picture_of_nothing_is_a_picture);
	tcase_add_test(tc, a_full_disk_is_told);
}
