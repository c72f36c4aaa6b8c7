/* SPDX-License-Identifier: MIT */
/* The pair with the master: what a worker tells it, what it is told to do, and its end by drain. */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "base/line.h"
#include "base/text.h"
#include "proxy/parts.h"
#include "proxy/tls.h"

/* ---- telling ------------------------------------------------------------------------------------------------------ */

void orders_tell(struct worker *w, const char *fmt, ...)
{
	auto_text struct text line = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&line, fmt, ap);
	va_end(ap);
	text_putc(&line, '\n');
	/* A master that does not read has worse troubles; nothing here waits for it. */
	(void)send(w->setup->master, line.p, line.n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void orders_tell_seldom(struct worker *w, uint64_t *last_us, const char *kind)
{
	if (*last_us && w->loop.now_us - *last_us < SECOND_US)
		return;
	*last_us = w->loop.now_us;
	orders_tell(w, "event kind=%s proxy=%s worker=%u", kind, w->conf->name, w->setup->number);
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

void worker_check_drained(struct worker *w)
{
	if (w->draining && !w->accepting && w->n_clients == 0)
		loop_stop(&w->loop);
}

/* What still runs is reset and counted; clients that ask for nothing are only closed. */
static void cut_all(struct worker *w)
{
	while (w->clients) {
		struct client *c = w->clients;

		if (c->relay) {
			w->cut++;
			relay_abort(c, END_DRAIN, true);
		} else {
			client_close(c, false);
		}
	}
	worker_check_drained(w);
}

static void on_drained(struct loop *l, struct loop_timer *t)
{
	(void)l;
	cut_all(container_of(t, struct worker, drained));
}

static void close_idle(struct worker *w)
{
	struct client *next;

	for (struct client *c = w->clients; c; c = next) {
		next = c->next;
		if (c->state == CLIENT_HEAD && !c->input)
			client_close(c, false);
	}
}

void worker_drain(struct worker *w, bool stop)
{
	if (!w->draining) {
		w->draining = true;
		accept_stop(w);
		w->drained.on_timer = on_drained;
		loop_timer_set(&w->loop, &w->drained, w->loop.now_us + w->conf->drain_us);
	}
	w->stopping |= stop;
	if (stop)
		close_idle(w);
	worker_check_drained(w);
}

static void worker_cut(struct worker *w)
{
	worker_drain(w, true);
	cut_all(w);
}

/* ---- orders ------------------------------------------------------------------------------------------------------- */

/* Connections and tunnels to a server that is down by hand. */
static void reset_server(struct worker *w, uint64_t number)
{
	struct client *next;

	for (struct client *c = w->clients; c; c = next) {
		next = c->next;
		if (c->state != CLIENT_TUNNEL || (uint64_t)c->relay->e.server != number)
			continue;
		pick_done(c->relay, GROUP_UNKNOWN);
		server_reset(c->relay);
		relay_abort(c, END_RESET, true);
	}
}

static bool read_hex(struct str hex, uint8_t *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	if (hex.n != 2 * n)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		const char *digit = memchr(digits, hex.p[i], sizeof(digits) - 1);

		if (!digit)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - digits));
	}
	return true;
}

static void set_keys(struct worker *w, struct str hex)
{
	uint8_t keys[TLS_TICKET_KEYS_BYTES];

	if (w->setup->tls && read_hex(hex, keys, sizeof(keys)))
		tls_listener_set_keys(w->setup->tls, keys);
}

static void obey(struct worker *w, const struct line *l, int fd)
{
	uint64_t number;

	if (str_is(l->verb, "drain"))
		worker_drain(w, false);
	else if (str_is(l->verb, "stop"))
		worker_drain(w, true);
	else if (str_is(l->verb, "cut"))
		worker_cut(w);
	else if (str_is(l->verb, "look"))
		pick_look(w);
	else if (str_is(l->verb, "reset") && line_number(l, "server", &number) == 0)
		reset_server(w, number);
	else if (str_is(l->verb, "log"))
		account_reopen(w->account, fd);
	else if (str_is(l->verb, "keys"))
		set_keys(w, line_get(l, "bytes"));
}

/* One packet: a line, perhaps with a descriptor. Its length, 0: the master's end; -errno. */
static ssize_t receive(struct worker *w, char *bytes, size_t room, int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec v = { bytes, room };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	const ssize_t n = recvmsg(w->setup->master, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*fd = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n < 0 ? -errno : n;
}

static void on_master(struct loop *l, struct loop_fd *f, uint32_t events)
{
	struct worker *w = container_of(f, struct worker, master);
	char bytes[LINE_BYTES];
	struct line line;
	ssize_t n;
	int fd;

	(void)events;
	while ((n = receive(w, bytes, sizeof(bytes), &fd)) > 0) {
		const size_t length = (size_t)n - (bytes[n - 1] == '\n');

		if (line_parse((struct str){ bytes, length }, &line, NULL) == 0)
			obey(w, &line, fd);
		else if (fd >= 0)
			(void)close(fd);
	}
	if (n != -EAGAIN && n != -EINTR) {
		loop_remove(l, f);
		worker_drain(w, false);
	}
}

int orders_start(struct worker *w)
{
	w->master = (struct loop_fd){ .fd = w->setup->master, .on_event = on_master };
	return loop_add(&w->loop, &w->master, EPOLLIN);
}
