/* SPDX-License-Identifier: MIT */
/* The amounts of a result row by row, against conditions (a) to (d) and the costs it claims; and the bound that its prices prove,
 * by one fill of each row. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "weights/certify_parts.h"
#include "weights/names.h"
#include "weights/progress.h"

struct pass {
	struct proof *p;
	size_t n;                        /* groups */
	uint32_t *penalty;               /* [n] of the row at hand */
	int64_t *amount;                 /* [n] x */
	struct slot *slots;              /* [n] */
	wide *load;                      /* [n] sum of x over the rows so far */
	wide value, fills;               /* sums of cost, and of weight times fill */
	bool *is_unlike;                 /* [relays] told already that its column is not its group's */
};

static void check_value(struct proof *p, enum condition condition, wide is, wide should, const char *what)
{
	if (is != should)
		certify_break(p, condition, is - should, "%s", what);
}

/* ---- one row --------------------------------------------------------------------------------------------------- */
/* Relays of a group have the same penalty in every row. */
static void check_columns(struct pass *s, size_t row)
{
	const struct proof *p = s->p;
	const struct inputs *in = p->in;
	const size_t from = in->locations[p->row_first[row]].row;

	for (size_t i = 0; i < in->n_relays && in->values.rows > 0; i++) {
		const uint32_t group = p->r->relays[i].group;

		if (p->relays[i].share == 0 || group == NO_GROUP || s->is_unlike[i] ||
		    values_at(&in->values, from, in->column[i]) == s->penalty[group])
			continue;
		s->is_unlike[i] = true;
		certify_break(s->p, CONDITION_FORM, 0, "relay %s: not like group %u", relay_title(&in->relays[i], p->arena), group);
	}
}

static void gather_amounts(struct pass *s, size_t row)
{
	const struct result *r = s->p->r;
	const struct result_row *is = &r->rows[row];
	const int64_t weight = s->p->row_weight[row];

	memset(s->amount, 0, s->n * sizeof(*s->amount));
	for (size_t k = 0; k < is->n_full; k++) {
		const struct result_run *run = &r->full[is->full_from + k];

		for (size_t i = run->first; i <= run->last; i++)
			s->amount[i] = weight * s->p->groups[i].cap;
	}
	for (size_t k = 0; k < is->n_parts; k++)
		s->amount[r->parts[is->part_from + k].group] += r->parts[is->part_from + k].amount;
}

static void break_amount(struct pass *s, enum condition condition, wide by, size_t row, size_t group)
{
	certify_break(s->p, condition, by, "row %zu, group %zu", row, group);
}

static void check_amounts(struct pass *s, size_t row)
{
	struct proof *p = s->p;
	const int64_t weight = p->row_weight[row];
	wide sum = 0, cost = 0, vanilla = 0;

	for (size_t i = 0; i < s->n; i++) {
		const int64_t x = s->amount[i];
		const wide most = (wide)weight * p->groups[i].cap;

		if (x < 0)
			break_amount(s, CONDITION_A, -(wide)x, row, i);
		if (x > most)
			break_amount(s, CONDITION_D, x - most, row, i);
		if (p->r->objective == OBJECTIVE_MAX_ONLY && x != (wide)weight * p->load[i])
			break_amount(s, CONDITION_LOAD, x - (wide)weight * p->load[i], row, i);
		sum += x;
		s->load[i] += x;
		cost += (wide)x * s->penalty[i];
		vanilla += (wide)p->groups[i].share * s->penalty[i];
	}
	if (sum != (wide)weight * p->supply)
		certify_break(p, CONDITION_B, sum - (wide)weight * p->supply, "row %zu", row);
	if (p->r->rows[row].cost != cost)
		certify_break(p, CONDITION_VALUE, p->r->rows[row].cost - cost, "row %zu: cost", row);
	if (p->r->rows[row].vanilla != weight * vanilla)
		certify_break(p, CONDITION_FORM, p->r->rows[row].vanilla - weight * vanilla, "row %zu: vanilla", row);
	s->value += cost;
}

static void add_fill(struct pass *s, size_t row)
{
	const struct proof *p = s->p;

	for (size_t i = 0; i < s->n; i++)
		s->slots[i] = (struct slot){ p->r->groups[i].price + s->penalty[i], p->groups[i].cap };
	s->fills += p->row_weight[row] * fill_cost(s->slots, s->n, p->supply);
}

static int check_rows(struct pass *s)
{
	struct proof *p = s->p;

	for (size_t row = 0; row < p->r->n_rows; row++) {
		gather_penalties(p->in, p->row_first[row], p->group_first, s->n, s->penalty);
		check_columns(s, row);
		gather_amounts(s, row);
		check_amounts(s, row);
		if (p->out->has_bound)
			add_fill(s, row);
		if (p->progress)
			p->progress->steps = row;
		if (certify_stops(p, row, s->n + p->in->n_relays))
			return -EINTR;
	}
	return 0;
}

/* ---- all rows -------------------------------------------------------------------------------------------------- */
static void check_loads(struct pass *s)
{
	struct proof *p = s->p;

	for (size_t i = 0; i < s->n; i++) {
		const wide most = (wide)p->clients * p->groups[i].capacity;

		if (s->load[i] > most)
			certify_break(p, CONDITION_C, s->load[i] - most, "group %zu", i);
		if (p->r->groups[i].load != s->load[i])
			certify_break(p, CONDITION_LOAD, p->r->groups[i].load - s->load[i], "group %zu", i);
		if (p->load && s->load[i] != (wide)p->clients * p->load[i])
			certify_break(p, CONDITION_LOAD, s->load[i] - (wide)p->clients * p->load[i], "group %zu: not W times L", i);
	}
}

/* Units that a relay which takes no part has for the middle. */
static wide middle_of_others(const struct inputs *in, const struct relay *relay)
{
	const int64_t parts[RELAY_CLASSES] = {
		[CLASS_GUARD] = in->weights.wmg, [CLASS_GUARD_EXIT] = in->weights.wmd, [CLASS_EXIT] = in->weights.wme,
		[CLASS_MIDDLE] = in->unit,
	};

	return (wide)parts[relay->class] * (wide)relay->weight;
}

static void check_middle(struct pass *s, size_t i)
{
	struct proof *p = s->p;
	const struct relay *relay = &p->in->relays[i];
	const struct result_relay *is = &p->r->relays[i];
	wide middle = p->clients * middle_of_others(p->in, relay);

	if (p->relays[i].share > 0) {
		if (is->group == NO_GROUP || s->load[is->group] < 0 ||
		    s->load[is->group] > (wide)p->clients * p->supply)
			return;                  /* told already; and products might not fit */
		const wide part = s->load[is->group] * p->relays[i].share;
		const wide whole = p->groups[is->group].share;

		middle = (wide)p->clients * p->relays[i].capacity - part / whole - (part % whole > 0);
	}
	if (is->middle != middle)
		certify_break(p, CONDITION_MIDDLE, is->middle - middle, "relay %s", relay_title(relay, p->arena));
}

static void check_totals(struct pass *s)
{
	struct proof *p = s->p;
	struct certificate *out = p->out;

	out->value = s->value;
	out->has_value = true;
	check_value(p, CONDITION_VALUE, p->r->value, out->value, "value");
	if (p->r->has_max)
		check_value(p, CONDITION_VALUE, p->r->max, p->max, "max");
	if (!out->has_bound)
		return;
	out->bound = s->fills;
	for (size_t i = 0; i < s->n; i++)
		out->bound -= (wide)p->clients * (p->load ? p->load[i] : p->groups[i].capacity) * p->r->groups[i].price;
	check_value(p, CONDITION_VALUE, p->r->bound, out->bound, "bound");
	out->gap = out->value - out->bound;
}

int values_check(struct proof *p)
{
	const size_t n = p->r->n_groups;
	auto_free uint32_t *penalty = calloc(n, sizeof(*penalty));
	auto_free int64_t *amount = calloc(n, sizeof(*amount));
	auto_free struct slot *slots = calloc(n, sizeof(*slots));
	auto_free wide *load = calloc(n, sizeof(*load));
	auto_free bool *is_unlike = calloc(p->in->n_relays, sizeof(*is_unlike));
	struct pass s = {
		.p = p, .n = n, .penalty = penalty, .amount = amount, .slots = slots, .load = load, .is_unlike = is_unlike,
	};

	if (!penalty || !amount || !slots || !load || !is_unlike)
		out_of_memory();
	p->out->has_bound = p->r->has_bound;
	const int err = check_rows(&s);

	if (err)
		return err;
	check_loads(&s);
	for (size_t i = 0; i < p->in->n_relays && p->r->has_middle && p->in->position == POSITION_GUARD; i++)
		check_middle(&s, i);
	check_totals(&s);
	return 0;
}
