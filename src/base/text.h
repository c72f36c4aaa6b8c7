/* SPDX-License-Identifier: MIT */
/* Text that grows, and numbers read with care: exact integers, never floating point, never the locale. */
#ifndef NLBC_BASE_TEXT_H
#define NLBC_BASE_TEXT_H

#include "base/base.h"

#include <stdarg.h>

/* Embedded or on the stack; {0} is a valid empty text. p is terminated whenever it is not NULL. */
struct text {
	char *p;
	size_t n, room;
};
void text_release(struct text *t);
#define auto_text __attribute__((cleanup(text_release)))
void text_clear(struct text *t);                        /* length 0, memory kept */
void text_add(struct text *t, const void *p, size_t n);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *fmt, ...) PRINTF(2, 3);
void text_vprintf(struct text *t, const char *fmt, va_list ap) PRINTF(2, 0);
const char *text_get(const struct text *t);              /* "" for an empty one */
/* For terminals and one-line logs: control bytes but tab, what is not UTF-8, and characters that steer the writing
 * direction or break lines become '?', one for each character or wrong byte. */
void text_add_printable(struct text *t, struct str s);

/* The first character of s: its length in bytes and, if c is not NULL, its number. 0: s is empty or not UTF-8 there. */
size_t utf8_char(struct str s, uint32_t *c);

/* Decimal without leading zeros, or 0x and hex digits. 0, -EINVAL (not such a number) or -ERANGE (over 64 bits). */
int parse_uint(struct str s, uint64_t *value) MUST_USE;
/* Digits, at most one '.', at most 6 digits after it, as millionths. 0, -EINVAL, -ERANGE. */
int parse_millionths(struct str s, uint64_t *millionths) MUST_USE;

/* Number of inserted, deleted, changed letters and swapped neighbours between two words; > limit gives limit + 1,
 * and so do two words one of which has more than 64 letters. */
unsigned edit_distance(struct str a, struct str b, unsigned limit);
/* The nearest of n words by the rule of profile.md section 8 (1 for words of 3 or 4 letters, 2 for longer), or NULL. */
const char *nearest_word(struct str word, const char *const *words, size_t n);

/* sha256 of n bytes as 64 hex digits and a 0. */
void sha256_hex(const void *p, size_t n, char hex[65]);
/* Standard base64; decoding gives a malloc'd buffer (caller frees) or -EINVAL. */
void base64_encode(const void *p, size_t n, struct text *out);
int base64_decode(struct str s, void **out, size_t *n) MUST_USE;

/* The whole of a file (NULL or "-": standard input), at most `limit` bytes: 0, -errno, -EFBIG. *out is the caller's. */
int read_file(const char *path, size_t limit, char **out, size_t *n) MUST_USE;
/* However small the pieces are that the kernel takes. 0, -errno. */
int text_write(const struct text *t, int fd) MUST_USE;
/* A file that is there whole or not at all, for its owner alone: PATH.new, fdatasync, rename. 0, -errno. */
int write_file(const char *path, const struct text *bytes) MUST_USE;

#endif
