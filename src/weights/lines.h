/* SPDX-License-Identifier: MIT */
/* Text files of any length, read line by line, with the place of every word: data files and consensuses alike. */
#ifndef NLBC_WEIGHTS_LINES_H
#define NLBC_WEIGHTS_LINES_H

#include "base/base.h"
#include "base/diag.h"

#include <jansson.h>

struct arena;
struct lines;

struct lines_wish {
	uint64_t max_bytes;      /* of the file; 0: 4 GiB */
	size_t max_line;         /* bytes without its end; 0: 65536 */
	bool raw;                /* blank lines and those beginning with # are lines like others (a consensus) */
	bool lenient;            /* lines_wrong() leaves the line out instead of telling: only their number, at the end */
	bool any_bytes;          /* bytes above 0x7e may stand anywhere, not in comments alone; the caller looks at what it uses */
	const char *unpack_for;  /* what the hint about a compressed file pipes into, "nlbc weights bandwidth -"; NULL: any verb */
};

/* Opens a file, "-" for standard input. Compressed data, a folder, a file that cannot be read: NULL, explained in d with
 * code 'input' ('machine' where the machine refuses). Places live in arena a. What is kept of the file is the line last
 * read, and in `a` the lines that messages show; reading ends where `a`, with what the caller keeps there, comes to hold more
 * than it is allowed. */
struct lines *lines_open(const char *path, const struct lines_wish *w, struct arena *a, struct diags *d);
/* Ends reading; in lenient mode one warning says how many lines were left out. NULL is fine. */
void lines_close(struct lines *l);

/* The next line, without its LF or CR LF, valid until the next call: 1; at the end: 0; a file that cannot be read further
 * (I/O, a line or file too long, a byte that is not text): -errno, explained; -EINTR: a signal came (code 'interrupted'). */
int lines_next(struct lines *l, struct str *line) MUST_USE;
/* Number of the line last read, from 1. */
unsigned lines_number(const struct lines *l);
/* The file's name as the user wrote it ("standard input" for "-"). */
const char *lines_name(const struct lines *l);
/* Where a word of the line last read stands: `word` points into that line; an empty one at the line's end is fine, p NULL
 * is the whole line. Cheap, and good for ever: to be kept beside what was read. Messages about it do not show the line. */
struct place lines_place(const struct lines *l, struct str word);
/* The file itself. */
struct place lines_file(const struct lines *l);

/* The line last read is malformed at `word`: told as an error with code 'input', the line shown, and returned for a hint
 * or a note; in lenient mode the line is only counted (once), and NULL. After DIAGS_SHOWN errors callers may stop:
 * lines_hopeless(). */
struct diag *lines_wrong(struct lines *l, struct str word, const char *fmt, ...) PRINTF(3, 4);
/* The same about an earlier line or a member of JSON, whose place was kept; counted each time. */
struct diag *lines_wrong_at(struct lines *l, struct place place, const char *fmt, ...) PRINTF(3, 4);
/* The same for what lenient mode does not forgive; never NULL. */
struct diag *lines_error(struct lines *l, struct str word, const char *fmt, ...) PRINTF(3, 4);
bool lines_hopeless(const struct lines *l);
/* Whether any error was told through l. */
bool lines_failed(const struct lines *l);
/* True if all bytes of s are below 0x7f; else told as lines_wrong ("byte 0xc3 is not ASCII"), false. */
bool lines_ascii(struct lines *l, struct str s) MUST_USE;

/* Before the first lines_next(): whether the file is a JSON object or array: its first byte but blanks is { or [. */
bool lines_is_json(struct lines *l);
/* Instead of lines_next(): the file as JSON, at most 64 MiB (lines of any length), no member twice; the caller's reference.
 * NULL: explained, also where it would take more memory than the arena is allowed. */
json_t *lines_json(struct lines *l) MUST_USE;
/* About how much that JSON takes until it is given back. */
uint64_t lines_json_bytes(const struct lines *l);
/* A place in that JSON: parent's pointer (NULL: the whole file) and one more step: a member's name, or of an array the
 * element i where name is NULL. */
struct place lines_member(struct lines *l, const struct place *parent, const char *name, size_t i);

/* A value as messages show it: text without quotes, at most 40 bytes; in the arena. */
const char *lines_value(struct lines *l, const json_t *value);

/* For readers of other files than lines. Data that begin so are compressed: told, true; the hint pipes them into unpack_for
 * if that is not NULL. */
bool tell_compressed(struct str start, const char *path, const char *unpack_for, const struct place *file, struct diags *d);
/* open() or read() refused; EINTR is told as 'interrupted'. */
void tell_unreadable(const char *path, int error, const struct place *file, struct diags *d);

/* Cuts the next field off *rest at `sep`; the rest is empty (p NULL) after the last. False: there was none left. */
bool field_next(struct str *rest, char sep, struct str *field);
/* All of them: how many there are; the first `room` are given, those that are missing as they were. */
size_t fields_split(struct str s, char sep, struct str *fields, size_t room);

/* Cuts the next word off *rest, at blanks and tabs; false: there was none left. */
bool word_next(struct str *rest, struct str *word);

/* Whole decimal number without sign, leading zeros allowed: 0, -EINVAL (not such a number), -ERANGE (beyond max). */
int parse_whole(struct str s, uint64_t max, uint64_t *out) MUST_USE;

/* A number F of weights.md section 3: <= 10^18, one point allowed, at most 18 digits from the first that is not 0. */
struct amount {
	uint64_t whole;          /* meaningful if is_whole */
	double real;             /* the nearest IEEE double, always */
	bool is_whole;           /* 1.0 and 1. are whole */
};
int parse_amount(struct str s, struct amount *out) MUST_USE;          /* 0, -EINVAL, -ERANGE */
/* The same of a JSON number, in any form it may have. */
int amount_of_json(const json_t *v, struct amount *out) MUST_USE;      /* 0, -EINVAL, -ERANGE */
/* AS3320 or 3320, 1 to 4294967295: 0 or -EINVAL. */
int parse_as(struct str s, uint32_t *as) MUST_USE;
/* Dotted quad, host byte order: 0 or -EINVAL. */
int parse_ipv4(struct str s, uint32_t *address) MUST_USE;

/* A location, or a relay of a file of relays: 1 to 63 of letters, digits, . _ - : */
enum { NAME_MOST = 63 };
bool is_name(struct str s);

/* A CSV file: its first line names the columns (any order, unknown ones ignored), no quotes. */
enum { CSV_COLUMNS = 4 };
struct csv {
	struct lines *lines;
	const char *names[CSV_COLUMNS + 1];      /* of the columns that are wanted; ends with NULL */
	struct str field[CSV_COLUMNS];           /* theirs, of the row read last */
	size_t at[CSV_COLUMNS];
	bool has_head;                           /* the first line was read; kept by csv_next() and csv_head() */
};
/* For who has read the first line already; csv_next() does it otherwise. A column that is missing or named twice: -EINVAL,
 * explained. */
int csv_head(struct csv *c, struct str line) MUST_USE;
/* The next row: 1; the end, or no hope for the file: 0; what lines_next() and csv_head() fail with. Rows with fewer or more
 * fields than the head are told by lines_wrong() and passed over. */
int csv_next(struct csv *c) MUST_USE;

#endif
