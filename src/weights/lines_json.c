/* SPDX-License-Identifier: MIT */
/* A file that is JSON instead of lines: read whole, with places as pointers. */
#include "base/base.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/text.h"
#include "weights/lines.h"
#include "weights/lines_parts.h"
#include "weights/memory.h"

enum { JSON_MOST = 64 * 1024 * 1024 };

bool lines_is_json(struct lines *l)
{
	size_t i = l->begin;

	for (;;) {
		while (i < l->end && strchr(" \t\r\n", l->bytes[i]) && l->bytes[i])
			i++;
		if (i < l->end || l->is_ended || l->end == l->room)
			break;
		i -= l->begin;
		if (lines_fill(l))
			return false;
	}
	return i < l->end && (l->bytes[i] == '{' || l->bytes[i] == '[');
}

/* The rest of the file, as one text. */
static int read_rest(struct lines *l, struct text *out)
{
	const struct place place = lines_file(l);

	l->wish.max_bytes = MIN(l->wish.max_bytes, JSON_MOST);
	while (!l->is_ended || l->begin < l->end) {
		text_add(out, l->bytes + l->begin, l->end - l->begin);
		l->begin = l->end;
		const int err = l->is_ended ? 0 : lines_fill(l);
		if (err) {
			l->n_errors++;
			return err;
		}
	}
	if (out->n <= l->wish.max_bytes)
		return 0;
	diag_error(l->diags, &place, "input", "file is longer than %llu bytes", (unsigned long long)l->wish.max_bytes);
	l->n_errors++;
	return -EFBIG;
}

/* A line of a text, from its number. */
static struct str line_of(const struct text *t, unsigned number)
{
	struct str rest = { text_get(t), t->n };
	struct str line = rest;

	for (unsigned i = 0; i < number && field_next(&rest, '\n', &line); i++)
		;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* What a value, a member or a place in an array takes in the heap, as Jansson 2.14 makes them, with the tables that objects
 * keep of their members; text besides. */
enum {
	OBJECT_BYTES = 240, ARRAY_BYTES = 128, MEMBER_BYTES = 112, STRING_BYTES = 64, NUMBER_BYTES = 32, PLACE_BYTES = 16,
};

/* Where a string ends that begins at `from`. */
static size_t string_end(const struct text *t, size_t from)
{
	size_t i = from + 1;

	while (i < t->n && t->p[i] != '"')
		i += t->p[i] == '\\' ? 2 : 1;
	return i;
}

/* What a text takes as JSON, by the characters that its values begin with. A member was counted as a string and a place. */
static uint64_t count_bytes(const struct text *t)
{
	uint64_t sum = t->n;
	bool in_number = false;

	for (size_t i = 0; i < t->n; i++) {
		const char c = t->p[i];
		const bool is_digit = (c >= '0' && c <= '9') || c == '-' || (in_number && strchr("+.eE", c) && c);

		sum += is_digit && !in_number ? NUMBER_BYTES : 0;
		in_number = is_digit;
		if (c == '"') {
			sum += STRING_BYTES;
			i = string_end(t, i);
		} else if (c == ':') {
			sum += MEMBER_BYTES - STRING_BYTES - PLACE_BYTES;
		} else if (c == ',') {
			sum += PLACE_BYTES;
		} else if (c == '{' || c == '[') {
			sum += c == '{' ? OBJECT_BYTES : ARRAY_BYTES;
		}
	}
	return sum;
}

uint64_t lines_json_bytes(const struct lines *l)
{
	return l->json_bytes;
}

json_t *lines_json(struct lines *l)
{
	auto_text struct text t = { 0 };
	json_error_t error;

	if (read_rest(l, &t))
		return NULL;
	l->json_bytes = count_bytes(&t);
	if (!memory_allows(l->arena, t.n + l->json_bytes, l->diags)) {
		l->n_errors++;
		return NULL;
	}
	json_t *root = json_loadb(text_get(&t), t.n, JSON_REJECT_DUPLICATES, &error);
	if (root)
		return root;
	l->number = (unsigned)MAX(error.line, 1);
	l->line = line_of(&t, l->number);
	const size_t column = MIN((size_t)MAX(error.column - 1, 0), l->line.n);
	lines_error(l, (struct str){ l->line.p + column, l->line.n > column }, "%s", error.text);
	l->line = (struct str){ NULL, 0 };
	return NULL;
}

struct place lines_member(struct lines *l, const struct place *parent, const char *name, size_t i)
{
	auto_text struct text pointer = { 0 };

	text_puts(&pointer, parent && parent->pointer ? parent->pointer : "");
	text_putc(&pointer, '/');
	if (!name)
		text_printf(&pointer, "%zu", i);
	for (; name && *name; name++) {
		if (*name == '~' || *name == '/')
			text_puts(&pointer, *name == '~' ? "~0" : "~1");
		else
			text_putc(&pointer, *name);
	}
	return (struct place){ .source = l->source, .pointer = arena_copy(l->arena, text_get(&pointer), pointer.n) };
}

const char *lines_value(struct lines *l, const json_t *value)
{
	auto_text struct text shown = { 0 };

	if (json_is_string(value))
		text_puts(&shown, json_string_value(value));
	else
		json_print(value, JSON_ENCODE_ANY | JSON_COMPACT, &shown);
	return arena_printf(l->arena, "%.40s", text_get(&shown));
}

int amount_of_json(const json_t *v, struct amount *out)
{
	if (!json_is_number(v))
		return -EINVAL;
	const double real = json_number_value(v);
	if (real < 0)
		return -EINVAL;
	/* As a double, 10^18 + 1 is no more than 10^18. */
	if (real > 1e18 || (json_is_integer(v) && json_integer_value(v) > INT64_C(1000000000000000000)))
		return -ERANGE;
	*out = (struct amount){ .real = real, .is_whole = json_is_integer(v) || floor(real) == real };
	if (out->is_whole)
		out->whole = json_is_integer(v) ? (uint64_t)json_integer_value(v) : (uint64_t)real;
	return 0;
}
