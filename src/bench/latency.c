/* SPDX-License-Identifier: MIT */
/* Laws of service times. seed-a to seed-c are the servers of the adaptive seed. */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "base/text.h"
#include "base/units.h"
#include "bench/latency.h"

static const double longest_us = 3600e6;

static const struct {
	const char *name;
	struct latency latency;
} known[] = {
	{ "seed-a", { LATENCY_LIST, { 10000, 15000, 20000, 400000, 400000, 400000, 10000, 15000, 20000 }, 9, 0 } },
	{ "seed-b", { LATENCY_FIXED, { 200000 }, 1, 0 } },
	{ "seed-c", { LATENCY_FIXED, { 250000 }, 1, 0 } },
};

static const struct {
	const char *prefix;
	enum latency_law law;
	size_t least, most;             /* parameters */
} laws[] = {
	{ "exp", LATENCY_EXPONENTIAL, 1, 1 },
	{ "uniform", LATENCY_UNIFORM, 2, 2 },
	{ "pareto", LATENCY_PARETO, 2, 2 },
	{ "list", LATENCY_LIST, 1, LATENCY_TIMES },
};

/* The part of *s before the next colon; *s is what follows. */
static struct str take_part(struct str *s)
{
	const char *colon = s->n ? memchr(s->p, ':', s->n) : NULL;
	const struct str part = { s->p, colon ? (size_t)(colon - s->p) : s->n };

	*s = colon ? (struct str){ colon + 1, s->n - part.n - 1 } : (struct str){ s->p + s->n, 0 };
	return part;
}

static int parse_time(struct str s, uint64_t *us)
{
	if (str_is(s, "0")) {
		*us = 0;
		return 0;
	}
	const int err = parse_measure(s, time_units, us);

	return err ? err : (double)*us > longest_us ? -ERANGE : 0;
}

static int parse_parameters(struct str s, enum latency_law law, size_t most, struct latency *l)
{
	while (s.n > 0) {
		const struct str part = take_part(&s);

		if (l->n == most)
			return -EINVAL;
		const int err = law == LATENCY_PARETO && l->n == 1 ? parse_millionths(part, &l->shape_ppm) :
								     parse_time(part, &l->times_us[l->n]);
		if (err)
			return -EINVAL;
		l->n++;
	}
	return 0;
}

static bool is_possible(const struct latency *l)
{
	if (l->law == LATENCY_UNIFORM)
		return l->times_us[0] <= l->times_us[1];
	return l->law != LATENCY_PARETO || l->shape_ppm > 0;
}

int latency_parse(struct str s, struct latency *l)
{
	struct latency parsed = { .n = 0 };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is(s, known[i].name)) {
			*l = known[i].latency;
			return 0;
		}
	if (s.n > 0 && s.p[s.n - 1] == ':')
		return -EINVAL;
	struct str rest = s;
	const struct str first = take_part(&rest);

	for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
		if (!str_is(first, laws[i].prefix))
			continue;
		parsed.law = laws[i].law;
		if (parse_parameters(rest, laws[i].law, laws[i].most, &parsed) || parsed.n < laws[i].least || !is_possible(&parsed))
			return -EINVAL;
		*l = parsed;
		return 0;
	}
	parsed.n = 1;
	if (rest.n > 0 || parse_time(s, &parsed.times_us[0]))
		return -EINVAL;
	*l = parsed;
	return 0;
}

static double draw(const struct latency *l, uint64_t turn, struct chance *c)
{
	const double first_us = (double)l->times_us[0];

	switch (l->law) {
	case LATENCY_FIXED:
		return first_us;
	case LATENCY_LIST:
		return (double)l->times_us[turn % l->n];
	case LATENCY_EXPONENTIAL:
		return -first_us * log(chance_unit(c));
	case LATENCY_UNIFORM:
		return first_us + ((double)l->times_us[1] - first_us) * chance_unit(c);
	case LATENCY_PARETO:
		return first_us * pow(chance_unit(c), -1e6 / (double)l->shape_ppm);
	}
	BUG("law %d", l->law);
}

uint64_t latency_draw(const struct latency *l, uint64_t scale_ppm, uint64_t *turn, struct chance *c)
{
	const double us = draw(l, (*turn)++, c) * ((double)scale_ppm / 1e6);

	return (uint64_t)(fmin(us, longest_us) + 0.5);
}
