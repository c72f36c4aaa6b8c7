/* SPDX-License-Identifier: MIT */
/* The statement tree as canonical block language: statements in the order of the tree, values as written, quotes only
 * where a word needs them, layout by layout.c. What is printed reads again as an equal tree. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/layout.h"
#include "profile/profile.h"
#include "profile/tree.h"

static bool is_option_name(const struct keyword *k, const char *text)
{
	for (size_t i = 0; i < k->n_args; i++)
		if ((k->args[i].kind == ARG_OPTION || k->args[i].kind == ARG_FLAG) && strcmp(k->args[i].name, text) == 0)
			return true;
	return false;
}

/* May the text stand as a bare word? An option's name may not, where a value is meant. */
static bool is_bare(const struct keyword *k, const char *text)
{
	if (!*text || *text == '$' || is_option_name(k, text))
		return false;
	for (const char *p = text; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr(",;{}#\"=\\", *p))
			return false;
	return true;
}

static struct str quoted(struct arena *a, const char *text)
{
	char *word = arena_alloc(a, 2 * strlen(text) + 3);
	size_t n = 0;

	word[n++] = '"';
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			word[n++] = '\\';
		word[n++] = *p;
	}
	word[n++] = '"';
	return (struct str){ word, n };
}

static void add_word(struct statement *r, struct str word)
{
	r->words[r->n_words++] = word;
}

static void add_words(struct arena *a, struct statement *r, const struct stmt *s)
{
	size_t n = 1;

	for (size_t i = 0; i < s->n_fields; i++)
		n += 1 + s->fields[i].n;
	r->words = arena_array(a, struct str, n);
	add_word(r, str_of(s->keyword->word));
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];

		if (f->arg->kind == ARG_OPTION || f->arg->kind == ARG_FLAG)
			add_word(r, str_of(f->arg->name));
		for (size_t v = 0; v < f->n; v++) {
			const char *text = f->values[v].text;

			add_word(r, is_bare(s->keyword, text) ? str_of(text) : quoted(a, text));
		}
	}
}

/* Blocks that are usually short stand on one line if they fit. */
static bool is_short_kind(const struct stmt *s)
{
	switch (s->keyword->inner) {
	case BLOCK_INTERFACE:
	case BLOCK_SHAPER:
	case BLOCK_PATH:
	case BLOCK_SERVER:
		return true;
	case BLOCK_NONE:
	case BLOCK_TOP:
	case BLOCK_ROLE:
	case BLOCK_KERNEL:
	case BLOCK_BALANCE:
	case BLOCK_PROXY:
	case BLOCK_ONION:
	case BLOCK_SCALE:
	case BLOCK_WEB:
	case BLOCK_KINDS:
		break;
	}
	return false;
}

/* Long blocks stand apart, and so do groups of statements with one keyword where there are blocks. */
static bool wants_blank(const struct stmt *before, const struct stmt *s)
{
	if (!before || (!before->has_block && !s->has_block))
		return false;
	return before->keyword != s->keyword || !is_short_kind(s);
}

static void add_rows(struct arena *a, struct statement *parent, const struct stmt *s)
{
	const struct stmt *before = NULL;

	for (const struct stmt *c = s->first; c; before = c, c = c->next) {
		if (!parent->one_line && wants_blank(before, c))
			row_add(a, parent, ROW_BLANK);
		struct statement *r = row_add(a, parent, ROW_STATEMENT)->statement;

		add_words(a, r, c);
		r->has_block = c->has_block;
		r->one_line = c->has_block && is_short_kind(c);
		add_rows(a, r, c);
	}
}

void profile_print(const struct profile *p, struct text *out)
{
	struct arena *a = arena_new();
	struct statement root = { .has_block = true };

	add_rows(a, &root, p->tree);
	layout_print(a, &root, out);
	arena_free(a);
}
