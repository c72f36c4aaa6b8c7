/* SPDX-License-Identifier: MIT */
/* Results as a picture: how the expected penalty is distributed over clients, in front of what vanilla gives. */
#include "base/base.h"

#include <math.h>

#include "base/arena.h"
#include "weights/decimal.h"
#include "weights/export.h"
#include "weights/figure.h"
#include "weights/inputs.h"

/* A value and how much of the whole has it. */
struct sample {
	double value, weight;
	size_t at;
};

struct picture {
	struct figure figure;
	struct arena *arena;
};

static int by_value(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : (x->at > y->at) - (x->at < y->at);
}

static const char *label_of(struct picture *p, const struct result *r, const char *mean)
{
	const char *objective = objective_names[r->objective];

	if (!r->file)
		return arena_printf(p->arena, "%s, mean %s", objective, mean);
	return arena_printf(p->arena, "%s (%s), mean %s", r->file, objective, mean);
}

/* 0.0812, with four digits that count, in no locale. */
static const char *short_number(struct picture *p, double v)
{
	const int exponent = v > 0 ? (int)floor(log10(v)) : 0;

	if (v > 0 && (exponent < -5 || exponent > 5)) {
		const long mantissa = lround(v / pow(10, exponent - 3));

		return arena_printf(p->arena, "%ld.%03lde%d", mantissa / 1000, mantissa % 1000, exponent);
	}
	const unsigned digits = exponent >= 3 ? 0 : (unsigned)(3 - exponent);
	const double power = pow(10, digits);
	const long long whole = llround(v * power);

	if (digits == 0)
		return arena_printf(p->arena, "%lld", whole);
	return arena_printf(p->arena, "%lld.%0*lld", whole / (long long)power, (int)digits, whole % (long long)power);
}

static double penalty_of(const struct result *r, const struct result_row *row, wide cost)
{
	return (double)cost / ((double)row->weight * (double)r->supply * penalty_scale_value(&r->scale));
}

/* Samples by value as the steps of their running share; gives the mean. */
static double add_distribution(struct picture *p, struct figure_curve *c, struct sample *s, size_t n)
{
	struct figure_step *steps = arena_array(p->arena, struct figure_step, n);
	double all = 0, run = 0, mean = 0;

	qsort(s, n, sizeof(*s), by_value);
	for (size_t i = 0; i < n; i++)
		all += s[i].weight;
	for (size_t i = 0; i < n; i++) {
		run += s[i].weight;
		mean += s[i].value * s[i].weight / all;
		steps[i] = (struct figure_step){ s[i].value, run / all };
	}
	c->steps = steps;
	c->n = n;
	p->figure.x_from = c->is_base ? s[0].value : MIN(p->figure.x_from, s[0].value);
	p->figure.x_to = MAX(p->figure.x_to, s[n - 1].value);
	return mean;
}

static double add_penalties(struct picture *p, const struct result *r, struct figure_curve *c)
{
	struct sample *s = arena_array(p->arena, struct sample, r->n_rows);

	for (size_t l = 0; l < r->n_rows; l++) {
		const struct result_row *row = &r->rows[l];

		s[l] = (struct sample){ penalty_of(r, row, c->is_base ? row->vanilla : row->cost), (double)row->weight, l };
	}
	return add_distribution(p, c, s, r->n_rows);
}

static void add_curves(struct picture *p, const struct result *const *results, size_t n)
{
	struct figure_curve *curves = arena_array(p->arena, struct figure_curve, n + 1);

	curves[0].is_base = true;
	curves[0].label = arena_printf(p->arena, "vanilla, mean %s", short_number(p, add_penalties(p, results[0], &curves[0])));
	for (size_t i = 1; i <= n; i++) {
		const double mean = add_penalties(p, results[i - 1], &curves[i]);

		curves[i].label = label_of(p, results[i - 1], short_number(p, mean));
	}
	p->figure.curves = curves;
	p->figure.n = n + 1;
	if (p->figure.x_from < p->figure.x_to / 2)
		p->figure.x_from = 0;
}

/* 5, 1.5, 0.625 */
static unsigned theta_digits(unsigned thousandths)
{
	unsigned digits = 3;

	for (; digits > 0 && thousandths % 10 == 0; thousandths /= 10)
		digits--;
	return digits;
}

int export_svg(const struct result *const *results, size_t n, FILE *f)
{
	struct picture p = { .arena = arena_new() };
	char theta[DECIMAL_TEXT];

	add_curves(&p, results, n);
	p.figure.title = "Expected penalty over clients";
	p.figure.subtitle = arena_printf(p.arena, "%zu locations, %zu relays, theta %s", results[0]->n_locations, results[0]->n_relays,
					 decimal_print(results[0]->theta, 1000, 0, theta_digits(results[0]->theta), theta));
	p.figure.x_label = results[0]->position == POSITION_EXIT ? "expected penalty of the exit" :
									       "expected penalty of the first relay";
	p.figure.y_label = "clients at or below it";
	const int err = figure_write(&p.figure, f);

	arena_free(p.arena);
	return err;
}
