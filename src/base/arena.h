/* SPDX-License-Identifier: MIT */
/* Memory that lives and dies together: one arena for one generation of profile, plan and items. */
#ifndef NLBC_BASE_ARENA_H
#define NLBC_BASE_ARENA_H

#include "base/base.h"

#include <stdarg.h>

struct arena;

/* Never NULL: running out of memory aborts (out_of_memory). */
struct arena *arena_new(void);
/* Frees all that was taken from it; NULL is fine. */
void arena_free(struct arena *a);
/* Zeroed, aligned for any type; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* Bytes taken from the system so far, for limits and tests. */
size_t arena_size(const struct arena *a);
/* How many there should be at most, for those to ask who are about to take much: the arena itself gives more. 0: no limit. */
void arena_allow(struct arena *a, uint64_t bytes);
uint64_t arena_allowed(const struct arena *a);

char *arena_copy(struct arena *a, const void *p, size_t n);          /* n bytes and a terminating 0 */
char *arena_strdup(struct arena *a, const char *s);                  /* NULL gives NULL */
char *arena_str(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF(2, 0);

/* Room for one more element of `size` bytes in an array of n elements that grows by doubling in the arena:
 * returns the array (moved where needed); *room is its capacity and starts as 0. */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *room, size_t size);

#define arena_one(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

#endif
