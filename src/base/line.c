/* SPDX-License-Identifier: MIT */
/* Lines of a verb and key=value words: reading, writing, and finding them in a stream. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/line.h"

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_name_byte(char c)
{
	return is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_bare_byte(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* What is left to read, and where it goes in the line's own bytes. */
struct reading {
	struct str left;
	char *to;
};

static void advance(struct reading *r, size_t n)
{
	r->left.p += n;
	r->left.n -= n;
}

static struct str keep(struct reading *r, const char *p, size_t n)
{
	const struct str kept = { r->to, n };

	memcpy(r->to, p, n);
	r->to += n;
	return kept;
}

/* A verb or a key; empty: none stands here. */
static struct str read_name(struct reading *r)
{
	size_t n = 0;

	if (r->left.n > 0 && is_lower(r->left.p[0]))
		while (n < r->left.n && is_name_byte(r->left.p[n]))
			n++;
	const struct str name = keep(r, r->left.p, n);

	advance(r, n);
	return name;
}

static const char *read_string(struct reading *r, struct str *value)
{
	*value = (struct str){ r->to, 0 };
	advance(r, 1);
	while (r->left.n > 0 && r->left.p[0] != '"') {
		if (r->left.p[0] == '\\') {
			advance(r, 1);
			if (r->left.n == 0 || (r->left.p[0] != '"' && r->left.p[0] != '\\'))
				return "the only escapes are \\\" and \\\\";
		}
		const size_t n = utf8_char(r->left, NULL);

		if (n == 0)
			return "a string is not UTF-8";
		if (((unsigned char)r->left.p[0] < ' ' && r->left.p[0] != '\t') || r->left.p[0] == 0x7f)
			return "control byte in a string";
		value->n += keep(r, r->left.p, n).n;
		advance(r, n);
	}
	if (r->left.n == 0)
		return "a string is not closed";
	advance(r, 1);
	return NULL;
}

static const char *read_value(struct reading *r, struct line_word *w)
{
	if (r->left.n > 0 && r->left.p[0] == '"')
		return read_string(r, &w->value);
	size_t n = 0;

	while (n < r->left.n && is_bare_byte(r->left.p[n]))
		n++;
	if (n == 0)
		return "a value is missing";
	w->none = n == 1 && r->left.p[0] == '-';
	w->value = w->none ? (struct str){ NULL, 0 } : keep(r, r->left.p, n);
	advance(r, n);
	return NULL;
}

static const struct line_word *find(const struct line *l, struct str key)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->words[i].key, key))
			return &l->words[i];
	return NULL;
}

static const char *read_word(struct reading *r, struct line *l)
{
	if (l->n == LINE_WORDS)
		return "more than 64 words";
	struct line_word w = { .key = read_name(r) };

	if (w.key.n == 0)
		return "a key is missing";
	if (r->left.n == 0 || r->left.p[0] != '=')
		return "no '=' after a key";
	advance(r, 1);
	if (find(l, w.key))
		return "a key is given twice";
	const char *wrong = read_value(r, &w);

	l->words[l->n++] = w;
	return wrong;
}

static const char *read_line(struct str s, struct line *l)
{
	struct reading r = { .left = s, .to = l->bytes };

	l->n = 0;
	if (s.n + 1 > LINE_BYTES)
		return "longer than 4096 bytes";
	if (s.n == 0)
		return "an empty line";
	l->verb = read_name(&r);
	if (l->verb.n == 0)
		return "a verb is missing";
	while (r.left.n > 0) {
		if (r.left.p[0] != ' ')
			return "no blank after a word";
		advance(&r, 1);
		const char *wrong = read_word(&r, l);

		if (wrong)
			return wrong;
	}
	return NULL;
}

int line_parse(struct str s, struct line *l, const char **why)
{
	const char *wrong = read_line(s, l);

	if (why)
		*why = wrong;
	return wrong ? -EINVAL : 0;
}

const struct line_word *line_find(const struct line *l, const char *key)
{
	return find(l, str_of(key));
}

struct str line_get(const struct line *l, const char *key)
{
	const struct line_word *w = line_find(l, key);

	return w && !w->none ? w->value : (struct str){ NULL, 0 };
}

int line_number(const struct line *l, const char *key, uint64_t *value)
{
	const struct str s = line_get(l, key);

	if (!s.p)
		return -ENOENT;
	if (s.n > 1 && s.p[1] == 'x')
		return -EINVAL;
	return parse_uint(s, value);
}

bool line_is(const struct line *l, const char *key, const char *value)
{
	const struct str s = line_get(l, key);

	return s.p && str_is(s, value);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

void line_begin(struct text *out, const char *verb)
{
	text_puts(out, verb);
}

static bool is_bare(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_bare_byte(s.p[i]))
			return false;
	return s.n > 0 && !str_is(s, "-");
}

static void add_string(struct text *out, struct str s)
{
	auto_text struct text clean = { 0 };

	text_add_printable(&clean, s);
	text_putc(out, '"');
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			text_putc(out, '\\');
		text_putc(out, clean.p[i]);
	}
	text_putc(out, '"');
}

void line_word_str(struct text *out, const char *key, struct str value)
{
	text_printf(out, " %s=", key);
	if (!value.p)
		text_putc(out, '-');
	else if (is_bare(value))
		text_add(out, value.p, value.n);
	else
		add_string(out, value);
}

void line_word(struct text *out, const char *key, const char *value)
{
	line_word_str(out, key, value ? str_of(value) : (struct str){ NULL, 0 });
}

void line_word_number(struct text *out, const char *key, uint64_t value)
{
	text_printf(out, " %s=%" PRIu64, key, value);
}

void line_word_printf(struct text *out, const char *key, const char *fmt, ...)
{
	auto_text struct text value = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&value, fmt, ap);
	va_end(ap);
	line_word_str(out, key, (struct str){ text_get(&value), value.n });
}

void line_end(struct text *out)
{
	text_putc(out, '\n');
}

/* ---- lines out of a stream ---------------------------------------------------------------------------------------- */

static void make_room(struct line_reader *r)
{
	if (r->taken == 0)
		return;
	r->n -= r->taken;
	memmove(r->bytes, r->bytes + r->taken, r->n);
	r->taken = 0;
}

size_t line_reader_add(struct line_reader *r, const char *p, size_t n)
{
	make_room(r);
	const size_t fits = MIN(n, sizeof(r->bytes) - r->n);

	if (fits > 0)
		memcpy(r->bytes + r->n, p, fits);
	r->n += fits;
	return fits;
}

int line_reader_next(struct line_reader *r, struct str *out)
{
	const char *begin = r->bytes + r->taken;
	const char *end = memchr(begin, '\n', r->n - r->taken);

	if (end) {
		*out = (struct str){ begin, (size_t)(end - begin) };
		r->taken += out->n + 1;
		return 1;
	}
	make_room(r);
	return r->n == sizeof(r->bytes) ? -EMSGSIZE : 0;
}
