/* SPDX-License-Identifier: MIT */
/* The lines of a result beside the inputs: header, every relay and location, the numbers of groups and rows by their members,
 * and that members of one are alike. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "weights/certify_parts.h"
#include "weights/clients.h"
#include "weights/names.h"

#define NOBODY UINT32_MAX

static void check_number(struct proof *p, wide is, wide should, const char *where, size_t index, const char *what)
{
	if (is != should)
		certify_break(p, CONDITION_FORM, is - should, "%s %zu: %s", where, index, what);
}

/* ---- header ---------------------------------------------------------------------------------------------------- */
static void check_head(struct proof *p, wide is, wide should, const char *what)
{
	if (is != should)
		certify_break(p, CONDITION_FORM, is - should, "header: %s", what);
}

/* 10 parts of 10^1 are 100 parts. */
static struct penalty_scale normal(struct penalty_scale s)
{
	for (; s.n > 0 && s.n % 10 == 0; s.n /= 10)
		s.tens++;
	return s;
}

static void check_header(struct proof *p)
{
	const struct result *r = p->r;
	const struct penalty_scale is = normal(r->scale), should = normal(p->in->scale);

	check_head(p, r->position, p->in->position, "position");
	check_head(p, r->unit, p->in->unit, "unit");
	check_head(p, r->theta, p->in->theta, "theta");
	if (is.n != should.n || is.tens != should.tens)
		certify_break(p, CONDITION_FORM, (wide)is.n - should.n, "header: scale");
	check_head(p, r->supply, p->supply, "supply");
	check_head(p, r->clients, p->clients, "clients");
}

/* ---- relays and their groups ----------------------------------------------------------------------------------- */
static void break_relay(struct proof *p, const struct relay *relay, wide by, const char *what)
{
	certify_break(p, CONDITION_FORM, by, "relay %s: %s", relay_title(relay, p->arena), what);
}

/* a : b and c : d, by cross-multiplication. */
static bool is_same_ratio(int64_t a, int64_t b, int64_t c, int64_t d)
{
	return (wide)a * d == (wide)b * c;
}

static bool is_in_ratio(const struct due *a, const struct due *b)
{
	return is_same_ratio(a->share, a->capacity, b->share, b->capacity) && is_same_ratio(a->share, a->cost, b->share, b->cost);
}

/* Puts a relay that takes part into the group that the result says; groups are numbered by their first. */
static void join_group(struct proof *p, size_t i, uint32_t *n_groups)
{
	const struct relay *relay = &p->in->relays[i];
	const struct due *due = &p->relays[i];
	const uint32_t group = p->r->relays[i].group;

	if (group == NO_GROUP) {
		break_relay(p, relay, 0, "takes part, but is in no group");
		return;
	}
	struct due *sum = &p->groups[group];

	if (p->group_first[group] == NOBODY) {
		p->group_first[group] = (uint32_t)i;
		if (group != (*n_groups)++)
			break_relay(p, relay, (wide)group - (*n_groups - 1), "number of its group");
	} else if (p->r->objective != OBJECTIVE_TOTAL) {
		break_relay(p, relay, 0, "shares its group");
	} else if (!is_in_ratio(due, &p->relays[p->group_first[group]])) {
		break_relay(p, relay, 0, "is not in its group's ratio");
	}
	sum->share += due->share;
	sum->capacity += due->capacity;
	sum->cost += due->cost;
}

static void check_relay(struct proof *p, size_t i)
{
	const struct relay *relay = &p->in->relays[i];
	const struct result_relay *is = &p->r->relays[i];
	char id[RELAY_ID_TEXT];

	if (strcmp(is->id, relay_id_print(relay, id)) != 0)
		break_relay(p, relay, 0, "fingerprint");
	if (strcmp(is->name, relay->name) != 0)
		break_relay(p, relay, 0, "name");
	if (is->class != relay->class)
		break_relay(p, relay, 0, "class");
	if (is->weight != relay->weight)
		break_relay(p, relay, (wide)is->weight - (wide)relay->weight, "weight");
	if (is->share != p->relays[i].share)
		break_relay(p, relay, (wide)is->share - p->relays[i].share, "share");
}

static void check_relays(struct proof *p)
{
	uint32_t n_groups = 0;

	for (size_t i = 0; i < MIN(p->in->n_relays, p->r->n_relays); i++) {
		check_relay(p, i);
		if (p->relays[i].share > 0)
			join_group(p, i, &n_groups);
		else if (p->r->relays[i].group != NO_GROUP)
			break_relay(p, &p->in->relays[i], 0, "takes no part, but is in a group");
	}
	check_head(p, (wide)p->r->n_relays, (wide)p->in->n_relays, "relays");
}

/* False: a group without relays. */
static bool check_groups(struct proof *p)
{
	bool is_whole = true;

	for (size_t i = 0; i < p->r->n_groups; i++) {
		const struct result_group *is = &p->r->groups[i];
		struct due *should = &p->groups[i];

		should->cap = model_cap(p, should->cost);
		check_number(p, is->number, (wide)i, "group", i, "number");
		check_number(p, is->share, should->share, "group", i, "share");
		check_number(p, is->capacity, should->capacity, "group", i, "capacity");
		check_number(p, is->cap, should->cap, "group", i, "cap");
		if (p->r->objective == OBJECTIVE_MAX_ONLY)
			check_number(p, is->price, 0, "group", i, "price");
		if (p->group_first[i] == NOBODY) {
			certify_break(p, CONDITION_FORM, 0, "group %zu: has no relays", i);
			is_whole = false;
		}
	}
	return is_whole;
}

/* ---- locations and their rows ---------------------------------------------------------------------------------- */
/* The columns of penalties that count, each once: those of relays that take part. */
struct columns {
	uint32_t *list;
	size_t n;
};

static struct columns columns_of(const struct proof *p)
{
	const struct inputs *in = p->in;
	bool *has = arena_array(p->arena, bool, in->values.columns);
	struct columns c = { .list = arena_array(p->arena, uint32_t, in->values.columns) };

	for (size_t i = 0; in->values.rows > 0 && i < in->n_relays; i++)
		if (p->relays[i].share > 0)
			has[in->column[i]] = true;
	for (size_t k = 0; k < in->values.columns; k++)
		if (has[k])
			c.list[c.n++] = (uint32_t)k;
	return c;
}

static bool is_same_row(const struct values *v, const struct columns *c, uint32_t row_a, uint32_t row_b)
{
	if (row_a == row_b || v->rows == 0)
		return true;
	for (size_t k = 0; k < c->n; k++)
		if (values_at(v, row_a, c->list[k]) != values_at(v, row_b, c->list[k]))
			return false;
	return true;
}

static void check_location(struct proof *p, const struct columns *c, size_t l, uint32_t *n_rows)
{
	const struct location *location = &p->in->locations[l];
	const struct result_location *is = &p->r->locations[l];

	if (strcmp(location_key(is->name), location_key(location->name)) != 0)
		certify_break(p, CONDITION_FORM, 0, "location %s: name", location->name);
	if (is->weight != p->weight[l])
		certify_break(p, CONDITION_FORM, (wide)is->weight - p->weight[l], "location %s: weight", location->name);
	if (p->row_first[is->row] == NOBODY) {
		p->row_first[is->row] = (uint32_t)l;
		if (is->row != (*n_rows)++)
			certify_break(p, CONDITION_FORM, (wide)is->row - (*n_rows - 1), "location %s: number of its row",
				      location->name);
	} else if (!is_same_row(&p->in->values, c, p->in->locations[p->row_first[is->row]].row, location->row)) {
		certify_break(p, CONDITION_FORM, 0, "location %s: not like row %" PRIu32, location->name, is->row);
	}
	p->row_weight[is->row] += p->weight[l];
}

static int check_locations(struct proof *p)
{
	const struct columns c = columns_of(p);
	uint32_t n_rows = 0;

	for (size_t l = 0; l < MIN(p->in->n_locations, p->r->n_locations); l++) {
		if (certify_stops(p, l, c.n))
			return -EINTR;
		check_location(p, &c, l, &n_rows);
	}
	check_head(p, (wide)p->r->n_locations, (wide)p->in->n_locations, "locations");
	return 0;
}

static bool check_rows(struct proof *p)
{
	bool is_whole = true;

	for (size_t l = 0; l < p->r->n_rows; l++) {
		check_number(p, p->r->rows[l].number, (wide)l, "row", l, "number");
		check_number(p, p->r->rows[l].weight, p->row_weight[l], "row", l, "weight");
		if (p->row_first[l] == NOBODY) {
			certify_break(p, CONDITION_FORM, 0, "row %zu: has no locations", l);
			is_whole = false;
		}
	}
	return is_whole;
}

static uint32_t *nobodies(struct arena *a, size_t n)
{
	uint32_t *first = arena_array(a, uint32_t, n);

	for (size_t i = 0; i < n; i++)
		first[i] = NOBODY;
	return first;
}

int form_check(struct proof *p)
{
	const struct result *r = p->r;

	p->groups = arena_array(p->arena, struct due, r->n_groups);
	p->group_first = nobodies(p->arena, r->n_groups);
	p->row_weight = arena_array(p->arena, int64_t, r->n_rows);
	p->row_first = nobodies(p->arena, r->n_rows);
	check_header(p);
	check_relays(p);
	if (check_locations(p))
		return -EINTR;
	const bool has_groups = check_groups(p), has_rows = check_rows(p);

	p->is_whole = has_groups && has_rows && r->n_relays == p->in->n_relays && r->n_locations == p->in->n_locations;
	return 0;
}
