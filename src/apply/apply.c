/* SPDX-License-Identifier: MIT */
/* Applying a profile and the empty one, comparing, rehearsing. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "apply/apply.h"
#include "apply/history.h"
#include "apply/intent.h"
#include "apply/trial.h"
#include "apply/undo.h"
#include "base/text.h"
#include "plan/facts.h"
#include "target/kernel.h"
#include "target/uses.h"

struct differing {
	const char *name;
	const char *now, *wanted;
};

/* These cannot change in place: old connection marks would be read as other paths (packet.md section 12). */
int intent_check_fixed(const struct session *s, const struct machine *m, struct diags *d)
{
	const struct kernel_conf *a = &s->own.kernel, *b = &m->kernel;

	if (!s->journal.now.number)
		return 0;
	const struct differing rows[] = {
		{ "target", target_name(a->target), target_name(b->target) },
		{ "mark-mask", arena_printf(s->arena, "0x%08x", a->mark_mask), arena_printf(s->arena, "0x%08x", b->mark_mask) },
		{ "rule-base", arena_printf(s->arena, "%u", a->rule_base), arena_printf(s->arena, "%u", b->rule_base) },
		{ "table-base", arena_printf(s->arena, "%u", a->table_base), arena_printf(s->arena, "%u", b->table_base) },
		{ "route-protocol", arena_printf(s->arena, "%u", a->route_protocol),
		  arena_printf(s->arena, "%u", b->route_protocol) },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].now, rows[i].wanted) == 0)
			continue;
		diag_hint(d, diag_error(d, &b->place, "machine", "%s is %s in the running profile", rows[i].name, rows[i].now),
			  "nlbc flush first");
		err = -EINVAL;
	}
	return err;
}

static struct memory forget_hands(struct memory m)
{
	m.hand_states = NULL;
	m.hand_weights = NULL;
	m.n_hand_states = m.n_hand_weights = 0;
	return m;
}

/* A rule-set whose generation is the one we left, and whose items then are those wanted now, need not be read. */
static void trust(struct session *s, const struct intent *w, const struct road *r)
{
	const struct journal *j = &s->journal;

	s->own.at_a_glance = w->at_a_glance;
	s->own.trusted = !w->at_a_glance && j->end == JOURNAL_DONE && j->nft_generation && j->steer_sum &&
			 strcmp(j->steer_sum, road_steer_sum(r, s->arena)) == 0;
}

/* Something differs, or the rule-set is another: the steering is lowered after all, and everything is compared with it. */
static int look_closely(struct session *s, struct intent *w, struct apply_result *out, struct diags *d)
{
	w->at_a_glance = false;
	int err = road_plan(&out->road, w->plan, LOWER_ALL, s->arena, d);

	if (err)
		return err;
	trust(s, w, &out->road);
	return road_compare(&out->road, s, d);
}

/* The same profile for the same role, nothing different in the kernel, nothing newly remembered: no new generation. */
static bool is_same(const struct session *s, const struct intent *w, const struct road *r, bool reset)
{
	const struct journal *j = &s->journal;
	const char *role = w->machine->role ? w->machine->role : "-";

	if (road_changes(r) || (reset && (j->memory.n_hand_states || j->memory.n_hand_weights)))
		return false;
	return j->end == JOURNAL_DONE && j->in_force.number && strcmp(j->in_force.sum, w->plan->sum) == 0 &&
	       strcmp(j->in_force.role, role) == 0 && journal_has_generation(j, j->in_force.number);
}

static int compare(struct session *s, const struct apply_request *q, struct intent *w, struct apply_result *out,
		   struct diags *d)
{
	int err = intent_check_fixed(s, q->machine, d);

	*out = (struct apply_result){ .previous = s->journal.in_force.number, .generation = s->journal.in_force.number };
	*w = (struct intent){ .profile = q->profile, .machine = q->machine, .trial_ms = q->trial_ms, .save = q->save };
	w->facts = q->facts ? q->facts : facts_ask(q->machine, s->arena);
	if (err)
		return err;
	const struct memory before = q->reset ? forget_hands(s->journal.memory) : s->journal.memory;

	w->may_glance = !q->reset;
	err = intent_plan(w, s, &before, &out->road, d);
	if (err)
		return err;
	trust(s, w, &out->road);
	err = road_compare(&out->road, s, d);
	if (err || !w->at_a_glance)
		return err;
	if (kernel_generation(s->kernel) == s->journal.nft_generation && is_same(s, w, &out->road, q->reset))
		return 0;
	return look_closely(s, w, out, d);
}

int apply_compare(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	struct intent w;
	int err = compare(s, q, &w, out, d);

	if (!err && road_changes(&out->road))
		err = intent_survey(s, &out->road, d);
	if (!err)
		err = warn_of_flavours(s->kernel, &q->machine->kernel.place, d);
	out->changed = road_changes(&out->road) > 0;
	return err;
}

int apply_rehearse(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	int err = apply_compare(s, q, out, d);

	return err ? err : road_rehearse(&out->road, s, d);
}

/* ---- applying it --------------------------------------------------------------------------------------------------- */

/* Things of ours that no journal tells of: somebody removed it, or another nlbc kept it elsewhere. */
void intent_warn_adopted(const struct session *s, const struct road *r, struct diags *d)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].target != &target_sysctl)      /* whose a setting is only the journal knows */
			n += r->steps[i].live.n;
	if (s->journal.end != JOURNAL_EMPTY || !n)
		return;
	struct diag *g = diag_warning(d, NULL, "machine", "the journal knows nothing of %zu things of nlbc that stand here; they "
				      "are taken over, and flush cannot put back what they displaced", n);

	diag_hint(d, g, "nlbc flush removes them");
}

static int awaits(const struct trial *t, struct diags *d)
{
	char until[TIME_TEXT];
	struct diag *g = diag_error(d, NULL, "state", "generation %" PRIu64 " awaits confirmation until %s", t->number,
				    trial_until(t, until));

	diag_hint(d, g, t->to ? "nlbc confirm keeps it, nlbc rollback goes back to generation %" PRIu64 :
			"nlbc confirm keeps it, nlbc rollback takes it away", t->to);
	return -EAGAIN;
}

/* What a trial goes back to is at hand before the first change. */
static int begin_trial(struct session *s, const struct apply_request *q, uint64_t number, struct apply_result *out,
		       struct diags *d)
{
	struct way_back *w = arena_one(s->arena, struct way_back);
	int err = trial_prepare(s, w, d);

	return err || !q->guarded ? err : guardian_start(&out->guardian, s, number, w, d);
}

int apply_profile(struct session *s, const struct apply_request *q, struct apply_result *out, struct diags *d)
{
	struct intent w;
	int err = compare(s, q, &w, out, d);

	if (err || is_same(s, &w, &out->road, q->reset))
		return err;
	if (s->journal.trial.number && !q->trial_ms)
		return awaits(&s->journal.trial, d);
	intent_warn_adopted(s, &out->road, d);
	struct generation g = generation_new(s, q->verb ? q->verb : "apply", w.plan);

	w.plan->generation = g.number;
	err = journal_failed(session_save(s, g.number, q->profile, q->machine, w.facts), d);
	if (!err && q->trial_ms)
		err = begin_trial(s, q, g.number, out, d);
	if (err)
		return err;
	out->generation = g.number;
	out->changed = true;
	err = intent_carry_out(&w, s, &g, out, d);
	if (err && q->trial_ms && !s->journal.trial.number)
		journal_drop_aside(&s->journal);
	return err;
}

/* ---- an earlier one ------------------------------------------------------------------------------------------------ */

static int not_kept(struct session *s, uint64_t number, struct diags *d)
{
	auto_text struct text kept = { 0 };

	for (size_t i = 0; i < s->journal.n_history; i++)
		if (journal_has_generation(&s->journal, s->journal.history[i].number))
			text_printf(&kept, "%s%" PRIu64, kept.n ? " " : "", s->journal.history[i].number);
	struct diag *g = number ? diag_error(d, NULL, "usage", "generation %" PRIu64 " is not kept", number) :
				  diag_error(d, NULL, "usage", "no generation to go back to");

	if (kept.n)
		diag_hint(d, g, "kept are: %s", text_get(&kept));
	else
		diag_hint(d, g, "nothing was applied in this network namespace");
	return -ENOENT;
}

int apply_earlier(struct session *s, uint64_t number, struct apply_request *out, struct diags *d)
{
	const uint64_t now = s->journal.in_force.number;
	const struct past *before = number ? NULL : history_before(&s->journal, now ? now : UINT64_MAX);
	const uint64_t wanted = before ? before->number : number;
	struct kept_profile kept;

	/* One that was refused before it began has left a file, and no row. */
	if (!wanted || !history_find(&s->journal, wanted) || !journal_has_generation(&s->journal, wanted))
		return not_kept(s, number, d);
	int err = session_load(s, wanted, &kept, d);

	if (err)
		return err;
	*out = (struct apply_request){ .profile = kept.profile, .machine = kept.machine, .verb = "rollback" };
	out->facts = kept_facts(&kept, s->arena);
	out->facts->kept = false;           /* what is applied now must have its devices */
	return 0;
}

/* ---- flush -------------------------------------------------------------------------------------------------------- */

static size_t count_restored(const struct session *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->own.n_displaced; i++)
		n += strcmp(s->own.displaced[i].value, "default") != 0;
	return n;
}

/* Afterwards only the highest generation number and the history are remembered. */
static int forget(struct session *s, struct diags *d)
{
	struct journal *j = &s->journal;

	j->end = JOURNAL_EMPTY;
	j->now = j->in_force = (struct generation){ 0 };
	j->memory = (struct memory){ 0 };
	j->n_displaced = j->n_since = 0;
	j->undone = NULL;
	j->trial = (struct trial){ 0 };
	int err = journal_failed(journal_rewrite(j), d);

	journal_drop_aside(j);
	return err;
}

int apply_flush(struct session *s, bool force, bool dry_run, struct apply_result *out, struct diags *d)
{
	struct plan *empty = plan_empty(&s->own.kernel, s->arena);

	*out = (struct apply_result){ .previous = s->journal.in_force.number };
	s->own.force = force;
	empty->rule_size = s->own.rule_size;
	int err = road_plan(&out->road, empty, LOWER_ALL, s->arena, d);

	if (!err)
		err = road_compare(&out->road, s, d);
	if (!err)
		err = intent_survey(s, &out->road, d);
	if (err)
		return err;
	out->restored = count_restored(s);
	out->nothing = !road_changes(&out->road) && !s->own.n_displaced && s->journal.end == JOURNAL_EMPTY;
	out->changed = !out->nothing;
	if (dry_run)
		return road_rehearse(&out->road, s, d);
	if (out->nothing)
		return memory_is_empty(&s->journal.memory) ? 0 : forget(s, d);
	struct generation g = generation_new(s, "flush", empty);
	struct undo u;

	g.number = 0;
	undo_init(&u, s, &out->road, s->own.n_displaced);
	g.before = u.before;
	err = generation_begin(s, &g, &s->journal.memory, s->own.n_displaced, d);
	if (!err)
		err = road_write(&out->road, s, d);
	if (!err)
		return forget(s, d);
	out->rolled_back = undo_refused(&u, s, &g, d) == 0;
	out->generation = g.from;
	return err;
}
