/* SPDX-License-Identifier: MIT */
/* Connections of the control socket. Orders are read one by one, and only while their answers are taken. */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "proxy/control.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/peer.h"
#include "proxy/service.h"

enum { UNREAD_MOST = 1 << 20, READS_A_TURN = 8, UNHEARD_READS = 256 };

static void on_free(struct loop *l UNUSED, struct loop_task *t)
{
	struct peer *p = container_of(t, struct peer, free);

	text_release(&p->out);
	free(p);
}

void peer_close(int fd)
{
	char bytes[LINE_BYTES];

	(void)shutdown(fd, SHUT_RDWR);
	for (unsigned i = 0; i < UNHEARD_READS && recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0; i++)
		;
	(void)close(fd);
}

void peer_end(struct peer *p)
{
	struct control *c = p->control;

	if (p->gone)
		return;
	p->gone = true;
	loop_remove(&c->master->loop, &p->fd);
	peer_close(p->fd.fd);
	if (c->reporter == p)
		c->reporter = NULL;
	for (struct peer **at = &c->peers; *at; at = &(*at)->next)
		if (*at == p) {
			*at = p->next;
			c->n_peers--;
			break;
		}
	loop_later(&c->master->loop, &p->free);
}

/* ---- out ------------------------------------------------------------------------------------------------------------- */

bool peer_is_idle(const struct peer *p)
{
	return p->sent == p->out.n;
}

void peer_flush(struct peer *p)
{
	while (!p->gone && p->sent < p->out.n) {
		const ssize_t n = send(p->fd.fd, p->out.p + p->sent, p->out.n - p->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			peer_end(p);
			return;
		}
		p->sent += (size_t)n;
	}
	if (p->gone)
		return;
	text_release(&p->out);
	p->sent = 0;
	if (p->ending)
		peer_end(p);
}

/* Either we wait until it takes what it is told, or for what it says. */
static void set_interest(struct peer *p)
{
	if (!p->gone && loop_change(&p->control->master->loop, &p->fd, peer_is_idle(p) ? EPOLLIN : EPOLLOUT))
		peer_end(p);
}

void peer_say(struct peer *p, const struct text *lines)
{
	if (p->gone)
		return;
	if (p->out.n - p->sent > UNREAD_MOST) {
		peer_end(p);
		return;
	}
	text_add(&p->out, lines->p, lines->n);
	peer_flush(p);
	if (!peer_is_idle(p))
		set_interest(p);
}

void peer_ok(struct peer *p, uint64_t seq)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "ok");
	line_word_number(&t, "seq", seq);
	line_end(&t);
	peer_say(p, &t);
}

void peer_error(struct peer *p, const struct line *order, const char *code, const char *fmt, ...)
{
	enum { TEXT_MOST = 1000 };
	auto_text struct text why = { 0 }, t = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&why, fmt, ap);
	va_end(ap);
	line_begin(&t, "error");
	line_word_str(&t, "seq", order ? line_get(order, "seq") : (struct str){ NULL, 0 });
	line_word(&t, "code", code);
	line_word_str(&t, "text", (struct str){ text_get(&why), MIN(why.n, (size_t)TEXT_MOST) });
	line_end(&t);
	peer_say(p, &t);
}

/* What we are: the one proxy that we run, or the profile. */
static void greet(struct peer *p)
{
	const struct edition *e = p->control->master->current;
	auto_text struct text t = { 0 };

	line_begin(&t, "hello");
	line_word_number(&t, "grammar", 1);
	line_word(&t, "kind", "proxy");
	line_word(&t, "name", !e ? NULL : e->n == 1 ? e->services[0]->conf->name : e->machine->profile);
	line_word(&t, "version", NLBC_VERSION);
	line_word_number(&t, "pid", (uint64_t)getpid());
	line_word_printf(&t, "netns", "%016llx", (unsigned long long)p->control->netns);
	line_end(&t);
	peer_say(p, &t);
}

/* ---- in -------------------------------------------------------------------------------------------------------------- */

static void hear_hello(struct peer *p, const struct line *said)
{
	if (str_is(said->verb, "hello") && line_is(said, "grammar", "1")) {
		p->greeted = true;
		return;
	}
	peer_error(p, NULL, "usage", "expected 'hello grammar=1'");
	p->ending = true;
	peer_flush(p);
}

static void hear_line(struct peer *p, struct str s)
{
	struct line said;

	if (line_parse(s, &said, NULL)) {
		peer_end(p);
	} else if (!p->greeted) {
		hear_hello(p, &said);
	} else if (str_is(said.verb, "order")) {
		order_obey(p, &said);
	} else if (str_is(said.verb, "bye")) {
		peer_end(p);
	} else if (str_is(said.verb, "error") || str_is(said.verb, "hello") || str_is(said.verb, "ok")) {
		;                               /* nothing that it says by them is for us */
	} else {
		peer_error(p, &said, "usage", "unknown verb '%.*s'", (int)said.verb.n, said.verb.p);
	}
}

/* Every complete line, while the answers are taken. */
static void hear_lines(struct peer *p)
{
	struct str s;
	int more = 1;

	while (!p->gone && !p->ending && peer_is_idle(p) && more > 0) {
		more = line_reader_next(&p->in, &s);
		if (more > 0)
			hear_line(p, s);
		else if (more < 0)
			peer_end(p);
	}
}

/* What it says, as long as there is place for it: 1 more may come now, 0 not. */
static int hear(struct peer *p)
{
	char bytes[LINE_BYTES];
	const size_t room = LINE_BYTES - (p->in.n - p->in.taken);
	const ssize_t n = recv(p->fd.fd, bytes, MIN(room, sizeof(bytes)), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		peer_end(p);
		return 0;
	}
	p->heard_us = p->control->master->loop.now_us;
	(void)line_reader_add(&p->in, bytes, (size_t)n);        /* there is room for all of it */
	hear_lines(p);
	return !p->gone && !p->ending && peer_is_idle(p);
}

static void on_peer(struct loop *l UNUSED, struct loop_fd *f, uint32_t events)
{
	struct peer *p = container_of(f, struct peer, fd);

	if (events & EPOLLOUT)
		peer_flush(p);
	hear_lines(p);
	for (unsigned i = 0; i < READS_A_TURN && !p->gone && !p->ending && peer_is_idle(p); i++)
		if (!hear(p))
			break;
	set_interest(p);
}

struct peer *peer_new(struct control *c, int fd, enum right right)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p) {
		(void)close(fd);
		return NULL;
	}
	p->control = c;
	p->fd = (struct loop_fd){ .fd = fd, .on_event = on_peer };
	p->free.run = on_free;
	p->right = right;
	p->heard_us = c->master->loop.now_us;
	if (loop_add(&c->master->loop, &p->fd, EPOLLIN)) {
		(void)close(fd);
		free(p);
		return NULL;
	}
	p->next = c->peers;
	c->peers = p;
	c->n_peers++;
	greet(p);
	return p;
}
