/* SPDX-License-Identifier: MIT */
/* The road from profile to journal on a kernel of memory: what is applied stands, twice is once, a refusal at any place
 * is rolled back to what stood before, flush leaves nothing, and others who write make us read again. */
#include "base/base.h"

#include <errno.h>

#include "apply/apply.h"
#include "apply/boot.h"
#include "apply/history.h"
#include "apply/trial.h"
#include "base/out.h"
#include "fake_target.h"
#include "nft_samples.h"

#define NETNS "0000000000000003"
#define BOOT "5f0c0000-0000-4000-8000-000000000001"

static struct arena *kernel_arena;       /* what the fake holds outlives a session */
static char state_dir[] = "/tmp/nlbc-apply-XXXXXX";
static const char *boot;

struct command {
	struct session s;
	struct diags d;
	struct apply_result result;
};

static void set_up(void)
{
	kernel_arena = arena_new();
	boot = BOOT;
	fake_init(kernel_arena);
	memcpy(state_dir + sizeof(state_dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(state_dir));
}

static void tear_down(void)
{
	char *command = arena_printf(kernel_arena, "rm -r %s", state_dir);

	ck_assert_int_eq(system(command), 0);
	arena_free(kernel_arena);
}

/* What session_open does, without asking for rights or sockets. */
static void command_begin(struct command *c)
{
	struct arena *a = arena_new();

	*c = (struct command){ .s = { .arena = a, .by = "root", .netns = NETNS, .boot = BOOT } };
	diags_init(&c->d, a);
	const struct journal_place place = { .state_dir = state_dir, .netns = NETNS, .boot = boot };

	ck_assert_int_eq(journal_open(&c->s.journal, &place, true, a, &c->d), 0);
	c->s.own = (struct own){ .arena = a, .kernel = c->s.journal.in_force.kernel, .rule_size = 200 };
}

static void command_end(struct command *c)
{
	session_close(&c->s);
	arena_free(c->s.arena);
}

static int apply(struct command *c, const char *profile)
{
	struct apply_request q = { 0 };

	command_begin(c);
	q.profile = profile_read_text("x.prof", str_of(profile), NULL, c->s.arena, &c->d);
	ck_assert_ptr_nonnull(q.profile);
	q.machine = q.profile->machines;
	return apply_profile(&c->s, &q, &c->result, &c->d);
}

static int apply_on_trial(struct command *c, const char *profile, uint64_t trial_ms)
{
	struct apply_request q = { .trial_ms = trial_ms };

	command_begin(c);
	q.profile = profile_read_text("x.prof", str_of(profile), NULL, c->s.arena, &c->d);
	ck_assert_ptr_nonnull(q.profile);
	q.machine = q.profile->machines;
	return apply_profile(&c->s, &q, &c->result, &c->d);
}

static int flush(struct command *c)
{
	command_begin(c);
	return apply_flush(&c->s, false, false, &c->result, &c->d);
}

static void must_apply(const char *profile)
{
	struct command c;

	ck_assert_int_eq(apply(&c, profile), 0);
	command_end(&c);
}

/* All that is held, as text, but for the mark of the generation. */
static const char *held(void)
{
	auto_text struct text out = { 0 };

	for (size_t i = 0; i < fake.held.n; i++)
		if (strcmp(fake.held.list[i].key, "chain/about") != 0)
			text_printf(&out, "%s %s\n", fake.held.list[i].key, fake.held.list[i].body);
	return arena_copy(kernel_arena, text_get(&out), out.n);
}

START_TEST(what_is_applied_stands_and_twice_is_once)
{
	struct command c;

	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert(c.result.changed);
	ck_assert_uint_eq(c.result.generation, 1);
	command_end(&c);
	const size_t writes = fake.writes;
	ck_assert_ptr_nonnull(items_find(&fake.held, "chain/choose_forward"));
	ck_assert_ptr_nonnull(items_find(&fake.held, "rule/9052"));
	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert(!c.result.changed);
	ck_assert_uint_eq(c.result.generation, 1);
	ck_assert_uint_eq(fake.writes, writes);
	command_end(&c);
}
END_TEST

START_TEST(flush_leaves_nothing)
{
	struct command c;

	must_apply(per_flow);
	ck_assert_int_eq(flush(&c), 0);
	command_end(&c);
	ck_assert_str_eq(held(), "");
	ck_assert_int_eq(flush(&c), 0);
	ck_assert(c.result.nothing);
	command_end(&c);
}
END_TEST

/* Every change of the way from one profile to another refused in turn. */
START_TEST(a_refusal_at_any_place_is_rolled_back)
{
	struct command c;
	size_t n = 0;

	must_apply(per_packet);
	const char *before = held();
	for (int err = -1; err; n++) {
		fake.refuse_at = fake.writes + n + 1;
		fake.refuse_error = ENOBUFS;
		fake.refusals = 1;
		err = apply(&c, per_flow);
		ck_assert_int_eq(err, fake.refusals ? 0 : -ENOBUFS);
		if (err) {
			ck_assert(c.result.rolled_back);
			ck_assert_str_eq(held(), before);
			ck_assert_ptr_nonnull(strstr(c.d.list[0]->text, "the fake refused"));
			ck_assert_uint_eq(c.s.journal.in_force.number, 1);
		}
		command_end(&c);
	}
	ck_assert_uint_gt(n, 20);
	ck_assert_ptr_nonnull(items_find(&fake.held, "chain/out"));
}
END_TEST

static void lose(const char *key)
{
	struct item *item = items_find(&fake.held, key);

	ck_assert_ptr_nonnull(item);
	*item = fake.held.list[--fake.held.n];
	items_sort(&fake.held);
}

/* A route that went with its link is not the roll-back's to bring back, and must not stop it. */
START_TEST(what_was_missing_before_does_not_stop_the_roll_back)
{
	struct command c;

	must_apply(per_packet);
	lose("route/71002/10.10.3.0/24");
	lose("rule/9052");
	const char *before = held();
	fake.refuse_key = "rule/9052";
	fake.refuse_error = EINVAL;
	ck_assert_int_eq(apply(&c, per_flow), -EINVAL);
	ck_assert(c.result.rolled_back);
	ck_assert_uint_eq(c.d.n_errors, 1);
	ck_assert_uint_eq(c.s.journal.in_force.number, 1);
	command_end(&c);
	/* Written before the refusal, and what the generation says: it may stay. */
	if (items_find(&fake.held, "route/71002/10.10.3.0/24"))
		lose("route/71002/10.10.3.0/24");
	ck_assert_str_eq(held(), before);
}
END_TEST

START_TEST(a_roll_back_that_fails_says_what_is_left)
{
	struct command c;

	must_apply(per_packet);
	fake.refuse_at = fake.writes + 5;
	fake.refuse_error = ENOBUFS;
	fake.refusals = SIZE_MAX;
	ck_assert_int_lt(apply(&c, per_flow), 0);
	ck_assert(!c.result.rolled_back);
	command_end(&c);
	fake.refuse_at = 0;
	ck_assert_int_eq(flush(&c), 0);
	command_end(&c);
	ck_assert_str_eq(held(), "");
}
END_TEST

START_TEST(others_who_write_make_us_read_again)
{
	struct command c;

	fake.refuse_at = 3;
	fake.refuse_error = ERESTART;
	fake.refusals = ROAD_TRIES - 1;
	ck_assert_int_eq(apply(&c, per_packet), 0);
	command_end(&c);
	ck_assert_uint_eq(fake.refusals, 0);
}
END_TEST

START_TEST(others_who_never_stop_make_us_busy)
{
	struct command c;

	fake.refuse_at = 3;
	fake.refuse_error = ERESTART;
	fake.refusals = ROAD_TRIES;
	ck_assert_int_eq(apply(&c, per_packet), -EBUSY);
	ck_assert(c.result.rolled_back);
	command_end(&c);
	ck_assert_str_eq(held(), "");
}
END_TEST

START_TEST(what_stands_in_the_way_stops_before_the_first_write)
{
	struct command c;

	fake.in_the_way = "preference 9051 is in use";
	ck_assert_int_lt(apply(&c, per_packet), 0);
	ck_assert_str_eq(c.d.list[c.d.n - 1]->text, "preference 9051 is in use");
	ck_assert_uint_eq(fake.writes, 0);
	ck_assert_uint_eq(c.s.journal.now.number, 0);
	command_end(&c);
}
END_TEST

START_TEST(a_path_taken_down_by_hand_moves_only_its_entries)
{
	const struct hand down = { .kind = HAND_STATE, .path = "p2", .state = MEMBER_DOWN };
	const char *from, *to;
	struct command c;

	must_apply(per_flow);
	command_begin(&c);
	ck_assert_int_eq(apply_hand(&c.s, &down, &c.result, &from, &to, &c.d), 0);
	ck_assert_str_eq(from, "up");
	ck_assert_str_eq(to, "down");
	const struct changes *changes = &c.result.road.steps[0].changes;
	ck_assert_uint_eq(changes->n, 1 + 8);
	for (size_t i = 0; i < changes->n; i++) {
		const char *key = (changes->list[i].from ? changes->list[i].from : changes->list[i].to)->key;
		ck_assert_msg(strncmp(key, "elem/", 5) == 0, "%s", key);
	}
	command_end(&c);
	ck_assert_ptr_null(items_find(&fake.held, "elem/live_forward/0x02000000"));
}
END_TEST

static int rollback(struct command *c, uint64_t number)
{
	struct apply_request q;

	command_begin(c);
	int err = apply_earlier(&c->s, number, &q, &c->d);

	return err ? err : apply_profile(&c->s, &q, &c->result, &c->d);
}

static void expect_history(const struct command *c, const char *expected)
{
	const struct journal *j = &c->s.journal;
	auto_text struct text is = { 0 };

	for (size_t i = 0; i < j->n_history; i++)
		text_printf(&is, "%s%d %s %s", i ? ", " : "", (int)j->history[i].number, outcome_name(j->history[i].outcome),
			    j->history[i].why);
	ck_assert_str_eq(text_get(&is), expected);
}

START_TEST(an_earlier_generation_is_applied_again_as_a_new_one)
{
	struct command c;

	must_apply(per_packet);
	const char *first = held();
	must_apply(per_flow);
	const char *second = held();
	ck_assert_int_eq(rollback(&c, 0), 0);
	ck_assert_uint_eq(c.result.generation, 3);
	ck_assert_uint_eq(c.result.previous, 2);
	ck_assert_str_eq(held(), first);
	command_end(&c);
	ck_assert_int_eq(rollback(&c, 0), 0);
	ck_assert_str_eq(held(), second);
	command_end(&c);
	ck_assert_int_eq(rollback(&c, 1), 0);
	ck_assert_str_eq(held(), first);
	expect_history(&c, "1 applied -, 2 applied -, 3 applied -, 4 applied -, 5 applied -");
	command_end(&c);
}
END_TEST

START_TEST(after_flush_the_last_generation_comes_back)
{
	struct command c;

	must_apply(per_packet);
	const char *first = held();
	ck_assert_int_eq(flush(&c), 0);
	command_end(&c);
	ck_assert_int_eq(rollback(&c, 0), 0);
	ck_assert_uint_eq(c.result.generation, 2);
	ck_assert_str_eq(held(), first);
	command_end(&c);
}
END_TEST

START_TEST(a_generation_that_is_not_kept_is_refused_with_those_that_are)
{
	struct command c;

	ck_assert_int_eq(rollback(&c, 0), -ENOENT);
	ck_assert_str_eq(c.d.list[0]->text, "no generation to go back to");
	command_end(&c);
	must_apply(per_packet);
	must_apply(per_flow);
	ck_assert_int_eq(rollback(&c, 7), -ENOENT);
	ck_assert_str_eq(c.d.list[0]->code, "usage");
	ck_assert_str_eq(c.d.list[0]->hint, "kept are: 1 2");
	command_end(&c);
}
END_TEST

START_TEST(history_tells_what_was_refused_and_numbers_are_given_once)
{
	struct command c;

	must_apply(per_packet);
	fake.refuse_at = fake.writes + 3;
	fake.refuse_error = ENOBUFS;
	fake.refusals = 1;
	ck_assert_int_eq(apply(&c, per_flow), -ENOBUFS);
	expect_history(&c, "1 applied -, 2 rolled-back kernel");
	command_end(&c);
	ck_assert_int_eq(apply(&c, per_flow), 0);
	ck_assert_uint_eq(c.result.generation, 3);
	command_end(&c);
	ck_assert_int_eq(rollback(&c, 0), 0);
	expect_history(&c, "1 applied -, 2 rolled-back kernel, 3 applied -, 4 applied -");
	ck_assert_str_eq(c.s.journal.history[3].sum, c.s.journal.history[0].sum);
	command_end(&c);
}
END_TEST

enum { HOUR_MS = 3600000 };

static int go_back(struct command *c)
{
	struct way_back w;

	command_begin(c);
	ck_assert_int_eq(trial_read_back(&c->s, &w, &c->d), 0);
	return trial_go_back(&c->s, &w, &c->result, &c->d);
}

static void must_try(const char *profile, uint64_t trial_ms)
{
	struct command c;

	ck_assert_int_eq(apply_on_trial(&c, profile, trial_ms), 0);
	command_end(&c);
}

START_TEST(a_trial_goes_back_to_what_was_there_and_what_was_remembered)
{
	struct command c;

	must_apply(per_packet);
	const char *before = held();
	must_try(per_flow, HOUR_MS);
	ck_assert_str_ne(held(), before);
	ck_assert_int_eq(go_back(&c), 0);
	ck_assert_uint_eq(c.result.generation, 1);
	ck_assert_uint_eq(c.result.previous, 2);
	ck_assert_uint_gt(road_changes(&c.result.road), 0);
	command_end(&c);
	ck_assert_str_eq(held(), before);
	command_begin(&c);
	ck_assert_int_eq(c.s.journal.end, JOURNAL_DONE);
	ck_assert_uint_eq(c.s.journal.in_force.number, 1);
	ck_assert_uint_eq(c.s.journal.trial.number, 0);
	ck_assert_uint_eq(c.s.journal.last, 2);
	ck_assert_uint_eq(c.s.journal.memory.n_lists, 1);
	ck_assert(c.s.journal.memory.lists[0].turn);
	expect_history(&c, "1 applied -, 2 rolled-back unconfirmed");
	command_end(&c);
	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert(!c.result.changed);
	command_end(&c);
}
END_TEST

START_TEST(a_trial_of_the_first_generation_goes_back_to_nothing)
{
	struct command c;

	must_try(per_flow, HOUR_MS);
	ck_assert_int_eq(go_back(&c), 0);
	ck_assert_uint_eq(c.result.generation, 0);
	command_end(&c);
	ck_assert_str_eq(held(), "");
	command_begin(&c);
	ck_assert_int_eq(c.s.journal.end, JOURNAL_EMPTY);
	command_end(&c);
}
END_TEST

START_TEST(a_trial_after_a_trial_goes_back_to_before_both)
{
	struct command c;

	must_apply(per_packet);
	const char *before = held();
	must_try(per_flow, HOUR_MS);
	must_try(all_sorts, HOUR_MS);
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.trial.number, 3);
	ck_assert_uint_eq(c.s.journal.trial.to, 1);
	command_end(&c);
	ck_assert_int_eq(go_back(&c), 0);
	expect_history(&c, "1 applied -, 2 rolled-back unconfirmed, 3 rolled-back unconfirmed");
	command_end(&c);
	ck_assert_str_eq(held(), before);
}
END_TEST

START_TEST(while_a_trial_runs_only_another_takes_its_place)
{
	struct command c;

	must_apply(per_packet);
	must_try(per_flow, HOUR_MS);
	const char *tried = held();
	ck_assert_int_eq(apply(&c, per_packet), -EAGAIN);
	ck_assert_str_eq(c.d.list[0]->code, "state");
	ck_assert_ptr_nonnull(strstr(c.d.list[0]->text, "generation 2 awaits confirmation until "));
	ck_assert_str_eq(c.d.list[0]->hint, "nlbc confirm keeps it, nlbc rollback goes back to generation 1");
	command_end(&c);
	ck_assert_int_eq(apply(&c, per_flow), 0);
	ck_assert(!c.result.changed);
	command_end(&c);
	ck_assert_str_eq(held(), tried);
}
END_TEST

START_TEST(what_is_confirmed_stays)
{
	struct trial t;
	struct command c;
	bool ended;

	must_apply(per_packet);
	must_try(per_flow, 1);
	(void)usleep(2000);
	command_begin(&c);
	ck_assert_int_eq(trial_confirm(&c.s, &t, &c.d), 0);
	ck_assert_uint_eq(t.number, 2);
	command_end(&c);
	command_begin(&c);
	ck_assert_int_eq(trial_settle(&c.s, &ended, &c.d), 0);
	ck_assert(!ended);
	ck_assert_int_eq(trial_confirm(&c.s, &t, &c.d), -ENOENT);
	ck_assert_str_eq(c.d.list[0]->code, "state");
	expect_history(&c, "1 applied -, 2 applied -");
	command_end(&c);
}
END_TEST

START_TEST(whoever_writes_next_ends_a_trial_whose_time_is_over)
{
	struct trial t;
	struct command c;
	bool ended;

	must_apply(per_packet);
	const char *before = held();
	must_try(per_flow, 1);
	(void)usleep(2000);
	command_begin(&c);
	ck_assert_int_eq(trial_settle(&c.s, &ended, &c.d), 0);
	ck_assert(ended);
	ck_assert_str_eq(c.d.list[0]->text, "generation 2 was not confirmed in time: rolled back, generation 1 is in force");
	command_end(&c);
	ck_assert_str_eq(held(), before);
	command_begin(&c);
	ck_assert_int_eq(trial_confirm(&c.s, &t, &c.d), -ENOENT);
	ck_assert_str_eq(c.d.list[0]->code, "unconfirmed");
	command_end(&c);
}
END_TEST

/* Refused at first, then once more by another command: the journal knows that the trial is over, whatever its time. */
START_TEST(a_roll_back_that_was_refused_is_finished_by_the_next_command)
{
	struct command c;
	bool ended;

	must_apply(per_packet);
	const char *before = held();
	must_try(per_flow, HOUR_MS);
	fake.refuse_at = fake.writes + 3;
	fake.refuse_error = ENOBUFS;
	fake.refusals = 1;
	ck_assert_int_lt(go_back(&c), 0);
	ck_assert_str_eq(failure_worst(&c.d, NULL)->code, "rollback");
	command_end(&c);
	fake.refuse_at = 0;
	command_begin(&c);
	ck_assert_int_eq(c.s.journal.end, JOURNAL_UNFINISHED);
	ck_assert_int_eq(trial_settle(&c.s, &ended, &c.d), 0);
	ck_assert(ended);
	command_end(&c);
	ck_assert_str_eq(held(), before);
}
END_TEST

START_TEST(what_is_set_by_hand_in_a_trial_does_not_end_it)
{
	const struct hand down = { .kind = HAND_STATE, .path = "p2", .state = MEMBER_DOWN };
	const char *from, *to;
	struct command c;

	must_apply(per_packet);
	const char *before = held();
	must_try(per_flow, HOUR_MS);
	command_begin(&c);
	ck_assert_int_eq(apply_hand(&c.s, &down, &c.result, &from, &to, &c.d), 0);
	command_end(&c);
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.trial.number, 2);
	expect_history(&c, "1 applied -, 2 unconfirmed -");
	command_end(&c);
	ck_assert_int_eq(go_back(&c), 0);
	ck_assert_uint_eq(c.s.journal.memory.n_hand_states, 0);
	command_end(&c);
	ck_assert_str_eq(held(), before);
}
END_TEST

START_TEST(a_refusal_within_a_trial_leaves_it_as_it_was)
{
	struct command c;

	must_apply(per_packet);
	must_try(per_flow, HOUR_MS);
	const char *tried = held();
	fake.refuse_at = fake.writes + 2;
	fake.refuse_error = ENOBUFS;
	fake.refusals = 1;
	ck_assert_int_eq(apply_on_trial(&c, all_sorts, HOUR_MS), -ENOBUFS);
	ck_assert_uint_eq(c.s.journal.trial.number, 2);
	command_end(&c);
	ck_assert_str_eq(held(), tried);
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.trial.number, 2);
	expect_history(&c, "1 applied -, 2 unconfirmed -, 3 rolled-back kernel");
	command_end(&c);
}
END_TEST

START_TEST(flush_and_another_boot_end_a_trial)
{
	struct command c;

	must_try(per_packet, HOUR_MS);
	ck_assert_int_eq(flush(&c), 0);
	command_end(&c);
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.trial.number, 0);
	command_end(&c);
	must_try(per_packet, HOUR_MS);
	boot = "5f0c0000-0000-4000-8000-000000000002";
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.trial.number, 0);
	command_end(&c);
}
END_TEST

START_TEST(the_start_up_profile_is_that_of_the_generation)
{
	struct kept_profile kept;
	struct command c;

	must_apply(per_packet);
	must_apply(per_flow);
	command_begin(&c);
	c.s.state_dir = state_dir;
	ck_assert_int_eq(boot_load(state_dir, c.s.arena, &kept, &c.d), -ENOENT);
	ck_assert_int_eq(boot_save(&c.s, 1, &c.d), 0);
	ck_assert_int_eq(boot_load(state_dir, c.s.arena, &kept, &c.d), 0);
	ck_assert_str_eq(kept.machine->profile, "per-packet");
	ck_assert(boot_is(state_dir, &kept, c.s.arena));
	ck_assert_int_eq(session_load(&c.s, 2, &kept, &c.d), 0);
	ck_assert(!boot_is(state_dir, &kept, c.s.arena));
	ck_assert_int_lt(boot_save(&c.s, 7, &c.d), 0);
	command_end(&c);
}
END_TEST

static void forget(const char *file)
{
	ck_assert_int_eq(unlink(arena_printf(kernel_arena, "%s/" NETNS "/%s", state_dir, file)), 0);
}

START_TEST(a_generation_whose_file_is_gone_is_applied_anew)
{
	struct command c;

	must_apply(per_packet);
	forget("gen/1.json");
	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert_uint_eq(c.result.generation, 2);
	ck_assert(journal_has_generation(&c.s.journal, 2));
	command_end(&c);
}
END_TEST

START_TEST(what_no_journal_tells_of_is_taken_over_with_a_warning)
{
	struct command c;

	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert_uint_eq(c.d.n, 0);
	command_end(&c);
	forget("journal");
	ck_assert_int_eq(apply(&c, per_packet), 0);
	ck_assert_uint_eq(c.d.n, 1);
	ck_assert_ptr_nonnull(strstr(c.d.list[0]->text, "the journal knows nothing of"));
	command_end(&c);
}
END_TEST

START_TEST(what_was_set_by_hand_outlives_the_boot_until_flush)
{
	const struct hand drain = { .kind = HAND_STATE, .path = "p2", .state = MEMBER_DRAINING };
	const char *from, *to;
	struct command c;

	must_apply(per_flow);
	command_begin(&c);
	ck_assert_int_eq(apply_hand(&c.s, &drain, &c.result, &from, &to, &c.d), 0);
	command_end(&c);
	boot = "5f0c0000-0000-4000-8000-000000000002";
	fake_init(kernel_arena);
	command_begin(&c);
	ck_assert_int_eq(apply_hand(&c.s, &drain, &c.result, &from, &to, &c.d), -ENOENT);
	command_end(&c);
	ck_assert_int_eq(apply(&c, per_flow), 0);
	ck_assert_uint_eq(c.result.generation, 2);
	ck_assert_uint_eq(c.s.journal.memory.n_hand_states, 1);
	command_end(&c);
	boot = BOOT;
	fake_init(kernel_arena);
	ck_assert_int_eq(flush(&c), 0);
	ck_assert(c.result.nothing);
	command_end(&c);
	command_begin(&c);
	ck_assert_uint_eq(c.s.journal.memory.n_hand_states, 0);
	command_end(&c);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_is_applied_stands_and_twice_is_once);
	tcase_add_test(tc, flush_leaves_nothing);
	tcase_add_test(tc, a_refusal_at_any_place_is_rolled_back);
	tcase_add_test(tc, what_was_missing_before_does_not_stop_the_roll_back);
	tcase_add_test(tc, a_roll_back_that_fails_says_what_is_left);
	tcase_add_test(tc, others_who_write_make_us_read_again);
	tcase_add_test(tc, others_who_never_stop_make_us_busy);
	tcase_add_test(tc, what_stands_in_the_way_stops_before_the_first_write);
	tcase_add_test(tc, a_generation_whose_file_is_gone_is_applied_anew);
	tcase_add_test(tc, what_no_journal_tells_of_is_taken_over_with_a_warning);
	tcase_add_test(tc, what_was_set_by_hand_outlives_the_boot_until_flush);
	tcase_add_test(tc, an_earlier_generation_is_applied_again_as_a_new_one);
	tcase_add_test(tc, after_flush_the_last_generation_comes_back);
	tcase_add_test(tc, a_generation_that_is_not_kept_is_refused_with_those_that_are);
	tcase_add_test(tc, history_tells_what_was_refused_and_numbers_are_given_once);
	tcase_add_test(tc, a_trial_goes_back_to_what_was_there_and_what_was_remembered);
	tcase_add_test(tc, a_trial_of_the_first_generation_goes_back_to_nothing);
	tcase_add_test(tc, a_trial_after_a_trial_goes_back_to_before_both);
	tcase_add_test(tc, while_a_trial_runs_only_another_takes_its_place);
	tcase_add_test(tc, what_is_confirmed_stays);
	tcase_add_test(tc, whoever_writes_next_ends_a_trial_whose_time_is_over);
	tcase_add_test(tc, a_roll_back_that_was_refused_is_finished_by_the_next_command);
	tcase_add_test(tc, what_is_set_by_hand_in_a_trial_does_not_end_it);
	tcase_add_test(tc, a_refusal_within_a_trial_leaves_it_as_it_was);
	tcase_add_test(tc, flush_and_another_boot_end_a_trial);
	tcase_add_test(tc, the_start_up_profile_is_that_of_the_generation);
	tcase_add_test(tc, a_path_taken_down_by_hand_moves_only_its_entries);
}
