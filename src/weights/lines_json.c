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

json_t *lines_json(struct lines *l)
{
	auto_text struct text t = { 0 };
	json_error_t error;

	if (read_rest(l, &t))
		return NULL;
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
	if (real > 1e18)
		return -ERANGE;
	*out = (struct amount){ .real = real, .is_whole = json_is_integer(v) || floor(real) == real };
	if (out->is_whole)
		out->whole = json_is_integer(v) ? (uint64_t)json_integer_value(v) : (uint64_t)real;
	return 0;
}
