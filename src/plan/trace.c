/* SPDX-License-Identifier: MIT */
/* An interpreter of the plan's rule language. Turn and chance cannot be known: there the walk forks, and each way it may
 * go ends in an outcome with its share. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/trace.h"
#include "plan/trace_match.h"

enum { JUMPS_MAX = 16 };

struct walk {
	const struct plan *plan;
	const struct trace_packet *packet;
	struct arena *arena;
	struct trace *out;
};

/* Where one way of the walk stands: copied where it forks. */
struct spot {
	const struct chain *chain;
	size_t rule, op;                /* the next to look at */
};

struct run {
	struct spot at;
	struct spot callers[JUMPS_MAX];
	size_t n_callers;
	size_t step;                    /* of the rule at hand */
	uint32_t connection_mark;
	struct trace_outcome outcome;   /* so far */
};

/* What comes after an op. */
enum next { NEXT_OP, NEXT_RULE, NEXT_CHAIN, NEXT_NOTHING };

static void run_on(struct walk *w, struct run r);

/* ---- what the plan holds, by name --------------------------------------------------------------------------------- */

static const struct chain *map_lookup(const struct plan *p, const char *name, uint32_t key)
{
	const struct map *m = plan_map(p, name);

	for (size_t i = 0; i < m->n; i++)
		if (m->entries[i].key == key)
			return plan_chain(p, m->entries[i].chain);
	return NULL;
}

static const struct chain *map_lookup_device(const struct plan *p, const char *name, const char *device)
{
	const struct map *m = plan_map(p, name);

	for (size_t i = 0; device && i < m->n; i++)
		if (strcmp(m->entries[i].device, device) == 0)
			return plan_chain(p, m->entries[i].chain);
	return NULL;
}

static const struct plan_balance *balance_of(const struct plan *p, const struct origin *o)
{
	for (size_t i = 0; i < p->n_balances; i++)
		if (strcmp(p->balances[i].origin.what, o->what) == 0)
			return &p->balances[i];
	return NULL;
}

/* ---- choices ------------------------------------------------------------------------------------------------------ */

static enum next enter(struct run *r, const struct chain *chain)
{
	r->at = (struct spot){ .chain = chain };
	return NEXT_CHAIN;
}

static enum next pick_by_hash(struct walk *w, struct run *r, const struct op *o)
{
	const uint32_t slot = trace_slot(w->packet, o);
	const struct chain *chain = map_lookup(w->plan, o->name, slot);

	r->outcome.how = TRACE_SLOT;
	r->outcome.slot = slot;
	r->outcome.slots = o->pick.size;
	return chain ? enter(r, chain) : NEXT_RULE;
}

static size_t entries_to(const struct map *m, const char *chain)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += strcmp(m->entries[i].chain, chain) == 0;
	return n;
}

static bool is_first(const struct map *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(m->entries[k].chain, m->entries[i].chain) == 0)
			return false;
	return true;
}

/* One way for each chain that some entry leads to, and one for entries that lead nowhere. */
static enum next pick_by_number(struct walk *w, struct run *r, const struct op *o)
{
	const struct map *m = plan_map(w->plan, o->name);

	r->outcome.how = o->pick.kind == PICK_TURN ? TRACE_TURN : TRACE_RANDOM;
	for (size_t i = 0; i < m->n; i++) {
		struct run fork = *r;

		if (!is_first(m, i))
			continue;
		fork.outcome.share *= (double)entries_to(m, m->entries[i].chain) / o->pick.size;
		enter(&fork, plan_chain(w->plan, m->entries[i].chain));
		run_on(w, fork);
	}
	r->outcome.share *= (double)(o->pick.size - m->n) / o->pick.size;
	return m->n < o->pick.size ? NEXT_RULE : NEXT_NOTHING;
}

static enum next by_chance(struct walk *w, struct run *r, const struct op *o)
{
	const double part = (double)o->value / o->of;
	struct run fork = *r;

	r->outcome.how = fork.outcome.how = TRACE_RANDOM;
	fork.outcome.share *= part;
	r->outcome.share *= 1 - part;
	if (o->value > 0)
		run_on(w, fork);
	return o->value < o->of ? NEXT_RULE : NEXT_NOTHING;
}

/* ---- actions ------------------------------------------------------------------------------------------------------ */

/* By the first condition under which a balance leaves a packet alone; NULL: that is the way round the chains, for engine
 * nexthop. */
static const char *why_left(const struct chain_rule *rule)
{
	static const struct {
		enum op_kind first;
		const char *why;
	} rows[] = {
		{ OP_LOCAL, "its destination is this machine or a group" },
		{ OP_CT_NEW, "its connection is older than the profile" },
		{ OP_MARK_IS, "it has a mark of a path already" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rule->ops[0].kind == rows[i].first)
			return rows[i].why;
	return NULL;
}

static enum next leave(struct run *r, const struct chain_rule *rule)
{
	r->outcome.why = why_left(rule);
	r->outcome.how = r->outcome.why ? TRACE_LEFT : TRACE_PASSED;
	if (!r->outcome.why)
		r->outcome.balance = NULL;
	if (r->n_callers == 0)
		return NEXT_NOTHING;
	r->at = r->callers[--r->n_callers];
	return NEXT_CHAIN;
}

static enum next keep(struct walk *w, struct run *r, const struct op *o)
{
	const struct chain *chain = map_lookup(w->plan, o->name, r->connection_mark & o->mask);

	if (!chain)
		return NEXT_RULE;
	r->outcome.how = TRACE_REMEMBERED;
	return enter(r, chain);
}

static enum next arrive(struct walk *w, struct run *r, const struct op *o)
{
	const struct chain *chain = map_lookup_device(w->plan, o->name, w->packet->in);

	if (!chain)
		return NEXT_RULE;
	r->outcome.how = TRACE_ARRIVED;
	return enter(r, chain);
}

static enum next jump(struct walk *w, struct run *r, const struct op *o)
{
	if (r->n_callers == JUMPS_MAX)
		BUG("more than %d jumps", JUMPS_MAX);
	r->callers[r->n_callers++] = r->at;
	return enter(r, plan_chain(w->plan, o->name));
}

static enum next act(struct walk *w, struct run *r, const struct chain_rule *rule, const struct op *o)
{
	switch (o->kind) {
	case OP_COUNT:
		return NEXT_OP;
	case OP_MARK:
		r->outcome.mark = (r->outcome.mark & ~o->mask) | o->value;
		return NEXT_OP;
	case OP_SAVE:
		r->connection_mark = (r->connection_mark & ~o->mask) | o->value;
		return NEXT_OP;
	case OP_RESTORE:
		r->outcome.mark = r->connection_mark;
		r->outcome.how = TRACE_REMEMBERED;
		return NEXT_OP;
	case OP_KEEP:
		return keep(w, r, o);
	case OP_ENTER:
		return arrive(w, r, o);
	case OP_PICK:
		return o->pick.kind == PICK_HASH ? pick_by_hash(w, r, o) : pick_by_number(w, r, o);
	case OP_CHANCE:
		return by_chance(w, r, o);
	case OP_GOTO:
		return enter(r, plan_chain(w->plan, o->name));
	case OP_JUMP:
		return jump(w, r, o);
	case OP_RETURN:
		return leave(r, rule);
	case OP_ACCEPT:
		return NEXT_NOTHING;
	case OP_FAMILY: case OP_IIF: case OP_OIF: case OP_SRC: case OP_DST: case OP_PROTO: case OP_PORTED: case OP_FRAGMENT:
	case OP_LOCAL: case OP_CT_NEW: case OP_CT_MARK_IS: case OP_MARK_IS: case OP_CT_STATE:
		break;
	}
	const struct trace_marks marks = { .packet = r->outcome.mark, .connection = r->connection_mark };

	return trace_matches(w->plan, w->packet, &marks, o) ? NEXT_OP : NEXT_RULE;
}

/* ---- the walk ----------------------------------------------------------------------------------------------------- */

/* The seed's first path has no mark: what its balance took and did not mark goes there. */
static const struct plan_path *path_of(const struct plan *p, const struct trace_outcome *o)
{
	const bool seed = o->balance && o->balance->conf->compat_seed;

	for (size_t i = 0; i < p->n_paths; i++)
		if (p->paths[i].mark == o->mark && (o->mark || seed))
			return &p->paths[i];
	for (size_t i = 0; i < p->n_paths && seed; i++)
		if (p->paths[i].mark == 0)
			return &p->paths[i];
	return NULL;
}

static void conclude(struct walk *w, const struct run *r)
{
	struct trace *t = w->out;
	struct trace_outcome o = r->outcome;
	const uint32_t mask = w->plan->kernel.mark_mask;

	o.path = path_of(w->plan, &o);
	o.refused = (o.mark & mask) == mask;
	if (o.balance && !o.path && !o.refused && !o.why) {
		o.how = TRACE_LEFT;
		o.why = "no path of it is up";
	} else if (o.path && o.how == TRACE_PASSED) {
		o.how = TRACE_RANDOM;           /* the seed, with one path left to draw */
	}
	t->outcomes = arena_grow(w->arena, t->outcomes, t->n_outcomes, &t->outcomes_room, sizeof(*t->outcomes));
	t->outcomes[t->n_outcomes++] = o;
}

static void begin_rule(struct walk *w, struct run *r, const struct chain_rule *rule)
{
	struct trace *t = w->out;

	t->steps = arena_grow(w->arena, t->steps, t->n_steps, &t->steps_room, sizeof(*t->steps));
	r->step = t->n_steps++;
	t->steps[r->step] = (struct trace_step){ .chain = r->at.chain, .rule = rule, .matched = true };
}

static bool is_action(const struct op *o)
{
	return o->kind >= OP_COUNT && o->kind != OP_CT_STATE;
}

/* One op of the rule at hand; false: this way has ended. */
static bool step(struct walk *w, struct run *r)
{
	const struct chain_rule *rule = &r->at.chain->rules[r->at.rule];
	const struct op *o = &rule->ops[r->at.op];
	const struct plan_balance *before = r->outcome.balance, *own = balance_of(w->plan, &rule->origin);
	const bool last = r->at.op + 1 == rule->n_ops;

	if (r->at.op == 0)
		begin_rule(w, r, rule);
	r->at = (struct spot){ r->at.chain, r->at.rule + last, last ? 0 : r->at.op + 1 };
	if (own && is_action(o))
		r->outcome.balance = own;
	switch (act(w, r, rule, o)) {
	case NEXT_OP:
	case NEXT_CHAIN:
		return true;
	case NEXT_RULE:
		w->out->steps[r->step].matched = o->kind == OP_CHANCE;
		if (!last)
			r->at = (struct spot){ r->at.chain, r->at.rule + 1, 0 };
		if (o->kind == OP_KEEP)
			r->outcome.balance = before;
		return true;
	case NEXT_NOTHING:
		return false;
	}
	return false;
}

static void run_on(struct walk *w, struct run r)
{
	for (bool more = true; more;) {
		if (r.at.rule < r.at.chain->n_rules)
			more = step(w, &r);
		else if (r.n_callers > 0)
			r.at = r.callers[--r.n_callers];
		else
			break;
	}
	if (r.outcome.share > 0)
		conclude(w, &r);
}

void trace_walk(const struct plan *p, const struct trace_packet *packet, struct arena *a, struct trace *out)
{
	struct walk w = { .plan = p, .packet = packet, .arena = a, .out = out };
	struct run r = { .connection_mark = packet->connection_mark, .outcome.share = 1 };

	*out = (struct trace){ 0 };
	for (size_t i = 0; i < p->n_chains && packet->hook != HOOK_NONE && !r.at.chain; i++)
		if (p->chains[i].hook == packet->hook)
			r.at.chain = &p->chains[i];
	if (r.at.chain)
		run_on(&w, r);
	else
		conclude(&w, &r);
}

static bool asks_connection(const struct chain_rule *r)
{
	for (size_t i = 0; i < r->n_ops; i++) {
		const enum op_kind kind = r->ops[i].kind;

		if (kind == OP_CT_NEW || kind == OP_CT_MARK_IS || kind == OP_CT_STATE || kind == OP_KEEP || kind == OP_RESTORE)
			return true;
	}
	return false;
}

bool trace_needs_connection(const struct plan *p)
{
	for (size_t i = 0; i < p->n_chains; i++)
		for (size_t k = 0; k < p->chains[i].n_rules; k++)
			if (asks_connection(&p->chains[i].rules[k]))
				return true;
	return false;
}

/* ---- engine nexthop ----------------------------------------------------------------------------------------------- */

uint32_t trace_nexthop_table(const struct plan *p, const struct plan_balance *b)
{
	return p->kernel.table_base - b->number;
}

static bool rule_selects(const struct rule *r, const struct trace_packet *k)
{
	return r->family == k->source.family && !r->has_mark && !r->suppress_default &&
	       (!r->iif || (k->in && strcmp(r->iif, k->in) == 0)) &&
	       (!r->from.addr.family || prefix_has(&r->from, &k->source)) &&
	       (!r->to.addr.family || prefix_has(&r->to, &k->destination));
}

const struct plan_balance *trace_nexthop(const struct plan *p, const struct trace_packet *packet, bool *refuses)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct rule *r = &p->rules[i];
		const struct plan_balance *b = balance_of(p, &r->origin);

		if (!b || !b->conf->engine_nexthop || !rule_selects(r, packet))
			continue;
		*refuses = r->action == RULE_UNREACHABLE;
		return b;
	}
	*refuses = false;
	return NULL;
}
