/* SPDX-License-Identifier: MIT */
/* What a result comes to, in a few figures for people. Nothing here decides: the exact numbers are the certificate's. */
#ifndef NLBC_WEIGHTS_SUMMARY_H
#define NLBC_WEIGHTS_SUMMARY_H

#include "base/base.h"
#include "weights/inputs.h"
#include "weights/result.h"

struct arena;

struct summary {
	wide cost, vanilla_cost;         /* sums of x · p and of w · g · p; 0 without penalties */
	double penalty, vanilla;         /* the same as expected penalties, over all clients */
	size_t full_groups;              /* whose load is their capacity */
	size_t worse_locations;          /* whose expected penalty is above that of vanilla */
	bool has_ratio;                  /* some location has a penalty in vanilla */
	double worst_ratio;              /* the largest of penalty to vanilla over locations */
	double load_max;                 /* of the fullest group, in parts of its capacity, for the weights of clients as read */
};
/* `in` are the inputs that the result is of. */
void summary_make(const struct result *r, const struct inputs *in, struct arena *a, struct summary *out);

#endif
