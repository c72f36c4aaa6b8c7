/* SPDX-License-Identifier: MIT */
/* OpenSSL's transport. Its own one takes two receives for a record and one send for each, and may raise SIGPIPE. */
#include "base/base.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "proxy/stream.h"
#include "proxy/tls_wire.h"

static const char suites_1_2[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
				 "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
				 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char suites_1_3[] = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
static const char groups[] = "X25519:P-256";

/* The kernel makes records of what is sent once OpenSSL has told it the keys; before that the socket must know of TLS. */
static void ask_kernel(struct tls_session *t)
{
	if (!t->wire->kernel || t->asked_kernel)
		return;
	t->asked_kernel = true;
	(void)setsockopt(t->fd, SOL_TCP, TCP_ULP, "tls", sizeof("tls"));        /* refused: OpenSSL makes them itself */
}

/* The data of the BIO belong to the socket's method, which keeps the kind of a record there. */
static struct tls_session *session_of(BIO *b)
{
	return (struct tls_session *)(void *)BIO_get_callback_arg(b);
}

static int wire_read(BIO *b, char *p, int n)
{
	struct tls_session *t = session_of(b);

	if (BIO_get_ktls_recv(b))
		return BIO_meth_get_read(BIO_s_socket())(b, p, n);
	BIO_clear_retry_flags(b);
	const ssize_t got = t->empty ? (errno = EAGAIN, -1) : recv(t->fd, p, (size_t)n, 0);
	if (got > 0) {
		t->heard = true;
		t->empty = got < n;
		return (int)got;
	}
	if (got == 0)
		t->ended = true;
	else if (errno == EAGAIN || errno == EINTR)
		BIO_set_retry_read(b);
	else
		t->error = errno;
	return (int)got;
}

/* Keeps what the socket did not take of `left` and the batch, of which `sent` bytes went. */
static int keep_left(struct tls_session *t, size_t sent)
{
	struct tls_wire *w = t->wire;
	const size_t from_left = MIN(sent, t->n_left), from_batch = sent - from_left;

	t->at_left += from_left;
	t->n_left -= from_left;
	if (w->n_batch == 0)
		return 0;
	/* Records are collected only while nothing is left. */
	t->left = malloc(w->n_batch - from_batch);
	if (!t->left)
		return -ENOMEM;
	t->at_left = 0;
	t->n_left = w->n_batch - from_batch;
	memcpy(t->left, w->batch + from_batch, t->n_left);
	w->n_batch = 0;
	return 0;
}

static void drop_left(struct tls_session *t)
{
	free(t->left);
	t->left = NULL;
	t->n_left = 0;
	t->wire->n_batch = 0;
}

/* Sends what is left, what was collected, and n bytes at p: the number of the latter that went; -1: none, as BIO_write. */
static int send_all(struct tls_session *t, BIO *b, const char *p, size_t n)
{
	struct tls_wire *w = t->wire;
	struct iovec v[3] = {
		{ t->left ? t->left + t->at_left : NULL, t->n_left }, { w->batch, w->n_batch }, { (char *)(uintptr_t)p, n },
	};
	const struct msghdr m = { .msg_iov = v, .msg_iovlen = 3 };
	const size_t before = t->n_left + w->n_batch;
	ssize_t sent = t->full ? (errno = EAGAIN, -1) : sendmsg(t->fd, &m, MSG_NOSIGNAL | (t->more ? MSG_MORE : 0));

	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		t->error = errno;
		return -1;
	}
	sent = MAX(sent, 0);
	t->said |= sent > 0;
	t->full = (size_t)sent < before + n;
	if ((size_t)sent < before) {
		if (keep_left(t, (size_t)sent) != 0) {
			t->error = ENOMEM;
			return -1;
		}
	} else {
		drop_left(t);
	}
	if ((size_t)sent > before)
		return (int)((size_t)sent - before);
	BIO_set_retry_write(b);
	return -1;
}

static int wire_write(BIO *b, const char *p, int n)
{
	struct tls_session *t = session_of(b);
	struct tls_wire *w = t->wire;

	if (BIO_get_ktls_send(b))
		return BIO_meth_get_write(BIO_s_socket())(b, p, n);
	BIO_clear_retry_flags(b);
	if (w->collecting && t->n_left == 0 && (size_t)n <= sizeof(w->batch) - w->n_batch) {
		memcpy(w->batch + w->n_batch, p, (size_t)n);
		w->n_batch += (size_t)n;
		return n;
	}
	const int sent = send_all(t, b, p, (size_t)n);
	if (sent > 0 && !t->done)
		ask_kernel(t);
	return sent;
}

/* Does the kernel have TLS? A socket without connection is refused for being that, where it has. */
static bool kernel_has_tls(void)
{
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && setsockopt(fd, SOL_TCP, TCP_ULP, "tls", sizeof("tls")) != 0 && errno == ENOTCONN;
}

void tls_wire_init(struct tls_wire *w)
{
	const BIO_METHOD *socket_method = BIO_s_socket();

	w->kernel = kernel_has_tls();
	w->n_batch = 0;
	w->collecting = false;
	w->method = BIO_meth_new(BIO_TYPE_SOCKET, "wire");
	if (!w->method)
		out_of_memory();
	(void)BIO_meth_set_read(w->method, wire_read);
	(void)BIO_meth_set_write(w->method, wire_write);
	(void)BIO_meth_set_ctrl(w->method, BIO_meth_get_ctrl(socket_method));
	(void)BIO_meth_set_create(w->method, BIO_meth_get_create(socket_method));
	(void)BIO_meth_set_destroy(w->method, BIO_meth_get_destroy(socket_method));
}

void tls_wire_release(struct tls_wire *w)
{
	BIO_meth_free(w->method);
}

int tls_wire_setup(const struct tls_wire *w, SSL_CTX *ctx)
{
	if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) || !SSL_CTX_set_cipher_list(ctx, suites_1_2) ||
	    !SSL_CTX_set_ciphersuites(ctx, suites_1_3) || !SSL_CTX_set1_groups_list(ctx, groups))
		return -ENOMEM;
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	if (w->kernel)
		(void)SSL_CTX_set_options(ctx, SSL_OP_ENABLE_KTLS);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	return 0;
}

int tls_wire_open(struct tls_wire *w, SSL_CTX *ctx, struct stream *s, bool accepting)
{
	struct tls_session *t = calloc(1, sizeof(*t));
	BIO *b = BIO_new(w->method);
	SSL *ssl = SSL_new(ctx);

	if (!t || !b || !ssl) {
		free(t);
		(void)BIO_free(b);
		SSL_free(ssl);
		return -ENOMEM;
	}
	*t = (struct tls_session){ .ssl = ssl, .wire = w, .fd = s->fd, .accepting = accepting };
	(void)BIO_set_fd(b, s->fd, BIO_NOCLOSE);
	BIO_set_callback_arg(b, (char *)t);
	SSL_set_bio(ssl, b, b);
	if (accepting)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	s->tls = t;
	return 0;
}
