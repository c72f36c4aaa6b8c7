/* SPDX-License-Identifier: MIT */
/* What every file may take for granted: attributes, cleanup, views of text. The first include of every .c file. */
#ifndef NLBC_BASE_BASE_H
#define NLBC_BASE_BASE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
/* Each argument is evaluated once: it may read, count or ask the kernel. Not for constant expressions. */
#define MIN(a, b) __extension__({ \
	__typeof__(1 ? (a) : (b)) min_a = (a), min_b = (b); \
	min_a < min_b ? min_a : min_b; \
})
#define MAX(a, b) __extension__({ \
	__typeof__(1 ? (a) : (b)) max_a = (a), max_b = (b); \
	max_a > max_b ? max_a : max_b; \
})

/* Our own mistake, never the user's: says where, and aborts. Stays in release builds. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
NORETURN PRINTF(3, 4) void bug(const char *file, int line, const char *fmt, ...);

/* Out of memory before the kernel is touched: says so and aborts. */
NORETURN void out_of_memory(void);

static inline void base_freep(void *p) { free(*(void **)p); }
static inline void base_closep(int *fd) { if (*fd >= 0) (void)close(*fd); }
static inline void base_fclosep(FILE **f) { if (*f) (void)fclose(*f); }
#define auto_free __attribute__((cleanup(base_freep)))
#define auto_close __attribute__((cleanup(base_closep)))
#define auto_fclose __attribute__((cleanup(base_fclosep)))

/* A view of text that somebody else owns; not terminated. */
struct str {
	const char *p;
	size_t n;
};
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
static inline struct str str_of(const char *s) { return (struct str){ s, strlen(s) }; }
static inline bool str_eq(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_is(struct str a, const char *s) { return str_eq(a, str_of(s)); }

#endif
