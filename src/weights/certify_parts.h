/* SPDX-License-Identifier: MIT */
/* What a certificate is put together from: 6.1 made anew, the form of the result's lines, its amounts and values. */
#ifndef NLBC_WEIGHTS_CERTIFY_PARTS_H
#define NLBC_WEIGHTS_CERTIFY_PARTS_H

#include "base/base.h"
#include "weights/certify.h"
#include "weights/inputs.h"
#include "weights/result.h"
#include "weights/values.h"

struct arena;
struct progress;

/* Of a relay that takes part, or of a group of them: g, K, c and u; g is 0 for others. */
struct due {
	int64_t share, capacity, cost, cap;
};

struct proof {
	const struct result *r;
	const struct inputs *in;
	/* 6.1, by model_make(). */
	int64_t supply, clients;                 /* S, W */
	int64_t costs;                           /* of all that take part */
	struct due *relays;                      /* [n_relays of in] */
	int64_t *weight;                         /* [n_locations of in] w */
	/* The result's groups and rows with these numbers, by form_check(). */
	struct due *groups;                      /* [n_groups of r] */
	uint32_t *group_first;                   /* [n_groups] its first relay */
	int64_t *row_weight;                     /* [n_rows of r] */
	uint32_t *row_first;                     /* [n_rows] its first location */
	bool is_whole;                           /* nothing is missing or left over: there is something to compute */
	/* What the objective `max` demands, by max_make(). */
	wide max;                                /* T */
	int64_t *load;                           /* [n_groups] L; NULL for `total` */

	struct certificate *out;
	struct progress *progress;               /* NULL: none */
	struct arena *arena;
};

/* Notes that something is not as it has to be. */
void certify_break(struct proof *p, enum condition condition, wide by, const char *fmt, ...) PRINTF(4, 5);

/* Section 6.1 from the inputs alone. False: there is no such problem, and that is noted. */
bool model_make(struct proof *p) MUST_USE;
/* min(S, floor(theta · S · cost / costs)). */
int64_t model_cap(const struct proof *p, int64_t cost);

/* Header, relays, locations, groups and rows line by line. 0, or -EINTR. */
int form_check(struct proof *p) MUST_USE;

/* T and L of 6.3. 0, or -EINTR. */
int max_make(struct proof *p) MUST_USE;

/* (a) to (d), loads, middles, costs and the bound. 0, or -EINTR. */
int values_check(struct proof *p) MUST_USE;
/* min of the sum of key · r, where the r add up to `supply` <= sum of the rooms, 0 <= r <= room; turns the slots over. */
struct slot {
	int64_t key, room;
};
wide fill_cost(struct slot *slots, size_t n, int64_t supply);

/* The row's penalty for the n relays that `first` lists; all 0 without a matrix. */
void gather_penalties(const struct inputs *in, uint32_t location, const uint32_t *first, size_t n, uint32_t *out);
/* Of a walk over many rows that each take `steps`: true every few milliseconds if the user wants it to end. */
bool certify_stops(struct proof *p, size_t row, size_t steps) MUST_USE;

#endif
