/* SPDX-License-Identifier: MIT */
/* Section 6.1 once more, for the certificate: which relays take part, with which share, capacity and cap, and what the clients
 * weigh. Written from the page, not from problem.c, and to stay so: two that agree are worth more than one. */
#include "base/base.h"

#include <math.h>

#include "base/arena.h"
#include "weights/certify_parts.h"

enum { LIMIT_BITS = 62, STEPS_BITS_MOST = 22, STEPS_BITS_LEAST = 12 };

/* ---- relays ---------------------------------------------------------------------------------------------------- */
/* Units for each consensus weight of a relay that is a guard, an exit, or both. */
static struct due due_per_weight(const struct inputs *in, const struct relay *relay)
{
	const bool is_guard = relay->class == CLASS_GUARD || relay->class == CLASS_GUARD_EXIT;
	const bool is_exit = relay->class == CLASS_EXIT || relay->class == CLASS_GUARD_EXIT;
	struct due due = { 0 };

	if (!relay->is_weighted)
		return due;
	if (in->position == POSITION_EXIT) {
		if (is_exit)
			due.share = is_guard ? in->weights.wed : in->weights.wee;
		due.capacity = due.share;
	} else if (is_guard && !is_exit) {
		due.share = in->weights.wgg;
		due.capacity = in->unit;
	} else if (is_guard && !in->guards_only) {
		due.share = in->weights.wgd;
		due.capacity = (int64_t)in->unit - in->weights.wed;
	}
	return due;
}

/* Adds it up; false beyond 62 bits. */
static bool add_up(wide *sum, wide value)
{
	*sum += value;
	return *sum < (wide)1 << LIMIT_BITS;
}

static bool make_relays(struct proof *p, wide *capacity)
{
	const struct inputs *in = p->in;
	wide supply = 0, costs = 0;

	p->relays = arena_array(p->arena, struct due, in->n_relays);
	for (size_t i = 0; i < in->n_relays; i++) {
		const struct due each = due_per_weight(in, &in->relays[i]);
		const wide b = (wide)in->relays[i].weight;

		if (each.share == 0 || b == 0)
			continue;
		if (!add_up(&supply, each.share * b) || !add_up(capacity, each.capacity * b) ||
		    !add_up(&costs, in->relcost ? (wide)in->relcost[i] : each.share * b))
			return false;
		p->relays[i].share = (int64_t)(each.share * b);
		p->relays[i].capacity = (int64_t)(each.capacity * b);
		p->relays[i].cost = in->relcost ? (int64_t)in->relcost[i] : p->relays[i].share;
	}
	p->supply = (int64_t)supply;
	p->costs = (int64_t)costs;
	return true;
}

/* theta · S · cost has up to 144 bits: S goes in two halves of 31 bits, as in long division. */
int64_t model_cap(const struct proof *p, int64_t cost)
{
	const wide divisor = (wide)p->costs * 1000;
	const wide factor = (wide)cost * p->in->theta;

	if (factor >= divisor)
		return p->supply;
	const wide high = (p->supply >> 31) * factor;
	const wide low = ((high % divisor) << 31) + (p->supply & INT32_MAX) * factor;

	return (int64_t)(((high / divisor) << 31) + low / divisor);
}

/* ---- clients --------------------------------------------------------------------------------------------------- */
/* The weights as they were read, where they are whole and W times all capacity stays below 2^62. */
static bool take_weights(struct proof *p, wide capacity)
{
	const struct inputs *in = p->in;
	wide sum = 0;

	if (!in->is_whole)
		return false;
	for (size_t l = 0; l < in->n_locations; l++) {
		if (!add_up(&sum, in->locations[l].weight.whole))
			return false;
		p->weight[l] = (int64_t)in->locations[l].weight.whole;
	}
	p->clients = (int64_t)sum;
	return capacity == 0 || sum <= (((wide)1 << LIMIT_BITS) - 1) / capacity;
}

/* Else parts of a power of two, the largest that fits; false if none does. */
static bool part_weights(struct proof *p, wide capacity)
{
	const struct inputs *in = p->in;
	wide whole = 0;
	double real = 0;
	int bits = STEPS_BITS_MOST;

	while (bits >= STEPS_BITS_LEAST && (((wide)1 << bits) + (wide)in->n_locations) * capacity >= (wide)1 << LIMIT_BITS)
		bits--;
	for (size_t l = 0; l < in->n_locations; l++) {
		whole += in->locations[l].weight.whole;
		real += in->locations[l].weight.real;
	}
	p->clients = 0;
	for (size_t l = 0; l < in->n_locations && bits >= STEPS_BITS_LEAST; l++) {
		const struct amount *w = &in->locations[l].weight;
		const int64_t part = in->is_whole ? (int64_t)((((wide)w->whole << (bits + 1)) + whole) / (2 * whole)) :
						    (int64_t)floor(ldexp(w->real, bits) / real + 0.5);

		p->weight[l] = part > 1 ? part : 1;
		p->clients += p->weight[l];
	}
	return bits >= STEPS_BITS_LEAST;
}

bool model_make(struct proof *p)
{
	wide capacity = 0;

	p->weight = arena_array(p->arena, int64_t, p->in->n_locations);
	if (!make_relays(p, &capacity)) {
		certify_break(p, CONDITION_FORM, 0, "inputs: more than 62 bits");
		return false;
	}
	if (p->supply == 0) {
		certify_break(p, CONDITION_FORM, 0, "inputs: no relay takes part");
		return false;
	}
	if (!take_weights(p, capacity) && !part_weights(p, capacity)) {
		certify_break(p, CONDITION_FORM, 0, "inputs: more than 62 bits");
		return false;
	}
	return true;
}
