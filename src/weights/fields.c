/* SPDX-License-Identifier: MIT */
/* The words of a line: fields, numbers, addresses, and the columns of a CSV file. */
#include "base/base.h"

#include <errno.h>

#include "base/addr.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/lines.h"
#include "weights/lines_parts.h"

enum { AMOUNT_DIGITS = 18 };

bool field_next(struct str *rest, char sep, struct str *field)
{
	if (!rest->p)
		return false;
	const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	const size_t n = at ? (size_t)(at - rest->p) : rest->n;
	*field = (struct str){ rest->p, n };
	*rest = at ? (struct str){ at + 1, rest->n - n - 1 } : (struct str){ NULL, 0 };
	return true;
}

size_t fields_split(struct str s, char sep, struct str *fields, size_t room)
{
	struct str field;
	size_t n = 0;

	for (; field_next(&s, sep, &field); n++)
		if (n < room)
			fields[n] = field;
	return n;
}

bool word_next(struct str *rest, struct str *word)
{
	size_t i = 0;
	size_t n = 0;

	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\t'))
		i++;
	while (i + n < rest->n && rest->p[i + n] != ' ' && rest->p[i + n] != '\t')
		n++;
	*word = (struct str){ rest->p + i, n };
	*rest = (struct str){ rest->p + i + n, rest->n - i - n };
	return n > 0;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */
int parse_whole(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t sum = 0;
	bool over = false;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		const unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
		if (digit > 9)
			return -EINVAL;
		over |= __builtin_mul_overflow(sum, 10, &sum);
		over |= __builtin_add_overflow(sum, digit, &sum);
	}
	if (over || sum > max)
		return -ERANGE;
	*out = sum;
	return 0;
}

/* digits / 10^tens, rounded once. */
static double amount_real(uint64_t digits, size_t tens)
{
	static const double powers[] = { 1e0,  1e1,  1e2,  1e3,	 1e4,  1e5,  1e6,  1e7,	 1e8,  1e9,  1e10, 1e11,
					 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	char text[64];

	if (digits == 0 || tens == 0)
		return (double)digits;
	if (digits <= UINT64_C(1) << 53 && tens < ARRAY_LEN(powers))
		return (double)digits / powers[tens];
	/* Without a point, so that the locale has no say. */
	(void)snprintf(text, sizeof(text), "%llue-%zu", (unsigned long long)digits, tens);
	return strtod(text, NULL);
}

/* Appends decimal digits to a number; n counts them from the first that is not 0. */
static int add_digits(struct str s, uint64_t *number, size_t *n)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
		if (digit > 9)
			return -EINVAL;
		*n += *n > 0 || digit > 0;
		if (*n <= AMOUNT_DIGITS)
			*number = *number * 10 + digit;
	}
	return 0;
}

int parse_amount(struct str s, struct amount *out)
{
	const char *point = s.n ? memchr(s.p, '.', s.n) : NULL;
	const struct str whole = { s.p, point ? (size_t)(point - s.p) : s.n };
	const size_t n_after = point ? s.n - whole.n - 1 : 0;
	struct str part = { point ? point + 1 : NULL, n_after };
	uint64_t number = 0;
	size_t n = 0;

	if (whole.n + part.n == 0)
		return -EINVAL;
	while (part.n > 0 && part.p[part.n - 1] == '0')
		part.n--;
	if (add_digits(whole, &number, &n))
		return -EINVAL;
	const uint64_t before = number;
	if (add_digits(part, &number, &n))
		return -EINVAL;
	if (n > 0)
		n += n_after - part.n;
	if (n > AMOUNT_DIGITS)
		return -ERANGE;
	*out = (struct amount){ .whole = part.n ? 0 : before, .real = amount_real(number, part.n), .is_whole = part.n == 0 };
	return 0;
}

int parse_as(struct str s, uint32_t *as)
{
	uint64_t number = 0;

	if (s.n > 2 && s.p[0] == 'A' && s.p[1] == 'S')
		s = (struct str){ s.p + 2, s.n - 2 };
	if (parse_whole(s, UINT32_MAX, &number) || number == 0)
		return -EINVAL;
	*as = (uint32_t)number;
	return 0;
}

int parse_ipv4(struct str s, uint32_t *address)
{
	struct addr a;

	if (addr_parse(s, &a) || a.family != AF_INET)
		return -EINVAL;
	*address = (uint32_t)a.b[0] << 24 | (uint32_t)a.b[1] << 16 | (uint32_t)a.b[2] << 8 | a.b[3];
	return 0;
}

bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!is_letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-' && c != ':')
			return false;
	}
	return s.n > 0 && s.n <= NAME_MOST;
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */
static size_t find_name(const struct csv *c, struct str field)
{
	size_t i = 0;

	while (c->names[i] && !str_is(field, c->names[i]))
		i++;
	return i;
}

static void tell_missing(const struct csv *c, const char *missing)
{
	auto_text struct text all = { 0 };
	struct diag *g = lines_error(c->lines, (struct str){ NULL, 0 }, "column '%s' is missing", missing);

	for (size_t i = 0; c->names[i]; i++)
		text_printf(&all, "%s%s", i ? "," : "", c->names[i]);
	diag_hint(c->lines->diags, g, "the first line names the columns: %s", text_get(&all));
}

int csv_head(struct csv *c, struct str line)
{
	struct lines *l = c->lines;
	struct str rest = line;
	struct str field;

	c->has_head = true;
	for (size_t i = 0; c->names[i]; i++)
		c->at[i] = SIZE_MAX;
	for (l->n_columns = 0; field_next(&rest, ',', &field); l->n_columns++) {
		const size_t i = find_name(c, field);
		if (c->names[i] && c->at[i] != SIZE_MAX) {
			lines_error(l, field, "column '%s' is given twice", c->names[i]);
			return -EINVAL;
		}
		if (c->names[i])
			c->at[i] = l->n_columns;
	}
	for (size_t i = 0; c->names[i]; i++) {
		if (c->at[i] == SIZE_MAX) {
			tell_missing(c, c->names[i]);
			return -EINVAL;
		}
	}
	return 0;
}

static bool is_row(struct csv *c, struct str line)
{
	struct str rest = line;
	struct str field;
	size_t column = 0;

	for (; field_next(&rest, ',', &field); column++)
		for (size_t i = 0; c->names[i]; i++)
			if (c->at[i] == column)
				c->field[i] = field;
	if (column == c->lines->n_columns)
		return true;
	lines_wrong(c->lines, line, "line has %zu fields, %zu expected", column, c->lines->n_columns);
	return false;
}

int csv_next(struct csv *c)
{
	struct str line = { NULL, 0 };
	int got;

	if (!c->has_head) {
		got = lines_next(c->lines, &line);
		if (got >= 0)
			got = csv_head(c, line);
		if (got < 0)
			return got;
	}
	while (!lines_hopeless(c->lines)) {
		got = lines_next(c->lines, &line);
		if (got <= 0 || is_row(c, line))
			return got;
	}
	return 0;
}
