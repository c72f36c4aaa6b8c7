/* SPDX-License-Identifier: MIT */
/* Words to arguments. A first value that decides about the others (kind of a probe, method) is read first in either
 * spelling; where it is wrong, the rest of the statement is left alone. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "profile/fill.h"

void fill_start(struct fill *f, struct stmt *s, struct diags *d)
{
	*f = (struct fill){ .stmt = s, .diags = d };
	if (s->keyword->n_args > FILL_ARGS)
		BUG("keyword '%s' has too many arguments", s->keyword->word);
}

/* Text of the first value, which decides about the others; NULL: not given or wrong. */
static const char *first_text(const struct fill *f)
{
	return f->fields[0].n > 0 ? f->fields[0].values[0].text : NULL;
}

static bool is_positional(const struct arg *arg)
{
	return arg->kind == ARG_VALUE || arg->kind == ARG_OPTIONAL;
}

size_t fill_positional(const struct fill *f, size_t from)
{
	const struct keyword *k = f->stmt->keyword;

	while (from < k->n_args && !(is_positional(&k->args[from]) && arg_fits(&k->args[from], first_text(f))))
		from++;
	return from;
}

size_t fill_option(const struct fill *f, struct str name)
{
	const struct keyword *k = f->stmt->keyword;

	for (size_t i = 0; i < k->n_args; i++)
		if (!is_positional(&k->args[i]) && str_is(name, k->args[i].name) && arg_fits(&k->args[i], first_text(f)))
			return i;
	return k->n_args;
}

/* Does the first value decide about other arguments? */
static bool decides(const struct keyword *k)
{
	for (size_t i = 0; i < k->n_args; i++)
		if (k->args[i].when)
			return true;
	return false;
}

/* A method that is known, but not here: a check of meaning tells it, and its options are not looked at. */
static bool is_foreign_method(const struct arg *arg, const struct value *v)
{
	if (v->type != VALUE_METHOD)
		return false;
	for (size_t i = 0; arg->choices[i]; i++)
		if (strcmp(arg->choices[i], v->text) == 0)
			return false;
	return true;
}

static void tell_twice(struct fill *f, const struct word *w, const struct place *first)
{
	struct diag *g = diag_error(f->diags, &w->place, "duplicate", "'%.*s' is given twice", (int)w->text.n, w->text.p);

	diag_note(f->diags, g, first, "first given here");
	f->stmt->broken = true;
}

static void tell_no_value(struct fill *f, const struct place *place, const char *owner)
{
	diag_error(f->diags, place, "missing", "'%s' needs a value", owner);
	f->stmt->broken = true;
}

void fill_values(struct fill *f, size_t i, const struct place *place, const struct word *words, size_t n)
{
	const struct keyword *k = f->stmt->keyword;
	const struct arg *arg = &k->args[i];
	const char *owner = arg->kind == ARG_OPTION ? arg->name : k->word;
	struct value *values = n > 0 ? arena_array(f->diags->arena, struct value, n) : NULL;

	for (size_t j = 0; j < n; j++) {
		value_read(arg, owner, &words[j], f->diags, &values[j]);
		if (values[j].type == VALUE_WRONG || values[j].out_of_range)
			f->stmt->broken = true;
	}
	f->fields[i] = (struct field){ .arg = arg, .place = *place, .values = values, .n = n };
	if (i == 0 && n > 0 && decides(k) && (values[0].type == VALUE_WRONG || is_foreign_method(arg, &values[0])))
		f->closed = true;
}

static bool has_options(const struct keyword *k)
{
	return k->n_args > 0 && !is_positional(&k->args[k->n_args - 1]);
}

/* An option that other first values have: "only with: http". */
static void hint_option(struct fill *f, struct diag *g, struct str name)
{
	const struct keyword *k = f->stmt->keyword;
	auto_text struct text when = { 0 };
	const char *words[FILL_ARGS];
	size_t n = 0;

	for (size_t i = 0; i < k->n_args; i++) {
		const struct arg *arg = &k->args[i];
		if (is_positional(arg))
			continue;
		if (arg_fits(arg, first_text(f))) {
			words[n++] = arg->name;
		} else if (str_is(name, arg->name)) {
			text_puts(&when, when.n > 0 ? ", " : "");
			arg_print_when(arg, &when);
		}
	}
	if (when.n > 0) {
		diag_hint(f->diags, g, "only with: %s", text_get(&when));
		return;
	}
	if (diag_nearest(f->diags, g, name, words, n) || n == 0)
		return;
	auto_text struct text t = { 0 };
	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%s", i > 0 ? ", " : "", words[i]);
	diag_hint(f->diags, g, "options here: %s", text_get(&t));
}

void fill_unexpected(struct fill *f, const struct word *w)
{
	const struct keyword *k = f->stmt->keyword;
	const int n = (int)w->text.n;

	f->stmt->broken = true;
	if (!has_options(k) || !name_is_valid(w->text) || w->kind == WORD_QUOTED) {
		diag_error(f->diags, &w->place, "unexpected", "unexpected '%.*s' after '%s'", n, w->text.p, k->word);
		return;
	}
	const bool is_method = k->args[0].types[0].type == VALUE_METHOD && first_text(f);
	struct diag *g = is_method ? diag_error(f->diags, &w->place, "policy", "method '%s' has no option '%.*s'",
						first_text(f), n, w->text.p) :
				     diag_error(f->diags, &w->place, "unexpected", "'%s' has no option '%.*s'", k->word, n,
						w->text.p);
	hint_option(f, g, w->text);
}

static bool is_option_word(const struct fill *f, const struct word *w)
{
	return w->kind == WORD_BARE && fill_option(f, w->text) < f->stmt->keyword->n_args;
}

/* How many words an argument that stands at words[0] takes; a choice among several values stands alone. */
static size_t count_taken(const struct arg *arg, const struct word *words, size_t n)
{
	if (!arg->many)
		return 1;
	for (size_t i = 0; i < n && arg->choices; i++)
		for (size_t j = 0; arg->choices[j]; j++)
			if (str_is(words[i].text, arg->choices[j]))
				return MAX(i, 1);
	return n;
}

static size_t fill_front(struct fill *f, const struct word *words, size_t n)
{
	const struct keyword *k = f->stmt->keyword;
	size_t taken = 0;

	for (size_t i = fill_positional(f, 0); i < k->n_args && !f->closed; i = fill_positional(f, i + 1)) {
		const struct arg *arg = &k->args[i];
		const bool optional = arg->kind == ARG_OPTIONAL || k->inner_or_value;
		if (taken == n || (optional && is_option_word(f, &words[taken]))) {
			if (optional)
				continue;
			tell_no_value(f, &f->stmt->place, k->word);
			break;
		}
		const size_t count = count_taken(arg, words + taken, n - taken);
		fill_values(f, i, &words[taken].place, words + taken, count);
		taken += count;
	}
	return taken;
}

/* Is the word a value of this option? One that is also the name of an option only as one of its choices (`compat seed`). */
static bool is_value_of(const struct fill *f, const struct arg *arg, const struct word *w)
{
	for (size_t i = 0; arg->choices && arg->choices[i]; i++)
		if (str_is(w->text, arg->choices[i]))
			return true;
	return !is_option_word(f, w);
}

/* One option with its value, or a word that is none and what follows it up to the next option. How many words that was. */
static size_t fill_next(struct fill *f, const struct word *words, size_t n)
{
	const size_t i = words[0].kind == WORD_BARE ? fill_option(f, words[0].text) : f->stmt->keyword->n_args;
	size_t skipped = 1;

	if (i == f->stmt->keyword->n_args) {
		fill_unexpected(f, &words[0]);
		while (skipped < n && !is_option_word(f, &words[skipped]))
			skipped++;
		return skipped;
	}
	const struct arg *arg = &f->stmt->keyword->args[i];
	const bool has_value = arg->kind == ARG_OPTION && n > 1 && is_value_of(f, arg, &words[1]);
	if (f->fields[i].arg)
		tell_twice(f, &words[0], &f->fields[i].place);
	else
		fill_values(f, i, &words[0].place, words + 1, has_value);
	if (arg->kind == ARG_OPTION && !has_value)
		tell_no_value(f, &words[0].place, arg->name);
	return 1 + has_value;
}

void fill_words(struct fill *f, const struct word *words, size_t n)
{
	size_t taken = fill_front(f, words, n);

	while (taken < n && !f->closed)
		taken += fill_next(f, words + taken, n - taken);
}

void fill_stop(struct fill *f)
{
	struct stmt *s = f->stmt;
	struct field *fields;
	size_t n = 0;

	for (size_t i = 0; i < s->keyword->n_args; i++)
		n += f->fields[i].arg != NULL;
	fields = arena_array(f->diags->arena, struct field, n);
	s->fields = fields;
	s->n_fields = n;
	n = 0;
	for (size_t i = 0; i < s->keyword->n_args; i++)
		if (f->fields[i].arg)
			fields[n++] = f->fields[i];
	if (s->keyword->named && f->fields[0].n > 0)
		s->name = &f->fields[0].values[0];
}

/* "at top level or in a 'shaper' or 'path' block": where else a word is a keyword. */
static bool list_blocks(enum block_kind block, struct str word, struct text *t)
{
	bool first = true;

	if (block != BLOCK_TOP && keyword_find(BLOCK_TOP, word))
		text_puts(t, "at top level");
	for (enum block_kind b = BLOCK_KERNEL; b < BLOCK_KINDS; b++) {
		if (!keyword_find(b, word))
			continue;
		if (first)
			text_printf(t, "%sin %s ", t->n ? " or " : "", strchr("aeio", block_name(b)[0]) ? "an" : "a");
		text_printf(t, "%s'%s'", first ? "" : " or ", block_name(b));
		first = false;
	}
	if (!first)
		text_puts(t, " block");
	return t->n > 0;
}

const struct keyword *unknown_keyword(enum block_kind block, const struct place *place, struct str word, struct diags *d)
{
	struct diag *g = diag_error(d, place, "unknown-keyword", "unknown keyword '%.*s'", (int)word.n, word.p);
	auto_text struct text t = { 0 };
	const char *words[64];
	size_t n = 0;

	if (g == &d->dropped)
		return NULL;
	for (const struct keyword *k = keyword_next(block, NULL); k; k = keyword_next(block, k))
		words[n++] = k->word;
	for (size_t i = 0; i < n_keywords && place->line > 0 && block == BLOCK_TOP; i++)
		if (keywords[i].grammar)
			words[n++] = keywords[i].word;
	if (list_blocks(block, word, &t)) {
		diag_hint(d, g, "'%.*s' belongs %s", (int)word.n, word.p, text_get(&t));
		return NULL;
	}
	const char *nearest = nearest_word(word, words, n);
	if (nearest) {
		diag_hint(d, g, "did you mean '%s'?", nearest);
		return keyword_find(block, str_of(nearest));
	}
	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%s", i > 0 ? ", " : "", words[i]);
	diag_hint(d, g, "keywords here: %s", text_get(&t));
	return NULL;
}
