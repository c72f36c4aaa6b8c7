/* SPDX-License-Identifier: MIT */
/* Clusters of locations (--clusters): one row for all, penalties averaged by the clients' weights. Unlike the merging of equal
 * rows this loses something. */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "base/arena.h"
#include "weights/matching.h"

#define NO_CLUSTER UINT32_MAX

struct clusters {
	struct matching *m;
	struct lines *lines;
	uint32_t *lead;                  /* [clients] the client that stands for its cluster; NO_CLUSTER */
	uint32_t *next;                  /* [locations] the next of the cluster; NO_CLUSTER */
	uint32_t *last;                  /* [clients] that stand for others: the last location so far */
	struct penalty_table table;
	wide *whole;                     /* [columns] sums of one cluster */
	double *real;
	uint32_t *row;
};

/* The client of a name, to be put into a cluster; NO_ROW: told. */
static uint32_t take_name(struct clusters *c, struct str name)
{
	const uint32_t client = matching_client(c->m, name);

	if (client == NO_ROW)
		lines_wrong(c->lines, name, "location '%.*s' is not among the clients", (int)MIN(name.n, (size_t)64), name.p);
	else if (c->lead[client] != NO_CLUSTER)
		lines_wrong(c->lines, name, "location '%.*s' is in two clusters", (int)MIN(name.n, (size_t)64), name.p);
	else
		return client;
	return NO_ROW;
}

static void give_back(struct clusters *c, uint32_t lead, struct str names)
{
	struct str name;

	while (field_next(&names, ',', &name)) {
		const uint32_t client = matching_client(c->m, name);
		if (client != NO_ROW && c->lead[client] == lead)
			c->lead[client] = NO_CLUSTER;
	}
	c->lead[lead] = NO_CLUSTER;
}

/* The line counts whole or not at all. */
static void read_line(struct clusters *c, struct str line)
{
	struct str rest = line, first, list, name;

	(void)field_next(&rest, '\t', &first);
	if (!field_next(&rest, '\t', &list) || rest.p) {
		lines_wrong(c->lines, line, "a name, a tab and the names of its cluster expected");
		return;
	}
	const uint32_t lead = take_name(c, first);
	struct str names = list;
	bool is_good = lead != NO_ROW;
	if (is_good)
		c->lead[lead] = lead;
	while (is_good && field_next(&names, ',', &name)) {
		if (matching_client(c->m, name) == lead)
			continue;
		const uint32_t client = take_name(c, name);
		is_good = client != NO_ROW;
		if (is_good)
			c->lead[client] = lead;
	}
	if (!is_good && lead != NO_ROW)
		give_back(c, lead, list);
}

/* Chains the locations of each cluster in input order; *first is true for the first of each, and for those of none. */
static void chain(struct clusters *c, const uint32_t *client_of, bool *first)
{
	const struct inputs *in = c->m->in;

	for (uint32_t l = 0; l < in->n_locations; l++) {
		const uint32_t lead = c->lead[client_of[l]];

		c->next[l] = NO_CLUSTER;
		first[l] = lead == NO_CLUSTER || c->last[lead] == NO_CLUSTER;
		if (!first[l])
			c->next[c->last[lead]] = l;
		if (lead != NO_CLUSTER)
			c->last[lead] = l;
	}
}

static void add_row(struct clusters *c, const struct location *l)
{
	struct values v;

	penalty_table_values(&c->m->table, &v);
	for (size_t i = 0; i < v.columns; i++) {
		const uint32_t p = values_at(&v, l->row, i);
		c->whole[i] += (wide)l->weight.whole * p;
		c->real[i] += l->weight.real * p;
	}
}

/* Sums of the cluster that begins at location l become one row. */
static int average(struct clusters *c, uint32_t l, struct location *out)
{
	const struct inputs *in = c->m->in;
	wide whole = 0;
	double real = 0;
	uint32_t largest = 0;

	memset(c->whole, 0, c->table.columns * sizeof(*c->whole));
	memset(c->real, 0, c->table.columns * sizeof(*c->real));
	for (; l != NO_CLUSTER; l = c->next[l]) {
		whole += in->locations[l].weight.whole;
		real += in->locations[l].weight.real;
		add_row(c, &in->locations[l]);
	}
	if (in->is_whole && whole > INT64_MAX) {
		const struct place file = lines_file(c->lines);
		diag_error(c->m->d, &file, "input", "the clients of cluster '%s' are more than 2^63", out->name);
		return -ERANGE;
	}
	for (size_t i = 0; i < c->table.columns; i++) {
		c->row[i] = in->is_whole ? (uint32_t)((c->whole[i] * 2 + whole) / (whole * 2)) : (uint32_t)floor(c->real[i] / real + 0.5);
		largest = MAX(largest, c->row[i]);
	}
	out->weight = (struct amount){ in->is_whole ? (uint64_t)whole : 0, real, in->is_whole };
	return penalty_table_add(&c->table, c->row, largest, &out->row);
}

static int apply(struct clusters *c, const uint32_t *client_of)
{
	struct inputs *in = c->m->in;
	struct location *merged = arena_array(c->m->arena, struct location, in->n_locations);
	bool *first = arena_array(c->m->arena, bool, in->n_locations);
	size_t n = 0;

	chain(c, client_of, first);
	for (uint32_t l = 0; l < in->n_locations; l++) {
		const uint32_t lead = c->lead[client_of[l]];

		if (!first[l])
			continue;
		merged[n] = in->locations[l];
		if (lead != NO_CLUSTER)
			merged[n].name = c->m->clients->list[lead].name;
		const int err = average(c, l, &merged[n++]);
		if (err)
			return err;
	}
	in->locations = merged;
	in->n_locations = n;
	c->m->table = c->table;
	return 0;
}

static int read_lines(struct clusters *c)
{
	struct str line;
	int got;

	while ((got = lines_next(c->lines, &line)) > 0 && !lines_hopeless(c->lines))
		read_line(c, line);
	return got < 0 ? got : lines_failed(c->lines) ? -EINVAL : 0;
}

int clusters_read(struct matching *m, const uint32_t *client_of)
{
	const struct lines_wish w = { .lenient = m->wish->lenient };
	struct arena *a = m->arena;
	const size_t n = m->clients->n;
	struct clusters c = {
		.m = m, .lines = lines_open(m->wish->clusters, &w, a, m->d), .lead = arena_array(a, uint32_t, n),
		.last = arena_array(a, uint32_t, n), .next = arena_array(a, uint32_t, m->in->n_locations),
	};

	if (!c.lines)
		return -EINVAL;
	memset(c.lead, 0xff, n * sizeof(*c.lead));
	memset(c.last, 0xff, n * sizeof(*c.last));
	c.whole = arena_array(a, wide, m->table.columns);
	c.real = arena_array(a, double, m->table.columns);
	c.row = arena_array(a, uint32_t, m->table.columns);
	int err = penalty_table_init(&c.table, m->in->n_locations, m->table.columns, a, m->d) ? read_lines(&c) : -ENOMEM;
	if (!err)
		err = apply(&c, client_of);
	lines_close(c.lines);
	return err;
}
