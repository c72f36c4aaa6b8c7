/* SPDX-License-Identifier: MIT */
/* Paths: their numbers, marks and tables, the devices and next hops they really have, and the state they are in. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"
#include "plan/numbers.h"

enum { FIRST_TABLE_BELOW = 32766, RULES_BESIDE = 68, SEED_MARK = 3, SEED_TABLE = 100 };

static unsigned mask_shift(uint32_t mask)
{
	return (unsigned)__builtin_ctz(mask);
}

/* All ones means refused, and the rule of the highest number must stand before main's. */
static uint32_t highest_number(const struct kernel_conf *k)
{
	const uint32_t by_mask = (k->mark_mask >> mask_shift(k->mark_mask)) - 1;
	const uint32_t by_rules = FIRST_TABLE_BELOW - RULES_BESIDE - k->rule_base;

	return MIN(by_mask, by_rules);
}

static void set_aside(struct compile *c, struct numbering *rules)
{
	const struct kernel_conf *k = &c->m->kernel;
	uint16_t *marks = arena_array(c->a, uint16_t, rules->limit + 1);
	uint16_t *tables = arena_array(c->a, uint16_t, rules->limit + 1);

	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct path *p = &c->m->paths[i];
		const uint64_t mark = p->mark.set ? p->mark.value >> mask_shift(k->mark_mask) : 0;
		const uint64_t table = p->table.set && p->table.value > k->table_base ?
			p->table.value - k->table_base : 0;

		if (mark <= rules->limit)
			marks[mark] = (uint16_t)(i + 1);
		if (table <= rules->limit)
			tables[table] = (uint16_t)(i + 1);
	}
	rules->aside[0] = marks;
	rules->aside[1] = tables;
}

static void give_numbers(struct compile *c)
{
	const size_t n = c->m->n_paths;
	const char **names = arena_array(c->a, const char *, n);
	uint32_t *numbers = arena_array(c->a, uint32_t, n);
	struct numbering rules = { .limit = highest_number(&c->m->kernel) };

	for (size_t i = 0; i < n; i++)
		names[i] = c->m->paths[i].name;
	set_aside(c, &rules);
	numbers_give(&rules, c->before->paths, c->before->n_paths, names, n, c->a, numbers,
		     &c->after->paths, &c->after->n_paths);
	for (size_t i = 0; i < n; i++) {
		c->p->paths[i].number = numbers[i];
		c->highest = MAX(c->highest, numbers[i]);
		if (numbers[i] == 0)
			diag_error(c->d, &c->m->paths[i].place, "limit", "no number is left for path '%s'", names[i]);
	}
}

static void mark_and_table(struct compile *c, struct plan_path *p)
{
	const struct kernel_conf *k = &c->m->kernel;
	const struct path *conf = p->conf;

	path_work(c, p)->mask = k->mark_mask;
	p->mark = conf->mark.set ? (uint32_t)conf->mark.value : p->number << mask_shift(k->mark_mask);
	p->table = conf->table.set ? (uint32_t)conf->table.value : k->table_base + p->number;
	if (conf->table_main)
		p->table = TABLE_MAIN;
}

/* compat seed: the first member is unmarked and in the main table, the others count from 3 and 100. */
static void seed_marks(struct compile *c)
{
	const struct balance *b = &c->m->balances[0];

	for (size_t i = 0; i < b->n_members; i++) {
		const struct path *conf = b->members[i].path;
		struct plan_path *p = plan_path(c, conf);

		path_work(c, p)->mask = UINT32_MAX;
		if (!conf->mark.set)
			p->mark = i == 0 ? 0 : SEED_MARK + (uint32_t)i - 1;
		if (!conf->table.set && !conf->table_main)
			p->table = i == 0 ? TABLE_MAIN : SEED_TABLE + (uint32_t)i - 1;
	}
}

static void next_hops(struct compile *c, struct plan_path *p)
{
	const struct path *conf = p->conf;
	const struct fact_interface *fact = path_work(c, p)->fact;

	p->device = fact->device;
	p->via4 = conf->via4;
	p->via6 = conf->via6;
	p->ip4 = conf->via4.family != 0;
	p->ip6 = conf->via6.family != 0;
	if (conf->via_auto && c->f->resolved) {
		p->via4 = fact->gateway4;
		p->via6 = fact->gateway6;
		p->ip4 = p->via4.family != 0;
		p->ip6 = p->via6.family != 0;
	}
	if (!p->ip4 && !p->ip6)
		p->ip4 = p->ip6 = true;        /* point to point, or not known */
}

/* A draining path serves those it has, a probing one nobody. */
static int badness(enum member_state s)
{
	switch (s) {
	case MEMBER_UP:
		return 0;
	case MEMBER_DRAINING:
		return 1;
	case MEMBER_PROBING:
		return 2;
	case MEMBER_DOWN:
		return 3;
	}
	BUG("member state %d", (int)s);
}

/* The worse holds; a link that is down beats all. */
static void worsen(struct plan_path *p, enum member_state state, enum member_reason reason)
{
	const bool link = state == MEMBER_DOWN && reason == REASON_LINK;

	if (badness(state) <= badness(p->state) && !link)
		return;
	p->state = state;
	p->reason = reason;
}

static void remembered_states(struct compile *c, const struct names *paths)
{
	const struct memory *before = c->before;

	for (size_t i = 0; i < before->n_hand_states; i++) {
		const struct hand_state *h = &before->hand_states[i];
		const uint32_t k = names_find(paths, h->path);

		if (k == NAME_NONE)
			continue;
		c->p->paths[k].held = h->state != MEMBER_UP;
		worsen(&c->p->paths[k], h->state, REASON_HAND);
	}
	for (size_t i = 0; i < before->n_found; i++) {
		const uint32_t k = names_find(paths, before->found[i].path);

		if (k != NAME_NONE)
			worsen(&c->p->paths[k], before->found[i].state, before->found[i].reason);
	}
	for (size_t i = 0; i < before->n_hand_weights; i++) {
		const struct hand_weight *w = &before->hand_weights[i];
		const uint32_t k = w->balance ? NAME_NONE : names_find(paths, w->path);

		if (k != NAME_NONE)
			c->p->paths[k].weight = w->weight;
	}
}

/* What the machine says now. */
static void found_off(struct compile *c, struct plan_path *p)
{
	const struct fact_interface *fact = path_work(c, p)->fact;

	if (!c->f->resolved)
		return;
	if (!fact->admin_up) {
		path_work(c, p)->off = true;
		worsen(p, MEMBER_DOWN, REASON_LINK);
		diag_warning(c->d, &p->conf->place, "machine", "path '%s' is down: %s is %s", p->conf->name, p->device,
			     fact->absent ? "not there" : "off");
	} else if (p->conf->via_auto && p->via4.family == 0 && p->via6.family == 0) {
		path_work(c, p)->off = true;
		worsen(p, MEMBER_DOWN, REASON_ROUTE);
		diag_warning(c->d, &p->conf->via_place, "machine", "path '%s' is down: %s has no default route",
			     p->conf->name, p->device);
	}
	path_work(c, p)->dead = path_work(c, p)->off || !fact->carrier;
}

static void find_shared(struct compile *c)
{
	struct names first;

	names_init(&first, c->m->n_paths, c->a);
	for (size_t i = 0; i < c->m->n_paths; i++) {
		const char *device = c->p->paths[i].device;
		const uint32_t other = names_find(&first, device);

		if (other == NAME_NONE)
			names_put(&first, device, (uint32_t)i);
		else
			c->paths[other].shared = c->paths[i].shared = true;
	}
}

void compile_paths(struct compile *c)
{
	const size_t n = c->m->n_paths;
	struct names names;

	c->p->paths = arena_array(c->a, struct plan_path, n);
	c->p->n_paths = n;
	c->paths = arena_array(c->a, struct path_work, n);
	names_init(&names, n, c->a);
	give_numbers(c);
	for (size_t i = 0; i < n; i++) {
		struct plan_path *p = &c->p->paths[i];

		p->conf = &c->m->paths[i];
		p->weight = p->conf->weight;
		p->origin = (struct origin){ JOIN(c->a, "path '", p->conf->name, "'"), p->conf->place };
		c->paths[i].out = p;
		c->paths[i].fact = &c->f->interfaces[facts_index(c->m, p->conf->interface)];
		c->paths[i].routed = p->conf->n_probes > 0;
		names_put(&names, p->conf->name, (uint32_t)i);
		mark_and_table(c, p);
		next_hops(c, p);
	}
	if (c->compat)
		seed_marks(c);
	remembered_states(c, &names);
	for (size_t i = 0; i < n; i++)
		found_off(c, &c->p->paths[i]);
	find_shared(c);
}
