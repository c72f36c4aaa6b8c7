/* SPDX-License-Identifier: MIT */
/* What a person says about one path: the profile in force is planned again with it, and takes the one road. */
#include "base/base.h"

#include <errno.h>

#include "apply/apply.h"
#include "apply/intent.h"
#include "base/text.h"
#include "plan/facts.h"

enum { NAMES_IN_HINT = 8 };

/* The plan of the profile in force with what is remembered now. Warnings were given when it was applied. */
static int plan_again(struct session *s, const struct kept_profile *kept, struct intent *w, const struct memory *before,
		     struct road *r, struct diags *d)
{
	struct diags again;

	diags_init(&again, s->arena);
	*w = (struct intent){ .profile = kept->profile, .machine = kept->machine, .facts = kept_facts(kept, s->arena) };
	int err = intent_plan(w, s, before, r, &again);

	for (size_t i = 0; i < again.n; i++) {
		const struct diag *g = again.list[i];

		if (g->severity == DIAG_ERROR)
			diag_error(d, &g->place, g->code, "%s", g->text)->hint = g->hint;
	}
	return err;
}

static int plan_in_force(struct session *s, struct kept_profile *kept, struct intent *w, const struct memory *before,
			 struct road *r, struct diags *d)
{
	int err = session_load(s, s->journal.in_force.number, kept, d);

	return err ? err : plan_again(s, kept, w, before, r, d);
}

const struct plan *apply_in_force(struct session *s, struct kept_profile *kept, struct diags *d)
{
	struct intent w;
	struct road r;

	if (!s->journal.in_force.number)
		return NULL;
	return plan_in_force(s, kept, &w, &s->journal.memory, &r, d) == 0 ? w.plan : NULL;
}

/* As the profile's reader says it: the nearest name, else those there are. */
static void say_unknown(const char *kind, const char *name, const char *const *names, size_t n, struct diags *d)
{
	struct diag *g = diag_error(d, NULL, "usage", "no %s '%s'", kind, name);
	auto_text struct text here = { 0 };

	if (diag_nearest(d, g, str_of(name), names, n) || n == 0)
		return;
	for (size_t i = 0; i < n && i < NAMES_IN_HINT; i++)
		text_printf(&here, "%s%s", i ? ", " : "", names[i]);
	diag_hint(d, g, "%ss here: %s%s", kind, text_get(&here), n > NAMES_IN_HINT ? ", …" : "");
}

static const struct plan_path *find_path(const struct plan *p, const struct hand *h, struct diags *d)
{
	const char **names = arena_array(p->arena, const char *, p->n_paths + 1);

	for (size_t i = 0; i < p->n_paths; i++) {
		names[i] = p->paths[i].conf->name;
		if (strcmp(names[i], h->path) == 0)
			return &p->paths[i];
	}
	say_unknown("path", h->path, names, p->n_paths, d);
	return NULL;
}

static const struct plan_balance *find_balance(const struct plan *p, const struct hand *h, struct diags *d)
{
	const char **names = arena_array(p->arena, const char *, p->n_balances + 1);

	for (size_t i = 0; i < p->n_balances; i++) {
		names[i] = p->balances[i].conf->name;
		if (strcmp(names[i], h->balance) == 0)
			return &p->balances[i];
	}
	say_unknown("balance", h->balance, names, p->n_balances, d);
	return NULL;
}

/* What the person sees: the path's state, or its weight. */
static const char *shown(const struct plan *p, const struct hand *h, struct diags *d)
{
	const struct plan_path *path = find_path(p, h, d);

	if (!path)
		return NULL;
	if (h->kind == HAND_STATE)
		return member_state_name(path->state);
	if (!h->balance)
		return arena_printf(p->arena, "%u", path->weight);
	const struct plan_balance *balance = find_balance(p, h, d);

	if (!balance)
		return NULL;
	for (size_t i = 0; i < balance->n_members; i++)
		if (balance->members[i].path == path)
			return arena_printf(p->arena, "%u", balance->members[i].weight);
	diag_error(d, NULL, "usage", "no path '%s' in balance '%s'", h->path, h->balance);
	return NULL;
}

static void set_by_hand(struct memory *m, const struct hand *h, struct arena *a)
{
	switch (h->kind) {
	case HAND_STATE:
		memory_hold_state(m, h->path, h->state, a);
		break;
	case HAND_WEIGHT:
		memory_hold_weight(m, h->balance, h->path, h->weight, a);
		break;
	case HAND_DEFAULT:
		memory_drop_weight(m, h->balance, h->path, a);
		break;
	}
}

static bool same_hands(const struct memory *a, const struct memory *b)
{
	if (a->n_hand_states != b->n_hand_states || a->n_hand_weights != b->n_hand_weights)
		return false;
	for (size_t i = 0; i < a->n_hand_states; i++)
		if (strcmp(a->hand_states[i].path, b->hand_states[i].path) != 0 || a->hand_states[i].state != b->hand_states[i].state)
			return false;
	for (size_t i = 0; i < a->n_hand_weights; i++) {
		const struct hand_weight *x = &a->hand_weights[i], *y = &b->hand_weights[i];

		if (strcmp(x->path, y->path) != 0 || x->weight != y->weight || !x->balance != !y->balance ||
		    (x->balance && strcmp(x->balance, y->balance) != 0))
			return false;
	}
	return true;
}

int apply_hand(struct session *s, const struct hand *h, struct apply_result *out, const char **from, const char **to,
	       struct diags *d)
{
	struct journal *j = &s->journal;
	struct memory before = j->memory;
	struct kept_profile kept;
	struct intent w;

	*out = (struct apply_result){ .previous = j->in_force.number, .generation = j->in_force.number };
	if (!j->in_force.number) {
		diag_hint(d, diag_error(d, NULL, "state", "nothing is applied"), "nlbc apply FILE");
		return -ENOENT;
	}
	int err = plan_in_force(s, &kept, &w, &before, &out->road, d);

	if (err)
		return err;
	*from = shown(w.plan, h, d);
	if (!*from)
		return -ENOENT;
	set_by_hand(&before, h, s->arena);
	err = plan_again(s, &kept, &w, &before, &out->road, d);
	if (err)
		return err;
	*to = shown(w.plan, h, d);
	err = road_compare(&out->road, s, d);
	if (err || (!road_changes(&out->road) && same_hands(&before, &j->memory)))
		return err;
	struct generation g = j->in_force;

	g.from = g.number;
	g.verb = "path";
	g.pid = (long)getpid();
	w.plan->generation = g.number;
	w.plan->about_stands = true;
	out->changed = true;
	return intent_carry_out(&w, s, &g, out, d);
}
