/* SPDX-License-Identifier: MIT */
/* Settings of the kernel that go with the paths, and the profile's own, which win (packet.md section 10). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/compile.h"

struct settings {
	struct compile *c;
	struct names known;             /* each is set once */
};

static void setting_add(struct settings *s, const char *name, const char *value, bool may_be_twice,
			const struct origin *o)
{
	if (names_find(&s->known, name) != NAME_NONE)
		return;
	if (may_be_twice)
		names_put(&s->known, name, 1);
	*LIST_ADD(s->c->a, &s->c->settings) = (struct setting){ name, value, *o };
}

/* A dot in a device's name is written '/', as in sysctl(8). */
static const char *device_key(struct arena *a, const char *device)
{
	if (!strchr(device, '.'))
		return device;
	char *key = arena_strdup(a, device);
	for (char *dot = key; (dot = strchr(dot, '.'));)
		*dot = '/';
	return key;
}

static void path_settings(struct settings *s, const struct path_work *w)
{
	const struct plan_path *p = w->out;
	struct arena *a = s->c->a;
	const char *device = device_key(a, p->device);
	const bool marked = p->arrives && !w->is_input;

	if (!w->routed || w->fact->absent)
		return;
	if (p->ip4 && marked)
		setting_add(s, JOIN(a, "net.ipv4.conf.", device, ".src_valid_mark"), "1", w->shared, &p->origin);
	else if (p->ip4 && w->fact->rp_filter == 1)
		setting_add(s, JOIN(a, "net.ipv4.conf.", device, ".rp_filter"), "2", w->shared, &p->origin);
	if (p->ip4)
		setting_add(s, JOIN(a, "net.ipv4.conf.", device, ".ignore_routes_with_linkdown"), "1", w->shared, &p->origin);
	if (p->ip6)
		setting_add(s, JOIN(a, "net.ipv6.conf.", device, ".ignore_routes_with_linkdown"), "1", w->shared, &p->origin);
}

/* With its device a setting is gone. */
static bool is_absent(const struct compile *c, const char *name)
{
	for (size_t i = 0; i < c->f->n_interfaces; i++) {
		const struct fact_interface *fact = &c->f->interfaces[i];

		if (fact->absent && strstr(name, JOIN(c->a, ".", device_key(c->a, fact->device), ".")))
			return true;
	}
	return false;
}

static void group_settings(struct settings *s)
{
	for (size_t i = 0; i < s->c->m->n_balances; i++) {
		const struct balance_work *b = &s->c->balances[i];

		if (b->marks)
			continue;
		if (b->family[IP4])
			setting_add(s, "net.ipv4.fib_multipath_hash_policy", "1", true, &b->out->origin);
		if (b->family[IP6])
			setting_add(s, "net.ipv6.fib_multipath_hash_policy", "1", true, &b->out->origin);
	}
}

static bool forwards(const struct compile *c, unsigned family)
{
	static const char *const names[FAMILIES][2] = {
		{ "net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding" },
		{ "net.ipv6.conf.all.forwarding", "net.ipv6.conf.all.forwarding" },
	};
	bool on = !c->f->resolved || (family == IP4 ? c->f->forwarding4 : c->f->forwarding6);

	for (size_t i = 0; i < c->m->n_sysctls; i++) {
		const struct sysctl_line *l = &c->m->sysctls[i];

		if (strcmp(l->name, names[family][0]) == 0 || strcmp(l->name, names[family][1]) == 0)
			on = strcmp(l->value, "0") != 0;
	}
	return on;
}

static void warn_forwarding(struct compile *c)
{
	const bool on[FAMILIES] = { forwards(c, IP4), forwards(c, IP6) };

	for (size_t i = 0; i < c->m->n_balances; i++) {
		const struct balance_work *b = &c->balances[i];

		if (b->conf->scope == SCOPE_FORWARDED && !(b->family[IP4] && on[IP4]) && !(b->family[IP6] && on[IP6]))
			diag_warning(c->d, &b->conf->place, "machine", "forwarding is off: balance '%s' gets no packets",
				     b->conf->name);
	}
}

static void warn_off_link(struct compile *c)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < c->f->n_hops && c->f->resolved; i++) {
		const struct fact_hop *h = &c->f->hops[i];

		if (h->off_link)
			diag_warning(c->d, &h->place, "machine", "%s is on no network of %s", addr_print(&h->hop, text),
				     h->interface->device);
	}
}

void compile_settings(struct compile *c)
{
	struct settings s = { .c = c };

	LIST_ROOM(c->a, &c->settings, 3 * c->m->n_paths + c->m->n_sysctls);
	names_init(&s.known, 4 * c->m->n_paths + c->m->n_sysctls + 2, c->a);
	for (size_t i = 0; i < c->m->n_sysctls; i++) {
		const struct sysctl_line *l = &c->m->sysctls[i];
		const struct origin o = { JOIN(c->a, "sysctl '", l->name, "'"), l->place };

		if (!is_absent(c, l->name))
			setting_add(&s, l->name, l->value, true, &o);
	}
	group_settings(&s);
	for (size_t i = 0; i < c->m->n_paths; i++)
		path_settings(&s, &c->paths[i]);
	warn_forwarding(c);
	warn_off_link(c);
}
