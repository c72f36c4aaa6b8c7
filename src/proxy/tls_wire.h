/* SPDX-License-Identifier: MIT */
/* Between OpenSSL and the socket: whole records in one receive, several records in one send, the kernel's TLS where it
 * has it. A wire is shared by all sessions of a listener or server, within one process. For tls*.c and stream_tls.c. */
#ifndef NLBC_PROXY_TLS_WIRE_H
#define NLBC_PROXY_TLS_WIRE_H

#include "base/base.h"

#include <openssl/ssl.h>

struct stream;

/* Records that wait for the last one of the same write: as many as a relay's read makes. */
enum { TLS_RECORD_DATA = 16384, TLS_BATCH_BYTES = 4 * (TLS_RECORD_DATA + 256) };

struct tls_wire {
	BIO_METHOD *method;
	bool kernel;                    /* the kernel has TLS */
	bool collecting;                /* this record is not the last of its write */
	size_t n_batch;
	char batch[TLS_BATCH_BYTES];
};

/* One end of a connection: s->tls. */
struct tls_session {
	SSL *ssl;
	struct tls_wire *wire;
	int fd;
	int error;                      /* errno of the socket; 0: none */
	bool accepting;                 /* we are the server */
	bool done;                      /* the handshake */
	bool heard, said;               /* a byte has come, has gone */
	bool ended;                     /* FIN came */
	int broken;                     /* -errno: TLS failed, nothing more can be said in it; 0: not so */
	bool shut;                      /* close_notify went */
	bool certificate;               /* broken because of the server's certificate */
	bool more;                      /* the write after this one follows at once */
	bool empty, full;               /* the socket, within one call of the stream */
	bool holds;                     /* there is something to read without an event of the socket */
	bool kernel_out;                /* the kernel makes the records of what is sent */
	bool asked_kernel;
	char *left;                     /* records that the socket did not take: n_left bytes from at_left */
	size_t at_left, n_left;
};

void tls_wire_init(struct tls_wire *w);
void tls_wire_release(struct tls_wire *w);
/* What listeners and servers have in common: versions, suites, groups, options. 0, -ENOMEM. */
int tls_wire_setup(const struct tls_wire *w, SSL_CTX *ctx) MUST_USE;
/* s->tls over s->fd. 0, -ENOMEM. */
int tls_wire_open(struct tls_wire *w, SSL_CTX *ctx, struct stream *s, bool accepting) MUST_USE;

#endif
