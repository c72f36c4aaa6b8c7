/* SPDX-License-Identifier: MIT */
/* Relays, clients, penalties and what stands beside them: read, matched, and what is said where they do not fit. */
#include "base/base.h"

#include <math.h>

#include "base/text.h"
#include "fixture.h"
#include "unit.h"
#include "weights/inputs.h"

static struct inputs_wish wish;

#define RELAYS "Name,IsGuard,IsExit,ConsensusWeight\ng1,True,False,50\ng2,True,False,30\nd1,True,True,20\nm1,False,False,9\n"
#define CLIENTS "location,weight\nAS10,3\n20,1\nxy,6\n"
#define MATRIX "nlbc-penalty 1\nscale 100\nrelays d1 m1\nrelays g1 g2\n10 1 2 3 4\nAS20 5 6 7 8\nxy 9 10 11 12\nzz 1\n"

static void begin(void)
{
	setup();
	wish = (struct inputs_wish){ .wgg = WGG_NUMBER, .wgg_given = true, .wgg_number = WGG_ONE / 2, .needs_matrix = true };
	wish.relays = text_file(RELAYS);
	wish.clients = text_file(CLIENTS);
	wish.penalty = text_file(MATRIX);
}

static const struct inputs *reads(void)
{
	const struct inputs *in = inputs_read(&wish, arena, &diags);

	if (!in)
		ck_abort_msg("%s", diags.n ? diags.list[0]->text : "no message");
	return in;
}

static void fails_with(const char *text, const char *hint)
{
	ck_assert_ptr_null(inputs_read(&wish, arena, &diags));
	ck_assert_uint_ge(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, text);
	if (hint)
		ck_assert_str_eq(diags.list[0]->hint, hint);
	else
		ck_assert_ptr_null(diags.list[0]->hint);
}

START_TEST(a_matrix_is_matched_by_names)
{
	const struct inputs *in = reads();

	ck_assert_uint_eq(in->n_relays, 4);
	ck_assert_uint_eq(in->unit, 10000);
	ck_assert_uint_eq(in->theta, 5000);
	ck_assert_int_eq(in->weights.wgg, 5000);
	ck_assert_int_eq(in->weights.wgd, 0);
	ck_assert_uint_eq(in->scale.n, 100);
	ck_assert_uint_eq(in->n_locations, 3);
	ck_assert_str_eq(in->locations[0].name, "AS10");
	ck_assert_uint_eq(in->locations[2].weight.whole, 6);
	ck_assert(in->is_whole);
	/* The guard+exit relay takes no part with Wgd 0. */
	ck_assert_uint_eq(in->values.columns, 2);
	ck_assert_uint_eq(in->column[2], NO_COLUMN);
	ck_assert_uint_eq(values_at(&in->values, in->locations[1].row, in->column[0]), 7);
	ck_assert_uint_eq(values_at(&in->values, in->locations[1].row, in->column[1]), 8);
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

static const struct {
	const char *text, *message, *hint;
} matrices[] = {
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 2\n20 1\nxy 1 2\n", "location '20' has 1 values, 2 expected", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 2 3\n", "location '10' has 3 values, 2 expected", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 x2\n", "'x2' is not a penalty", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 -2\n", "'-2' is not a penalty", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 2.5\n", "'2.5' is not a penalty", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 16777217\n", "'16777217' is out of range", "0 to 16777216" },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 99999999999999999999999999\n",
	  "'99999999999999999999999999' is out of range", "0 to 16777216" },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 2\nAS10 1 2\n", "location 'AS10' is given twice", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 m1\n10 1 2\n", "no penalties for 1 relay, first g2",
	  "--missing worst takes the worst penalty of each location for them" },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2 g1\n10 1 2\n", "relay 'g1' is given twice", NULL },
	{ "nlbc-penalty 1\nscale 1\nrelays g1 g2 AS7\n10 1 2\n", "which relays are in 'AS7' is not known",
	  "--prefixes or --location says so" },
	{ "nlbc-penalty 2\nscale 1\nrelays g1 g2\n", "'2' is out of range", "nlbc-penalty 1" },
	{ "nlbc-penalty\nscale 1\nrelays g1 g2\n", "the number behind 'nlbc-penalty' is missing", "nlbc-penalty 1" },
	{ "nlbc-penalty 1\nscale \nrelays g1 g2\n", "the number behind 'scale' is missing", "1 to 16777216" },
	{ "nlbc-penalty 1\nscale one\nrelays g1 g2\n", "'one' is not a number", "1 to 16777216" },
	{ "nlbc-penalty 1\nscale 0\nrelays g1 g2\n", "'0' is out of range", "1 to 16777216" },
	{ "nlbc-penalty 1\nscale 16777217\nrelays g1 g2\n", "'16777217' is out of range", "1 to 16777216" },
	{ "nlbc-penalty 1\nscale 1 2\n", "the end of the line expected", NULL },
	{ "location,relay\n", "'nlbc-penalty' expected", NULL },
	{ "nlbc-penalty 1\nrelays g1 g2\n", "'scale' expected", NULL },
	{ "nlbc-penalty 1\nscale 1\n10 1 2\n", "'relays' expected", NULL },
	{ "nlbc-penalty 1\n", "'scale' expected, found the end of the file", NULL },
	{ "{}", "no penalties for 2 relays, first g1", "--missing worst takes the worst penalty of each location for them" },
	{ "[]", "an object of locations expected", NULL },
	{ "{\"10\":[1]}", "an object of penalties by relay expected", NULL },
	{ "{\"10\":{\"g1\":\"1\",\"g2\":2}}", "not a penalty: a number from 0 expected", NULL },
	{ "{\"10\":{\"g1\":-1,\"g2\":2}}", "not a penalty: a number from 0 expected", NULL },
	{ "{\"10\":{\"g1\":2e18,\"g2\":2}}", "penalty is above 10^18", NULL },
	{ "{\"10\":{\"g1\":1,\"g2\":2},\"AS10\":{\"g1\":1,\"g2\":2}}", "location 'AS10' is given twice", NULL },
	{ "{\"10\":{\"g1\":1,\"g2\":2},\"xy\":{\"g1\":1}}", "location 'xy' has no penalty for relay g2", NULL },
};

START_TEST(a_matrix_that_is_wrong_is_told)
{
	wish.penalty = text_file(matrices[_i].text);
	fails_with(matrices[_i].message, matrices[_i].hint);
}
END_TEST

START_TEST(the_worst_of_a_location_may_stand_for_what_is_missing)
{
	wish.missing_worst = true;
	wish.penalty = text_file("nlbc-penalty 1\nscale 1\nrelays d1 g1\n10 9 2\n20 1 4\nxy 0 0\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(values_at(&in->values, in->locations[0].row, in->column[1]), 9);
	ck_assert_uint_eq(values_at(&in->values, in->locations[1].row, in->column[1]), 4);
	wish.penalty = text_file("{\"10\":{\"g1\":1,\"d1\":7},\"20\":{\"g1\":2,\"g2\":1},\"xy\":{\"g2\":3}}");
	in = reads();
	ck_assert_uint_eq(values_at(&in->values, in->locations[0].row, in->column[1]), 7);
	ck_assert_uint_eq(values_at(&in->values, in->locations[1].row, in->column[1]), 1);
	ck_assert_uint_eq(values_at(&in->values, in->locations[2].row, in->column[0]), 3);
}
END_TEST

START_TEST(large_penalties_are_kept_wider)
{
	wish.penalty = text_file("nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 2\n20 65536 3\nxy 16777216 4\n");
	const struct inputs *in = reads();
	ck_assert_ptr_nonnull(in->values.p32);
	ck_assert_uint_eq(values_at(&in->values, 0, 1), 2);
	ck_assert_uint_eq(values_at(&in->values, 1, 0), 65536);
	ck_assert_uint_eq(values_at(&in->values, 2, 0), 16777216);
}
END_TEST

static const struct {
	const char *text;
	int tens;
	uint32_t wanted[2];
	double error;
} scales[] = {
	{ "{\"10\":{\"g1\":1,\"g2\":2}}", 0, { 1, 2 }, 0 },
	{ "{\"10\":{\"g1\":1.0,\"g2\":16777216}}", 0, { 1, 16777216 }, 0 },
	{ "{\"10\":{\"g1\":0.5,\"g2\":2}}", 5, { 50000, 200000 }, 0 },
	{ "{\"10\":{\"g1\":0.000005,\"g2\":10.48576}}", 5, { 1, 1048576 }, 5e-6 },
	{ "{\"10\":{\"g1\":0.5,\"g2\":10.48577}}", 4, { 5000, 104858 }, 3e-5 },
	{ "{\"10\":{\"g1\":7,\"g2\":16777217}}", -2, { 0, 167772 }, 17 },
	{ "{\"10\":{\"g1\":1e18,\"g2\":5e17}}", -12, { 1000000, 500000 }, 0 },
	{ "{\"10\":{\"g1\":1e-30,\"g2\":0}}", 18, { 0, 0 }, 1e-30 },
	{ "{\"10\":{\"g1\":0,\"g2\":0.0}}", 0, { 0, 0 }, 0 },
};

START_TEST(penalties_in_json_are_made_whole)
{
	wish.penalty = text_file(scales[_i].text);
	wish.clients = text_file("{\"AS10\":1.5}");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->scale.n, 1);
	ck_assert_int_eq(in->scale.tens, scales[_i].tens);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(values_at(&in->values, 0, in->column[i]), scales[_i].wanted[i]);
	ck_assert(fabs(in->scale_error - scales[_i].error) <= scales[_i].error * 1e-6);
	ck_assert(!in->is_whole);
}
END_TEST

START_TEST(clients_without_penalties_are_left_out_with_a_warning)
{
	wish.penalty = text_file("nlbc-penalty 1\nscale 1\nrelays g1 g2\n20 1 4\nxy 0 0\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->n_locations, 2);
	ck_assert_double_eq_tol(in->left_out, 0.3, 1e-12);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "1 location with 30 % of the clients has no penalties; the others stand for it");
}
END_TEST

START_TEST(most_clients_must_have_penalties)
{
	wish.penalty = text_file("nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 4\n20 1 1\n");
	fails_with("less than half of the clients have penalties: 2 of 3 locations, 40.0 %", NULL);
	ck_assert_ptr_nonnull(diags.list[0]->place.source);
}
END_TEST

START_TEST(malformed_lines_may_be_left_out)
{
	wish.lenient = true;
	wish.penalty = text_file("nlbc-penalty 1\nscale 1\nrelays g1 g2\n10 1 4\n20 1 x\nxy 1 2\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->n_locations, 2);
	ck_assert_uint_eq(diags.n_errors, 0);
	ck_assert_uint_eq(diags.n_warnings, 2);
}
END_TEST

START_TEST(clusters_have_averages_rounded_half_up)
{
	wish.clusters = text_file("xy\tAS10,xy\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->n_locations, 2);
	ck_assert_str_eq(in->locations[0].name, "xy");
	ck_assert_uint_eq(in->locations[0].weight.whole, 9);
	ck_assert_str_eq(in->locations[1].name, "20");
	/* (3 · 3 + 6 · 11) / 9 = 8.33, (3 · 4 + 6 · 12) / 9 = 9.33 */
	ck_assert_uint_eq(values_at(&in->values, in->locations[0].row, in->column[0]), 8);
	ck_assert_uint_eq(values_at(&in->values, in->locations[0].row, in->column[1]), 9);
	ck_assert_uint_eq(values_at(&in->values, in->locations[1].row, in->column[1]), 8);
	wish.clients = text_file("location,weight\n10,0.5\n20,0.5\nxy,0.5\n");
	wish.clusters = text_file("10\t20\n");
	in = reads();
	ck_assert_uint_eq(values_at(&in->values, in->locations[0].row, in->column[0]), 5);
	ck_assert_double_eq(in->locations[0].weight.real, 1);
}
END_TEST

static const struct {
	const char *text, *message;
} clusters[] = {
	{ "10\t20,yy\n", "location 'yy' is not among the clients" },
	{ "yy\t20\n", "location 'yy' is not among the clients" },
	{ "10\t20\nxy\tAS20\n", "location 'AS20' is in two clusters" },
	{ "10\t20,20\n", "location '20' is in two clusters" },
	{ "10 20\n", "a name, a tab and the names of its cluster expected" },
};

START_TEST(clusters_that_do_not_fit_are_told)
{
	wish.clusters = text_file(clusters[_i].text);
	fails_with(clusters[_i].message, NULL);
}
END_TEST

START_TEST(costs_and_paths_are_read_for_relays_that_take_part)
{
	wish.relcost = text_file("relay,cost\ng2,7\ng1,1099511627776\nd1,1\nnobody,5\n");
	wish.vuln = text_file("paths,relay\n0,g1\n9007199254740992,g2\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->relcost[0], 1099511627776);
	ck_assert_uint_eq(in->relcost[1], 7);
	ck_assert_uint_eq(in->vuln[0], 0);
	ck_assert_uint_eq(in->vuln[1], 9007199254740992);
}
END_TEST

static const struct {
	const char *text, *message, *hint;
} costs[] = {
	{ "relay,cost\ng1,1\n", "no cost for 1 relay, first g2", NULL },
	{ "relay,cost\n", "no cost for 2 relays, first g1", NULL },
	{ "relay,cost\ng1,1\ng1,1\n", "relay 'g1' is given twice", NULL },
	{ "relay,cost\ng1,0\n", "'0' is out of range", "1 to 1099511627776" },
	{ "relay,cost\ng1,1099511627777\n", "'1099511627777' is out of range", "1 to 1099511627776" },
	{ "relay,cost\ng1,1.5\n", "'1.5' is not a whole number", NULL },
};

START_TEST(costs_that_are_wrong_are_told)
{
	wish.relcost = text_file(costs[_i].text);
	fails_with(costs[_i].message, costs[_i].hint);
}
END_TEST

START_TEST(vulnerable_paths_alone_make_one_location)
{
	wish.clients = wish.penalty = NULL;
	wish.needs_matrix = false;
	wish.vuln = text_file("relay,paths\ng1,3\ng2,4\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(in->n_locations, 1);
	ck_assert_str_eq(in->locations[0].name, "all");
	ck_assert_uint_eq(in->locations[0].weight.whole, 1);
	ck_assert_uint_eq(in->values.rows, 0);
}
END_TEST

START_TEST(what_is_missing_on_the_command_line_is_told)
{
	wish.clients = NULL;
	fails_with("--clients and --penalty go together", NULL);
	diags_init(&diags, arena);
	wish.penalty = NULL;
	fails_with("--clients and --penalty are missing", NULL);
	diags_init(&diags, arena);
	wish.relays = NULL;
	fails_with("--relays is missing, or --problem", NULL);
}
END_TEST

START_TEST(relays_without_a_consensus_publish_nothing)
{
	wish.wgg = WGG_CONSENSUS;
	ck_assert_ptr_null(inputs_read(&wish, arena, &diags));
	ck_assert_ptr_nonnull(strstr(diags.list[0]->text, "--wgg consensus needs a consensus"));
	ck_assert_str_eq(diags.list[0]->code, "usage");
}
END_TEST

START_TEST(exits_say_what_guards_may_take)
{
	wish.wgg = WGG_EXITS;
	/* (0 + 20) / 80 */
	const struct inputs *in = reads();
	ck_assert_int_eq(in->weights.wgg, 2500);
	ck_assert_int_eq(in->weights.wmg, 7500);
	ck_assert_int_eq(in->weights.wed, 10000);
	wish.relays = text_file("Name,IsGuard,IsExit,ConsensusWeight\ng1,True,False,3\ng2,True,False,3\nd1,True,True,1\nd2,False,True,1\n");
	ck_assert_int_eq(reads()->weights.wgg, 3333);
	wish.relays = text_file("Name,IsGuard,IsExit,ConsensusWeight\ng1,True,False,3\ng2,True,False,3\nd1,True,True,7\n");
	ck_assert_int_eq(reads()->weights.wgg, 10000);
}
END_TEST

START_TEST(more_memory_than_is_allowed_is_told_before_a_matrix_is_read)
{
	arena_allow(arena, 100);
	fails_with("this problem needs 16 KiB, 0.1 KiB are allowed", NULL);
	ck_assert_str_eq(diags.list[0]->code, "machine");
	ck_assert_uint_eq(diags.n, 1);
}
END_TEST

/* What is read takes memory before a matrix begins, and JSON as much again as all that is made of it. */
static const struct {
	size_t clients, penalties;       /* how many of each */
	uint64_t kib;                    /* allowed */
	bool fits;
} large[] = { { 5000, 2, 4096, true }, { 5000, 2, 300, false }, { 3, 20000, 5120, true }, { 3, 20000, 1024, false } };

START_TEST(what_is_read_counts_as_memory)
{
	auto_text struct text clients = { 0 }, json = { 0 };

	text_puts(&clients, "location,weight\nx,900000\n");
	for (size_t i = 0; i < large[_i].clients; i++)
		text_printf(&clients, "%zu,1\n", i);
	text_puts(&json, "{\"x\":{\"g1\":1,\"g2\":2");
	for (size_t i = 0; i < large[_i].penalties; i++)
		text_printf(&json, ",\"u%zu\":1", i);
	text_puts(&json, "}}");
	wish.clients = text_file(text_get(&clients));
	wish.penalty = text_file(text_get(&json));
	arena_allow(arena, large[_i].kib * 1024);
	const struct inputs *in = inputs_read(&wish, arena, &diags);
	ck_assert_msg(!in == !large[_i].fits, "%s", diags.n ? diags.list[0]->text : "");
	if (in)
		return;
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[0]->code, "machine");
	ck_assert_msg(strncmp(diags.list[0]->text, "this problem needs ", 19) == 0, "%s", diags.list[0]->text);
}
END_TEST

/* Numbers of 16 bits fit, wider ones do not. */
START_TEST(wider_penalties_are_asked_for_before_they_are_made)
{
	enum { RELAYS_MANY = 20000 };
	auto_text struct text relays = { 0 }, matrix = { 0 };

	text_puts(&relays, "Name,IsGuard,IsExit,ConsensusWeight\n");
	text_puts(&matrix, "nlbc-penalty 1\nscale 1\nrelays");
	for (size_t i = 0; i < RELAYS_MANY; i++)
		text_printf(&relays, "r%zu,True,False,1\n", i);
	for (size_t i = 0; i < RELAYS_MANY; i++)
		text_printf(&matrix, " r%zu", i);
	for (size_t k = 0; k < 3; k++) {
		text_puts(&matrix, k == 0 ? "\n10" : k == 1 ? "\n20" : "\nxy");
		for (size_t i = 0; i < RELAYS_MANY; i++)
			text_printf(&matrix, " %zu", k == 2 ? 800 * i : i);
	}
	wish.relays = text_file(text_get(&relays));
	wish.penalty = text_file(text_get(&matrix));
	struct arena *before = arena_new();
	struct diags unsaid;

	diags_init(&unsaid, before);
	ck_assert_ptr_nonnull(inputs_read(&wish, before, &unsaid));
	arena_allow(arena, arena_size(arena) + arena_size(before) - RELAYS_MANY);
	arena_free(before);
	ck_assert_ptr_null(inputs_read(&wish, arena, &diags));
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[0]->code, "machine");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, a_matrix_is_matched_by_names);
	tcase_add_loop_test(tc, a_matrix_that_is_wrong_is_told, 0, ARRAY_LEN(matrices));
	tcase_add_test(tc, the_worst_of_a_location_may_stand_for_what_is_missing);
	tcase_add_test(tc, large_penalties_are_kept_wider);
	tcase_add_loop_test(tc, penalties_in_json_are_made_whole, 0, ARRAY_LEN(scales));
	tcase_add_test(tc, clients_without_penalties_are_left_out_with_a_warning);
	tcase_add_test(tc, most_clients_must_have_penalties);
	tcase_add_test(tc, malformed_lines_may_be_left_out);
	tcase_add_test(tc, clusters_have_averages_rounded_half_up);
	tcase_add_loop_test(tc, clusters_that_do_not_fit_are_told, 0, ARRAY_LEN(clusters));
	tcase_add_test(tc, costs_and_paths_are_read_for_relays_that_take_part);
	tcase_add_loop_test(tc, costs_that_are_wrong_are_told, 0, ARRAY_LEN(costs));
	tcase_add_test(tc, vulnerable_paths_alone_make_one_location);
	tcase_add_test(tc, what_is_missing_on_the_command_line_is_told);
	tcase_add_test(tc, relays_without_a_consensus_publish_nothing);
	tcase_add_test(tc, exits_say_what_guards_may_take);
	tcase_add_test(tc, more_memory_than_is_allowed_is_told_before_a_matrix_is_read);
	tcase_add_loop_test(tc, what_is_read_counts_as_memory, 0, ARRAY_LEN(large));
	tcase_add_test(tc, wider_penalties_are_asked_for_before_they_are_made);
}
