/* SPDX-License-Identifier: MIT */
/* Buffers: grown by doubling from 4 KiB, given back when they are empty and their owner says so. */
#include "base/base.h"

#include <errno.h>

#include "proxy/buffer.h"

enum { LEAST_ROOM = 4096 };

void buffer_lend(struct buffer *b, char *p, size_t room)
{
	*b = (struct buffer){ .p = p, .room = (uint32_t)room, .lent = true };
}

static int grow(struct buffers *all, struct buffer *b, size_t needed)
{
	size_t room = MAX((size_t)b->room, (size_t)LEAST_ROOM);

	while (room < needed)
		room *= 2;
	if (room > UINT32_MAX)
		return -ENOMEM;

	char *p = b->lent ? malloc(room) : realloc(b->p, room);

	if (!p)
		return -ENOMEM;
	if (b->lent)
		memcpy(p, b->p, b->n);
	all->bytes += room - (b->lent ? 0 : b->room);
	b->p = p;
	b->room = (uint32_t)room;
	b->lent = false;
	return 0;
}

int buffer_add(struct buffers *all, struct buffer *b, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (b->room - b->n < n && grow(all, b, b->n + n) < 0)
		return -ENOMEM;
	memcpy(b->p + b->n, p, n);
	b->n += (uint32_t)n;
	return 0;
}

void buffer_uncount(struct buffers *all, struct buffer *b)
{
	if (b->lent)
		return;
	all->bytes -= b->room - b->uncounted;
	b->uncounted = b->room;
}

void buffer_count(struct buffers *all, struct buffer *b)
{
	all->bytes += b->uncounted;
	b->uncounted = 0;
}

void buffer_release(struct buffers *all, struct buffer *b)
{
	if (!b->lent && b->p) {
		all->bytes -= b->room - b->uncounted;
		free(b->p);
	}
	*b = (struct buffer){ 0 };
}
