/* SPDX-License-Identifier: MIT */
/* The fake row, and the list that holds nothing else. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "fake_target.h"
#include "plan/facts.h"
#include "target/facts.h"

struct fake fake;

static const struct target *const real[] = { &target_sysctl, &target_route, &target_tc, &target_nft };

void fake_init(struct arena *a)
{
	fake = (struct fake){ 0 };
	items_init(&fake.held, a);
}

static int lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_LEN(real); i++)
		err = real[i]->lower(p, what, out, d);
	return err;
}

static int read_held(struct kernel *k UNUSED, const struct own *own UNUSED, const struct items *wanted UNUSED,
		     struct items *live, struct diags *d UNUSED)
{
	for (size_t i = 0; i < fake.held.n; i++)
		items_add(live, fake.held.list[i].key, fake.held.list[i].body, NULL, NULL);
	return 0;
}

static void stage(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	static const enum stage stages[] = {
		[CHANGE_ADD] = STAGE_PREPARE, [CHANGE_EDIT] = STAGE_SWITCH, [CHANGE_REMOVE] = STAGE_RETIRE,
	};

	for (size_t i = 0; i < c->n; i++)
		c->list[i].stage = stages[c->list[i].op];
}

static int survey(struct kernel *k UNUSED, const struct plan *p UNUSED, const struct changes *c UNUSED,
		  struct own *own UNUSED, struct diags *d)
{
	if (fake.in_the_way)
		diag_error(d, NULL, "machine", "%s", fake.in_the_way);
	return 0;
}

static void hold(const struct change *c)
{
	struct items *held = &fake.held;
	struct item *old = c->from ? items_find(held, c->from->key) : NULL;

	if (old)
		*old = held->list[--held->n];
	if (c->to)
		items_add(held, arena_strdup(held->arena, c->to->key), arena_strdup(held->arena, c->to->body), NULL, NULL);
	items_sort(held);
}

static bool is_refused(const char *key)
{
	fake.writes++;
	if (fake.refuse_key && strcmp(fake.refuse_key, key) == 0)
		return true;
	if (!fake.refuse_at || fake.writes < fake.refuse_at || fake.refusals == 0)
		return false;
	fake.refusals--;
	return true;
}

static int write_changes(struct kernel *k UNUSED, const struct plan *p UNUSED, const struct changes *c, enum stage s,
			 struct own *own UNUSED, bool dry_run, struct diags *d)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->list[i];
		if (change->stage != s || dry_run)
			continue;
		if (!is_refused((change->to ? change->to : change->from)->key)) {
			hold(change);
			continue;
		}
		if (fake.refuse_error != ERESTART)
			diag_error(d, &(change->to ? change->to : change->from)->origin.place, "kernel",
				   "the fake refused '%s'", (change->to ? change->to : change->from)->key);
		return -fake.refuse_error;
	}
	return 0;
}

static const char *const none[] = { NULL };

static void print_nothing(const struct plan *p UNUSED, const char *format UNUSED, struct text *out UNUSED)
{
}

const struct target target_fake = {
	.name = "fake", .parts = none,
	.lower = lower, .read = read_held, .stage = stage, .survey = survey, .write = write_changes,
	.formats = none, .print = print_nothing,
};

const struct target *const targets[] = { &target_fake, NULL };

bool target_serves(const struct target *t UNUSED, const struct kernel_conf *c UNUSED)
{
	return true;
}

const struct target *target_of_format(const char *format UNUSED)
{
	return NULL;
}

int facts_read(struct kernel *k UNUSED, const struct own *own UNUSED, struct facts *f, struct arena *a UNUSED,
	       struct diags *d UNUSED)
{
	f->resolved = true;
	return 0;
}
