/* SPDX-License-Identifier: MIT */
/* Target route: next-hop objects, routes and rules. Ours carry our protocol number; rules stand in our block besides,
 * next hops in our range of ids. */
#include "base/base.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/route.h"
#include "target/target.h"

/* ---- plan to items ---------------------------------------------------------------------------------------------- */

static const char *take_text(struct text *t, struct arena *a)
{
	const char *p = arena_copy(a, text_get(t), t->n);
	text_clear(t);
	return p;
}

/* Steering by next-hop groups moves the groups and their routes; paths' own routes and rules stay. */
static int route_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d UNUSED)
{
	const uint8_t protocol = p->kernel.route_protocol;
	struct arena *a = out->arena;
	auto_text struct text body = {0};
	for (size_t i = 0; i < p->n_nexthops; i++) {
		const struct nexthop *n = &p->nexthops[i];
		nexthop_body(n, protocol, &body);
		items_add(out, nexthop_key(n, a), take_text(&body, a), &n->origin, n);
	}
	for (size_t i = 0; i < p->n_routes; i++) {
		const struct route *r = &p->routes[i];
		if (what == LOWER_STEERING && !r->nexthop_id)
			continue;
		route_body(r, protocol, &body);
		items_add(out, route_key(r, a), take_text(&body, a), &r->origin, r);
	}
	for (size_t i = 0; what != LOWER_STEERING && i < p->n_rules; i++) {
		const struct rule *r = &p->rules[i];
		rule_body(r, &body);
		items_add(out, rule_key(r, a), take_text(&body, a), &r->origin, r);
	}
	return 0;
}

/* ---- kernel to structs ------------------------------------------------------------------------------------------ */

static void take_prefix(const struct nlattr *attr, uint8_t family, uint8_t len, struct prefix *out)
{
	*out = (struct prefix){ .addr.family = family, .len = len };
	memcpy(out->addr.b, mnl_attr_get_payload(attr), MIN(mnl_attr_get_payload_len(attr), 16));
}

static void read_rule_attr(const struct nlattr *attr, const struct fib_rule_hdr *h, struct arena *a,
			   struct seen_rule *out)
{
	struct rule *r = &out->rule;
	switch (mnl_attr_get_type(attr)) {
	case FRA_PRIORITY: r->preference = mnl_attr_get_u32(attr); break;
	case FRA_PROTOCOL: out->protocol = mnl_attr_get_u8(attr); break;
	case FRA_TABLE: r->table = mnl_attr_get_u32(attr); break;
	case FRA_GOTO: r->goto_preference = mnl_attr_get_u32(attr); break;
	case FRA_FWMARK: r->mark = mnl_attr_get_u32(attr); r->has_mark = true; break;
	case FRA_FWMASK: r->mask = mnl_attr_get_u32(attr); r->has_mark = true; break;
	case FRA_IIFNAME: r->iif = arena_strdup(a, mnl_attr_get_str(attr)); break;
	case FRA_SRC: take_prefix(attr, r->family, h->src_len, &r->from); break;
	case FRA_DST: take_prefix(attr, r->family, h->dst_len, &r->to); break;
	case FRA_SUPPRESS_PREFIXLEN:
		r->suppress_default = mnl_attr_get_u32(attr) == 0;
		out->more |= mnl_attr_get_u32(attr) != 0 && mnl_attr_get_u32(attr) != UINT32_MAX;
		break;
	case FRA_L3MDEV: out->more |= mnl_attr_get_u8(attr) != 0; break;
	case FRA_PAD: break;
	default: out->more = true; break;
	}
}

static bool read_rule(const struct nlmsghdr *m, uint8_t family, struct arena *a, struct seen_rule *out)
{
	const struct fib_rule_hdr *h = mnl_nlmsg_get_payload(m);
	if (m->nlmsg_type != RTM_NEWRULE || h->family != family)
		return false;
	*out = (struct seen_rule){ .rule.family = family, .message = m };
	switch (h->action) {
	case FR_ACT_TO_TBL: out->rule.action = RULE_LOOKUP; break;
	case FR_ACT_GOTO: out->rule.action = RULE_GOTO; break;
	case FR_ACT_NOP: out->rule.action = RULE_NOP; break;
	case FR_ACT_UNREACHABLE: out->rule.action = RULE_UNREACHABLE; break;
	default: out->rule.action = RULE_NOP; out->more = true; break;
	}
	out->rule.table = h->table;
	out->more |= h->tos != 0 || (h->flags & FIB_RULE_INVERT);
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(*h))
		read_rule_attr(attr, h, a, out);
	return true;
}

int seen_rules(struct kernel *k, uint8_t family, struct arena *a, struct seen_rules *out)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETRULE;
	q->nlmsg_flags = NLM_F_DUMP;
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(q, sizeof(*h));
	h->family = family;
	*out = (struct seen_rules){0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &out->answer);
	if (err == -EOPNOTSUPP || err == -EAFNOSUPPORT)
		return 0;
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&out->answer, m));) {
		struct seen_rule rule;
		if (!read_rule(m, family, a, &rule))
			continue;
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = rule;
	}
	return err;
}

static void read_members(const struct nlattr *attr, struct arena *a, struct nexthop *out)
{
	const struct nexthop_grp *g = mnl_attr_get_payload(attr);
	const size_t n = mnl_attr_get_payload_len(attr) / sizeof(*g);
	struct { uint32_t id, weight; } *members = arena_alloc(a, n * sizeof(*members));
	for (size_t i = 0; i < n; i++) {
		members[i].id = g[i].id;
		members[i].weight = g[i].weight + 1u;
	}
	out->group = true;
	out->members = (const void *)members;
	out->n_members = n;
}

static void read_buckets(const struct nlattr *nest, struct seen_nexthop *out)
{
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NHA_RES_GROUP_BUCKETS: out->nexthop.buckets = mnl_attr_get_u16(attr); break;
		case NHA_RES_GROUP_IDLE_TIMER:
		case NHA_RES_GROUP_UNBALANCED_TIMER: out->more |= mnl_attr_get_u32(attr) != 0; break;
		default: break;
		}
	}
}

static bool read_nexthop(struct kernel *k, const struct nlmsghdr *m, struct arena *a, struct seen_nexthop *out)
{
	const struct nhmsg *h = mnl_nlmsg_get_payload(m);
	char name[16];
	if (m->nlmsg_type != RTM_NEWNEXTHOP)
		return false;
	*out = (struct seen_nexthop){ .protocol = h->nh_protocol, .nexthop.family = h->nh_family };
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(*h)) {
		switch (mnl_attr_get_type(attr)) {
		case NHA_ID: out->nexthop.id = mnl_attr_get_u32(attr); break;
		case NHA_OIF:
			out->nexthop.device = arena_strdup(a, kernel_device_name(k, (int)mnl_attr_get_u32(attr), name));
			break;
		case NHA_GATEWAY: {
			struct prefix p;
			take_prefix(attr, h->nh_family, 0, &p);
			out->nexthop.via = p.addr;
			break;
		}
		case NHA_GROUP: read_members(attr, a, &out->nexthop); break;
		case NHA_RES_GROUP: read_buckets(attr, out); break;
		case NHA_BLACKHOLE: case NHA_ENCAP: case NHA_FDB: out->more = true; break;
		default: break;
		}
	}
	if (!out->nexthop.group && out->nexthop.via.family)
		out->more |= !(h->nh_flags & RTNH_F_ONLINK);
	return true;
}

int seen_nexthops(struct kernel *k, struct arena *a, struct seen_nexthops *out)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETNEXTHOP;
	q->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(q, sizeof(struct nhmsg));
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	*out = (struct seen_nexthops){0};
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&answer, m));) {
		struct seen_nexthop nexthop;
		if (!read_nexthop(k, m, a, &nexthop))
			continue;
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = nexthop;
	}
	return err;
}

/* ---- structs to items ------------------------------------------------------------------------------------------- */

static int add_nexthops(struct kernel *k, const struct own *own, struct items *live)
{
	auto_text struct text body = {0};
	struct seen_nexthops seen;
	int err = seen_nexthops(k, live->arena, &seen);
	for (size_t i = 0; err == 0 && i < seen.n; i++) {
		const struct seen_nexthop *s = &seen.list[i];
		const struct nexthop *n = &s->nexthop;
		if (s->protocol != own->kernel.route_protocol || n->id < NEXTHOP_FIRST || n->id > NEXTHOP_LAST)
			continue;
		nexthop_body(n, s->protocol, &body);
		if (s->more)
			text_puts(&body, " and more");
		items_add(live, nexthop_key(n, live->arena), take_text(&body, live->arena), &(struct origin){0}, n);
	}
	return err;
}

/* What nlbc never asks for is told in words, so that it differs from every plan. */
static void put_oddities(const struct seen_route *s, struct text *body)
{
	uint8_t scope = s->family == AF_INET && !s->nexthop_id && !s->hop.via.family ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	if (s->type != RTN_UNICAST)
		text_printf(body, " type %u", s->type);
	if (s->scope != scope && s->type == RTN_UNICAST)
		text_printf(body, " scope %u", s->scope);
	if (s->multipath && !s->nexthop_id)
		text_puts(body, " and other ways");
	if (s->special)
		text_puts(body, " and more");
}

static void add_route(struct kernel *k, const struct seen_route *s, struct items *live)
{
	struct arena *a = live->arena;
	auto_text struct text body = {0};
	char name[16];
	struct seen_route *obj = arena_one(a, struct seen_route);
	*obj = *s;
	obj->message = NULL;
	struct route r = {
		.family = s->family, .table = s->table, .to = s->to, .via = s->hop.via, .nexthop_id = s->nexthop_id,
		.onlink = s->hop.flags & RTNH_F_ONLINK,
		.device = kernel_device_name(k, s->hop.index, name),
	};
	if (!r.device)
		r.device = "-";
	route_body(&r, s->protocol, &body);
	put_oddities(s, &body);
	const char *key = route_key(&r, a);
	if (s->metric != (s->family == AF_INET ? 0 : 1024))
		key = arena_printf(a, "%s metric %u", key, s->metric);
	if (s->tos)
		key = arena_printf(a, "%s tos 0x%02x", key, s->tos);
	items_add(live, key, take_text(&body, a), &(struct origin){0}, obj);
}

static int add_routes(struct kernel *k, const struct own *own, uint8_t family, struct items *live)
{
	struct seen_routes seen;
	int err = seen_routes(k, family, 0, own->kernel.route_protocol, live->arena, &seen);
	for (size_t i = 0; err == 0 && i < seen.n; i++)
		add_route(k, &seen.list[i], live);
	answer_release(&seen.answer);
	return err;
}

/* The end of the block is written in the skip rule itself, for the case that nobody remembers it. */
static uint32_t block_end(const struct own *own, const struct seen_rules *seen)
{
	const uint32_t base = own->kernel.rule_base;
	uint32_t end = base + MAX(own->rule_size, (uint32_t)RULE_BLOCK_MIN);
	for (size_t i = 0; i < seen->n; i++) {
		const struct seen_rule *s = &seen->list[i];
		if (s->rule.preference == base && s->protocol == own->kernel.route_protocol &&
		    s->rule.action == RULE_GOTO)
			end = MAX(end, s->rule.goto_preference + RULE_TAIL);
	}
	return end;
}

static int add_rules(struct kernel *k, const struct own *own, uint8_t family, struct items *live)
{
	struct seen_rules seen;
	auto_text struct text body = {0};
	struct arena *a = live->arena;
	int err = seen_rules(k, family, a, &seen);
	const uint32_t base = own->kernel.rule_base, end = block_end(own, &seen);
	for (size_t i = 0; err == 0 && i < seen.n; i++) {
		const struct seen_rule *s = &seen.list[i];
		if (s->protocol != own->kernel.route_protocol || s->rule.preference < base || s->rule.preference >= end)
			continue;
		struct live_rule *obj = arena_one(a, struct live_rule);
		obj->rule = s->rule;
		obj->message = (const void *)arena_copy(a, s->message, s->message->nlmsg_len);
		rule_body(&s->rule, &body);
		if (s->more)
			text_puts(&body, " and more");
		items_add(live, rule_key(&s->rule, a), take_text(&body, a), &(struct origin){0}, obj);
	}
	answer_release(&seen.answer);
	return err;
}

/* ---- several of one key ----------------------------------------------------------------------------------------- */

/* A change of a rule that was cut short leaves two at one preference. The wanted one keeps the key; the others get
 * names of their own, which no plan has. */
static int compare_named(const void *a, const void *b, void *wanted)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	if (order)
		return order;
	const struct item *w = items_find(wanted, x->key);
	bool x_wanted = w && strcmp(w->body, x->body) == 0, y_wanted = w && strcmp(w->body, y->body) == 0;
	return x_wanted != y_wanted ? (x_wanted ? -1 : 1) : strcmp(x->body, y->body);
}

static void name_twins(struct items *live, const struct items *wanted)
{
	if (!live->n)
		return;
	qsort_r(live->list, live->n, sizeof(*live->list), compare_named, (void *)(uintptr_t)wanted);
	const char *key = live->list[0].key;
	for (size_t i = 1, twin = 1; i < live->n; i++) {
		twin = strcmp(live->list[i].key, key) == 0 ? twin + 1 : 1;
		if (twin == 1)
			key = live->list[i].key;
		else
			live->list[i].key = arena_printf(live->arena, "%s #%zu", key, twin);
	}
}

static int route_read(struct kernel *k, const struct own *own, const struct items *wanted, struct items *live,
		      struct diags *d)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int err = add_nexthops(k, own, live);
	for (size_t i = 0; err == 0 && i < ARRAY_LEN(families); i++) {
		err = add_routes(k, own, families[i], live);
		if (!err)
			err = add_rules(k, own, families[i], live);
	}
	if (err < 0)
		diag_error(d, NULL, "kernel", "cannot read routes and rules: %s", errno_words(-err));
	else
		name_twins(live, wanted);
	return err;
}

static const char *const parts[] = { "nexthop", "route", "rule", "rule6", NULL };
static const char *const formats[] = { "ip", "ip6", NULL };

const struct target target_route = {
	.name = "route", .parts = parts,
	.lower = route_lower, .read = route_read, .stage = stage_by_op, .survey = route_survey, .write = route_write,
	.formats = formats, .print = route_print,
};
