/* SPDX-License-Identifier: MIT */
/* The rule block: unmarked packets skip it, marked ones are led to the table of their path, and at its end stand the
 * look-ups of engine nexthop (packet.md sections 9 and 10). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/routing.h"

enum { BLOCK_NEAR = 1, BLOCK_PAST_NEAR = 48, BLOCK_REFUSED = 49, BLOCK_PATHS = 50, BLOCK_END = 17 };

static struct rule *rule_new(struct family_work *w, uint32_t offset, enum rule_action action, const struct origin *o)
{
	struct rule *r = LIST_ADD(w->c->a, &w->c->rules);

	r->family = af_of[w->family];
	r->preference = w->c->m->kernel.rule_base + offset;
	r->action = action;
	r->origin = *o;
	return r;
}

/* Beside a balanced default route: specific routes of main win, but for what other balances take. */
static void near_rules(struct family_work *w, const struct origin *o)
{
	struct compile *c = w->c;
	const struct balance_work *whole = NULL;
	struct prefix_value *values;
	size_t n = 0, room = 0;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		room += b->conf->n_to;
		if (b->marks && b->conf->n_to == 0 && !whole)
			whole = b;
	}
	if (!whole || c->compat)
		return;
	values = arena_array(c->a, struct prefix_value, room);
	for (size_t i = 0; i < c->m->n_balances; i++)
		for (size_t k = 0; k < c->balances[i].conf->n_to && c->balances[i].marks; k++)
			values[n++] = c->balances[i].conf->to[k];
	const struct prefix_list l = prefixes_reduce(values, n, af_of[w->family], c->a);
	if (l.n > RULES_NEAR) {
		diag_error(c->d, &whole->conf->place, "limit", "balances beside '%s' have %zu prefixes, at most %d",
			   whole->conf->name, l.n, RULES_NEAR);
		return;
	}
	for (size_t i = 0; i < l.n; i++) {
		struct rule *r = rule_new(w, BLOCK_NEAR + (uint32_t)i, RULE_GOTO, o);
		r->to = l.list[i];
		r->goto_preference = c->m->kernel.rule_base + BLOCK_PAST_NEAR;
	}
	struct rule *main = rule_new(w, BLOCK_NEAR + (uint32_t)l.n, RULE_LOOKUP, &whole->out->origin);
	main->table = TABLE_MAIN;
	main->suppress_default = true;
	if (l.n > 0)
		rule_new(w, BLOCK_PAST_NEAR, RULE_NOP, o);
}

static void refuse_rule(struct family_work *w)
{
	struct compile *c = w->c;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		if (!b->refuse)
			continue;
		struct rule *r = rule_new(w, BLOCK_REFUSED, RULE_UNREACHABLE, &b->out->origin);
		r->has_mark = true;
		r->mark = r->mask = c->m->kernel.mark_mask;
		return;
	}
}

static void path_rules(struct family_work *w)
{
	struct compile *c = w->c;

	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct path_work *p = &c->paths[i];

		if (p->out->mark == 0 || (!p->steered && p->out->conf->n_probes == 0))
			continue;
		struct rule *r = rule_new(w, BLOCK_PATHS + p->out->number, RULE_LOOKUP, &p->out->origin);
		r->has_mark = true;
		r->mark = p->out->mark;
		r->mask = p->mask;
		r->table = p->out->table;
	}
}

static void block_rules(struct family_work *w)
{
	struct compile *c = w->c;
	const struct origin o = { "the rules of the marks", c->m->place };
	const uint32_t end = c->p->rule_size - BLOCK_END;

	if (!w->used)
		return;
	if (!c->compat) {
		struct rule *skip = rule_new(w, 0, RULE_GOTO, &o);
		skip->has_mark = true;
		skip->mask = c->m->kernel.mark_mask;
		skip->goto_preference = c->m->kernel.rule_base + end;
		near_rules(w, &o);
	}
	refuse_rule(w);
	path_rules(w);
	if (!c->compat)
		rule_new(w, end, RULE_NOP, &o);
}

/* The selectors of one balance of engine nexthop, written out: in x from x to. */
struct selectors {
	const char *const *in;
	size_t n_in, n;
	struct prefix_list from, to;
};

static struct selectors selectors_of(const struct balance_work *b, unsigned family)
{
	struct selectors s = {
		.in = b->area.in, .n_in = b->area.n_in, .from = b->area.from[family], .to = b->area.to[family],
	};

	s.n = MAX(s.n_in, 1) * MAX(s.from.n, 1) * MAX(s.to.n, 1);
	return s;
}

static void select_packets(struct rule *r, const struct selectors *s, size_t i)
{
	const size_t n_to = MAX(s->to.n, 1), n_from = MAX(s->from.n, 1);

	if (s->to.n > 0)
		r->to = s->to.list[i % n_to];
	if (s->from.n > 0)
		r->from = s->from.list[i / n_to % n_from];
	if (s->n_in > 0)
		r->iif = s->in[i / n_to / n_from];
}

/* Rules of one balance; those without `to` ask main for specific routes first. Returns how many there are now. */
static size_t nexthop_rules(struct family_work *w, const struct balance_work *b, size_t used)
{
	struct compile *c = w->c;
	const struct selectors s = selectors_of(b, w->family);
	const size_t needed = s.n * (b->conf->n_to == 0 ? 2 : 1);
	const bool refuse = !routing_has_group(c, b, w->family) && b->conf->when_all_down == ALL_DOWN_DROP;
	const uint32_t first = c->p->rule_size - BLOCK_END + 1 + (uint32_t)used;

	if (used + needed > RULES_NEXTHOP) {
		diag_error(c->d, &b->conf->place, "limit", "balance '%s' with engine nexthop needs %zu rules, at most %zu",
			   b->conf->name, needed, RULES_NEXTHOP - used);
		return RULES_NEXTHOP;
	}
	for (size_t i = 0; i < needed - s.n; i++) {
		struct rule *r = rule_new(w, first + (uint32_t)i, RULE_LOOKUP, &b->out->origin);
		select_packets(r, &s, i);
		r->table = TABLE_MAIN;
		r->suppress_default = true;
	}
	for (size_t i = 0; i < s.n; i++) {
		struct rule *r = rule_new(w, first + (uint32_t)(needed - s.n + i),
					  refuse ? RULE_UNREACHABLE : RULE_LOOKUP, &b->out->origin);
		select_packets(r, &s, i);
		if (!refuse)
			r->table = c->m->kernel.table_base - b->out->number;
	}
	return used + needed;
}

size_t routing_rules(struct family_work *w)
{
	struct compile *c = w->c;
	size_t used = 0;

	block_rules(w);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (!c->order[i]->marks && c->order[i]->family[w->family])
			used = nexthop_rules(w, c->order[i], used);
	return used;
}
