/* SPDX-License-Identifier: MIT */
/* The block language to a tree: statements, blocks, define and include. Each file is gone through twice: once for its
 * bytes and braces, then for its statements, so that the inside of a block that is never closed is left alone.
 * After an error it goes on with the next statement. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "profile/files.h"
#include "profile/fill.h"
#include "profile/lex.h"
#include "profile/limits.h"
#include "profile/parse.h"
#include "profile/tree.h"

/* All of one profile. */
struct parse {
	struct arena *arena;
	struct diags *diags;
	const struct files *files;
	struct tree *tree;
	struct word *words;             /* of the statement being read */
	size_t n_words, words_room;
	size_t all_words, all_bytes;
	unsigned n_files, order;
	const char *open[LIMIT_INCLUDE_DEPTH + 1];      /* the files being read, outermost first */
	unsigned depth;
	short buckets[2 * LIMIT_VARIABLES];             /* of variables, by hash: index + 1 */
	bool stopped, has_version;
};

/* One file of it. */
struct input {
	struct parse *parse;
	struct lex lex;
	struct token token;             /* the one being looked at */
	size_t stop_at;                 /* reading ends at this byte: an open block, or a limit */
	bool included;
};

static void stop(struct parse *p)
{
	p->stopped = true;
	p->tree->complete = false;
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */
static void advance(struct input *in)
{
	do
		lex_next(&in->lex, &in->token);
	while (in->token.kind == TOKEN_COMMENT || in->token.kind == TOKEN_JOIN);
	const char *start = in->lex.source->text.p;
	if (in->lex.stopped || in->parse->stopped ||
	    (in->token.kind != TOKEN_END && (size_t)(in->token.text.p - start) >= in->stop_at)) {
		stop(in->parse);
		in->token.kind = TOKEN_END;
	}
}

static bool is_end(enum token_kind kind)
{
	return kind == TOKEN_NEWLINE || kind == TOKEN_SEMICOLON || kind == TOKEN_CLOSE || kind == TOKEN_END;
}

/* From a '{' to behind its '}'. */
static void skip_block(struct input *in)
{
	unsigned depth = 0;

	do {
		depth += in->token.kind == TOKEN_OPEN;
		depth -= in->token.kind == TOKEN_CLOSE;
		if (in->token.kind == TOKEN_END)
			return;
		advance(in);
	} while (depth > 0);
}

/* To the end of the statement, its block included. */
static void skip_statement(struct input *in)
{
	while (!is_end(in->token.kind) && in->token.kind != TOKEN_OPEN)
		advance(in);
	if (in->token.kind == TOKEN_OPEN)
		skip_block(in);
}

/* The bytes of a file and its braces: finds where reading has to end. */
static void scan_file(struct input *in)
{
	struct lex l;
	struct token t;
	struct token outermost = { 0 };
	unsigned depth = 0;

	lex_init(&l, in->lex.source, in->parse->diags);
	for (lex_next(&l, &t); t.kind != TOKEN_END; lex_next(&l, &t)) {
		if (t.kind == TOKEN_OPEN && depth++ == 0)
			outermost = t;
		if (t.kind == TOKEN_CLOSE && depth > 0)
			depth--;
		if (depth > LIMIT_DEPTH) {
			diag_error(in->parse->diags, &t.place, "limit", "blocks are nested deeper than %d", LIMIT_DEPTH);
			in->stop_at = (size_t)(t.text.p - in->lex.source->text.p);
			return;
		}
	}
	if (depth == 0 || l.stopped)
		return;
	in->stop_at = (size_t)(outermost.text.p - in->lex.source->text.p);
	if (!l.open_string)
		diag_error(in->parse->diags, &outermost.place, "syntax", "this '{' is never closed");
}

/* ---- words ----------------------------------------------------------------------------------------------------- */
static bool count_word(struct parse *p, const struct place *place)
{
	if (p->all_words++ < LIMIT_WORDS)
		return true;
	diag_error(p->diags, place, "limit", "profile has more than %d words", LIMIT_WORDS);
	stop(p);
	return false;
}

static void add_word(struct parse *p, const struct word *w)
{
	if (!count_word(p, &w->place))
		return;
	p->words = arena_grow(p->arena, p->words, p->n_words, &p->words_room, sizeof(*p->words));
	p->words[p->n_words++] = *w;
}

static short *bucket(struct parse *p, struct str name)
{
	const size_t n = ARRAY_LEN(p->buckets);
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * 16777619u;
	size_t i = hash % n;
	while (p->buckets[i] && !str_is(name, p->tree->variables[p->buckets[i] - 1].name))
		i = (i + 1) % n;
	return &p->buckets[i];
}

static void tell_undefined(struct parse *p, const struct token *t, struct str name)
{
	const char *names[LIMIT_VARIABLES];
	struct diag *g = diag_error(p->diags, &t->place, "dangling", "variable '$%.*s' is not defined", (int)name.n, name.p);

	if (g == &p->diags->dropped)
		return;
	for (size_t i = 0; i < p->tree->n_variables; i++)
		names[i] = p->tree->variables[i].name;
	(void)diag_nearest(p->diags, g, name, names, p->tree->n_variables);
}

/* The words that a variable stands for, all at its own place. False: it stands for none, which has been told. */
static bool add_variable(struct parse *p, const struct token *t)
{
	const struct str name = { t->text.p + 1, t->text.n - 1 };

	if (!name_is_valid(name)) {
		struct diag *g = diag_error(p->diags, &t->place, "bad-value", "'%.*s' is not a variable", (int)t->text.n,
					    t->text.p);
		diag_hint(p->diags, g, "$ and %s", value_kinds[VALUE_NAME].hint);
		return false;
	}
	const short found = *bucket(p, name);
	if (!found) {
		tell_undefined(p, t, name);
		return false;
	}
	struct variable *v = &p->tree->variables[found - 1];
	v->used = true;
	for (size_t i = 0; i < v->n && !p->stopped; i++) {
		struct word w = v->words[i];
		w.place = t->place;
		add_word(p, &w);
	}
	return v->n > 0;
}

static struct word word_of(struct parse *p, const struct token *t)
{
	struct word w = { .text = t->text, .kind = WORD_BARE, .place = t->place };

	if (t->kind == TOKEN_STRING) {
		char *value = arena_alloc(p->arena, t->text.n);
		w.text = (struct str){ value, string_value(t->text, value) };
		w.kind = WORD_QUOTED;
	}
	return w;
}

static void tell_equals(struct parse *p, const struct place *place)
{
	struct diag *g = diag_error(p->diags, place, "syntax", "unexpected '='");

	diag_hint(p->diags, g, "write: keyword value");
}

/* Words up to the end of the statement or its '{'. False: something that is no word stood there; it has been told, and
 * the rest of the statement is left out, but for its block. */
static bool read_words(struct input *in)
{
	struct parse *p = in->parse;
	bool good = true;

	p->n_words = 0;
	for (; !is_end(in->token.kind) && in->token.kind != TOKEN_OPEN; advance(in)) {
		const struct token *t = &in->token;
		if (t->kind == TOKEN_WORD || t->kind == TOKEN_STRING) {
			const struct word w = word_of(p, t);
			add_word(p, &w);
		} else if (t->kind == TOKEN_VARIABLE) {
			good &= add_variable(p, t);
		} else {
			if (t->kind == TOKEN_EQUALS && good)
				tell_equals(p, &t->place);
			good = false;
		}
	}
	return good;
}

/* ---- define and include ---------------------------------------------------------------------------------------- */
/* The words of the statement become a variable; none, if something is wrong with it. */
static void add_definition(struct parse *p, const struct token *name, bool good)
{
	struct tree *t = p->tree;
	short *slot = bucket(p, name->text);

	if (*slot) {
		struct diag *g = diag_error(p->diags, &name->place, "duplicate", "variable '%.*s' is defined twice",
					    (int)name->text.n, name->text.p);
		diag_note(p->diags, g, &t->variables[*slot - 1].place, "first defined here");
		return;
	}
	if (t->n_variables == LIMIT_VARIABLES || p->n_words > LIMIT_VARIABLE_WORDS) {
		if (t->n_variables == LIMIT_VARIABLES)
			diag_error(p->diags, &name->place, "limit", "profile has more than %d variables", LIMIT_VARIABLES);
		else
			diag_error(p->diags, &name->place, "limit", "variable '%.*s' has more than %d words", (int)name->text.n,
				   name->text.p, LIMIT_VARIABLE_WORDS);
		stop(p);
		return;
	}
	const size_t n = good ? p->n_words : 0;
	struct word *words = arena_array(p->arena, struct word, n);
	if (n > 0)
		memcpy(words, p->words, n * sizeof(*words));
	t->variables[t->n_variables++] = (struct variable){
		.name = arena_str(p->arena, name->text), .place = name->place, .words = words, .n = n,
	};
	*slot = (short)t->n_variables;
}

/* The name and '=' of a definition. False: told, and skipped. */
static bool read_defined_name(struct input *in, struct token *name)
{
	struct parse *p = in->parse;

	*name = in->token;
	if (name->kind != TOKEN_WORD || !name_is_valid(name->text)) {
		if (name->kind != TOKEN_ERROR) {
			struct diag *g = diag_error(p->diags, &name->place, "bad-value", "'%.*s' is not a name",
						    (int)name->text.n, name->text.p);
			diag_hint(p->diags, g, "%s", value_kinds[VALUE_NAME].hint);
		}
		skip_statement(in);
		return false;
	}
	advance(in);
	if (in->token.kind == TOKEN_EQUALS) {
		advance(in);
		return true;
	}
	const int n = (int)name->text.n;
	struct diag *g = diag_error(p->diags, &name->place, "syntax", "no '=' after '%.*s'", n, name->text.p);
	diag_hint(p->diags, g, "write: define %.*s = VALUE", n, name->text.p);
	skip_statement(in);
	add_definition(p, name, false);
	return false;
}

static void read_define(struct input *in)
{
	struct parse *p = in->parse;
	const struct place keyword = in->token.place;
	struct token name;

	advance(in);
	if (is_end(in->token.kind)) {
		if (!p->stopped)
			diag_error(p->diags, &keyword, "missing", "'define' needs a value");
		return;
	}
	if (!read_defined_name(in, &name))
		return;
	const bool good = read_words(in);
	if (p->stopped)
		return;
	if (good && p->n_words == 0)
		diag_error(p->diags, &name.place, "missing", "'%.*s' needs a value", (int)name.text.n, name.text.p);
	add_definition(p, &name, good);
	if (in->token.kind == TOKEN_OPEN) {
		diag_error(p->diags, &keyword, "unexpected", "'define' takes no block");
		skip_block(in);
	}
}

static void read_file_of(struct parse *p, const struct source *source, bool included);

static void include_file(struct parse *p, const char *name, const struct word *written)
{
	struct str text = { "", 0 };
	const int err = p->files ? files_read(p->files, name, LIMIT_FILE_BYTES, p->arena, &text) : -EACCES;

	if (err == -EFBIG || p->all_bytes + text.n > LIMIT_ALL_BYTES || p->n_files == LIMIT_FILES ||
	    p->depth > LIMIT_INCLUDE_DEPTH) {
		diag_error(p->diags, &written->place, "limit", "%s",
			   err == -EFBIG                  ? "file is larger than 1 MiB" :
			   p->n_files == LIMIT_FILES      ? "profile has more than 64 files" :
			   p->depth > LIMIT_INCLUDE_DEPTH ? "includes are nested deeper than 16" :
							    "profile is larger than 4 MiB");
		stop(p);
		return;
	}
	if (err) {
		diag_error(p->diags, &written->place, "include", "cannot read '%.*s': %s", (int)written->text.n,
			   written->text.p, p->files ? strerror(-err) : "this profile must stand alone");
		p->tree->complete = false;
		return;
	}
	const char *id = files_id(p->files, name, p->arena);
	for (unsigned i = 0; i < p->depth; i++) {
		if (strcmp(p->open[i], id) != 0)
			continue;
		diag_error(p->diags, &written->place, "include", "include goes round in a circle");
		p->tree->complete = false;
		return;
	}
	struct source *source = arena_one(p->arena, struct source);
	*source = (struct source){ .name = name, .text = text, .order = p->n_files };
	p->open[p->depth++] = id;
	read_file_of(p, source, true);
	p->depth--;
}

/* A relative name counts from the directory of the file it stands in. */
static const char *resolve(struct parse *p, const struct source *from, struct str name)
{
	const char *slash = strrchr(from->name, '/');

	if (!slash && str_is(name, "-"))        /* not standard input */
		return "./-";
	if (!slash || (name.n > 0 && name.p[0] == '/'))
		return arena_str(p->arena, name);
	return arena_printf(p->arena, "%.*s/%.*s", (int)(slash - from->name), from->name, (int)name.n, name.p);
}

static void include_words(struct input *in)
{
	struct parse *p = in->parse;
	struct word w = p->words[0];
	const char *name = resolve(p, in->lex.source, w.text);
	const char *slash = strrchr(name, '/');

	if (!p->files || !strpbrk(slash ? slash : name, "*?")) {
		include_file(p, name, &w);
		return;
	}
	const char **names;
	const size_t n = files_match(p->files, name, LIMIT_FILES + 1, p->arena, &names);
	for (size_t i = 0; i < n && !p->stopped; i++) {
		w.text = str_of(names[i]);      /* what cannot be read is called by its own name */
		include_file(p, names[i], &w);
	}
}

static void read_include(struct input *in)
{
	struct parse *p = in->parse;
	const struct token keyword = in->token;
	bool has_variable = false;

	advance(in);
	p->n_words = 0;
	if (in->token.kind == TOKEN_VARIABLE) {
		diag_error(p->diags, &in->token.place, "unexpected", "unexpected '%.*s' after 'include'",
			   (int)in->token.text.n, in->token.text.p);
		has_variable = true;
	}
	if (has_variable || !read_words(in)) {
		p->tree->complete = false;
		skip_statement(in);
		return;
	}
	if (p->stopped)
		return;
	if (p->n_words == 0)
		diag_error(p->diags, &keyword.place, "missing", "'include' needs a value");
	else if (p->n_words > 1)
		diag_error(p->diags, &p->words[1].place, "unexpected", "unexpected '%.*s' after 'include'",
			   (int)p->words[1].text.n, p->words[1].text.p);
	else if (in->token.kind == TOKEN_OPEN)
		diag_error(p->diags, &keyword.place, "unexpected", "'include' takes no block");
	else
		include_words(in);
	skip_statement(in);
}

/* ---- statements ------------------------------------------------------------------------------------------------ */
static void read_block(struct input *in, struct stmt *parent, enum block_kind block);

/* A block where none belongs. Of a name before a block it is not known whether it was to be found. */
static void tell_block(struct parse *p, struct stmt *s)
{
	struct diag *g = diag_error(p->diags, &s->place, "unexpected", "'%s' takes no block", s->keyword->word);

	if (s->keyword->inner_or_value) {
		diag_hint(p->diags, g, "write a name or a block");
		s->n_fields = 0;
	}
}

/* The block of a statement, or that it has none. */
static void read_inside(struct input *in, struct stmt *s)
{
	const struct keyword *k = s->keyword;
	struct parse *p = in->parse;
	const bool wants = k->inner != BLOCK_NONE && !(k->inner_or_value && s->n_fields > 0);

	if (in->token.kind != TOKEN_OPEN) {
		if (wants && !s->broken && !p->stopped) {
			if (k->inner_or_value)
				diag_error(p->diags, &s->place, "missing", "'%s' needs a value", k->word);
			else
				diag_error(p->diags, &s->place, "missing", "'%s' needs a block", k->word);
			s->broken = true;
		}
		return;
	}
	if (!wants) {
		if (!s->broken)
			tell_block(p, s);
		s->broken = true;
		skip_block(in);
		return;
	}
	s->has_block = true;
	if (s->left_out) {
		skip_block(in);
		return;
	}
	advance(in);
	read_block(in, s, k->inner);
	if (in->token.kind == TOKEN_CLOSE)
		advance(in);
}

/* Another version may mean anything by what follows. */
static void check_version(struct parse *p, const struct stmt *s)
{
	if (s->n_fields > 0 && s->fields[0].values[0].out_of_range)
		stop(p);
	else if (s->order > 1 && !p->has_version)
		diag_error(p->diags, &s->place, "unexpected", "'%s' is not the first statement", s->keyword->word);
	p->has_version = true;
}

static void read_known(struct input *in, struct stmt *parent, const struct keyword *k)
{
	struct parse *p = in->parse;
	struct stmt *s = stmt_add(p->arena, parent, k, &in->token.place);
	struct fill f;

	s->order = p->order;
	advance(in);
	const bool good = read_words(in);
	if (p->stopped) {
		s->broken = true;
		return;
	}
	if (good) {
		fill_start(&f, s, p->diags);
		fill_words(&f, p->words, p->n_words);
		fill_stop(&f);
		s->left_out = is_other_role(p->tree, s);
	} else {
		s->broken = true;
	}
	read_inside(in, s);
	if (k->n_args > 0 && k->args[0].types[0].rule == RULE_VERSION)
		check_version(p, s);
}

static void read_unknown(struct input *in, struct stmt *parent, enum block_kind block)
{
	struct parse *p = in->parse;
	const struct place place = in->token.place;
	const struct keyword *meant = unknown_keyword(block, &place, in->token.text, p->diags);

	parent->has_unknown = true;
	if (meant && meant->named && meant->in_role)
		p->tree->complete = false;
	if (meant && (meant->times == TIMES_ONE || meant->times == TIMES_SOME)) {
		struct stmt *s = stmt_add(p->arena, parent, meant, &place);
		s->order = p->order;
		s->broken = s->is_guess = true;
	}
	skip_statement(in);
}

static void read_statement(struct input *in, struct stmt *parent, enum block_kind block)
{
	struct parse *p = in->parse;
	const struct keyword *k = keyword_find(block, in->token.text);

	p->order++;
	if (!count_word(p, &in->token.place)) {
		in->token.kind = TOKEN_END;
		return;
	}
	if (!k) {
		read_unknown(in, parent, block);
	} else if (k->grammar) {
		if (strcmp(k->word, "define") == 0)
			read_define(in);
		else
			read_include(in);
	} else if (in->included && k->times == TIMES_ONE && block == BLOCK_TOP) {
		diag_error(p->diags, &in->token.place, "unexpected", "'%s' does not stand in an included file", k->word);
		skip_statement(in);
	} else {
		read_known(in, parent, k);
	}
}

static void tell_no_keyword(struct parse *p, const struct token *t)
{
	struct diag *g = diag_error(p->diags, &t->place, "syntax", "expected a keyword");

	if (t->kind == TOKEN_OPEN)
		diag_hint(p->diags, g, "a '{' stands on the line of its keyword");
}

/* Up to the '}' that ends the block, or the end of the file. */
static void read_block(struct input *in, struct stmt *parent, enum block_kind block)
{
	struct parse *p = in->parse;

	while (in->token.kind != TOKEN_END && (in->token.kind != TOKEN_CLOSE || block == BLOCK_TOP)) {
		switch (in->token.kind) {
		case TOKEN_WORD:
			read_statement(in, parent, block);
			break;
		case TOKEN_CLOSE:
			diag_error(p->diags, &in->token.place, "syntax", "'}' without a '{'");
			advance(in);
			break;
		case TOKEN_OPEN:
		case TOKEN_STRING:
		case TOKEN_VARIABLE:
		case TOKEN_EQUALS:
			tell_no_keyword(p, &in->token);
			skip_statement(in);
			break;
		case TOKEN_ERROR:
			skip_statement(in);
			break;
		case TOKEN_SEMICOLON:
		case TOKEN_NEWLINE:
		case TOKEN_JOIN:
		case TOKEN_COMMENT:
		case TOKEN_END:
			advance(in);
			break;
		}
	}
}

static void read_file_of(struct parse *p, const struct source *source, bool included)
{
	struct input in = { .parse = p, .stop_at = SIZE_MAX, .included = included };

	p->n_files++;
	p->all_bytes += source->text.n;
	lex_init(&in.lex, source, NULL);
	scan_file(&in);
	advance(&in);
	read_block(&in, p->tree->root, BLOCK_TOP);
}

void parse_blocks(struct tree *t, const struct source *source, const struct files *files, struct arena *a,
		  struct diags *d)
{
	struct parse p = { .arena = a, .diags = d, .files = files, .tree = t };
	const struct place start = { .source = source, .line = 1, .column = 1, .length = 1 };

	t->root = stmt_add(a, NULL, NULL, &start);
	t->root->has_block = true;
	t->variables = arena_array(a, struct variable, LIMIT_VARIABLES);
	t->complete = true;
	p.open[p.depth++] = files ? files_id(files, source->name, a) : source->name;
	read_file_of(&p, source, false);
	tree_check(t, a, d);
}
