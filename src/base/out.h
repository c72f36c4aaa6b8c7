/* SPDX-License-Identifier: MIT */
/* What a program's main prints with, and only main: results to standard output, all else to standard error; text for
 * people with aligned tables and colour, or JSON for scripts (command.md sections 1, 4 and 6). */
#ifndef NLBC_BASE_OUT_H
#define NLBC_BASE_OUT_H

#include "base/base.h"
#include "base/diag.h"
#include "base/text.h"

#include <jansson.h>

struct arena;

/* One row for each error code; diags carry the code, exit codes come from here alone. */
struct failure {
	const char *code;    /* in JSON and in struct diag */
	int exit;
	const char *means;
};
extern const struct failure failures[];      /* by rising exit code; ends with .code NULL */
/* The row of a code; the codes of profile.md section 6 (and NULL) are 'profile'. Never NULL. */
const struct failure *failure_of(const char *code);
/* The row of the error with the highest exit code, NULL if there is no error. *first is that diag; may be NULL. */
const struct failure *failure_worst(const struct diags *d, const struct diag **first);

enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
/* no_color and term are those environment variables' values, NULL where unset. */
bool colour_wanted(enum colour_when when, bool is_terminal, const char *no_color, const char *term);

/* What a word says, never said by its colour alone. */
enum tint { TINT_NONE, TINT_GOOD, TINT_CARE, TINT_BAD };   /* none, green, yellow, red */
void tint_add(struct text *out, bool colour, enum tint tint, const char *s);

/* Filled by main from options and environment; owns nothing. */
struct out {
	FILE *results, *errors;
	bool json, pretty, quiet, verbose;
	bool colour, colour_errors;       /* for results, for errors */
	bool is_terminal;                 /* results go to one */
	const char *host, *time;          /* of this run, for the JSON envelope */
	int unwritten;                    /* set here: -errno of the first result that could not be written */
};

/* Text that is the result; always written. */
void out_result(struct out *o, const struct text *t);
void out_say(struct out *o, const char *fmt, ...) PRINTF(2, 3);      /* a line about what was done: not with -q or -j */
void out_step(struct out *o, const char *fmt, ...) PRINTF(2, 3);     /* a line about a step: only on a terminal or with -v */
void out_remark(struct out *o, const char *fmt, ...) PRINTF(2, 3);   /* a line that follows an error, to errors: not with -j */
/* {"nlbc":{...},VERB:RESULT} on one line, indented with --pretty. Takes over the reference to `result`. */
void out_json(struct out *o, const char *verb, json_t *result);
/* Ends a verb: prints its diags behind the results (with -j an error object if there is an error, otherwise nothing; with
 * -q errors only) and returns the exit code, 0 if there is no error. `file` as in diags_print. */
int out_diags(struct out *o, struct diags *d, const char *file) MUST_USE;
/* Flushes the results: 0, or -errno if they could not all be written. */
int out_finish(struct out *o) MUST_USE;

/* A table for people: one line of heads, cells row by row, three blanks between columns. */
struct column {
	const char *head;
	bool right;        /* numbers: aligned to the right */
};
struct table {
	struct arena *arena;
	const struct column *columns;
	size_t n_columns;
	struct cell *cells;
	size_t n, room;
};
void table_init(struct table *t, struct arena *a, const struct column *columns, size_t n_columns);
/* The next cell, from left to right and top to bottom. */
void table_add(struct table *t, enum tint tint, const char *fmt, ...) PRINTF(3, 4);
/* Every line begins with `indent`; an unfinished last row ends early. */
void table_print(const struct table *t, const char *indent, bool colour, struct text *out);

/* RFC 3339 in UTC, whole seconds: 2026-01-05T10:11:12Z; returns buf. */
enum { TIME_TEXT = 32 };
char *time_print(int64_t seconds, char buf[TIME_TEXT]);

#endif
