/* SPDX-License-Identifier: MIT */
/* A matrix of penalties in JSON: numbers of any kind, brought to whole ones by a power of ten where they are not. */
#include "base/base.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "base/arena.h"
#include "weights/matching.h"

enum { TENS_MOST = 18 };

static const double scaled_most = 1 << 20;
static const double powers[2 * TENS_MOST + 1] = {
	1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0,
	1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
};

struct json_matrix {
	struct matching *m;
	struct lines *lines;
	json_t *root;
	double most;
	bool is_scaled;                  /* a value is not whole or too large */
	double power;
	uint32_t *row;
};

double penalty_scale_value(const struct penalty_scale *s)
{
	return s->n * powers[s->tens + TENS_MOST];
}

static struct place place_of(const struct json_matrix *x, const char *location, const char *relay)
{
	struct place place = lines_member(x->lines, NULL, location, 0);

	return relay ? lines_member(x->lines, &place, relay, 0) : place;
}

static int look_at_value(struct json_matrix *x, const char *location, const char *relay, const json_t *value)
{
	struct amount amount;
	const int err = amount_of_json(value, &amount);

	if (err) {
		const struct place place = place_of(x, location, relay);
		diag_error(x->m->d, &place, "input", err == -ERANGE ? "penalty is above 10^18" : "not a penalty: a number from 0 expected");
		return err;
	}
	x->most = fmax(x->most, amount.real);
	x->is_scaled = x->is_scaled || !amount.is_whole || amount.real > PENALTY_MAX;
	return 0;
}

static int look_at_location(struct json_matrix *x, const char *location, json_t *values)
{
	const bool is_client = matching_client(x->m, str_of(location)) != NO_ROW;
	const char *relay;
	json_t *value;

	if (!json_is_object(values)) {
		const struct place place = place_of(x, location, NULL);
		diag_error(x->m->d, &place, "input", "an object of penalties by relay expected");
		return -EINVAL;
	}
	json_object_foreach(values, relay, value) {
		uint32_t column;
		const int err = look_at_value(x, location, relay, value);
		if (err)
			return err;
		if (!is_client)
			continue;
		const enum columns_answer answer = columns_add(&x->m->columns, str_of(relay), &column);
		if (answer != COLUMNS_AMBIGUOUS && answer != COLUMNS_NO_AS)
			continue;
		const struct place place = place_of(x, location, relay);
		columns_tell(answer, str_of(relay), &place, x->m->d);
		return -EINVAL;
	}
	return 0;
}

static void choose_scale(struct json_matrix *x)
{
	int tens = x->is_scaled && x->most > 0 ? TENS_MOST : 0;

	while (tens > -TENS_MOST && x->is_scaled && x->most * powers[tens + TENS_MOST] > scaled_most)
		tens--;
	x->m->in->scale = (struct penalty_scale){ .n = 1, .tens = tens };
	x->power = powers[tens + TENS_MOST];
}

static uint32_t scaled(struct json_matrix *x, const json_t *value)
{
	const double v = json_number_value(value);

	if (!x->is_scaled)
		return (uint32_t)v;
	const double whole = floor(v * x->power + 0.5);
	x->m->in->scale_error = fmax(x->m->in->scale_error, fabs(whole / x->power - v));
	return (uint32_t)whole;
}

/* The first relay of a column. */
static const struct relay *relay_of(const struct json_matrix *x, size_t column)
{
	size_t i = 0;

	while (x->m->columns.column[i] != column)
		i++;
	return &x->m->in->relays[i];
}

static int fill_gaps(struct json_matrix *x, const char *location, uint32_t largest)
{
	for (size_t c = 0; c < x->m->table.columns; c++) {
		if (x->row[c] != UINT32_MAX)
			continue;
		if (!x->m->wish->missing_worst) {
			const struct place place = place_of(x, location, NULL);
			diag_error(x->m->d, &place, "input", "location '%s' has no penalty for relay %s", location,
				   relay_title(relay_of(x, c), x->m->arena));
			return -EINVAL;
		}
		x->row[c] = largest;
	}
	return 0;
}

static int read_location(struct json_matrix *x, const char *location, json_t *values)
{
	struct matching *m = x->m;
	const uint32_t client = matching_client(m, str_of(location));
	uint32_t largest = 0;
	const char *relay;
	json_t *value;

	if (client == NO_ROW)
		return 0;
	if (m->row[client] != NO_ROW) {
		const struct place place = place_of(x, location, NULL);
		diag_error(m->d, &place, "input", "location '%s' is given twice", location);
		return -EINVAL;
	}
	memset(x->row, 0xff, m->table.columns * sizeof(*x->row));
	json_object_foreach(values, relay, value) {
		uint32_t column;
		const uint32_t v = scaled(x, value);

		largest = MAX(largest, v);
		(void)columns_add(&m->columns, str_of(relay), &column);  /* nothing new: all were looked at */
		if (column != NO_COLUMN && x->row[column] != UINT32_MAX) {
			const struct place place = place_of(x, location, relay);
			diag_error(m->d, &place, "input", "relay '%s' is given twice", relay);
			return -EINVAL;
		}
		if (column != NO_COLUMN)
			x->row[column] = v;
	}
	const int err = fill_gaps(x, location, largest);
	return err ? err : penalty_table_add(&m->table, x->row, largest, &m->row[client]);
}

static int for_each_location(struct json_matrix *x, int (*read)(struct json_matrix *x, const char *location, json_t *values))
{
	const char *location;
	json_t *values;

	json_object_foreach(x->root, location, values) {
		const int err = read(x, location, values);
		if (err)
			return err;
	}
	return 0;
}

static int read_root(struct json_matrix *x)
{
	const struct place file = lines_file(x->lines);
	int err;

	if (!json_is_object(x->root)) {
		diag_error(x->m->d, &file, "input", "an object of locations expected");
		return -EINVAL;
	}
	err = for_each_location(x, look_at_location);
	if (err)
		return err;
	choose_scale(x);
	if (!matching_begin(x->m, file))
		return -EINVAL;
	x->row = arena_array(x->m->arena, uint32_t, x->m->table.columns);
	return for_each_location(x, read_location);
}

int matrix_json_read(struct matching *m, struct lines *l)
{
	struct json_matrix x = { .m = m, .lines = l, .root = lines_json(l) };

	m->held = lines_json_bytes(l);
	const int err = x.root ? read_root(&x) : -EINVAL;

	json_decref(x.root);
	return err;
}
