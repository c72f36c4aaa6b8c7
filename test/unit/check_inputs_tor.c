/* SPDX-License-Identifier: MIT */
/* Inputs that need a consensus: published weights, relays by fingerprint and by AS, and clients as the exit position sees
 * them. */
#include "base/base.h"

#include <math.h>

#include "base/text.h"
#include "fixture.h"
#include "unit.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/result.h"

static struct inputs_wish wish;

#define HEAD \
	"network-status-version 3\nvote-status consensus\nconsensus-method 29\nvalid-after 2020-02-29 10:00:00\n" \
	"fresh-until 2020-02-29 11:00:00\nvalid-until 2020-02-29 13:00:00\nparams bwweightscale=20000\n"
#define ROUTER(name, id, ip, flags, weight) \
	"r " name " " id " BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 " ip " 443 0\ns " flags "\nw Bandwidth=" weight "\n"
#define ROUTERS \
	ROUTER("one", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "1.0.0.1", "Guard", "50") \
	ROUTER("two", "AAAAAAAAAAAAAAAAAAAAAAAAAAE", "2.0.0.1", "Guard", "30") \
	ROUTER("two", "AAAAAAAAAAAAAAAAAAAAAAAAAAI", "2.0.0.2", "Guard", "20 GuardFraction=50") \
	ROUTER("mid", "AAAAAAAAAAAAAAAAAAAAAAAAAAM", "2.0.0.3", "Fast", "70") \
	ROUTER("out", "AAAAAAAAAAAAAAAAAAAAAAAAAAQ", "3.0.0.1", "Exit", "40")
#define WEIGHTS(wgg) \
	"bandwidth-weights Wbd=0 Wbe=0 Wbg=0 Wbm=20000 Wdb=20000 Web=20000 Wed=20000 Wee=20000 Weg=0 Wem=0 Wgb=20000 Wgd=0 " \
	"Wgg=" wgg " Wgm=8000 Wmb=20000 Wmd=0 Wme=0 Wmg=12000 Wmm=20000\n"
#define FOOT "directory-footer\n"
#define SIGNED "directory-signature A B\n-----BEGIN SIGNATURE-----\nAA\n-----END SIGNATURE-----\n"

static void begin(void)
{
	setup();
	wish = (struct inputs_wish){ .needs_matrix = true };
	wish.relays = text_file(HEAD ROUTERS FOOT WEIGHTS("8000") SIGNED);
	wish.clients = text_file("location,weight\nAS10,3\n20,1\n");
	wish.penalty = text_file("nlbc-penalty 1\nscale 100\nrelays AS1 AS2\n10 5 1\n20 1 5\n");
	wish.prefixes = text_file("1.0.0.0\t8\t1\n2.0.0.0\t8\t2\n");
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
	const struct diags errors = diags_errors(&diags);
	ck_assert_uint_ge(errors.n, 1);
	ck_assert_str_eq(errors.list[0]->text, text);
	if (hint)
		ck_assert_str_eq(errors.list[0]->hint, hint);
}

START_TEST(relays_have_the_column_of_their_as)
{
	const struct inputs *in = reads();

	ck_assert_uint_eq(in->unit, 20000);
	ck_assert_int_eq(in->weights.wgg, 8000);
	ck_assert_int_eq(in->weights.wmg, 12000);
	ck_assert_uint_eq(in->values.columns, 2);
	ck_assert_uint_eq(values_at(&in->values, 0, in->column[0]), 5);
	ck_assert_uint_eq(in->column[1], in->column[2]);
	ck_assert_uint_eq(in->column[3], NO_COLUMN);
	ck_assert_uint_eq(in->column[4], NO_COLUMN);
}
END_TEST

START_TEST(guard_fraction_is_ignored_with_a_warning)
{
	(void)reads();
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "GuardFraction of 1 relay is ignored");
}
END_TEST

START_TEST(weights_that_are_not_published_are_told)
{
	wish.relays = text_file(HEAD ROUTERS FOOT SIGNED);
	fails_with("this consensus publishes no bandwidth-weights", "--wgg computed");
}
END_TEST

START_TEST(published_weights_are_parts_of_the_unit)
{
	wish.relays = text_file(HEAD ROUTERS FOOT WEIGHTS("20001") SIGNED);
	fails_with("'Wgg=20001' is out of range", "0 to 20000");
}
END_TEST

START_TEST(weights_may_be_computed_anew)
{
	wish.wgg = WGG_COMPUTED;
	const struct inputs *in = reads();
	struct bandwidth_sums sums;
	struct bandwidth_weights w;
	const char *reason;

	bandwidth_add(in->relays, in->n_relays, 29, &sums);
	ck_assert_int_eq(bandwidth_compute(&sums, 20000, &w, &reason), 0);
	ck_assert_int_eq(in->weights.wgg, w.wgg);
	ck_assert_int_eq(in->weights.wme, w.wme);
}
END_TEST

START_TEST(relays_may_be_called_by_their_fingerprint)
{
	wish.prefixes = NULL;
	wish.penalty = text_file("nlbc-penalty 1\nscale 100\nrelays 0000000000000000000000000000000000000000 "
			       "$0000000000000000000000000000000000000001 0000000000000000000000000000000000000002\n10 7 8 9\n20 1 2 3\n");
	const struct inputs *in = reads();
	ck_assert_uint_eq(values_at(&in->values, 0, in->column[2]), 9);
	ck_assert_uint_eq(values_at(&in->values, 1, in->column[1]), 2);
}
END_TEST

START_TEST(a_nickname_of_two_relays_calls_none)
{
	wish.prefixes = NULL;
	wish.penalty = text_file("nlbc-penalty 1\nscale 100\nrelays one two\n10 7 8\n20 1 2\n");
	fails_with("several relays are called 'two'", "write its fingerprint");
}
END_TEST

START_TEST(relays_without_an_as_have_no_penalties)
{
	wish.prefixes = text_file("2.0.0.0\t8\t2\n");
	fails_with("no penalties for 1 relay, first $0000000000000000000000000000000000000000", NULL);
	wish.missing_worst = true;
	diags_init(&diags, arena);
	const struct inputs *in = reads();
	ck_assert_uint_eq(values_at(&in->values, 0, in->column[0]), 5);
	ck_assert_uint_eq(values_at(&in->values, 1, in->column[0]), 5);
}
END_TEST

/* Solves the guards' problem; the path of its result. */
static const char *guard_result(void)
{
	const struct inputs *in = reads();
	const struct problem *p = problem_new(in, &(struct problem_wish){ .threads = 1 }, arena, &diags);
	struct transport_answer answer;
	struct transport t;
	const char *path = text_file("");
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(p);
	problem_transport(p, NULL, arena, &t);
	ck_assert_int_eq(transport_solve(&t, &(struct transport_wish){ .threads = 1 }, &answer), 0);
	ck_assert_int_eq(result_write(result_new(p, &answer, NULL, 0, arena), f), 0);
	ck_assert_int_eq(fclose(f), 0);
	transport_release(&answer);
	return path;
}

START_TEST(the_exit_position_sees_clients_behind_the_as_of_their_guard)
{
	double sum[2] = { 0 };

	wish.guard_result = guard_result();
	wish.position = POSITION_EXIT;
	wish.penalty = text_file("nlbc-penalty 1\nscale 100\nrelays out\n10,AS1 1\nAS10,2 2\nAS20,AS1 3\n20,2 4\n");
	const struct inputs *in = reads();
	ck_assert(!in->is_whole);
	ck_assert_uint_ge(in->n_locations, 2);
	for (size_t k = 0; k < in->n_locations; k++) {
		const bool is_first = strncmp(in->locations[k].name, "AS10,AS", 7) == 0;
		ck_assert(is_first || strncmp(in->locations[k].name, "20,AS", 5) == 0);
		sum[is_first ? 0 : 1] += in->locations[k].weight.real;
	}
	/* Each client has a guard: its weight is spread and nothing is lost. */
	ck_assert(fabs(sum[0] - 3) < 1e-9 && fabs(sum[1] - 1) < 1e-9);
	ck_assert_uint_eq(in->column[4], 0);
	ck_assert_uint_eq(in->column[0], NO_COLUMN);
	const struct problem *p = problem_new(in, &(struct problem_wish){ .threads = 1 }, arena, &diags);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(p->supply, 800000);
	ck_assert(p->is_quantised);
}
END_TEST

START_TEST(a_guard_result_needs_the_position_and_ases)
{
	wish.guard_result = guard_result();
	fails_with("--guard-result is for --position exit", NULL);
	wish.position = POSITION_EXIT;
	wish.prefixes = NULL;
	diags_init(&diags, arena);
	fails_with("--guard-result needs --prefixes or --location", NULL);
}
END_TEST

START_TEST(a_client_that_the_guards_did_not_know_is_told)
{
	wish.guard_result = guard_result();
	wish.position = POSITION_EXIT;
	wish.clients = text_file("location,weight\nAS10,3\nAS21,1\n");
	ck_assert_ptr_null(inputs_read(&wish, arena, &diags));
	const struct diags errors = diags_errors(&diags);
	ck_assert_ptr_nonnull(strstr(errors.list[0]->text, "location 'AS21' is not in '"));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, teardown);
	tcase_add_test(tc, relays_have_the_column_of_their_as);
	tcase_add_test(tc, guard_fraction_is_ignored_with_a_warning);
	tcase_add_test(tc, weights_that_are_not_published_are_told);
	tcase_add_test(tc, published_weights_are_parts_of_the_unit);
	tcase_add_test(tc, weights_may_be_computed_anew);
	tcase_add_test(tc, relays_may_be_called_by_their_fingerprint);
	tcase_add_test(tc, a_nickname_of_two_relays_calls_none);
	tcase_add_test(tc, relays_without_an_as_have_no_penalties);
	tcase_add_test(tc, the_exit_position_sees_clients_behind_the_as_of_their_guard);
	tcase_add_test(tc, a_guard_result_needs_the_position_and_ases);
	tcase_add_test(tc, a_client_that_the_guards_did_not_know_is_told);
}
