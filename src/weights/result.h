/* SPDX-License-Identifier: MIT */
/* RESULT, the file that solve writes and certify, export and --warm read (weights.md section 7). */
#ifndef NLBC_WEIGHTS_RESULT_H
#define NLBC_WEIGHTS_RESULT_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/consensus.h"
#include "weights/problem.h"
#include "weights/values.h"

struct arena;
struct progress;

/* Groups and rows stand in the order of the file; `number` is what the file calls them, and not their index where certify
 * has something to complain of. What refers to a group or row is below their count: the reader has seen to it. */
struct result_group {
	uint32_t number;
	int64_t share, capacity, cap;            /* g, K, u */
	int64_t price, load;                     /* lambda; W · L */
};
struct result_relay {
	char id[RELAY_ID_TEXT];                  /* or "-" */
	const char *name;
	enum relay_class class;
	uint32_t group;                          /* NO_GROUP: takes no part */
	uint64_t weight;                         /* b */
	int64_t share;
	wide middle;                             /* W × units, rounded down */
};
struct result_location {
	const char *name;
	int64_t weight;
	uint32_t row;
};
struct result_run {                      /* groups `first` to `last` */
	uint32_t first, last;
};
struct result_part {
	uint32_t group;
	int64_t amount;                          /* x */
};
struct result_row {
	uint32_t number;
	int64_t weight;
	wide cost, vanilla;
	size_t full_from, n_full;                /* of result.full: groups at their cap, ascending */
	size_t part_from, n_parts;               /* of result.parts, ascending */
};
struct result {
	const char *file;
	enum objective objective;
	enum position position;
	unsigned unit, theta;                    /* theta in thousandths */
	struct penalty_scale scale;
	int64_t supply, clients;                 /* S, W */
	wide value, bound, max;                  /* Z, D, T */
	bool has_bound, has_max, has_middle;
	struct result_group *groups;
	struct result_relay *relays;
	struct result_location *locations;
	struct result_row *rows;
	struct result_run *full;
	struct result_part *parts;
	size_t n_groups, n_relays, n_locations, n_rows, n_full, n_parts;
	struct transport_tree tree;              /* row, column NULL where it has none */
};

/* The result of a problem that was solved: loads, middles, costs. For OBJECTIVE_MAX `load` (L by group) and `max` (T) come
 * besides the answer, for OBJECTIVE_MAX_ONLY in its stead: `answer` is NULL. The bound is the solver's word: certify() looks. */
const struct result *result_new(const struct problem *p, const struct transport_answer *answer, const int64_t *load, wide max,
				struct arena *a);
/* Writes the text form: 0, -errno (a full disk). */
int result_write(const struct result *r, FILE *f) MUST_USE;
/* As the text form says them, by enum objective and enum position. */
extern const char *const objective_names[], *const position_names[];

/* Reads it, checking words, ranges and counts, nothing else; NULL: explained. */
const struct result *result_read(const char *path, struct arena *a, struct diags *d);
/* The tree of an old result as one for a new problem: locations by name, groups by the relays they share most weight with. */
void result_warm_tree(const struct result *old, const struct problem *p, struct arena *a, struct transport_tree *out);

#endif
