/* SPDX-License-Identifier: MIT */
/* Bytes that wait: for the other side to take them, or for the rest of a head. The memory of a worker's buffers is
 * counted in one place, so that the worker can stop reading before it is too much. */
#ifndef NLBC_PROXY_BUFFER_H
#define NLBC_PROXY_BUFFER_H

#include "base/base.h"

struct buffers {                        /* a worker's account of them */
	uint64_t bytes;                 /* taken from the system by all buffers, but for what heads take */
};

struct buffer {
	char *p;
	uint32_t at, n, room;           /* p[at..n) waits; before it, what is kept to be sent again */
	uint32_t uncounted;             /* of the room */
	bool lent;                      /* p belongs to somebody else */
};

/* Begins in memory of somebody else that outlives the buffer's use; it moves to its own when it grows. */
void buffer_lend(struct buffer *b, char *p, size_t room);
/* Adds n bytes at the end. 0, -ENOMEM. What stands before `at` stays. */
int buffer_add(struct buffers *all, struct buffer *b, const void *p, size_t n) MUST_USE;
/* The room that it has is a head's: as many of these as there are connections, each of `limit head` at most, are no reason
 * to stop reading. What it grows by is counted. And back: all of it is counted. */
void buffer_uncount(struct buffers *all, struct buffer *b);
void buffer_count(struct buffers *all, struct buffer *b);
void buffer_release(struct buffers *all, struct buffer *b);
static inline size_t buffer_waits(const struct buffer *b) { return b->n - b->at; }

#endif
