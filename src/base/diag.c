/* SPDX-License-Identifier: MIT */
/* Collects the user's mistakes and writes them as profile.md section 8 shows them. Whatever the user's bytes are,
 * what is written is printable UTF-8. */
#include "base/base.h"

#include <jansson.h>
#include <stdarg.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"

enum { LINE_LIMIT = 200 };

void diags_init(struct diags *d, struct arena *a)
{
	*d = (struct diags){ .arena = a };
}

static const char *printable(struct diags *d, const char *s)
{
	auto_text struct text clean = { 0 };

	text_add_printable(&clean, str_of(s));
	return arena_copy(d->arena, text_get(&clean), clean.n);
}

static const char *format(struct diags *d, const char *fmt, va_list ap)
{
	auto_text struct text t = { 0 };

	text_vprintf(&t, fmt, ap);
	return printable(d, text_get(&t));
}

static struct diag *diag_add(struct diags *d, enum diag_severity severity, const struct place *place,
			     const char *code)
{
	size_t *count = severity == DIAG_ERROR ? &d->n_errors : &d->n_warnings;

	if ((*count)++ >= DIAGS_KEPT)
		return &d->dropped;
	struct diag *g = arena_one(d->arena, struct diag);
	g->severity = severity;
	g->code = code;
	if (place)
		g->place = *place;
	d->list = arena_grow(d->arena, d->list, d->n, &d->room, sizeof(*d->list));
	d->list[d->n++] = g;
	return g;
}

struct diag *diag_error(struct diags *d, const struct place *place, const char *code, const char *fmt, ...)
{
	struct diag *g = diag_add(d, DIAG_ERROR, place, code);
	va_list ap;

	if (g == &d->dropped)
		return g;
	va_start(ap, fmt);
	g->text = format(d, fmt, ap);
	va_end(ap);
	return g;
}

struct diag *diag_warning(struct diags *d, const struct place *place, const char *code, const char *fmt, ...)
{
	struct diag *g = diag_add(d, DIAG_WARNING, place, code);
	va_list ap;

	if (g == &d->dropped)
		return g;
	va_start(ap, fmt);
	g->text = format(d, fmt, ap);
	va_end(ap);
	return g;
}

void diag_hint(struct diags *d, struct diag *g, const char *fmt, ...)
{
	va_list ap;

	if (!g || g == &d->dropped)
		return;
	va_start(ap, fmt);
	g->hint = format(d, fmt, ap);
	va_end(ap);
}

void diag_note(struct diags *d, struct diag *g, const struct place *place, const char *fmt, ...)
{
	va_list ap;

	if (!g || g == &d->dropped)
		return;
	va_start(ap, fmt);
	g->note = format(d, fmt, ap);
	va_end(ap);
	g->note_place = place ? *place : (struct place){ 0 };
}

bool diag_nearest(struct diags *d, struct diag *g, struct str word, const char *const *words, size_t n)
{
	if (g == &d->dropped)
		return true;
	const char *nearest = nearest_word(word, words, n);

	if (nearest)
		diag_hint(d, g, "did you mean '%s'?", nearest);
	return nearest != NULL;
}

/* Byte order of the parts, but numbers (places in an array) by their value: /via/2 before /via/10. */
static int compare_pointers(const char *a, const char *b)
{
	while (*a && *b) {
		const size_t na = strcspn(a + 1, "/");
		const size_t nb = strcspn(b + 1, "/");
		uint64_t va = 0;
		uint64_t vb = 0;
		if (parse_uint((struct str){ a + 1, na }, &va) == 0 &&
		    parse_uint((struct str){ b + 1, nb }, &vb) == 0 && va != vb)
			return va < vb ? -1 : 1;
		const int order = memcmp(a + 1, b + 1, MIN(na, nb));
		if (order || na != nb)
			return order ? order : na < nb ? -1 : 1;
		a += 1 + na;
		b += 1 + nb;
	}
	return (*a != 0) - (*b != 0);
}

static int compare_places(const struct place *a, const struct place *b)
{
	if (!a->source || !b->source)
		return !a->source - !b->source;
	if (a->source->order != b->source->order)
		return a->source->order < b->source->order ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return compare_pointers(a->pointer ? a->pointer : "", b->pointer ? b->pointer : "");
}

/* Stable, for two messages about one place: merges sorted halves. */
static void sort(struct diag **list, struct diag **spare, size_t n)
{
	if (n < 2)
		return;
	const size_t half = n / 2;
	sort(list, spare, half);
	sort(list + half, spare, n - half);
	memcpy(spare, list, n * sizeof(*list));
	size_t left = 0;
	size_t right = half;
	for (size_t i = 0; i < n; i++) {
		const bool take_left = right == n || (left < half && compare_places(&spare[left]->place,
										    &spare[right]->place) <= 0);
		list[i] = take_left ? spare[left++] : spare[right++];
	}
}

static void diags_sort(struct diags *d)
{
	if (d->n > 1)
		sort(d->list, arena_array(d->arena, struct diag *, d->n), d->n);
}

struct diags diags_errors(const struct diags *d)
{
	struct diags errors;

	diags_init(&errors, d->arena);
	errors.n_errors = d->n_errors;
	errors.list = arena_array(d->arena, struct diag *, d->n);
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i]->severity == DIAG_ERROR)
			errors.list[errors.n++] = d->list[i];
	return errors;
}

static void print_place(const struct place *place, struct text *out)
{
	text_add_printable(out, str_of(place->source ? place->source->name : "nlbc"));
	if (place->source && place->line > 0) {
		text_printf(out, ":%u:%u", place->line, place->column);
	} else if (place->source && place->pointer && place->pointer[0]) {
		text_putc(out, ':');
		text_add_printable(out, str_of(place->pointer));
	}
	text_puts(out, ": ");
}

/* Line `number` of a text, without its end; p NULL if there is none. */
static struct str find_line(struct str text, unsigned number)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;

	for (unsigned i = 1; p < end; i++) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		const char *stop = feed ? feed : end;
		if (i == number) {
			if (stop > p && stop[-1] == '\r')
				stop--;
			return (struct str){ p, (size_t)(stop - p) };
		}
		if (!feed)
			break;
		p = feed + 1;
	}
	return (struct str){ NULL, 0 };
}

/* The mark under the words: blanks or tabs up to the column, '^', and '~' as far as the words and the line go. */
static void print_mark(const struct place *place, struct str clean, struct text *out)
{
	unsigned column = 1;
	unsigned marked = 0;

	while (column < place->column && clean.n > 0) {
		const size_t n = utf8_char(clean, NULL);
		text_putc(out, clean.p[0] == '\t' ? '\t' : ' ');
		clean.p += n;
		clean.n -= n;
		column++;
	}
	do {
		const size_t n = utf8_char(clean, NULL);
		text_putc(out, marked++ ? '~' : '^');
		clean.p += n;
		clean.n -= n;
	} while (marked < place->length && clean.n > 0);
}

static void print_source_line(const struct place *place, const char *on, const char *off, struct text *out)
{
	auto_text struct text clean = { 0 };

	if (!place->source || place->line == 0)
		return;
	const unsigned first = MAX(place->source->first_line, 1);
	const struct str line = find_line(place->source->text, place->line - first + 1);
	if (!line.p)
		return;
	text_add_printable(&clean, line);
	const struct str shown = { text_get(&clean), clean.n };
	size_t characters = 0;
	for (size_t i = 0; i < shown.n; characters++)
		i += utf8_char((struct str){ shown.p + i, shown.n - i }, NULL);
	if (characters > LINE_LIMIT)
		return;
	text_printf(out, "%5u | %s\n      | %s", place->line, shown.p, on);
	print_mark(place, shown, out);
	text_printf(out, "%s\n", off);
}

static void print_human(const struct diag *g, bool colour, struct text *out)
{
	const bool is_error = g->severity == DIAG_ERROR;
	const char *on = !colour ? "" : is_error ? "\033[31m" : "\033[33m";
	const char *off = colour ? "\033[0m" : "";

	print_place(&g->place, out);
	text_printf(out, "%s%s:%s %s\n", on, is_error ? "error" : "warning", off, g->text);
	print_source_line(&g->place, on, off, out);
	if (g->hint)
		text_printf(out, "hint: %s\n", g->hint);
	if (g->note) {
		print_place(&g->note_place, out);
		text_printf(out, "note: %s\n", g->note);
	}
}

static void print_gcc(const struct diag *g, struct text *out)
{
	print_place(&g->place, out);
	text_printf(out, "%s: %s%s%s [%s]\n", g->severity == DIAG_ERROR ? "error" : "warning", g->text,
		    g->hint ? "; " : "", g->hint ? g->hint : "", g->code);
}

static void print_counts(const struct diags *d, const char *file, struct text *out)
{
	if (d->n_errors + d->n_warnings == 0)
		return;
	text_add_printable(out, str_of(file));
	text_puts(out, ": ");
	if (d->n_errors > 0)
		text_printf(out, "%zu error%s", d->n_errors, d->n_errors == 1 ? "" : "s");
	if (d->n_warnings > 0)
		text_printf(out, "%s%zu warning%s", d->n_errors ? ", " : "", d->n_warnings,
			    d->n_warnings == 1 ? "" : "s");
	text_putc(out, '\n');
}

static void print_more(size_t count, const char *kind, const char *file, struct text *out)
{
	if (count <= DIAGS_SHOWN)
		return;
	text_add_printable(out, str_of(file ? file : "nlbc"));
	text_printf(out, ": more %s not shown\n", kind);
}

void diags_print(struct diags *d, enum diag_format format_, const char *file, bool colour, struct text *out)
{
	unsigned shown[2] = { 0 };

	diags_sort(d);
	if (format_ == DIAG_GCC) {
		for (size_t i = 0; i < d->n; i++)
			print_gcc(d->list[i], out);
		return;
	}
	for (size_t i = 0; i < d->n; i++)
		if (shown[d->list[i]->severity]++ < DIAGS_SHOWN)
			print_human(d->list[i], colour, out);
	print_more(d->n_errors, "errors", file, out);
	print_more(d->n_warnings, "warnings", file, out);
	if (file)
		print_counts(d, file, out);
}

static json_t *json_text(struct diags *d, const char *s)
{
	return s ? json_string(printable(d, s)) : json_null();
}

static json_t *json_number(unsigned n)
{
	return n > 0 ? json_integer(n) : json_null();
}

static json_t *json_of(struct diags *d, const struct place *place)
{
	json_t *o = json_object();

	json_object_set_new(o, "file", json_text(d, place->source ? place->source->name : NULL));
	json_object_set_new(o, "line", json_number(place->line));
	json_object_set_new(o, "column", json_number(place->column));
	json_object_set_new(o, "length", json_number(place->length));
	return o;
}

static json_t *json_of_note(struct diags *d, const struct diag *g)
{
	if (!g->note)
		return json_null();
	json_t *o = json_of(d, &g->note_place);
	json_object_set_new(o, "text", json_text(d, g->note));
	json_object_set_new(o, "pointer", json_text(d, g->note_place.pointer));
	return o;
}

json_t *diags_json(struct diags *d)
{
	json_t *array = json_array();

	diags_sort(d);
	for (size_t i = 0; i < d->n; i++) {
		const struct diag *g = d->list[i];
		json_t *o = json_of(d, &g->place);
		json_object_set_new(o, "severity", json_string(g->severity == DIAG_ERROR ? "error" : "warning"));
		json_object_set_new(o, "code", json_text(d, g->code));
		json_object_set_new(o, "text", json_text(d, g->text));
		json_object_set_new(o, "hint", json_text(d, g->hint));
		json_object_set_new(o, "note", json_of_note(d, g));
		json_object_set_new(o, "pointer", json_text(d, g->place.pointer));
		json_array_append_new(array, o);
	}
	return array;
}
