/* SPDX-License-Identifier: MIT */
/* A result read back: words, ranges and counts are looked at, and nothing else. What is read takes memory by what the file
 * holds, and whatever numbers passed, products of them that others make stay within 127 bits. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/result.h"
#include "weights/result_words.h"
#include "weights/transport.h"

enum { LINE_MOST = 4 << 20, THETA_MOST = 1000000 };
static const int64_t amount_most = (INT64_C(1) << 62) - 1;
/* Wide enough for W × the middle of the largest relay, small enough for a difference of two. */
static const wide wide_most = (wide)1 << 125;
/* Of a row, a cost is at most W·S·2^24. */
static const wide cost_most = (wide)1 << 87;

/* A number, or "-" where this result has none. */
static bool wide_or_none(struct result_reader *rd, bool is_there, wide least, wide *out)
{
	return is_there ? reader_wide(rd, least, wide_most, out) : reader_literal(rd, "-");
}

/* ---- the head -------------------------------------------------------------------------------------------------- */
static bool read_version(struct result_reader *rd)
{
	return reader_literal(rd, "1");
}

static bool read_objective(struct result_reader *rd)
{
	unsigned choice;

	if (!reader_choice(rd, objective_names, OBJECTIVE_MAX_ONLY + 1, &choice))
		return false;
	rd->r->objective = choice;
	rd->r->has_bound = choice != OBJECTIVE_MAX_ONLY;
	rd->r->has_max = choice != OBJECTIVE_TOTAL;
	return true;
}

static bool read_position(struct result_reader *rd)
{
	unsigned choice;

	if (!reader_choice(rd, position_names, POSITION_EXIT + 1, &choice))
		return false;
	rd->r->position = choice;
	rd->r->has_middle = choice == POSITION_GUARD;
	return true;
}

static bool small_next(struct result_reader *rd, int64_t most, unsigned *out)
{
	int64_t v;
	const bool is_good = reader_number(rd, 1, most, &v);

	*out = (unsigned)v;
	return is_good;
}

static bool read_unit(struct result_reader *rd)
{
	return small_next(rd, INT32_MAX, &rd->r->unit);
}

static bool read_theta(struct result_reader *rd)
{
	return small_next(rd, THETA_MOST, &rd->r->theta);
}

/* A decimal number n × 10^tens; n without zeros at its end where it would be too large. */
static bool read_scale(struct result_reader *rd)
{
	struct penalty_scale *s = &rd->r->scale;
	struct str word, whole, after = { NULL, 0 };
	uint64_t n = 0;

	if (!reader_word(rd, &word))
		return false;
	const char *point = memchr(word.p, '.', word.n);

	whole = (struct str){ word.p, point ? (size_t)(point - word.p) : word.n };
	if (point)
		after = (struct str){ point + 1, word.n - whole.n - 1 };
	const bool has_one_spelling = point ? whole.n == 1 && after.n > 0 : whole.n == 1 || word.p[0] != '0';

	if (word.n > 24 || !has_one_spelling || parse_whole(whole, UINT64_MAX, &n) || after.n > 18)
		goto fail;
	for (size_t i = 0; i < after.n; i++) {
		if (after.p[i] < '0' || after.p[i] > '9')
			goto fail;
		n = n * 10 + (uint64_t)(after.p[i] - '0');
	}
	for (s->tens = -(int)after.n; n > PENALTY_MAX && n % 10 == 0; n /= 10)
		s->tens++;
	s->n = (uint32_t)n;
	if (n > 0 && n <= PENALTY_MAX && s->tens <= 18)
		return true;
fail:
	(void)lines_error(rd->lines, word, "'%.*s' is not a scale", (int)word.n, word.p);
	return false;
}

static bool read_supply(struct result_reader *rd)
{
	return reader_number(rd, 1, amount_most - 1, &rd->r->supply);
}

static bool read_clients(struct result_reader *rd)
{
	return reader_number(rd, 1, amount_most / rd->r->supply, &rd->r->clients);
}

static bool read_value(struct result_reader *rd)
{
	return reader_wide(rd, 0, wide_most, &rd->r->value);
}

static bool read_bound(struct result_reader *rd)
{
	return wide_or_none(rd, rd->r->has_bound, -wide_most, &rd->r->bound);
}

static bool read_max(struct result_reader *rd)
{
	return wide_or_none(rd, rd->r->has_max, 0, &rd->r->max);
}

/* ---- groups, relays, locations --------------------------------------------------------------------------------- */
/* Nothing is above S; that it may be twice as much leaves it to the certificate to say so. */
static bool read_group(struct result_reader *rd)
{
	struct result *r = rd->r;

	r->groups = arena_grow(rd->arena, r->groups, r->n_groups, &rd->groups_room, sizeof(*r->groups));
	struct result_group *g = &r->groups[r->n_groups++];

	return reader_index(rd, INT32_MAX, &g->number) && reader_number(rd, 0, 2 * r->supply, &g->share) &&
	       reader_number(rd, 0, amount_most / r->clients, &g->capacity) && reader_number(rd, 0, 2 * r->supply, &g->cap) &&
	       reader_number(rd, 0, amount_most, &g->price) && reader_number(rd, 0, amount_most, &g->load);
}

static bool read_relay(struct result_reader *rd)
{
	struct result *r = rd->r;
	int64_t weight;

	r->relays = arena_grow(rd->arena, r->relays, r->n_relays, &rd->relays_room, sizeof(*r->relays));
	struct result_relay *relay = &r->relays[r->n_relays++];

	if (!reader_id(rd, relay->id) || !reader_name(rd, &relay->name) || !reader_class(rd, &relay->class) ||
	    !reader_group(rd, &relay->group) || !reader_number(rd, 0, amount_most, &weight))
		return false;
	relay->weight = (uint64_t)weight;
	return reader_number(rd, 0, 2 * r->supply, &relay->share) && wide_or_none(rd, r->has_middle, 0, &relay->middle);
}

/* Products of a weight and S stay below 2^62. */
static bool weight_next(struct result_reader *rd, int64_t *weight)
{
	return reader_number(rd, 1, amount_most / rd->r->supply, weight);
}

static bool read_location(struct result_reader *rd)
{
	struct result *r = rd->r;

	r->locations = arena_grow(rd->arena, r->locations, r->n_locations, &rd->locations_room, sizeof(*r->locations));
	struct result_location *location = &r->locations[r->n_locations++];

	if (!reader_name(rd, &location->name) || !weight_next(rd, &location->weight) ||
	    !reader_index(rd, INT32_MAX, &location->row))
		return false;
	if (location->row >= rd->last_row) {
		rd->last_row = location->row;
		rd->last_row_place = lines_place(rd->lines, rd->line);
	}
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */
static bool tell_order(struct result_reader *rd, struct str word)
{
	(void)lines_error(rd->lines, word, "groups of a row are not in order at '%.*s'", (int)word.n, word.p);
	return false;
}

/* A group's number, above the last one. */
static bool parse_group(struct result_reader *rd, struct str word, int64_t *last)
{
	wide v;

	if (!reader_parse(rd, word, 0, (wide)rd->r->n_groups - 1, &v))
		return false;
	if (v <= *last)
		return tell_order(rd, word);
	*last = (int64_t)v;
	return true;
}

/* 3,5-9,12 or - */
static bool read_full(struct result_reader *rd, struct result_row *row)
{
	struct result *r = rd->r;
	struct str list, item, first;
	int64_t last = -1;

	if (!reader_literal(rd, "full") || !reader_word(rd, &list))
		return false;
	row->full_from = r->n_full;
	if (str_is(list, "-"))
		return true;
	while (field_next(&list, ',', &item)) {
		struct result_run run;

		(void)field_next(&item, '-', &first);
		if (!parse_group(rd, first, &last))
			return false;
		run.first = (uint32_t)last;
		if (item.p && !parse_group(rd, item, &last))
			return false;
		run.last = (uint32_t)last;
		r->full = arena_grow(rd->arena, r->full, r->n_full, &rd->runs_room, sizeof(*r->full));
		r->full[r->n_full++] = run;
		row->n_full++;
	}
	return true;
}

/* 0=44,3=100 or -. An amount below 0 is read: to forbid it is a condition of the certificate. */
static bool read_parts(struct result_reader *rd, struct result_row *row)
{
	struct result *r = rd->r;
	struct str list, item, group;
	int64_t last = -1;
	wide amount;

	if (!reader_literal(rd, "part") || !reader_word(rd, &list))
		return false;
	row->part_from = r->n_parts;
	if (str_is(list, "-"))
		return true;
	while (field_next(&list, ',', &item)) {
		(void)field_next(&item, '=', &group);
		if (!parse_group(rd, group, &last) || !reader_parse(rd, item, -amount_most, amount_most, &amount))
			return false;
		r->parts = arena_grow(rd->arena, r->parts, r->n_parts, &rd->parts_room, sizeof(*r->parts));
		r->parts[r->n_parts++] = (struct result_part){ (uint32_t)last, (int64_t)amount };
		row->n_parts++;
	}
	return true;
}

static bool read_row(struct result_reader *rd)
{
	struct result *r = rd->r;

	r->rows = arena_grow(rd->arena, r->rows, r->n_rows, &rd->rows_room, sizeof(*r->rows));
	struct result_row *row = &r->rows[r->n_rows++];

	return reader_index(rd, INT32_MAX, &row->number) && weight_next(rd, &row->weight) &&
	       reader_wide(rd, 0, cost_most, &row->cost) && reader_wide(rd, 0, cost_most, &row->vanilla) &&
	       read_full(rd, row) && read_parts(rd, row);
}

/* ---- the tree and the end -------------------------------------------------------------------------------------- */
static void tree_init(struct result_reader *rd)
{
	struct result *r = rd->r;

	r->tree.row = arena_array(rd->arena, int32_t, r->n_rows);
	r->tree.column = arena_array(rd->arena, int32_t, r->n_groups);
	for (size_t l = 0; l < r->n_rows; l++)
		r->tree.row[l] = TREE_NONE;
	for (size_t i = 0; i < r->n_groups; i++)
		r->tree.column[i] = TREE_NONE;
}

/* rN or gN, as `kind` says. */
static bool node_next(struct result_reader *rd, char kind, size_t n, uint32_t *out)
{
	struct str word;
	wide v = 0;

	if (!reader_word(rd, &word))
		return false;
	if (word.p[0] != kind) {
		(void)lines_error(rd->lines, word, "'%.*s' is not a node %cN", (int)word.n, word.p, kind);
		return false;
	}
	const bool is_good = reader_parse(rd, (struct str){ word.p + 1, word.n - 1 }, 0, (wide)n - 1, &v);

	*out = (uint32_t)v;
	return is_good;
}

static bool read_tree(struct result_reader *rd)
{
	struct result *r = rd->r;
	uint32_t from, to = 0;

	if (!r->tree.row)
		tree_init(rd);
	if (rd->rest.n > 0 && rd->rest.p[0] == 'r') {
		if (!node_next(rd, 'r', r->n_rows, &from) || !node_next(rd, 'g', r->n_groups, &to))
			return false;
		r->tree.row[from] = (int32_t)to;
		return true;
	}
	if (!node_next(rd, 'g', r->n_groups, &from))
		return false;
	if (rd->rest.p && str_is(rd->rest, "root")) {
		rd->rest = (struct str){ NULL, 0 };
		r->tree.column[from] = TREE_ROOT;
		return true;
	}
	if (!node_next(rd, 'r', r->n_rows, &to))
		return false;
	r->tree.column[from] = (int32_t)to;
	return true;
}

static bool read_end(struct result_reader *rd)
{
	const struct result *r = rd->r;
	wide n;

	if (!reader_wide(rd, 0, INT64_MAX, &n))
		return false;
	if ((uint64_t)n != rd->n_lines) {
		(void)lines_error(rd->lines, rd->line, "result has %llu lines before this one", (unsigned long long)rd->n_lines);
		return false;
	}
	if (rd->last_row >= r->n_rows) {
		(void)diag_error(rd->diags, &rd->last_row_place, "input", "location is in row %u, there are %zu", rd->last_row,
				 r->n_rows);
		return false;
	}
	rd->is_ended = true;
	return true;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */
static const struct kind {
	const char *word;
	bool (*read)(struct result_reader *rd);
	bool is_many;                            /* one or more, but for `tree` */
} kinds[] = {
	{ "nlbc-weights", read_version, false }, { "objective", read_objective, false }, { "position", read_position, false },
	{ "unit", read_unit, false }, { "theta", read_theta, false }, { "scale", read_scale, false },
	{ "supply", read_supply, false }, { "clients", read_clients, false }, { "value", read_value, false },
	{ "bound", read_bound, false }, { "max", read_max, false }, { "group", read_group, true },
	{ "relay", read_relay, true }, { "location", read_location, true }, { "row", read_row, true },
	{ "tree", read_tree, true }, { "end", read_end, false },
};

/* The kind of the line at hand: the one that is due, or after many of one kind the next. */
static const struct kind *kind_next(struct result_reader *rd, const struct kind *due, bool *has_begun)
{
	struct str word;

	if (!reader_word(rd, &word))
		return NULL;
	if (due == kinds + ARRAY_LEN(kinds)) {
		(void)lines_error(rd->lines, word, "text behind the line 'end'");
		return NULL;
	}
	while (due->is_many && (*has_begun || due->read == read_tree) && !str_is(word, due->word)) {
		due++;
		*has_begun = false;
	}
	if (str_is(word, due->word))
		return due;
	if (due == kinds)
		(void)lines_error(rd->lines, word, "this is not a result of 'solve'");
	else
		(void)lines_error(rd->lines, word, "'%.*s', '%s' expected", (int)word.n, word.p, due->word);
	return NULL;
}

static int read_lines(struct result_reader *rd)
{
	const struct kind *due = kinds;
	bool has_begun = false;
	int got;

	while ((got = lines_next(rd->lines, &rd->line)) > 0) {
		rd->rest = rd->line;
		due = kind_next(rd, due, &has_begun);
		if (!due || !due->read(rd))
			return -EINVAL;
		if (rd->rest.p) {
			(void)lines_error(rd->lines, rd->rest, "line goes on where it should end");
			return -EINVAL;
		}
		has_begun = due->is_many;
		due += !due->is_many;
		rd->n_lines++;
	}
	if (got == 0 && !rd->is_ended) {
		(void)lines_error(rd->lines, (struct str){ NULL, 0 }, "result is cut off");
		return -EINVAL;
	}
	return got;
}

const struct result *result_read(const char *path, struct arena *a, struct diags *d)
{
	const struct lines_wish wish = { .max_line = LINE_MOST };
	struct result_reader rd = { .arena = a, .diags = d };

	rd.lines = lines_open(path, &wish, a, d);
	if (!rd.lines)
		return NULL;
	rd.r = arena_one(a, struct result);
	rd.r->file = lines_name(rd.lines);
	const int err = read_lines(&rd);

	lines_close(rd.lines);
	return err ? NULL : rd.r;
}
