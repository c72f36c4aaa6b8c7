/* SPDX-License-Identifier: MIT */
/* Reading what the master before handed over (handover_write.c says in which lines), and counting on from there. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/arena.h"
#include "base/line.h"
#include "proxy/handover.h"
#include "proxy/page.h"
#include "proxy/service.h"
#include "proxy/watch.h"

const char handover_variable[] = "NLBC_PROXY_HANDOVER";

enum { HANDOVER_BYTES = 64 << 20 };

/* ---- reading --------------------------------------------------------------------------------------------------------- */

struct reading {
	struct handover *h;
	struct arena *arena;
	size_t listeners_room;
	struct inherited *page;         /* the last one: members follow it */
};

static uint64_t number(const struct line *l, const char *key)
{
	uint64_t n = 0;

	return line_number(l, key, &n) == 0 ? n : 0;
}

static int fd_of(const struct line *l)
{
	const int fd = (int)MIN(number(l, "fd"), (uint64_t)INT32_MAX);

	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : fd;
}

static int read_listener(struct reading *r, const struct line *l)
{
	struct listeners *to = &r->h->listeners;
	struct endpoint at;
	const int fd = fd_of(l);

	if (fd < 0 || endpoint_parse(line_get(l, "address"), &at))
		return -EINVAL;
	struct listening *same = (struct listening *)listeners_find(to, &at);

	if (!same) {
		to->list = arena_grow(r->arena, to->list, to->n, &r->listeners_room, sizeof(*to->list));
		same = &to->list[to->n++];
		*same = (struct listening){ .at = at, .given = number(l, "given") };
	}
	if (same->n == LISTEN_SOCKETS)
		return -EINVAL;
	same->fds[same->n++] = fd;
	return 0;
}

/* A page of another layout is left out: its counts are lost, nothing else. */
static int read_page(struct reading *r, const struct line *l)
{
	const int fd = fd_of(l);

	r->page = NULL;
	if (fd < 0)
		return fd;
	struct page *p = page_map(fd);

	if (!p) {
		(void)close(fd);
		return 0;
	}
	struct inherited *i = arena_one(r->arena, struct inherited);

	i->fd = fd;
	i->page = p;
	i->proxy = arena_str(r->arena, line_get(l, "proxy"));
	i->until_us = number(l, "until_us");
	i->cpu_us = arena_array(r->arena, uint64_t, p->n_workers);
	i->cpu_before_us = number(l, "cpu_us");
	i->servers = arena_alloc(r->arena, sizeof(*i->servers) * p->n_servers);
	i->next = r->h->pages;
	r->h->pages = r->page = i;
	return 0;
}

static int read_member(struct reading *r, const struct line *l)
{
	const uint64_t i = number(l, "index");

	if (!r->page)
		return 0;
	if (i >= r->page->page->n_servers)
		return -EINVAL;
	r->page->servers[i].name = arena_str(r->arena, line_get(l, "name"));
	return endpoint_parse(line_get(l, "address"), &r->page->servers[i].address);
}

static int read_state(struct reading *r, const struct line *l)
{
	struct inherited_state *s = arena_one(r->arena, struct inherited_state);

	s->proxy = arena_str(r->arena, line_get(l, "proxy"));
	s->name = arena_str(r->arena, line_get(l, "name"));
	s->member = (struct health_member){
		.state = (enum member_state)MIN(number(l, "state"), (uint64_t)MEMBER_DOWN),
		.reason = (enum member_reason)MIN(number(l, "reason"), (uint64_t)REASON_EJECTED),
		.hand = (enum health_hand)MIN(number(l, "hand"), (uint64_t)HAND_DOWN), .held = number(l, "hand") != HAND_UP,
		.known = number(l, "known"), .good = number(l, "good"), .run = (uint32_t)number(l, "run"),
		.ejected = number(l, "ejected"), .out = number(l, "out"), .proven = number(l, "proven"),
		.ejections = (uint32_t)number(l, "ejections"), .eject_until_us = number(l, "eject_until_us"),
		.peace_since_us = number(l, "peace_since_us"), .since_us = number(l, "since_us"),
	};
	s->weighed = line_find(l, "weight");
	s->weight = (uint32_t)number(l, "weight");
	s->next = r->h->states;
	r->h->states = s;
	return endpoint_parse(line_get(l, "address"), &s->address);
}

static int read_keys(struct reading *r, const struct line *l)
{
	struct inherited_keys *k = arena_one(r->arena, struct inherited_keys);

	k->proxy = arena_str(r->arena, line_get(l, "proxy"));
	k->coded = arena_str(r->arena, line_get(l, "bytes"));
	k->next = r->h->keys;
	r->h->keys = k;
	return 0;
}

static int read_control(struct reading *r, const struct line *l)
{
	r->h->control = fd_of(l);
	r->h->control_path = arena_str(r->arena, line_get(l, "path"));
	return r->h->control < 0 ? -EINVAL : 0;
}

static int read_line(struct reading *r, struct str s)
{
	static const struct {
		const char *verb;
		int (*read)(struct reading *r, const struct line *l);
	} rows[] = {
		{ "listener", read_listener }, { "control", read_control }, { "page", read_page },
		{ "member", read_member },     { "state", read_state },     { "keys", read_keys },
	};
	struct line l;

	if (line_parse(s, &l, NULL))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_is(l.verb, rows[i].verb))
			return rows[i].read(r, &l);
	return 0;                       /* of a newer program */
}

/* "MEMFD PAIR" */
static int read_variable(const char *value, int *lines, int *pair)
{
	const char *blank = strchr(value, ' ');
	uint64_t a, b;

	if (!blank || parse_uint((struct str){ value, (size_t)(blank - value) }, &a) || parse_uint(str_of(blank + 1), &b) ||
	    a > INT32_MAX || b > INT32_MAX)
		return -EINVAL;
	*lines = (int)a;
	*pair = (int)b;
	return fcntl(*pair, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

static int read_lines(struct reading *r, int fd)
{
	char path[32];
	char *bytes;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);     /* opened anew, it is read from its start */
	int err = read_file(path, HANDOVER_BYTES, &bytes, &n);

	if (err)
		return err;
	for (const char *at = bytes, *end; (end = memchr(at, '\n', (size_t)(bytes + n - at))) && !err; at = end + 1)
		err = read_line(r, (struct str){ at, (size_t)(end - at) });
	free(bytes);
	return err;
}

int handover_read(struct handover *h, struct arena *a)
{
	const char *value = getenv(handover_variable);
	struct reading r = { .h = h, .arena = a };
	int lines = -1;

	*h = (struct handover){ .pair = -1, .control = -1 };
	if (!value)
		return 0;
	int err = read_variable(value, &lines, &h->pair);

	(void)unsetenv(handover_variable);
	if (!err)
		err = read_lines(&r, lines);
	if (lines >= 0)
		(void)close(lines);
	h->taken = !err;
	return err;
}

/* ---- taking over ----------------------------------------------------------------------------------------------------- */

static int same_server(const struct service *s, const char *name, const struct endpoint *at)
{
	const int i = name ? service_find(s, str_of(name)) : -1;

	if (i < 0)
		return -1;
	const struct endpoint *is = &s->conf->servers[i].address.endpoint;

	return is->port == at->port && addr_eq(&is->addr, &at->addr) ? i : -1;
}

void handover_apply(struct handover *h, struct service *s)
{
	for (const struct inherited_state *t = h->states; t; t = t->next) {
		const int i = strcmp(t->proxy, s->conf->name) == 0 ? same_server(s, t->name, &t->address) : -1;

		if (i >= 0)
			service_take_member(s, (size_t)i, &t->member, t->weighed, t->weight);
	}
	for (const struct inherited_keys *k = h->keys; k; k = k->next)
		if (strcmp(k->proxy, s->conf->name) == 0)
			service_set_keys(s, str_of(k->coded));
	service_publish(s);
	for (struct inherited *p = h->pages; p; p = p->next) {
		if (strcmp(p->proxy, s->conf->name) != 0)
			continue;
		p->tally = tally_hold(s->tally);
		for (size_t k = 0; k < p->page->n_servers; k++) {
			const int i = same_server(s, p->servers[k].name, &p->servers[k].address);

			p->servers[k].tally = i < 0 ? NULL : tally_hold(s->servers[i].tally);
		}
		if (p->page->samples_seq > s->page->samples_seq)
			atomic_store(&s->page->samples_seq, atomic_load(&p->page->samples_seq));
	}
}

static void add_page(struct inherited *p, bool for_good)
{
	for (size_t w = 0; p->tally && w < p->page->n_workers; w++) {
		struct count *to = for_good ? &p->tally->gone : &p->tally->now;

		count_add_worker(to, page_worker(p->page, w));
		to->cpu_us += p->cpu_us[w];
		for (size_t k = 0; k < p->page->n_servers; k++)
			if (p->servers[k].tally)
				count_add_share(for_good ? &p->servers[k].tally->gone : &p->servers[k].tally->now,
						page_share(p->page, w, k));
	}
	if (p->tally)
		*(for_good ? &p->tally->gone.cpu_us : &p->tally->now.cpu_us) += p->cpu_before_us;
}

/* Whoever writes to it: not our children, so that their ends are not told. */
static bool is_alive(struct inherited *p)
{
	bool alive = false;

	for (size_t w = 0; w < p->page->n_workers; w++) {
		const pid_t pid = (pid_t)page_worker(p->page, w)->pid;

		if (pid <= 0)
			continue;
		if (kill(pid, 0) < 0 && errno == ESRCH) {
			page_bury_worker(p->page, w);
			continue;
		}
		p->cpu_us[w] = MAX(p->cpu_us[w], watch_cpu_us(pid));
		alive = true;
	}
	return alive;
}

static void forget(struct inherited *p)
{
	for (size_t k = 0; k < p->page->n_servers; k++)
		tally_drop(p->servers[k].tally);
	tally_drop(p->tally);
	page_unmap(p->page);
	(void)close(p->fd);
}

void handover_count(struct handover *h, uint64_t now_us)
{
	for (struct inherited **at = &h->pages; *at;) {
		struct inherited *p = *at;
		const bool over = !is_alive(p) || now_us > p->until_us;

		add_page(p, false);
		if (!over) {
			at = &p->next;
			continue;
		}
		add_page(p, true);
		*at = p->next;
		forget(p);
	}
}

void handover_release(struct handover *h)
{
	while (h->pages) {
		struct inherited *p = h->pages;

		h->pages = p->next;
		forget(p);
	}
}
