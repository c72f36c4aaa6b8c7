/* SPDX-License-Identifier: MIT */
/* From what the user meant to what the kernel shall contain: the order of the parts. Pure. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"

const char *join_parts(struct arena *a, const char *const *parts, size_t n)
{
	size_t sizes[8], all = 0;

	if (n > ARRAY_LEN(sizes))
		BUG("%zu parts of a name", n);
	for (size_t i = 0; i < n; i++)
		all += sizes[i] = strlen(parts[i]);
	char *joined = arena_alloc(a, all + 1), *end = joined;
	for (size_t i = 0; i < n; i++) {
		memcpy(end, parts[i], sizes[i]);
		end += sizes[i];
	}
	return joined;
}

static void carry_over(struct compile *c)
{
	const struct memory *before = c->before;

	c->after->lists = c->lists.list;
	c->after->n_lists = c->lists.n;
	c->after->hand_states = before->hand_states;
	c->after->n_hand_states = before->n_hand_states;
	c->after->hand_weights = before->hand_weights;
	c->after->n_hand_weights = before->n_hand_weights;
	c->after->found = before->found;
	c->after->n_found = before->n_found;
}

static void hand_over(struct compile *c)
{
	struct plan *p = c->p;

	p->counters = c->counters.list;
	p->n_counters = c->counters.n;
	p->sets = c->sets.list;
	p->n_sets = c->sets.n;
	p->maps = c->maps.list;
	p->n_maps = c->maps.n;
	p->chains = c->chains.list;
	p->n_chains = c->chains.n;
	p->nexthops = c->nexthops.list;
	p->n_nexthops = c->nexthops.n;
	p->routes = c->routes.list;
	p->n_routes = c->routes.n;
	p->rules = c->rules.list;
	p->n_rules = c->rules.n;
	p->trees = c->trees.list;
	p->n_trees = c->trees.n;
	p->settings = c->settings.list;
	p->n_settings = c->settings.n;
}

/* Next-hop groups steer, too; other routes stay where they are. */
static bool has_groups(const struct machine *m)
{
	for (size_t i = 0; i < m->n_balances; i++)
		if (m->balances[i].engine_nexthop)
			return true;
	return false;
}

static void compile_parts(struct compile *c)
{
	const size_t errors = c->d->n_errors;

	for (size_t i = 0; i < c->m->n_interfaces; i++)
		c->devices[i] = c->f->interfaces[i].device;
	compile_paths(c);
	compile_balances(c);
	if (c->d->n_errors > errors)
		return;
	compile_lists(c);
	compile_steer(c);
	if (!c->steering || has_groups(c->m))
		compile_routes(c);
	if (c->steering)
		return;
	compile_settings(c);
	compile_shape(c);
}

static struct plan *compile(struct compile *c, struct memory *after)
{
	struct memory remembered = { 0 };
	struct plan *p = arena_one(c->a, struct plan);
	const size_t errors = c->d->n_errors;

	c->p = p;
	c->after = &remembered;
	c->devices = arena_array(c->a, const char *, c->m->n_interfaces);
	c->compat = c->m->n_balances == 1 && c->m->balances[0].compat_seed;
	p->arena = c->a;
	p->machine = c->m;
	p->facts = c->f;
	p->kernel = c->m->kernel;
	p->sum = "";
	compile_parts(c);
	if (c->d->n_errors > errors)
		return NULL;
	hand_over(c);
	carry_over(c);
	if (after)
		*after = remembered;
	return p;
}

struct plan *plan_compile(const struct machine *m, const struct facts *f, const struct memory *before,
			  struct memory *after, struct arena *a, struct diags *d)
{
	static const struct memory nothing;
	struct compile c = {
		.a = a, .d = d, .m = m, .f = f ? f : facts_ask(m, a), .before = before ? before : &nothing,
	};

	return compile(&c, after);
}

struct plan *plan_compile_steering(const struct machine *m, const struct facts *f, const struct memory *before,
				   struct memory *after, struct arena *a, struct diags *d)
{
	struct compile c = { .a = a, .d = d, .m = m, .f = f, .before = before, .steering = true };

	return compile(&c, after);
}

struct plan *plan_empty(const struct kernel_conf *running, struct arena *a)
{
	struct plan *p = arena_one(a, struct plan);

	p->arena = a;
	p->kernel = *running;
	p->sum = "";
	return p;
}
