/* SPDX-License-Identifier: MIT */
/* The JSON twin to a tree: the same statements, in the order of the keyword table, so that member order means nothing.
 * Places are JSON pointers; only text that is no JSON has line and column. */
#include "base/base.h"

#include <jansson.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/fill.h"
#include "profile/lex.h"
#include "profile/limits.h"
#include "profile/parse.h"
#include "profile/tree.h"

enum { MOST_MARKS = LIMIT_WORDS / 2 * 3 };

struct twin {
	struct arena *arena;
	struct diags *diags;
	struct tree *tree;
	const struct source *source;
	size_t all_words;
	unsigned order;
	bool stopped;
};

/* ---- places ---------------------------------------------------------------------------------------------------- */
static struct place place_of(const struct twin *t, const char *pointer)
{
	return (struct place){ .source = t->source, .pointer = pointer };
}

/* The place of a member: the pointer with '~' and '/' in the name escaped. */
static struct place member_place(struct twin *t, const struct place *parent, const char *name)
{
	const size_t n = strlen(parent->pointer);
	char *pointer = arena_alloc(t->arena, n + 1 + 2 * strlen(name) + 1);
	char *p = pointer + n;

	memcpy(pointer, parent->pointer, n);
	*p++ = '/';
	for (; *name; name++) {
		if (*name == '~' || *name == '/') {
			*p++ = '~';
			*p++ = *name == '~' ? '0' : '1';
		} else {
			*p++ = *name;
		}
	}
	return place_of(t, pointer);
}

static struct place element_place(struct twin *t, const struct place *parent, size_t i)
{
	return place_of(t, arena_printf(t->arena, "%s/%zu", parent->pointer, i));
}

/* ---- text to JSON ---------------------------------------------------------------------------------------------- */
struct scan {
	size_t marks;           /* what stands around and between names and values */
	unsigned depth, line, column;
	bool in_string, escaped;
};

static void scan_char(struct scan *s, char c)
{
	s->column += ((unsigned char)c & 0xc0) != 0x80;
	if (c == '\n') {
		s->line++;
		s->column = 0;
	}
	if (s->in_string) {
		s->in_string = s->escaped || c != '"';
		s->escaped = !s->escaped && c == '\\';
		return;
	}
	s->in_string = c == '"';
	s->depth += c == '{' || c == '[';
	s->depth -= (c == '}' || c == ']') && s->depth > 0;
	s->marks += c == '{' || c == '[' || c == ',' || c == ':';
}

/* Depth and number of values, before the library takes memory for them: even a block that holds one statement has fewer
 * marks than one and a half to a word. */
static bool is_within_limits(struct twin *t)
{
	struct scan s = { .line = 1 };
	const struct str text = t->source->text;

	for (size_t i = 0; i < text.n && s.depth <= LIMIT_DEPTH && s.marks <= MOST_MARKS; i++)
		scan_char(&s, text.p[i]);
	const struct place place = { .source = t->source, .line = s.line, .column = s.column, .length = 1 };
	if (s.depth > LIMIT_DEPTH)
		diag_error(t->diags, &place, "limit", "JSON is nested deeper than %d", LIMIT_DEPTH);
	else if (s.marks > MOST_MARKS)
		diag_error(t->diags, &place, "limit", "profile has more than %d words", LIMIT_WORDS);
	return s.depth <= LIMIT_DEPTH && s.marks <= MOST_MARKS;
}

static json_t *load(struct twin *t)
{
	const struct str text = t->source->text;
	json_error_t error;

	if (!is_within_limits(t))
		return NULL;
	json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
	if (root)
		return root;
	const struct place place = { .source = t->source, .line = (unsigned)MAX(error.line, 1),
				     .column = (unsigned)MAX(error.column, 1), .length = 1 };
	const bool is_duplicate = json_error_code(&error) == json_error_duplicate_key;
	diag_error(t->diags, &place, is_duplicate ? "duplicate" : "syntax", "%s", error.text);
	return NULL;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */
static bool count_words(struct twin *t, size_t n, const struct place *place)
{
	if (t->stopped)
		return false;
	t->all_words += n;
	if (t->all_words <= LIMIT_WORDS)
		return true;
	diag_error(t->diags, place, "limit", "profile has more than %d words", LIMIT_WORDS);
	t->stopped = true;
	t->tree->complete = false;
	return false;
}

/* A number as it would be written, without exponent where it needs none; so many digits as tell it from its neighbours. */
static struct str number_text(struct twin *t, const json_t *v)
{
	if (json_is_integer(v))
		return str_of(arena_printf(t->arena, "%lld", (long long)json_integer_value(v)));
	auto_free char *p = NULL;
	for (unsigned digits = 15; digits <= 17; digits++) {
		free(p);
		p = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
		if (!p)
			out_of_memory();
		json_t *again = json_loads(p, JSON_DECODE_ANY, NULL);
		const bool same = again && json_equal(v, again);
		json_decref(again);
		if (same)
			break;
	}
	struct str s = str_of(arena_strdup(t->arena, p));
	if (s.n > 2 && memcmp(s.p + s.n - 2, ".0", 2) == 0)
		s.n -= 2;
	return s;
}

/* One word. False: it is none (told). `owner` is what messages name. */
static bool read_word(struct twin *t, const json_t *v, const struct place *place, const char *owner, struct word *w)
{
	*w = (struct word){ .place = *place };
	if (json_is_string(v)) {
		w->text = (struct str){ json_string_value(v), json_string_length(v) };
		w->kind = WORD_JSON_STRING;
		const size_t good = text_good(w->text);
		if (good < w->text.n)
			diag_error(t->diags, place, "bad-value", "text for '%s' holds a byte 0x%02x", owner,
				   (unsigned)(unsigned char)w->text.p[good]);
		return good == w->text.n;
	}
	if (json_is_number(v)) {
		w->text = number_text(t, v);
		w->kind = WORD_JSON_NUMBER;
		return true;
	}
	if (json_is_boolean(v)) {
		w->text = json_is_true(v) ? STR("true") : STR("false");
		w->kind = WORD_JSON_BOOL;
		return true;
	}
	if (json_is_null(v))
		diag_error(t->diags, place, "missing", "'%s' needs a value", owner);
	else
		diag_error(t->diags, place, "unexpected", "'%s' takes no %s here", owner,
			   json_is_object(v) ? "object" : "array");
	return false;
}

/* ---- statements ------------------------------------------------------------------------------------------------ */
static struct stmt *add(struct twin *t, struct stmt *parent, const struct keyword *k, const struct place *place)
{
	struct stmt *s = stmt_add(t->arena, parent, k, place);

	s->order = ++t->order;
	(void)count_words(t, 1, place);
	return s;
}

/* A flag is true, or left out. */
static bool read_flag(struct twin *t, const json_t *v, const struct place *place, const char *owner)
{
	struct word w;

	if (json_is_true(v))
		return true;
	if (read_word(t, v, place, owner, &w)) {
		struct diag *g = diag_error(t->diags, place, "bad-value", "unknown value '%.*s' for '%s'", (int)w.text.n,
					    w.text.p, owner);
		diag_hint(t->diags, g, "one of: true");
	}
	return false;
}

static void read_argument(struct twin *t, struct fill *f, size_t i, const json_t *v, const struct place *place)
{
	const struct arg *arg = &f->stmt->keyword->args[i];
	const char *owner = arg->kind == ARG_OPTION || arg->kind == ARG_FLAG ? arg->name : f->stmt->keyword->word;
	struct word w;

	if (!count_words(t, 2, place))
		return;
	if (arg->kind == ARG_FLAG && read_flag(t, v, place, owner)) {
		fill_values(f, i, place, NULL, 0);
	} else if (arg->kind != ARG_FLAG && read_word(t, v, place, owner, &w)) {
		fill_values(f, i, place, &w, 1);
	} else {
		f->stmt->broken = true;
		f->closed |= i == 0;
	}
}

/* Values of a `…` argument: an array. */
static void read_list(struct twin *t, struct fill *f, const json_t *array, const struct place *place)
{
	const struct keyword *k = f->stmt->keyword;
	const size_t n = json_array_size(array);
	struct word *words = arena_array(t->arena, struct word, n);
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		const struct place at = element_place(t, place, i);
		/* Each may need a line, and so a keyword, of its own in the block language. */
		if (read_word(t, json_array_get(array, i), &at, k->word, &words[good]) && count_words(t, 2, &at))
			good++;
		else
			f->stmt->broken = true;
	}
	if (n == 0)
		diag_error(t->diags, place, "missing", "'%s' needs a value", k->word);
	f->stmt->broken |= n == 0;
	if (good > 0 && !t->stopped)
		fill_words(f, words, good);
}

static bool is_known_member(const struct fill *f, const char *name)
{
	const struct keyword *k = f->stmt->keyword;

	for (size_t i = fill_positional(f, 0); i < k->n_args; i = fill_positional(f, i + 1))
		if (strcmp(arg_name(&k->args[i]), name) == 0)
			return true;
	return fill_option(f, str_of(name)) < k->n_args;
}

static void tell_no_member(struct twin *t, struct fill *f, const struct arg *arg, const struct place *place)
{
	diag_error(t->diags, place, "missing", "'%s' has no '%s'", f->stmt->keyword->word, arg_name(arg));
	f->stmt->broken = true;
}

/* Positional values and options by their names. */
static void read_members(struct twin *t, struct fill *f, json_t *object, const struct place *place)
{
	const struct keyword *k = f->stmt->keyword;
	const char *name;
	json_t *v;

	for (size_t i = fill_positional(f, 0); i < k->n_args && !f->closed; i = fill_positional(f, i + 1)) {
		const struct arg *arg = &k->args[i];
		const struct place at = member_place(t, place, arg_name(arg));
		v = json_object_get(object, arg_name(arg));
		if (v) {
			read_argument(t, f, i, v, &at);
		} else if (arg->kind == ARG_VALUE) {
			tell_no_member(t, f, arg, place);
			return;
		}
	}
	json_object_foreach(object, name, v) {
		const struct place at = member_place(t, place, name);
		const size_t i = fill_option(f, str_of(name));
		const struct word w = { .text = str_of(name), .kind = WORD_JSON_STRING, .place = at };
		if (f->closed)
			return;
		if (i < k->n_args)
			read_argument(t, f, i, v, &at);
		else if (!is_known_member(f, name))
			fill_unexpected(f, &w);
	}
}

/* A statement without a block: a value, or an object with its arguments. */
static void read_simple(struct twin *t, struct stmt *parent, const struct keyword *k, json_t *v, const struct place *place)
{
	struct stmt *s = add(t, parent, k, place);
	struct fill f;
	struct word w;

	if (t->stopped)
		return;
	fill_start(&f, s, t->diags);
	if (k->n_args == 0) {
		s->broken = !read_flag(t, v, place, k->word);
	} else if (json_is_object(v)) {
		read_members(t, &f, v, place);
	} else if (k->args[0].many && json_is_array(v)) {
		read_list(t, &f, v, place);
	} else if (k->args[0].many) {
		diag_error(t->diags, place, "bad-value", "'%s' needs an array", k->word);
		s->broken = true;
	} else if (!read_word(t, v, place, k->word, &w) || !count_words(t, 1, place)) {
		s->broken = true;
	} else {
		fill_words(&f, &w, 1);
	}
	fill_stop(&f);
	if (k->args && k->args[0].types[0].rule == RULE_VERSION && s->n_fields > 0 && s->fields[0].values[0].out_of_range) {
		t->stopped = true;
		t->tree->complete = false;
	}
}

static void read_block(struct twin *t, json_t *object, struct stmt *parent, enum block_kind block);

/* A block without a name, or an interface's shaper in place. */
static void read_inside(struct twin *t, struct stmt *s, json_t *v)
{
	if (json_is_object(v)) {
		s->has_block = true;
		read_block(t, v, s, s->keyword->inner);
		return;
	}
	diag_error(t->diags, &s->place, "missing", "'%s' needs a block", s->keyword->word);
	s->broken = true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in the order that the enclosing object's "path-order" gives. What is wrong with it is told. */
static void order_names(struct twin *t, const char **names, size_t n, const struct keyword *k, const json_t *order,
			const struct place *place)
{
	const char **ordered = arena_array(t->arena, const char *, n);
	bool *taken = arena_array(t->arena, bool, n);
	size_t count = 0;

	if (!json_is_array(order)) {
		diag_error(t->diags, place, "bad-value", "'%s-order' needs an array", k->word);
		return;
	}
	for (size_t i = 0; i < json_array_size(order); i++) {
		const struct place at = element_place(t, place, i);
		const char *name = json_string_value(json_array_get(order, i));
		const char **found = name && n ? bsearch(&name, names, n, sizeof(*names), compare_texts) : NULL;
		if (!found) {
			diag_error(t->diags, &at, "dangling", "no %s '%s'", k->word, name ? name : "?");
		} else if (taken[found - names]) {
			diag_error(t->diags, &at, "duplicate", "'%s' is given twice", name);
		} else {
			taken[found - names] = true;
			ordered[count++] = *found;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (taken[i])
			continue;
		diag_error(t->diags, place, "missing", "'%s' is not in the order", names[i]);
		ordered[count++] = names[i];
	}
	if (n > 0)
		memcpy(names, ordered, n * sizeof(*names));
}

static void read_named(struct twin *t, struct stmt *parent, const struct keyword *k, json_t *v, const struct place *place,
		       const char **names)
{
	for (size_t i = 0; i < json_object_size(v) && !t->stopped; i++) {
		const struct place at = member_place(t, place, names[i]);
		const struct word w = { .text = str_of(names[i]), .kind = WORD_JSON_STRING, .place = at };
		struct stmt *s = add(t, parent, k, &at);
		struct fill f;
		if (!count_words(t, 1, &at))
			return;
		fill_start(&f, s, t->diags);
		fill_words(&f, &w, 1);
		fill_stop(&f);
		s->left_out = is_other_role(t->tree, s);
		if (!s->broken && !s->left_out)
			read_inside(t, s, json_object_get(v, names[i]));
	}
}

/* Named blocks: an object by name, in byte order or in the order given beside it. */
static void read_all_named(struct twin *t, struct stmt *parent, const struct keyword *k, json_t *object,
			   const struct place *above)
{
	const struct place place = member_place(t, above, k->word);
	json_t *v = json_object_get(object, k->word);
	auto_text struct text order_name = { 0 };
	const char *name;
	json_t *ignored;
	size_t n = 0;

	if (!json_is_object(v)) {
		diag_error(t->diags, &place, "bad-value", "'%s' needs an object of names", k->word);
		add(t, parent, k, &place)->broken = true;
		return;
	}
	const char **names = arena_array(t->arena, const char *, json_object_size(v));
	json_object_foreach(v, name, ignored)
		names[n++] = name;
	if (n > 1)
		qsort(names, n, sizeof(*names), compare_texts);
	text_printf(&order_name, "%s-order", k->word);
	const json_t *order = k->ordered ? json_object_get(object, text_get(&order_name)) : NULL;
	if (order) {
		const struct place at = member_place(t, above, text_get(&order_name));
		order_names(t, names, n, k, order, &at);
	}
	read_named(t, parent, k, v, &place, names);
}

static void read_keyword(struct twin *t, struct stmt *parent, const struct keyword *k, json_t *object,
			 const struct place *above)
{
	json_t *v = json_object_get(object, k->word);
	const struct place place = member_place(t, above, k->word);

	if (k->named) {
		read_all_named(t, parent, k, object, above);
	} else if (k->inner != BLOCK_NONE && (!k->inner_or_value || json_is_object(v))) {
		struct stmt *s = add(t, parent, k, &place);
		read_inside(t, s, v);
	} else if ((k->times == TIMES_ANY || k->times == TIMES_SOME) && !k->args[0].many) {
		if (!json_is_array(v))
			diag_error(t->diags, &place, "bad-value", "'%s' needs an array", k->word);
		else if (json_array_size(v) == 0)
			diag_error(t->diags, &place, "missing", "'%s' needs a value", k->word);
		if (json_array_size(v) == 0)
			add(t, parent, k, &place)->broken = true;
		for (size_t i = 0; i < json_array_size(v) && !t->stopped; i++) {
			const struct place at = element_place(t, &place, i);
			read_simple(t, parent, k, json_array_get(v, i), &at);
		}
	} else {
		read_simple(t, parent, k, v, &place);
	}
}

/* The keyword whose names a "path-order" puts in order; NULL: it is none. */
static const struct keyword *ordered_by(enum block_kind block, const char *name)
{
	static const struct str suffix = { "-order", 6 };
	const size_t n = strlen(name);

	if (n <= suffix.n || memcmp(name + n - suffix.n, suffix.p, suffix.n) != 0)
		return NULL;
	const struct keyword *k = keyword_find(block, (struct str){ name, n - suffix.n });
	return k && k->ordered ? k : NULL;
}

/* A member that is no keyword of the block. */
static void read_other(struct twin *t, const char *name, const json_t *object, struct stmt *parent, enum block_kind block)
{
	const struct place at = member_place(t, &parent->place, name);
	const struct keyword *k = ordered_by(block, name);

	if (k) {                        /* read with what it puts in order, if that is there */
		if (!json_object_get(object, k->word))
			order_names(t, NULL, 0, k, json_object_get(object, name), &at);
		return;
	}
	k = unknown_keyword(block, &at, str_of(name), t->diags);
	parent->has_unknown = true;
	if (k && k->named && k->in_role)
		t->tree->complete = false;
	if (k && (k->times == TIMES_ONE || k->times == TIMES_SOME)) {
		struct stmt *s = add(t, parent, k, &at);
		s->broken = s->is_guess = true;
	}
}

static void read_block(struct twin *t, json_t *object, struct stmt *parent, enum block_kind block)
{
	const struct place *above = &parent->place;
	const char *name;
	json_t *v;

	for (const struct keyword *k = keyword_next(block, NULL); k && !t->stopped; k = keyword_next(block, k))
		if (json_object_get(object, k->word))
			read_keyword(t, parent, k, object, above);
	json_object_foreach(object, name, v) {
		const struct keyword *k = keyword_find(block, str_of(name));
		if (t->stopped || (k && !k->grammar) || (block == BLOCK_TOP && strcmp(name, "$schema") == 0))
			continue;
		read_other(t, name, object, parent, block);
	}
}

void parse_json(struct tree *tree, const struct source *source, struct arena *a, struct diags *d)
{
	struct twin t = { .arena = a, .diags = d, .tree = tree, .source = source };
	const struct place start = { .source = source, .pointer = "" };

	tree->root = stmt_add(a, NULL, NULL, &start);
	tree->root->has_block = true;
	json_t *root = load(&t);
	if (!root)
		return;
	tree->complete = true;
	read_block(&t, root, tree->root, BLOCK_TOP);
	json_decref(root);
	tree_check(tree, a, d);
}
