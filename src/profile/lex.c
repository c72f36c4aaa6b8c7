/* SPDX-License-Identifier: MIT */
/* Text to tokens: words, strings, variables, signs, comments, line ends; and what is wrong with the bytes themselves. */
#include "base/base.h"

#include "base/diag.h"
#include "base/text.h"
#include "profile/lex.h"
#include "profile/limits.h"

enum { BYTE_ORDER_MARK = 0xfeff };

static struct str rest(const struct lex *l)
{
	return (struct str){ l->source->text.p + l->at, l->source->text.n - l->at };
}

static int peek(const struct lex *l, size_t ahead)
{
	const struct str text = l->source->text;

	return l->at + ahead < text.n ? (unsigned char)text.p[l->at + ahead] : -1;
}

/* Bytes of the line end that stands `ahead` bytes from here; 0: none does. */
static size_t line_end(const struct lex *l, size_t ahead)
{
	if (peek(l, ahead) == '\n')
		return 1;
	return peek(l, ahead) == '\r' && peek(l, ahead + 1) == '\n' ? 2 : 0;
}

static struct place here(const struct lex *l, unsigned length)
{
	return (struct place){ .source = l->source, .line = l->line, .column = l->column, .length = length };
}

static size_t characters(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; count++) {
		const size_t n = (unsigned char)s.p[i] < 0x80 ? 1 : utf8_char((struct str){ s.p + i, s.n - i }, NULL);
		i += MAX(n, 1);
	}
	return count;
}

/* The next n bytes, all on this line, as a token. */
static void take(struct lex *l, enum token_kind kind, size_t n, struct token *t)
{
	t->kind = kind;
	t->text = (struct str){ rest(l).p, n };
	t->place = here(l, (unsigned)characters(t->text));
	l->at += n;
	l->column += t->place.length;
}

static void check_line_length(struct lex *l)
{
	const struct str left = rest(l);
	const char *feed = left.n ? memchr(left.p, '\n', left.n) : NULL;
	size_t n = feed ? (size_t)(feed - left.p) : left.n;

	if (n > 0 && feed && left.p[n - 1] == '\r')
		n--;
	if (n <= LIMIT_LINE_BYTES)
		return;
	l->stopped = true;
	const struct place place = here(l, 1);
	if (l->diags)
		diag_error(l->diags, &place, "limit", "line is longer than %d bytes", LIMIT_LINE_BYTES);
}

static void take_line_end(struct lex *l, enum token_kind kind, size_t n, struct token *t)
{
	take(l, kind, n, t);
	t->place.length = 1;
	l->line++;
	l->column = 1;
	check_line_length(l);
}

/* What is wrong with the character that begins s, which is not a tab; false: nothing. */
static bool is_bad(struct str s, size_t *n, uint32_t *c)
{
	*c = (unsigned char)s.p[0];
	*n = 1;
	if (*c < 0x80)
		return (*c < 0x20 && *c != '\t') || *c == 0x7f;
	*n = utf8_char(s, c);
	if (*n == 0) {
		*n = 1;
		return true;
	}
	return *c == BYTE_ORDER_MARK;
}

/* The one message about a bad character, or about a good one (in a string or comment) that stands outside. */
static void tell_bad(struct lex *l, const struct place *place, struct str s)
{
	size_t n;
	uint32_t c;

	if (!l->diags)
		return;
	if (!is_bad(s, &n, &c)) {
		struct diag *g = diag_error(l->diags, place, "syntax", "'%.*s' outside a string or comment", (int)n, s.p);
		diag_hint(l->diags, g, "write \"...\" around it");
	} else if (c == BYTE_ORDER_MARK) {
		diag_error(l->diags, place, "syntax", "unexpected byte order mark");
	} else if (n == 1 && c >= 0x80) {
		diag_error(l->diags, place, "syntax", "byte 0x%02x is not UTF-8", (unsigned)(unsigned char)s.p[0]);
	} else {
		diag_error(l->diags, place, "syntax", "unexpected control byte 0x%02x", (unsigned)c);
	}
}

/* An editor's mark before the first word: wrong, but the word is good. */
static void skip_byte_order_mark(struct lex *l)
{
	uint32_t c;
	const size_t n = utf8_char(rest(l), &c);

	if (n == 0 || c != BYTE_ORDER_MARK)
		return;
	const struct place place = here(l, 1);
	tell_bad(l, &place, rest(l));
	l->at += n;
	l->column++;
}

void lex_init(struct lex *l, const struct source *source, struct diags *d)
{
	*l = (struct lex){ .source = source, .diags = d, .line = 1, .column = 1 };
	check_line_length(l);
	skip_byte_order_mark(l);
}

size_t text_good(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t n;
		uint32_t c;
		if (is_bad((struct str){ s.p + i, s.n - i }, &n, &c))
			break;
		i += n;
	}
	return i;
}

/* Tells the first bad character of a token. */
static bool check_bytes(struct lex *l, const struct token *t)
{
	const size_t good = text_good(t->text);

	if (good == t->text.n)
		return true;
	struct place place = t->place;
	place.column += (unsigned)characters((struct str){ t->text.p, good });
	place.length = 1;
	tell_bad(l, &place, (struct str){ t->text.p + good, t->text.n - good });
	return false;
}

static size_t bytes_to_line_end(const struct lex *l)
{
	size_t n = 0;

	while (peek(l, n) >= 0 && line_end(l, n) == 0)
		n++;
	return n;
}

static void next_comment(struct lex *l, struct token *t)
{
	size_t n = bytes_to_line_end(l);

	while (peek(l, n - 1) == ' ' || peek(l, n - 1) == '\t')
		n--;
	take(l, TOKEN_COMMENT, n, t);
	(void)check_bytes(l, t);
}

/* Tells the first escape that is none. */
static bool check_escapes(struct lex *l, const struct token *t)
{
	for (size_t i = 1; i + 1 < t->text.n; i++) {
		if (t->text.p[i] != '\\')
			continue;
		i++;
		if (t->text.p[i] == '"' || t->text.p[i] == '\\')
			continue;
		struct place place = t->place;
		place.column += (unsigned)characters((struct str){ t->text.p, i - 1 });
		place.length = 2;
		if (l->diags) {
			const struct str s = { t->text.p + i, t->text.n - i };
			const size_t n = utf8_char(s, NULL);
			struct diag *g = diag_error(l->diags, &place, "syntax", "unexpected '\\%.*s' in a string", (int)n, s.p);
			diag_hint(l->diags, g, "the only escapes are \\\" and \\\\");
		}
		return false;
	}
	return true;
}

static void next_string(struct lex *l, struct token *t)
{
	size_t n = 1;

	while (peek(l, n) >= 0 && peek(l, n) != '"' && line_end(l, n) == 0)
		n += peek(l, n) == '\\' && peek(l, n + 1) >= 0 && line_end(l, n + 1) == 0 ? 2 : 1;
	if (peek(l, n) == '"') {
		take(l, TOKEN_STRING, n + 1, t);
		if (!check_bytes(l, t) || !check_escapes(l, t))
			t->kind = TOKEN_ERROR;
		return;
	}
	take(l, TOKEN_ERROR, n, t);
	l->open_string = true;
	if (l->diags)
		diag_error(l->diags, &t->place, "syntax", "string is not closed on its line");
}

static bool is_bare(int c)
{
	return c > ' ' && c < 0x7f && !strchr(",;{}#\"=\\", c);
}

/* A run of what is no token: one message, about its first character. */
static void next_error(struct lex *l, struct token *t)
{
	size_t n = 1;

	while (peek(l, n) >= 0x80)
		n++;
	take(l, TOKEN_ERROR, n, t);
	struct place place = t->place;
	place.length = 1;
	if (t->text.p[0] != '\\')
		tell_bad(l, &place, t->text);
	else if (l->diags)
		diag_error(l->diags, &place, "syntax", "unexpected '\\'");
}

static enum token_kind sign(int c)
{
	switch (c) {
	case '{':
		return TOKEN_OPEN;
	case '}':
		return TOKEN_CLOSE;
	case ';':
		return TOKEN_SEMICOLON;
	case '=':
		return TOKEN_EQUALS;
	default:
		return TOKEN_ERROR;
	}
}

void lex_next(struct lex *l, struct token *t)
{
	while (peek(l, 0) == ' ' || peek(l, 0) == '\t' || peek(l, 0) == ',') {
		l->at++;
		l->column++;
	}
	const int c = peek(l, 0);

	if (l->stopped || c < 0) {
		*t = (struct token){ .kind = TOKEN_END, .place = here(l, 0) };
	} else if (line_end(l, 0) > 0) {
		take_line_end(l, TOKEN_NEWLINE, line_end(l, 0), t);
	} else if (c == '\\' && line_end(l, 1) > 0) {
		take_line_end(l, TOKEN_JOIN, 1 + line_end(l, 1), t);
	} else if (c == '#') {
		next_comment(l, t);
	} else if (c == '"') {
		next_string(l, t);
	} else if (sign(c) != TOKEN_ERROR) {
		take(l, sign(c), 1, t);
	} else if (is_bare(c)) {
		size_t n = 1;
		while (is_bare(peek(l, n)))
			n++;
		take(l, c == '$' ? TOKEN_VARIABLE : TOKEN_WORD, n, t);
	} else {
		next_error(l, t);
	}
}

size_t string_value(struct str text, char *buf)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		buf[n++] = text.p[i];
	}
	return n;
}
