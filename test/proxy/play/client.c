/* SPDX-License-Identifier: MIT */
/* A trial's client: sends what the case sends, cut where the trial says, and compares what comes back. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "corpus.h"

static void client_go(struct trial *t);

static const char *got(const struct trial *t) { return text_get(&t->in) + t->read; }
static size_t got_n(const struct trial *t) { return t->in.n - t->read; }

static void on_gap(struct loop *l UNUSED, struct loop_timer *timer)
{
	client_go(container_of(timer, struct trial, gap));
}

/* The rest of this section, once the other side has ended: nobody wants it. */
static void step_done(struct trial *t, const struct step *s)
{
	if (s->fin && !t->ended && !t->reset)
		(void)shutdown(t->fd.fd, SHUT_WR);
	t->before += s->bytes.n;
	t->sent = 0;
	t->step++;
}

/* The present section, or as much of it as may go now. Is it over? */
static bool client_send(struct trial *t, const struct step *s)
{
	const bool probe = t->before >= t->c->in_bytes;

	if (loop_timer_is_set(&t->gap))
		return false;
	while (t->sent < s->bytes.n && !t->ended && !t->reset) {
		const size_t left = s->bytes.n - t->sent;
		const size_t n = probe ? left : cut_length(t->cut, false, t->cut_at, t->before + t->sent, left);
		const ssize_t done = send(t->fd.fd, s->bytes.p + t->sent, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			return false;
		if (done < 0)
			break;          /* refused half-way; what was answered is read */
		t->sent += (size_t)done;
		if ((size_t)done == n && n < left) {
			loop_timer_set(&t->corpus->loop, &t->gap, clock_us() + GAP_US);
			return false;
		}
	}
	step_done(t, s);
	return true;
}

/* All sections are done: does the connection end as it should? */
static void client_end(struct trial *t)
{
	/* A chunk's last CRLF is no part of its data, and belongs to a torn one if all of it was there. */
	if (t->c->end == END_RESET && got_n(t) <= 2 && memcmp(got(t), "\r\n", got_n(t)) == 0)
		t->read = t->in.n;
	if (got_n(t)) {
		trial_fail(t, "more than was expected at the client", NULL, got(t), got_n(t));
		return;
	}
	switch (t->c->end) {
	case END_KEPT:
	case END_OPEN:
		if (t->ended || t->reset)
			trial_fail(t, "the client's connection is not kept", NULL, "", 0);
		else
			t->done = true;
		break;
	case END_SHUT:
		if (!t->shut)
			(void)shutdown(t->fd.fd, SHUT_WR);
		t->shut = true;
		__attribute__((fallthrough));
	case END_CLOSED:
		if (t->reset)
			trial_fail(t, "the client is reset instead of closed", NULL, "", 0);
		t->done = t->ended;
		break;
	case END_OVER:
		t->done = t->ended || t->reset;
		break;
	case END_RESET:
		if (t->ended)
			trial_fail(t, "the client is closed instead of reset", NULL, "", 0);
		t->done = t->reset;
		break;
	}
	if (t->done && t->live) {
		client_stop(t);
		trial_settle(t);
	}
}

static void client_go(struct trial *t)
{
	char address[INET_ADDRSTRLEN];

	while (t->live && t->step < t->c->n_client) {
		const struct step *s = &t->c->client[t->step];
		if (s->kind == STEP_IN) {
			if (!client_send(t, s))
				return;
			continue;
		}
		const ssize_t n = step_match(s, got(t), got_n(t), client_text(t->number, address));
		if (n < 0 || (n == 0 && (t->ended || t->reset))) {
			static const char *const wheres[] = { "at the client", "at the client, which is reset",
							      "at the client, which is closed" };
			trial_fail(t, wheres[n < 0 ? 0 : t->reset ? 1 : 2], s, got(t), got_n(t));
			return;
		}
		if (n == 0)
			return;
		t->read += (size_t)n;
		t->step++;
	}
	if (t->live && !t->done)
		client_end(t);
}

static void on_event(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events)
{
	struct trial *t = container_of(fd, struct trial, fd);

	if (!t->live || t->done)
		return;
	if (!t->ended && !t->reset && (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))) {
		const int result = socket_read(fd->fd, &t->in);
		t->ended = result > 0;
		t->reset = result < 0;
	}
	client_go(t);
}

void client_start(struct trial *t)
{
	t->gap.on_timer = on_gap;
	t->fd = (struct loop_fd){ .fd = socket_connect(CLIENT_FIRST + t->number, t->ports->client), .on_event = on_event };
	if (loop_add(&t->corpus->loop, &t->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
		die("epoll_ctl");
}

void client_stop(struct trial *t)
{
	loop_timer_clear(&t->gap);
	if (t->fd.fd >= 0)
		(void)close(t->fd.fd);
	t->fd.fd = -1;
	text_release(&t->in);
	t->read = 0;
}
