/* SPDX-License-Identifier: MIT */
/* The journal: what is written is read again, what was cut short or is of another boot does not count. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "apply/history.h"
#include "apply/journal.h"
#include "apply/trial.h"
#include "unit.h"

#define BOOT "5f0c0000-0000-4000-8000-000000000001"
#define NETNS "0000000000000003"

static struct arena *arena;
static struct diags d;
static char state_dir[] = "/tmp/nlbc-journal-XXXXXX";

static void begin(void)
{
	arena = arena_new();
	diags_init(&d, arena);
	memcpy(state_dir + sizeof(state_dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(state_dir));
}

static void end(void)
{
	char *command = arena_printf(arena, "rm -r %s", state_dir);

	ck_assert_int_eq(system(command), 0);
	arena_free(arena);
}

static void open_it(struct journal *j, const char *boot, bool change)
{
	const struct journal_place place = { .state_dir = state_dir, .netns = NETNS, .boot = boot };

	ck_assert_int_eq(journal_open(j, &place, change, arena, &d), 0);
}

static struct generation some_generation(void)
{
	return (struct generation){
		.number = 17, .from = 16, .verb = "apply", .profile = "per-packet", .role = "router", .sum = "0123456789ab",
		.target = "nft", .by = "root", .at = "2026-01-05T10:11:12Z", .pid = 4121, .before = "9c1d",
		.kernel = { .mark_mask = 0x7f000000, .rule_base = 9000, .table_base = 71000, .route_protocol = 110 },
		.rule_size = 200,
	};
}

static struct memory some_memory(void)
{
	static uint16_t slots[] = { 1, 1, 2, 0, UINT16_MAX, 2, 2, 2 };
	static struct numbered paths[] = { { "p1", 1, 0 }, { "p2", 2, 3 } }, balances[] = { { "forward", 1, 0 } };
	static struct owner_list lists[] = { { "forward", false, 8, slots } };
	static struct hand_state states[] = { { "p2", MEMBER_DRAINING } };
	static struct hand_weight weights[] = { { "forward", "p1", 7 }, { NULL, "p2", 0 } };
	static struct found_state found[] = { { "p1", MEMBER_DOWN, REASON_PROBE } };

	return (struct memory){ paths, 2, balances, 1, lists, 1, states, 1, weights, 2, found, 1 };
}

static void append_begin(struct journal *j)
{
	const struct displaced displaced[] = {
		{ .key = "setting/net.ipv4.tcp_rmem", .value = "4096 131072\t6291456", .ours = "1 2 3" },
		{ .key = "qdisc/eth2/root", .value = "default" },
	};
	const struct generation g = some_generation();
	const struct memory m = some_memory();
	auto_text struct text lines = { 0 };

	journal_put_begin(&g, &m, &lines);
	journal_put_displaced(displaced, ARRAY_LEN(displaced), &lines);
	ck_assert_int_eq(journal_append(j, &lines, true), 0);
}

static void append(struct journal *j, const char *s)
{
	auto_text struct text line = { 0 };

	text_puts(&line, s);
	ck_assert_int_eq(journal_append(j, &line, false), 0);
}

static void expect_all(const struct journal *j)
{
	const struct memory want = some_memory(), *m = &j->memory;

	ck_assert_uint_eq(j->now.number, 17);
	ck_assert_str_eq(j->now.role, "router");
	ck_assert_uint_eq(j->now.kernel.mark_mask, 0x7f000000);
	ck_assert_uint_eq(j->now.kernel.route_protocol, 110);
	ck_assert_uint_eq(m->n_paths, 2);
	ck_assert_str_eq(m->paths[1].name, "p2");
	ck_assert_uint_eq(m->paths[1].freed, 3);
	ck_assert_str_eq(m->balances[0].name, "forward");
	ck_assert_uint_eq(m->lists[0].size, 8);
	ck_assert_mem_eq(m->lists[0].owner, want.lists[0].owner, 8 * sizeof(uint16_t));
	ck_assert_int_eq(m->hand_states[0].state, MEMBER_DRAINING);
	ck_assert_uint_eq(m->n_hand_weights, 2);
	ck_assert_str_eq(m->hand_weights[0].balance, "forward");
	ck_assert_ptr_null(m->hand_weights[1].balance);
	ck_assert_int_eq(m->found[0].reason, REASON_PROBE);
	ck_assert_uint_eq(j->n_displaced, 2);
	ck_assert_str_eq(j->displaced[0].value, "4096 131072\t6291456");
	ck_assert_str_eq(j->displaced[0].ours, "1 2 3");
	ck_assert_ptr_null(j->displaced[1].ours);
}

START_TEST(what_is_begun_is_read_again_as_unfinished)
{
	struct journal j;

	open_it(&j, BOOT, true);
	ck_assert_int_eq(j.end, JOURNAL_EMPTY);
	append_begin(&j);
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_int_eq(j.end, JOURNAL_UNFINISHED);
	ck_assert_uint_eq(j.in_force.number, 0);
	expect_all(&j);
}
END_TEST

/* A change that is not done may have been killed before or after it wrote the setting. */
START_TEST(both_our_values_count_until_it_is_done)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "wrote setting/net.ipv4.tcp_rmem 4 5 6\n");
	journal_close(&j);
	open_it(&j, BOOT, true);
	ck_assert_str_eq(j.displaced[0].ours, "4 5 6");
	ck_assert_str_eq(j.displaced[0].former, "1 2 3");
	append(&j, "done gen=17 sum=77e0 steer=aabb basis=0123 nft=42\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_str_eq(j.displaced[0].ours, "4 5 6");
	ck_assert_ptr_null(j.displaced[0].former);
}
END_TEST

START_TEST(writing_anew_keeps_what_still_matters)
{
	struct journal j, again;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "stage switch\ndone gen=17 sum=77e0 steer=aabb basis=0123 nft=42\nsince p1 2026-01-05T10:11:12Z\n");
	journal_close(&j);
	open_it(&j, BOOT, true);
	ck_assert_int_eq(journal_rewrite(&j), 0);
	journal_close(&j);
	open_it(&again, BOOT, false);
	ck_assert_int_eq(again.end, JOURNAL_DONE);
	ck_assert_uint_eq(again.in_force.number, 17);
	ck_assert_uint_eq(again.nft_generation, 42);
	ck_assert_str_eq(again.basis, "0123");
	ck_assert_str_eq(again.done_sum, "77e0");
	ck_assert_str_eq(journal_since(&again, "p1", 0), "2026-01-05T10:11:12Z");
	expect_all(&again);
}
END_TEST

START_TEST(a_line_that_was_cut_short_does_not_count)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17 sum=77e0 steer=aa nft=4");
	journal_close(&j);
	open_it(&j, BOOT, true);
	append(&j, "hand path p1 down\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_uint_eq(j.memory.n_hand_states, 2);
	ck_assert_int_eq(j.end, JOURNAL_UNFINISHED);
}
END_TEST

START_TEST(of_another_boot_only_numbers_and_hands_are_kept)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17 sum=77e0 steer=aabb nft=42\n");
	journal_close(&j);
	open_it(&j, "another", true);
	ck_assert_int_eq(j.end, JOURNAL_EMPTY);
	ck_assert_uint_eq(j.in_force.number, 0);
	ck_assert_uint_eq(j.last, 17);
	ck_assert_uint_eq(j.memory.n_paths, 2);
	ck_assert_uint_eq(j.memory.n_lists, 0);
	ck_assert_uint_eq(j.memory.n_hand_weights, 2);
	ck_assert_uint_eq(j.n_displaced, 0);
	ck_assert_int_eq(access(arena_printf(arena, "%s/" NETNS "/journal.old", state_dir), F_OK), 0);
	journal_close(&j);
	open_it(&j, "another", true);          /* the next command, too, finds them */
	ck_assert_int_eq(j.end, JOURNAL_EMPTY);
	ck_assert_uint_eq(j.last, 17);
	ck_assert_uint_eq(j.memory.n_paths, 2);
	ck_assert_uint_eq(j.memory.n_hand_weights, 2);
	ck_assert_int_eq(j.memory.hand_states[0].state, MEMBER_DRAINING);
	journal_close(&j);
}
END_TEST

START_TEST(what_somebody_writes_meanwhile_is_noticed)
{
	struct journal reader, writer;

	open_it(&reader, BOOT, false);
	ck_assert(!journal_moves(&reader));
	open_it(&writer, BOOT, true);
	ck_assert(!journal_moves(&reader));
	append_begin(&writer);
	ck_assert(journal_moves(&reader));
	open_it(&reader, BOOT, false);
	ck_assert(journal_moves(&reader));     /* begun, and still at work */
	journal_close(&writer);
	ck_assert(!journal_moves(&reader));    /* begun, and dead */
	ck_assert_int_eq(journal_rewrite(&writer), 0);
	ck_assert(journal_moves(&reader));
}
END_TEST

START_TEST(a_signal_ends_the_wait_for_the_lock)
{
	static const volatile sig_atomic_t interrupted = 1;
	const struct journal_place place = {
		.state_dir = state_dir, .netns = NETNS, .boot = BOOT, .interrupted = &interrupted,
	};
	struct journal holder, waiting;

	open_it(&holder, BOOT, true);
	ck_assert_int_eq(journal_open(&waiting, &place, true, arena, &d), -EINTR);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.list[0]->code, "interrupted");
	journal_close(&holder);
}
END_TEST

START_TEST(what_a_newer_one_wrote_is_passed_over)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "\nunheard of=1\ndone gen=17 sum=77e0 more=words steer=aabb nft=42\nnumber\nslots\nhand\nstate path\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_int_eq(j.end, JOURNAL_DONE);
	ck_assert_uint_eq(j.nft_generation, 42);
}
END_TEST

static void expect_past(const struct journal *j, size_t at, uint64_t number, enum outcome outcome, const char *why)
{
	ck_assert_uint_lt(at, j->n_history);
	ck_assert_uint_eq(j->history[at].number, number);
	ck_assert_str_eq(outcome_name(j->history[at].outcome), outcome_name(outcome));
	ck_assert_str_eq(j->history[at].why, why);
}

START_TEST(history_outlives_writing_anew_and_the_boot)
{
	const struct generation eighteen = { .number = 18, .verb = "apply", .profile = "x", .role = "-", .sum = "abc",
					     .by = "root", .at = "2026-01-05T10:11:13Z" };
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	journal_close(&j);
	open_it(&j, BOOT, true);
	expect_past(&j, 0, 17, OUTCOME_UNFINISHED, "-");
	append(&j, "done gen=17 sum=77e0 steer=aabb nft=42\n");
	journal_close(&j);
	open_it(&j, BOOT, true);
	expect_past(&j, 0, 17, OUTCOME_APPLIED, "-");
	struct past *p = history_note(&j, &eighteen);
	p->outcome = OUTCOME_ROLLED_BACK;
	p->why = "kernel";
	ck_assert_int_eq(journal_rewrite(&j), 0);
	journal_close(&j);
	open_it(&j, "another", true);
	journal_close(&j);
	open_it(&j, "another", true);
	ck_assert_uint_eq(j.n_history, 2);
	expect_past(&j, 0, 17, OUTCOME_APPLIED, "-");
	expect_past(&j, 1, 18, OUTCOME_ROLLED_BACK, "kernel");
	ck_assert_str_eq(j.history[0].role, "router");
	ck_assert_str_eq(j.history[1].at, "2026-01-05T10:11:13Z");
	journal_close(&j);
}
END_TEST

START_TEST(a_change_by_hand_is_no_new_generation_in_history)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17 sum=77e0 steer=aabb nft=42\nbegin gen=17 from=17 verb=path\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_uint_eq(j.n_history, 1);
	expect_past(&j, 0, 17, OUTCOME_APPLIED, "-");
	ck_assert_str_eq(j.history[0].verb, "apply");
}
END_TEST

START_TEST(a_trial_is_read_again_until_it_is_confirmed)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17 sum=77e0 steer=aabb nft=42\nconfirm-by gen=17 boottime=8123.402 to=16 save=1 before=9c1d\n");
	for (int i = 0; i < 2; i++) {
		journal_close(&j);
		open_it(&j, BOOT, true);
		ck_assert_uint_eq(j.trial.number, 17);
		ck_assert_uint_eq(j.trial.to, 16);
		ck_assert_uint_eq(j.trial.until_ms, 8123402);
		ck_assert(j.trial.save);
		ck_assert(!j.trial.over);
		ck_assert_str_eq(j.trial.before, "9c1d");
		expect_past(&j, 0, 17, OUTCOME_UNCONFIRMED, "-");
		ck_assert_int_eq(journal_rewrite(&j), 0);
	}
	append(&j, "undo gen=17 to=16 why=unconfirmed\n");
	journal_close(&j);
	open_it(&j, BOOT, true);
	ck_assert(j.trial.over);
	append(&j, "confirmed gen=17\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_uint_eq(j.trial.number, 0);
	expect_past(&j, 0, 17, OUTCOME_APPLIED, "-");
}
END_TEST

START_TEST(a_flush_that_has_begun_ends_a_trial)
{
	struct journal j;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17\nconfirm-by gen=17 boottime=1.000 to=16\nbegin gen=0 from=17 verb=flush\n");
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_uint_eq(j.trial.number, 0);
	ck_assert_uint_eq(j.n_history, 1);
}
END_TEST

START_TEST(what_is_set_aside_is_what_is_in_force)
{
	struct journal j, was;

	open_it(&j, BOOT, true);
	append_begin(&j);
	append(&j, "done gen=17 sum=77e0 steer=aabb nft=42\nsince p1 2026-01-05T10:11:12Z\n");
	journal_close(&j);
	open_it(&j, BOOT, true);
	ck_assert_int_eq(journal_read_aside(&j, &was), -ENOENT);
	ck_assert_int_eq(journal_set_aside(&j), 0);
	append(&j, "begin gen=18 from=17 verb=apply\n");
	ck_assert_int_eq(journal_read_aside(&j, &was), 0);
	ck_assert_uint_eq(was.in_force.number, 17);
	ck_assert_int_eq(was.end, JOURNAL_DONE);
	ck_assert_str_eq(was.done_sum, "77e0");
	ck_assert_str_eq(journal_since(&was, "p1", 0), "2026-01-05T10:11:12Z");
	expect_all(&was);
	journal_close(&j);
	open_it(&j, "another", true);
	ck_assert_int_eq(journal_read_aside(&j, &was), -ESTALE);
	journal_drop_aside(&j);
	ck_assert_int_eq(journal_read_aside(&j, &was), -ENOENT);
	journal_close(&j);
}
END_TEST

START_TEST(history_is_bounded)
{
	struct generation g = some_generation();
	struct journal j;

	open_it(&j, BOOT, true);
	for (g.number = 1; g.number <= HISTORY_KEPT + 5; g.number++)
		history_note(&j, &g)->outcome = OUTCOME_APPLIED;
	ck_assert_int_eq(journal_rewrite(&j), 0);
	journal_close(&j);
	open_it(&j, BOOT, false);
	ck_assert_uint_eq(j.n_history, HISTORY_KEPT);
	expect_past(&j, 0, 6, OUTCOME_APPLIED, "-");
	expect_past(&j, HISTORY_KEPT - 1, HISTORY_KEPT + 5, OUTCOME_APPLIED, "-");
}
END_TEST

START_TEST(what_history_does_not_tell_of_any_more_can_be_confirmed)
{
	struct session s = { .arena = arena };
	struct trial t;

	open_it(&s.journal, BOOT, true);
	append_begin(&s.journal);
	append(&s.journal, "done gen=17 sum=77e0\nconfirm-by gen=17 boottime=99999999.000 to=0 save=0 before=9c1d\n");
	for (unsigned i = 0; i < HISTORY_KEPT; i++) {
		char *row = arena_printf(arena, "history gen=%u outcome=rolled-back why=kernel\n", 18 + i);

		append(&s.journal, row);
	}
	journal_close(&s.journal);
	open_it(&s.journal, BOOT, true);
	ck_assert_ptr_null(history_find(&s.journal, 17));
	ck_assert_int_eq(trial_confirm(&s, &t, &d), 0);
	ck_assert_uint_eq(t.number, 17);
	journal_close(&s.journal);
	open_it(&s.journal, BOOT, false);
	ck_assert_uint_eq(s.journal.trial.number, 0);
	ck_assert_uint_eq(s.journal.in_force.number, 17);
}
END_TEST

START_TEST(the_generation_in_force_is_kept_whatever_was_refused_since)
{
	auto_text struct text bytes = { 0 };
	struct journal j;

	text_puts(&bytes, "{}\n");
	open_it(&j, BOOT, true);
	for (uint64_t i = 1; i <= 30; i++) {
		ck_assert_int_eq(journal_save_generation(&j, i, &bytes), 0);
		j.in_force.number = MIN(i, (uint64_t)3);
	}
	ck_assert(!journal_has_generation(&j, 2));
	ck_assert(journal_has_generation(&j, 3));
	ck_assert(!journal_has_generation(&j, 10));
	ck_assert(journal_has_generation(&j, 11));
	journal_close(&j);
}
END_TEST

START_TEST(the_state_directory_is_made_with_those_above_it)
{
	static const char *const below[] = { "/a", "/a/b/c", "//d//e/" };

	for (size_t i = 0; i < ARRAY_LEN(below); i++) {
		const char *dir = arena_printf(arena, "%s%s", state_dir, below[i]);
		const struct journal_place place = { .state_dir = dir, .netns = NETNS, .boot = BOOT };
		struct journal j;

		ck_assert_int_eq(journal_open(&j, &place, false, arena, &d), 0);
		ck_assert_int_ne(access(dir, F_OK), 0);
		ck_assert_int_eq(journal_open(&j, &place, true, arena, &d), 0);
		append_begin(&j);
		journal_close(&j);
	}
}
END_TEST

START_TEST(the_last_twenty_generations_are_kept)
{
	auto_text struct text bytes = { 0 };
	struct journal j;
	char *read = NULL;
	size_t n;

	text_puts(&bytes, "{}\n");
	open_it(&j, BOOT, true);
	for (uint64_t i = 1; i <= 25; i++)
		ck_assert_int_eq(journal_save_generation(&j, i, &bytes), 0);
	ck_assert_int_eq(journal_load_generation(&j, 5, &read, &n), -ENOENT);
	ck_assert_int_eq(journal_load_generation(&j, 6, &read, &n), 0);
	ck_assert_uint_eq(n, 3);
	free(read);
	journal_close(&j);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_is_begun_is_read_again_as_unfinished);
	tcase_add_test(tc, both_our_values_count_until_it_is_done);
	tcase_add_test(tc, writing_anew_keeps_what_still_matters);
	tcase_add_test(tc, a_line_that_was_cut_short_does_not_count);
	tcase_add_test(tc, of_another_boot_only_numbers_and_hands_are_kept);
	tcase_add_test(tc, what_somebody_writes_meanwhile_is_noticed);
	tcase_add_test(tc, a_signal_ends_the_wait_for_the_lock);
	tcase_add_test(tc, what_a_newer_one_wrote_is_passed_over);
	tcase_add_test(tc, history_outlives_writing_anew_and_the_boot);
	tcase_add_test(tc, a_change_by_hand_is_no_new_generation_in_history);
	tcase_add_test(tc, a_trial_is_read_again_until_it_is_confirmed);
	tcase_add_test(tc, a_flush_that_has_begun_ends_a_trial);
	tcase_add_test(tc, what_is_set_aside_is_what_is_in_force);
	tcase_add_test(tc, history_is_bounded);
	tcase_add_test(tc, what_history_does_not_tell_of_any_more_can_be_confirmed);
	tcase_add_test(tc, the_generation_in_force_is_kept_whatever_was_refused_since);
	tcase_add_test(tc, the_state_directory_is_made_with_those_above_it);
	tcase_add_test(tc, the_last_twenty_generations_are_kept);
}
