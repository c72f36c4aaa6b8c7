/* SPDX-License-Identifier: MIT */
/* One end of a connection as the relay sees it: plain, or in TLS. Never blocks; with EPOLLET both directions are tried
 * again at every event, so that it does not matter for which of them TLS was waiting. */
#ifndef NLBC_PROXY_STREAM_H
#define NLBC_PROXY_STREAM_H

#include "base/base.h"

#include <sys/uio.h>

struct tls_session;

struct stream {
	int fd;                         /* -1: closed */
	struct tls_session *tls;        /* NULL: plain */
};

/* Everything returns what was done, or -errno: -EAGAIN not now, -EPROTO the other side broke TLS. */
/* 0: done (plain: always); -ENODATA: the other side closed before its first byte. Bytes for stream_read may be at hand. */
int stream_handshake(struct stream *s) MUST_USE;
/* 0: the end; -ECONNABORTED: TLS cut without close_notify. Less than n: there is no more for now, or the end. */
ssize_t stream_read(struct stream *s, void *p, size_t n) MUST_USE;
/* `more`: more is due at once (MSG_MORE). Bytes that were not taken come first in the next call, at least as many of them. */
ssize_t stream_write(struct stream *s, const struct iovec *v, int n, bool more) MUST_USE;
bool stream_heard(const struct stream *s);      /* a byte of the handshake has come */
/* TLS is over, broken: what still comes is read as it is, to be thrown away. */
void stream_forget_tls(struct stream *s);
/* Bytes that were read from the socket but not yet from the stream: no event will come for them. */
bool stream_holds(const struct stream *s);
/* May bytes of this direction go by splice: plain, or the kernel does the records. */
bool stream_splices_in(const struct stream *s), stream_splices_out(const struct stream *s);
/* The send side: close_notify, FIN. 0; -EAGAIN: no room for the former yet, call again when there is. */
int stream_shutdown(struct stream *s) MUST_USE;
void stream_close(struct stream *s);            /* in order; frees the session */
void stream_reset(struct stream *s);            /* RST */

#endif
