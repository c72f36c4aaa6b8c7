/* SPDX-License-Identifier: MIT */
/* A result from a solved problem: amounts row by row, what each group carries and each relay keeps for the middle position,
 * and costs beside those of Tor's own rule. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/result.h"
#include "weights/transport.h"

struct maker {
	const struct problem *p;
	const struct transport_answer *answer;   /* NULL: every row is its weight times `load` */
	const int64_t *load;
	struct result *r;
	size_t runs_room, parts_room;
	struct arena *arena;
};

static void add_full(struct maker *m, struct result_row *row, uint32_t group)
{
	struct result *r = m->r;

	if (row->n_full > 0 && r->full[r->n_full - 1].last + 1 == group) {
		r->full[r->n_full - 1].last = group;
		return;
	}
	r->full = arena_grow(m->arena, r->full, r->n_full, &m->runs_room, sizeof(*r->full));
	r->full[r->n_full++] = (struct result_run){ group, group };
	row->n_full++;
}

static void add_part(struct maker *m, struct result_row *row, uint32_t group, int64_t amount)
{
	struct result *r = m->r;

	r->parts = arena_grow(m->arena, r->parts, r->n_parts, &m->parts_room, sizeof(*r->parts));
	r->parts[r->n_parts++] = (struct result_part){ group, amount };
	row->n_parts++;
}

/* Group i takes x of row l. */
static void add_amount(struct maker *m, size_t l, uint32_t i, int64_t x)
{
	struct result_row *row = &m->r->rows[l];

	m->r->groups[i].load += x;
	row->cost += (wide)x * values_at(&m->p->penalty, l, i);
	if (x == row->weight * m->p->groups[i].bound)
		add_full(m, row, i);
	else
		add_part(m, row, i, x);
}

/* All groups that are full of row l: most of what there is to add. */
static void add_all_full(struct maker *m, size_t l)
{
	const struct transport_answer *answer = m->answer;
	const uint64_t *full = answer->full + l * answer->full_words;
	struct result_row *row = &m->r->rows[l];
	wide cost = 0;

	for (size_t word = 0; word < answer->full_words; word++)
		for (uint64_t bits = full[word]; bits; bits &= bits - 1) {
			const uint32_t i = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
			const int64_t bound = m->p->groups[i].bound;

			m->r->groups[i].load += row->weight * bound;
			cost += (wide)bound * values_at(&m->p->penalty, l, i);
			add_full(m, row, i);
		}
	row->cost = cost * row->weight;
}

static void add_answered(struct maker *m, size_t l)
{
	const struct transport_answer *answer = m->answer;

	add_all_full(m, l);
	for (size_t k = answer->part_from[l]; k < answer->part_from[l + 1]; k++)
		add_amount(m, l, answer->part[k].column, answer->part[k].amount);
}

static void add_average(struct maker *m, size_t l)
{
	for (uint32_t i = 0; i < m->p->n_groups; i++)
		if (m->load[i] > 0)
			add_amount(m, l, i, m->r->rows[l].weight * m->load[i]);
}

/* What row l would cost if it chose as Tor does. */
static wide row_vanilla(const struct problem *p, size_t l)
{
	wide sum = 0;

	for (size_t i = 0; i < p->n_groups; i++)
		sum += (wide)p->groups[i].share * values_at(&p->penalty, l, i);
	return p->row_weight[l] * sum;
}

static void add_rows(struct maker *m)
{
	struct result *r = m->r;

	for (size_t l = 0; l < r->n_rows; l++) {
		struct result_row *row = &r->rows[l];

		row->number = (uint32_t)l;
		row->weight = m->p->row_weight[l];
		row->full_from = r->n_full;
		row->part_from = r->n_parts;
		if (m->answer)
			add_answered(m, l);
		else
			add_average(m, l);
		row->vanilla = row_vanilla(m->p, l);
		r->value += row->cost;
	}
}

/* As much room as an answer needs. */
static void make_room(struct maker *m)
{
	const struct transport_answer *answer = m->answer;

	for (size_t k = 0; k < m->r->n_rows * answer->full_words; k++) {
		const bool goes_on = k % answer->full_words > 0 && answer->full[k - 1] >> 63;

		m->runs_room += (size_t)__builtin_popcountll(answer->full[k] & ~(answer->full[k] << 1 | goes_on));
	}
	m->parts_room = answer->part_from[m->r->n_rows];
	m->r->full = arena_array(m->arena, struct result_run, m->runs_room);
	m->r->parts = arena_array(m->arena, struct result_part, m->parts_room);
}

static void add_groups(struct maker *m)
{
	for (size_t i = 0; i < m->r->n_groups; i++) {
		const struct problem_group *g = &m->p->groups[i];

		m->r->groups[i] = (struct result_group){
			.number = (uint32_t)i, .share = g->share, .capacity = g->capacity, .cap = g->bound,
			.price = m->answer ? m->answer->price[i] : 0,
		};
	}
}

/* Parts of a relay's weight, in units: what it offers to the position, and what of it may be taken. */
struct offer {
	int64_t share, capacity;
};

static struct offer relay_offer(const struct inputs *in, const struct relay *relay)
{
	const struct bandwidth_weights *w = &in->weights;
	const int64_t b = (int64_t)relay->weight;

	if (in->position == POSITION_EXIT) {
		const int64_t share = (relay->class == CLASS_EXIT ? w->wee : w->wed) * b;

		return (struct offer){ share, share };
	}
	if (relay->class == CLASS_GUARD)
		return (struct offer){ w->wgg * b, (int64_t)in->unit * b };
	return (struct offer){ w->wgd * b, ((int64_t)in->unit - w->wed) * b };
}

/* Of a relay that takes no part: units for the middle position. */
static wide idle_middle(const struct inputs *in, const struct relay *relay)
{
	const struct bandwidth_weights *w = &in->weights;
	const wide b = (wide)relay->weight;

	switch (relay->class) {
	case CLASS_GUARD:
		return b * w->wmg;
	case CLASS_GUARD_EXIT:
		return b * w->wmd;
	case CLASS_EXIT:
		return b * w->wme;
	case CLASS_MIDDLE:
	case RELAY_CLASSES:
		break;
	}
	return b * in->unit;
}

/* What is not taken; of its group's load a relay carries the part that it has in the group's share, rounded up here. */
static wide busy_middle(const struct result *r, const struct result_group *g, const struct offer *o)
{
	const wide carried = ((wide)g->load * o->share + g->share - 1) / g->share;

	return (wide)r->clients * o->capacity - carried;
}

static void add_relays(struct maker *m)
{
	const struct inputs *in = m->p->in;
	struct result *r = m->r;

	for (size_t i = 0; i < r->n_relays; i++) {
		const struct relay *relay = &in->relays[i];
		struct result_relay *to = &r->relays[i];

		*to = (struct result_relay){
			.name = relay->name, .class = relay->class, .group = m->p->group[i], .weight = relay->weight,
		};
		relay_id_print(relay, to->id);
		if (to->group == NO_GROUP) {
			to->middle = idle_middle(in, relay) * r->clients;
			continue;
		}
		const struct offer o = relay_offer(in, relay);

		to->share = o.share;
		to->middle = busy_middle(r, &r->groups[to->group], &o);
	}
}

static void add_locations(struct maker *m)
{
	for (size_t l = 0; l < m->r->n_locations; l++)
		m->r->locations[l] = (struct result_location){
			.name = m->p->in->locations[l].name, .weight = m->p->weight[l], .row = m->p->row[l],
		};
}

static void copy_tree(struct maker *m)
{
	struct result *r = m->r;
	const struct transport_tree *tree = &m->answer->tree;

	r->tree.row = arena_array(m->arena, int32_t, r->n_rows);
	r->tree.column = arena_array(m->arena, int32_t, r->n_groups);
	memcpy(r->tree.row, tree->row, r->n_rows * sizeof(*tree->row));
	memcpy(r->tree.column, tree->column, r->n_groups * sizeof(*tree->column));
}

const struct result *result_new(const struct problem *p, const struct transport_answer *answer, const int64_t *load, wide max,
				struct arena *a)
{
	const struct inputs *in = p->in;
	struct result *r = arena_one(a, struct result);
	struct maker m = { .p = p, .answer = answer, .load = load, .r = r, .arena = a };

	*r = (struct result){
		.objective = p->objective, .position = in->position, .unit = in->unit, .theta = in->theta, .scale = in->scale,
		.supply = p->supply, .clients = p->clients, .max = max, .has_bound = answer != NULL,
		.has_max = p->objective != OBJECTIVE_TOTAL, .has_middle = in->position == POSITION_GUARD,
		.n_groups = p->n_groups, .n_relays = in->n_relays, .n_locations = in->n_locations, .n_rows = p->n_rows,
	};
	r->groups = arena_array(a, struct result_group, r->n_groups);
	r->relays = arena_array(a, struct result_relay, r->n_relays);
	r->locations = arena_array(a, struct result_location, r->n_locations);
	r->rows = arena_array(a, struct result_row, r->n_rows);
	add_groups(&m);
	if (answer)
		make_room(&m);
	add_rows(&m);
	add_relays(&m);
	add_locations(&m);
	if (answer) {
		r->bound = answer->value;
		copy_tree(&m);
	}
	return r;
}
