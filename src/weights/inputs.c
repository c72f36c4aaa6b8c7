/* SPDX-License-Identifier: MIT */
/* Reads what solve and certify look at, one file after the other: relays, clients, penalties, then what goes beside them. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/clients.h"
#include "weights/exit_locations.h"
#include "weights/matching.h"
#include "weights/memory.h"
#include "weights/places.h"
#include "weights/problem_file.h"
#include "weights/relay_numbers.h"
#include "weights/relays.h"
#include "weights/wgg.h"

enum { THETA = 5000, KEY_BYTES = 32 };            /* of most names */

static const uint64_t cost_most = (uint64_t)1 << 40, paths_most = (uint64_t)1 << 53;

/* ---- matching -------------------------------------------------------------------------------------------------- */
uint32_t matching_client(const struct matching *m, struct str name)
{
	char key[LOCATION_KEY];
	const struct name *first;

	return location_key_of(name, key) && names_search(&m->keys, str_of(key), &first) ? first->index : NO_ROW;
}

bool matching_begin(struct matching *m, struct place file)
{
	m->file = file;
	if (!columns_end(&m->columns, m->wish->missing_worst, file, m->d, &m->n_missing))
		return false;
	m->in->column = m->columns.column;
	const uint64_t pairs = (uint64_t)m->clients->n * m->columns.n;

	return memory_allows(m->arena, m->held + pairs * sizeof(uint16_t), m->d) &&
	       penalty_table_init(&m->table, m->clients->n, m->columns.n, m->arena, m->d);
}

static bool add_keys(struct matching *m)
{
	if (!memory_allows(m->arena, m->clients->n * (2 * sizeof(struct name) + KEY_BYTES), m->d))
		return false;
	m->keys = (struct names){ .arena = m->arena };
	m->row = arena_array(m->arena, uint32_t, m->clients->n);
	for (size_t i = 0; i < m->clients->n; i++) {
		char key[LOCATION_KEY];

		m->row[i] = NO_ROW;
		if (location_key_of(str_of(m->clients->list[i].name), key))
			names_add(&m->keys, arena_strdup(m->arena, key), (uint32_t)i);
	}
	names_sort(&m->keys);
	return true;
}

/* ---- locations ------------------------------------------------------------------------------------------------- */
/* Clients without penalties: the others stand for them, if they are at least half. */
static bool leave_out(struct matching *m, size_t n_without, double without, double all)
{
	struct inputs *in = m->in;

	in->left_out = without / all;
	if (n_without == 0)
		return true;
	if (in->left_out > 0.5) {
		diag_error(m->d, &m->file, "input", "less than half of the clients have penalties: %zu of %zu locations, %.1f %%",
			   in->n_locations, m->clients->n, 100 * (1 - in->left_out));
		return false;
	}
	diag_warning(m->d, &m->file, "input", "%zu location%s with %.3g %% of the clients ha%s no penalties; the others stand for %s",
		     n_without, n_without == 1 ? "" : "s", 100 * in->left_out, n_without == 1 ? "s" : "ve",
		     n_without == 1 ? "it" : "them");
	return true;
}

/* Clients with penalties are the locations; client_of tells which is which. */
static bool take_locations(struct matching *m, uint32_t *client_of)
{
	struct inputs *in = m->in;
	double without = 0, all = 0;

	in->locations = arena_array(m->arena, struct location, m->clients->n);
	in->is_whole = m->clients->is_whole;
	for (size_t i = 0; i < m->clients->n; i++) {
		const struct client_location *c = &m->clients->list[i];

		all += c->weight.real;
		if (m->row[i] == NO_ROW) {
			without += c->weight.real;
			continue;
		}
		client_of[in->n_locations] = (uint32_t)i;
		in->locations[in->n_locations++] = (struct location){ c->name, c->weight, m->row[i] };
	}
	return leave_out(m, m->clients->n - in->n_locations, without, all);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */
static bool read_places(struct matching *m, const struct places **out)
{
	const struct inputs_wish *w = m->wish;
	const struct places_files files = { .prefixes = w->prefixes, .location = w->location, .lenient = w->lenient };

	*out = NULL;
	if (!w->prefixes && !w->location)
		return true;
	*out = places_read(&files, m->arena, m->d);
	return *out != NULL;
}

static bool read_matrix(struct matching *m)
{
	const struct inputs_wish *w = m->wish;
	const struct places *places;

	m->clients = clients_read(w->clients, w->lenient, m->arena, m->d);
	if (!m->clients || !read_places(m, &places))
		return false;
	if (w->guard_result) {
		m->clients = exit_locations(w->guard_result, m->clients, &m->index, places, m->arena, m->d);
		if (!m->clients)
			return false;
	}
	if (!add_keys(m))
		return false;
	columns_init(&m->columns, m->in, &m->index, places, m->arena);
	uint32_t *client_of = arena_array(m->arena, uint32_t, m->clients->n);
	if (matrix_read(m) || !take_locations(m, client_of))
		return false;
	if (w->clusters && clusters_read(m, client_of))
		return false;
	penalty_table_values(&m->table, &m->in->values);
	return true;
}

/* Objective max needs no more than the relays' vulnerable paths. */
static void without_matrix(struct matching *m)
{
	m->in->locations = arena_one(m->arena, struct location);
	m->in->locations[0] = (struct location){ .name = "all", .weight = { 1, 1, true } };
	m->in->n_locations = 1;
	m->in->is_whole = true;
	m->in->scale = (struct penalty_scale){ .n = 1 };
}

static bool usage(struct matching *m, const char *text)
{
	diag_error(m->d, NULL, "usage", "%s", text);
	return false;
}

static bool read_files(struct matching *m)
{
	const struct inputs_wish *w = m->wish;
	struct inputs *in = m->in;

	if (!w->relays)
		return usage(m, "--relays is missing, or --problem");
	if (!w->clients != !w->penalty)
		return usage(m, "--clients and --penalty go together");
	if (!w->clients && (w->needs_matrix || !w->vuln))
		return usage(m, "--clients and --penalty are missing");
	if (w->guard_result && w->position != POSITION_EXIT)
		return usage(m, "--guard-result is for --position exit");
	const struct relays *relays = relays_read(w->relays, w->lenient, m->arena, m->d);
	if (!relays)
		return false;
	in->relays = relays->list;
	in->n_relays = relays->n;
	in->position = w->position;
	in->guards_only = w->guards_only;
	in->theta = w->theta ? w->theta : THETA;
	if (!wgg_choose(w, relays, in, m->d))
		return false;
	const size_t n_fractions = relays->consensus ? relays->consensus->n_guard_fraction : 0;
	if (n_fractions > 0) {
		const struct place file = { .source = relays->consensus->weights_place.source };
		diag_warning(m->d, &file, "input", "GuardFraction of %zu relay%s is ignored", n_fractions, n_fractions == 1 ? "" : "s");
	}
	relay_index_init(&m->index, in->relays, in->n_relays, m->arena);
	if (w->clients)
		return read_matrix(m);
	without_matrix(m);
	return true;
}

static bool read_problem(struct matching *m)
{
	const struct inputs_wish *w = m->wish;
	struct inputs *in;

	if (w->wgg_given && w->wgg != WGG_NUMBER)
		return usage(m, "a problem file has a Wgg of its own: --wgg must be a number with it");
	if (w->position == POSITION_EXIT)
		return usage(m, "a problem file has guards only: --position exit does not fit it");
	in = problem_file_read(w->problem, m->arena, m->d);
	if (!in)
		return false;
	in->guards_only = w->guards_only;
	if (w->theta)
		in->theta = w->theta;
	if (w->wgg_given)
		wgg_set(in, w->wgg_number);
	m->in = in;
	relay_index_init(&m->index, in->relays, in->n_relays, m->arena);
	return true;
}

static bool read_numbers(struct matching *m)
{
	const struct inputs_wish *w = m->wish;
	const struct relay_numbers_wish costs = {
		.path = w->relcost, .column = "cost", .what = "cost", .least = 1, .most = cost_most, .lenient = w->lenient,
	};
	const struct relay_numbers_wish paths = {
		.path = w->vuln, .column = "paths", .what = "vulnerable paths", .most = paths_most, .lenient = w->lenient,
	};

	if (w->relcost && !(m->in->relcost = relay_numbers_read(&costs, m->in, &m->index, m->arena, m->d)))
		return false;
	return !w->vuln || (m->in->vuln = relay_numbers_read(&paths, m->in, &m->index, m->arena, m->d));
}

const struct inputs *inputs_read(const struct inputs_wish *w, struct arena *a, struct diags *d)
{
	struct matching m = { .wish = w, .arena = a, .d = d, .in = arena_one(a, struct inputs) };

	if (!(w->problem ? read_problem(&m) : read_files(&m)) || !read_numbers(&m))
		return NULL;
	return m.in;
}
