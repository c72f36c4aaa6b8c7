/* SPDX-License-Identifier: MIT */
/* Rolling back by the one road, and proving it. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "apply/history.h"
#include "apply/undo.h"
#include "base/out.h"
#include "base/text.h"
#include "plan/facts.h"
#include "target/facts.h"

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct displaced *)a)->key, ((const struct displaced *)b)->key);
}

void undo_init(struct undo *u, const struct session *s, const struct road *r, size_t known)
{
	*u = (struct undo){ .road = *r, .was = s->journal };
	u->n_displaced = s->own.n_displaced - known;
	u->displaced = arena_array(s->arena, struct displaced, u->n_displaced);
	for (size_t i = 0; i < u->n_displaced; i++)
		u->displaced[i] = s->own.displaced[known + i];
	qsort(u->displaced, u->n_displaced, sizeof(*u->displaced), by_key);
	road_digest(r, true, u->displaced, u->n_displaced, u->before);
}

struct plan *plan_kept(struct session *s, const struct kept_profile *kept, const struct memory *m, struct diags *again)
{
	struct facts *f = kept_facts(kept, s->arena);
	struct memory after;

	if (facts_read(s->kernel, &s->own, f, s->arena, again) != 0)
		return NULL;
	return plan_compile(kept->machine, f, m, &after, s->arena, again);
}

static struct plan *plan_before(struct undo *u, struct session *s, struct diags *d)
{
	const struct generation *to = &u->was.in_force;
	struct kept_profile kept;
	struct diags again;             /* its warnings were given when it was applied */

	if (!to->number) {
		struct plan *empty = plan_empty(&s->own.kernel, s->arena);

		empty->rule_size = s->own.rule_size;
		return empty;
	}
	if (!u->kept && session_load(s, to->number, &kept, d) != 0)
		return NULL;
	diags_init(&again, s->arena);
	struct plan *p = plan_kept(s, u->kept ? u->kept : &kept, &u->was.memory, &again);

	if (p) {
		p->generation = to->number;
		p->sum = to->sum;
		s->own.rule_size = MAX(s->own.rule_size, p->rule_size);
	} else {
		diag_error(d, NULL, "rollback", "generation %" PRIu64 " cannot be planned again: %s", to->number,
			   again.n ? again.list[0]->text : "no reason given");
	}
	return p;
}

/* What the change did not touch stays as it was, even where that is not what the generation says: a link may have taken
 * routes along since, and the kernel would refuse them. */
static void leave_untouched(const struct undo *u, struct road *r)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		struct changes *c = &r->steps[i].changes;
		size_t n = 0;

		for (size_t k = 0; k < c->n; k++) {
			const struct item *is = c->list[k].from;
			const char *key = is ? is->key : c->list[k].to->key;
			const struct item *was = items_find(&u->road.steps[i].live, key);

			if (is ? !was || strcmp(was->body, is->body) != 0 : was != NULL)
				c->list[n++] = c->list[k];
		}
		c->n = n;
	}
}

/* By the same road, whatever stands in the way: it stood there before. What was put back already is displaced anew. */
static int go_back(struct undo *u, struct session *s, struct road *r, struct diags *d)
{
	struct diags quiet;

	diags_init(&quiet, s->arena);
	s->own.trusted = false;
	s->interrupted = NULL;              /* the way back is never left half-way */
	int err = road_compare(r, s, d);

	if (!err && !u->whole)
		leave_untouched(u, r);
	u->back = *r;
	if (!err)
		err = road_survey(r, s, &quiet);
	return err ? err : road_write(r, s, d);
}

static bool is_wanted(const struct step *step, const struct item *is)
{
	const struct item *wanted = is ? items_find(&step->wanted, is->key) : NULL;

	return wanted && strcmp(wanted->body, is->body) == 0;
}

static const char *key_of(const struct change *c)
{
	return c->from ? c->from->key : c->to->key;
}

/* A setting that the refused profile asks for and that had its value anyway was looked at, but is not ours. */
static bool is_only_seen(const struct undo *u, const struct step *step, const struct change *c)
{
	if (step->target != &target_sysctl || c->to)
		return false;
	for (size_t i = 0; i < u->was.n_displaced; i++)
		if (strcmp(u->was.displaced[i].key, c->from->key) == 0)
			return false;
	for (size_t i = 0; i < u->n_displaced; i++)
		if (strcmp(u->displaced[i].key, c->from->key) == 0)
			return false;
	return true;
}

/* Compares the items that are there with those that were, key by key. Where somebody had changed one of ours before,
 * the way back may have led to what the generation says. */
static void list_differences(const struct undo *u, const struct road *now, struct arena *a, struct diags *d)
{
	for (size_t i = 0; i < now->n_steps; i++) {
		struct changes c = now->steps[i].changes;

		if (!u->whole)
			items_diff(&u->road.steps[i].live, &now->steps[i].live, a, &c);
		for (size_t k = 0; k < c.n; k++)
			if (u->whole || !(is_wanted(&now->steps[i], c.list[k].to) || is_only_seen(u, &now->steps[i], &c.list[k])))
				diag_error(d, NULL, "rollback", "not rolled back: %s", key_of(&c.list[k]));
	}
}

/* The kernel could not be led back or not be read: whatever the change was to touch may be left. */
static void list_touched(const struct undo *u, struct arena *a, struct diags *d)
{
	for (size_t i = 0; i < u->road.n_steps; i++) {
		struct changes c;

		items_diff(&u->road.steps[i].live, &u->road.steps[i].wanted, a, &c);
		for (size_t k = 0; k < c.n; k++)
			diag_error(d, NULL, "rollback", "may not be rolled back: %s", key_of(&c.list[k]));
	}
}

/* As it stands now: displacing it anew would save the same. */
static void read_displaced(struct undo *u, struct session *s, struct road *now, struct own *fresh, struct diags *d)
{
	struct diags quiet;

	diags_init(&quiet, s->arena);
	*fresh = s->own;
	fresh->displaced = NULL;            /* a list of its own, to which the survey adds */
	fresh->n_displaced = fresh->displaced_room = 0;
	for (size_t i = 0; i < s->own.n_displaced; i++)
		own_displace(fresh, s->own.displaced[i].key, s->own.displaced[i].value, s->own.displaced[i].ours);
	for (size_t i = 0; i < u->road.n_steps; i++) {
		struct step *was = &u->road.steps[i];
		struct changes c;

		items_diff(&now->steps[i].live, &was->wanted, s->arena, &c);
		was->target->stage(&c, &now->steps[i].live, &was->wanted);
		if (was->target->survey(s->kernel, u->road.plan, &c, fresh, &quiet) != 0)
			diag_error(d, NULL, "rollback", "cannot read back what target %s displaced", was->target->name);
	}
}

/* What this change displaced must stand again as it stood. The kernel's digest as it is now. */
static const char *check_displaced(struct undo *u, struct session *s, struct road *now, struct diags *d)
{
	struct displaced *stands = arena_array(s->arena, struct displaced, u->n_displaced);
	char *sum = arena_alloc(s->arena, DIGEST_TEXT);
	struct own fresh;

	read_displaced(u, s, now, &fresh, d);
	for (size_t i = 0; i < u->n_displaced; i++) {
		const struct displaced *was = &u->displaced[i];
		const struct displaced *is = own_displaced(&fresh, was->key);

		if (!is || strcmp(is->value, was->value) != 0)
			diag_error(d, NULL, "rollback", "not put back: %s", was->key);
		stands[i] = (struct displaced){ .key = was->key, .value = is ? is->value : "" };
	}
	road_digest(now, true, stands, u->n_displaced, sum);
	return sum;
}

/* Equal to the generation before is right, also where somebody had changed that or a crash had left it half-done: then
 * the kernel is better than it was. As it was is right, too. */
static int verify(struct undo *u, struct session *s, struct road *r, const char **sum, struct diags *d)
{
	size_t errors = d->n_errors;

	if (road_changes(r))
		list_differences(u, r, s->arena, d);
	*sum = check_displaced(u, s, r, d);
	return d->n_errors > errors && strcmp(*sum, u->before) != 0 ? -EIO : 0;
}

/* Generations that were on trial go with the one that is undone. */
static void remember(const struct undo *u, struct journal *j, const struct generation *g, const char *why)
{
	if (!g->number || g->number == u->was.in_force.number)
		return;                     /* a flush, a change by hand */
	(void)history_note(j, g);
	for (size_t i = 0; i < j->n_history; i++) {
		struct past *p = &j->history[i];

		if (p->number == g->number || (p->number > u->was.in_force.number && p->outcome == OUTCOME_UNCONFIRMED)) {
			p->outcome = OUTCOME_ROLLED_BACK;
			p->why = why;
		}
	}
	j->last = MAX(j->last, g->number);
}

static int close_journal(struct undo *u, struct session *s, const struct road *r)
{
	struct journal *j = &s->journal;
	const struct journal *was = &u->was;

	j->now = j->in_force = was->in_force;
	j->memory = was->memory;
	j->since = was->since;
	j->n_since = was->n_since;
	j->since_room = 0;
	j->done_sum = was->done_sum;
	j->steer_sum = was->steer_sum;
	j->basis = was->basis;
	j->trial = was->trial;
	j->nft_generation = 0;
	road_keep_displaced(r, &s->own, true);     /* what a crash had left before the change is left, and put back later */
	j->displaced = s->own.displaced;
	j->n_displaced = s->own.n_displaced;
	j->end = was->in_force.number ? JOURNAL_DONE : j->n_displaced ? JOURNAL_UNFINISHED : JOURNAL_EMPTY;
	if (j->end == JOURNAL_UNFINISHED)
		j->now = was->now;
	return journal_rewrite(j);
}

/* Only where it leads counts: what was refused on the way may have been missing before. */
static int back_and_verify(struct undo *u, struct session *s, const struct plan *p, struct road *r, const char **sum,
			   struct diags *d)
{
	const struct diags told = *d;
	int err = road_plan(r, p, LOWER_ALL, s->arena, d);

	if (err)
		return err;
	(void)!go_back(u, s, r, d);
	err = road_compare(r, s, d);
	if (!err)
		err = verify(u, s, r, sum, d);
	else
		list_touched(u, s->arena, d);
	if (!err)
		*d = told;
	return err;
}

int undo(struct undo *u, struct session *s, const struct generation *g, const char *why, struct diags *d)
{
	const uint64_t to = u->was.in_force.number;
	auto_text struct text line = { 0 };
	const char *sum = "-";
	struct road r;

	/* The journal may be what failed: the way back does not depend on it. */
	text_printf(&line, "undo gen=%" PRIu64 " to=%" PRIu64 " why=%s\n", g->number, to, why);
	(void)!journal_append(&s->journal, &line, true);
	const struct plan *p = plan_before(u, s, d);
	int err = p ? back_and_verify(u, s, p, &r, &sum, d) : -EINVAL;

	if (!p)
		list_touched(u, s->arena, d);
	if (!err) {
		remember(u, &s->journal, g, why);
		s->journal.undone = arena_printf(s->arena, "undone gen=%" PRIu64 " sum=%s\n", g->number, sum);
		err = close_journal(u, s, &r);
	}
	if (err)
		diag_hint(d, diag_error(d, NULL, "rollback", "the roll-back to generation %" PRIu64 " is not complete", to),
			  "nlbc flush tries again");
	return err;
}

int undo_refused(struct undo *u, struct session *s, const struct generation *g, struct diags *d)
{
	const struct failure *f = failure_worst(d, NULL);

	return undo(u, s, g, f ? f->code : "-", d);
}
