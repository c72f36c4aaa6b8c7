/* SPDX-License-Identifier: MIT */
/* CSV of relays and numbers; relays that are not there or take no part may be named. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "weights/lines.h"
#include "weights/relay_numbers.h"

struct reading {
	const struct relay_numbers_wish *wish;
	const struct inputs *in;
	const struct relay_index *index;
	struct lines *lines;
	struct diags *d;
	uint64_t *number;
	bool *is_given;
};

static void read_row(struct reading *r, struct str id, struct str value)
{
	const struct name *first = NULL;
	const size_t n = relay_index_find(r->index, id, &first);
	const int shown = (int)MIN(id.n, (size_t)64);
	uint64_t number = 0;
	const int err = parse_whole(value, r->wish->most, &number);

	if (err == -EINVAL) {
		lines_wrong(r->lines, value, "'%.*s' is not a whole number", (int)MIN(value.n, (size_t)64), value.p);
		return;
	}
	if (err || number < r->wish->least) {
		struct diag *g = lines_wrong(r->lines, value, "'%.*s' is out of range", (int)MIN(value.n, (size_t)64), value.p);
		if (g)
			diag_hint(r->d, g, "%llu to %llu", (unsigned long long)r->wish->least, (unsigned long long)r->wish->most);
		return;
	}
	if (n == 0)
		return;
	if (n > 1)
		lines_wrong(r->lines, id, "several relays are called '%.*s'", shown, id.p);
	else if (r->is_given[first->index])
		lines_wrong(r->lines, id, "relay '%.*s' is given twice", shown, id.p);
	else
		r->number[first->index] = number;
	if (n == 1)
		r->is_given[first->index] = true;
}

static bool has_all(struct reading *r)
{
	const struct place file = lines_file(r->lines);
	size_t n = 0, first = 0;

	for (size_t i = r->in->n_relays; i-- > 0;)
		if (inputs_takes_part(r->in, &r->in->relays[i]) && !r->is_given[i]) {
			first = i;
			n++;
		}
	if (n > 0)
		diag_error(r->d, &file, "input", "no %s for %zu relay%s, first %s", r->wish->what, n, n == 1 ? "" : "s",
			   relay_title(&r->in->relays[first], r->d->arena));
	return n == 0;
}

static bool read_rows(struct reading *r)
{
	struct csv c = { .lines = r->lines, .names = { "relay", r->wish->column } };
	int got;

	while ((got = csv_next(&c)) > 0)
		read_row(r, c.field[0], c.field[1]);
	return got == 0 && !lines_failed(r->lines) && has_all(r);
}

const uint64_t *relay_numbers_read(const struct relay_numbers_wish *w, const struct inputs *in, const struct relay_index *index,
				   struct arena *a, struct diags *d)
{
	const struct lines_wish wish = { .lenient = w->lenient, .any_bytes = true };
	struct reading r = {
		.wish = w, .in = in, .index = index, .lines = lines_open(w->path, &wish, a, d), .d = d,
		.number = arena_array(a, uint64_t, in->n_relays), .is_given = arena_array(a, bool, in->n_relays),
	};

	if (!r.lines)
		return NULL;
	const bool is_good = read_rows(&r);
	lines_close(r.lines);
	return is_good ? r.number : NULL;
}
