/* SPDX-License-Identifier: MIT */
/* The queue: a doubly linked list, so that whoever is tired of waiting leaves at once. */
#include "base/base.h"

#include "proxy/queue.h"

void queue_init(struct queue *q, uint32_t limit)
{
	*q = (struct queue){ .limit = limit };
	q->last = &q->first;
}

static void link_at(struct queue *q, struct queue_place *p, struct queue_place **back)
{
	p->next = *back;
	p->back = back;
	if (p->next)
		p->next->back = &p->next;
	else
		q->last = &p->next;
	*back = p;
	q->n++;
}

bool queue_add(struct queue *q, struct queue_place *p)
{
	if (q->n >= q->limit)
		return false;
	link_at(q, p, q->last);
	return true;
}

void queue_add_first(struct queue *q, struct queue_place *p)
{
	link_at(q, p, &q->first);
}

void queue_remove(struct queue *q, struct queue_place *p)
{
	if (!p->back)
		return;
	*p->back = p->next;
	if (p->next)
		p->next->back = p->back;
	else
		q->last = p->back;
	*p = (struct queue_place){ 0 };
	q->n--;
}

struct queue_place *queue_take(struct queue *q)
{
	struct queue_place *p = q->first;

	if (p)
		queue_remove(q, p);
	return p;
}
