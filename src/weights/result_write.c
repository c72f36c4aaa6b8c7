/* SPDX-License-Identifier: MIT */
/* The text form of a result (weights.md section 7), line by line. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "weights/decimal.h"
#include "weights/result.h"

const char *const objective_names[] = { "total", "max", "max-only" };
const char *const position_names[] = { "guard", "exit" };

struct writer {
	FILE *f;
	uint64_t lines;
	int error;                       /* of the first write that failed */
};

static void PRINTF(2, 3) put(struct writer *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vfprintf(w->f, fmt, ap) < 0 && w->error == 0)
		w->error = -errno;
	va_end(ap);
}

static void put_end(struct writer *w)
{
	put(w, "\n");
	w->lines++;
}

static void put_wide(struct writer *w, wide v)
{
	char buf[WIDE_TEXT];

	put(w, "%s", wide_print(v, buf));
}

static void write_word(struct writer *w, const char *word, const char *value)
{
	put(w, "%s %s", word, value);
	put_end(w);
}

static void write_amount(struct writer *w, const char *word, bool is_there, wide v)
{
	char buf[WIDE_TEXT];

	write_word(w, word, is_there ? wide_print(v, buf) : "-");
}

static void write_scale(struct writer *w, const struct penalty_scale *s)
{
	char buf[DECIMAL_TEXT];

	write_word(w, "scale", decimal_print(s->n, 1, -s->tens, s->tens < 0 ? (unsigned)-s->tens : 0, buf));
}

static void write_head(struct writer *w, const struct result *r)
{
	write_word(w, "nlbc-weights", "1");
	write_word(w, "objective", objective_names[r->objective]);
	write_word(w, "position", position_names[r->position]);
	write_amount(w, "unit", true, r->unit);
	write_amount(w, "theta", true, r->theta);
	write_scale(w, &r->scale);
	write_amount(w, "supply", true, r->supply);
	write_amount(w, "clients", true, r->clients);
	write_amount(w, "value", true, r->value);
	write_amount(w, "bound", r->has_bound, r->bound);
	write_amount(w, "max", r->has_max, r->max);
}

static void write_groups(struct writer *w, const struct result *r)
{
	for (size_t i = 0; i < r->n_groups; i++) {
		const struct result_group *g = &r->groups[i];

		put(w, "group %" PRIu32 " %" PRIi64 " %" PRIi64 " %" PRIi64 " %" PRIi64 " %" PRIi64, g->number, g->share,
		    g->capacity, g->cap, g->price, g->load);
		put_end(w);
	}
}

static void write_relays(struct writer *w, const struct result *r)
{
	for (size_t i = 0; i < r->n_relays; i++) {
		const struct result_relay *relay = &r->relays[i];

		put(w, "relay %s %s %c ", relay->id, relay->name, relay_class_letter(relay->class));
		if (relay->group == NO_GROUP)
			put(w, "-");
		else
			put(w, "%" PRIu32, relay->group);
		put(w, " %" PRIu64 " %" PRIi64 " ", relay->weight, relay->share);
		if (r->has_middle)
			put_wide(w, relay->middle);
		else
			put(w, "-");
		put_end(w);
	}
}

static void write_locations(struct writer *w, const struct result *r)
{
	for (size_t l = 0; l < r->n_locations; l++) {
		const struct result_location *location = &r->locations[l];

		put(w, "location %s %" PRIi64 " %" PRIu32, location->name, location->weight, location->row);
		put_end(w);
	}
}

/* 3,5-9,12 */
static void write_full(struct writer *w, const struct result *r, const struct result_row *row)
{
	for (size_t k = 0; k < row->n_full; k++) {
		const struct result_run *run = &r->full[row->full_from + k];

		put(w, k > 0 ? ",%" PRIu32 : "%" PRIu32, run->first);
		if (run->last > run->first)
			put(w, "-%" PRIu32, run->last);
	}
	if (row->n_full == 0)
		put(w, "-");
}

/* 0=440000,7=3 */
static void write_parts(struct writer *w, const struct result *r, const struct result_row *row)
{
	for (size_t k = 0; k < row->n_parts; k++) {
		const struct result_part *part = &r->parts[row->part_from + k];

		put(w, k > 0 ? ",%" PRIu32 "=%" PRIi64 : "%" PRIu32 "=%" PRIi64, part->group, part->amount);
	}
	if (row->n_parts == 0)
		put(w, "-");
}

static void write_rows(struct writer *w, const struct result *r)
{
	for (size_t l = 0; l < r->n_rows; l++) {
		const struct result_row *row = &r->rows[l];

		put(w, "row %" PRIu32 " %" PRIi64 " ", row->number, row->weight);
		put_wide(w, row->cost);
		put(w, " ");
		put_wide(w, row->vanilla);
		put(w, " full ");
		write_full(w, r, row);
		put(w, " part ");
		write_parts(w, r, row);
		put_end(w);
	}
}

static void write_tree(struct writer *w, const struct transport_tree *tree, size_t n_rows, size_t n_groups)
{
	for (size_t l = 0; tree->row && l < n_rows; l++)
		if (tree->row[l] >= 0) {
			put(w, "tree r%zu g%" PRIi32, l, tree->row[l]);
			put_end(w);
		}
	for (size_t i = 0; tree->column && i < n_groups; i++) {
		if (tree->column[i] == TREE_NONE)
			continue;
		if (tree->column[i] == TREE_ROOT)
			put(w, "tree g%zu root", i);
		else
			put(w, "tree g%zu r%" PRIi32, i, tree->column[i]);
		put_end(w);
	}
}

int result_write(const struct result *r, FILE *f)
{
	struct writer w = { .f = f };

	write_head(&w, r);
	write_groups(&w, r);
	write_relays(&w, r);
	write_locations(&w, r);
	write_rows(&w, r);
	write_tree(&w, &r->tree, r->n_rows, r->n_groups);
	put(&w, "end %" PRIu64 "\n", w.lines);
	if (fflush(f) != 0 && w.error == 0)
		w.error = -errno;
	return w.error;
}
