/* SPDX-License-Identifier: MIT */
/* What penalties are made of: for penalty*.c alone. ASes are indexes of relations->ases. */
#ifndef NLBC_WEIGHTS_PENALTY_PARTS_H
#define NLBC_WEIGHTS_PENALTY_PARTS_H

#include "base/base.h"
#include "weights/relations.h"
#include "weights/routes.h"
#include "weights/values.h"

struct arena;
struct progress;

/* An AS and how much of the traffic begins or ends there. */
struct stake {
	uint32_t as;
	wide weight;
};
struct stakes {
	struct stake *list;              /* ascending, none twice */
	size_t n, room;
};

/* Which ASes matter: those on the ways of samples, each with a bit for every sample, or suspects. */
struct watch {
	uint32_t *slot;                  /* of each AS; 0: it does not matter */
	uint64_t *bits;                  /* of slot 1 from 0: `words` each; NULL: suspects */
	size_t words;
	uint32_t n;                      /* slots used */
};

/* Ways of samples: n of them, over pairs of exit and destination in the order of their numbers. Adds pairs that have no
 * route to *missing. */
void watch_samples(const struct relations *r, const struct stakes *exits, const struct stakes *destinations, unsigned n,
		   struct arena *a, struct watch *out, size_t *missing);
void watch_suspects(const struct relations *r, const struct as_list *suspects, struct arena *a, struct watch *out);

struct penalty_task {
	const struct relations *relations;
	const struct watch *watch;
	const uint32_t *clients, *guards;
	size_t n_clients, n_guards;
	uint16_t *p16;                   /* clients × guards: one of the two */
	uint32_t *p32;
};
/* What each thread takes beside the values. */
uint64_t penalty_thread_bytes(const struct penalty_task *task);
/* Fills in all values on some threads; the same for any number. Adds pairs without a route to *missing. 0, -EINTR. */
int penalty_rows(const struct penalty_task *task, unsigned threads, struct progress *progress, size_t *missing) MUST_USE;

/* The ASes on the way, or just its ends where there is no route (*missing); `path` has room for all ASes. */
static inline size_t penalty_path(const struct routes *t, uint32_t from, uint32_t to, uint32_t *path, bool *missing)
{
	const size_t n = routes_path(t, from, path);

	if (n > 0)
		return n;
	*missing = true;
	path[0] = from;
	path[1] = to;
	return 2;
}

#endif
