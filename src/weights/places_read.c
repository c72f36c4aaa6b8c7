/* SPDX-License-Identifier: MIT */
/* Reads the files that say where addresses are: pfx2as, geoip, `location dump` and counted hosts. Each becomes a sorted
 * table of ranges in which nothing is given twice. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/places.h"
#include "weights/places_parts.h"

enum form { FORM_PFX2AS, FORM_GEOIP, FORM_DUMP, FORM_HOSTS };
struct reader {
	enum form form;
	struct lines *lines;
	struct arena *arena;
	struct diags *diags;
	struct range_table *ranges;
	struct places_tables *tables;
	uint64_t hosts;          /* so far */
};

/* Many times the addresses there are; what is worked out from them fits 128 bits (clients_estimate). */
static const uint64_t hosts_most = UINT64_C(1) << 36;

/* ---- words ----------------------------------------------------------------------------------------------------- */
static int read_address(struct reader *r, struct str s, uint32_t *address)
{
	if (parse_ipv4(s, address) == 0)
		return 0;
	lines_wrong(r->lines, s, "'%.*s' is not an IPv4 address", (int)s.n, s.p);
	return -EINVAL;
}

/* Address and length of a prefix, and the words as a whole for messages about it. */
static int read_prefix(struct reader *r, struct str address, struct str length, struct range *out)
{
	const struct str whole = { address.p, (size_t)(length.p + length.n - address.p) };
	uint64_t bits = 0;

	if (read_address(r, address, &out->from))
		return -EINVAL;
	if (parse_whole(length, 32, &bits)) {
		struct diag *g = lines_wrong(r->lines, length, "prefix length '%.*s'", (int)length.n, length.p);
		diag_hint(r->diags, g, "0 to 32");
		return -EINVAL;
	}
	const uint32_t host = bits == 32 ? 0 : UINT32_MAX >> bits;
	if (out->from & host) {
		const uint32_t net = out->from & ~host;
		struct diag *g = lines_wrong(r->lines, whole, "prefix has host bits set");
		diag_hint(r->diags, g, "the prefix is %u.%u.%u.%u/%u", net >> 24, net >> 16 & 255, net >> 8 & 255, net & 255,
			   (unsigned)bits);
		return -EINVAL;
	}
	const struct place place = lines_place(r->lines, whole);
	out->to = out->from | host;
	out->line = place.line;
	out->column = (uint8_t)MIN(place.column, 255);
	out->length = (uint8_t)MIN(place.length, 255);
	return 0;
}

/* A.B.C.D/LENGTH */
static int read_slashed(struct reader *r, struct str s, struct range *out)
{
	struct str length = s;
	struct str address;

	(void)field_next(&length, '/', &address);        /* an empty text is a field too */
	if (!length.p)
		length = (struct str){ s.p + s.n, 0 };
	return read_prefix(r, address, length, out);
}

/* AS 0 stands for "nobody" (RFC 7607). */
static int read_origin(struct reader *r, struct str s, uint32_t *as)
{
	*as = 0;
	if (str_is(s, "0") || parse_as(s, as) == 0)
		return 0;
	lines_wrong(r->lines, s, "'%.*s' is not an AS number", (int)s.n, s.p);
	return -EINVAL;
}

static inline unsigned lower(char c)
{
	return (unsigned char)c | 0x20U;
}

/* 0: no country. */
static uint16_t parse_country(struct str s)
{
	if (s.n != 2 || lower(s.p[0]) - 'a' > 25 || lower(s.p[1]) - 'a' > 25)
		return 0;
	return (uint16_t)(lower(s.p[0]) << 8 | lower(s.p[1]));
}

static struct range *add_range(struct reader *r, const struct range *range)
{
	struct range_table *t = r->ranges;

	t->list = arena_grow(r->arena, t->list, t->n, &t->room, sizeof(*t->list));
	t->list[t->n] = *range;
	return &t->list[t->n++];
}

/* ---- pfx2as ---------------------------------------------------------------------------------------------------- */
enum { ORIGINS_MOST = 1000 };

static int add_origin(struct reader *r, struct range *range, struct str word, uint32_t as)
{
	struct places_tables *t = r->tables;

	for (size_t i = t->n_origins - range->n_origins; i < t->n_origins; i++)
		if (t->origins[i] == as)
			return 0;
	if (range->n_origins == ORIGINS_MOST) {
		lines_wrong(r->lines, word, "more than %d origins", ORIGINS_MOST);
		return -EINVAL;
	}
	t->origins = arena_grow(r->arena, t->origins, t->n_origins, &t->origins_room, sizeof(*t->origins));
	t->origins[t->n_origins++] = as;
	range->n_origins++;
	return 0;
}

/* AS numbers joined by '_' or ','; a single one is kept in the range itself. */
static int read_origins(struct reader *r, struct str s, struct range *range)
{
	struct places_tables *t = r->tables;
	const size_t first = t->n_origins;
	struct str set;
	struct str one;

	while (field_next(&s, '_', &set)) {
		while (field_next(&set, ',', &one)) {
			uint32_t as;
			if (read_origin(r, one, &as) || add_origin(r, range, one, as)) {
				t->n_origins = first;
				return -EINVAL;
			}
		}
	}
	range->what = (uint32_t)first;
	if (range->n_origins == 1) {
		t->n_origins = first;
		range->what = t->origins[first];
	}
	return 0;
}

static void read_pfx2as_line(struct reader *r, struct str line)
{
	struct str field[3] = { { 0 } };
	struct range range = { 0 };
	const size_t n = fields_split(line, '\t', field, ARRAY_LEN(field));

	if (n != ARRAY_LEN(field)) {
		lines_wrong(r->lines, line, "line has %zu fields, 3 expected", n);
		return;
	}
	if (read_prefix(r, field[0], field[1], &range) == 0 && read_origins(r, field[2], &range) == 0)
		add_range(r, &range);
}

/* ---- geoip ----------------------------------------------------------------------------------------------------- */
static int read_number(struct reader *r, struct str s, uint32_t *out)
{
	uint64_t number = 0;

	if (parse_whole(s, UINT32_MAX, &number)) {
		lines_wrong(r->lines, s, "'%.*s' is not an IPv4 address in decimal", (int)s.n, s.p);
		return -EINVAL;
	}
	*out = (uint32_t)number;
	return 0;
}

static void read_geoip_line(struct reader *r, struct str line)
{
	struct str field[3] = { { 0 } };
	struct range range = { .line = lines_number(r->lines), .column = 1 };
	const size_t n = fields_split(line, ',', field, ARRAY_LEN(field));

	if (n != ARRAY_LEN(field)) {
		lines_wrong(r->lines, line, "line has %zu fields, 3 expected", n);
		return;
	}
	if (read_number(r, field[0], &range.from) || read_number(r, field[1], &range.to))
		return;
	const struct str both = { line.p, field[0].n + 1 + field[1].n };
	if (range.from > range.to) {
		lines_wrong(r->lines, both, "range ends before it begins");
		return;
	}
	range.length = (uint8_t)MIN(both.n, 255);
	range.country = parse_country(field[2]);
	if (!range.country && !str_is(field[2], "??"))
		lines_wrong(r->lines, field[2], "'%.*s' is not a country", (int)field[2].n, field[2].p);
	else
		add_range(r, &range);
}

/* ---- location dump --------------------------------------------------------------------------------------------- */
/* A block while it is read. What stands before `net` is of use only once that comes. */
struct block {
	struct range range;
	bool has_net;            /* of IPv4 */
	bool is_bad;             /* told */
};

static bool is_blank(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t')
			return false;
	return true;
}

static void end_block(struct reader *r, struct block *b)
{
	if (b->has_net && !b->is_bad)
		add_range(r, &b->range);
	*b = (struct block){ 0 };
}

static void read_net(struct reader *r, struct block *b, struct str value)
{
	if (b->has_net)
		end_block(r, b);
	if (value.n > 0 && memchr(value.p, ':', value.n))
		return;
	b->has_net = true;
	b->is_bad = read_slashed(r, value, &b->range) != 0;
}

static void read_dump_line(struct reader *r, struct block *b, struct str line)
{
	struct str value = line;
	struct str key;

	if (!field_next(&value, ':', &key) || !value.p)
		return;
	while (value.n > 0 && (value.p[0] == ' ' || value.p[0] == '\t')) {
		value.p++;
		value.n--;
	}
	if (str_is(key, "net")) {
		read_net(r, b, value);
	} else if (str_is(key, "country")) {
		b->range.country = parse_country(value);
		if (!b->range.country && b->has_net) {
			lines_wrong(r->lines, value, "'%.*s' is not a country", (int)value.n, value.p);
			b->is_bad = true;
		}
	} else if (str_is(key, "aut-num")) {
		if (b->has_net)
			b->is_bad |= read_origin(r, value, &b->range.what) != 0;
		else if (parse_as(value, &b->range.what))
			b->range.what = 0;
		b->range.n_origins = b->range.what > 0;
	}
}

/* ---- hosts ----------------------------------------------------------------------------------------------------- */
static void read_hosts_row(struct reader *r, const struct str *field)
{
	struct range range = { 0 };
	uint64_t hosts = 0;

	if (read_slashed(r, field[0], &range))
		return;
	const int err = parse_whole(field[1], UINT32_MAX, &hosts);
	if (err == -EINVAL) {
		lines_wrong(r->lines, field[1], "'%.*s' is not a number of hosts", (int)field[1].n, field[1].p);
		return;
	}
	if (err || hosts > hosts_most - r->hosts) {
		struct diag *g = lines_wrong(r->lines, field[1], "'%.*s' is out of range", (int)field[1].n, field[1].p);
		diag_hint(r->diags, g, "0 to %u, all together at most %llu", UINT32_MAX, (unsigned long long)hosts_most);
		return;
	}
	r->hosts += hosts;
	range.what = (uint32_t)hosts;
	add_range(r, &range);
}

/* ---- tables ---------------------------------------------------------------------------------------------------- */
static int compare_ranges(const void *x, const void *y)
{
	const struct range *a = x;
	const struct range *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Files are sorted as a rule. */
static void sort_ranges(struct range_table *t)
{
	for (size_t i = 1; i < t->n; i++) {
		if (compare_ranges(&t->list[i - 1], &t->list[i]) > 0) {
			qsort(t->list, t->n, sizeof(*t->list), compare_ranges);
			return;
		}
	}
}

static struct place place_of(const struct reader *r, const struct range *range)
{
	struct place place = lines_file(r->lines);

	place.line = range->line;
	place.column = range->column;
	place.length = range->length;
	return place;
}

/* Two ranges that cannot stand beside each other: the later line is wrong, and left out where that is told nowhere. */
static void tell_pair(struct reader *r, struct range *kept, const struct range *other, const char *text, const char *note)
{
	const struct range *first = kept->line < other->line ? kept : other;
	const struct range *second = first == kept ? other : kept;
	const struct place place = place_of(r, first);
	struct diag *g = lines_wrong_at(r->lines, place_of(r, second), "%s", text);

	diag_note(r->diags, g, &place, "%s", note);
	*kept = *first;
}

static void tell_pairs(struct reader *r)
{
	struct range_table *t = r->ranges;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct range *last = n > 0 ? &t->list[n - 1] : NULL;
		const struct range *next = &t->list[i];
		if (last && r->form == FORM_GEOIP && next->from <= last->to)
			tell_pair(r, last, next, "ranges overlap", "the other range");
		else if (last && last->from == next->from && last->to == next->to)
			tell_pair(r, last, next, "prefix given twice", "first given here");
		else
			t->list[n++] = *next;
	}
	t->n = n;
}

static int read_blocks(struct reader *r)
{
	struct block b = { 0 };
	struct str line;
	int got = 1;

	while (!lines_hopeless(r->lines) && (got = lines_next(r->lines, &line)) > 0) {
		if (is_blank(line))
			end_block(r, &b);
		else
			read_dump_line(r, &b, line);
	}
	end_block(r, &b);
	return got;
}

static int read_rows(struct reader *r)
{
	struct csv c = { .lines = r->lines, .names = { "prefix", "hosts" } };
	int got;

	while ((got = csv_next(&c)) > 0)
		read_hosts_row(r, c.field);
	return got;
}

static int read_lines(struct reader *r)
{
	struct str line;
	int got = 1;

	while (!lines_hopeless(r->lines) && (got = lines_next(r->lines, &line)) > 0) {
		if (r->form == FORM_GEOIP)
			read_geoip_line(r, line);
		else
			read_pfx2as_line(r, line);
	}
	return got;
}

static int read_form(struct reader *r)
{
	switch (r->form) {
	case FORM_PFX2AS:
	case FORM_GEOIP:
		return read_lines(r);
	case FORM_DUMP:
		return read_blocks(r);
	case FORM_HOSTS:
		return read_rows(r);
	}
	return 0;
}

/* One file into one table. */
static int read_table(struct reader *r, enum form form, const char *path, bool lenient)
{
	static const char *const pipes[] = {
		[FORM_PFX2AS] = "nlbc weights ... --prefixes -", [FORM_GEOIP] = "nlbc weights ... --geoip -",
		[FORM_DUMP] = "nlbc weights ... --location -", [FORM_HOSTS] = "nlbc weights ... --hosts -",
	};
	const bool is_dump = form == FORM_DUMP;
	const struct lines_wish wish = { .lenient = lenient, .raw = is_dump, .any_bytes = is_dump || form == FORM_HOSTS,
					 .unpack_for = pipes[form] };

	if (!path)
		return 0;
	r->form = form;
	r->lines = lines_open(path, &wish, r->arena, r->diags);
	if (!r->lines)
		return -EINVAL;
	int err = read_form(r) < 0 || lines_hopeless(r->lines) ? -EINVAL : 0;
	if (!err) {
		sort_ranges(r->ranges);
		tell_pairs(r);
	}
	if (lines_failed(r->lines))
		err = -EINVAL;
	lines_close(r->lines);
	return err;
}

int places_read_tables(const struct places_files *f, struct arena *a, struct diags *d, struct places_tables *out)
{
	struct reader nets = { .arena = a, .diags = d, .tables = out, .ranges = &out->nets };
	struct reader lands = { .arena = a, .diags = d, .tables = out, .ranges = &out->lands };
	struct reader hosts = { .arena = a, .diags = d, .tables = out, .ranges = &out->hosts };
	int err = 0;

	*out = (struct places_tables){ .has_hosts = f->hosts, .has_lands = f->geoip };
	err |= read_table(&nets, FORM_DUMP, f->location, f->lenient);
	err |= read_table(&nets, FORM_PFX2AS, f->prefixes, f->lenient);
	err |= read_table(&lands, FORM_GEOIP, f->geoip, f->lenient);
	err |= read_table(&hosts, FORM_HOSTS, f->hosts, f->lenient);
	return err ? -EINVAL : 0;
}
