/* SPDX-License-Identifier: MIT */
/* The emulated servers of one process, and their connections: strict readers, exact times, every way to fail.
 * origin.c is the process, origin_server.c slots, queue and changes, origin_conn.c reads, origin_answer.c answers. */
#ifndef NLBC_BENCH_ORIGIN_H
#define NLBC_BENCH_ORIGIN_H

#include "base/loop.h"
#include "base/text.h"
#include "bench/bench.h"
#include "bench/moments.h"
#include "bench/spec.h"
#include "http/body.h"
#include "http/head.h"

enum { ORIGIN_INPUT = 65536, ORIGIN_HEAD_LIMIT = 512 * 1024, ORIGIN_PATTERN = 4 << 20, ORIGIN_INLINE = 16384 };

struct origin {
	struct bench *bench;
	struct loop loop;
	struct moments moments;
	struct loop_fd signals;
	struct origin_server *servers;
	size_t n;
	uint64_t start_us;
	int pattern;                    /* memfd of what bodies are made of: lines of 15 hex digits, their own offset */
	const char *pattern_bytes;
	char input[ORIGIN_INPUT];       /* read into by whoever reads */
	struct http_head head;          /* read into by whoever reads */
};

struct origin_server {
	struct origin *origin;
	struct spec spec;
	struct spec_conf conf;          /* what holds now */
	struct loop_fd listener;        /* fd -1: refuses */
	struct loop_timer pause;        /* accepting goes on then */
	struct endpoint address;
	struct moment change;           /* the next one's time */
	size_t n_changed;
	struct chance chance;
	uint64_t turn;                  /* of a list of latencies */
	struct str ready[2];            /* whole answers to the usual request, kept and closed; empty: none */
	struct origin_conn *conns;
	struct origin_conn *queue, **queue_end;         /* wait for a slot */
	bool serving;                   /* the queue is being served further up the stack */
	uint32_t busy;                  /* in service */
	uint64_t connections, requests, failed, refused, open, waiting, busy_us;        /* as reported */
	int record;                     /* -1: none */
};

enum origin_state {
	ORIGIN_HEAD,                    /* a head is awaited; of raw servers any bytes */
	ORIGIN_BODY,
	ORIGIN_QUEUE,                   /* waits for a slot */
	ORIGIN_SERVICE,                 /* its time runs */
	ORIGIN_HUNG,
	ORIGIN_ANSWER,                  /* being sent */
	ORIGIN_LINGER,                  /* refused: what still comes is thrown away, so that the answer can be read */
	ORIGIN_CLOSED,
};
/* What an answer ends with. */
enum origin_then { ORIGIN_THEN_KEEP, ORIGIN_THEN_CLOSE, ORIGIN_THEN_RESET, ORIGIN_THEN_LINGER };

struct origin_conn {
	struct loop_fd io;              /* fd -1: the peer is gone, the service goes on */
	struct loop_task end;
	struct moment moment;
	struct origin_server *server;
	struct origin_conn *next, **back;
	struct origin_conn *next_waiting;
	enum origin_state state;
	bool watched;                   /* in epoll: only once a read said "later" */
	bool readable, ended;           /* a read may give something; the peer's end has been seen */
	uint64_t number;                /* of the server's connections, from 1 */

	char *held;                     /* input of a head in pieces, or behind the request */
	size_t n_held, room;
	bool fresh;                     /* held bytes that nobody has looked at */

	enum http_method method;
	uint8_t minor;
	bool close;                     /* asked for, or implied */
	uint64_t left;                  /* of a body with a length */
	struct http_chunked chunks;
	bool chunked;
	uint64_t received;              /* of the body */
	struct text asked;              /* raw bytes; the target, where it is answered by it */
	uint64_t service_us;

	const char *out;                /* head, small bodies: in `own` or in the server's ready answers */
	size_t n_out;
	struct text own;
	uint64_t body_left, body_at;    /* of the pattern, behind it */
	uint64_t slow_bps;              /* 0: as fast as it goes */
	enum origin_then then;
};

/* origin_server.c */
int origin_server_start(struct origin_server *s, struct origin *o, struct diags *d) MUST_USE;   /* listens; 0, -errno explained */
void origin_server_release(struct origin_server *s);
/* A request is complete: queue, service, answer; on return c may be in any of these states. */
void origin_server_arrive(struct origin_conn *c);
void origin_server_report(const struct origin_server *s, struct text *out);

/* origin_conn.c */
void origin_conn_open(struct origin_server *s, int fd);
void origin_conn_step(struct origin_conn *c);
/* Closes, or resets: the peer is told so by the kernel. What is in service stays until it is served. */
void origin_conn_drop(struct origin_conn *c, bool reset);
void origin_conn_free(struct origin_conn *c);   /* at the very end */

/* origin_answer.c */
/* What a server of these settings answers to the usual request, made once. */
void origin_answer_prepare(struct origin_server *s);
/* The service is over: what is sent, and how it ends. */
void origin_answer(struct origin_conn *c);
/* A request that is not well-formed. */
void origin_answer_refuse(struct origin_conn *c, const struct http_refusal *why);
/* Sends what the peer takes; true: all is sent. */
bool origin_answer_send(struct origin_conn *c);

/* origin_record.c: a line for each thing that happened to a connection, written before anything is answered. */
int origin_record_open(const char *path) MUST_USE;      /* -errno */
void origin_record_bytes(const struct origin_conn *c, const char *p, size_t n);
void origin_record(const struct origin_conn *c, const char *what, const char *fmt, ...) PRINTF(3, 4);

#endif
