/* SPDX-License-Identifier: MIT */
/* One member's change: the plan is made again (pure and quick), only its steering part is lowered, and the difference
 * from the last one is written. Nothing is read: a rule-set that others changed refuses the batch by its generation. */
#include "base/base.h"

#include <errno.h>

#include "apply/steer.h"
#include "plan/facts.h"
#include "target/facts.h"

/* The steering part of a plan that was just made (NULL: it could not be; `again` knows why). */
static int lower(const struct steer *st, struct plan *p, const struct diags *again, struct road *r, struct diags *d)
{
	if (!p) {
		diag_error(d, NULL, "kernel", "the applied profile cannot be planned again: %s",
			   again->n ? again->list[0]->text : "no reason given");
		return -EINVAL;
	}
	p->generation = st->session->journal.in_force.number;
	p->about_stands = true;
	return road_plan(r, p, LOWER_STEERING, p->arena, d);
}

/* Everything is compared once: from then on the rule-set's generation tells whether it is still so. */
static int check_kernel(struct steer *st, struct diags *d)
{
	struct session *s = st->session;
	struct road whole;
	int err = road_plan(&whole, st->road.plan, LOWER_ALL, s->arena, d);

	if (!err)
		err = road_compare(&whole, s, d);
	if (err || !road_changes(&whole))
		return err;
	diag_hint(d, diag_error(d, NULL, "state", "the kernel differs from the applied profile"), "nlbc apply again");
	return -ESTALE;
}

/* All of it, since all of it is compared. */
static int lower_in_force(struct steer *st, struct diags *d)
{
	struct diags again;

	diags_init(&again, st->arena);      /* warnings were given when it was applied */
	struct plan *p = plan_compile(st->kept.machine, st->facts, &st->session->journal.memory, &st->memory, st->arena,
				      &again);
	return lower(st, p, &again, &st->road, d);
}

int steer_open(struct steer *st, struct session *s, struct diags *d)
{
	*st = (struct steer){ .session = s, .arena = arena_new() };
	int err = session_load(s, s->journal.in_force.number, &st->kept, d);

	if (err)
		return err;
	st->facts = kept_facts(&st->kept, s->arena);
	err = facts_read(s->kernel, &s->own, st->facts, s->arena, d);
	if (!err)
		err = lower_in_force(st, d);
	return err ? err : check_kernel(st, d);
}

void steer_close(struct steer *st)
{
	arena_free(st->arena);
	st->arena = NULL;
}

static int carry_out(struct steer *st, struct road *r, struct diags *d)
{
	for (enum stage stage = STAGE_PREPARE; stage <= STAGE_RETIRE; stage++) {
		for (size_t i = 0; i < r->n_steps; i++) {
			struct step *step = &r->steps[i];
			int err = step->changes.n ? step->target->write(st->session->kernel, r->plan, &step->changes, stage,
									&st->session->own, false, d) : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

static size_t compare(const struct steer *st, struct road *r, struct arena *a)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_steps; i++) {
		struct step *step = &r->steps[i];

		step->live = st->road.steps[i].wanted;
		items_diff(&step->live, &step->wanted, a, &step->changes);
		step->target->stage(&step->changes, &step->live, &step->wanted);
		n += step->changes.n;
	}
	return n;
}

/* What was found of a path before and is not any more. */
static void put_recovered(const struct memory *before, const struct memory *after, struct text *out)
{
	for (size_t i = 0; i < before->n_found; i++) {
		size_t k = 0;

		while (k < after->n_found && strcmp(after->found[k].path, before->found[i].path) != 0)
			k++;
		if (k == after->n_found)
			text_printf(out, "state path %s %s\n", before->found[i].path, member_state_name(MEMBER_UP));
	}
}

int steer_move(struct steer *st, const struct memory *to, struct diags *d)
{
	struct arena *a = arena_new();
	auto_text struct text lines = { 0 };
	struct memory after;
	struct diags again;
	struct road r;

	diags_init(&again, a);
	struct plan *p = plan_compile_steering(st->kept.machine, st->facts, to, &after, a, &again);
	int err = lower(st, p, &again, &r, d);

	if (!err && compare(st, &r, a))
		err = carry_out(st, &r, d);
	if (err) {
		arena_free(a);
		return err;
	}
	put_recovered(&st->memory, &after, &lines);
	journal_put_states(&after, &lines);
	err = journal_append(&st->session->journal, &lines, false);
	if (err)
		diag_error(d, NULL, "kernel", "cannot write the journal: %s", strerror(-err));
	arena_free(st->arena);
	st->arena = a;
	st->memory = after;
	st->road = r;
	return err;
}
