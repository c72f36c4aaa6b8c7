/* SPDX-License-Identifier: MIT */
/* Beginning and ending a trial. Going back is undo's work: the same road and the same proof. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "apply/history.h"
#include "apply/intent.h"
#include "apply/trial.h"
#include "apply/undo.h"
#include "base/text.h"

uint64_t boottime_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool trial_is_over(const struct trial *t)
{
	return t->number && (t->over || boottime_ms() >= t->until_ms);
}

const char *trial_until(const struct trial *t, char buf[TIME_TEXT])
{
	const int64_t left_ms = (int64_t)t->until_ms - (int64_t)boottime_ms();
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return time_print((now.tv_sec * 1000 + now.tv_nsec / 1000000 + left_ms) / 1000, buf);
}

/* ---- what to go back to -------------------------------------------------------------------------------------------- */

static int cannot_read(int err, struct diags *d)
{
	diag_hint(d, diag_error(d, NULL, "rollback", "cannot read what to go back to: %s", strerror(-err)),
		  "nlbc flush removes all that is ours");
	return err;
}

int trial_read_back(struct session *s, struct way_back *w, struct diags *d)
{
	int err = journal_read_aside(&s->journal, &w->was);

	if (err)
		return cannot_read(err, d);
	return w->was.in_force.number ? session_load(s, w->was.in_force.number, &w->kept, d) : 0;
}

int trial_prepare(struct session *s, struct way_back *w, struct diags *d)
{
	int err = s->journal.trial.number ? 0 : journal_failed(journal_set_aside(&s->journal), d);

	return err ? err : trial_read_back(s, w, d);
}

/* ---- going back ---------------------------------------------------------------------------------------------------- */

/* The road of what was begun last: what it wants is what stands on displaced things. */
static void plan_last(struct session *s, struct road *r)
{
	const struct generation *g = &s->journal.now;
	struct kept_profile kept;
	struct diags quiet;

	*r = (struct road){ 0 };
	diags_init(&quiet, s->arena);
	if (!g->number || session_load(s, g->number, &kept, &quiet) != 0)
		return;
	struct plan *p = plan_kept(s, &kept, &s->journal.memory, &quiet);

	if (!p || road_plan(r, p, LOWER_ALL, s->arena, &quiet) != 0 || road_compare(r, s, &quiet) != 0)
		*r = (struct road){ 0 };
}

static bool is_wanted(const struct road *r, const char *key)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (items_find(&r->steps[i].wanted, key))
			return true;
	return false;
}

static bool was_displaced(const struct journal *j, const char *key)
{
	for (size_t i = 0; i < j->n_displaced; i++)
		if (strcmp(j->displaced[i].key, key) == 0)
			return true;
	return false;
}

/* What the trial displaced, by rising key. */
static void find_displaced(struct undo *u, const struct session *s)
{
	u->displaced = arena_array(s->arena, struct displaced, s->own.n_displaced);
	for (size_t i = 0; i < s->own.n_displaced; i++) {
		const struct displaced *d = &s->own.displaced[i];

		if (!was_displaced(&u->was, d->key) && is_wanted(&u->road, d->key))
			u->displaced[u->n_displaced++] = *d;
	}
}

int trial_go_back(struct session *s, const struct way_back *w, struct apply_result *out, struct diags *d)
{
	struct journal *j = &s->journal;
	const struct generation g = j->now;
	const char *before = j->trial.number ? j->trial.before : g.before;
	struct undo u = { .whole = true, .was = w->was, .kept = w->was.in_force.number ? &w->kept : NULL };

	(void)snprintf(u.before, sizeof(u.before), "%s", before);
	plan_last(s, &u.road);
	find_displaced(&u, s);
	int err = undo(&u, s, &g, "unconfirmed", d);

	if (err)
		return err;
	journal_drop_aside(j);
	if (out)
		*out = (struct apply_result){ .changed = true, .generation = w->was.in_force.number, .previous = g.number,
					      .road = u.back };
	return 0;
}

int trial_settle(struct session *s, bool *ended, struct diags *d)
{
	const uint64_t number = s->journal.trial.number;
	struct way_back w;

	*ended = trial_is_over(&s->journal.trial);
	if (!*ended)
		return 0;
	int err = trial_read_back(s, &w, d);

	if (!err)
		err = trial_go_back(s, &w, NULL, d);
	if (err)
		return err;
	if (w.was.in_force.number)
		diag_warning(d, NULL, "unconfirmed", "generation %" PRIu64 " was not confirmed in time: rolled back, generation %"
			     PRIu64 " is in force", number, w.was.in_force.number);
	else
		diag_warning(d, NULL, "unconfirmed", "generation %" PRIu64 " was not confirmed in time: rolled back, nothing is in "
			     "force", number);
	return 0;
}

/* ---- keeping it ---------------------------------------------------------------------------------------------------- */

static int nothing_waits(const struct journal *j, struct diags *d)
{
	const struct past *last = j->n_history ? &j->history[j->n_history - 1] : NULL;

	if (last && last->outcome == OUTCOME_ROLLED_BACK && strcmp(last->why, "unconfirmed") == 0)
		diag_hint(d, diag_error(d, NULL, "unconfirmed", "generation %" PRIu64 " was not confirmed: it is rolled back",
					last->number), "nlbc rollback %" PRIu64 " applies it again", last->number);
	else
		diag_error(d, NULL, "state", "nothing waits for confirmation");
	return -ENOENT;
}

int trial_save(struct session *s, struct diags *d)
{
	struct trial *t = &s->journal.trial;
	auto_text struct text line = { 0 };

	if (t->save)
		return 0;
	t->save = true;
	journal_put_trial(t, &line);
	return journal_failed(journal_append(&s->journal, &line, true), d);
}

int trial_confirm(struct session *s, struct trial *t, struct diags *d)
{
	struct journal *j = &s->journal;
	auto_text struct text line = { 0 };

	*t = j->trial;
	if (!t->number)
		return nothing_waits(j, d);
	text_printf(&line, "confirmed gen=%" PRIu64 "\n", t->number);
	int err = journal_failed(journal_append(j, &line, true), d);

	if (err)
		return err;
	j->trial = (struct trial){ 0 };
	struct past *p = history_find(j, t->number);

	if (p)                              /* its row may have gone: the history is bounded */
		p->outcome = OUTCOME_APPLIED;
	journal_drop_aside(j);
	return 0;
}
