/* SPDX-License-Identifier: MIT */
/* The machine's answers: which device an interface is, how a next hop is reached, what is switched on. Routes of ours
 * are left out, so that the answers are the same before and after apply. */
#include "base/base.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "plan/item.h"
#include "target/facts.h"
#include "target/proc.h"
#include "target/seen.h"

enum { MAIN_TABLE = 254, FOUND_MAX = 8 };

struct machine_view {
	struct seen_devices devices;
	struct seen_addresses addresses;
	struct seen_routes main4, main6;    /* table main, ours left out */
	const struct own *own;
	struct arena *arena;
	struct diags *diags;
};

/* Devices that answer a question, each once. */
struct found {
	int index[FOUND_MAX];
	size_t n;
};

static void found_add(struct found *f, int index)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->index[i] == index)
			return;
	if (f->n < FOUND_MAX)
		f->index[f->n++] = index;
}

static const struct seen_device *device_of_index(const struct machine_view *v, int index)
{
	for (size_t i = 0; i < v->devices.n; i++)
		if (v->devices.list[i].index == index)
			return &v->devices.list[i];
	return NULL;
}

static const struct seen_device *device_of_name(const struct machine_view *v, const char *name)
{
	for (size_t i = 0; i < v->devices.n; i++)
		if (strcmp(v->devices.list[i].name, name) == 0)
			return &v->devices.list[i];
	return NULL;
}

static const char *name_of(const struct machine_view *v, int index)
{
	const struct seen_device *device = device_of_index(v, index);
	return device ? device->name : "?";
}

static const char *join_found(const struct machine_view *v, const struct found *f)
{
	auto_text struct text t = {0};
	for (size_t i = 0; i < f->n; i++)
		text_printf(&t, "%s%s", i == 0 ? "" : i + 1 < f->n ? ", " : " and ", name_of(v, f->index[i]));
	return arena_strdup(v->arena, text_get(&t));
}

static const char *join_devices(const struct machine_view *v)
{
	auto_text struct text t = {0};
	for (size_t i = 0; i < v->devices.n && t.n < 200; i++)
		if (!(v->devices.list[i].flags & IFF_LOOPBACK))
			text_printf(&t, "%s%s", t.n ? ", " : "", v->devices.list[i].name);
	return arena_strdup(v->arena, text_get(&t));
}

static const struct seen_routes *main_of(const struct machine_view *v, uint8_t family)
{
	return family == AF_INET ? &v->main4 : &v->main6;
}

static void drop_ours(struct seen_routes *r, uint8_t protocol)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].protocol != protocol)
			r->list[n++] = r->list[i];
	r->n = n;
}

static bool is_better(const struct seen_route *r, const struct seen_route *best)
{
	if (!best || r->to.len != best->to.len)
		return !best || r->to.len > best->to.len;
	return r->metric < best->metric;
}

/* The route of main that an address takes: longest prefix, lowest metric, the first of equals. NULL: none. */
static const struct seen_route *main_lookup(const struct machine_view *v, const struct addr *a)
{
	const struct seen_routes *routes = main_of(v, a->family);
	const struct seen_route *best = NULL;
	for (size_t i = 0; i < routes->n; i++) {
		const struct seen_route *r = &routes->list[i];
		if (r->tos == 0 && prefix_has(&r->to, a) && is_better(r, best))
			best = r;
	}
	return best;
}

/* All devices main could mean: the ways of the best route and of its equals. */
static void main_devices(const struct machine_view *v, const struct addr *a, struct found *out)
{
	const struct seen_routes *routes = main_of(v, a->family);
	const struct seen_route *best = main_lookup(v, a);
	for (size_t i = 0; best && i < routes->n; i++) {
		const struct seen_route *r = &routes->list[i];
		struct seen_hop hops[FOUND_MAX];
		if (r->tos || r->type != RTN_UNICAST || r->metric != best->metric || !prefix_eq(&r->to, &best->to))
			continue;
		size_t n = MIN(seen_hops(r, hops, FOUND_MAX), (size_t)FOUND_MAX);
		for (size_t h = 0; h < n; h++)
			found_add(out, hops[h].index);
	}
}

/* ---- interfaces ------------------------------------------------------------------------------------------------- */

static struct diag *complain(const struct machine_view *v, const struct fact_interface *i, const char *fmt, ...)
	PRINTF(3, 4);

static struct diag *complain(const struct machine_view *v, const struct fact_interface *i, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(v->arena, fmt, ap);
	va_end(ap);
	return diag_error(v->diags, &i->place, "machine", "%s", text);
}

static const struct seen_device *find_by_name(const struct machine_view *v, const struct fact_interface *i)
{
	const struct seen_device *device = device_of_name(v, i->device);
	if (device)
		return device;
	struct diag *g = complain(v, i, "no device '%s' on this machine", i->device);
	const char *here = join_devices(v);
	if (*here)
		diag_hint(v->diags, g, "devices here: %s", here);
	return NULL;
}

static const struct seen_device *find_by_address(const struct machine_view *v, const struct fact_interface *i)
{
	char text[ADDR_TEXT];
	struct found found = {0};
	for (size_t n = 0; n < v->addresses.n; n++)
		if (addr_eq(&v->addresses.list[n].addr, &i->address))
			found_add(&found, v->addresses.list[n].index);
	addr_print(&i->address, text);
	if (found.n == 1)
		return device_of_index(v, found.index[0]);
	if (found.n == 0)
		complain(v, i, "no device has address %s", text);
	else
		complain(v, i, "%s are devices with address %s", join_found(v, &found), text);
	return NULL;
}

static const struct seen_device *find_toward(const struct machine_view *v, const struct fact_interface *i)
{
	char text[ADDR_TEXT];
	struct found found = {0};
	main_devices(v, &i->address, &found);
	addr_print(&i->address, text);
	if (found.n == 1)
		return device_of_index(v, found.index[0]);
	if (found.n == 0) {
		complain(v, i, "table main has no route to %s", text);
		return NULL;
	}
	struct diag *g = complain(v, i, "table main reaches %s by %s", text, join_found(v, &found));
	diag_hint(v->diags, g, "say which: device, or address");
	return NULL;
}

static void find_gateway(const struct machine_view *v, uint8_t family, int index, struct addr *out)
{
	const struct seen_routes *routes = main_of(v, family);
	const struct seen_route *best = NULL;
	for (size_t i = 0; i < routes->n; i++) {
		const struct seen_route *r = &routes->list[i];
		struct seen_hop hops[FOUND_MAX];
		if (r->to.len || r->tos || r->type != RTN_UNICAST || (best && r->metric >= best->metric))
			continue;
		size_t n = MIN(seen_hops(r, hops, FOUND_MAX), (size_t)FOUND_MAX);
		for (size_t h = 0; h < n; h++) {
			if (hops[h].index == index && hops[h].via.family) {
				best = r;
				*out = hops[h].via;
				break;
			}
		}
	}
}

/* As it was before us: what we made of it must not change the answer it was made for. */
static int setting_before(const struct machine_view *v, const char *name)
{
	auto_text struct text key = {0};
	uint64_t number = 0;
	text_printf(&key, "setting/%s", name);
	const struct displaced *was = v->own ? own_displaced(v->own, key.p) : NULL;
	if (was && parse_uint(str_of(was->value), &number) == 0)
		return (int)number;
	return setting_number(name, 0);
}

static int rp_filter_of(const struct machine_view *v, const char *device)
{
	auto_text struct text name = {0};
	text_puts(&name, "net.ipv4.conf.");
	for (const char *c = device; *c; c++)
		text_putc(&name, *c == '.' ? '/' : *c);
	text_puts(&name, ".rp_filter");
	return MAX(setting_before(v, name.p), setting_before(v, "net.ipv4.conf.all.rp_filter"));
}

static void answer_interface(const struct machine_view *v, bool kept, struct fact_interface *i)
{
	if (kept && i->by == FACT_DEVICE && !device_of_name(v, i->device)) {
		i->absent = true;
		i->admin_up = i->carrier = false;
		return;
	}
	const struct seen_device *device = i->by == FACT_DEVICE	   ? find_by_name(v, i)
					   : i->by == FACT_ADDRESS ? find_by_address(v, i)
								   : find_toward(v, i);
	if (!device)
		return;
	i->device = device->name;
	i->ifindex = device->index;
	i->admin_up = device->flags & IFF_UP;
	i->carrier = device->flags & IFF_LOWER_UP;
	i->rp_filter = rp_filter_of(v, device->name);
	if (i->auto_gateway) {
		find_gateway(v, AF_INET, device->index, &i->gateway4);
		find_gateway(v, AF_INET6, device->index, &i->gateway6);
	}
}

/* Queues and arrival marks belong to a device: two interfaces that turn out to be one would fight over them. */
static void check_same_device(const struct machine_view *v, const struct facts *f)
{
	for (size_t i = 0; i < f->n_interfaces; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct fact_interface *a = &f->interfaces[j], *b = &f->interfaces[i];
			if (!a->ifindex || a->ifindex != b->ifindex)
				continue;
			struct diag *g = complain(v, b, "interfaces '%s' and '%s' are the same device %s", a->name,
						  b->name, b->device);
			diag_note(v->diags, g, &a->place, "first given here");
			break;
		}
	}
}

/* ---- next hops -------------------------------------------------------------------------------------------------- */

static bool is_link_local(const struct addr *a)
{
	return a->family == AF_INET6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

static bool is_on_link(const struct machine_view *v, const struct addr *hop, int index)
{
	if (is_link_local(hop))
		return true;
	for (size_t i = 0; i < v->addresses.n; i++)
		if (v->addresses.list[i].index == index && prefix_has(&v->addresses.list[i].net, hop))
			return true;
	/* A prefix from a router advertisement, or a route by hand, without an address of it. */
	const struct seen_routes *routes = main_of(v, hop->family);
	for (size_t i = 0; i < routes->n; i++) {
		const struct seen_route *r = &routes->list[i];
		if (r->hop.index == index && !r->hop.via.family && r->to.len && r->type == RTN_UNICAST &&
		    prefix_has(&r->to, hop))
			return true;
	}
	return false;
}

static void answer_hop(const struct machine_view *v, struct fact_hop *h)
{
	for (size_t i = 0; i < v->addresses.n && !h->own_address; i++) {
		if (!addr_eq(&v->addresses.list[i].addr, &h->hop))
			continue;
		h->own_address = true;
		h->own_device = name_of(v, v->addresses.list[i].index);
	}
	if (!h->interface->ifindex)
		return;
	h->off_link = !is_on_link(v, &h->hop, h->interface->ifindex);
	const struct seen_route *r = main_lookup(v, &h->hop);
	h->main_elsewhere = r && !is_link_local(&h->hop) && r->hop.index && r->hop.index != h->interface->ifindex;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static int look(struct kernel *k, uint8_t protocol, struct machine_view *v)
{
	int err = seen_devices(k, v->arena, &v->devices);
	if (!err)
		err = seen_addresses(k, v->arena, &v->addresses);
	if (!err)
		err = seen_routes(k, AF_INET, MAIN_TABLE, 0, v->arena, &v->main4);
	if (!err)
		err = seen_routes(k, AF_INET6, MAIN_TABLE, 0, v->arena, &v->main6);
	drop_ours(&v->main4, protocol);
	drop_ours(&v->main6, protocol);
	return err;
}

static void answer_all(const struct machine_view *v, struct facts *f)
{
	for (size_t i = 0; i < f->n_interfaces; i++)
		answer_interface(v, f->kept, &f->interfaces[i]);
	check_same_device(v, f);
	for (size_t i = 0; i < f->n_hops; i++)
		answer_hop(v, &f->hops[i]);
	f->forwarding4 = setting_number("net.ipv4.ip_forward", 0) > 0;
	f->forwarding6 = setting_number("net.ipv6.conf.all.forwarding", 0) > 0;
	f->resolved = true;
}

int facts_read(struct kernel *k, const struct own *own, struct facts *f, struct arena *a, struct diags *d)
{
	struct machine_view v = { .own = own, .arena = a, .diags = d };
	const size_t errors = d->n_errors;
	int err = look(k, f->route_protocol, &v);
	if (err < 0)
		diag_error(d, NULL, "kernel", "cannot read devices and routes: %s", errno_words(-err));
	else
		answer_all(&v, f);
	answer_release(&v.main4.answer);
	answer_release(&v.main6.answer);
	return err < 0 ? err : d->n_errors > errors ? -EINVAL : 0;
}

int kernel_owns(struct kernel *k, const struct addr *address)
{
	struct arena *a = arena_new();
	struct seen_addresses addresses = {0};
	int err = seen_addresses(k, a, &addresses);
	for (size_t i = 0; err == 0 && i < addresses.n; i++)
		err = addr_eq(&addresses.list[i].addr, address);
	arena_free(a);
	return err;
}
