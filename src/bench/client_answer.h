/* SPDX-License-Identifier: MIT */
/* A client's reader of one HTTP answer after the other: pure but for the memory of a head in pieces. */
#ifndef NLBC_BENCH_CLIENT_ANSWER_H
#define NLBC_BENCH_CLIENT_ANSWER_H

#include "base/text.h"
#include "http/body.h"
#include "http/head.h"

enum { ANSWER_HEAD_LIMIT = 256 * 1024, ANSWER_ORIGIN = 31 };

struct client_answer {
	bool has_head, ended;           /* the body follows; all is read */
	unsigned status;
	bool close;                     /* the connection cannot be used again */
	enum http_body body;
	uint64_t left;                  /* HTTP_BODY_LENGTH */
	struct http_chunked chunks;
	uint64_t bytes;                 /* of the body so far */
	char origin[ANSWER_ORIGIN + 1]; /* X-Origin, cut to fit; "" without one */
	struct text held;               /* a head in pieces */
};

void client_answer_init(struct client_answer *a);             /* {0} or one that has ended: for the next answer; keeps its memory */
void client_answer_release(struct client_answer *a);
/* Takes bytes of the answer to a GET; `scratch` needs no contents. How many, at most up to its end; < 0: no valid answer. */
ssize_t client_answer_take(struct client_answer *a, struct http_head *scratch, const char *p, size_t n) MUST_USE;
/* The connection has ended: 0 if that ends the answer, else -ECONNRESET. */
int client_answer_end(struct client_answer *a) MUST_USE;

#endif
