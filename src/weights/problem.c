/* SPDX-License-Identifier: MIT */
/* Section 6.1 in exact arithmetic: products of three numbers are taken apart so that 128 bits hold them. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/memory.h"
#include "weights/merge.h"
#include "weights/problem.h"
#include "weights/quantise.h"

enum { THETA_MOST = 1000 * 1000, STRIDE = 32 };

struct making {
	struct problem *p;
	const struct problem_wish *wish;
	struct arena *arena;
	struct diags *d;
	uint32_t *relay;                 /* [n] the relays that take part, in input order */
	struct merge_relay *shares;      /* [n] */
	uint32_t *column;                /* [n] of the inputs' values */
	size_t n;
	wide supply, capacity, cost;     /* sums */
	uint32_t *row_values;            /* [n_rows] the row of the inputs' values */
};

static bool has_matrix(const struct inputs *in)
{
	return in->values.rows > 0;
}

/* Units of one consensus weight in the position, and those in all that there are. */
static void share_of_class(const struct inputs *in, enum relay_class class, wide *share, wide *capacity)
{
	const struct bandwidth_weights *w = &in->weights;

	*share = 0;
	*capacity = 0;
	if (in->position == POSITION_EXIT) {
		*share = class == CLASS_EXIT ? w->wee : class == CLASS_GUARD_EXIT ? w->wed : 0;
		*capacity = *share;
	} else if (class == CLASS_GUARD) {
		*share = w->wgg;
		*capacity = in->unit;
	} else if (class == CLASS_GUARD_EXIT && !in->guards_only) {
		*share = w->wgd;
		*capacity = in->unit - w->wed;
	}
}

/* False: the sums are beyond all that can be computed with. */
static bool take_shares(struct making *m)
{
	const struct inputs *in = m->p->in;

	for (size_t i = 0; i < in->n_relays; i++) {
		const struct relay *r = &in->relays[i];
		wide share, capacity;

		if (!inputs_takes_part(in, r))
			continue;
		share_of_class(in, r->class, &share, &capacity);
		share *= r->weight;
		capacity *= r->weight;
		const wide cost = in->relcost ? (wide)in->relcost[i] : share;
		m->supply += share;
		m->capacity += capacity;
		m->cost += cost;
		if (m->supply >= PROBLEM_LIMIT || m->capacity >= PROBLEM_LIMIT || m->cost >= PROBLEM_LIMIT)
			return false;
		m->relay[m->n] = (uint32_t)i;
		m->column[m->n] = in->column ? in->column[i] : NO_COLUMN;
		m->shares[m->n++] = (struct merge_relay){ (int64_t)share, (int64_t)capacity, (int64_t)cost, 0 };
	}
	return true;
}

/* min(S, floor(theta · S · cost / (1000 · costs))). */
static int64_t cap_of(const struct making *m, unsigned theta, int64_t cost)
{
	const wide product = m->supply * cost;
	const wide whole = product / m->cost, rest = product % m->cost;

	return (int64_t)MIN((whole * theta + rest * theta / m->cost) / 1000, m->supply);
}

/* What all groups together take; theta 0: were there no caps. */
static wide room(const struct making *m, unsigned theta)
{
	const struct problem *p = m->p;
	wide sum = 0;

	for (size_t g = 0; g < p->n_groups; g++) {
		const int64_t cap = theta ? cap_of(m, theta, p->groups[g].cost) : p->supply;
		sum += MIN(p->groups[g].capacity, cap);
	}
	return sum;
}

/* Thousandths without zeros at the end. */
static const char *theta_text(struct arena *a, unsigned theta)
{
	char *s = arena_printf(a, "%u.%03u", theta / 1000, theta % 1000);
	size_t n = strlen(s);

	while (s[n - 1] == '0')
		n--;
	if (s[n - 1] == '.')
		n--;
	s[n] = '\0';
	return s;
}

static const char *percent_text(struct arena *a, wide part, wide whole)
{
	const wide thousandths = part * 100000 / whole;

	return arena_printf(a, "%lld.%03d %%", (long long)(thousandths / 1000), (int)(thousandths % 1000));
}

/* The least theta that works, by halving: caps never fall as theta grows. */
static unsigned least_theta(const struct making *m)
{
	unsigned least = 1, most = THETA_MOST;

	while (least < most) {
		const unsigned middle = (least + most) / 2;
		if (room(m, middle) >= m->supply)
			most = middle;
		else
			least = middle + 1;
	}
	return least;
}

static bool is_feasible(struct making *m)
{
	const struct inputs *in = m->p->in;
	const wide sum = room(m, in->theta);

	if (sum >= m->supply)
		return true;
	struct diag *g = diag_error(m->d, NULL, "infeasible",
				    "no weights fit: with theta %s all relays together take at most %s of the %s weight to be spread",
				    theta_text(m->arena, in->theta), percent_text(m->arena, sum, m->supply),
				    in->position == POSITION_EXIT ? "exit" : "guard");
	if (room(m, THETA_MOST) >= m->supply) {
		const unsigned theta = least_theta(m);
		diag_hint(m->d, g, "theta must be at least %u.%03u", theta / 1000, theta % 1000);
	} else {
		diag_hint(m->d, g, "lower --wgg: without theta they take %s",
			  percent_text(m->arena, room(m, 0), m->supply));
	}
	return false;
}

static bool make_weights(struct making *m)
{
	struct problem *p = m->p;
	struct quantised q = { .weight = arena_array(m->arena, int64_t, p->in->n_locations) };

	if (quantise(p->in, m->capacity, &q) < 0) {
		diag_error(m->d, NULL, "input", "this problem needs more than 62 bits");
		return false;
	}
	p->weight = q.weight;
	p->clients = q.sum;
	p->is_quantised = q.is_changed;
	return true;
}

static void make_rows(struct making *m)
{
	struct problem *p = m->p;
	const struct inputs *in = p->in;
	const bool merges = has_matrix(in) && !m->wish->no_merge && !m->wish->no_merge_locations;
	uint32_t *leader = arena_array(m->arena, uint32_t, in->values.rows);
	uint32_t *number = arena_array(m->arena, uint32_t, in->values.rows);

	p->row = arena_array(m->arena, uint32_t, in->n_locations);
	p->row_weight = arena_array(m->arena, int64_t, in->n_locations);
	p->row_first = arena_array(m->arena, uint32_t, in->n_locations);
	m->row_values = arena_array(m->arena, uint32_t, in->n_locations);
	if (merges)
		merge_rows(&in->values, leader);
	for (size_t l = 0; l < in->n_locations; l++) {
		const uint32_t from = in->locations[l].row;
		uint32_t row = merges ? number[leader[from]] : 0;

		if (row == 0) {
			m->row_values[p->n_rows] = from;
			p->row_first[p->n_rows] = (uint32_t)l;
			row = (uint32_t)++p->n_rows;
			if (merges)
				number[leader[from]] = row;
		}
		p->row[l] = row - 1;
		p->row_weight[row - 1] += p->weight[l];
	}
}

/* Relays of equal columns get the same column: looked at in the rows that are left. */
static void number_columns(struct making *m)
{
	const struct values *v = &m->p->in->values;
	auto_free uint32_t *leader = calloc(v->columns, sizeof(*leader));

	if (!leader)
		out_of_memory();
	merge_columns(v, m->row_values, m->p->n_rows, leader);
	for (size_t k = 0; k < m->n; k++)
		m->shares[k].column = leader[m->column[k]];
}

static void make_groups(struct making *m)
{
	struct problem *p = m->p;
	uint32_t *leader = arena_array(m->arena, uint32_t, m->n);

	p->group = arena_array(m->arena, uint32_t, p->in->n_relays);
	p->groups = arena_array(m->arena, struct problem_group, m->n);
	memset(p->group, 0xff, p->in->n_relays * sizeof(*p->group));
	for (size_t k = 0; k < m->n; k++)
		leader[k] = (uint32_t)k;
	if (has_matrix(p->in) && p->objective == OBJECTIVE_TOTAL && !m->wish->no_merge) {
		number_columns(m);
		merge_relays(m->shares, m->n, leader);
	}
	for (size_t k = 0; k < m->n; k++) {
		const bool is_first = leader[k] == k;
		const uint32_t g = is_first ? (uint32_t)p->n_groups++ : p->group[m->relay[leader[k]]];

		if (is_first)
			p->groups[g].first = m->relay[k];
		p->group[m->relay[k]] = g;
		p->groups[g].share += m->shares[k].share;
		p->groups[g].capacity += m->shares[k].capacity;
		p->groups[g].cost += m->shares[k].cost;
	}
	for (size_t g = 0; g < p->n_groups; g++)
		p->groups[g].bound = cap_of(m, p->in->theta, p->groups[g].cost);
}

/* A loop of a fixed length becomes a few instructions for many numbers each. */
static uint16_t largest_of(const uint16_t *p, size_t n)
{
	uint16_t most[STRIDE] = { 0 }, largest = 0;

	for (; n >= STRIDE; p += STRIDE, n -= STRIDE)
		for (size_t i = 0; i < STRIDE; i++)
			most[i] = most[i] > p[i] ? most[i] : p[i];
	for (size_t i = 0; i < n; i++)
		most[i] = MAX(most[i], p[i]);
	for (size_t i = 0; i < STRIDE; i++)
		largest = MAX(largest, most[i]);
	return largest;
}

/* Of numbers of 16 bits it may be that of a relay which takes no part: whole rows are quickly passed. */
static uint32_t largest_penalty(const struct making *m)
{
	const struct values *v = &m->p->in->values;
	uint32_t largest = 0;

	for (size_t r = 0; v->p16 && r < m->p->n_rows; r++)
		largest = MAX(largest, (uint32_t)largest_of(v->p16 + m->row_values[r] * v->columns, v->columns));
	for (size_t r = 0; v->p32 && r < m->p->n_rows; r++)
		for (size_t g = 0; g < m->p->n_groups; g++)
			largest = MAX(largest, values_at(v, m->row_values[r], m->p->in->column[m->p->groups[g].first]));
	return largest;
}

/* The inputs' table as it is. */
static bool is_unchanged(const struct making *m)
{
	const struct values *v = &m->p->in->values;

	if (v->rows != m->p->n_rows || v->columns != m->p->n_groups)
		return false;
	for (size_t r = 0; r < m->p->n_rows; r++)
		if (m->row_values[r] != r)
			return false;
	for (size_t g = 0; g < m->p->n_groups; g++)
		if (m->p->in->column[m->p->groups[g].first] != g)
			return false;
	return true;
}

static bool has_memory(struct making *m, uint32_t largest, bool is_copied)
{
	const struct problem *p = m->p;
	const uint64_t pairs = (uint64_t)p->n_rows * p->n_groups;
	uint64_t needed = is_copied ? pairs * (largest > UINT16_MAX ? 4 : 2) : 0;

	if (p->objective != OBJECTIVE_MAX_ONLY)
		needed += transport_memory(p->n_rows, p->n_groups, largest, m->wish->threads);
	return memory_allows(m->arena, needed, m->d);
}

static void copy_penalties(struct making *m, uint32_t largest)
{
	struct problem *p = m->p;
	const struct values *v = &p->in->values;
	const size_t n = p->n_rows * p->n_groups;
	uint16_t *p16 = largest <= UINT16_MAX ? arena_array(m->arena, uint16_t, n) : NULL;
	uint32_t *p32 = largest <= UINT16_MAX ? NULL : arena_array(m->arena, uint32_t, n);
	uint32_t *column = arena_array(m->arena, uint32_t, p->n_groups);

	p->penalty = (struct values){ p->n_rows, p->n_groups, p16, p32 };
	if (!has_matrix(p->in))
		return;
	for (size_t g = 0; g < p->n_groups; g++)
		column[g] = p->in->column[p->groups[g].first];
	for (size_t r = 0, at = 0; r < p->n_rows; r++)
		for (size_t g = 0; g < p->n_groups; g++, at++) {
			const uint32_t value = values_at(v, m->row_values[r], column[g]);
			if (p16)
				p16[at] = (uint16_t)value;
			else
				p32[at] = value;
		}
}

/* v of 6.3: as given, else what each relay costs all clients together. */
static void make_vuln(struct making *m)
{
	struct problem *p = m->p;

	p->vuln = arena_array(m->arena, wide, p->n_groups);
	for (size_t g = 0; p->in->vuln && g < p->n_groups; g++)
		p->vuln[g] = p->in->vuln[p->groups[g].first];
	for (size_t r = 0; !p->in->vuln && r < p->n_rows; r++)
		for (size_t g = 0; g < p->n_groups; g++)
			p->vuln[g] += (wide)p->row_weight[r] * values_at(&p->penalty, r, g);
}

static bool make_penalties(struct making *m)
{
	struct problem *p = m->p;
	const uint32_t largest = largest_penalty(m);
	const bool is_copied = !is_unchanged(m) || (p->in->values.p32 && largest <= UINT16_MAX);

	if (!has_memory(m, largest, is_copied))
		return false;
	if (is_copied)
		copy_penalties(m, largest);
	else
		p->penalty = p->in->values;
	if (p->objective != OBJECTIVE_TOTAL)
		make_vuln(m);
	return true;
}

static void begin(struct making *m, const struct inputs *in)
{
	m->p = arena_one(m->arena, struct problem);
	m->p->in = in;
	m->p->objective = m->wish->objective;
	m->relay = arena_array(m->arena, uint32_t, in->n_relays);
	m->column = arena_array(m->arena, uint32_t, in->n_relays);
	m->shares = arena_array(m->arena, struct merge_relay, in->n_relays);
}

const struct problem *problem_new(const struct inputs *in, const struct problem_wish *w, struct arena *a, struct diags *d)
{
	struct making m = { .wish = w, .arena = a, .d = d };

	begin(&m, in);
	if (!take_shares(&m)) {
		diag_error(d, NULL, "input", "this problem needs more than 62 bits");
		return NULL;
	}
	if (m.supply == 0) {
		diag_error(d, NULL, "infeasible", "no relay may be %s", in->position == POSITION_EXIT ? "an exit" : "a guard");
		return NULL;
	}
	m.p->supply = (int64_t)m.supply;
	if (!make_weights(&m))
		return NULL;
	make_rows(&m);
	make_groups(&m);
	return is_feasible(&m) && make_penalties(&m) ? m.p : NULL;
}

void problem_transport(const struct problem *p, const int64_t *load, struct arena *a, struct transport *out)
{
	int64_t *capacity = arena_array(a, int64_t, p->n_groups), *bound = arena_array(a, int64_t, p->n_groups);

	for (size_t g = 0; g < p->n_groups; g++) {
		capacity[g] = load ? load[g] : p->groups[g].capacity;
		bound[g] = p->groups[g].bound;
	}
	*out = (struct transport){
		.m = p->n_rows, .n = p->n_groups, .weight = p->row_weight, .capacity = capacity, .bound = bound,
		.supply = p->supply, .penalty = p->penalty,
	};
}
