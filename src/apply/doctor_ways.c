/* SPDX-License-Identifier: MIT */
/* The doctor on the way of the packets: forwarding, reverse-path checks, offloads, links, next hops. Settings count as
 * they are; those of a profile that is still to be applied as it will make them. */
#include "base/base.h"

#include <linux/if.h>

#include "apply/doctor_checks.h"
#include "plan/facts.h"
#include "target/proc.h"
#include "target/seen.h"

static const char *setting_of(const struct exam *e, const char *family, const char *device, const char *what)
{
	auto_text struct text name = { 0 };

	text_printf(&name, "net.%s.conf.", family);
	for (const char *c = device; *c; c++)
		text_putc(&name, *c == '.' ? '/' : *c);
	text_printf(&name, ".%s", what);
	return arena_strdup(e->session->arena, name.p);
}

/* What a profile that is still to be applied says; -1: nothing. */
static int planned(const struct exam *e, const char *name)
{
	uint64_t value;

	for (size_t i = 0; e->request->profile && i < e->plan->n_settings; i++)
		if (strcmp(e->plan->settings[i].name, name) == 0 &&
		    parse_uint(str_of(e->plan->settings[i].value), &value) == 0)
			return (int)MIN(value, (uint64_t)INT32_MAX);
	return -1;
}

static int in_effect(const struct exam *e, const char *name)
{
	const int wanted = planned(e, name);

	return wanted >= 0 ? wanted : setting_number(name, 0);
}

static const struct fact_interface *fact_of(const struct exam *e, const struct interface *i)
{
	return &e->plan->facts->interfaces[facts_index(e->plan->machine, i)];
}

/* ---- forwarding --------------------------------------------------------------------------------------------------- */

static bool names_family(const struct prefix_value *list, size_t n, uint8_t family)
{
	bool named = n == 0;

	for (size_t i = 0; i < n; i++)
		named |= list[i].prefix.addr.family == family;
	return named;
}

static bool forwards(const struct plan_balance *b, uint8_t family)
{
	bool carried = false;

	for (size_t i = 0; i < b->n_members; i++)
		carried |= family == AF_INET ? b->members[i].path->ip4 : b->members[i].path->ip6;
	return carried && b->conf->scope != SCOPE_LOCAL && names_family(b->conf->from, b->conf->n_from, family) &&
	       names_family(b->conf->to, b->conf->n_to, family);
}

static void say_off(const struct plan_balance *b, const char *what, const char *name, struct diags *d)
{
	diag_hint(d,
		  diag_error(d, &b->conf->place, "machine", "%s is off: balance '%s' gets no packets", what,
			     b->conf->name),
		  "sysctl -w %s=1, or in the profile: sysctl %s 1", name, name);
}

/* A switch set by the profile sets that of each device too. */
static void check_inputs(struct exam *e, const struct plan_balance *b, struct diags *d)
{
	for (size_t i = 0; i < b->conf->n_in; i++) {
		const char *device = fact_of(e, b->conf->in[i])->device;
		const char *name = setting_of(e, "ipv4", device, "forwarding");

		if (setting_number(name, 1) == 0)
			say_off(b, arena_printf(d->arena, "IPv4 forwarding of %s", device), name, d);
	}
}

static void check_balance(struct exam *e, const struct plan_balance *b, struct diags *d)
{
	const int alias = planned(e, "net.ipv4.conf.all.forwarding");

	if (forwards(b, AF_INET6) && !in_effect(e, "net.ipv6.conf.all.forwarding"))
		say_off(b, "IPv6 forwarding", "net.ipv6.conf.all.forwarding", d);
	if (!forwards(b, AF_INET) || alias > 0)
		return;
	if (alias == 0 || !in_effect(e, "net.ipv4.ip_forward"))
		say_off(b, "IPv4 forwarding", "net.ipv4.ip_forward", d);
	else if (planned(e, "net.ipv4.ip_forward") < 0)
		check_inputs(e, b, d);
}

enum looked check_forwarding(struct exam *e, struct diags *d)
{
	enum looked looked = LOOKED_NOT;

	for (size_t i = 0; e->asked && i < e->plan->n_balances; i++) {
		const struct plan_balance *b = &e->plan->balances[i];

		if (!forwards(b, AF_INET) && !forwards(b, AF_INET6))
			continue;
		looked = LOOKED;
		check_balance(e, b, d);
	}
	return looked;
}

/* ---- reverse-path checks ------------------------------------------------------------------------------------------ */

/* With the arrival mark the source is looked up in the path's own table, and passes (packet.md section 10). */
static void check_strict(struct exam *e, const struct plan_path *p, const char *device, struct diags *d)
{
	const char *filter = setting_of(e, "ipv4", device, "rp_filter");
	const char *by_mark = setting_of(e, "ipv4", device, "src_valid_mark");

	if (MAX(in_effect(e, "net.ipv4.conf.all.rp_filter"), in_effect(e, filter)) != 1)
		return;
	if (!p->arrives)
		diag_hint(d,
			  diag_error(d, &p->conf->place, "machine",
				     "strict reverse-path checks of %s drop what comes in by path '%s'",
				     device, p->conf->name),
			  "sysctl -w %s=2", filter);
	else if (!in_effect(e, by_mark) && !in_effect(e, "net.ipv4.conf.all.src_valid_mark"))
		diag_hint(d,
			  diag_error(d, &p->conf->place, "machine",
				     "strict reverse-path checks of %s do not look at the mark "
				     "and drop what comes in by path '%s'",
				     device, p->conf->name),
			  "sysctl -w %s=1", by_mark);
}

enum looked check_reverse_path(struct exam *e, struct diags *d)
{
	enum looked looked = LOOKED_NOT;

	for (size_t i = 0; e->asked && i < e->plan->n_paths; i++) {
		const struct plan_path *p = &e->plan->paths[i];
		const struct fact_interface *f = fact_of(e, p->conf->interface);

		if (!p->ip4 || !f->ifindex)
			continue;
		looked = LOOKED;
		check_strict(e, p, f->device, d);
	}
	return looked;
}

/* ---- offload ------------------------------------------------------------------------------------------------------ */

static void check_device(const char *device, const struct plan_balance *b, struct diags *d)
{
	bool gro = false, lro = false;

	if (receive_offload(device, &gro, &lro) < 0 || (!gro && !lro))
		return;
	const char *hint =
		arena_printf(d->arena, "ethtool -K %s%s%s", device, gro ? " gro off" : "", lro ? " lro off" : "");

	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->list[i]->hint, hint) == 0) /* another balance takes from it too */
			return;
	diag_hint(d,
		  diag_warning(d, &b->conf->place, "machine",
			       "%s joins packets on arrival: up to 64 kB count as one for balance '%s'",
			       device, b->conf->name),
		  "%s", hint);
}

/* Without `in` packets may come by any device that is no path. */
static void check_all_devices(struct exam *e, const struct plan_balance *b, struct diags *d)
{
	struct seen_devices devices;
	struct way_out *ways;
	const size_t n = exam_ways(e, false, &ways);

	if (seen_devices(e->session->kernel, e->session->arena, &devices) < 0)
		return;
	for (size_t i = 0; i < devices.n; i++) {
		bool is_path = false;

		for (size_t w = 0; w < n; w++)
			is_path |= ways[w].index == devices.list[i].index;
		if ((devices.list[i].flags & IFF_UP) && !(devices.list[i].flags & IFF_LOOPBACK) && !is_path)
			check_device(devices.list[i].name, b, d);
	}
}

enum looked check_offload(struct exam *e, struct diags *d)
{
	enum looked looked = LOOKED_NOT;

	for (size_t i = 0; e->asked && i < e->plan->n_balances; i++) {
		const struct plan_balance *b = &e->plan->balances[i];

		if (!counts_packets(b->conf) || b->conf->scope == SCOPE_LOCAL)
			continue;
		looked = LOOKED;
		for (size_t in = 0; in < b->conf->n_in; in++)
			check_device(fact_of(e, b->conf->in[in])->device, b, d);
		if (!b->conf->n_in)
			check_all_devices(e, b, d);
	}
	return looked;
}

/* ---- links and next hops ------------------------------------------------------------------------------------------ */

static void check_link(const struct plan_path *p, const struct fact_interface *f, struct diags *d)
{
	static const char text[] = "path '%s' is down: %s %s";
	const char *path = p->conf->name, *device = f->device;

	if (f->absent)
		diag_hint(d, diag_warning(d, &p->conf->place, "machine", text, path, device, "is not there"),
			  "ip link show");
	else if (!f->admin_up)
		diag_hint(d, diag_warning(d, &p->conf->place, "machine", text, path, device, "is off"),
			  "ip link set %s up", device);
	else if (!f->carrier)
		diag_hint(d, diag_warning(d, &p->conf->place, "machine", text, path, device, "has no carrier"),
			  "look at its cable and its far end");
	else if (p->reason == REASON_ROUTE)
		diag_hint(d,
			  diag_warning(d, &p->conf->via_place, "machine", text, path, device, "has no default route"),
			  "ip route show default dev %s", device);
}

enum looked check_links(struct exam *e, struct diags *d)
{
	if (!e->asked || !e->plan->n_paths)
		return LOOKED_NOT;
	for (size_t i = 0; i < e->plan->n_paths; i++)
		check_link(&e->plan->paths[i], fact_of(e, e->plan->paths[i].conf->interface), d);
	return LOOKED;
}

enum looked check_next_hops(struct exam *e, struct diags *d)
{
	char text[ADDR_TEXT];

	if (!e->asked || !e->plan->facts->n_hops)
		return LOOKED_NOT;
	for (size_t i = 0; i < e->plan->facts->n_hops; i++) {
		const struct fact_hop *h = &e->plan->facts->hops[i];
		const char *device = h->interface->device;

		if (h->own_address)
			diag_hint(d,
				  diag_error(d, &h->place, "machine",
					     "next hop %s of path '%s' is an address of this machine (%s)",
					     addr_print(&h->hop, text), h->path, h->own_device),
				  "write the address of the next router");
		else if (h->off_link)
			diag_hint(d,
				  diag_warning(d, &h->place, "machine",
					       "next hop %s of path '%s' is on no network of %s",
					       addr_print(&h->hop, text), h->path, device),
				  "ip address show dev %s", device);
	}
	return LOOKED;
}
