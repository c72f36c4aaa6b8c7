/* SPDX-License-Identifier: MIT */
/* A matrix of penalties in its text form. Lines of locations that are not among the clients are not looked at. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/text.h"
#include "weights/matching.h"

enum { LINE_MOST = 1 << 20, SCALE_MOST = 1 << 24, COLUMNS_MOST = LINE_MOST / 2 };

struct matrix {
	struct matching *m;
	struct lines *lines;
	uint32_t *kept;                  /* [n_columns] of the file: where its values go, or NO_COLUMN */
	size_t n_columns, room;
	uint32_t *row;                   /* one row of the table */
	bool has_begun;                  /* lines of locations have come */
};

/* The number behind a keyword is missing, is none, or is out of range. */
static void tell_header(struct matrix *x, const char *keyword, uint64_t most, struct str value, int err)
{
	const char *wrong = err == -EINVAL ? "is not a number" : "is out of range";
	struct diag *g = value.n == 0 ? lines_error(x->lines, value, "the number behind '%s' is missing", keyword) :
			 lines_error(x->lines, value, "'%.*s' %s", (int)MIN(value.n, (size_t)64), value.p, wrong);

	if (most == 1)
		diag_hint(x->m->d, g, "%s 1", keyword);
	else
		diag_hint(x->m->d, g, "1 to %llu", (unsigned long long)most);
}

/* A line of two words, the first of them given: the second as a number. */
static int read_header(struct matrix *x, const char *keyword, uint64_t most, uint64_t *out)
{
	struct str line, word, value, more;
	const int got = lines_next(x->lines, &line);

	if (got < 0)
		return got;
	if (got == 0) {
		const struct place file = lines_file(x->lines);
		diag_error(x->m->d, &file, "input", "'%s' expected, found the end of the file", keyword);
		return -EINVAL;
	}
	struct str rest = line;
	if (!word_next(&rest, &word) || !str_is(word, keyword)) {
		lines_error(x->lines, word, "'%s' expected", keyword);
		return -EINVAL;
	}
	const bool is_there = word_next(&rest, &value);
	const int err = is_there ? parse_whole(value, most, out) : -EINVAL;
	if (err || *out == 0) {
		tell_header(x, keyword, most, value, err);
		return -EINVAL;
	}
	if (!word_next(&rest, &more))
		return 0;
	lines_error(x->lines, more, "the end of the line expected");
	return -EINVAL;
}

static int read_relays(struct matrix *x, struct str rest)
{
	struct str id;

	while (word_next(&rest, &id)) {
		uint32_t column;
		const enum columns_answer answer = columns_add(&x->m->columns, id, &column);

		if (answer == COLUMNS_SAME)
			lines_error(x->lines, id, "relay '%.*s' is given twice", (int)MIN(id.n, (size_t)64), id.p);
		if (answer == COLUMNS_AMBIGUOUS || answer == COLUMNS_NO_AS) {
			const struct place place = lines_place(x->lines, id);
			columns_tell(answer, id, &place, x->m->d);
		}
		if (answer != COLUMNS_NEW && answer != COLUMNS_UNUSED)
			return -EINVAL;
		if (x->n_columns == COLUMNS_MOST) {
			lines_error(x->lines, id, "more than %d relays", COLUMNS_MOST);
			return -EINVAL;
		}
		x->kept = arena_grow(x->m->arena, x->kept, x->n_columns, &x->room, sizeof(*x->kept));
		x->kept[x->n_columns++] = column;
	}
	return 0;
}

/* The first location's line: all columns are known. */
static int begin(struct matrix *x)
{
	if (!matching_begin(x->m, lines_file(x->lines)))
		return -EINVAL;
	x->row = arena_array(x->m->arena, uint32_t, x->m->table.columns);
	x->has_begun = true;
	return 0;
}

static void tell_value(struct matrix *x, const char *from, const char *end)
{
	struct str rest = { from, (size_t)(end - from) }, word;
	uint64_t value;

	if (!word_next(&rest, &word))
		return;
	if (parse_whole(word, PENALTY_MAX, &value) != -ERANGE) {
		lines_wrong(x->lines, word, "'%.*s' is not a penalty", (int)MIN(word.n, (size_t)64), word.p);
		return;
	}
	struct diag *g = lines_wrong(x->lines, word, "'%.*s' is out of range", (int)MIN(word.n, (size_t)64), word.p);
	if (g)
		diag_hint(x->m->d, g, "0 to %d", PENALTY_MAX);
}

/* The values behind a location's name: how many, -1 if one is wrong (told). The time that a large matrix takes is here. */
static ssize_t read_values(struct matrix *x, struct str values, uint32_t *largest)
{
	const char *p = values.p, *end = p + values.n;
	uint32_t most = 0;
	size_t n = 0;

	for (;; n++) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end)
			break;
		const char *from = p;
		uint32_t value = 0;
		for (unsigned digit; p < end && (digit = (unsigned char)*p - (unsigned)'0') <= 9 && value <= PENALTY_MAX; p++)
			value = value * 10 + digit;
		if (value > PENALTY_MAX || (p < end && *p != ' ' && *p != '\t')) {
			tell_value(x, from, end);
			return -1;
		}
		most = MAX(most, value);
		if (n < x->n_columns && x->kept[n] != NO_COLUMN)
			x->row[x->kept[n]] = value;
	}
	*largest = most;
	return (ssize_t)n;
}

/* What is wrong with a line is told, and the next may be read: only for want of memory none is. */
static int read_location(struct matrix *x, struct str name, struct str values)
{
	struct matching *m = x->m;
	const uint32_t client = matching_client(m, name);
	uint32_t largest;

	if (client == NO_ROW)
		return 0;
	const ssize_t n = read_values(x, values, &largest);
	if (n < 0)
		return 0;
	if ((size_t)n != x->n_columns) {
		lines_wrong(x->lines, name, "location '%.*s' has %zd values, %zu expected", (int)name.n, name.p, n, x->n_columns);
		return 0;
	}
	if (m->row[client] != NO_ROW) {
		lines_wrong(x->lines, name, "location '%.*s' is given twice", (int)name.n, name.p);
		return 0;
	}
	if (m->n_missing > 0)
		x->row[m->table.columns - 1] = largest;
	return penalty_table_add(&m->table, x->row, largest, &m->row[client]);
}

static int read_line(struct matrix *x, struct str line)
{
	struct str rest = line, name;

	if (!word_next(&rest, &name))
		return 0;
	if (!x->has_begun && str_is(name, "relays"))
		return read_relays(x, rest);
	if (!x->has_begun && x->n_columns == 0) {
		lines_error(x->lines, name, "'relays' expected");
		return -EINVAL;
	}
	const int err = x->has_begun ? 0 : begin(x);
	return err ? err : read_location(x, name, rest);
}

static int read_text(struct matrix *x)
{
	uint64_t version, scale;
	struct str line;
	int got = read_header(x, "nlbc-penalty", 1, &version);

	if (got == 0)
		got = read_header(x, "scale", SCALE_MOST, &scale);
	if (got < 0)
		return got;
	x->m->in->scale = (struct penalty_scale){ .n = (uint32_t)scale };
	while ((got = lines_next(x->lines, &line)) > 0) {
		got = read_line(x, line);
		if (got < 0 || lines_hopeless(x->lines))
			break;
	}
	if (got < 0 || lines_failed(x->lines))
		return got < 0 ? got : -EINVAL;
	return x->has_begun ? 0 : begin(x);
}

int matrix_read(struct matching *m)
{
	const struct lines_wish w = { .max_line = LINE_MOST, .lenient = m->wish->lenient };
	struct lines *l = lines_open(m->wish->penalty, &w, m->arena, m->d);
	struct matrix x = { .m = m, .lines = l };

	if (!l)
		return -EINVAL;
	const int err = lines_is_json(l) ? matrix_json_read(m, l) : read_text(&x);
	lines_close(l);
	return err;
}
