/* SPDX-License-Identifier: MIT */
/* Writes results and errors for people or as JSON, and holds the one table of exit codes. */
#include "base/base.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/out.h"
#include "base/text.h"

const struct failure failures[] = {
	{ "usage", 1, "wrong command line; nothing touched" },
	{ "profile", 1, "wrong profile; nothing touched" },
	{ "machine", 1, "a profile this machine cannot carry out; nothing touched" },
	{ "input", 1, "a file of data is wrong" },
	{ "infeasible", 1, "no weights meet the conditions" },
	{ "kernel", 2, "the kernel refused; rolled back" },
	{ "busy", 2, "the rule-set kept changing, or another change runs; rolled back" },
	{ "state", 3, "not in the asked state" },
	{ "permission", 4, "not allowed" },
	{ "unreachable", 5, "nlbcd, a proxy or the fleet store does not answer, and the verb needs it" },
	{ "unconfirmed", 6, "not confirmed in time, rolled back" },
	{ "rollback", 7, "roll-back incomplete; nlbc flush tries again" },
	{ "interrupted", 130, "stopped by a signal" },
	{ NULL, 0, NULL },
};

const struct failure *failure_of(const char *code)
{
	const struct failure *profile = failures;

	for (const struct failure *f = failures; f->code; f++) {
		if (code && strcmp(f->code, code) == 0)
			return f;
		if (strcmp(f->code, "profile") == 0)
			profile = f;
	}
	return profile;
}

const struct failure *failure_worst(const struct diags *d, const struct diag **first)
{
	const struct failure *worst = NULL;

	for (size_t i = 0; i < d->n; i++) {
		const struct failure *f = failure_of(d->list[i]->code);
		if (d->list[i]->severity != DIAG_ERROR || (worst && f->exit <= worst->exit))
			continue;
		worst = f;
		if (first)
			*first = d->list[i];
	}
	return worst;
}

bool colour_wanted(enum colour_when when, bool is_terminal, const char *no_color, const char *term)
{
	switch (when) {
	case COLOUR_ALWAYS:
		return true;
	case COLOUR_NEVER:
		return false;
	case COLOUR_AUTO:
		break;
	}
	return is_terminal && (!no_color || !*no_color) && !(term && strcmp(term, "dumb") == 0);
}

void tint_add(struct text *out, bool colour, enum tint tint, const char *s)
{
	static const char *const codes[] = {
		[TINT_NONE] = "", [TINT_GOOD] = "\033[32m", [TINT_CARE] = "\033[33m", [TINT_BAD] = "\033[31m",
	};
	const bool tinted = colour && tint != TINT_NONE;

	text_printf(out, "%s%s%s", tinted ? codes[tint] : "", s, tinted ? "\033[0m" : "");
}

/* What cannot be written is told by out_finish, once; why, only the call at which it fails knows. */
static void note_unwritten(struct out *o)
{
	if (!o->unwritten && ferror(o->results))
		o->unwritten = errno ? -errno : -EIO;
}

static void put(struct out *o, FILE *f, const struct text *t)
{
	if (t->n > 0 && fwrite(t->p, 1, t->n, f) < t->n)
		note_unwritten(o);
}

static void put_line(struct out *o, FILE *f, const char *fmt, va_list ap)
{
	auto_text struct text line = { 0 };

	text_vprintf(&line, fmt, ap);
	text_putc(&line, '\n');
	put(o, f, &line);
}

void out_result(struct out *o, const struct text *t)
{
	put(o, o->results, t);
}

void out_say(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet || o->json)
		return;
	va_start(ap, fmt);
	put_line(o, o->results, fmt, ap);
	va_end(ap);
}

void out_step(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet || o->json || !(o->verbose || o->is_terminal))
		return;
	va_start(ap, fmt);
	put_line(o, o->results, fmt, ap);
	va_end(ap);
}

void out_remark(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->json)
		return;
	va_start(ap, fmt);
	put_line(o, o->errors, fmt, ap);
	va_end(ap);
}

/* Fractions print with 15 digits: the shortest that does not show binary noise (0.004, not 0.0040000000000000001). */
static void put_json(struct out *o, FILE *f, const char *verb, json_t *result)
{
	const size_t layout = o->pretty ? JSON_INDENT(2) : JSON_COMPACT;
	json_t *object = json_pack("{s:{s:i,s:s,s:s,s:s},s:o}", "nlbc", "schema", 1, "version", NLBC_VERSION,
				   "host", o->host, "time", o->time, verb, result);

	if (!object)
		BUG("result of '%s' is no JSON", verb);
	if (json_dumpf(object, f, layout | JSON_REAL_PRECISION(15)) != 0 || fputc('\n', f) == EOF)
		note_unwritten(o);
	json_decref(object);
}

void out_json(struct out *o, const char *verb, json_t *result)
{
	put_json(o, o->results, verb, result);
}

int out_finish(struct out *o)
{
	errno = 0;
	if (fflush(o->results) != 0 || ferror(o->results))
		note_unwritten(o);
	return o->unwritten;
}

static int out_error_object(struct out *o, struct diags *d)
{
	json_t *diags = diags_json(d);   /* sorts: the message is that of the first place */
	const struct diag *first = NULL;
	const struct failure *f = failure_worst(d, &first);

	if (!f) {
		json_decref(diags);
		return 0;
	}
	put_json(o, o->errors, "error",
		 json_pack("{s:s,s:i,s:s,s:s?,s:o}", "code", f->code, "exit", f->exit, "message", first->text,
			   "hint", first->hint, "diags", diags));
	return f->exit;
}

int out_diags(struct out *o, struct diags *d, const char *file)
{
	auto_text struct text said = { 0 };

	(void)!out_finish(o);                      /* where both go to one place, messages follow whole lines */
	if (o->json)
		return out_error_object(o, d);
	struct diags shown = o->quiet ? diags_errors(d) : *d;
	diags_print(&shown, DIAG_HUMAN, file, o->colour_errors, &said);
	put(o, o->errors, &said);
	const struct failure *f = failure_worst(d, NULL);
	return f ? f->exit : 0;
}

struct cell {
	const char *text;
	size_t width;      /* in characters */
	enum tint tint;
};

static size_t width_of(const char *s)
{
	size_t width = 0;

	for (struct str rest = str_of(s); rest.n > 0; width++) {
		const size_t n = MAX(utf8_char(rest, NULL), 1);
		rest.p += n;
		rest.n -= n;
	}
	return width;
}

static struct cell *cell_add(struct table *t, enum tint tint, const char *text)
{
	t->cells = arena_grow(t->arena, t->cells, t->n, &t->room, sizeof(*t->cells));
	struct cell *c = &t->cells[t->n++];
	*c = (struct cell){ .text = text, .width = width_of(text), .tint = tint };
	return c;
}

void table_init(struct table *t, struct arena *a, const struct column *columns, size_t n_columns)
{
	*t = (struct table){ .arena = a, .columns = columns, .n_columns = n_columns };
	for (size_t i = 0; i < n_columns; i++)
		cell_add(t, TINT_NONE, columns[i].head);
}

void table_add(struct table *t, enum tint tint, const char *fmt, ...)
{
	auto_text struct text clean = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_add_printable(&clean, str_of(arena_vprintf(t->arena, fmt, ap)));
	va_end(ap);
	cell_add(t, tint, arena_copy(t->arena, text_get(&clean), clean.n));
}

void table_print(const struct table *t, const char *indent, bool colour, struct text *out)
{
	size_t *widths = arena_array(t->arena, size_t, t->n_columns);

	for (size_t i = 0; i < t->n; i++)
		widths[i % t->n_columns] = MAX(widths[i % t->n_columns], t->cells[i].width);
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *c = &t->cells[i];
		const size_t column = i % t->n_columns;
		const bool is_last = column + 1 == t->n_columns || i + 1 == t->n;
		const int pad = (int)(widths[column] - c->width);
		const bool right = t->columns[column].right;
		text_printf(out, "%s%*s", column == 0 ? indent : "   ", right ? pad : 0, "");
		tint_add(out, colour, c->tint, c->text);
		text_printf(out, "%*s%s", right || is_last ? 0 : pad, "", is_last ? "\n" : "");
	}
}

char *time_print(int64_t seconds, char buf[TIME_TEXT])
{
	const time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(buf, TIME_TEXT, "1970-01-01T00:00:00Z");
	return buf;
}
