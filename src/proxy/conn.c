/* SPDX-License-Identifier: MIT */
/* Sockets in the loop: what events, reads and writes say about them. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "proxy/parts.h"

enum {
	TURN_READS = 16,                /* of one client, before others have their turn */
	TURN_BYTES = 1 << 20,
	SCARCE_READ_BYTES = 4096,       /* where untaken bytes are many */
};

/* That there is room to write is only asked for once it was missed: it would be told at once, for nothing. */
static uint32_t wanted(const struct conn *c)
{
	return EPOLLIN | EPOLLRDHUP | EPOLLET | (c->watched_out ? (uint32_t)EPOLLOUT : 0);
}

void conn_init(struct conn *c, int fd, void (*on_event)(struct loop *, struct loop_fd *, uint32_t))
{
	*c = (struct conn){ .stream = { .fd = fd }, .event = { .fd = fd, .on_event = on_event }, .writable = true };
}

int conn_watch(struct worker *w, struct conn *c)
{
	if (c->watched)
		return 0;
	c->watched = true;
	c->watched_out = !c->writable || c->stream.tls;
	return loop_add(&w->loop, &c->event, wanted(c));
}

void conn_blocked(struct worker *w, struct conn *c)
{
	c->writable = false;
	if (!c->watched || c->watched_out)
		return;
	c->watched_out = true;
	c->failed |= loop_change(&w->loop, &c->event, wanted(c)) < 0;
}

void conn_told(struct conn *c, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->readable = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		c->writable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->ending = true;
	if ((events & EPOLLERR) || ((events & EPOLLHUP) && !c->shut))
		c->failed = true;
}

bool conn_has_turn(struct worker *w, struct conn *c)
{
	if (w->buffers.bytes > UNTAKEN_HIGH) {
		if (!loop_timer_is_set(&w->resume))
			loop_timer_set(&w->loop, &w->resume, w->loop.now_us + AGAIN_US);
		return false;
	}
	if (w->reads < TURN_READS && w->moved < TURN_BYTES)
		return true;
	/* Asked anew, an edge that is there already is told again, after those of others. */
	c->failed |= c->watched && loop_change(&w->loop, &c->event, wanted(c)) < 0;
	return false;
}

/* After a short read nothing is left, but the end where it has been told of: no read has to ask for it. */
static void is_drained(struct conn *c)
{
	if (!c->ending) {
		c->readable = false;
	} else if (!c->failed && !c->stream.tls) {
		c->ended = true;
		c->readable = false;
	}
}

ssize_t conn_read(struct worker *w, struct conn *c, void *p, size_t n)
{
	ssize_t got;

	if (c->ended)
		return 0;
	if (!c->readable || !conn_has_turn(w, c))
		return -EAGAIN;
	if (w->buffers.bytes > UNTAKEN_LOW)
		n = MIN(n, (size_t)SCARCE_READ_BYTES);
	got = stream_read(&c->stream, p, n);
	w->reads++;
	if (got > 0) {
		w->moved += (size_t)got;
		if ((size_t)got < n && !stream_holds(&c->stream))
			is_drained(c);
	} else {
		c->readable = false;
		c->ended = got == 0;
	}
	return got;
}

ssize_t conn_write(struct worker *w, struct conn *c, const struct iovec *v, int n, bool more)
{
	size_t whole = 0;
	ssize_t sent;

	if (!c->writable)
		return -EAGAIN;
	for (int i = 0; i < n; i++)
		whole += v[i].iov_len;
	sent = stream_write(&c->stream, v, n, more);
	if (sent == -EAGAIN || (sent >= 0 && (size_t)sent < whole))
		conn_blocked(w, c);
	return sent;
}

void conn_shutdown(struct conn *c)
{
	if (!c->shut)
		c->shut = stream_shutdown(&c->stream) != -EAGAIN;
}

void conn_close(struct conn *c, bool reset)
{
	if (c->stream.fd < 0)
		return;
	if (reset)
		stream_reset(&c->stream);
	else
		stream_close(&c->stream);
	c->event.fd = -1;
}

int conn_error(const struct conn *c)
{
	int e = 0;
	socklen_t n = sizeof(e);

	return getsockopt(c->stream.fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0 ? errno : e;
}
