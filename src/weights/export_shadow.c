/* SPDX-License-Identifier: MIT */
/* A result in the form that Shadow's alternative weights take: a line for each location and relay, in whole consensus weights
 * that add up as the units did. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/decimal.h"
#include "weights/export.h"
#include "weights/export_parts.h"
#include "weights/progress.h"

enum { KEY_BITS = 32 };
static const uint64_t lines_most = 100 * 1000 * 1000;

/* A relay that takes part. */
struct taker {
	uint32_t relay, group;
	const char *tail;                        /* what stands behind GUARD: MIDDLE and EXIT */
};

/* What is lost where a weight is rounded down: rest / divisor, and the first bits of that. */
struct remainder {
	size_t taker;
	uint64_t key;
	wide rest, divisor;
};

struct shadow {
	const struct result *r;
	struct taker *takers;
	size_t n;
	int64_t *amount;                         /* [n_groups] of the row at hand */
	int64_t *weight;                         /* [n] whole consensus weights */
	struct remainder *remainders;            /* [n] */
	struct text *out;
	struct arena *arena;
	struct diags *d;
};

/* ---- names ----------------------------------------------------------------------------------------------------- */
static bool is_name_good(struct shadow *s, const char *what, const char *name)
{
	if (!strpbrk(name, "_ \t"))
		return true;
	(void)diag_error(s->d, NULL, "input", "Shadow's file cannot tell a %s '%s': it parts names at '_' and blanks", what, name);
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool are_names_unique(struct shadow *s)
{
	auto_free const char **names = calloc(s->n + 1, sizeof(*names));

	if (!names)
		out_of_memory();
	for (size_t i = 0; i < s->n; i++)
		names[i] = s->r->relays[s->takers[i].relay].name;
	qsort(names, s->n, sizeof(*names), by_name);
	for (size_t i = 1; i < s->n; i++)
		if (strcmp(names[i - 1], names[i]) == 0) {
			struct diag *g = diag_error(s->d, NULL, "input", "nickname '%s' is not unique among relays that take part",
						    names[i]);

			diag_hint(s->d, g, "Shadow's file knows relays by nickname alone");
			return false;
		}
	return true;
}

static bool are_names_good(struct shadow *s)
{
	for (size_t l = 0; l < s->r->n_locations; l++)
		if (!is_name_good(s, "location", s->r->locations[l].name))
			return false;
	for (size_t i = 0; i < s->n; i++)
		if (!is_name_good(s, "relay", s->r->relays[s->takers[i].relay].name))
			return false;
	return are_names_unique(s);
}

/* ---- weights --------------------------------------------------------------------------------------------------- */
/* a/b against c/d, b and d above 0, as continued fractions: no product that might not fit. */
static int compare_quotients(wide a, wide b, wide c, wide d)
{
	for (int sign = 1;; sign = -sign) {
		const wide whole_a = a / b, whole_c = c / d;

		a %= b;
		c %= d;
		if (whole_a != whole_c)
			return whole_a < whole_c ? -sign : sign;
		if (a == 0 || c == 0)
			return sign * ((a != 0) - (c != 0));
		const wide old_a = a, old_c = c;

		a = b;
		b = old_a;
		c = d;
		d = old_c;
	}
}

/* The largest first, ties in input order. */
static int by_rest(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	const int order = compare_quotients(y->rest, y->divisor, x->rest, x->divisor);

	return order ? order : (x->taker > y->taker) - (x->taker < y->taker);
}

/* Rounds the row down; gives the sum of that, and how many remainders there are. False: an amount below 0. */
static bool round_down(struct shadow *s, const struct result_row *row, wide *sum, size_t *n)
{
	const struct result *r = s->r;

	*n = 0;
	*sum = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct result_group *g = &r->groups[s->takers[i].group];
		const wide divisor = (wide)row->weight * g->share * r->unit;
		const wide number = (wide)s->amount[s->takers[i].group] * r->relays[s->takers[i].relay].share;

		s->weight[i] = 0;
		if (number < 0)
			return false;
		if (number == 0 || divisor == 0)
			continue;
		const wide rest = number % divisor;

		s->weight[i] = (int64_t)(number / divisor);
		*sum += s->weight[i];
		if (rest > 0)
			s->remainders[(*n)++] = (struct remainder){ i, (uint64_t)((rest << KEY_BITS) / divisor), rest, divisor };
	}
	return true;
}

static int make_weights(struct shadow *s, const struct result_location *l)
{
	const struct result *r = s->r;
	const struct result_row *row = &r->rows[l->row];
	size_t n;
	wide sum;

	export_amounts(r, row, s->amount);
	const bool is_good = round_down(s, row, &sum, &n);
	const wide missing = r->supply / r->unit - sum;

	if (!is_good || missing < 0 || missing > (wide)n) {
		(void)diag_error(s->d, NULL, "input", "the weights of location '%s' do not add up to the supply", l->name);
		return -EINVAL;
	}
	qsort(s->remainders, n, sizeof(*s->remainders), by_rest);
	for (size_t k = 0; k < (size_t)missing; k++)
		s->weight[s->remainders[k].taker]++;
	return 0;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */
static void add_lines(struct shadow *s, const struct result_location *l)
{
	const bool is_exit = s->r->position == POSITION_EXIT;
	const size_t n_name = strlen(l->name);
	char number[24];

	for (size_t i = 0; i < s->n; i++) {
		const char *nick = s->r->relays[s->takers[i].relay].name;
		const size_t n_nick = strlen(nick);
		const int n_number = snprintf(number, sizeof(number), is_exit ? " -1 -1 %" PRIi64 : " %" PRIi64, s->weight[i]);

		text_add(s->out, l->name, n_name);
		text_putc(s->out, '_');
		text_add(s->out, nick, n_nick);
		text_putc(s->out, ' ');
		text_add(s->out, nick, n_nick);
		text_add(s->out, number, (size_t)n_number);
		text_puts(s->out, s->takers[i].tail);
	}
}

static int write_all(struct shadow *s, FILE *f, struct progress *progress)
{
	for (size_t l = 0; l < s->r->n_locations; l++) {
		int err = make_weights(s, &s->r->locations[l]);

		if (err)
			return err;
		add_lines(s, &s->r->locations[l]);
		err = export_flush(s->out, f, false);
		if (err)
			return err;
		if (progress) {
			progress->steps = l;
			if (progress_check(progress))
				return -EINTR;
		}
	}
	return export_flush(s->out, f, true);
}

static void find_takers(struct shadow *s)
{
	const struct result *r = s->r;

	for (size_t i = 0; i < r->n_relays; i++) {
		const struct result_relay *relay = &r->relays[i];
		char buf[DECIMAL_TEXT];

		if (relay->group == NO_GROUP)
			continue;
		const char *tail = "\n";

		if (r->position == POSITION_GUARD)
			tail = arena_printf(s->arena, " %s -1\n", decimal_print(relay->middle, (wide)r->clients * r->unit, 0, 0, buf));
		s->takers[s->n++] = (struct taker){ (uint32_t)i, relay->group, tail };
	}
}

static int write_checked(struct shadow *s, FILE *f, struct progress *progress)
{
	const uint64_t lines = (uint64_t)s->n * s->r->n_locations;

	if (lines > lines_most) {
		(void)diag_error(s->d, NULL, "input", "Shadow's file would have %" PRIu64 " lines, %" PRIu64 " at most", lines, lines_most);
		return -EINVAL;
	}
	return are_names_good(s) ? write_all(s, f, progress) : -EINVAL;
}

int export_shadow(const struct result *r, FILE *f, struct progress *progress, struct diags *d)
{
	auto_text struct text out = { 0 };
	auto_free struct taker *takers = calloc(r->n_relays, sizeof(*takers));
	auto_free int64_t *amount = calloc(r->n_groups, sizeof(*amount));
	auto_free int64_t *weight = calloc(r->n_relays, sizeof(*weight));
	auto_free struct remainder *remainders = calloc(r->n_relays, sizeof(*remainders));
	struct shadow s = {
		.r = r, .takers = takers, .amount = amount, .weight = weight, .remainders = remainders, .out = &out, .d = d,
		.arena = arena_new(),
	};

	if (!takers || !amount || !weight || !remainders)
		out_of_memory();
	if (progress) {
		progress->stage = "export";
		progress->steps_all = r->n_locations;
	}
	find_takers(&s);
	const int err = write_checked(&s, f, progress);

	arena_free(s.arena);
	return err;
}
