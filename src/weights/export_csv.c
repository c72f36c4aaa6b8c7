/* SPDX-License-Identifier: MIT */
/* A result as two tables in CSV, relays and locations. All quotients are exact to the digit shown. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "weights/decimal.h"
#include "weights/export.h"
#include "weights/export_parts.h"

enum { UNIT_DIGITS = 6, PENALTY_DIGITS = 12 };

/* A name of its own, or in quotes where it holds what CSV lives on: locations of the exit position are called `l,AS`. */
static void add_name(struct text *t, const char *name)
{
	if (!strpbrk(name, ",\"")) {
		text_puts(t, name);
		return;
	}
	text_putc(t, '"');
	for (; *name; name++) {
		if (*name == '"')
			text_putc(t, '"');
		text_putc(t, *name);
	}
	text_putc(t, '"');
}

static void add_quotient(struct text *t, wide number, wide divisor, int tens, unsigned digits)
{
	char buf[DECIMAL_TEXT];

	text_putc(t, ',');
	if (divisor > 0)
		text_puts(t, decimal_print(number, divisor, tens, digits, buf));
}

int export_flush(struct text *t, FILE *f, bool is_last)
{
	if (!is_last && t->n < EXPORT_CHUNK)
		return 0;
	errno = 0;
	if (t->n > 0 && fwrite(t->p, 1, t->n, f) != t->n)
		return errno ? -errno : -EIO;
	text_clear(t);
	return is_last && fflush(f) != 0 ? -errno : 0;
}

/* ---- relays ---------------------------------------------------------------------------------------------------- */
/* Load, and what is left for the middle as a part of the capacity, of a relay that takes part. */
static void add_use(struct text *t, const struct result *r, const struct result_relay *relay)
{
	const struct result_group *g = &r->groups[relay->group];
	const wide most = (wide)r->clients * g->capacity;

	add_quotient(t, (wide)g->load * relay->share, (wide)r->clients * g->share, 0, UNIT_DIGITS);
	if (!r->has_middle)
		text_putc(t, ',');
	else if (most > 0)
		add_quotient(t, most - g->load, most, 0, UNIT_DIGITS);
	else
		add_quotient(t, 0, 1, 0, UNIT_DIGITS);
}

static void add_relay(struct text *t, const struct result *r, const struct result_relay *relay)
{
	if (relay->id[0] != '-')
		text_puts(t, relay->id);
	text_putc(t, ',');
	add_name(t, relay->name);
	text_printf(t, ",%c,", relay_class_letter(relay->class));
	if (relay->group != NO_GROUP)
		text_printf(t, "%" PRIu32, relay->group);
	text_printf(t, ",%" PRIu64 ",%" PRIi64, relay->weight, relay->share);
	if (relay->group != NO_GROUP)
		add_use(t, r, relay);
	else
		text_puts(t, ",,");
	add_quotient(t, relay->middle, r->has_middle ? r->clients : 0, 0, UNIT_DIGITS);
	text_putc(t, '\n');
}

int export_relays(const struct result *r, FILE *f)
{
	auto_text struct text t = { 0 };
	int err = 0;

	text_puts(&t, "fingerprint,nickname,class,group,weight,share,load,wmg,middle\n");
	for (size_t i = 0; i < r->n_relays && !err; i++) {
		add_relay(&t, r, &r->relays[i]);
		err = export_flush(&t, f, false);
	}
	return err ? err : export_flush(&t, f, true);
}

/* ---- locations ------------------------------------------------------------------------------------------------- */
void export_amounts(const struct result *r, const struct result_row *row, int64_t *amount)
{
	memset(amount, 0, r->n_groups * sizeof(*amount));
	for (size_t k = 0; k < row->n_full; k++) {
		const struct result_run *run = &r->full[row->full_from + k];

		for (size_t i = run->first; i <= run->last; i++)
			amount[i] = row->weight * r->groups[i].cap;
	}
	for (size_t k = 0; k < row->n_parts; k++)
		amount[r->parts[row->part_from + k].group] = r->parts[row->part_from + k].amount;
}

/* Sum of |x - w·g|: twice what the row moves away from where vanilla puts it. */
static wide row_distance(const struct result *r, const struct result_row *row, int64_t *amount)
{
	wide sum = 0;

	export_amounts(r, row, amount);
	for (size_t i = 0; i < r->n_groups; i++) {
		const wide away = amount[i] - (wide)row->weight * r->groups[i].share;

		sum += away < 0 ? -away : away;
	}
	return sum;
}

static void add_location(struct text *t, const struct result *r, const struct result_location *l, const wide *distance)
{
	const struct result_row *row = &r->rows[l->row];
	const wide all = (wide)row->weight * r->supply;

	add_name(t, l->name);
	text_printf(t, ",%" PRIi64, l->weight);
	add_quotient(t, row->cost, all * r->scale.n, r->scale.tens, PENALTY_DIGITS);
	add_quotient(t, row->vanilla, all * r->scale.n, r->scale.tens, PENALTY_DIGITS);
	add_quotient(t, row->cost, row->vanilla, 0, UNIT_DIGITS);
	add_quotient(t, distance[l->row], all, 0, UNIT_DIGITS);
	text_putc(t, '\n');
}

int export_locations(const struct result *r, FILE *f)
{
	auto_text struct text t = { 0 };
	auto_free int64_t *amount = calloc(r->n_groups, sizeof(*amount));
	auto_free wide *distance = calloc(r->n_rows, sizeof(*distance));
	int err = 0;

	if (!amount || !distance)
		out_of_memory();
	for (size_t l = 0; l < r->n_rows; l++)
		distance[l] = row_distance(r, &r->rows[l], amount);
	text_puts(&t, "name,weight,penalty,vanilla,ratio,distance\n");
	for (size_t l = 0; l < r->n_locations && !err; l++) {
		add_location(&t, r, &r->locations[l], distance);
		err = export_flush(&t, f, false);
	}
	return err ? err : export_flush(&t, f, true);
}
