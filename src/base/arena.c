/* SPDX-License-Identifier: MIT */
/* An arena is a list of blocks; the newest is filled from its start, larger wishes get a block of their own. Once it is
 * large, its blocks are huge pages: the kernel hands one out in a single fault, where 512 small ones cost many times that. */
#include "base/base.h"

#include <stdarg.h>
#include <sys/mman.h>

#include "base/arena.h"

enum { ARENA_ALIGN = _Alignof(max_align_t), ARENA_BLOCK = 16384, ARENA_LARGE = 1024 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

struct block {
	struct block *next;
	size_t used, room;
	bool mapped;            /* a huge page, not from malloc */
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;   /* the first is the one being filled */
	size_t size;
	uint64_t allowed;       /* 0: no limit */
};

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		out_of_memory();
	a->size = sizeof(*a);
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	while (a->blocks) {
		struct block *next = a->blocks->next;
		if (a->blocks->mapped)
			(void)munmap(a->blocks, HUGE_PAGE);
		else
			free(a->blocks);
		a->blocks = next;
	}
	free(a);
}

static struct block *block_new(struct arena *a, size_t room)
{
	struct block *b = calloc(1, sizeof(*b) + room);

	if (!b)
		out_of_memory();
	b->room = room;
	a->size += sizeof(*b) + room;
	return b;
}

/* Twice the memory is asked for, so that an aligned huge page lies within; what is beside it goes back untouched. */
static struct block *block_map(struct arena *a)
{
	char *p = mmap(NULL, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		out_of_memory();
	const size_t before = HUGE_PAGE - (uintptr_t)p % HUGE_PAGE;
	(void)munmap(p, before);
	(void)munmap(p + before + HUGE_PAGE, HUGE_PAGE - before);
	struct block *b = (struct block *)(void *)(p + before);
	(void)madvise(b, HUGE_PAGE, MADV_HUGEPAGE);  /* a kernel without them gives small pages */
	b->mapped = true;
	b->room = HUGE_PAGE - sizeof(*b);
	a->size += HUGE_PAGE;
	return b;
}

/* A block of its own for something large goes behind the one being filled, whose rest is not lost. */
static void *alloc_large(struct arena *a, size_t size)
{
	struct block *b = block_new(a, size);

	b->used = size;
	if (a->blocks) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		a->blocks = b;
	}
	return b->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory();
	size = (MAX(size, 1) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	const bool large = a->size > ARENA_LARGE;

	if (size > (large ? HUGE_PAGE : ARENA_BLOCK) / 4)
		return alloc_large(a, size);
	if (!a->blocks || a->blocks->room - a->blocks->used < size) {
		struct block *b = large ? block_map(a) : block_new(a, ARENA_BLOCK);
		b->next = a->blocks;
		a->blocks = b;
	}
	void *p = a->blocks->bytes + a->blocks->used;
	a->blocks->used += size;
	return p;
}

size_t arena_size(const struct arena *a)
{
	return a->size;
}

void arena_allow(struct arena *a, uint64_t bytes)
{
	a->allowed = bytes;
}

uint64_t arena_allowed(const struct arena *a)
{
	return a->allowed;
}

char *arena_copy(struct arena *a, const void *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_copy(a, s, strlen(s)) : NULL;
}

char *arena_str(struct arena *a, struct str s)
{
	return arena_copy(a, s.p, s.n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	const int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		BUG("format '%s'", fmt);
	char *s = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	const size_t more = *room ? *room * 2 : 8;
	if (more > SIZE_MAX / 2 / size)
		out_of_memory();
	void *moved = arena_alloc(a, more * size);
	if (n > 0)
		memcpy(moved, array, n * size);
	*room = more;
	return moved;
}
