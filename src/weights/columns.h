/* SPDX-License-Identifier: MIT */
/* Which column of a matrix is which relay's: by fingerprint, by a name that is unique, or by the AS that the relay is in.
 * Columns that no relay of the position uses are not kept. */
#ifndef NLBC_WEIGHTS_COLUMNS_H
#define NLBC_WEIGHTS_COLUMNS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/inputs.h"
#include "weights/names.h"

struct arena;
struct places;

struct columns {
	const struct inputs *in;
	const struct relay_index *index;
	uint32_t *column;                /* [n_relays] by name; NO_COLUMN */
	bool *is_used;                   /* [names] where a name's relays begin: one of them takes part */
	struct as_column {
		uint32_t as, relay;      /* of the relays that take part, by AS */
		uint32_t column;
	} *ases;                         /* NULL: which AS a relay is in is not known */
	size_t n_ases;
	uint32_t n;                      /* columns kept */
};
/* `places` NULL: columns are named after relays alone. */
void columns_init(struct columns *c, const struct inputs *in, const struct relay_index *index, const struct places *places,
		  struct arena *a);

enum columns_answer { COLUMNS_NEW, COLUMNS_SAME, COLUMNS_UNUSED, COLUMNS_AMBIGUOUS, COLUMNS_NO_AS };
/* The column of an id: a new one, one that is there, or none (*column is NO_COLUMN). */
enum columns_answer columns_add(struct columns *c, struct str id, uint32_t *column);
/* Tells the last two answers at a place. */
void columns_tell(enum columns_answer answer, struct str id, const struct place *place, struct diags *d);
/* Every relay's column once all are there. Those that take part and have none: an error, or, with `worst`, one more column
 * for all of them, *n_missing says how many. False: explained. */
bool columns_end(struct columns *c, bool worst, struct place file, struct diags *d, size_t *n_missing) MUST_USE;

#endif
