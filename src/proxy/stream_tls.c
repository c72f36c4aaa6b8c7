/* SPDX-License-Identifier: MIT */
/* A stream in TLS. One write becomes as few records as it can, and these one send; one receive is read to its end. */
#include "base/base.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "proxy/stream_tls.h"
#include "proxy/tls.h"
#include "proxy/tls_wire.h"

/* Before any call of OpenSSL: the socket is tried anew, and errors are those of this call. */
static void begin(struct tls_session *t)
{
	t->empty = t->full = false;
	if (ERR_peek_error())
		ERR_clear_error();
}

/* What a call of OpenSSL that did nothing means: -EAGAIN, or why this connection is broken. */
static int failure(struct tls_session *t, int result)
{
	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -EAGAIN;
	default:
		break;
	}
	ERR_clear_error();
	t->broken = t->error ? -t->error : t->ended ? -ECONNABORTED : -EPROTO;
	return t->broken;
}

/* To what does not even look like TLS OpenSSL says nothing. */
static void say_alert(struct tls_session *t)
{
	static const char unexpected_message[] = { 21, 3, 1, 0, 2, 2, 10 };

	if (t->accepting && !t->said)
		(void)send(t->fd, unexpected_message, sizeof(unexpected_message), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int stream_tls_handshake(struct stream *s)
{
	struct tls_session *t = s->tls;

	if (t->done)
		return 0;
	begin(t);
	const int result = SSL_do_handshake(t->ssl);
	if (result == 1) {
		t->done = true;
		t->holds = SSL_has_pending(t->ssl);
		t->kernel_out = BIO_get_ktls_send(SSL_get_wbio(t->ssl));
		return 0;
	}
	const int e = failure(t, result);
	if (e == -EPROTO) {
		t->certificate = SSL_get_verify_mode(t->ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(t->ssl) != X509_V_OK;
		say_alert(t);
	}
	return e != -ECONNABORTED ? e : t->heard ? -ECONNRESET : -ENODATA;
}

ssize_t stream_tls_read(struct stream *s, void *p, size_t n)
{
	struct tls_session *t = s->tls;
	size_t got = 0;

	if (t->broken)
		return t->broken;
	begin(t);
	t->holds = true;
	while (got < n) {
		size_t part = 0;
		const int result = SSL_read_ex(t->ssl, (char *)p + got, n - got, &part);
		got += part;
		if (result == 1) {
			/* What came is read to its end: no need to hear that from OpenSSL. */
			if (t->empty && !SSL_has_pending(t->ssl))
				break;
			continue;
		}
		if (SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN)
			return (ssize_t)got;
		const int e = failure(t, result);
		if (e != -EAGAIN && got == 0)
			return e;
		/* Any other failure is told by the next call. */
		t->holds = e != -EAGAIN;
		return got > 0 ? (ssize_t)got : e;
	}
	t->holds = SSL_has_pending(t->ssl);
	return (ssize_t)got;
}

/* The next record's data: where they lie together, else copied into `room`. */
struct gather {
	const struct iovec *v;
	size_t at;                      /* of v[0]: taken */
};

static const char *gather_next(struct gather *g, size_t n, char room[TLS_RECORD_DATA])
{
	while (g->v->iov_len == g->at) {
		g->v++;
		g->at = 0;
	}
	if (g->v->iov_len - g->at >= n)
		return (const char *)g->v->iov_base + g->at;
	size_t at = g->at, filled = 0;
	for (const struct iovec *v = g->v; filled < n; v++, at = 0) {
		const size_t part = MIN(v->iov_len - at, n - filled);
		memcpy(room + filled, (const char *)v->iov_base + at, part);
		filled += part;
	}
	return room;
}

static void gather_skip(struct gather *g, size_t n)
{
	while (n > 0) {
		const size_t part = MIN(g->v->iov_len - g->at, n);
		g->at += part;
		n -= part;
		if (g->at == g->v->iov_len && n > 0) {
			g->v++;
			g->at = 0;
		}
	}
}

ssize_t stream_tls_write(struct stream *s, const struct iovec *v, int n, bool more)
{
	struct tls_session *t = s->tls;
	struct gather g = { v, 0 };
	char room[TLS_RECORD_DATA];
	size_t total = 0, done = 0;
	int e = 0;

	if (t->kernel_out) {
		const struct msghdr m = { .msg_iov = (struct iovec *)(uintptr_t)v, .msg_iovlen = (size_t)n };
		const ssize_t sent = sendmsg(t->fd, &m, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
		return sent < 0 ? -errno : sent;
	}
	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	begin(t);
	t->more = more;
	while (done < total && e == 0) {
		const size_t size = MIN(total - done, (size_t)TLS_RECORD_DATA);
		size_t part = 0;
		t->wire->collecting = done + size < total;
		const int result = SSL_write_ex(t->ssl, gather_next(&g, size, room), size, &part);
		if (result != 1)
			e = failure(t, result);
		gather_skip(&g, part);
		done += part;
	}
	t->wire->collecting = false;
	t->wire->n_batch = 0;           /* not 0 only where TLS itself failed */
	return done > 0 ? (ssize_t)done : e;
}

bool stream_tls_heard(const struct stream *s)
{
	return s->tls->heard;
}

bool stream_tls_holds(const struct stream *s)
{
	return s->tls->holds;
}

bool stream_tls_splices_in(const struct stream *s)
{
	(void)s;        /* the kernel's splice ends at any record that is not data */
	return false;
}

bool stream_tls_splices_out(const struct stream *s)
{
	return s->tls->kernel_out;
}

static int say_end(struct tls_session *t)
{
	if (t->broken || !t->done || t->shut)
		return 0;
	begin(t);
	t->more = false;
	const int result = SSL_shutdown(t->ssl);
	if (result < 0 && failure(t, result) == -EAGAIN)
		return -EAGAIN;
	t->shut = true;         /* once more, and OpenSSL would read on for the other side's */
	return 0;
}

int stream_tls_say_end(struct stream *s)
{
	return say_end(s->tls);
}

void stream_tls_end(struct stream *s, bool in_order)
{
	struct tls_session *t = s->tls;

	if (in_order && SSL_get_shutdown(t->ssl) == 0)
		(void)say_end(t);       /* what the socket does not take now is lost with it */
	/* Else OpenSSL forbids the session to be resumed. */
	SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	free(t->left);
	free(t);
	s->tls = NULL;
}

const char *tls_reason(const struct stream *s)
{
	return s->tls && s->tls->certificate ? "certificate" : NULL;
}
