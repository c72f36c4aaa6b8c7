/* SPDX-License-Identifier: MIT */
/* Balances: numbers, members with the weights in effect, whose packets they take and in which order they are tried. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"
#include "plan/numbers.h"

enum { HIGHEST_BALANCE = 512 };         /* so that table-base - k is a table for every table-base */

static void give_numbers(struct compile *c)
{
	const size_t n = c->m->n_balances;
	const char **names = arena_array(c->a, const char *, n);
	uint32_t *numbers = arena_array(c->a, uint32_t, n);
	uint16_t *tables = arena_array(c->a, uint16_t, HIGHEST_BALANCE + 1);
	struct numbering rules = { .limit = HIGHEST_BALANCE, .aside = { tables } };

	for (size_t i = 0; i < c->m->n_paths; i++) {
		const struct opt_u64 *table = &c->m->paths[i].table;
		const uint32_t base = c->m->kernel.table_base;

		if (table->set && table->value < base && base - table->value <= HIGHEST_BALANCE)
			tables[base - table->value] = UINT16_MAX;
	}
	for (size_t i = 0; i < n; i++)
		names[i] = c->m->balances[i].name;
	numbers_give(&rules, c->before->balances, c->before->n_balances, names, n, c->a, numbers,
		     &c->after->balances, &c->after->n_balances);
	for (size_t i = 0; i < n; i++) {
		c->p->balances[i].number = numbers[i];
		if (numbers[i] == 0)
			diag_error(c->d, &c->m->balances[i].place, "limit", "no number is left for balance '%s'",
				   names[i]);
	}
}

static void set_members(struct compile *c, struct balance_work *b)
{
	const struct balance *conf = b->conf;

	b->members = arena_array(c->a, struct plan_member, conf->n_members);
	for (size_t i = 0; i < conf->n_members; i++) {
		const struct balance_member *m = &conf->members[i];

		b->members[i] = (struct plan_member){
			.path = plan_path(c, m->path), .weight = m->weight, .backup = m->backup,
		};
	}
	b->out->members = b->members;
	b->out->n_members = conf->n_members;
}

/* Weights set by hand: for all balances, or for this one, which counts more. */
static void set_hand_weights(struct compile *c, struct balance_work *b)
{
	struct names members;

	if (c->before->n_hand_weights == 0)
		return;
	names_init(&members, b->conf->n_members, c->a);
	for (size_t i = 0; i < b->conf->n_members; i++)
		names_put(&members, b->conf->members[i].path->name, (uint32_t)i);
	for (int single = 0; single <= 1; single++) {
		for (size_t i = 0; i < c->before->n_hand_weights; i++) {
			const struct hand_weight *w = &c->before->hand_weights[i];
			const uint32_t k = names_find(&members, w->path);

			if (k == NAME_NONE || (w->balance != NULL) != single)
				continue;
			if (!single || strcmp(w->balance, b->conf->name) == 0)
				b->members[k].weight = w->weight;
		}
	}
}

static void use_paths(struct compile *c, struct balance_work *b)
{
	bool carried[FAMILIES] = { false }, missing[FAMILIES] = { false };
	const bool saves = b->remembers && b->conf->inbound_same_path;

	for (size_t i = 0; i < b->conf->n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		struct path_work *w = path_work(c, p);

		w->routed = true;
		w->steered |= b->marks;
		w->saves |= saves;
		for (unsigned f = 0; f < FAMILIES; f++) {
			carried[f] |= path_carries(p, f);
			missing[f] |= !path_carries(p, f);
		}
	}
	for (unsigned f = 0; f < FAMILIES; f++)
		b->family[f] = carried[f] && area_has_family(&b->area, f);
	b->n_lists = 1;
	if (b->family[IP4] && b->family[IP6] && (missing[IP4] || missing[IP6]))
		b->n_lists = 2;
}

static void start_balance(struct compile *c, struct balance_work *b)
{
	const struct balance *conf = b->conf;
	const enum policy_kind kind = conf->method->kind;

	b->out->conf = conf;
	b->out->origin = (struct origin){ JOIN(c->a, "balance '", conf->name, "'"), conf->place };
	b->marks = !conf->engine_nexthop;
	b->remembers = kind == POLICY_PER_FLOW && !conf->compat_seed;
	b->turns = kind == POLICY_PER_PACKET || (kind == POLICY_PER_FLOW && conf->pick == HOW_TURN);
	b->refuses = conf->when_down == DOWN_DROP || conf->when_all_down == ALL_DOWN_DROP;
	b->area = area_of(conf, c->m, c->devices, c->a);
	set_members(c, b);
	set_hand_weights(c, b);
	use_paths(c, b);
}

/* Inner before outer, else as written in c->balances, which is by name. */
static void set_order(struct compile *c)
{
	const size_t n = c->m->n_balances;
	size_t *inside = arena_array(c->a, size_t, n);         /* how many that lie within it are still to come */
	bool *within = arena_array(c->a, bool, n * n);         /* [i * n + k]: i lies within k, and k not within i */

	c->order = arena_array(c->a, struct balance_work *, n);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			const struct area *x = &c->balances[i].area, *y = &c->balances[k].area;

			within[i * n + k] = i != k && area_within(x, y) && !area_within(y, x);
			inside[k] += within[i * n + k];
		}
	}
	for (size_t taken = 0; taken < n; taken++) {
		size_t i = 0;

		while (inside[i] != 0)
			i++;
		c->order[taken] = &c->balances[i];
		inside[i] = SIZE_MAX;
		for (size_t k = 0; k < n; k++)
			if (within[i * n + k])
				inside[k]--;
	}
}

/* The devices of paths that are in `in` of a balance. */
static void find_inputs(struct compile *c)
{
	struct names inputs;
	size_t n = 0;

	for (size_t i = 0; i < c->m->n_balances; i++)
		n += c->balances[i].area.n_in;
	names_init(&inputs, n, c->a);
	for (size_t i = 0; i < c->m->n_balances; i++)
		for (size_t k = 0; k < c->balances[i].area.n_in; k++)
			names_put(&inputs, c->balances[i].area.in[k], (uint32_t)i);
	for (size_t i = 0; i < c->m->n_paths; i++)
		c->paths[i].is_input = names_find(&inputs, c->p->paths[i].device) != NAME_NONE;
}

/* Packets that come in by a path of `other` are this balance's: `in` says so, or nothing says whence they come and no
 * arrival mark takes them first. */
static bool is_fed_by(const struct compile *c, const struct balance_work *b, const struct balance_work *other)
{
	for (size_t i = 0; i < other->conf->n_members; i++) {
		const struct path_work *w = path_work(c, other->members[i].path);
		const char *device = w->out->device;

		if (b->area.n_in == 0 ? w->shared :
		    bsearch(&device, b->area.in, b->area.n_in, sizeof(*b->area.in), compare_text) != NULL)
			return true;
	}
	return false;
}

static void check_memories(struct compile *c)
{
	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *x = &c->balances[i];

		for (size_t k = i + 1; k < c->m->n_balances; k++) {
			const struct balance_work *y = &c->balances[k];

			if (!x->remembers || !y->remembers || x->conf->scope == SCOPE_LOCAL ||
			    y->conf->scope == SCOPE_LOCAL || !area_answers(&x->area, &y->area) ||
			    !is_fed_by(c, x, y) || !is_fed_by(c, y, x))
				continue;
			struct diag *g = diag_error(c->d, &y->conf->place, "policy",
						    "balances '%s' and '%s' remember paths for the same connections",
						    x->conf->name, y->conf->name);
			diag_hint(c->d, g, "use method hash for one");
			diag_note(c->d, g, &x->conf->place, "'%s' is defined here", x->conf->name);
		}
	}
}

void compile_balances(struct compile *c)
{
	const size_t n = c->m->n_balances;

	c->p->balances = arena_array(c->a, struct plan_balance, n);
	c->p->n_balances = n;
	c->balances = arena_array(c->a, struct balance_work, n);
	give_numbers(c);
	for (size_t i = 0; i < n; i++) {
		c->balances[i].conf = &c->m->balances[i];
		c->balances[i].out = &c->p->balances[i];
		start_balance(c, &c->balances[i]);
	}
	set_order(c);
	find_inputs(c);
	check_memories(c);
}
