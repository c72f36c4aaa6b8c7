/* SPDX-License-Identifier: MIT */
/* Who waits for a server, first in, first out, at most so many. Pure. */
#ifndef NLBC_PROXY_QUEUE_H
#define NLBC_PROXY_QUEUE_H

#include "base/base.h"

/* Embedded in whoever waits. {0} waits nowhere. */
struct queue_place {
	struct queue_place *next, **back;
};
struct queue {
	struct queue_place *first, **last;
	uint32_t n, limit;
};

void queue_init(struct queue *q, uint32_t limit);
bool queue_add(struct queue *q, struct queue_place *p);        /* at the end; false: the queue is full */
void queue_add_first(struct queue *q, struct queue_place *p);  /* goes back to where it came from: never refused */
void queue_remove(struct queue *q, struct queue_place *p);     /* also one that does not wait */
struct queue_place *queue_take(struct queue *q);               /* the first; NULL: nobody waits */
static inline bool queue_has(const struct queue_place *p) { return p->back != NULL; }

#endif
