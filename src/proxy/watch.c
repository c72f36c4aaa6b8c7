/* SPDX-License-Identifier: MIT */
/* Every second: sums over all pages, heartbeats, the service manager. */
#include "base/base.h"

#include <time.h>

#include "proxy/event.h"
#include "proxy/edition.h"
#include "proxy/handover.h"
#include "proxy/master.h"
#include "proxy/page.h"
#include "proxy/service.h"
#include "proxy/watch.h"

enum { STATUS_SECONDS = 10, SECOND_US = 1000000, SHOWN_MOST = 1024 };

/* ---- sums ------------------------------------------------------------------------------------------------------------ */

static void begin_sums(const struct edition *g)
{
	for (size_t i = 0; g && i < g->n; i++) {
		const struct service *s = g->services[i];

		tally_begin(s->tally);
		for (size_t k = 0; k < s->conf->n_servers; k++)
			tally_begin(s->servers[k].tally);
	}
}

/* Clocks of processes need no /proc, which may hide them. */
uint64_t watch_cpu_us(pid_t pid)
{
	struct timespec t;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * SECOND_US + (uint64_t)t.tv_nsec / 1000;
}

static void add_sums(const struct edition *g)
{
	for (size_t i = 0; g && i < g->n; i++) {
		const struct service *s = g->services[i];

		for (size_t w = 0; w < s->n_children; w++) {
			count_add_worker(&s->tally->now, page_worker(s->page, w));
			s->tally->now.cpu_us += watch_cpu_us(s->children[w].pid);
			for (size_t k = 0; k < s->conf->n_servers; k++)
				count_add_share(&s->servers[k].tally->now, page_share(s->page, w, k));
		}
	}
}

struct shown {
	struct addresses_shown list[SHOWN_MOST];
	size_t n;
};

static void add_page(struct shown *to, struct page *p)
{
	for (size_t w = 0; w < p->n_workers && to->n < SHOWN_MOST; w++)
		to->list[to->n++] = page_addresses(p, w);
}

static void add_edition(struct shown *to, const struct edition *g, const struct tally *of)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->services[i]->tally == of)
			add_page(to, g->services[i]->page);
}

/* Addresses of one proxy's clients, those that workers on their way out still have too. */
static void count_addresses(const struct master *m, struct tally *of)
{
	struct shown shown = { .n = 0 };

	add_edition(&shown, m->current, of);
	for (const struct edition *g = m->retired; g; g = g->next)
		add_edition(&shown, g, of);
	for (const struct inherited *p = m->handover.pages; p; p = p->next)
		if (p->tally == of)
			add_page(&shown, p->page);
	of->now.clients = addresses_count(shown.list, shown.n);
}

static void tell_lost(struct master *m, struct service *s)
{
	const uint64_t lost = s->tally->now.log_lost;

	if (lost > s->tally->told_lost)
		master_tell(m, &(struct event){ .kind = "log-lost", .proxy = s->conf->name, .name = s->conf->log_file,
						.count_key = "lines", .count = lost - s->tally->told_lost });
	s->tally->told_lost = lost;
}

void watch_count(struct master *m)
{
	begin_sums(m->current);
	for (const struct edition *g = m->retired; g; g = g->next)
		begin_sums(g);
	add_sums(m->current);
	for (const struct edition *g = m->retired; g; g = g->next)
		add_sums(g);
	handover_count(&m->handover, m->loop.now_us);
	for (size_t i = 0; m->current && i < m->current->n; i++)
		if (m->current->services[i]->conf->proxy_protocol)
			count_addresses(m, m->current->services[i]->tally);
}

static void turn_sums(struct master *m)
{
	watch_count(m);
	for (size_t i = 0; m->current && i < m->current->n; i++) {
		struct service *s = m->current->services[i];

		tally_turn(s->tally, m->loop.now_us);
		for (size_t k = 0; k < s->conf->n_servers; k++)
			tally_turn(s->servers[k].tally, m->loop.now_us);
		tell_lost(m, s);
	}
}

void watch_restart(struct master *m)
{
	watch_count(m);
	for (size_t i = 0; i < m->current->n; i++) {
		struct service *s = m->current->services[i];

		tally_restart(s->tally, m->loop.now_us);
		for (size_t k = 0; k < s->conf->n_servers; k++)
			tally_restart(s->servers[k].tally, m->loop.now_us);
	}
}

/* ---- the service manager --------------------------------------------------------------------------------------------- */

void watch_print(struct text *out, const struct edition *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct service *s = g->services[i];
		uint64_t connections = 0;
		size_t up = 0;

		for (size_t k = 0; k < s->conf->n_servers; k++)
			up += s->health.members[k].state == MEMBER_UP;
		for (size_t w = 0; w < s->n_children; w++)
			connections += page_worker(s->page, w)->connections;
		text_printf(out, "%s%s: %zu of %zu servers up, %llu connections", i ? "; " : "", s->conf->name, up,
			    s->conf->n_servers, (unsigned long long)connections);
	}
}

void watch_status(struct master *m, const char *first)
{
	auto_text struct text status = { 0 };

	if (m->current)
		watch_print(&status, m->current);
	notify_send(&m->notify, "%sSTATUS=%s\n", first, text_get(&status));
}

static bool is_due(const struct master *m, uint64_t every_us)
{
	const uint64_t every_s = MAX(every_us / SECOND_US, (uint64_t)1);

	return every_us > 0 && m->seconds % every_s == 0;
}

void watch_second(struct master *m)
{
	bool moving = true;

	turn_sums(m);
	for (size_t i = 0; m->current && i < m->current->n; i++) {
		service_watch(m->current->services[i], &moving);
		service_tend_tls(m->current->services[i]);
	}
	for (const struct edition *g = m->retired; g; g = g->next)
		for (size_t i = 0; i < g->n; i++) {
			bool ignored = true;

			service_watch(g->services[i], &ignored);
		}
	m->moved |= moving;
	if (is_due(m, m->notify.watchdog_us)) {
		if (m->moved)
			notify_send(&m->notify, "WATCHDOG=1\n");
		m->moved = false;
	}
	if (m->seconds % STATUS_SECONDS == 0 && m->state == MASTER_SERVING)
		watch_status(m, "");
}
