/* SPDX-License-Identifier: MIT */
/* How packets get from the hooks to a balance: its conditions as rules, and the order in which balances are tried
 * (packet.md section 3). */
#include "base/base.h"

#include <netinet/in.h>

#include "base/arena.h"
#include "plan/steer.h"

size_t steer_variants(const struct balance_work *b, unsigned variants[FAMILIES])
{
	const struct balance *conf = b->conf;
	size_t n = 0;

	if (b->family[IP4] && b->family[IP6] && conf->n_from == 0 && conf->n_to == 0 && !conf->protocol_icmp) {
		variants[0] = FAMILIES;
		return 1;
	}
	for (unsigned f = 0; f < FAMILIES; f++)
		if (b->family[f])
			variants[n++] = f;
	return n;
}

static struct op prefix_condition(const struct balance_work *b, enum op_kind kind, unsigned family, struct arena *a)
{
	const struct prefix_list *l = kind == OP_SRC ? &b->area.from[family] : &b->area.to[family];
	static const char *const names[2][FAMILIES] = { { "from4_", "from6_" }, { "to4_", "to6_" } };
	struct op o = op_family(kind, family);

	if (l->n == 1) {
		o.prefix = l->list[0];
	} else {
		o.by_set = true;
		o.name = JOIN(a, names[kind == OP_DST][family], b->conf->name);
	}
	return o;
}

size_t steer_conditions(struct compile *c, const struct balance_work *b, unsigned family, bool with_in, struct op *ops)
{
	const struct balance *conf = b->conf;
	size_t n = 0;

	if (family != FAMILIES && conf->n_from == 0 && conf->n_to == 0)
		ops[n++] = op_family(OP_FAMILY, family);
	if (with_in && b->area.n_in == 1) {
		ops[n++] = op_named(OP_IIF, b->area.in[0]);
	} else if (with_in && b->area.n_in > 1) {
		ops[n] = op_named(OP_IIF, JOIN(c->a, "in_", conf->name));
		ops[n++].by_set = true;
	}
	if (conf->n_from > 0)
		ops[n++] = prefix_condition(b, OP_SRC, family, c->a);
	if (conf->n_to > 0)
		ops[n++] = prefix_condition(b, OP_DST, family, c->a);
	if (conf->has_protocol) {
		ops[n] = op_of(OP_PROTO);
		ops[n++].proto = !conf->protocol_icmp ? conf->protocol : family == IP4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	}
	return n;
}

static void prefix_set(struct compile *c, const struct balance_work *b, const char *name, enum set_kind kind,
		       const struct prefix_list *l)
{
	if (l->n > 1)
		*LIST_ADD(c->a, &c->sets) = (struct set){
			.name = JOIN(c->a, name, b->conf->name), .kind = kind, .prefixes = l->list, .n = l->n,
			.origin = b->out->origin,
		};
}

void steer_sets(struct compile *c, const struct balance_work *b)
{
	const struct area *x = &b->area;

	if (x->n_in > 1)
		*LIST_ADD(c->a, &c->sets) = (struct set){
			.name = JOIN(c->a, "in_", b->conf->name), .kind = SET_DEVICES, .devices = x->in,
			.n = x->n_in, .origin = b->out->origin,
		};
	if (b->family[IP4]) {
		prefix_set(c, b, "from4_", SET_PREFIXES4, &x->from[IP4]);
		prefix_set(c, b, "to4_", SET_PREFIXES4, &x->to[IP4]);
	}
	if (b->family[IP6]) {
		prefix_set(c, b, "from6_", SET_PREFIXES6, &x->from[IP6]);
		prefix_set(c, b, "to6_", SET_PREFIXES6, &x->to[IP6]);
	}
}

static bool takes_local(const struct balance_work *b)
{
	return b->conf->scope != SCOPE_FORWARDED;
}

static bool takes_forwarded(const struct balance_work *b)
{
	return b->conf->scope != SCOPE_LOCAL;
}

static bool comes_by(const struct balance_work *b, const struct path_work *p)
{
	return bsearch(&p->out->device, b->area.in, b->area.n_in, sizeof(*b->area.in), compare_text) != NULL;
}

/* Devices of paths are in `in`: its packets are taken before they get an arrival mark. */
static bool comes_by_path(const struct compile *c, const struct balance_work *b)
{
	for (size_t i = 0; i < c->m->n_paths; i++)
		if (c->paths[i].is_input && comes_by(b, &c->paths[i]))
			return true;
	return false;
}

bool steer_goes_round(const struct compile *c, const struct balance_work *b)
{
	if (b->marks)
		return false;
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (c->balances[i].marks && area_within(&b->area, &c->balances[i].area))
			return true;
	for (size_t i = 0; i < c->m->n_paths; i++)
		if (c->paths[i].is_input && c->paths[i].from && comes_by(b, &c->paths[i]))
			return true;
	return false;
}

static void dispatch(struct compile *c, const struct balance_work *b, bool with_in, struct rules_work *r)
{
	unsigned variants[FAMILIES];
	const size_t n_variants = steer_variants(b, variants);

	if (b->conf->compat_seed && !b->turns) {
		steer_seed(c, b, r);
		return;
	}
	if (!b->marks && !steer_goes_round(c, b))
		return;
	for (size_t i = 0; i < n_variants; i++) {
		struct op ops[CONDITIONS + 1];
		size_t n = steer_conditions(c, b, variants[i], with_in, ops);

		ops[n++] = b->marks ? op_named(OP_GOTO, b->choose) : op_of(OP_RETURN);
		rule_add(c, r, ops, n, &b->out->origin);
	}
}

void steer_prerouting(struct compile *c, bool arrivals)
{
	const struct origin origin = { .what = "the hook of arriving packets", .place = c->m->place };
	struct rules_work r = { 0 };
	bool *first = arena_array(c->a, bool, c->m->n_balances);

	for (size_t i = 0; i < c->m->n_balances; i++) {
		first[i] = c->order[i]->area.n_in > 0 && comes_by_path(c, c->order[i]);
		if (first[i] && takes_forwarded(c->order[i]))
			dispatch(c, c->order[i], true, &r);
	}
	if (arrivals)
		RULE(c, &r, &origin, op_named(OP_ENTER, "arrive"));
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (!first[i] && takes_forwarded(c->order[i]))
			dispatch(c, c->order[i], true, &r);
	if (r.rules.n > 0)
		chain_add(c, "pre", HOOK_PREROUTING, &r, &origin);
}

/* Answers of this machine's own services where main leads to the client by a path's device. */
static void keep_answers(struct compile *c, bool local, struct rules_work *r)
{
	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];
		struct op paths = op_named(OP_OIF, "paths");

		paths.by_set = true;
		if (b->remembers && b->conf->inbound_same_path && takes_local(b) == local) {
			struct op keep = op_named(OP_KEEP, b->live);
			keep.mask = c->m->kernel.mark_mask;
			RULE(c, r, &b->out->origin, paths, keep);
		}
	}
}

static void paths_set(struct compile *c)
{
	const char **devices = arena_array(c->a, const char *, c->m->n_paths);
	size_t n = 0;

	for (size_t i = 0; i < c->m->n_paths; i++)
		if (c->paths[i].steered)
			devices[n++] = c->p->paths[i].device;
	*LIST_ADD(c->a, &c->sets) = (struct set){
		.name = "paths", .kind = SET_DEVICES, .devices = devices, .n = texts_sort(devices, n),
		.origin = { .what = "the devices of the paths", .place = c->m->place },
	};
}

void steer_output(struct compile *c)
{
	const struct origin origin = { .what = "the hook of this machine's packets", .place = c->m->place };
	struct rules_work r = { 0 };

	keep_answers(c, true, &r);
	keep_answers(c, false, &r);
	if (r.rules.n > 0)
		paths_set(c);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (takes_local(c->order[i]))
			dispatch(c, c->order[i], false, &r);
	if (r.rules.n > 0)
		chain_add(c, "out", HOOK_OUTPUT, &r, &origin);
}
