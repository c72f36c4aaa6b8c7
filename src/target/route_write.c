/* SPDX-License-Identifier: MIT */
/* Changes of next hops, routes and rules, in the order in which no packet is led astray: made before broken, rules after
 * the routes they lead to, the skip rule of the block last; unmade the other way round. */
#include "base/base.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/route.h"

enum { GROUP_RESILIENT = NEXTHOP_GRP_TYPE_RES };

struct writer {
	struct kernel *kernel;
	const struct plan *plan;
	struct arena *arena;
	struct diags *diags;
};

/* ---- next hops -------------------------------------------------------------------------------------------------- */

static void put_address(struct nlmsghdr *m, uint16_t type, const struct addr *a)
{
	mnl_attr_put(m, type, addr_size(a), a->b);
}

static void put_members(struct nlmsghdr *m, const struct nexthop *n)
{
	const size_t size = n->n_members * sizeof(struct nexthop_grp);
	struct nexthop_grp *g = calloc(n->n_members + 1, sizeof(*g));
	if (!g)
		out_of_memory();
	for (size_t i = 0; i < n->n_members; i++) {
		g[i].id = n->members[i].id;
		g[i].weight = (uint8_t)(n->members[i].weight - 1);
	}
	mnl_attr_put(m, NHA_GROUP, size, g);
	free(g);
	mnl_attr_put_u16(m, NHA_GROUP_TYPE, GROUP_RESILIENT);
	struct nlattr *nest = mnl_attr_nest_start(m, NHA_RES_GROUP);
	mnl_attr_put_u16(m, NHA_RES_GROUP_BUCKETS, (uint16_t)n->buckets);
	mnl_attr_put_u32(m, NHA_RES_GROUP_IDLE_TIMER, 0);
	mnl_attr_put_u32(m, NHA_RES_GROUP_UNBALANCED_TIMER, 0);
	mnl_attr_nest_end(m, nest);
}

static void put_nexthop(const struct writer *w, struct batch *b, const struct change *c)
{
	const struct nexthop *n = c->to->obj;
	const uint16_t how = c->op == CHANGE_EDIT ? NLM_F_REPLACE : NLM_F_EXCL;
	struct nlmsghdr *m = batch_begin(b, RTM_NEWNEXTHOP, NLM_F_CREATE | how, c);
	struct nhmsg *h = mnl_nlmsg_put_extra_header(m, sizeof(*h));
	h->nh_protocol = w->plan->kernel.route_protocol;
	mnl_attr_put_u32(m, NHA_ID, n->id);
	if (n->group) {
		put_members(m, n);
	} else {
		h->nh_family = n->family;
		mnl_attr_put_u32(m, NHA_OIF, (uint32_t)kernel_device_index(w->kernel, n->device));
		if (n->via.family) {
			h->nh_flags = RTNH_F_ONLINK;
			put_address(m, NHA_GATEWAY, &n->via);
		}
	}
	batch_end(b, m);
}

static void drop_nexthop(struct batch *b, const struct change *c)
{
	const struct nexthop *n = c->from->obj;
	struct nlmsghdr *m = batch_begin(b, RTM_DELNEXTHOP, 0, c);
	mnl_nlmsg_put_extra_header(m, sizeof(struct nhmsg));
	mnl_attr_put_u32(m, NHA_ID, n->id);
	batch_end(b, m);
}

/* ---- routes ----------------------------------------------------------------------------------------------------- */

static struct rtmsg *put_route_head(struct nlmsghdr *m, const struct prefix *to, uint32_t table)
{
	struct rtmsg *r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	r->rtm_family = to->addr.family;
	r->rtm_dst_len = to->len;
	r->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
	if (to->len)
		put_address(m, RTA_DST, &to->addr);
	mnl_attr_put_u32(m, RTA_TABLE, table);
	return r;
}

static void put_route(const struct writer *w, struct batch *b, const struct change *c)
{
	const struct route *r = c->to->obj;
	const uint16_t how = c->op == CHANGE_EDIT ? NLM_F_REPLACE : NLM_F_EXCL;
	struct nlmsghdr *m = batch_begin(b, RTM_NEWROUTE, NLM_F_CREATE | how, c);
	struct rtmsg *h = put_route_head(m, &r->to, r->table);
	h->rtm_protocol = w->plan->kernel.route_protocol;
	h->rtm_type = RTN_UNICAST;
	h->rtm_scope = r->nexthop_id || r->via.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	if (r->nexthop_id) {
		mnl_attr_put_u32(m, RTA_NH_ID, r->nexthop_id);
	} else {
		mnl_attr_put_u32(m, RTA_OIF, (uint32_t)kernel_device_index(w->kernel, r->device));
		if (r->via.family)
			put_address(m, RTA_GATEWAY, &r->via);
		if (r->onlink)
			h->rtm_flags |= RTNH_F_ONLINK;
	}
	batch_end(b, m);
}

/* Named by all that tells it from another's: with our protocol in it, a foreign route is never hit. */
static void drop_route(struct batch *b, const struct change *c)
{
	const struct seen_route *s = c->from->obj;
	struct nlmsghdr *m = batch_begin(b, RTM_DELROUTE, 0, c);
	struct rtmsg *h = put_route_head(m, &s->to, s->table);
	h->rtm_protocol = s->protocol;
	h->rtm_type = s->type;
	h->rtm_tos = s->tos;
	h->rtm_scope = s->family == AF_INET ? s->scope : RT_SCOPE_NOWHERE;
	if (s->metric)
		mnl_attr_put_u32(m, RTA_PRIORITY, s->metric);
	if (s->nexthop_id)
		mnl_attr_put_u32(m, RTA_NH_ID, s->nexthop_id);
	else if (!s->multipath && s->hop.index)
		mnl_attr_put_u32(m, RTA_OIF, (uint32_t)s->hop.index);
	if (!s->nexthop_id && !s->multipath && s->hop.via.family)
		put_address(m, RTA_GATEWAY, &s->hop.via);
	batch_end(b, m);
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static void add_rule(const struct writer *w, struct batch *b, const struct change *c)
{
	static const uint8_t actions[] = {
		[RULE_LOOKUP] = FR_ACT_TO_TBL, [RULE_GOTO] = FR_ACT_GOTO, [RULE_NOP] = FR_ACT_NOP,
		[RULE_UNREACHABLE] = FR_ACT_UNREACHABLE,
	};
	const struct rule *r = c->to->obj;
	/* Where a rule differs in its goto alone, the kernel takes the new one for the old (rule_exists, 6.18): beside
	 * an old one it is made without EXCL. */
	const uint16_t how = c->op == CHANGE_EDIT ? 0 : NLM_F_EXCL;
	struct nlmsghdr *m = batch_begin(b, RTM_NEWRULE, NLM_F_CREATE | how, c);
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(m, sizeof(*h));
	h->family = r->family;
	h->action = actions[r->action];
	mnl_attr_put_u32(m, FRA_PRIORITY, r->preference);
	mnl_attr_put_u8(m, FRA_PROTOCOL, w->plan->kernel.route_protocol);
	if (r->action == RULE_LOOKUP)
		mnl_attr_put_u32(m, FRA_TABLE, r->table);
	if (r->action == RULE_GOTO)
		mnl_attr_put_u32(m, FRA_GOTO, r->goto_preference);
	if (r->suppress_default)
		mnl_attr_put_u32(m, FRA_SUPPRESS_PREFIXLEN, 0);
	if (r->has_mark) {
		mnl_attr_put_u32(m, FRA_FWMARK, r->mark);
		mnl_attr_put_u32(m, FRA_FWMASK, r->mask);
	}
	if (r->iif)
		mnl_attr_put_strz(m, FRA_IIFNAME, r->iif);
	if (r->from.addr.family) {
		h->src_len = r->from.len;
		put_address(m, FRA_SRC, &r->from.addr);
	}
	if (r->to.addr.family) {
		h->dst_len = r->to.len;
		put_address(m, FRA_DST, &r->to.addr);
	}
	batch_end(b, m);
}

/* By all its attributes, as the kernel told them. Of two that differ in nothing it compares, the older stands first
 * and is hit, which is the one meant. */
static void drop_rule(struct batch *b, const struct change *c)
{
	const struct live_rule *live = c->from->obj;
	struct nlmsghdr *m = batch_begin(b, RTM_DELRULE, 0, c);
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(m, sizeof(*h));
	memcpy(h, mnl_nlmsg_get_payload(live->message), sizeof(*h));
	h->flags &= ~(uint32_t)(FIB_RULE_UNRESOLVED | FIB_RULE_IIF_DETACHED | FIB_RULE_OIF_DETACHED);
	const struct nlattr *attr;
	mnl_attr_for_each(attr, live->message, sizeof(*h))
		if (mnl_attr_get_type(attr) != FRA_PAD)
			mnl_attr_put(m, mnl_attr_get_type(attr), mnl_attr_get_payload_len(attr),
				     mnl_attr_get_payload(attr));
	batch_end(b, m);
}

/* ---- order ------------------------------------------------------------------------------------------------------ */

static const struct item *item_of(const struct change *c)
{
	return c->to ? c->to : c->from;
}

/* A live item's rule and a plan's stand in different objects. */
static const struct rule *rule_of(const struct change *c)
{
	return c->to ? c->to->obj : &((const struct live_rule *)c->from->obj)->rule;
}

static bool is_group(const struct change *c)
{
	return ((const struct nexthop *)item_of(c)->obj)->group;
}

/* Next hops before groups, groups before routes, routes before rules by their rank. */
static unsigned rank(const struct change *c)
{
	switch (routing_kind(item_of(c)->key)) {
	case ROUTING_NEXTHOP: return is_group(c) ? 1 : 0;
	case ROUTING_ROUTE: return 2;
	case ROUTING_RULE: break;
	}
	return 3 + rule_rank(rule_of(c));
}

static uint32_t preference(const struct change *c)
{
	return routing_kind(item_of(c)->key) == ROUTING_RULE ? rule_of(c)->preference : 0;
}

static int compare_changes(const void *a, const void *b)
{
	const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;
	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	if (preference(x) != preference(y))
		return preference(x) < preference(y) ? -1 : 1;
	return (x > y) - (x < y);
}

static void put_change(const struct writer *w, struct batch *b, const struct change *c)
{
	switch (routing_kind(item_of(c)->key)) {
	case ROUTING_NEXTHOP:
		if (c->to)
			put_nexthop(w, b, c);
		else
			drop_nexthop(b, c);
		break;
	case ROUTING_ROUTE:
		if (c->to)
			put_route(w, b, c);
		else
			drop_route(b, c);
		break;
	case ROUTING_RULE:
		if (c->to)
			add_rule(w, b, c);
		if (c->from)
			drop_rule(b, c);
		break;
	}
}

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static const char *device_of(const struct change *c)
{
	if (!c || !c->to)
		return NULL;
	switch (routing_kind(c->to->key)) {
	case ROUTING_NEXTHOP: return ((const struct nexthop *)c->to->obj)->device;
	case ROUTING_ROUTE: return ((const struct route *)c->to->obj)->device;
	case ROUTING_RULE: break;
	}
	return NULL;
}

static const struct addr *via_of(const struct change *c)
{
	if (!c || !c->to || routing_kind(c->to->key) == ROUTING_RULE)
		return NULL;
	const struct addr *via = routing_kind(c->to->key) == ROUTING_ROUTE ? &((const struct route *)c->to->obj)->via
									    : &((const struct nexthop *)c->to->obj)->via;
	return via->family ? via : NULL;
}

static const char *own_address_hint(const struct writer *w, const struct addr *via)
{
	struct seen_addresses all;
	char text[ADDR_TEXT], name[16];
	if (!via || seen_addresses(w->kernel, w->arena, &all) < 0)
		return NULL;
	for (size_t i = 0; i < all.n; i++) {
		const char *device = kernel_device_name(w->kernel, all.list[i].index, name);
		if (addr_eq(&all.list[i].addr, via))
			return arena_printf(w->arena, "%s is an address of this machine (%s)", addr_print(via, text),
					    device ? device : "?");
	}
	return NULL;
}

static const char *devices_hint(const struct writer *w)
{
	struct seen_devices all;
	auto_text struct text t = {0};
	if (seen_devices(w->kernel, w->arena, &all) < 0)
		return NULL;
	for (size_t i = 0; i < all.n && t.n < 200; i++)
		text_printf(&t, "%s%s", i ? ", " : "interfaces here: ", all.list[i].name);
	return arena_strdup(w->arena, text_get(&t));
}

/* With whose protocol the thing exists that stands in the way. */
static const char *exists_words(const struct writer *w, const struct change *c)
{
	const struct item *item = item_of(c);
	char buf[8];
	struct seen_routes all;
	const char *words = arena_printf(w->arena, "%s exists already", item->key);
	if (routing_kind(item->key) != ROUTING_ROUTE || !c->to)
		return words;
	const struct route *r = c->to->obj;
	if (seen_routes(w->kernel, r->family, r->table, 0, w->arena, &all) == 0)
		for (size_t i = 0; i < all.n; i++)
			if (prefix_eq(&all.list[i].to, &r->to))
				words = arena_printf(w->arena, "%s exists already, of '%s'", item->key,
						     seen_protocol(all.list[i].protocol, buf));
	answer_release(&all.answer);
	return words;
}

static void explain(const struct writer *w, struct refusal *r)
{
	const char *device = device_of(r->change);
	switch (r->error) {
	case ENODEV:
		r->hint = devices_hint(w);
		break;
	case ENETDOWN:
		r->hint = device ? arena_printf(w->arena, "ip link set %s up", device) : NULL;
		break;
	case EINVAL:
	case EHOSTUNREACH:
		r->hint = own_address_hint(w, via_of(r->change));
		break;
	case EEXIST:
		r->words = r->change ? exists_words(w, r->change) : NULL;
		r->hint = "somebody else made it; nlbc doctor";
		break;
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
		if (r->change && routing_kind(item_of(r->change)->key) == ROUTING_NEXTHOP) {
			r->words = "this kernel has no resilient next-hop groups";
			r->whole = true;
		} else {
			r->words = "this kernel has no policy routing for this family";
			r->whole = true;
			r->hint = "CONFIG_IP_MULTIPLE_TABLES, CONFIG_IPV6_MULTIPLE_TABLES";
		}
		break;
	default:
		break;
	}
}

static bool is_gone(const struct refusal *r)
{
	return r->change && !r->change->to &&
	       (r->error == ENOENT || r->error == ESRCH || (r->error == ENODEV && r->index != SIZE_MAX));
}

/* What was to be removed and is not there any more is as wanted: a next hop takes its routes along, a device both. */
static void forgive_gone(struct refusals *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (is_gone(&r->list[i]))
			free(r->list[i].text);
		else
			r->list[n++] = r->list[i];
	}
	r->n = n;
}

static int send_part(const struct writer *w, struct batch *b)
{
	auto_refusals struct refusals r = { .place = refusals_place(w->plan) };
	int err = batch_send(w->kernel, b, &r);
	forgive_gone(&r);
	if (!err || !r.n)
		return 0;
	for (size_t i = 0; i < r.n; i++)
		explain(w, &r.list[i]);
	refusals_report(&r, w->diags);
	return -r.list[0].error;
}

/* ---- rehearsal -------------------------------------------------------------------------------------------------- */

static void rehearse_one(const struct writer *w, const struct seen_devices *devices, const struct change *c)
{
	const char *name = device_of(c), *hint = NULL, *words = NULL;
	if (!name)
		return;
	const struct seen_device *device = NULL;
	for (size_t i = 0; i < devices->n && !device; i++)
		device = strcmp(devices->list[i].name, name) == 0 ? &devices->list[i] : NULL;
	if (!device) {
		words = "No such device";
		hint = devices_hint(w);
	} else if (!(device->flags & IFF_UP)) {
		words = "Network is down";
		hint = arena_printf(w->arena, "ip link set %s up", name);
	} else {
		hint = own_address_hint(w, via_of(c));
		words = hint ? "Nexthop has invalid gateway" : NULL;
	}
	if (!words)
		return;
	struct diag *g = diag_error(w->diags, &c->to->origin.place, "kernel", "the kernel would refuse %s: %s",
				    c->to->origin.what ? c->to->origin.what : c->to->key, words);
	diag_hint(w->diags, g, "%s", hint);
}

/* There is no way to ask the kernel without doing it: devices and next hops are looked at. */
static int rehearse(const struct writer *w, const struct changes *c)
{
	struct seen_devices devices;
	const size_t errors = w->diags->n_errors;
	int err = seen_devices(w->kernel, w->arena, &devices);
	for (size_t i = 0; err == 0 && i < c->n; i++)
		if (c->list[i].to)
			rehearse_one(w, &devices, &c->list[i]);
	return err < 0 ? err : w->diags->n_errors > errors ? -EINVAL : 0;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

/* Two sends: rules follow only where what they lead to was taken; on the way out rules go first. */
static int write_sorted(const struct writer *w, const struct change **sorted, size_t n, bool backwards)
{
	auto_batch struct batch routes, rules;
	batch_init(&routes, KERNEL_ROUTE);
	batch_init(&rules, KERNEL_ROUTE);
	for (size_t i = 0; i < n; i++) {
		const struct change *c = sorted[backwards ? n - 1 - i : i];
		bool is_rule = routing_kind(item_of(c)->key) == ROUTING_RULE;
		put_change(w, is_rule ? &rules : &routes, c);
	}
	int err = send_part(w, backwards ? &rules : &routes);
	return err ? err : send_part(w, backwards ? &routes : &rules);
}

static int write_stage(const struct writer *w, const struct changes *c, enum stage stage)
{
	const struct change **sorted = arena_array(w->arena, const struct change *, c->n);
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].stage == stage)
			sorted[n++] = &c->list[i];
	if (!n)
		return 0;
	qsort(sorted, n, sizeof(*sorted), compare_changes);
	return write_sorted(w, sorted, n, stage == STAGE_RETIRE);
}

int route_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage,
		struct own *own UNUSED, bool dry_run, struct diags *d)
{
	struct writer w = { .kernel = k, .plan = p, .arena = arena_new(), .diags = d };
	int err = dry_run ? rehearse(&w, c) : write_stage(&w, c, stage);
	arena_free(w.arena);
	return err;
}
