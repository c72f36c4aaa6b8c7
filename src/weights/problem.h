/* SPDX-License-Identifier: MIT */
/* The problem of weights.md 6.1, made from inputs: shares, capacities and bounds in exact units, locations and relays that
 * are alike merged (6.6), weights of clients made whole where need be. */
#ifndef NLBC_WEIGHTS_PROBLEM_H
#define NLBC_WEIGHTS_PROBLEM_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/inputs.h"
#include "weights/transport.h"

struct arena;
struct progress;

enum objective { OBJECTIVE_TOTAL, OBJECTIVE_MAX, OBJECTIVE_MAX_ONLY };
#define NO_GROUP UINT32_MAX

struct problem_group {
	int64_t share, capacity, cost;   /* g, K, c */
	int64_t bound;                   /* u */
	uint32_t first;                  /* its first relay; groups are numbered by it */
};

struct problem_wish {
	enum objective objective;        /* relays are merged for OBJECTIVE_TOTAL only */
	bool no_merge;
	bool no_merge_locations;         /* relays may still be merged */
	unsigned threads;
};
struct problem {
	const struct inputs *in;
	enum objective objective;
	int64_t supply;                  /* S */
	int64_t clients;                 /* W */
	bool is_quantised;               /* weights are not those that were read */
	int64_t *weight;                 /* [n_locations] w, whole */
	uint32_t *row;                   /* [n_locations] rows are numbered by their first location */
	size_t n_rows, n_groups;
	int64_t *row_weight;             /* [n_rows] */
	uint32_t *row_first;             /* [n_rows] its first location */
	uint32_t *group;                 /* [n_relays], or NO_GROUP */
	struct problem_group *groups;
	struct values penalty;           /* n_rows × n_groups; all 0 without a matrix */
	wide *vuln;                      /* [n_groups] v of 6.3; NULL for OBJECTIVE_TOTAL */
};
/* NULL: explained, 'infeasible' where no weights fit, 'machine' where more memory is needed than the arena is allowed. */
const struct problem *problem_new(const struct inputs *in, const struct problem_wish *w, struct arena *a, struct diags *d);

/* The problem as the solver takes it; `load` stands for capacities in the second stage of 6.3, else NULL. In arena a. */
void problem_transport(const struct problem *p, const int64_t *load, struct arena *a, struct transport *out);

/* The linear program in free MPS form, for an outside solver. */
enum mps_objective { MPS_TOTAL, MPS_MAX, MPS_MAX_RELAY, MPS_MAX_LOCATION, MPS_MAX_CLIENT };
/* Sets what may be merged without changing the optimum of such a program. */
void problem_wish_mps(struct problem_wish *w, enum mps_objective objective);
/* Written to f: 0, -errno (a full disk), -EINTR. `progress` may be NULL. */
int problem_print_mps(const struct problem *p, enum mps_objective objective, struct progress *progress, FILE *f) MUST_USE;

#endif
