/* SPDX-License-Identifier: MIT */
/* What stream.h's functions do where s->tls is set: called by stream.c alone. */
#ifndef NLBC_PROXY_STREAM_TLS_H
#define NLBC_PROXY_STREAM_TLS_H

#include "proxy/stream.h"

int stream_tls_handshake(struct stream *s) MUST_USE;
ssize_t stream_tls_read(struct stream *s, void *p, size_t n) MUST_USE;
ssize_t stream_tls_write(struct stream *s, const struct iovec *v, int n, bool more) MUST_USE;
bool stream_tls_heard(const struct stream *s);
bool stream_tls_holds(const struct stream *s);
bool stream_tls_splices_in(const struct stream *s), stream_tls_splices_out(const struct stream *s);
int stream_tls_say_end(struct stream *s) MUST_USE;
/* Frees the session and sets s->tls to NULL; the descriptor is the caller's. In order: close_notify goes before, unless
 * it went already, the other side has ended too, or TLS is broken. */
void stream_tls_end(struct stream *s, bool in_order);

#endif
