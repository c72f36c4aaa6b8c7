/* SPDX-License-Identifier: MIT */
/* The statement tree as its JSON twin (profile.md section 7): members in table order, named blocks in byte order, and
 * the order of paths and servers told only where it is not that of their names. Equal profiles give equal bytes. */
#include "base/base.h"

#include "base/json.h"
#include "profile/profile.h"
#include "profile/tree.h"

/* No number of the language has more digits, so that no rounding shows. */
enum { REAL_DIGITS = 15, MILLION = 1000000 };

static json_t *block_json(const struct stmt *s, enum block_kind block);

static json_t *value_json(const struct value *v)
{
	switch (v->type) {
	case VALUE_INT:
		return json_integer((json_int_t)v->number);
	case VALUE_NUMBER:
		return v->number % MILLION ? json_real((double)v->number / MILLION)
					   : json_integer((json_int_t)(v->number / MILLION));
	case VALUE_BYTES: {
		struct value plain;

		if (value_parse(VALUE_INT, str_of(v->text), &plain) == 0)
			return json_integer((json_int_t)plain.number);
		return json_string(v->text);
	}
	case VALUE_SWITCH:
		return json_boolean(v->number);
	case VALUE_WRONG:
	case VALUE_NAME:
	case VALUE_LABEL:
	case VALUE_TEXT:
	case VALUE_FILE:
	case VALUE_URL:
	case VALUE_DEVICE:
	case VALUE_RATE:
	case VALUE_SIZE:
	case VALUE_PACKETS:
	case VALUE_TIME:
	case VALUE_PERCENT:
	case VALUE_ADDRESS:
	case VALUE_PREFIX:
	case VALUE_ENDPOINT:
	case VALUE_CODES:
	case VALUE_CHOICE:
	case VALUE_METHOD:
	case VALUE_TYPES:
		break;
	}
	return json_string(v->text);
}

static json_t *field_json(const struct field *f)
{
	return f->arg->kind == ARG_FLAG ? json_true() : value_json(&f->values[0]);
}

static bool is_option(const struct arg *arg)
{
	return arg->kind == ARG_OPTION || arg->kind == ARG_FLAG;
}

/* One statement: its only positional value, or an object; a keyword that takes nothing is a flag. */
static json_t *statement_json(const struct stmt *s)
{
	if (s->has_block)
		return block_json(s, s->keyword->inner);
	if (s->keyword->n_args == 0)
		return json_true();
	if (s->n_fields == 1 && !is_option(s->fields[0].arg))
		return field_json(&s->fields[0]);

	json_t *object = json_own(json_object());

	for (size_t i = 0; i < s->n_fields; i++)
		json_put(object, arg_name(s->fields[i].arg), field_json(&s->fields[i]));
	return object;
}

static bool takes_many(const struct keyword *k)
{
	for (size_t i = 0; i < k->n_args; i++)
		if (k->args[i].many)
			return true;
	return false;
}

static const struct stmt *next_of(const struct stmt *s, const struct keyword *k)
{
	while (s && s->keyword != k)
		s = s->next;
	return s;
}

/* All values of all statements with this keyword; or one element per statement. */
static json_t *array_json(const struct stmt *first)
{
	json_t *array = json_own(json_array());

	for (const struct stmt *s = first; s; s = next_of(s->next, s->keyword)) {
		if (!takes_many(s->keyword))
			json_push(array, statement_json(s));
		for (size_t i = 0; takes_many(s->keyword) && i < s->n_fields; i++)
			for (size_t v = 0; v < s->fields[i].n; v++)
				json_push(array, value_json(&s->fields[i].values[v]));
	}
	return array;
}

static int compare_names(const void *a, const void *b)
{
	const struct stmt *const *x = a;
	const struct stmt *const *y = b;

	return strcmp((*x)->name->text, (*y)->name->text);
}

/* Does the order in which these stand mean something? */
static bool is_ordered(const struct keyword *k)
{
	return k->inner == BLOCK_PATH || k->inner == BLOCK_SERVER;
}

/* Named blocks, and for paths and servers the order as written if it is not that of the names. */
static void put_named(json_t *object, const struct stmt *first)
{
	const struct keyword *k = first->keyword;
	json_t *members = json_own(json_object());
	json_t *order = json_own(json_array());
	bool sorted = true;
	size_t n = 0;

	for (const struct stmt *s = first; s; s = next_of(s->next, k))
		n++;
	const struct stmt **list = calloc(n, sizeof(const struct stmt *));

	if (!list)
		out_of_memory();
	n = 0;
	for (const struct stmt *s = first; s; s = next_of(s->next, k)) {
		sorted = sorted && (n == 0 || compare_names(&list[n - 1], &s) < 0);
		json_push(order, json_string(s->name->text));
		list[n++] = s;
	}
	qsort(list, n, sizeof(*list), compare_names);
	for (size_t i = 0; i < n; i++)
		json_put(members, list[i]->name->text, block_json(list[i], k->inner));
	free(list);
	json_put(object, k->word, members);
	if (is_ordered(k) && !sorted) {
		auto_text struct text name = { 0 };

		text_printf(&name, "%s-order", k->word);
		json_put(object, text_get(&name), json_incref(order));
	}
	json_decref(order);
}

static json_t *block_json(const struct stmt *s, enum block_kind block)
{
	json_t *object = json_own(json_object());

	for (const struct keyword *k = keyword_next(block, NULL); k; k = keyword_next(block, k)) {
		const struct stmt *first = next_of(s->first, k);

		if (!first)
			continue;
		if (k->named)
			put_named(object, first);
		else if (takes_many(k) || k->times == TIMES_ANY || k->times == TIMES_SOME)
			json_put(object, k->word, array_json(first));
		else
			json_put(object, k->word, statement_json(first));
	}
	return object;
}

void profile_print_json(const struct profile *p, unsigned indent, struct text *out)
{
	json_t *twin = block_json(p->tree, BLOCK_TOP);
	const size_t form = indent ? JSON_INDENT(indent) : JSON_COMPACT;

	json_print(twin, form | JSON_REAL_PRECISION(REAL_DIGITS), out);
	json_decref(twin);
	if (indent)
		text_putc(out, '\n');
}

void profile_digest(const struct profile *p, char hex[65])
{
	auto_text struct text twin = { 0 };

	profile_print_json(p, 0, &twin);
	sha256_hex(text_get(&twin), twin.n, hex);
}
