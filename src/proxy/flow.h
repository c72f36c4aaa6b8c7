/* SPDX-License-Identifier: MIT */
/* One direction of what is relayed: bytes from one connection to the other, their framing read and written anew. Nothing is
 * read while the other side has bytes to take. */
#ifndef NLBC_PROXY_FLOW_H
#define NLBC_PROXY_FLOW_H

#include "base/base.h"
#include "http/body.h"
#include "http/head.h"
#include "proxy/buffer.h"

struct conn;
struct pipe;
struct worker;

enum flow_end {
	FLOW_WAITS,                     /* for an event of either side */
	FLOW_DONE,                      /* all was read and taken */
	FLOW_SHORT,                     /* the source ended or broke before the end; error says how, 0: closed */
	FLOW_BAD,                       /* the source's chunks are wrong */
	FLOW_LARGE,                     /* more than `limit` */
	FLOW_REFUSED,                   /* the other side takes no more; error says why */
};

struct flow {
	enum http_body in;              /* how the source frames it; HTTP_BODY_CLOSE: until its end */
	bool chunks;                    /* it is written in chunks */
	bool ended;                     /* the last byte was read */
	bool whole;                     /* held.p[kept..) is all that was ever sent: it can be sent again */
	bool final;                     /* its end is the connection's, which follows at once: the last bytes wait for that */
	bool hold;                      /* what is sent is to be held for that, as long as it is not much */
	bool bad;                       /* its chunks are wrong from here on */
	bool spliced;                   /* it has begun to go by splice */
	bool bulk;                      /* the last read was a full one: splice (tcp) */
	uint32_t kept;                  /* bytes at the beginning of held that are nobody's: they stay there */
	int error;
	uint64_t left;                  /* HTTP_BODY_LENGTH */
	uint64_t limit;                 /* UINT64_MAX: none */
	uint64_t raw;                   /* of a chunk that is spliced: bytes still to be read */
	uint64_t read, taken;           /* bytes from the source, and to the other side */
	struct http_chunked chunked;
	struct buffer held;             /* untaken */
	struct pipe *pipe;              /* NULL: none; bytes in it are untaken too, after held */
	const char *rest;               /* after flow_take and flow_run: bytes read beyond the end, until the next read */
	size_t n_rest;
};

void flow_init(struct flow *f, enum http_body in, uint64_t length, bool chunks);
/* n bytes were read from the source into p, which is written to; they go on, behind `before`. `to` NULL: they are held. */
enum flow_end flow_take(struct worker *w, struct flow *f, struct conn *to, struct str before, char *p, size_t n);
/* Bytes that are not the source's, behind what is held. FLOW_WAITS, FLOW_DONE or FLOW_REFUSED. */
enum flow_end flow_add(struct worker *w, struct flow *f, struct conn *to, struct str bytes);
/* Goes on as far as both sides let it. */
enum flow_end flow_run(struct worker *w, struct flow *f, struct conn *from, struct conn *to);
/* What was sent has to be sent again: only where f->whole. */
void flow_again(struct flow *f);
void flow_release(struct worker *w, struct flow *f);

#endif
