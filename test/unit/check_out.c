/* SPDX-License-Identifier: MIT */
/* What main prints: exit codes, colour, tables, the JSON envelope and the error object. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/out.h"
#include "unit.h"

static struct arena *arena;
static struct diags d;
static struct out o;
static char *results, *errors;
static size_t n_results, n_errors;

static void begin(void)
{
	arena = arena_new();
	diags_init(&d, arena);
	o = (struct out){ .host = "r1", .time = "2026-01-05T10:11:12Z" };
	o.results = open_memstream(&results, &n_results);
	o.errors = open_memstream(&errors, &n_errors);
}

static void end(void)
{
	(void)fclose(o.results);
	(void)fclose(o.errors);
	free(results);
	free(errors);
	arena_free(arena);
}

static void expect(const char *on_results, const char *on_errors)
{
	ck_assert_int_eq(out_finish(&o), 0);
	ck_assert_int_eq(fflush(o.errors), 0);
	ck_assert_str_eq(results, on_results);
	ck_assert_str_eq(errors, on_errors);
}

static const struct {
	const char *code;
	int exit;
} exits[] = {
	{ "usage", 1 },	      { "profile", 1 },	    { "machine", 1 },  { "input", 1 }, { "infeasible", 1 }, { "kernel", 2 },
	{ "busy", 2 },	      { "state", 3 },	    { "permission", 4 }, { "unreachable", 5 }, { "unconfirmed", 6 },
	{ "rollback", 7 },    { "interrupted", 130 },
};

START_TEST(the_table_has_the_exit_codes_of_the_manual)
{
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		ck_assert_str_eq(failures[i].code, exits[i].code);
		ck_assert_int_eq(failures[i].exit, exits[i].exit);
		ck_assert_ptr_eq(failure_of(exits[i].code), &failures[i]);
	}
	ck_assert_ptr_null(failures[ARRAY_LEN(exits)].code);
	ck_assert_str_eq(failure_of("mark-twice")->code, "profile");
	ck_assert_str_eq(failure_of(NULL)->code, "profile");
}
END_TEST

START_TEST(the_worst_error_gives_the_exit_code)
{
	const struct diag *first = NULL;

	ck_assert_ptr_null(failure_worst(&d, &first));
	diag_warning(&d, NULL, "rollback", "only a warning");
	ck_assert_ptr_null(failure_worst(&d, &first));
	diag_error(&d, NULL, "mark-twice", "a");
	struct diag *kernel = diag_error(&d, NULL, "kernel", "b");
	diag_error(&d, NULL, "busy", "c");
	ck_assert_str_eq(failure_worst(&d, &first)->code, "kernel");
	ck_assert_ptr_eq(first, kernel);
	ck_assert_int_eq(out_diags(&o, &d, NULL), 2);
}
END_TEST

static const struct {
	enum colour_when when;
	bool is_terminal;
	const char *no_color, *term;
	bool wanted;
} colours[] = {
	{ COLOUR_AUTO, true, NULL, "xterm", true },  { COLOUR_AUTO, true, "", NULL, true },
	{ COLOUR_AUTO, false, NULL, "xterm", false }, { COLOUR_AUTO, true, "1", "xterm", false },
	{ COLOUR_AUTO, true, NULL, "dumb", false },  { COLOUR_ALWAYS, false, "1", "dumb", true },
	{ COLOUR_NEVER, true, NULL, "xterm", false },
};

START_TEST(colour_is_decided_by_option_terminal_and_environment)
{
	ck_assert_int_eq(colour_wanted(colours[_i].when, colours[_i].is_terminal, colours[_i].no_color,
				       colours[_i].term), colours[_i].wanted);
}
END_TEST

START_TEST(a_result_is_one_object_on_one_line)
{
	out_json(&o, "apply", json_pack("{s:b,s:f,s:n}", "changed", 1, "seconds", 0.004, "role"));
	expect("{\"nlbc\":{\"schema\":1,\"version\":\"" NLBC_VERSION "\",\"host\":\"r1\",\"time\":\"2026-01-05T10:11:12Z\"},"
	       "\"apply\":{\"changed\":true,\"seconds\":0.004,\"role\":null}}\n", "");
}
END_TEST

START_TEST(pretty_indents_by_two)
{
	o.pretty = true;
	out_json(&o, "get", json_object());
	ck_assert_int_eq(out_finish(&o), 0);
	ck_assert_ptr_nonnull(strstr(results, "{\n  \"nlbc\": {\n    \"schema\": 1,"));
	ck_assert_ptr_nonnull(strstr(results, "\n  \"get\": {}\n}\n"));
}
END_TEST

START_TEST(an_error_is_one_object_on_the_other_stream)
{
	o.json = true;
	diag_hint(&d, diag_error(&d, NULL, "usage", "unknown verb 'aply'"), "did you mean 'apply'?");
	ck_assert_int_eq(out_diags(&o, &d, NULL), 1);
	ck_assert_int_eq(fflush(o.errors), 0);
	json_t *j = json_loads(errors, 0, NULL);
	const json_t *e = json_object_get(j, "error");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(j, "nlbc"), "schema")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(e, "code")), "usage");
	ck_assert_int_eq(json_integer_value(json_object_get(e, "exit")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(e, "message")), "unknown verb 'aply'");
	ck_assert_str_eq(json_string_value(json_object_get(e, "hint")), "did you mean 'apply'?");
	ck_assert_uint_eq(json_array_size(json_object_get(e, "diags")), 1);
	ck_assert_ptr_eq(strchr(errors, '\n'), errors + n_errors - 1);
	json_decref(j);
	ck_assert_int_eq(out_finish(&o), 0);
	ck_assert_str_eq(results, "");
}
END_TEST

START_TEST(an_error_without_a_hint_has_null_there)
{
	o.json = true;
	diag_error(&d, NULL, "state", "nothing is applied");
	ck_assert_int_eq(out_diags(&o, &d, NULL), 3);
	ck_assert_int_eq(fflush(o.errors), 0);
	ck_assert_ptr_nonnull(strstr(errors, "\"exit\":3,\"message\":\"nothing is applied\",\"hint\":null,\"diags\":[{"));
}
END_TEST

START_TEST(warnings_alone_are_no_failure)
{
	diag_warning(&d, NULL, "machine", "slow");
	ck_assert_int_eq(out_diags(&o, &d, "a.prof"), 0);
	expect("", "nlbc: warning: slow\na.prof: 1 warning\n");
}
END_TEST

START_TEST(with_json_warnings_alone_are_silent)
{
	o.json = true;
	diag_warning(&d, NULL, "machine", "slow");
	ck_assert_int_eq(out_diags(&o, &d, "a.prof"), 0);
	expect("", "");
}
END_TEST

START_TEST(quiet_leaves_only_errors)
{
	o.quiet = true;
	o.verbose = true;
	diag_warning(&d, NULL, "machine", "slow");
	diag_error(&d, NULL, "machine", "gone");
	out_say(&o, "said");
	out_step(&o, "step");
	ck_assert_int_eq(out_diags(&o, &d, "a.prof"), 1);
	expect("", "nlbc: error: gone\na.prof: 1 error\n");
}
END_TEST

START_TEST(steps_are_for_terminals_and_the_curious)
{
	out_step(&o, "one");
	o.verbose = true;
	out_step(&o, "two");
	o.verbose = false;
	o.is_terminal = true;
	out_step(&o, "three");
	out_say(&o, "%s", "done");
	out_remark(&o, "rolled back, generation %d is in force", 17);
	expect("two\nthree\ndone\n", "rolled back, generation 17 is in force\n");
}
END_TEST

START_TEST(with_json_only_json_is_printed)
{
	o.json = true;
	o.verbose = true;
	o.is_terminal = true;
	out_step(&o, "one");
	out_say(&o, "two");
	out_remark(&o, "three");
	expect("", "");
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
	FILE *saved = o.results;
	auto_text struct text t = { 0 };

	text_puts(&t, "result\n");
	o.results = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(o.results);
	out_result(&o, &t);
	ck_assert_int_eq(out_finish(&o), -ENOSPC);
	ck_assert_int_eq(out_finish(&o), -ENOSPC);
	(void)fclose(o.results);
	o.results = saved;
}
END_TEST

START_TEST(a_full_disk_is_noticed_within_long_results)
{
	FILE *saved = o.results;
	auto_text struct text t = { 0 };

	for (unsigned i = 0; i < 100000; i++)
		text_putc(&t, 'x');
	o.results = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(o.results);
	out_result(&o, &t);
	errno = 0;
	ck_assert_int_eq(out_finish(&o), -ENOSPC);
	o.unwritten = 0;
	out_json(&o, "version", json_stringn(t.p, t.n));
	errno = 0;
	ck_assert_int_eq(out_finish(&o), -ENOSPC);
	(void)fclose(o.results);
	o.results = saved;
}
END_TEST

START_TEST(a_table_is_aligned_by_characters)
{
	static const struct column columns[] = { { "path", false }, { "state", false }, { "packets", true }, { "why", false } };
	auto_text struct text t = { 0 };
	struct table table;

	table_init(&table, arena, columns, ARRAY_LEN(columns));
	table_add(&table, TINT_NONE, "p1");
	table_add(&table, TINT_GOOD, "UP");
	table_add(&table, TINT_NONE, "%d", 12345678);
	table_add(&table, TINT_NONE, "-");
	table_add(&table, TINT_NONE, "f\xc3\xbcnf\n");
	table_add(&table, TINT_BAD, "DOWN");
	table_add(&table, TINT_NONE, "7");
	table_print(&table, "  ", false, &t);
	ck_assert_str_eq(text_get(&t), "  path    state    packets   why\n"
				       "  p1      UP      12345678   -\n"
				       "  f\xc3\xbcnf?   DOWN           7\n");
	text_clear(&t);
	table_print(&table, "", true, &t);
	ck_assert_ptr_nonnull(strstr(text_get(&t), "p1      \033[32mUP\033[0m      12345678   -\n"));
}
END_TEST

START_TEST(time_is_written_in_utc)
{
	char buf[TIME_TEXT];

	ck_assert_str_eq(time_print(0, buf), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(time_print(1767607872, buf), "2026-01-05T10:11:12Z");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_table_has_the_exit_codes_of_the_manual);
	tcase_add_test(tc, the_worst_error_gives_the_exit_code);
	tcase_add_loop_test(tc, colour_is_decided_by_option_terminal_and_environment, 0, ARRAY_LEN(colours));
	tcase_add_test(tc, a_result_is_one_object_on_one_line);
	tcase_add_test(tc, pretty_indents_by_two);
	tcase_add_test(tc, an_error_is_one_object_on_the_other_stream);
	tcase_add_test(tc, an_error_without_a_hint_has_null_there);
	tcase_add_test(tc, warnings_alone_are_no_failure);
	tcase_add_test(tc, with_json_warnings_alone_are_silent);
	tcase_add_test(tc, quiet_leaves_only_errors);
	tcase_add_test(tc, steps_are_for_terminals_and_the_curious);
	tcase_add_test(tc, with_json_only_json_is_printed);
	tcase_add_test(tc, a_full_disk_is_noticed);
	tcase_add_test(tc, a_full_disk_is_noticed_within_long_results);
	tcase_add_test(tc, a_table_is_aligned_by_characters);
	tcase_add_test(tc, time_is_written_in_utc);
}
