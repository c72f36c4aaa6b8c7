/* SPDX-License-Identifier: MIT */
/* From a plan to the kernel. Nothing here knows a mechanism: the targets' rows do. */
#include "base/base.h"

#include <errno.h>

#include "apply/road.h"
#include "base/text.h"
#include "target/kernel.h"

int road_plan(struct road *r, const struct plan *p, enum lower_what what, struct arena *a, struct diags *d)
{
	int err = 0;

	*r = (struct road){ .plan = p };
	for (const struct target *const *t = targets; *t; t++) {
		struct step *step = &r->steps[r->n_steps++];

		if (r->n_steps > ROAD_TARGETS)
			BUG("more than %d targets", ROAD_TARGETS);
		step->target = *t;
		items_init(&step->wanted, a);
		int refused = (*t)->lower(p, what, &step->wanted, d);

		if (refused)
			err = refused;
		items_sort(&step->wanted);
	}
	return err;
}

int road_compare(struct road *r, struct session *s, struct diags *d)
{
	r->n_add = r->n_edit = r->n_remove = 0;
	for (size_t i = 0; i < r->n_steps; i++) {
		struct step *step = &r->steps[i];

		items_init(&step->live, s->arena);
		int err = step->target->read(s->kernel, &s->own, &step->wanted, &step->live, d);

		if (err)
			return err;
		items_sort_live(&step->live);
		items_diff(&step->live, &step->wanted, s->arena, &step->changes);
		step->target->stage(&step->changes, &step->live, &step->wanted);
		r->n_add += step->changes.n_add;
		r->n_edit += step->changes.n_edit;
		r->n_remove += step->changes.n_remove;
	}
	return 0;
}

int road_survey(struct road *r, struct session *s, struct diags *d)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		struct step *step = &r->steps[i];
		int err = step->target->survey(s->kernel, r->plan, &step->changes, &s->own, d);

		if (err)
			return err;
	}
	return 0;
}

int road_rehearse(struct road *r, struct session *s, struct diags *d)
{
	int first = 0;

	for (size_t i = 0; i < r->n_steps; i++) {
		struct step *step = &r->steps[i];
		int err = step->changes.n ? step->target->write(s->kernel, r->plan, &step->changes, STAGE_PREPARE, &s->own,
								true, d) : 0;

		if (err && !first)
			first = err;
	}
	return first;
}

static bool is_interrupted(const struct session *s)
{
	return s->interrupted && *s->interrupted;
}

static int explain_interrupt(struct diags *d)
{
	diag_error(d, NULL, "interrupted", "stopped by a signal");
	return -EINTR;
}

/* Settings, routes, queues, steering on the way in; the other way round on the way out. */
static int write_stage(struct road *r, struct session *s, enum stage stage, struct diags *d)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		struct step *step = &r->steps[stage == STAGE_RETIRE ? r->n_steps - 1 - i : i];

		if (!step->changes.n)
			continue;
		int err = step->target->write(s->kernel, r->plan, &step->changes, stage, &s->own, false, d);

		if (err)
			return err;
	}
	return is_interrupted(s) ? explain_interrupt(d) : 0;
}

static bool has_stage(const struct road *r, enum stage stage)
{
	for (size_t i = 0; i < r->n_steps; i++)
		for (size_t c = 0; c < r->steps[i].changes.n; c++)
			if (r->steps[i].changes.list[c].stage == stage)
				return true;
	return false;
}

/* Tells how far a change came; a process that dies loses nothing by its not being synced. */
static int note_stage(struct session *s, enum stage stage)
{
	auto_text struct text line = { 0 };

	text_printf(&line, "stage %s\n", stage_name(stage));
	return journal_append(&s->journal, &line, false);
}

static int write_stages(struct road *r, struct session *s, struct diags *d)
{
	for (enum stage stage = STAGE_PREPARE; stage <= STAGE_RETIRE; stage++) {
		int err = stage != STAGE_PREPARE && has_stage(r, stage) ? note_stage(s, stage) : 0;

		if (err) {
			diag_error(d, NULL, "kernel", "cannot write the journal: %s", strerror(-err));
			return err;
		}
		err = write_stage(r, s, stage, d);
		if (err)
			return err;
	}
	return 0;
}

/* Reads and compares again; what more will be displaced goes to the journal before the next write. */
static int look_again(struct road *r, struct session *s, struct diags *d)
{
	auto_text struct text lines = { 0 };
	size_t known = s->own.n_displaced;
	size_t errors = d->n_errors;

	s->own.trusted = false;
	int err = road_compare(r, s, d);

	if (!err)
		err = road_survey(r, s, d);
	if (!err && d->n_errors > errors)
		err = -EINVAL;
	if (err || s->own.n_displaced == known)
		return err;
	journal_put_displaced(s->own.displaced + known, s->own.n_displaced - known, &lines);
	err = journal_append(&s->journal, &lines, true);
	if (err)
		diag_error(d, NULL, "kernel", "cannot write the journal: %s", strerror(-err));
	return err;
}

int road_write(struct road *r, struct session *s, struct diags *d)
{
	if (is_interrupted(s))
		return explain_interrupt(d);
	int err = write_stages(r, s, d);

	for (int tries = 1; err == -ERESTART && tries < ROAD_TRIES; tries++) {
		err = look_again(r, s, d);
		if (!err)
			err = write_stages(r, s, d);
	}
	if (err == -ERESTART) {
		diag_error(d, NULL, "busy", "the rule-set is being changed by others");
		return -EBUSY;
	}
	return err;
}

/* Something of ours is there: a queue, or a setting that still has our value. */
static bool is_standing(const struct step *step, const struct displaced *d)
{
	const struct item *item = items_find(&step->live, d->key);

	return item && (!d->ours || displaced_is_ours(d, item->body));
}

void road_keep_displaced(const struct road *r, struct own *o, bool standing)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_displaced; i++) {
		const struct displaced *d = &o->displaced[i];
		bool keep = false;

		for (size_t t = 0; t < r->n_steps && !keep; t++)
			keep = items_find(&r->steps[t].wanted, d->key) || (standing && is_standing(&r->steps[t], d));
		if (keep)
			o->displaced[n++] = *d;
	}
	o->n_displaced = n;
}

static void put_items(const struct items *list, struct text *out)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct item *item = &list->list[i];

		if (strcmp(item->key, "chain/about") == 0)
			continue;
		text_add(out, item->key, strlen(item->key) + 1);
		text_puts(out, item->body);
		text_putc(out, '\n');
	}
}

void road_digest(const struct road *r, bool live, const struct displaced *displaced, size_t n, char hex[DIGEST_TEXT])
{
	auto_text struct text all = { 0 };

	for (size_t i = 0; i < r->n_steps; i++)
		put_items(live ? &r->steps[i].live : &r->steps[i].wanted, &all);
	for (size_t i = 0; i < n; i++) {
		text_add(&all, displaced[i].key, strlen(displaced[i].key) + 1);
		text_puts(&all, displaced[i].value);
		text_putc(&all, '\n');
	}
	sha256_hex(text_get(&all), all.n, hex);
}

const char *road_steer_sum(const struct road *r, struct arena *a)
{
	auto_text struct text all = { 0 };
	char hex[DIGEST_TEXT];

	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].target == &target_nft)
			put_items(&r->steps[i].wanted, &all);
	sha256_hex(text_get(&all), all.n, hex);
	return arena_printf(a, "%.12s", hex);
}
