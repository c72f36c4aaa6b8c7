/* SPDX-License-Identifier: MIT */
/* Next hops, routes and rules as keys, as bodies and as lines for `ip -batch`. */
#include "base/base.h"

#include "target/route.h"

enum routing_kind routing_kind(const char *key)
{
	if (strncmp(key, "nexthop/", 8) == 0)
		return ROUTING_NEXTHOP;
	return strncmp(key, "route/", 6) == 0 ? ROUTING_ROUTE : ROUTING_RULE;
}

/* ---- items ------------------------------------------------------------------------------------------------------ */

const char *nexthop_key(const struct nexthop *n, struct arena *a)
{
	return arena_printf(a, "nexthop/0x%08x", n->id);
}

static void put_via(const struct addr *via, const char *device, bool onlink, struct text *out)
{
	char text[ADDR_TEXT];
	if (via->family)
		text_printf(out, "via %s ", addr_print(via, text));
	text_printf(out, "dev %s", device);
	if (onlink)
		text_puts(out, " onlink");
}

static void put_group(const struct nexthop *n, struct text *out)
{
	text_puts(out, "group ");
	for (size_t i = 0; i < n->n_members; i++)
		text_printf(out, "%s0x%08x,%u", i ? "/" : "", n->members[i].id, n->members[i].weight);
	text_printf(out, " type resilient buckets %u idle_timer 0 unbalanced_timer 0", n->buckets);
}

void nexthop_body(const struct nexthop *n, uint8_t protocol, struct text *out)
{
	if (n->group)
		put_group(n, out);
	else
		put_via(&n->via, n->device ? n->device : "-", n->via.family != 0, out);
	text_printf(out, " proto %u", protocol);
}

const char *route_key(const struct route *r, struct arena *a)
{
	char to[PREFIX_TEXT];
	return arena_printf(a, "route/%u/%s", r->table, prefix_print(&r->to, to));
}

void route_body(const struct route *r, uint8_t protocol, struct text *out)
{
	if (r->nexthop_id) {
		text_printf(out, "nexthop 0x%08x", r->nexthop_id);
	} else {
		put_via(&r->via, r->device, r->onlink, out);
		if (!r->via.family && r->family == AF_INET)
			text_puts(out, " scope link");
	}
	text_printf(out, " proto %u", protocol);
}

const char *rule_key(const struct rule *r, struct arena *a)
{
	return arena_printf(a, "%s/%u", r->family == AF_INET ? "rule" : "rule6", r->preference);
}

static void put_lookup(const struct rule *r, struct text *out)
{
	if (r->table == ROUTE_MAIN)
		text_puts(out, "lookup main");
	else
		text_printf(out, "lookup %u", r->table);
	if (r->suppress_default)
		text_puts(out, " suppress_prefixlength 0");
}

void rule_body(const struct rule *r, struct text *out)
{
	char prefix[PREFIX_TEXT];
	if (r->from.addr.family)
		text_printf(out, "from %s ", prefix_print(&r->from, prefix));
	if (r->to.addr.family)
		text_printf(out, "to %s ", prefix_print(&r->to, prefix));
	if (r->iif)
		text_printf(out, "iif %s ", r->iif);
	if (r->has_mark)
		text_printf(out, "fwmark 0x%08x/0x%08x ", r->mark, r->mask);
	switch (r->action) {
	case RULE_LOOKUP:
		put_lookup(r, out);
		break;
	case RULE_GOTO:
		text_printf(out, "goto %u", r->goto_preference);
		break;
	case RULE_NOP:
		text_puts(out, "nop");
		break;
	case RULE_UNREACHABLE:
		text_puts(out, "unreachable");
		break;
	}
}

unsigned rule_rank(const struct rule *r)
{
	if (r->action == RULE_NOP)
		return 0;
	if (r->action == RULE_UNREACHABLE)
		return 2;
	if (r->action == RULE_GOTO)
		return r->has_mark ? 4 : 3;
	return r->suppress_default ? 3 : 1;
}

/* ---- ip -batch -------------------------------------------------------------------------------------------------- */

static int compare_rules(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;
	if (rule_rank(x) != rule_rank(y))
		return rule_rank(x) < rule_rank(y) ? -1 : 1;
	return (x->preference > y->preference) - (x->preference < y->preference);
}

/* A group names next hops that have to be there before it. Those of IPv6 stand with the others in format `ip`: a group has
 * no family of its own, and `ip -6 nexthop add … group` gives it one, which the kernel refuses. Without -6 a next hop is of
 * IPv4 unless an address says otherwise; `via ::` is none (nh_create_ipv6 in the kernel). */
static void print_nexthops(const struct plan *p, bool groups, struct text *out)
{
	for (size_t i = 0; i < p->n_nexthops; i++) {
		const struct nexthop *n = &p->nexthops[i];
		if (n->group != groups)
			continue;
		text_printf(out, "nexthop add id 0x%08x ", n->id);
		if (n->group)
			put_group(n, out);
		else
			put_via(n->via.family || n->family == AF_INET ? &n->via : &(struct addr){ .family = AF_INET6 },
				n->device, n->via.family != 0, out);
		text_printf(out, " proto %u\n", p->kernel.route_protocol);
	}
}

static void print_routes(const struct plan *p, uint8_t family, struct text *out)
{
	char to[PREFIX_TEXT];
	for (size_t i = 0; i < p->n_routes; i++) {
		const struct route *r = &p->routes[i];
		if (r->family != family)
			continue;
		text_printf(out, "route add %s ", prefix_print(&r->to, to));
		if (r->nexthop_id)
			text_printf(out, "nhid 0x%08x", r->nexthop_id);
		else
			put_via(&r->via, r->device, r->onlink, out);
		text_printf(out, " table %u proto %u\n", r->table, p->kernel.route_protocol);
	}
}

static void print_rules(const struct plan *p, uint8_t family, struct text *out)
{
	const struct rule **sorted = arena_array(p->arena, const struct rule *, p->n_rules);
	size_t n = 0;
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].family == family)
			sorted[n++] = &p->rules[i];
	qsort(sorted, n, sizeof(*sorted), compare_rules);
	for (size_t i = 0; i < n; i++) {
		text_printf(out, "rule add pref %u ", sorted[i]->preference);
		rule_body(sorted[i], out);
		text_printf(out, " protocol %u\n", p->kernel.route_protocol);
	}
}

/* Next hops the system's own default route would tell, on a machine that has not been asked. */
static void print_left_out(const struct plan *p, uint8_t family, struct text *out)
{
	for (size_t i = 0; i < p->n_paths; i++) {
		const struct plan_path *path = &p->paths[i];
		const struct addr *via = family == AF_INET ? &path->via4 : &path->via6;
		if (path->conf->via_auto && !via->family && (family == AF_INET || p->ip6))
			text_printf(out, "# path %s: left out, its next hop is that of the default route (via auto)\n",
				    path->conf->name);
	}
}

void route_print(const struct plan *p, const char *format, struct text *out)
{
	const uint8_t family = strcmp(format, "ip6") == 0 ? AF_INET6 : AF_INET;
	print_left_out(p, family, out);
	if (family == AF_INET) {
		print_nexthops(p, false, out);
		print_nexthops(p, true, out);
	}
	print_routes(p, family, out);
	print_rules(p, family, out);
}
