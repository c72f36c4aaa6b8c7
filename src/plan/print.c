/* SPDX-License-Identifier: MIT */
/* The plan as text for people: one item per line, sorted by key, rules in the words of packet.md section 3. It says what
 * shall hold, not how a mechanism spells it. */
#include "base/base.h"

#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "base/text.h"
#include "plan/item.h"

enum { KEY_WIDTH = 40 };

struct printer {
	struct arena *a;
	struct items items;
	struct text body;               /* of the item at hand */
};

static void put(struct printer *w, const char *key)
{
	items_add(&w->items, key, arena_copy(w->a, text_get(&w->body), w->body.n), NULL, NULL);
	text_clear(&w->body);
}

/* ---- ops -------------------------------------------------------------------------------------------------------- */
static const char *const op_words[] = {
	[OP_FAMILY] = "FAMILY", [OP_IIF] = "IIF", [OP_OIF] = "OIF", [OP_SRC] = "SRC", [OP_DST] = "DST",
	[OP_PROTO] = "PROTO", [OP_PORTED] = "PORTED", [OP_FRAGMENT] = "FRAGMENT", [OP_LOCAL] = "LOCAL",
	[OP_CT_NEW] = "CT_NEW", [OP_CT_MARK_IS] = "CT_MARK_IS", [OP_MARK_IS] = "MARK_IS", [OP_COUNT] = "COUNT",
	[OP_MARK] = "MARK", [OP_SAVE] = "SAVE", [OP_KEEP] = "KEEP", [OP_ENTER] = "ENTER", [OP_PICK] = "PICK",
	[OP_GOTO] = "GOTO", [OP_JUMP] = "JUMP", [OP_RETURN] = "RETURN", [OP_ACCEPT] = "ACCEPT",
	[OP_CT_STATE] = "CT_STATE", [OP_CHANCE] = "CHANCE", [OP_RESTORE] = "RESTORE",
};

static const char *const key_words[] = {
	[KEY_FLOW] = "flow", [KEY_ADDRESSES_PROTOCOL] = "addresses and protocol", [KEY_ADDRESSES] = "addresses",
	[KEY_SOURCE] = "source", [KEY_DESTINATION] = "destination",
};

static void print_pick(const struct op *o, struct text *out)
{
	switch (o->pick.kind) {
	case PICK_TURN:
		text_printf(out, " turn %u in %s", o->pick.size, o->name);
		break;
	case PICK_RANDOM:
		text_printf(out, " random %u in %s", o->pick.size, o->name);
		break;
	case PICK_HASH:
		text_printf(out, " hash %u of %s seed 0x%08x in %s", o->pick.size, key_words[o->pick.key],
			    o->pick.seed, o->name);
		break;
	}
}

static void print_states(uint32_t states, struct text *out)
{
	static const char *const names[] = { "invalid", "established", "related", "new" };
	const char *before = " ";

	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		if (!(states & 1u << i))
			continue;
		text_printf(out, "%s%s", before, names[i]);
		before = ",";
	}
}

static void print_prefix_op(const struct op *o, struct text *out)
{
	char text[PREFIX_TEXT];

	text_printf(out, " %s%s", o->by_set ? "@" : "", o->by_set ? o->name : prefix_print(&o->prefix, text));
}

static void print_op(const struct op *o, struct text *out)
{
	text_puts(out, op_words[o->kind]);
	switch (o->kind) {
	case OP_FAMILY:
		text_puts(out, o->family == AF_INET ? " 4" : " 6");
		break;
	case OP_IIF:
	case OP_OIF:
		text_printf(out, " %s%s", o->by_set ? "@" : "", o->name);
		break;
	case OP_SRC:
	case OP_DST:
		print_prefix_op(o, out);
		break;
	case OP_PROTO:
		text_printf(out, " %u", o->proto);
		break;
	case OP_CT_NEW:
		text_puts(out, o->negated ? " no" : " yes");
		break;
	case OP_CT_MARK_IS:
	case OP_MARK_IS:
	case OP_MARK:
	case OP_SAVE:
		text_printf(out, "%s 0x%08x/0x%08x", o->negated ? " NOT" : "", o->value, o->mask);
		break;
	case OP_COUNT:
	case OP_KEEP:
	case OP_ENTER:
	case OP_GOTO:
	case OP_JUMP:
		text_printf(out, " %s", o->name);
		break;
	case OP_PICK:
		print_pick(o, out);
		break;
	case OP_CT_STATE:
		print_states(o->value, out);
		break;
	case OP_CHANCE:
		text_printf(out, " %u of %u", o->value, o->of);
		break;
	case OP_PORTED:
	case OP_FRAGMENT:
	case OP_LOCAL:
	case OP_RETURN:
	case OP_ACCEPT:
	case OP_RESTORE:
		break;
	}
}

void plan_print_rule(const struct chain_rule *r, struct text *out)
{
	for (size_t i = 0; i < r->n_ops; i++) {
		text_puts(out, i > 0 ? " " : "");
		print_op(&r->ops[i], out);
	}
}

static void print_chain(struct printer *w, const struct chain *c)
{
	static const char *const hooks[] = { [HOOK_PREROUTING] = "hook prerouting: ", [HOOK_OUTPUT] = "hook output: " };

	if (c->hook != HOOK_NONE)
		text_puts(&w->body, hooks[c->hook]);
	for (size_t i = 0; i < c->n_rules; i++) {
		text_puts(&w->body, i > 0 ? "; " : "");
		plan_print_rule(&c->rules[i], &w->body);
	}
	put(w, arena_printf(w->a, "chain/%s", c->name));
}

/* ---- sets and maps ---------------------------------------------------------------------------------------------- */
static const char *number_name(enum set_kind kind, uint8_t n)
{
	static const struct {
		enum set_kind kind;
		uint8_t number;
		const char *name;
	} names[] = {
		{ SET_PROTOCOLS, IPPROTO_TCP, "tcp" }, { SET_PROTOCOLS, IPPROTO_UDP, "udp" },
		{ SET_PROTOCOLS, IPPROTO_DCCP, "dccp" }, { SET_PROTOCOLS, IPPROTO_SCTP, "sctp" },
		{ SET_PROTOCOLS, IPPROTO_UDPLITE, "udplite" }, { SET_ADDRESS_TYPES, RTN_LOCAL, "local" },
		{ SET_ADDRESS_TYPES, RTN_BROADCAST, "broadcast" }, { SET_ADDRESS_TYPES, RTN_MULTICAST, "multicast" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].kind == kind && names[i].number == n)
			return names[i].name;
	BUG("number %u in a set", n);
}

static void print_set(struct printer *w, const struct set *s)
{
	static const char *const kinds[] = {
		[SET_DEVICES] = "devices", [SET_PREFIXES4] = "prefixes", [SET_PREFIXES6] = "prefixes",
		[SET_PROTOCOLS] = "protocols", [SET_ADDRESS_TYPES] = "address types",
	};
	char text[PREFIX_TEXT];

	text_puts(&w->body, kinds[s->kind]);
	for (size_t i = 0; i < s->n; i++) {
		const char *word = s->kind == SET_DEVICES ? s->devices[i] :
			s->kind == SET_PREFIXES4 || s->kind == SET_PREFIXES6 ? prefix_print(&s->prefixes[i], text) :
			number_name(s->kind, s->numbers[i]);
		text_printf(&w->body, " %s", word);
	}
	put(w, arena_printf(w->a, "set/%s", s->name));
}

static void print_map(struct printer *w, const struct map *m)
{
	switch (m->kind) {
	case MAP_DEVICES:
		text_puts(&w->body, "device to chain");
		break;
	case MAP_MARKS:
		text_puts(&w->body, "connection mark to chain");
		break;
	case MAP_SLOTS:
		text_printf(&w->body, "entry of %u to chain", m->size);
		break;
	}
	put(w, arena_printf(w->a, "map/%s", m->name));
	for (size_t i = 0; i < m->n; i++) {
		const struct map_entry *e = &m->entries[i];
		const char *key = m->kind == MAP_DEVICES ? arena_printf(w->a, "elem/%s/%s", m->name, e->device) :
			m->kind == MAP_MARKS ? arena_printf(w->a, "elem/%s/0x%08x", m->name, e->key) :
			arena_printf(w->a, "elem/%s/%u", m->name, e->key);

		text_puts(&w->body, e->chain);
		put(w, key);
	}
}

/* ---- routing ---------------------------------------------------------------------------------------------------- */
static void print_way(struct printer *w, const struct addr *via, const char *device, bool onlink)
{
	char text[ADDR_TEXT];

	if (via->family)
		text_printf(&w->body, "via %s ", addr_print(via, text));
	text_printf(&w->body, "dev %s%s", device, onlink ? " onlink" : "");
}

static void print_nexthop(struct printer *w, const struct nexthop *h)
{
	if (h->group) {
		text_printf(&w->body, "group of %u buckets:", h->buckets);
		for (size_t i = 0; i < h->n_members; i++)
			text_printf(&w->body, " 0x%08x weight %u", h->members[i].id, h->members[i].weight);
	} else {
		print_way(w, &h->via, h->device, h->via.family != 0);
	}
	put(w, arena_printf(w->a, "nexthop/0x%08x", h->id));
}

static void print_route(struct printer *w, const struct route *r)
{
	char text[PREFIX_TEXT];

	if (r->nexthop_id)
		text_printf(&w->body, "nexthop 0x%08x", r->nexthop_id);
	else
		print_way(w, &r->via, r->device, r->onlink);
	put(w, arena_printf(w->a, "route/%u/%s", r->table, prefix_print(&r->to, text)));
}

static void print_rule(struct printer *w, const struct rule *r)
{
	char text[PREFIX_TEXT];

	if (r->has_mark)
		text_printf(&w->body, "fwmark 0x%08x/0x%08x ", r->mark, r->mask);
	if (r->from.addr.family)
		text_printf(&w->body, "from %s ", prefix_print(&r->from, text));
	if (r->to.addr.family)
		text_printf(&w->body, "to %s ", prefix_print(&r->to, text));
	if (r->iif)
		text_printf(&w->body, "iif %s ", r->iif);
	switch (r->action) {
	case RULE_LOOKUP:
		text_printf(&w->body, "lookup %u%s", r->table, r->suppress_default ? " suppress_prefixlength 0" : "");
		break;
	case RULE_GOTO:
		text_printf(&w->body, "goto %u", r->goto_preference);
		break;
	case RULE_NOP:
		text_puts(&w->body, "nop");
		break;
	case RULE_UNREACHABLE:
		text_puts(&w->body, "unreachable");
		break;
	}
	put(w, arena_printf(w->a, "%s/%u", r->family == AF_INET ? "rule" : "rule6", r->preference));
}

/* ---- queues ----------------------------------------------------------------------------------------------------- */
static void print_part(struct text *out, const char *name, const struct netem_part *p)
{
	if (!p->set)
		return;
	text_printf(out, " %s %u.%04u%%", name, p->part_ppm / 10000, p->part_ppm % 10000);
	if (p->correlation_ppm)
		text_printf(out, " correlation %u.%04u%%", p->correlation_ppm / 10000, p->correlation_ppm % 10000);
	if (p->gap)
		text_printf(out, " gap %u", p->gap);
}

static void print_netem(struct text *out, const struct tc_node *n)
{
	text_printf(out, "netem limit %" PRIu64 "p delay %" PRIu64 "us", n->limit, n->delay_us);
	if (n->jitter_us)
		text_printf(out, " jitter %" PRIu64 "us", n->jitter_us);
	if (n->delay_correlation_ppm)
		text_printf(out, " correlation %u.%04u%%", n->delay_correlation_ppm / 10000,
			    n->delay_correlation_ppm % 10000);
	print_part(out, "loss", &n->loss);
	print_part(out, "duplicate", &n->duplicate);
	print_part(out, "corrupt", &n->corrupt);
	print_part(out, "reorder", &n->reorder);
}

static void print_node(struct printer *w, const struct tc_tree *t, const struct tc_node *n)
{
	struct text *out = &w->body;
	const bool is_class = n->kind == NODE_HTB_CLASS;
	const uint32_t id = is_class ? n->handle : n->parent;

	switch (n->kind) {
	case NODE_HTB:
		text_puts(out, "htb");
		break;
	case NODE_HTB_CLASS:
		text_printf(out, "rate %" PRIu64 " B/s ceil %" PRIu64 " B/s burst %" PRIu64 "b cburst %" PRIu64
			    "b quantum %ub", n->rate_Bps, n->ceil_Bps, n->burst_bytes, n->cburst_bytes,
			    n->quantum_bytes);
		break;
	case NODE_TBF:
		text_printf(out, "tbf rate %" PRIu64 " B/s burst %" PRIu64 "b limit %" PRIu64 "b", n->rate_Bps,
			    n->burst_bytes, n->limit);
		break;
	case NODE_NETEM:
		print_netem(out, n);
		break;
	case NODE_BFIFO:
		text_printf(out, "bfifo limit %" PRIu64 "b", n->limit);
		break;
	case NODE_PFIFO:
		text_printf(out, "pfifo limit %" PRIu64 "p", n->limit);
		break;
	case NODE_FQ_CODEL:
		text_printf(out, "fq_codel limit %" PRIu64 "p flows %u target %" PRIu64 "us interval %" PRIu64
			    "us quantum %ub memory %" PRIu64 "b ecn %s", n->limit, n->flows, n->target_us,
			    n->interval_us, n->fq_quantum, n->memory_bytes, n->ecn ? "on" : "off");
		break;
	}
	if (id == UINT32_MAX)
		put(w, arena_printf(w->a, "qdisc/%s/root", t->device));
	else
		put(w, arena_printf(w->a, "%s/%s/%x:%x", is_class ? "class" : "qdisc", t->device, id >> 16, id & 0xffff));
}

static void print_all(struct printer *w, const struct plan *p)
{
	for (size_t i = 0; i < p->n_counters; i++)
		put(w, arena_printf(w->a, "counter/%s", p->counters[i].name));
	for (size_t i = 0; i < p->n_sets; i++)
		print_set(w, &p->sets[i]);
	for (size_t i = 0; i < p->n_maps; i++)
		print_map(w, &p->maps[i]);
	for (size_t i = 0; i < p->n_chains; i++)
		print_chain(w, &p->chains[i]);
	for (size_t i = 0; i < p->n_nexthops; i++)
		print_nexthop(w, &p->nexthops[i]);
	for (size_t i = 0; i < p->n_routes; i++)
		print_route(w, &p->routes[i]);
	for (size_t i = 0; i < p->n_rules; i++)
		print_rule(w, &p->rules[i]);
	for (size_t i = 0; i < p->n_trees; i++)
		for (size_t k = 0; k < p->trees[i].n_nodes; k++)
			print_node(w, &p->trees[i], &p->trees[i].nodes[k]);
	for (size_t i = 0; i < p->n_settings; i++) {
		text_puts(&w->body, p->settings[i].value);
		put(w, arena_printf(w->a, "setting/%s", p->settings[i].name));
	}
}

void plan_print(const struct plan *p, struct text *out)
{
	struct printer w = { .a = arena_new() };

	items_init(&w.items, w.a);
	print_all(&w, p);
	items_sort(&w.items);
	for (size_t i = 0; i < w.items.n; i++) {
		const struct item *it = &w.items.list[i];

		if (*it->body)
			text_printf(out, "%-*s  %s\n", KEY_WIDTH, it->key, it->body);
		else
			text_printf(out, "%s\n", it->key);
	}
	text_release(&w.body);
	arena_free(w.a);
}
