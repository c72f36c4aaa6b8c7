/* SPDX-License-Identifier: MIT */
/* Writing what an upgrade hands over. The lines, with descriptors by their numbers:
 *     listener fd=6 address=0.0.0.0:80 given=0            control fd=9 path=/run/nlbc/proxy-web.sock
 *     page fd=7 proxy=web until_us=3000000 cpu_us=12      member index=0 name=a address=192.0.2.1:80   (of the page before)
 *     keys proxy=web bytes=BASE64
 *     state proxy=web name=a address=192.0.2.1:80 and the members of struct health_member */
#include "base/base.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/line.h"
#include "base/loop.h"
#include "proxy/edition.h"
#include "proxy/handover.h"
#include "proxy/master.h"
#include "proxy/page.h"
#include "proxy/service.h"

enum { GRACE_US = 20000000 };

struct writing {
	struct text out;
	struct handover_fds *fds;
};

static int add_fd(struct writing *w, int fd)
{
	if (w->fds->n == w->fds->room)
		return -EMFILE;
	w->fds->list[w->fds->n++] = fd;
	line_word_number(&w->out, "fd", (uint64_t)fd);
	return 0;
}

static int write_listeners(struct writing *w, const struct listeners *l)
{
	char at[ENDPOINT_TEXT];
	int err = 0;

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->list[i].n && !err; k++) {
			line_begin(&w->out, "listener");
			err = add_fd(w, l->list[i].fds[k]);
			line_word(&w->out, "address", endpoint_print(&l->list[i].at, at));
			line_word_number(&w->out, "given", l->list[i].given);
			line_end(&w->out);
		}
	return err;
}

static int write_page_line(struct writing *w, const char *proxy, int fd, uint64_t until_us, uint64_t cpu_us)
{
	line_begin(&w->out, "page");
	const int err = add_fd(w, fd);

	line_word(&w->out, "proxy", proxy);
	line_word_number(&w->out, "until_us", until_us);
	line_word_number(&w->out, "cpu_us", cpu_us);
	line_end(&w->out);
	return err;
}

static void write_member(struct writing *w, size_t i, const char *name, const struct endpoint *address)
{
	char at[ENDPOINT_TEXT];

	line_begin(&w->out, "member");
	line_word_number(&w->out, "index", i);
	line_word(&w->out, "name", name);
	line_word(&w->out, "address", endpoint_print(address, at));
	line_end(&w->out);
}

static int write_page(struct writing *w, const struct service *s, int fd, uint64_t cpu_us)
{
	const int err = write_page_line(w, s->conf->name, fd, clock_us() + s->conf->drain_us + GRACE_US, cpu_us);

	for (size_t i = 0; i < s->conf->n_servers; i++)
		write_member(w, i, s->conf->servers[i].name, &s->conf->servers[i].address.endpoint);
	return err;
}

/* What we have inherited ourselves, and still counts. */
static int write_inherited(struct writing *w, const struct inherited *p)
{
	uint64_t cpu_us = p->cpu_before_us;

	for (size_t k = 0; k < p->page->n_workers; k++)
		cpu_us += p->cpu_us[k];
	const int err = write_page_line(w, p->proxy, p->fd, p->until_us, cpu_us);

	for (size_t i = 0; i < p->page->n_servers; i++)
		write_member(w, i, p->servers[i].name, &p->servers[i].address);
	return err;
}

/* What the pages that are gone had counted becomes a page again. */
static int write_gone(struct writing *w, const struct service *s)
{
	const int fd = page_new(1, s->conf->n_servers, 0);
	struct page *p = fd < 0 ? NULL : page_map(fd);

	if (!p)
		return fd < 0 ? fd : -errno;
	const struct count *gone = &s->tally->gone;
	struct page_worker *to = page_worker(p, 0);

	to->requests = gone->requests;
	to->errors = gone->errors;
	to->retries = gone->retries;
	for (size_t i = 0; i < ARRAY_LEN(gone->responses); i++)
		to->responses[i] = gone->responses[i];
	to->bytes_in = gone->bytes_in;
	to->bytes_out = gone->bytes_out;
	to->log_lost = gone->log_lost;
	to->total = gone->times;
	for (size_t i = 0; i < s->conf->n_servers; i++) {
		struct page_share *share = page_share(p, 0, i);

		share->requests = s->servers[i].tally->gone.requests;
		share->failures = s->servers[i].tally->gone.errors;
		share->answer = s->servers[i].tally->gone.times;
	}
	page_unmap(p);
	const int err = write_page(w, s, fd, gone->cpu_us);

	if (err)
		(void)close(fd);
	else
		w->fds->made++;
	return err;
}

static void write_states(struct writing *w, const struct service *s)
{
	char at[ENDPOINT_TEXT];

	for (size_t i = 0; i < s->conf->n_servers; i++) {
		const struct health_member *m = &s->health.members[i];

		line_begin(&w->out, "state");
		line_word(&w->out, "proxy", s->conf->name);
		line_word(&w->out, "name", s->conf->servers[i].name);
		line_word(&w->out, "address", endpoint_print(&s->conf->servers[i].address.endpoint, at));
		line_word_number(&w->out, "state", m->state);
		line_word_number(&w->out, "reason", m->reason);
		line_word_number(&w->out, "hand", m->hand);
		line_word_number(&w->out, "known", m->known);
		line_word_number(&w->out, "good", m->good);
		line_word_number(&w->out, "run", m->run);
		line_word_number(&w->out, "ejected", m->ejected);
		line_word_number(&w->out, "out", m->out);
		line_word_number(&w->out, "proven", m->proven);
		line_word_number(&w->out, "ejections", m->ejections);
		line_word_number(&w->out, "eject_until_us", m->eject_until_us);
		line_word_number(&w->out, "peace_since_us", m->peace_since_us);
		line_word_number(&w->out, "since_us", m->since_us);
		if (s->servers[i].weighed)
			line_word_number(&w->out, "weight", s->servers[i].weight);
		line_end(&w->out);
	}
}

static void write_keys(struct writing *w, const struct service *s)
{
	auto_text struct text keys = { 0 };

	service_keys(s, &keys);
	if (keys.n == 0)
		return;
	line_begin(&w->out, "keys");
	line_word(&w->out, "proxy", s->conf->name);
	line_word(&w->out, "bytes", text_get(&keys));
	line_end(&w->out);
}

static int write_all(struct writing *w, const struct master *m)
{
	int err = 0;

	for (size_t i = 0; i < m->current->n && !err; i++)
		err = write_gone(w, m->current->services[i]);
	if (!err)
		err = write_listeners(w, &m->current->listeners);
	if (!err && m->control.listener.fd >= 0) {
		line_begin(&w->out, "control");
		err = add_fd(w, m->control.listener.fd);
		line_word(&w->out, "path", m->control.path);
		line_end(&w->out);
	}
	for (size_t i = 0; i < m->current->n; i++) {
		write_states(w, m->current->services[i]);
		write_keys(w, m->current->services[i]);
	}
	for (const struct edition *e = m->current; e && !err; e = e == m->current ? m->retired : e->next)
		for (size_t i = 0; i < e->n && !err; i++)
			err = write_page(w, e->services[i], e->services[i]->page_fd, 0);
	for (const struct inherited *p = m->handover.pages; p && !err; p = p->next)
		err = write_inherited(w, p);
	return err;
}

int handover_write(const struct master *m, struct handover_fds *fds)
{
	struct writing w = { .fds = fds };
	int err = write_all(&w, m);
	int fd = err ? err : memfd_create("handover", MFD_CLOEXEC);

	if (!err && fd < 0)
		fd = -errno;
	if (fd >= 0)
		err = text_write(&w.out, fd);
	if (fd >= 0 && err) {
		(void)close(fd);
		fd = err;
	}
	text_release(&w.out);
	return fd;
}
