/* SPDX-License-Identifier: MIT */
/* Who provides for whom, and who are peers: CAIDA's AS relationships as a graph. ASes are known by their index here. */
#ifndef NLBC_WEIGHTS_RELATIONS_H
#define NLBC_WEIGHTS_RELATIONS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/as_list.h"

struct arena;

/* Those beside AS i: list[from[i]] up to list[from[i + 1]]. */
struct neighbours {
	uint32_t *from;
	uint32_t *list;
};
struct relations {
	struct as_list ases;             /* their numbers, so that a lower index is a lower number */
	size_t n_related;                /* ASes that have relations */
	size_t n_pairs;                  /* relations */
	struct neighbours providers, customers, peers;
};
/* serial-1 or -2. The ASes of `also` (may be NULL) stand in it with relations or without. NULL: explained. */
const struct relations *relations_read(const char *path, const struct as_list *also, bool lenient, struct arena *a,
				       struct diags *d);

#endif
