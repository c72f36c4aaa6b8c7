/* SPDX-License-Identifier: MIT */
/* The user's mistakes: each with its place, in the user's words, with a hint where one can be given.
 * Collected, sorted by place, and printed by main only (profile.md section 8). */
#ifndef NLBC_BASE_DIAG_H
#define NLBC_BASE_DIAG_H

#include "base/base.h"
#include "base/text.h"

#include <jansson.h>
#include <stdarg.h>

struct arena;

/* A text that places point into: a profile file, or nothing but a name. */
struct source {
	const char *name;      /* as the user wrote it */
	struct str text;       /* whole file; empty where there is none */
	unsigned first_line;   /* number of the text's first line, for a text that is a part of the file; 0: 1 */
	unsigned order;        /* order of reading; places sort by it first */
};

/* Where a word stands. source NULL: nowhere in particular. Travels by value from word to op to item to netlink message. */
struct place {
	const struct source *source;
	unsigned line, column, length;   /* from 1, in characters; 0: none (a JSON pointer instead) */
	const char *pointer;             /* JSON pointer, for the twin; NULL otherwise */
};

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag {
	enum diag_severity severity;
	const char *code;        /* profile.md section 6, or usage, machine, kernel, busy, state, permission, ... */
	struct place place;
	const char *text;
	const char *hint;        /* NULL: none */
	const char *note;        /* NULL: none */
	struct place note_place;
};

struct diags {
	struct arena *arena;     /* texts live here; owned by the caller of diags_init */
	struct diag **list;
	size_t n, room;
	size_t n_errors, n_warnings;   /* all of them; at most DIAGS_KEPT of each kind are in the list */
	struct diag dropped;     /* stands for those beyond that, so that callers need not care */
	unsigned n_sources;      /* for readers of several files: the order of the next one */
};
enum { DIAGS_KEPT = 1000, DIAGS_SHOWN = 20 };

void diags_init(struct diags *d, struct arena *a);
/* Adds one and returns it, so that hint and note can be set. `place` may be NULL. `code` must be static. */
struct diag *diag_error(struct diags *d, const struct place *place, const char *code, const char *fmt, ...) PRINTF(4, 5);
struct diag *diag_warning(struct diags *d, const struct place *place, const char *code, const char *fmt, ...) PRINTF(4, 5);
/* To one that was added; g NULL: none was, nothing happens. */
void diag_hint(struct diags *d, struct diag *g, const char *fmt, ...) PRINTF(3, 4);
void diag_note(struct diags *d, struct diag *g, const struct place *place, const char *fmt, ...) PRINTF(4, 5);
/* hint: did you mean 'x'? if a word is near, else nothing; true if it was set. */
bool diag_nearest(struct diags *d, struct diag *g, struct str word, const char *const *words, size_t n);

/* A view of the errors alone, in d's arena. */
struct diags diags_errors(const struct diags *d);

enum diag_format { DIAG_HUMAN, DIAG_GCC };
/* Sorted by place (JSON pointers by their parts, no place last), at most 20 errors and 20 warnings, and the closing count
 * line (`FILE: 2 errors, 1 warning`) if `file` is not NULL; DIAG_GCC has one line for each diag, all of them, and no
 * closing line. Diags without a place print as `nlbc: error: TEXT`. Colour only if asked. */
void diags_print(struct diags *d, enum diag_format format, const char *file, bool colour, struct text *out);
/* All of them as a JSON array (new reference), every member always there: file, line, column, length, severity, code,
 * text, hint, note (null or an object of file, line, column, length, text, pointer), pointer. */
json_t *diags_json(struct diags *d);

#endif
