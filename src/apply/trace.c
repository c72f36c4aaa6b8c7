/* SPDX-License-Identifier: MIT */
/* Describing the packet by what the kernel knows of it, and asking where each outcome of the walk is routed. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "apply/road.h"
#include "apply/trace.h"
#include "plan/facts.h"
#include "target/seen.h"

struct asking {
	struct session *session;
	const struct plan *plan;
	const struct trace_question *q;
	struct trace_packet packet;
	int in;                         /* index */
	struct diags *diags;
};

static const char *device_name(const struct session *s, int index)
{
	char name[16];

	return kernel_device_name(s->kernel, index, name) ? arena_strdup(s->arena, name) : NULL;
}

/* ---- where it comes from ------------------------------------------------------------------------------------------ */

static int no_interface(struct asking *k)
{
	const struct facts *f = k->plan->facts;
	struct arena *a = k->session->arena;
	struct seen_devices devices = { 0 };
	int err = seen_devices(k->session->kernel, a, &devices);
	const char **names = arena_array(a, const char *, f->n_interfaces + devices.n + 1);
	size_t n = 0;
	struct diag *g = diag_error(k->diags, NULL, "usage", "no interface '%s'", k->q->in);

	for (size_t i = 0; i < f->n_interfaces; i++)
		names[n++] = f->interfaces[i].name;
	for (size_t i = 0; i < devices.n && !err; i++)
		names[n++] = devices.list[i].name;
	if (!diag_nearest(k->diags, g, str_of(k->q->in), names, n))
		diag_hint(k->diags, g, "an interface of the profile, or a device of this machine");
	return -EINVAL;
}

static int take_given(struct asking *k)
{
	const struct fact_interface *f = facts_interface(k->plan->facts, k->q->in);
	const char *device = f ? f->device : k->q->in;

	k->in = kernel_device_index(k->session->kernel, device);
	if (k->in) {
		k->packet.in = device;
		return 0;
	}
	if (!f)
		return no_interface(k);
	diag_error(k->diags, NULL, "machine", "interface '%s' has no device now: %s is gone", f->name, device);
	return -EINVAL;
}

/* The way back to the source is by which it comes, where routing is as symmetrical as it mostly is. */
static int find_arrival(struct asking *k, bool *local)
{
	const struct route_question back = { .destination = k->q->source };
	struct route_answer r;
	char text[ADDR_TEXT];

	ask_route(k->session->kernel, &back, &r);
	*local = !r.error && r.type == RTN_LOCAL;
	if (*local)
		return 0;
	k->packet.in = r.error ? NULL : device_name(k->session, r.device);
	k->in = r.device;
	if (k->packet.in && r.type == RTN_UNICAST)
		return 0;
	diag_hint(k->diags, diag_error(k->diags, NULL, "machine", "no route leads back to %s", addr_print(&k->q->source, text)),
		  "say by which interface it comes in: --in INTERFACE");
	return -EINVAL;
}

/* ---- what the kernel knows of it ---------------------------------------------------------------------------------- */

static bool is_multicast(const struct addr *a)
{
	return a->family == AF_INET ? (a->b[0] & 0xf0) == 0xe0 : a->b[0] == 0xff;
}

static uint8_t destination_type(const struct asking *k)
{
	const struct route_question there = { .destination = k->q->destination };
	struct route_answer r;

	if (is_multicast(&k->q->destination))
		return RTN_MULTICAST;
	if (k->q->destination.family == AF_INET && memcmp(k->q->destination.b, "\xff\xff\xff\xff", 4) == 0)
		return RTN_BROADCAST;
	ask_route(k->session->kernel, &there, &r);
	return r.error ? RTN_UNICAST : r.type;
}

/* ip_ct_attach and nf_conntrack_in: new until the other side has been seen. */
static enum connection_state state_of(const struct connection_answer *c)
{
	if (!c->known)
		return CONNECTION_NEW;
	if (c->reply || c->answered)
		return CONNECTION_ESTABLISHED;
	return c->expected ? CONNECTION_RELATED : CONNECTION_NEW;
}

static void look_for_connection(struct asking *k, struct trace_answer *out)
{
	const struct connection_question q = {
		.source = k->q->source, .destination = k->q->destination, .protocol = k->q->protocol,
		.source_port = k->q->source_port, .destination_port = k->q->destination_port,
	};
	struct connection_answer c;

	k->packet.state = CONNECTION_NEW;
	if (!trace_needs_connection(k->plan))
		return;
	/* Connections of ICMP are known by their identifier, which no description holds. */
	if (q.protocol == IPPROTO_ICMP || q.protocol == IPPROTO_ICMPV6) {
		out->connection = CONNECTION_FIRST;
		return;
	}
	if (ask_connection(k->session->kernel, &q, &c) < 0) {
		out->connection = CONNECTION_UNKNOWABLE;
		return;
	}
	out->connection = c.known ? CONNECTION_KNOWN : CONNECTION_FIRST;
	out->connection_mark = k->packet.connection_mark = c.mark;
	k->packet.state = state_of(&c);
}

static struct route_question route_question(const struct asking *k, uint32_t mark)
{
	return (struct route_question){
		.source = k->q->source, .destination = k->q->destination, .in = k->in, .mark = mark,
		.protocol = k->q->protocol, .has_ports = k->q->has_ports, .source_port = k->q->source_port,
		.destination_port = k->q->destination_port,
	};
}

/* ---- where it goes ------------------------------------------------------------------------------------------------ */

static const struct plan_path *member_by(const struct plan_balance *b, const struct route_answer *r, const char *device)
{
	for (size_t i = 0; i < b->n_members; i++) {
		const struct plan_path *p = b->members[i].path;
		const struct addr *via = r->via.family == AF_INET ? &p->via4 : &p->via6;

		if (p->device && device && strcmp(p->device, device) == 0 && (!r->via.family || addr_eq(via, &r->via)))
			return p;
	}
	return NULL;
}

/* Engine nexthop chooses by routing alone: its table in the answer says that it did. */
static void see_nexthop(const struct asking *k, struct trace_way *w)
{
	bool refuses;
	const struct plan_balance *b = trace_nexthop(k->plan, &k->packet, &refuses);

	if (!b || (w->path && w->route.error) || w->refused)
		return;
	if (w->route.error ? !refuses : w->route.table != trace_nexthop_table(k->plan, b))
		return;
	w->nexthop = true;
	w->balance = b;
	w->refused = w->route.error != 0;
	w->path = w->refused ? NULL : member_by(b, &w->route, w->device);
}

static const struct nexthop *find_nexthop(const struct plan *p, uint32_t id)
{
	for (size_t i = 0; i < p->n_nexthops; i++)
		if (p->nexthops[i].id == id)
			return &p->nexthops[i];
	BUG("no next hop 0x%08x", id);
}

static const struct nexthop *group_of(const struct asking *k, const struct plan_balance *b)
{
	for (size_t i = 0; i < k->plan->n_routes; i++) {
		const struct route *r = &k->plan->routes[i];

		if (r->family == k->q->source.family && r->table == trace_nexthop_table(k->plan, b) && r->nexthop_id)
			return find_nexthop(k->plan, r->nexthop_id);
	}
	BUG("no group of balance '%s'", b->conf->name);
}

static void add_way(const struct asking *k, struct trace_answer *out, const struct trace_way *w)
{
	out->ways = arena_grow(k->session->arena, out->ways, out->n_ways, &out->ways_room, sizeof(*out->ways));
	out->ways[out->n_ways++] = *w;
}

/* The kernel's look-up took the group, but not the packet's protocol: the hash is not its own. */
static void add_members(const struct asking *k, struct trace_answer *out, const struct trace_way *one)
{
	const struct nexthop *group = group_of(k, one->balance);
	uint32_t total = 0;

	for (size_t i = 0; i < group->n_members; i++)
		total += group->members[i].weight;
	for (size_t i = 0; i < group->n_members; i++) {
		const struct nexthop *hop = find_nexthop(k->plan, group->members[i].id);
		struct trace_way w = *one;

		w.share *= (double)group->members[i].weight / total;
		w.device = hop->device;
		w.route.via = hop->via;
		w.path = member_by(w.balance, &w.route, w.device);
		add_way(k, out, &w);
	}
}

/* IPv4 tells by the route that forwarding is off for the device, IPv6 finds out when it forwards. */
static bool is_not_forwarded(const struct asking *k, const struct route_answer *r)
{
	const struct facts *f = k->plan->facts;

	if (k->packet.hook != HOOK_PREROUTING)
		return false;
	return k->q->source.family == AF_INET ? !f->forwarding4 && r->error == -EHOSTUNREACH :
						!f->forwarding6 && !r->error && r->type == RTN_UNICAST;
}

static enum trace_fate fate_of(const struct asking *k, const struct trace_way *w)
{
	if (w->refused)
		return FATE_REFUSED;
	if (is_not_forwarded(k, &w->route))
		return FATE_NOT_FORWARDED;
	if (w->route.error)
		return w->route.error == -EINVAL || w->route.error == -EXDEV ? FATE_INVALID_SOURCE : FATE_UNREACHABLE;
	switch (w->route.type) {
	case RTN_LOCAL:
		return FATE_LOCAL;
	case RTN_BROADCAST:
	case RTN_ANYCAST:
		return FATE_BROADCAST;
	case RTN_MULTICAST:
		return FATE_MULTICAST;
	}
	return FATE_SENT;
}

static void follow(const struct asking *k, const struct trace_outcome *o, struct trace_answer *out)
{
	const struct route_question q = route_question(k, o->mark);
	struct trace_way w = {
		.outcome = o, .share = o->share, .balance = o->balance, .path = o->path, .refused = o->refused,
	};

	ask_route(k->session->kernel, &q, &w.route);
	if (!w.route.error && w.route.type == RTN_UNICAST)
		w.device = device_name(k->session, w.route.device);
	if (w.route.error == -EINVAL && is_multicast(&k->q->destination))
		w.route.error = -ENETUNREACH;   /* no group of this machine, and not routed */
	see_nexthop(k, &w);
	w.fate = fate_of(k, &w);
	if (w.nexthop && !w.refused && !ask_route_takes(q.destination.family, q.protocol))
		add_members(k, out, &w);
	else
		add_way(k, out, &w);
}

int trace_packet(struct session *s, const struct plan *p, const struct trace_question *q, struct trace_answer *out,
		 struct diags *d)
{
	struct asking k = {
		.session = s, .plan = p, .q = q, .diags = d,
		.packet = {
			.hook = HOOK_PREROUTING, .source = q->source, .destination = q->destination, .protocol = q->protocol,
			.has_ports = q->has_ports, .source_port = q->source_port, .destination_port = q->destination_port,
		},
	};

	*out = (struct trace_answer){ .in_found = !q->in };
	const int err = q->in ? take_given(&k) : find_arrival(&k, &out->local);

	if (err)
		return err;
	if (out->local) {
		const struct route_question first = route_question(&k, 0);
		struct route_answer r;

		ask_route(s->kernel, &first, &r);
		k.packet.hook = r.error ? HOOK_NONE : HOOK_OUTPUT;      /* without a route it is never made */
		k.packet.out = r.error ? NULL : device_name(s, r.device);
	}
	out->in = k.packet.in;
	k.packet.destination_type = destination_type(&k);
	look_for_connection(&k, out);
	trace_walk(p, &k.packet, s->arena, &out->trace);
	for (size_t i = 0; i < out->trace.n_outcomes; i++)
		follow(&k, &out->trace.outcomes[i], out);
	return 0;
}

int trace_check(struct session *s, const struct plan *p, struct diags *d)
{
	struct road r;
	int err = road_plan(&r, p, LOWER_ALL, s->arena, d);

	if (!err)
		err = road_compare(&r, s, d);
	if (!err && road_changes(&r) > 0)
		diag_hint(d, diag_warning(d, NULL, "state", "the kernel differs from the profile in %zu item%s", road_changes(&r),
					  road_changes(&r) == 1 ? "" : "s"), "nlbc diff FILE shows it, nlbc apply FILE puts it right");
	return err;
}
