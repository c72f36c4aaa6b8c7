/* SPDX-License-Identifier: MIT */
/* A stream's plain half; where there is a session, stream_tls.h's functions do it. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "proxy/stream.h"
#include "proxy/stream_tls.h"

enum { GATHER_BYTES = 2048 };

int stream_handshake(struct stream *s)
{
	return s->tls ? stream_tls_handshake(s) : 0;
}

ssize_t stream_read(struct stream *s, void *p, size_t n)
{
	ssize_t got;

	if (s->tls)
		return stream_tls_read(s, p, n);
	do
		got = recv(s->fd, p, n, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Few bytes in pieces are cheaper put together than described to the kernel. False: they are many. */
static bool gather(const struct iovec *v, int n, char all[GATHER_BYTES], struct iovec *one)
{
	size_t at = 0;

	for (int i = 0; i < n; i++) {
		if (v[i].iov_len > GATHER_BYTES - at)
			return false;
		memcpy(all + at, v[i].iov_base, v[i].iov_len);
		at += v[i].iov_len;
	}
	*one = (struct iovec){ all, at };
	return true;
}

ssize_t stream_write(struct stream *s, const struct iovec *v, int n, bool more)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
	const struct msghdr m = { .msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n };
	char all[GATHER_BYTES];
	struct iovec one;
	ssize_t sent;

	if (s->tls)
		return stream_tls_write(s, v, n, more);
	if (n > 1 && gather(v, n, all, &one)) {
		v = &one;
		n = 1;
	}
	do
		sent = n == 1 ? send(s->fd, v->iov_base, v->iov_len, flags) : sendmsg(s->fd, &m, flags);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

bool stream_heard(const struct stream *s)
{
	return s->tls && stream_tls_heard(s);
}

void stream_forget_tls(struct stream *s)
{
	if (s->tls)
		stream_tls_end(s, false);
}

bool stream_holds(const struct stream *s)
{
	return s->tls && stream_tls_holds(s);
}

bool stream_splices_in(const struct stream *s)
{
	return !s->tls || stream_tls_splices_in(s);
}

bool stream_splices_out(const struct stream *s)
{
	return !s->tls || stream_tls_splices_out(s);
}

int stream_shutdown(struct stream *s)
{
	const int e = s->tls ? stream_tls_say_end(s) : 0;

	if (e == 0)
		(void)shutdown(s->fd, SHUT_WR);        /* fails only where the other side is gone already */
	return e;
}

void stream_close(struct stream *s)
{
	if (s->tls)
		stream_tls_end(s, true);
	(void)close(s->fd);
	s->fd = -1;
}

void stream_reset(struct stream *s)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	if (s->tls)
		stream_tls_end(s, false);
	(void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));    /* then close sends RST */
	(void)close(s->fd);
	s->fd = -1;
}
