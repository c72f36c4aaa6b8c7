/* SPDX-License-Identifier: MIT */
/* The pool: a doubly linked list by age. */
#include "base/base.h"

#include "proxy/pool.h"

void pool_add(struct pool *p, struct pool_place *c, uint64_t now_us)
{
	*c = (struct pool_place){ .older = p->newest, .since_us = now_us };
	if (p->newest)
		p->newest->newer = c;
	else
		p->oldest = c;
	p->newest = c;
	p->n++;
}

void pool_remove(struct pool *p, struct pool_place *c)
{
	*(c->newer ? &c->newer->older : &p->newest) = c->older;
	*(c->older ? &c->older->newer : &p->oldest) = c->newer;
	*c = (struct pool_place){ 0 };
	p->n--;
}

struct pool_place *pool_take(struct pool *p)
{
	struct pool_place *c = p->newest;

	if (c)
		pool_remove(p, c);
	return c;
}
