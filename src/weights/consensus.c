/* SPDX-License-Identifier: MIT */
/* A consensus, line by line: a table says which lines there are, where each may stand and what is read from it. All other
 * lines are skipped, and so are objects. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/consensus.h"
#include "weights/consensus_parts.h"
#include "weights/lines.h"
#include "weights/relays.h"

const char *const published_names[PUBLISHED_WEIGHTS] = {
	[WBD] = "Wbd", [WBE] = "Wbe", [WBG] = "Wbg", [WBM] = "Wbm", [WDB] = "Wdb", [WEB] = "Web", [WED] = "Wed",
	[WEE] = "Wee", [WEG] = "Weg", [WEM] = "Wem", [WGB] = "Wgb", [WGD] = "Wgd", [WGG] = "Wgg", [WGM] = "Wgm",
	[WMB] = "Wmb", [WMD] = "Wmd", [WME] = "Wme", [WMG] = "Wmg", [WMM] = "Wmm",
};

char relay_class_letter(enum relay_class c)
{
	return "GDEM"[c];
}

char *relay_id_print(const struct relay *r, char buf[RELAY_ID_TEXT])
{
	if (!r->has_id) {
		buf[0] = '-';
		buf[1] = '\0';
		return buf;
	}
	for (size_t i = 0; i < sizeof(r->id); i++)
		(void)snprintf(buf + 2 * i, 3, "%02X", r->id[i]);
	return buf;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */
void word_cut(struct str word, struct str *key, struct str *value)
{
	const char *sign = word.n ? memchr(word.p, '=', word.n) : NULL;

	*key = (struct str){ word.p, sign ? (size_t)(sign - word.p) : word.n };
	*value = sign ? (struct str){ sign + 1, word.n - key->n - 1 } : (struct str){ NULL, 0 };
}

static void tell_range(struct reading *r, struct str s, long long least, long long most)
{
	struct diag *g = lines_error(r->lines, s, "'%.*s' is out of range", (int)s.n, s.p);

	diag_hint(r->diags, g, "%lld to %lld", least, most);
}

bool read_number(struct reading *r, struct str s, uint64_t least, uint64_t most, uint64_t *out)
{
	uint64_t number = 0;
	const int err = parse_whole(s, most, &number);

	if (err == -EINVAL)
		lines_error(r->lines, s, "'%.*s' is not a number", (int)s.n, s.p);
	else if (err || number < least)
		tell_range(r, s, (long long)least, (long long)most);
	else
		*out = number;
	return !err && number >= least;
}

void tell_twice(struct reading *r, struct str word)
{
	lines_error(r->lines, (struct str){ NULL, 0 }, "'%.*s' is given twice", (int)word.n, word.p);
}

/* KEY=VALUE with a value of 32 bits and a sign; `what` it is not, otherwise. */
static bool read_pair(struct reading *r, struct str word, const char *what, struct str *key, int32_t *out)
{
	struct str value;
	uint64_t number = 0;

	word_cut(word, key, &value);
	const bool negative = value.n > 0 && value.p[0] == '-';
	const struct str digits = { negative ? value.p + 1 : value.p, value.n - negative };
	const int err = parse_whole(digits, (uint64_t)INT32_MAX + negative, &number);
	if (err == -EINVAL || key->n == 0) {
		lines_error(r->lines, word, "'%.*s' is not a %s", (int)word.n, word.p, what);
		return false;
	}
	if (err) {
		tell_range(r, value, INT32_MIN, INT32_MAX);
		return false;
	}
	*out = (int32_t)(negative ? -(int64_t)number : (int64_t)number);
	return true;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */
static void version_line(struct reading *r, struct str rest)
{
	struct str version = { NULL, 0 };
	struct str flavour = { NULL, 0 };
	const struct str all = rest;

	(void)word_next(&rest, &version);
	const bool is_flavoured = word_next(&rest, &flavour);
	r->c->is_microdesc = str_is(flavour, "microdesc");
	if (str_is(version, "3") && (!is_flavoured || r->c->is_microdesc || str_is(flavour, "ns")))
		return;
	lines_error(r->lines, all, "not a version 3 consensus");
	r->stopped = true;
}

static void status_line(struct reading *r, struct str rest)
{
	if (str_is(rest, "consensus"))
		return;
	lines_error(r->lines, rest, "this is a vote, not a consensus");
	r->stopped = true;
}

static unsigned two_digits(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

static bool is_time(struct str s)
{
	static const char form[] = "dddd-dd-dd dd:dd:dd";
	static const unsigned days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (s.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (form[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
			return false;
	const unsigned year = two_digits(s.p) * 100 + two_digits(s.p + 2);
	const unsigned month = two_digits(s.p + 5);
	const unsigned day = two_digits(s.p + 8);
	const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] - (month == 2 && !is_leap) &&
	       two_digits(s.p + 11) < 24 && two_digits(s.p + 14) < 60 && two_digits(s.p + 17) < 60;
}

/* Times are compared as text; each with those before and behind it that are there already. */
static void time_line(struct reading *r, struct str rest, size_t which)
{
	static const char *const names[] = { "valid-after", "fresh-until", "valid-until" };

	if (!is_time(rest)) {
		lines_error(r->lines, rest, "'%.*s' is not a time", (int)rest.n, rest.p);
		return;
	}
	memcpy(r->times[which], rest.p, rest.n);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (i == which || !r->times[i][0])
			continue;
		const size_t first = MIN(i, which);
		const size_t last = MAX(i, which);
		if (strcmp(r->times[first], r->times[last]) >= 0) {
			lines_error(r->lines, rest, "%s is not later than %s", names[last], names[first]);
			return;
		}
	}
}

static void valid_after_line(struct reading *r, struct str rest)
{
	time_line(r, rest, 0);
}

static void fresh_until_line(struct reading *r, struct str rest)
{
	time_line(r, rest, 1);
}

static void valid_until_line(struct reading *r, struct str rest)
{
	time_line(r, rest, 2);
}

static void method_line(struct reading *r, struct str rest)
{
	uint64_t number = 0;

	if (read_number(r, rest, 1, NUMBERS_32, &number))
		r->c->method = (unsigned)number;
}

static void params_line(struct reading *r, struct str rest)
{
	struct str word, key;
	int32_t value = 0;
	bool has_scale = false;

	while (word_next(&rest, &word)) {
		if (!read_pair(r, word, "parameter", &key, &value) || !str_is(key, "bwweightscale"))
			continue;
		if (has_scale)
			tell_twice(r, key);
		has_scale = true;
		r->c->scale = MAX(value, 1);
	}
}

static void weights_line(struct reading *r, struct str rest)
{
	struct str word, key;
	bool given[PUBLISHED_WEIGHTS] = { false };

	r->c->weights_place = lines_place(r->lines, (struct str){ NULL, 0 });
	r->c->has_weights = true;
	while (word_next(&rest, &word)) {
		int32_t value = 0;
		size_t i = 0;
		if (!read_pair(r, word, "weight", &key, &value))
			return;
		while (i < PUBLISHED_WEIGHTS && !str_is(key, published_names[i]))
			i++;
		if (i == PUBLISHED_WEIGHTS)
			continue;
		if (given[i])
			lines_error(r->lines, word, "'%s' is given twice", published_names[i]);
		given[i] = true;
		r->c->published[i] = value;
	}
	for (size_t i = 0; i < PUBLISHED_WEIGHTS; i++)
		if (!given[i])
			lines_error(r->lines, (struct str){ NULL, 0 }, "'%s' is missing", published_names[i]);
}

static void footer_line(struct reading *r, struct str rest)
{
	(void)rest;
	reading_end_relay(r);
	r->c->weights_place = lines_place(r->lines, (struct str){ NULL, 0 });
}

/* ---- the table ------------------------------------------------------------------------------------------------- */
static const struct row {
	struct str keyword;
	unsigned sections;               /* where it may stand */
	enum section begins;             /* 0: none */
	bool once, required;
	void (*read)(struct reading *r, struct str rest);
} rows[] = {
	{ { "r", 1 }, SECTION_HEAD | SECTION_RELAYS, SECTION_RELAYS, false, false, relay_line },
	{ { "s", 1 }, SECTION_RELAYS, 0, false, false, relay_flags },
	{ { "w", 1 }, SECTION_RELAYS, 0, false, false, relay_weight },
	{ { "network-status-version", 22 }, SECTION_HEAD, 0, true, true, version_line },
	{ { "vote-status", 11 }, SECTION_HEAD, 0, true, true, status_line },
	{ { "valid-after", 11 }, SECTION_HEAD, 0, true, true, valid_after_line },
	{ { "fresh-until", 11 }, SECTION_HEAD, 0, true, true, fresh_until_line },
	{ { "valid-until", 11 }, SECTION_HEAD, 0, true, true, valid_until_line },
	{ { "consensus-method", 16 }, SECTION_HEAD, 0, true, false, method_line },
	{ { "params", 6 }, SECTION_HEAD, 0, true, false, params_line },
	{ { "directory-footer", 16 }, SECTION_HEAD | SECTION_RELAYS, SECTION_FOOT, true, false, footer_line },
	{ { "bandwidth-weights", 17 }, SECTION_FOOT, 0, true, false, weights_line },
};

static const struct row *row_of(struct str keyword)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(rows[i].keyword, keyword))
			return &rows[i];
	return NULL;
}

static void tell_section(struct reading *r, const struct row *row, struct str keyword)
{
	if (r->section == SECTION_HEAD && row->sections == SECTION_RELAYS)
		lines_error(r->lines, keyword, "%s line before any relay", row->keyword.p);
	else
		lines_error(r->lines, keyword, "'%s' does not belong here", row->keyword.p);
}

/* At the end of the head: what it must have held. */
static void check_head(struct reading *r)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].required && !(r->seen & 1u << i))
			lines_error(r->lines, (struct str){ NULL, 0 }, "'%s' is missing before this line", rows[i].keyword.p);
}

static void read_row(struct reading *r, const struct row *row, struct str keyword, struct str rest)
{
	const unsigned bit = 1u << (row - rows);

	if (row->once && (r->seen & bit)) {
		lines_error(r->lines, keyword, "'%s' is given twice", row->keyword.p);
		return;
	}
	if (!(row->sections & r->section)) {
		tell_section(r, row, keyword);
		return;
	}
	r->seen |= bit;
	if (row->begins && r->section == SECTION_HEAD)
		check_head(r);
	if (row->begins)
		r->section = row->begins;
	row->read(r, rest);
}

static void cut_keyword(struct str line, struct str *keyword, struct str *rest)
{
	*rest = line;
	if (!field_next(rest, ' ', keyword))
		*keyword = line;
	if (line.p && !rest->p)
		*rest = (struct str){ line.p + line.n, 0 };
}

/* ---- reading --------------------------------------------------------------------------------------------------- */
/* Skips an object: to the line that ends what this one begins. 1, 0 at the end of the file (told), -errno. */
static int skip_object(struct reading *r, struct str line)
{
	static const char begin[] = "-----BEGIN ";
	static const char end[] = "-----END ";
	const struct place place = lines_place(r->lines, line);
	auto_text struct text label = { 0 };
	int got;

	text_add(&label, line.p + sizeof(begin) - 1, line.n - (sizeof(begin) - 1));
	while ((got = lines_next(r->lines, &line)) == 1)
		if (line.n == sizeof(end) - 1 + label.n && memcmp(line.p, end, sizeof(end) - 1) == 0 &&
		    memcmp(line.p + sizeof(end) - 1, text_get(&label), label.n) == 0)
			return 1;
	if (got == 0)
		diag_error(r->diags, &place, "input", "this object is never closed");
	return got;
}

static int read_line(struct reading *r, struct str line)
{
	static const char begin[] = "-----BEGIN ";
	struct str keyword, rest;

	if (line.n >= sizeof(begin) - 1 && memcmp(line.p, begin, sizeof(begin) - 1) == 0)
		return skip_object(r, line);
	cut_keyword(line, &keyword, &rest);
	const struct row *row = row_of(keyword);
	if (row)
		read_row(r, row, keyword, rest);
	return 1;
}

/* The first line, or the second behind one of the collector's; nothing may stand before them. */
static int read_first(struct reading *r, struct str line)
{
	struct str keyword, rest;
	unsigned number = 1;

	cut_keyword(line, &keyword, &rest);
	if (lines_number(r->lines) == number && str_is(keyword, "@type")) {
		const int got = lines_next(r->lines, &line);
		if (got < 0)
			return got;
		if (got == 0)
			line = (struct str){ NULL, 0 };
		cut_keyword(line, &keyword, &rest);
		number++;
	}
	if (lines_number(r->lines) != number || !str_is(keyword, "network-status-version")) {
		lines_error(r->lines, line, "not a version 3 consensus");
		return -EINVAL;
	}
	read_row(r, row_of(keyword), keyword, rest);
	return r->stopped ? -EINVAL : 0;
}

static int read_all(struct reading *r, struct str first)
{
	struct str line;
	int got = read_first(r, first);

	if (got)
		return got;
	while (!r->stopped && !lines_hopeless(r->lines) && (got = lines_next(r->lines, &line)) == 1)
		got = read_line(r, line);
	if (got == 0 && r->section != SECTION_FOOT)
		lines_error(r->lines, (struct str){ NULL, 0 }, "consensus is cut off: no directory-footer");
	return got < 0 ? got : 0;
}

const struct consensus *consensus_read_lines(struct lines *l, struct str first, struct arena *a, struct diags *d)
{
	struct consensus *c = arena_one(a, struct consensus);
	struct reading r = { .lines = l, .arena = a, .diags = d, .c = c, .section = SECTION_HEAD };
	const size_t n_errors = d->n_errors;

	*c = (struct consensus){ .file = lines_name(l), .method = 1, .scale = 10000 };
	const int err = read_all(&r, first);
	if (!err && d->n_errors == n_errors) {
		memcpy(c->valid_after, r.times[0], sizeof(c->valid_after));
		c->relays = arena_alloc(a, r.relays.n);
		if (r.relays.n > 0)
			memcpy(c->relays, r.relays.p, r.relays.n);
	}
	text_release(&r.relays);
	return c->relays ? c : NULL;
}

const struct consensus *consensus_read(const char *path, const char *unpack_for, struct arena *a, struct diags *d)
{
	const struct lines_wish w = { .max_bytes = RELAYS_BYTES, .raw = true, .any_bytes = true,
				      .unpack_for = unpack_for };
	struct lines *l = lines_open(path, &w, a, d);
	struct str first = { NULL, 0 };

	if (!l)
		return NULL;
	const int got = lines_next(l, &first);
	const struct consensus *c = got < 0 ? NULL : consensus_read_lines(l, first, a, d);
	lines_close(l);
	return c;
}
