/* SPDX-License-Identifier: MIT */
/* From a profile file to listeners and services. */
#include "base/base.h"

#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <netinet/in.h>

#include "base/out.h"
#include "proxy/check.h"
#include "proxy/child.h"
#include "proxy/edition.h"
#include "proxy/event.h"
#include "proxy/master.h"
#include "proxy/options.h"
#include "proxy/service.h"

/* ---- which machine, which proxies ------------------------------------------------------------------------------------ */

/* This machine's addresses: by them a role fits. */
static size_t find_addresses(struct arena *a, struct addr **list)
{
	struct ifaddrs *all = NULL;
	size_t n = 0, room = 0;

	*list = NULL;
	if (getifaddrs(&all) < 0)
		return 0;
	for (const struct ifaddrs *f = all; f; f = f->ifa_next) {
		const int family = f->ifa_addr ? f->ifa_addr->sa_family : AF_UNSPEC;

		if (family != AF_INET && family != AF_INET6)
			continue;
		*list = arena_grow(a, *list, n, &room, sizeof(**list));
		struct addr *to = &(*list)[n++];

		*to = (struct addr){ .family = (uint8_t)family };
		if (family == AF_INET)
			memcpy(to->b, &((const struct sockaddr_in *)(const void *)f->ifa_addr)->sin_addr, 4);
		else
			memcpy(to->b, &((const struct sockaddr_in6 *)(const void *)f->ifa_addr)->sin6_addr, 16);
	}
	freeifaddrs(all);
	return n;
}

static const struct machine *choose_machine(const struct profile *p, const struct options *o, struct arena *a, struct diags *d)
{
	const char *environment = getenv("NLBC_ROLE");
	char host[HOST_NAME_MAX + 1] = "";
	struct addr *owned = NULL;
	struct role_facts facts = { .option = o->role, .environment = environment && *environment ? environment : NULL };

	if (p->n_machines > 1) {
		(void)gethostname(host, sizeof(host) - 1);
		host[strcspn(host, ".")] = '\0';
		facts.host = host;
		facts.n_owned = find_addresses(a, &owned);
		facts.owned = owned;
	}
	return profile_choose(p, &facts, d);
}

static bool is_wanted(const struct options *o, const char *name)
{
	bool wanted = o->n_names == 0;

	for (size_t i = 0; i < o->n_names; i++)
		wanted |= strcmp(o->names[i], name) == 0;
	return wanted;
}

/* Every name that was given is one of a proxy's. */
static int check_names(const struct options *o, const struct machine *m, struct arena *a, struct diags *d)
{
	const char **names = arena_array(a, const char *, m->n_proxies);

	for (size_t i = 0; i < m->n_proxies; i++)
		names[i] = m->proxies[i].name;
	for (size_t i = 0; i < o->n_names; i++) {
		size_t k = 0;

		while (k < m->n_proxies && strcmp(names[k], o->names[i]) != 0)
			k++;
		if (k == m->n_proxies)
			(void)diag_nearest(d, diag_error(d, NULL, "usage", "profile '%s' has no proxy '%s'", m->profile, o->names[i]),
					   str_of(o->names[i]), names, m->n_proxies);
	}
	if (m->n_proxies == 0)
		diag_error(d, NULL, "profile", "profile '%s' has no proxy", m->profile);
	return d->n_errors ? -1 : 0;
}

/* ---- making it ------------------------------------------------------------------------------------------------------- */

static int read_profile(struct edition *g, const struct options *o)
{
	if (strcmp(o->file, "-") == 0)
		(void)lseek(STDIN_FILENO, 0, SEEK_SET);         /* at a reload; main made sure that it can be sought */
	const struct profile *p = profile_read(o->file, NULL, g->arena, &g->diags);

	if (!p)
		return -1;
	g->machine = choose_machine(p, o, g->arena, &g->diags);
	return g->machine ? check_names(o, g->machine, g->arena, &g->diags) : -1;
}

static int make_services(struct edition *g, struct master *m, const struct edition *before)
{
	g->services = arena_array(g->arena, struct service *, g->machine->n_proxies);
	for (size_t i = 0; i < g->machine->n_proxies; i++) {
		const struct proxy_conf *c = &g->machine->proxies[i];

		if (!is_wanted(m->options, c->name))
			continue;
		struct service *s = service_new(m, g, c, before ? edition_find(before, str_of(c->name)) : NULL);

		if (!s)
			return -1;
		g->services[g->n++] = s;
	}
	return 0;
}

static int open_listeners(struct edition *g, const struct listeners *before)
{
	size_t n = 0, room = 0;
	struct listen_wish *wishes = NULL;

	for (size_t i = 0; i < g->n; i++) {
		const struct proxy_conf *c = g->services[i]->conf;

		for (size_t k = 0; k < c->n_listen; k++) {
			wishes = arena_grow(g->arena, wishes, n, &room, sizeof(*wishes));
			wishes[n++] = (struct listen_wish){ c->listen[k].endpoint, c->workers, !c->tcp, &c->listen[k].place };
		}
	}
	return listeners_open(&g->listeners, before, wishes, n, g->arena, &g->diags);
}

/* The worst error in a line, for whoever ordered the reload. */
static void keep_refusal(struct master *m, const struct diags *d)
{
	const struct diag *first = NULL;

	text_clear(&m->refusal);
	if (!failure_worst(d, &first))
		return;
	if (first->place.source)
		text_printf(&m->refusal, "%s:%u:%u: ", first->place.source->name, first->place.line, first->place.column);
	text_puts(&m->refusal, first->text);
}

struct edition *edition_new(struct master *m, const struct edition *before, int *exit_code)
{
	struct arena *a = arena_new();
	struct edition *g = arena_one(a, struct edition);
	const char *file = strcmp(m->options->file, "-") == 0 ? "standard input" : m->options->file;

	g->arena = a;
	diags_init(&g->diags, a);
	int err = read_profile(g, m->options);

	if (err)                                        /* the count of errors closes what is said of a wrong profile only */
		*exit_code = out_diags(m->out, &g->diags, file);
	if (!err) {
		err = make_services(g, m, before);
		if (!err)
			err = open_listeners(g, before ? &before->listeners : &m->given);
		*exit_code = out_diags(m->out, &g->diags, NULL);
	}
	if (!err)
		return g;
	keep_refusal(m, &g->diags);
	edition_close(g, before);
	edition_free(g);
	return NULL;
}

void edition_close(struct edition *g, const struct edition *keep)
{
	listeners_close(&g->listeners, keep ? &keep->listeners : NULL);
	g->listeners.n = 0;
}

void edition_free(struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		service_release(g->services[i]);
	arena_free(g->arena);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

bool edition_is_ready(const struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->services[i]->n_children; k++)
			if (g->services[i]->children[k].state != CHILD_READY)
				return false;
	return true;
}

bool edition_is_empty(const struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->services[i]->n_children; k++)
			if (g->services[i]->children[k].pid > 0)
				return false;
	return true;
}

struct service *edition_find(const struct edition *g, struct str name)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_is(name, g->services[i]->conf->name))
			return g->services[i];
	return NULL;
}

void edition_serve(struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		checks_start(g->services[i]);
}

void edition_take_over(struct edition *g, const struct edition *before)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct service *b = edition_find(before, str_of(g->services[i]->conf->name));

		if (b)
			service_take_over(g->services[i], b);
		service_publish(g->services[i]);
	}
}

/* Those of `in` that `out` does not have. */
static void tell_endpoints(struct master *m, const struct listeners *in, const struct listeners *out, const char *from,
			   const char *to)
{
	char at[ENDPOINT_TEXT];

	for (size_t i = 0; i < in->n; i++)
		if (!listeners_find(out, &in->list[i].at))
			master_tell(m, &(struct event){ .kind = "listener", .name = endpoint_print(&in->list[i].at, at),
							.from = from, .to = to });
}

void edition_tell_listeners(struct master *m, const struct edition *before, const struct edition *now)
{
	tell_endpoints(m, &now->listeners, &before->listeners, "closed", "open");
	tell_endpoints(m, &before->listeners, &now->listeners, "open", "closed");
}

void edition_leave(struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		service_leave(g->services[i]);
}

void edition_kill(struct edition *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->services[i]->n_children; k++)
			child_kill(&g->services[i]->children[k]);
}

void edition_send(struct edition *g, const char *line)
{
	for (size_t i = 0; i < g->n; i++)
		service_send(g->services[i], line);
}
