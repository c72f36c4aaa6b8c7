/* SPDX-License-Identifier: MIT */
/* What the readers of penalties fill in: which rows of a table are which clients', and its columns which relays'. For the
 * files of inputs alone. */
#ifndef NLBC_WEIGHTS_MATCHING_H
#define NLBC_WEIGHTS_MATCHING_H

#include "base/base.h"
#include "weights/clients.h"
#include "weights/columns.h"
#include "weights/inputs.h"
#include "weights/names.h"
#include "weights/penalty_table.h"

#define NO_ROW UINT32_MAX

struct matching {
	const struct inputs_wish *wish;
	struct arena *arena;
	struct diags *d;
	struct inputs *in;               /* relays, weights and position are known */
	struct relay_index index;        /* of its relays */
	const struct client_list *clients;
	struct names keys;               /* of the clients, by number */
	uint32_t *row;                   /* [clients] of the table, or NO_ROW */
	struct place file;               /* that of penalties */
	uint64_t held;                   /* bytes that it takes itself while it is read */
	struct columns columns;
	size_t n_missing;                /* relays that the last column stands for */
	struct penalty_table table;
};

/* The client that a file calls so; NO_ROW: none. */
uint32_t matching_client(const struct matching *m, struct str name);
/* Columns are known: relays without one are told, memory is looked at, the table begins. False: explained. */
bool matching_begin(struct matching *m, struct place file) MUST_USE;

/* Reads wish->penalty in either form: 0, -errno (explained). */
int matrix_read(struct matching *m) MUST_USE;
int matrix_json_read(struct matching *m, struct lines *l) MUST_USE;

/* Makes each cluster of wish->clusters one of in->locations, with a new table; client_of tells which client each of those
 * is: 0, -errno (explained). */
int clusters_read(struct matching *m, const uint32_t *client_of) MUST_USE;

#endif
