/* SPDX-License-Identifier: MIT */
/* Tokens to rows, comments and blank lines included; layout.c prints them. The twin goes through the profile. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/json.h"
#include "profile/fmt.h"
#include "profile/layout.h"
#include "profile/lex.h"
#include "profile/limits.h"
#include "profile/profile.h"

/* A longer comment does not stay behind a statement: the line might grow too long to be read again. */
enum { COMMENT_LIMIT = LIMIT_LINE_BYTES / 2 };

struct open_block {
	struct row *row;        /* NULL: the file */
	struct statement *statement;
	struct place place;     /* the { */
	bool one_line;          /* no line has ended since */
};

struct fmt {
	struct arena *arena;
	struct diags *diags;
	struct open_block open[LIMIT_DEPTH + 1];        /* [0] is the file */
	unsigned depth;
	struct row *row;        /* the statement being read; NULL between statements */
	size_t room;            /* of its words */
	size_t n_words;         /* in all */
	struct row *last;       /* a comment on this line belongs to it; NULL: to nothing */
	bool line_is_empty, blank;
};

/* A new row, after a blank line if there was one, but not at the beginning of a block. */
static struct row *add_row(struct fmt *f, enum row_kind kind)
{
	struct statement *block = f->open[f->depth].statement;

	if (f->blank && block->last)
		row_add(f->arena, block, ROW_BLANK);
	f->blank = false;
	return row_add(f->arena, block, kind);
}

static void end_statement(struct fmt *f)
{
	if (f->row)
		f->last = f->row;
	f->row = NULL;
}

static void add_comment(struct fmt *f, const struct token *t)
{
	end_statement(f);
	struct row *owner = f->last;

	if (!owner || t->text.n > COMMENT_LIMIT)
		add_row(f, ROW_COMMENT)->comment = t->text;
	else if (owner->statement->has_block && owner != f->open[f->depth].row)
		owner->statement->close_comment = t->text;
	else
		owner->comment = t->text;
}

static void add_word(struct fmt *f, const struct token *t)
{
	if (!f->row && t->kind != TOKEN_WORD) {
		diag_error(f->diags, &t->place, "syntax", "expected a keyword");
		return;
	}
	if (!f->row) {
		f->row = add_row(f, ROW_STATEMENT);
		f->room = 0;
	}
	struct statement *s = f->row->statement;

	if (t->kind == TOKEN_EQUALS && !(s->n_words == 2 && str_is(s->words[0], "define"))) {
		struct diag *g = diag_error(f->diags, &t->place, "syntax", "unexpected '='");

		diag_hint(f->diags, g, "write: keyword value");
	}
	s->words = arena_grow(f->arena, s->words, s->n_words, &f->room, sizeof(*s->words));
	s->words[s->n_words++] = t->text;
	f->n_words++;
}

static void open_block(struct fmt *f, const struct token *t)
{
	if (!f->row) {
		diag_error(f->diags, &t->place, "syntax", "expected a keyword");
		return;
	}
	f->open[++f->depth] = (struct open_block){ f->row, f->row->statement, t->place, true };
	f->row->statement->has_block = true;
	end_statement(f);
	f->blank = false;
}

static void close_block(struct fmt *f, const struct token *t)
{
	end_statement(f);
	if (f->depth == 0) {
		diag_error(f->diags, &t->place, "syntax", "'}' without a '{'");
		return;
	}
	f->last = f->open[f->depth].row;
	f->last->statement->one_line = f->open[f->depth].one_line;
	f->depth--;
	f->blank = false;
}

static void end_line(struct fmt *f)
{
	end_statement(f);
	f->last = NULL;
	if (f->line_is_empty)
		f->blank = true;
	f->line_is_empty = true;
	for (unsigned i = 1; i <= f->depth; i++)
		f->open[i].one_line = false;
}

static void take(struct fmt *f, const struct token *t)
{
	if (t->kind != TOKEN_NEWLINE && t->kind != TOKEN_JOIN)
		f->line_is_empty = false;
	switch (t->kind) {
	case TOKEN_WORD:
	case TOKEN_STRING:
	case TOKEN_VARIABLE:
	case TOKEN_EQUALS:
		add_word(f, t);
		break;
	case TOKEN_OPEN:
		open_block(f, t);
		break;
	case TOKEN_CLOSE:
		close_block(f, t);
		break;
	case TOKEN_SEMICOLON:
		end_statement(f);
		break;
	case TOKEN_NEWLINE:
		end_line(f);
		break;
	case TOKEN_COMMENT:
		add_comment(f, t);
		break;
	case TOKEN_JOIN:
	case TOKEN_ERROR:
	case TOKEN_END:
		break;
	}
}

/* Is there no more to be read? Told if a limit is the reason. */
static bool is_over_limit(struct fmt *f, const struct token *t)
{
	if (f->n_words > LIMIT_WORDS)
		diag_error(f->diags, &t->place, "limit", "profile has more than %d words", LIMIT_WORDS);
	else if (t->kind == TOKEN_OPEN && f->depth == LIMIT_DEPTH)
		diag_error(f->diags, &t->place, "limit", "blocks are nested deeper than %d", LIMIT_DEPTH);
	else
		return false;
	return true;
}

static void read_rows(struct fmt *f, const struct source *source)
{
	struct lex lex;
	struct token t;

	lex_init(&lex, source, f->diags);
	for (lex_next(&lex, &t); t.kind != TOKEN_END; lex_next(&lex, &t)) {
		if (is_over_limit(f, &t))
			return;
		take(f, &t);
	}
	if (f->depth > 0 && !lex.stopped)
		diag_error(f->diags, &f->open[1].place, "syntax", "this '{' is never closed");
}

/* The twin's layout comes from the keyword table, so all of it must be good. "$schema" says nothing of the profile, so
 * that the writer does not know it; here it stays. */
static int fmt_twin(const struct source *source, struct text *out, struct diags *d)
{
	const struct profile *p = profile_read_text(source->name, source->text, NULL, d->arena, d);
	auto_text struct text twin = { 0 };

	if (!p)
		return -EINVAL;
	json_t *object = json_own(json_loadb(source->text.p, source->text.n, 0, NULL));
	json_t *schema = json_object_get(object, "$schema");

	profile_print_json(p, 2, &twin);
	text_puts(out, "{\n");
	if (schema) {
		text_puts(out, "  \"$schema\": ");
		json_print(schema, JSON_ENCODE_ANY | JSON_COMPACT, out);
		text_puts(out, ",\n");
	}
	text_puts(out, text_get(&twin) + strlen("{\n"));
	json_decref(object);
	return 0;
}

int fmt_text(const struct source *source, struct text *out, struct diags *d)
{
	if (text_is_twin(source->text))
		return fmt_twin(source, out, d);

	const size_t errors = d->n_errors;
	struct arena *a = arena_new();
	struct statement root = { .has_block = true };
	struct fmt f = { .arena = a, .diags = d, .line_is_empty = true };

	f.open[0].statement = &root;
	read_rows(&f, source);
	if (d->n_errors == errors)
		layout_print(a, &root, out);
	arena_free(a);
	return d->n_errors == errors ? 0 : -EINVAL;
}
