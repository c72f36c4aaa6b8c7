/* SPDX-License-Identifier: MIT */
/* Profile text cut into tokens (profile.md section 1), one at a time, without memory of its own. Comments and line ends
 * are tokens too, so that `nlbc fmt` can print a file as it stands, with defines, includes and comments. */
#ifndef NLBC_PROFILE_LEX_H
#define NLBC_PROFILE_LEX_H

#include "base/base.h"
#include "base/diag.h"

enum token_kind {
	TOKEN_WORD,             /* a bare word */
	TOKEN_STRING,           /* with its quotes; string_value gives what it holds */
	TOKEN_VARIABLE,         /* with its $ */
	TOKEN_OPEN, TOKEN_CLOSE, TOKEN_SEMICOLON, TOKEN_EQUALS,
	TOKEN_NEWLINE,          /* ends a statement */
	TOKEN_JOIN,             /* \ and the line end: ends nothing */
	TOKEN_COMMENT,          /* with its #, without the line end and blanks before it */
	TOKEN_ERROR,            /* something that is no token; told */
	TOKEN_END               /* of the text, or where reading stopped (lex.stopped) */
};

struct token {
	enum token_kind kind;
	struct str text;
	struct place place;
};

struct lex {
	const struct source *source;
	struct diags *diags;    /* NULL: silent */
	size_t at;
	unsigned line, column;
	bool stopped;           /* a limit was met; told */
	bool open_string;       /* a string was not closed on its line */
};

/* diags may be NULL: then what is wrong is not told. Both outlive the lexer. */
void lex_init(struct lex *l, const struct source *source, struct diags *d);
void lex_next(struct lex *l, struct token *t);

/* Bytes of s before the first that may stand nowhere (control bytes but tab, no UTF-8, byte order mark); s.n: all good. */
size_t text_good(struct str s);

/* What a TOKEN_STRING holds: without quotes, escapes resolved; at most text.n bytes are written to buf. Returns the length. */
size_t string_value(struct str text, char *buf);

#endif
