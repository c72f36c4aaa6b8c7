/* SPDX-License-Identifier: MIT */
/* A socket in a worker's loop, a client's or a server's. It is registered once, edge-triggered; what the events and the
 * results of reads and writes say is kept in flags, so that no call is made that would only say "later". */
#ifndef NLBC_PROXY_CONN_H
#define NLBC_PROXY_CONN_H

#include "base/base.h"
#include "base/loop.h"
#include "proxy/stream.h"

struct worker;

enum { READ_BYTES = 64 << 10, FIRST_READ_BYTES = 16 << 10 };    /* the latter where splice is likely to follow */

struct conn {
	struct stream stream;
	struct loop_fd event;           /* its fd is the stream's */
	bool watched, watched_out;      /* it is in the loop; also for room to write */
	bool readable, writable;        /* a read, a write may do something */
	bool ending;                    /* an event told of an end: read until it shows, short reads or not */
	bool failed;                    /* an event told of an error: the connection is no more */
	bool ended;                     /* nothing comes any more: reads give 0 */
	bool shut;                      /* our send side is closed */
};

void conn_init(struct conn *c, int fd, void (*on_event)(struct loop *, struct loop_fd *, uint32_t));
/* Events come from now on; whatever holds already comes as an event. 0, -errno. */
int conn_watch(struct worker *w, struct conn *c) MUST_USE;
/* What an event says. */
void conn_told(struct conn *c, uint32_t events);

/* As the stream's, with the flags kept, the worker's turn bounded (-EAGAIN: it is over, another event comes) and counted. */
ssize_t conn_read(struct worker *w, struct conn *c, void *p, size_t n) MUST_USE;
ssize_t conn_write(struct worker *w, struct conn *c, const struct iovec *v, int n, bool more) MUST_USE;
void conn_blocked(struct worker *w, struct conn *c);    /* a write said "later", or did not do all */
/* May this turn still read from it? Where not, another event is asked for. Bytes: what the last reading brought. */
bool conn_has_turn(struct worker *w, struct conn *c);

void conn_shutdown(struct conn *c);             /* the send side; again, until c->shut, where TLS waits for room */
void conn_close(struct conn *c, bool reset);   /* also one that is closed */
int conn_error(const struct conn *c);           /* SO_ERROR: 0 or an errno, once */

#endif
