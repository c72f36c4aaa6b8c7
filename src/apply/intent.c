/* SPDX-License-Identifier: MIT */
/* One change from plan to `done`; the journal is written before the first and after the last write to the kernel. */
#include "base/base.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "apply/history.h"
#include "apply/intent.h"
#include "apply/trial.h"
#include "apply/undo.h"
#include "base/out.h"
#include "plan/facts.h"
#include "target/facts.h"

/* The profile, the role, the machine, and the program that makes rules of them: another build may make others. */
static const char *basis(const struct intent *w, struct arena *a)
{
	auto_text struct text all = { 0 };
	char hex[DIGEST_TEXT];
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0)
		return NULL;
	text_printf(&all, "%ju %ju %jd %jd.%09ld\n%s %s\n", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
		    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, w->digest, w->machine->role ? w->machine->role : "-");
	facts_print(w->facts, &all);
	sha256_hex(text_get(&all), all.n, hex);
	return arena_printf(a, "%.12s", hex);
}

static bool can_glance(const struct intent *w, const struct journal *j)
{
	return w->may_glance && w->basis && j->end == JOURNAL_DONE && j->nft_generation && j->basis &&
	       strcmp(j->basis, w->basis) == 0;
}

int intent_plan(struct intent *w, struct session *s, const struct memory *before, struct road *r, struct diags *d)
{
	size_t errors = d->n_errors;
	int err = facts_read(s->kernel, &s->own, w->facts, s->arena, d);

	if (!err && d->n_errors > errors)
		err = -EINVAL;
	if (err)
		return err;
	w->plan = plan_compile(w->machine, w->facts, before, &w->after, s->arena, d);
	if (!w->plan)
		return -EINVAL;
	profile_digest(w->profile, w->digest);
	w->plan->sum = arena_printf(s->arena, "%.12s", w->digest);
	if (!s->journal.now.number)
		s->own.kernel = w->plan->kernel;
	s->own.rule_size = MAX(s->own.rule_size, w->plan->rule_size);
	w->basis = basis(w, s->arena);
	w->at_a_glance = can_glance(w, &s->journal);
	return road_plan(r, w->plan, w->at_a_glance ? LOWER_UNTRACKED : LOWER_ALL, s->arena, d);
}

int intent_survey(struct session *s, struct road *r, struct diags *d)
{
	size_t errors = d->n_errors;
	int err = road_survey(r, s, d);

	return err ? err : d->n_errors > errors ? -EINVAL : 0;
}

static const char *now_text(struct arena *a)
{
	char *buf = arena_alloc(a, TIME_TEXT);

	return time_print((int64_t)time(NULL), buf);
}

int journal_failed(int err, struct diags *d)
{
	if (err)
		diag_error(d, NULL, "kernel", "cannot write the journal: %s", strerror(-err));
	return err;
}

/* On disk before the first change: what is begun, all that will be displaced, all that is remembered. */
int generation_begin(struct session *s, const struct generation *g, const struct memory *after, size_t known,
		     struct diags *d)
{
	auto_text struct text lines = { 0 };

	journal_put_begin(g, after, &lines);
	journal_put_rewritten(s->own.displaced, known, &lines);
	if (s->own.n_displaced > known)
		journal_put_displaced(s->own.displaced + known, s->own.n_displaced - known, &lines);
	return journal_failed(journal_append(&s->journal, &lines, true), d);
}

static void remember_since(struct journal *j, const struct plan *p, const char *at)
{
	struct counted_since *old = j->since;
	struct journal before = *j;

	j->since = NULL;
	j->n_since = j->since_room = 0;
	before.since = old;
	for (size_t i = 0; i < p->n_paths; i++) {
		const char *name = p->paths[i].conf->name;
		const char *since = journal_since(&before, name, i);

		journal_set_since(j, name, since ? since : at);
	}
}

static bool nft_changed(const struct road *r)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].target == &target_nft)
			return r->steps[i].changes.n > 0;
	return false;
}

/* One after another they go back to the same. */
static struct trial trial_of(const struct intent *w, const struct journal *j, const struct generation *g)
{
	const struct trial *old = &j->trial;

	return (struct trial){
		.number = g->number, .to = old->number ? old->to : g->from, .before = old->number ? old->before : g->before,
		.until_ms = boottime_ms() + w->trial_ms, .save = w->save,
	};
}

/* After the last write: the kernel holds what the plan says. A change by hand is no new generation. */
static int finish(struct session *s, const struct generation *g, const struct intent *w, const struct road *r,
		  struct diags *d)
{
	struct journal *j = &s->journal;
	char *sum = arena_alloc(s->arena, DIGEST_TEXT);

	road_digest(r, false, NULL, 0, sum);
	j->now = j->in_force = *g;
	j->last = MAX(j->last, g->number);
	j->end = JOURNAL_DONE;
	j->undone = NULL;
	j->memory = w->after;
	j->done_sum = sum;
	j->steer_sum = road_steer_sum(r, s->arena);
	j->basis = w->basis;
	j->nft_generation = nft_changed(r) || s->own.trusted ? s->own.nft_generation : 0;
	road_keep_displaced(r, &s->own, false);
	j->displaced = s->own.displaced;
	j->n_displaced = s->own.n_displaced;
	remember_since(j, w->plan, g->at);
	struct past *p = history_note(j, g);

	if (p->outcome == OUTCOME_UNFINISHED)
		p->outcome = w->trial_ms ? OUTCOME_UNCONFIRMED : OUTCOME_APPLIED;
	if (w->trial_ms)
		j->trial = trial_of(w, j, g);
	return journal_failed(journal_rewrite(j), d);
}

int intent_carry_out(struct intent *w, struct session *s, struct generation *g, struct apply_result *out,
		     struct diags *d)
{
	size_t known = s->own.n_displaced;
	struct undo u;
	int err = intent_survey(s, &out->road, d);

	if (err)
		return err;
	undo_init(&u, s, &out->road, known);
	g->before = u.before;
	err = generation_begin(s, g, &w->after, known, d);
	if (err)
		return err;
	err = road_write(&out->road, s, d);
	if (!err)
		err = finish(s, g, w, &out->road, d);
	if (!err)
		return 0;
	out->rolled_back = undo_refused(&u, s, g, d) == 0;
	out->generation = g->from;
	return err;
}

struct generation generation_new(const struct session *s, const char *verb, const struct plan *p)
{
	const struct machine *m = p->machine;

	return (struct generation){
		.number = s->journal.last + 1, .from = s->journal.in_force.number, .verb = verb,
		.profile = m ? m->profile : "-", .role = m && m->role ? m->role : "-", .sum = p->sum ? p->sum : "-",
		.target = target_name(p->kernel.target), .by = s->by, .at = now_text(s->arena),
		.pid = (long)getpid(), .before = "-", .kernel = p->kernel, .rule_size = p->rule_size,
	};
}
