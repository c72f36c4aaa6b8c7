/* SPDX-License-Identifier: MIT */
/* Steering: how packets get from the hooks to a balance, and from a balance to a path (packet.md section 3). Chains
 * stay the same whatever weights and states are; those move map entries only. */
#include "base/base.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "base/arena.h"
#include "plan/compile.h"
#include "plan/slots.h"
#include "plan/sort.h"

/* ---- ops -------------------------------------------------------------------------------------------------------- */
static struct op op_of(enum op_kind kind)
{
	return (struct op){ .kind = kind };
}

static struct op op_named(enum op_kind kind, const char *name)
{
	return (struct op){ .kind = kind, .name = name };
}

static struct op op_family(enum op_kind kind, unsigned family)
{
	return (struct op){ .kind = kind, .family = af_of[family] };
}

static struct op op_value(enum op_kind kind, uint32_t value, uint32_t mask)
{
	return (struct op){ .kind = kind, .value = value, .mask = mask };
}

static struct op op_unless(struct op o)
{
	o.negated = true;
	return o;
}

void rule_add(struct compile *c, struct rules_work *r, const struct op *ops, size_t n, const struct origin *o)
{
	struct op *copy = arena_array(c->a, struct op, n);

	memcpy(copy, ops, n * sizeof(*ops));
	*LIST_ADD(c->a, &r->rules) = (struct chain_rule){ copy, n, *o };
}
#define RULE(c, r, o, ...) rule_add((c), (r), (const struct op[]){ __VA_ARGS__ }, \
				    sizeof((const struct op[]){ __VA_ARGS__ }) / sizeof(struct op), (o))

/* Room for as many as there will be. */
static struct rules_work rules_for(struct compile *c, size_t n)
{
	struct rules_work r = { 0 };

	LIST_ROOM(c->a, &r.rules, n);
	return r;
}

static void chain_add(struct compile *c, const char *name, enum hook hook, const struct rules_work *r,
		      const struct origin *o)
{
	*LIST_ADD(c->a, &c->chains) = (struct chain){ name, hook, r->rules.list, r->rules.n, *o };
}

static const char *counter_add(struct compile *c, const char *name, const struct origin *o)
{
	*LIST_ADD(c->a, &c->counters) = (struct counter){ name, *o };
	return name;
}

/* ---- conditions ------------------------------------------------------------------------------------------------- */
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

static void condition_sets(struct compile *c, const struct balance_work *b)
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

/* ---- hooks ------------------------------------------------------------------------------------------------------ */
static bool takes_local(const struct balance_work *b)
{
	return b->conf->scope != SCOPE_FORWARDED;
}

static bool takes_forwarded(const struct balance_work *b)
{
	return b->conf->scope != SCOPE_LOCAL;
}

/* The devices of `in` are those of paths: its packets are taken before they get an arrival mark. */
static bool comes_by_path(const struct compile *c, const struct balance_work *b)
{
	for (size_t i = 0; i < c->m->n_paths; i++)
		if (c->paths[i].is_input && bsearch(&c->p->paths[i].device, b->area.in, b->area.n_in,
						    sizeof(*b->area.in), compare_text))
			return true;
	return false;
}

/* What engine nexthop takes must not be marked by an outer balance: it is left alone before that is tried. */
static bool needs_way_round(const struct compile *c, const struct balance_work *b)
{
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (c->balances[i].marks && area_within(&b->area, &c->balances[i].area))
			return true;
	return false;
}

static void dispatch(struct compile *c, const struct balance_work *b, bool with_in, struct rules_work *r)
{
	unsigned variants[FAMILIES];
	const size_t n_variants = steer_variants(b, variants);

	if (b->conf->compat_seed && !b->turns) {
		compile_seed(c, b, r);
		return;
	}
	if (!b->marks && !needs_way_round(c, b))
		return;
	for (size_t i = 0; i < n_variants; i++) {
		struct op ops[CONDITIONS + 1];
		size_t n = steer_conditions(c, b, variants[i], with_in, ops);

		ops[n++] = b->marks ? op_named(OP_GOTO, b->choose) : op_of(OP_RETURN);
		rule_add(c, r, ops, n, &b->out->origin);
	}
}

static void prerouting(struct compile *c, bool arrivals)
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

static void output(struct compile *c)
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

/* ---- arrivals --------------------------------------------------------------------------------------------------- */
static int compare_mark(const void *x, const void *y)
{
	const struct map_entry *a = x, *b = y;

	return a->key < b->key ? -1 : a->key > b->key;
}

static void sort_marks(struct map_entry *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i - 1].key < list[i].key)
		i++;
	if (i < n)
		qsort(list, n, sizeof(*list), compare_mark);
}

static void from_chain(struct compile *c, struct path_work *w)
{
	const struct plan_path *p = w->out;
	const char *name = p->conf->name;
	const struct op mark = op_value(OP_MARK, p->mark, w->mask);
	struct rules_work r = rules_for(c, 2);

	w->from = JOIN(c->a, "from_", name);
	if (w->saves) {
		struct op count = op_named(OP_COUNT, counter_add(c, JOIN(c->a, "arrivals_", name), &p->origin));
		RULE(c, &r, &p->origin, op_of(OP_CT_NEW), op_value(OP_CT_MARK_IS, 0, w->mask),
		     op_value(OP_SAVE, p->mark, w->mask), count);
	}
	RULE(c, &r, &p->origin, mark, op_of(OP_ACCEPT));
	chain_add(c, w->from, HOOK_NONE, &r, &p->origin);
}

/* Interfaces of one path alone; false: there is none. */
static bool arrivals(struct compile *c)
{
	struct map_entry *list = arena_array(c->a, struct map_entry, c->m->n_paths);
	size_t n = 0;

	for (size_t i = 0; i < c->m->n_paths; i++) {
		struct path_work *w = &c->paths[i];

		if (!w->steered || w->shared || c->compat)
			continue;
		from_chain(c, w);
		w->out->arrives = true;
		list[n++] = (struct map_entry){ .device = w->out->device, .chain = w->from, .origin = w->out->origin };
	}
	if (n == 0)
		return false;
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = "arrive", .kind = MAP_DEVICES, .entries = sort_by_first(list, n, sizeof(*list), c->a), .n = n,
		.origin = { .what = "arrivals by paths", .place = c->m->place },
	};
	return true;
}

/* ---- members ---------------------------------------------------------------------------------------------------- */
static void stateless_member(struct compile *c, struct balance_work *b, size_t i, const struct origin *o,
			     struct op count)
{
	const struct plan_path *p = b->members[i].path;
	struct rules_work r = rules_for(c, 1);

	b->pick[i] = JOIN(c->a, "send_", b->conf->name, "_", p->conf->name);
	if (p->mark == 0)                      /* the seed's first path */
		RULE(c, &r, o, count, op_of(OP_ACCEPT));
	else
		RULE(c, &r, o, op_value(OP_MARK, p->mark, path_work(c, p)->mask), count, op_of(OP_ACCEPT));
	chain_add(c, b->pick[i], HOOK_NONE, &r, o);
}

static void remembering_member(struct compile *c, struct balance_work *b, size_t i, const struct origin *o,
			       struct op count)
{
	const struct plan_path *p = b->members[i].path;
	const uint32_t mask = path_work(c, p)->mask;
	const char *name = p->conf->name;
	const struct op flows = op_named(OP_COUNT,
		counter_add(c, JOIN(c->a, "flows_", b->conf->name, "_", name), o));
	const struct op mark = op_value(OP_MARK, p->mark, mask);
	struct rules_work pick = rules_for(c, 2), stay = rules_for(c, 1);

	b->pick[i] = JOIN(c->a, "pick_", b->conf->name, "_", name);
	b->stay[i] = JOIN(c->a, "stay_", b->conf->name, "_", name);
	RULE(c, &pick, o, op_value(OP_SAVE, p->mark, mask), flows);
	RULE(c, &pick, o, mark, count, op_of(OP_ACCEPT));
	RULE(c, &stay, o, mark, count, op_of(OP_ACCEPT));
	chain_add(c, b->pick[i], HOOK_NONE, &pick, o);
	chain_add(c, b->stay[i], HOOK_NONE, &stay, o);
}

static void member_chains(struct compile *c, struct balance_work *b)
{
	b->pick = arena_array(c->a, const char *, b->conf->n_members);
	b->stay = arena_array(c->a, const char *, b->conf->n_members);
	for (size_t i = 0; i < b->conf->n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		const struct origin o = { p->origin.what, b->conf->members[i].place };
		const char *name = JOIN(c->a, "packets_", b->conf->name, "_", p->conf->name);
		const struct op count = op_named(OP_COUNT, counter_add(c, name, &o));

		if (b->remembers)
			remembering_member(c, b, i, &o, count);
		else
			stateless_member(c, b, i, &o, count);
	}
}

static void refuse_chain(struct compile *c, struct balance_work *b)
{
	const uint32_t mask = c->m->kernel.mark_mask;
	const struct origin *o = &b->out->origin;
	struct rules_work r = { 0 };

	b->refuse = JOIN(c->a, "refuse_", b->conf->name);
	const char *counter = counter_add(c, JOIN(c->a, "refused_", b->conf->name), o);
	RULE(c, &r, o, op_value(OP_MARK, mask, mask), op_named(OP_COUNT, counter), op_of(OP_ACCEPT));
	chain_add(c, b->refuse, HOOK_NONE, &r, o);
}

/* ---- maps ------------------------------------------------------------------------------------------------------- */
static void list_map(struct compile *c, const struct balance_work *b, const struct list_work *l)
{
	struct map_entry *entries = arena_array(c->a, struct map_entry, l->size);
	size_t n = 0;

	for (uint32_t i = 0; i < l->size; i++) {
		const uint16_t owner = l->owner[i];
		const char *chain = b->refuse;

		if (!l->refused) {
			if (owner == SLOT_FREE)
				continue;
			if (l->kept || !member_is_dead(&b->members[owner]))
				chain = b->pick[owner];
		}
		entries[n++] = (struct map_entry){ .key = i, .chain = chain, .origin = b->out->origin };
	}
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = l->map_name, .kind = MAP_SLOTS, .size = l->size, .entries = entries, .n = n,
		.origin = b->out->origin,
	};
}

/* Where a connection that has this member's mark goes; NULL: it is drawn anew. */
static const char *live_chain(const struct balance_work *b, size_t i, const bool *kept)
{
	const bool all_refused = b->lists[0].refused && (b->n_lists == 1 || b->lists[1].refused);

	if (!member_is_dead(&b->members[i]) || kept[i])
		return b->stay[i];
	return b->conf->when_down == DOWN_DROP || all_refused ? b->refuse : NULL;
}

static void live_map(struct compile *c, const struct balance_work *b)
{
	const size_t n_members = b->conf->n_members;
	struct map_entry *list = arena_array(c->a, struct map_entry, n_members + c->m->n_paths);
	bool *kept = arena_array(c->a, bool, n_members), *member = arena_array(c->a, bool, c->m->n_paths);
	size_t n = 0;

	for (size_t i = 0; i < b->n_lists; i++)
		for (uint32_t k = 0; k < b->lists[i].size && b->lists[i].kept; k++)
			if (b->lists[i].owner[k] != SLOT_FREE)
				kept[b->lists[i].owner[k]] = true;
	for (size_t i = 0; i < n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		const char *chain = live_chain(b, i, kept);

		member[p - c->p->paths] = true;
		if (chain)
			list[n++] = (struct map_entry){ .key = p->mark, .chain = chain, .origin = b->out->origin };
	}
	for (size_t i = 0; i < c->m->n_paths && b->conf->inbound_same_path; i++) {
		const struct path_work *w = &c->paths[i];
		const bool dead = w->out->state == MEMBER_DOWN || w->out->state == MEMBER_PROBING;

		if (!member[i] && w->from && w->saves && !dead)
			list[n++] = (struct map_entry){ .key = w->out->mark, .chain = w->from, .origin = w->out->origin };
	}
	sort_marks(list, n);
	*LIST_ADD(c->a, &c->maps) = (struct map){
		.name = b->live, .kind = MAP_MARKS, .entries = list, .n = n, .origin = b->out->origin,
	};
}

/* ---- choosing --------------------------------------------------------------------------------------------------- */
static struct op pick_op(enum pick_kind kind, const struct list_work *l)
{
	struct op o = op_named(OP_PICK, l->map_name);

	o.pick.kind = kind;
	o.pick.size = l->size;
	return o;
}

static struct op hash_op(const struct compile *c, const struct balance_work *b, enum key_kind key, unsigned family)
{
	struct op o = pick_op(PICK_HASH, &b->lists[b->n_lists == 2 ? family : 0]);

	o.family = af_of[family];
	o.pick.key = key;
	o.pick.seed = (uint32_t)b->conf->seed.value;
	if (!b->conf->seed.set)
		o.pick.seed = fnv1a(fnv1a(fnv1a(FNV1A_START, c->m->profile), "/"), b->conf->name);
	return o;
}

/* One rule for each family that is steered: FAMILY, the match if there is one, PICK hash. */
static void pick_by_hash(struct compile *c, const struct balance_work *b, const struct op *match, enum key_kind key,
			 struct rules_work *r)
{
	for (unsigned f = 0; f < FAMILIES; f++) {
		struct op ops[3];
		size_t n = 0;

		if (!b->family[f])
			continue;
		ops[n++] = op_family(OP_FAMILY, f);
		if (match) {
			ops[n] = *match;
			if (match->kind == OP_FRAGMENT)
				ops[n].family = af_of[f];
			n++;
		}
		ops[n++] = hash_op(c, b, key, f);
		rule_add(c, r, ops, n, &b->out->origin);
	}
}

static void choose_by_hash(struct compile *c, const struct balance_work *b, struct rules_work *r)
{
	const struct op ported = op_of(OP_PORTED), fragment = op_of(OP_FRAGMENT);

	switch (b->conf->on) {
	case ON_FLOW:
		if (!b->remembers)             /* tracking reassembles */
			pick_by_hash(c, b, &fragment, KEY_ADDRESSES, r);
		pick_by_hash(c, b, &ported, KEY_FLOW, r);
		pick_by_hash(c, b, NULL, KEY_ADDRESSES_PROTOCOL, r);
		break;
	case ON_ADDRESSES:
		pick_by_hash(c, b, NULL, KEY_ADDRESSES, r);
		break;
	case ON_SOURCE:
		pick_by_hash(c, b, NULL, KEY_SOURCE, r);
		break;
	case ON_DESTINATION:
		pick_by_hash(c, b, NULL, KEY_DESTINATION, r);
		break;
	}
}

/* Turn and chance need no family, unless the families have lists of their own. */
static void choose_by_number(struct compile *c, const struct balance_work *b, enum pick_kind kind, struct rules_work *r)
{
	for (unsigned i = 0; i < b->n_lists; i++) {
		const struct op pick = pick_op(kind, &b->lists[i]);

		if (b->n_lists == 1)
			RULE(c, r, &b->out->origin, pick);
		else
			RULE(c, r, &b->out->origin, op_family(OP_FAMILY, i), pick);
	}
}

static bool chooses_by_hash(const struct balance *b)
{
	return b->method->kind == POLICY_HASH || (b->method->kind == POLICY_PER_FLOW && b->pick == HOW_HASH);
}

static void choose_chain(struct compile *c, struct balance_work *b)
{
	const uint32_t mask = c->m->kernel.mark_mask;
	const struct origin *o = &b->out->origin;
	struct rules_work r = { 0 };

	if (b->remembers) {
		struct op keep = op_named(OP_KEEP, b->live);
		keep.mask = mask;
		RULE(c, &r, o, keep);
	}
	if (b->conf->n_to == 0)
		RULE(c, &r, o, op_of(OP_LOCAL), op_of(OP_RETURN));
	if (!b->conf->compat_seed)
		RULE(c, &r, o, op_unless(op_value(OP_MARK_IS, 0, mask)), op_of(OP_RETURN));
	if (b->remembers)
		RULE(c, &r, o, op_unless(op_of(OP_CT_NEW)), op_value(OP_CT_MARK_IS, 0, mask), op_of(OP_RETURN));
	if (chooses_by_hash(b->conf))
		choose_by_hash(c, b, &r);
	else
		choose_by_number(c, b, b->turns ? PICK_TURN : PICK_RANDOM, &r);
	chain_add(c, b->choose, HOOK_NONE, &r, o);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */
static void number_set(struct compile *c, const char *name, enum set_kind kind, const uint8_t *numbers, size_t n)
{
	*LIST_ADD(c->a, &c->sets) = (struct set){
		.name = name, .kind = kind, .numbers = numbers, .n = n,
		.origin = { .what = name, .place = c->m->place },
	};
}

static void common_sets(struct compile *c)
{
	static const uint8_t ported[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_UDPLITE };
	static const uint8_t exempt[] = { RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST };
	bool need_ported = false, need_exempt = false;

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		if (!b->choose)
			continue;
		need_ported |= chooses_by_hash(b->conf) && b->conf->on == ON_FLOW;
		need_exempt |= b->conf->n_to == 0;
	}
	if (need_ported)
		number_set(c, "ported", SET_PROTOCOLS, ported, ARRAY_LEN(ported));
	if (need_exempt)
		number_set(c, "exempt", SET_ADDRESS_TYPES, exempt, ARRAY_LEN(exempt));
}

static void compile_balance(struct compile *c, struct balance_work *b)
{
	if (!b->marks && !needs_way_round(c, b))
		return;
	condition_sets(c, b);
	if (!b->marks || (b->conf->compat_seed && !b->turns))
		return;
	b->choose = JOIN(c->a, "choose_", b->conf->name);
	if (b->remembers)
		b->live = JOIN(c->a, "live_", b->conf->name);
	member_chains(c, b);
	if (b->refuses)
		refuse_chain(c, b);
	for (size_t i = 0; i < b->n_lists; i++)
		list_map(c, b, &b->lists[i]);
	choose_chain(c, b);
}

/* Names come first in all of these. */
static void sort_steering(struct compile *c)
{
	c->chains.list = sort_by_first(c->chains.list, c->chains.n, sizeof(*c->chains.list), c->a);
	c->sets.list = sort_by_first(c->sets.list, c->sets.n, sizeof(*c->sets.list), c->a);
	c->maps.list = sort_by_first(c->maps.list, c->maps.n, sizeof(*c->maps.list), c->a);
	c->counters.list = sort_by_first(c->counters.list, c->counters.n, sizeof(*c->counters.list), c->a);
}

static void make_room(struct compile *c)
{
	size_t members = 0;

	for (size_t i = 0; i < c->m->n_balances; i++)
		members += c->m->balances[i].n_members;
	LIST_ROOM(c->a, &c->chains, c->m->n_paths + 2 * members + 2 * c->m->n_balances + 2);
	LIST_ROOM(c->a, &c->counters, c->m->n_paths + 2 * members + c->m->n_balances);
}

void compile_steer(struct compile *c)
{
	make_room(c);
	const bool some_arrive = arrivals(c);

	for (size_t i = 0; i < c->m->n_balances; i++)
		compile_balance(c, &c->balances[i]);
	for (size_t i = 0; i < c->m->n_balances; i++)
		if (c->balances[i].live)
			live_map(c, &c->balances[i]);
	common_sets(c);
	prerouting(c, some_arrive);
	output(c);
	sort_steering(c);
}
