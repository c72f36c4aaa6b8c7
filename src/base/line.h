/* SPDX-License-Identifier: MIT */
/* The one grammar that members and the controller speak (proxy.md section 3): a verb and key=value words on a line.
 *     report kind=server proxy=web name=a open=3 reason=- text="two words"
 * Read and written here and nowhere else. */
#ifndef NLBC_BASE_LINE_H
#define NLBC_BASE_LINE_H

#include "base/base.h"
#include "base/text.h"

enum { LINE_BYTES = 4096, LINE_WORDS = 64 };    /* the line feed counts; LINE_WORDS counts key=value words */

struct line_word {
	struct str key, value;
	bool none;                      /* the value is a bare "-": there is none */
};

/* Views into `bytes`, so a struct line must not be moved once it is read. */
struct line {
	struct str verb;
	struct line_word words[LINE_WORDS];
	size_t n;
	char bytes[LINE_BYTES];         /* the line, strings without quotes and escapes */
};

/* s: the line without its line feed. 0; -EINVAL: it breaks the grammar, *why (may be NULL) is a static text. */
int line_parse(struct str s, struct line *l, const char **why) MUST_USE;
/* The word of this key; NULL: not given. */
const struct line_word *line_find(const struct line *l, const char *key);
/* The value; "" and p NULL: not given, or "-". */
struct str line_get(const struct line *l, const char *key);
/* Whole and decimal. 0; -ENOENT: not given, or "-"; -EINVAL, -ERANGE: no such number. */
int line_number(const struct line *l, const char *key, uint64_t *value) MUST_USE;
bool line_is(const struct line *l, const char *key, const char *value);   /* given, and exactly so */

/* Writing: a verb, words, an end. A value that has to be quoted is; NULL is written as "-". Control bytes and what is not
 * UTF-8 become '?'. That the line stays within LINE_BYTES is the caller's care. */
void line_begin(struct text *out, const char *verb);
void line_word(struct text *out, const char *key, const char *value);
void line_word_str(struct text *out, const char *key, struct str value);
void line_word_number(struct text *out, const char *key, uint64_t value);
void line_word_printf(struct text *out, const char *key, const char *fmt, ...) PRINTF(3, 4);
void line_end(struct text *out);                /* the line feed */

/* Lines out of a stream: bytes are added as they come; each complete line is taken once. {0} is an empty one. */
struct line_reader {
	char bytes[LINE_BYTES];
	size_t n, taken;                /* bytes in it; how many of them have been given out */
};
/* Copies as much as fits and returns how much that was: call line_reader_next until it gives nothing, then add the rest. */
size_t line_reader_add(struct line_reader *r, const char *p, size_t n);
/* 1: *out is the next line, without its line feed, valid until the next call of either; 0: more bytes are needed; -EMSGSIZE: longer
 * than LINE_BYTES, the connection is to be ended. */
int line_reader_next(struct line_reader *r, struct str *out) MUST_USE;

#endif
