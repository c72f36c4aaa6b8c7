/* SPDX-License-Identifier: MIT */
/* Making a service, the states of its servers, and what its workers say. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/line.h"
#include "proxy/account.h"
#include "proxy/check.h"
#include "proxy/event.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/page.h"
#include "proxy/rights.h"
#include "proxy/service.h"
#include "proxy/tls.h"

/* ---- made and freed -------------------------------------------------------------------------------------------------- */

int service_open_log(const struct proxy_conf *c)
{
	const char *names = account_log_header(c);
	/* A pipe must not make us wait, neither for its reader nor until that reads. */
	const int fd = open(c->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 && write(fd, names, strlen(names)) < 0) {
		const int err = -errno;

		(void)close(fd);
		return err;
	}
	return fd;
}

static int open_log(struct service *s, struct diags *d)
{
	s->log = -1;
	if (!s->conf->log_file)
		return 0;
	const int fd = service_open_log(s->conf);

	if (fd < 0)
		diag_error(d, &s->conf->log_place, "kernel", "cannot write '%s': %s", s->conf->log_file, strerror(-fd));
	else
		s->log = fd;
	return fd < 0 ? fd : 0;
}

/* One for all pages, also those of a master before: the same address is the same number in each. */
static uint64_t address_seed(struct master *m)
{
	const struct inherited *p = m->handover.pages;

	if (p && !m->address_seed)
		m->address_seed = p->page->address_seed;
	if (!m->address_seed && getrandom(&m->address_seed, sizeof(m->address_seed), GRND_NONBLOCK) < 0)
		m->address_seed = clock_us();           /* only before the kernel has chance to give */
	return m->address_seed;
}

static int make_page(struct service *s, struct diags *d)
{
	const uint32_t room = s->conf->proxy_protocol ? s->max_connections / s->conf->workers + 1 : 0;

	s->page_fd = page_new(s->conf->workers, s->conf->n_servers, room);
	if (s->page_fd >= 0)
		s->page = page_map(s->page_fd);
	if (!s->page)
		diag_error(d, &s->conf->place, "kernel", "no memory for the counters of '%s': %s", s->conf->name,
			   strerror(s->page_fd < 0 ? -s->page_fd : errno));
	else
		s->page->address_seed = address_seed(s->master);
	return s->page ? 0 : -1;
}

static int make_tls(struct service *s, const struct service *before, struct diags *d)
{
	if (s->conf->n_tls > 0) {
		s->tls = tls_listener_new(s->conf, before ? before->tls : NULL, d);
		if (!s->tls)
			return -1;
		tls_listener_warn(s->tls, (int64_t)time(NULL), d);
	}
	s->tls_servers = tls_servers_new(s->conf, d);
	return s->tls_servers ? 0 : -1;
}

static void limit_connections(struct service *s, struct diags *d)
{
	const struct proxy_conf *c = s->conf;

	s->max_connections = files_connections(s->master->files, c->max_connections, c->workers);
	if (s->max_connections < c->max_connections)
		diag_warning(d, &c->place, "machine",
			     "'max-connections' of '%s' is lowered from %u to %u: a process may open %llu files", c->name,
			     c->max_connections, s->max_connections, (unsigned long long)s->master->files);
}

static void make_health(struct service *s, struct arena *a)
{
	const struct proxy_conf *c = s->conf;
	const struct health_conf conf = { .checked = c->has_health, .rise = c->health_rise, .fall = c->health_fall,
					  .eject_errors = c->eject_errors, .eject_us = c->eject_us };

	health_init(&s->health, &conf, c->n_servers, s->master->loop.now_us, a);
	for (size_t i = 0; i < c->n_servers; i++) {
		health_weight(&s->health, i, c->servers[i].weight);
		s->servers[i].told_state = s->health.members[i].state;
		s->servers[i].told_reason = s->health.members[i].reason;
	}
}

static void on_health(struct loop *l, struct loop_timer *t)
{
	struct service *s = container_of(t, struct service, health_timer);

	(void)health_tick(&s->health, l->now_us);
	service_publish(s);
}

/* The server of another edition that is the same as this one; -1: none. */
static int same_server(const struct service *before, const struct server_conf *c)
{
	for (size_t i = 0; before && i < before->conf->n_servers; i++) {
		const struct server_conf *b = &before->conf->servers[i];

		if (strcmp(b->name, c->name) == 0 && b->address.endpoint.port == c->address.endpoint.port &&
		    addr_eq(&b->address.endpoint.addr, &c->address.endpoint.addr))
			return (int)i;
	}
	return -1;
}

static void make_tallies(struct service *s, const struct service *before)
{
	const uint64_t now_us = s->master->loop.now_us;

	s->tally = before ? tally_hold(before->tally) : tally_new(now_us);
	for (size_t i = 0; i < s->conf->n_servers; i++) {
		const int b = same_server(before, &s->conf->servers[i]);

		s->servers[i].tally = b < 0 ? tally_new(now_us) : tally_hold(before->servers[b].tally);
	}
}

struct service *service_new(struct master *m, struct edition *g, const struct proxy_conf *c, const struct service *before)
{
	struct service *s = arena_one(g->arena, struct service);

	*s = (struct service){ .master = m, .edition = g, .conf = c, .page_fd = -1, .log = -1,
			       .health_timer = { .on_timer = on_health } };
	s->servers = arena_array(g->arena, struct service_server, c->n_servers);
	limit_connections(s, &g->diags);
	if (make_tls(s, before, &g->diags) || open_log(s, &g->diags) || make_page(s, &g->diags)) {
		service_release(s);
		return NULL;
	}
	make_health(s, g->arena);
	make_tallies(s, before);
	s->children = arena_array(g->arena, struct child, c->workers);
	s->n_children = c->workers;
	for (unsigned k = 0; k < c->workers; k++)
		child_init(&s->children[k], s, k);
	s->checks = checks_new(s, g->arena);
	if (before) {
		service_take_over(s, before);
		atomic_store(&s->page->samples_seq, atomic_load(&before->page->samples_seq));
	}
	service_publish(s);
	return s;
}

/* Nobody adds to the page any more: what it says is kept. */
static void keep_counts(struct service *s)
{
	for (size_t w = 0; w < s->page->n_workers; w++) {
		count_add_worker(&s->tally->gone, page_worker(s->page, w));
		for (size_t i = 0; i < s->conf->n_servers; i++)
			count_add_share(&s->servers[i].tally->gone, page_share(s->page, w, i));
	}
}

void service_release(struct service *s)
{
	service_leave(s);
	if (s->tally) {
		keep_counts(s);
		for (size_t i = 0; i < s->conf->n_servers; i++)
			tally_drop(s->servers[i].tally);
		tally_drop(s->tally);
	}
	page_unmap(s->page);
	if (s->page_fd >= 0)
		(void)close(s->page_fd);
	if (s->log >= 0)
		(void)close(s->log);
	if (s->tls_servers)
		tls_servers_free(s->tls_servers, s->conf->n_servers);
	tls_listener_free(s->tls);
}

void service_take_member(struct service *s, size_t server, const struct health_member *m, bool weighed, uint32_t weight)
{
	struct service_server *to = &s->servers[server];

	health_take_over(&s->health, server, m);
	to->weighed = weighed;
	to->weight = weight;
	to->told_state = m->state;
	to->told_reason = m->reason;
	health_weight(&s->health, server, service_weight(s, server));
}

void service_take_over(struct service *s, const struct service *before)
{
	for (size_t i = 0; i < s->conf->n_servers; i++) {
		const int b = same_server(before, &s->conf->servers[i]);

		if (b >= 0)
			service_take_member(s, i, &before->health.members[b], before->servers[b].weighed, before->servers[b].weight);
	}
}

/* ---- workers --------------------------------------------------------------------------------------------------------- */

uint32_t service_share(const struct service *s, unsigned number)
{
	const uint32_t workers = (uint32_t)s->n_children;

	return s->max_connections / workers + (number < s->max_connections % workers ? 1 : 0);
}

size_t service_listeners(const struct service *s, unsigned number, int *fds, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < s->conf->n_listen; i++) {
		const struct listening *l = listeners_find(&s->edition->listeners, &s->conf->listen[i].endpoint);

		for (size_t k = 0; l && k < l->n && n < room; k++)
			if (listen_serves(k, l->n, number, (unsigned)s->n_children))
				fds[n++] = l->fds[k];
	}
	return n;
}

int service_start(struct service *s)
{
	for (size_t k = 0; k < s->n_children; k++) {
		const int err = child_start(&s->children[k]);

		if (err)
			return err;
	}
	return 0;
}

void service_send(struct service *s, const char *line)
{
	for (size_t k = 0; k < s->n_children; k++)
		child_send(&s->children[k], line, -1);
}

void service_watch(struct service *s, bool *moving)
{
	for (size_t k = 0; k < s->n_children; k++)
		*moving &= child_watch(&s->children[k]);
}

void service_leave(struct service *s)
{
	checks_stop(s);
	loop_timer_clear(&s->health_timer);
	for (size_t k = 0; k < s->n_children; k++) {
		child_forget(&s->children[k]);
		s->children[k].state = CHILD_LEAVING;
	}
}

void service_tell_worker(struct service *s, const struct child *c, const char *from, const char *to, const char *reason)
{
	char number[16];
	struct event e = { .kind = "worker", .proxy = s->conf->name, .name = number, .from = from, .to = to, .reason = reason };

	(void)snprintf(number, sizeof(number), "%u", c->number);
	if (c->cut > 0) {
		e.count_key = "cut";
		e.count = c->cut;
	}
	master_tell(s->master, &e);
}

static void tell_death(struct service *s, const struct child *c, int status)
{
	char reason[32];

	if (WIFSIGNALED(status))
		(void)snprintf(reason, sizeof(reason), "signal-%d", WTERMSIG(status));
	else
		(void)snprintf(reason, sizeof(reason), "exit-%d", WEXITSTATUS(status));
	service_tell_worker(s, c, "up", "down", c->killed ? "killed" : reason);
}

bool service_child_gone(struct service *s, struct child *c, enum child_state was, int status, const struct rusage *used)
{
	const bool leaving = was == CHILD_LEAVING || master_is_leaving(s->master, s->edition);

	s->tally->gone.cpu_us += (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 +
				 (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
	if (WIFSIGNALED(status) || !leaving)
		c->cut = MAX(c->cut, atomic_load(&page_worker(s->page, c->number)->connections));
	if (s->master->state == MASTER_STOPPING)
		s->master->cut += c->cut;
	if (!leaving)
		tell_death(s, c, status);
	else if (c->cut > 0)
		service_tell_worker(s, c, "draining", "ended", "cut");
	page_bury_worker(s->page, c->number);
	return !leaving && master_child_died(s->master, s->edition);
}

/* The server that a line of a worker names; -1: none. */
static int named_server(const struct service *s, const struct line *said)
{
	uint64_t i = 0;

	return line_number(said, "server", &i) == 0 && i < s->conf->n_servers ? (int)i : -1;
}

void service_heard(struct service *s, struct child *c, const struct line *said)
{
	const uint64_t now_us = s->master->loop.now_us;
	const int i = named_server(s, said);
	bool changed = false;
	const bool serves = s->edition == s->master->current;   /* who drains has no say in states any more */

	if (str_is(said->verb, "ready") && c->state == CHILD_STARTING) {
		c->state = CHILD_READY;
		if (c->deaths > 0)
			service_tell_worker(s, c, "down", "up", NULL);
		master_child_ready(s->master, s->edition);
	} else if (str_is(said->verb, "event")) {
		master_pass_on(s->master, s->conf->name, said);
	} else if (str_is(said->verb, "failing") && i >= 0 && serves) {
		changed = health_failures(&s->health, (size_t)i, now_us);
	} else if (str_is(said->verb, "trial") && i >= 0 && serves) {
		/* Its worker waits for a word, also where nothing changes: the last one stays on probation. */
		(void)health_trial(&s->health, (size_t)i, line_is(said, "good", "1"), now_us);
		changed = true;
	}
	if (changed)
		service_publish(s);
}

/* ---- servers --------------------------------------------------------------------------------------------------------- */

int service_find(const struct service *s, struct str name)
{
	for (size_t i = 0; i < s->conf->n_servers; i++)
		if (str_is(name, s->conf->servers[i].name))
			return (int)i;
	return -1;
}

uint32_t service_weight(const struct service *s, size_t server)
{
	return s->servers[server].weighed ? s->servers[server].weight : s->conf->servers[server].weight;
}

static void tell_server(struct service *s, size_t i)
{
	struct service_server *told = &s->servers[i];
	const struct health_member *m = &s->health.members[i];
	const struct event e = {
		.kind = "server", .proxy = s->conf->name, .name = s->conf->servers[i].name,
		.from = member_state_name(told->told_state), .to = member_state_name(m->state),
		.reason = member_reason_name(m->reason),
	};

	told->told_state = m->state;
	told->told_reason = m->reason;
	master_tell(s->master, &e);
}

void service_publish(struct service *s)
{
	const uint64_t next_us = health_next_us(&s->health);

	for (size_t i = 0; i < s->conf->n_servers; i++) {
		const struct health_member *m = &s->health.members[i];
		struct page_server *p = page_server(s->page, i);
		const bool changed = m->state != s->servers[i].told_state || m->reason != s->servers[i].told_reason;

		if (atomic_load(&p->state) != m->state) {
			atomic_store(&p->failures, 0);
			atomic_store(&p->trial, 0);
		}
		atomic_store(&p->weight, service_weight(s, i));
		atomic_store(&p->state, m->state);
		if (changed)
			tell_server(s, i);
	}
	atomic_fetch_add(&s->page->version, 1);
	service_send(s, "look");
	if (next_us == UINT64_MAX)
		loop_timer_clear(&s->health_timer);
	else
		loop_timer_set(&s->master->loop, &s->health_timer, next_us);
}

static void reset_server(struct service *s, size_t server)
{
	char line[48];

	(void)snprintf(line, sizeof(line), "reset server=%zu", server);
	service_send(s, line);
}

void service_set_hand(struct service *s, size_t server, enum health_hand hand)
{
	(void)health_by_hand(&s->health, server, hand, s->master->loop.now_us);
	service_publish(s);
	if (hand == HAND_DOWN)
		reset_server(s, server);
	/* Workers that drain still have connections, and may still have requests to send. */
	for (const struct edition *e = s->master->retired; e; e = e->next) {
		struct service *old = edition_find(e, str_of(s->conf->name));
		const int i = old ? same_server(old, &s->conf->servers[server]) : -1;

		if (i < 0)
			continue;
		atomic_store(&page_server(old->page, (size_t)i)->state, s->health.members[server].state);
		atomic_fetch_add(&old->page->version, 1);
		service_send(old, "look");
		if (hand == HAND_DOWN)
			reset_server(old, (size_t)i);
	}
}

void service_set_weight(struct service *s, size_t server, bool by_hand, uint32_t weight)
{
	s->servers[server].weighed = by_hand;
	s->servers[server].weight = weight;
	health_weight(&s->health, server, service_weight(s, server));
	service_publish(s);
}

int service_reopen_log(struct service *s)
{
	if (!s->conf->log_file)
		return 0;
	const int fd = service_open_log(s->conf);

	if (fd < 0)
		return fd;
	for (size_t k = 0; k < s->n_children; k++)
		child_send(&s->children[k], "log", fd);
	(void)close(s->log);
	s->log = fd;
	return 0;
}
