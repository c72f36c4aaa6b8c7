/* SPDX-License-Identifier: MIT */
/* How many different addresses clients have. A worker keeps each address as often as it has connections, and shows it to
 * the master as a number in shared memory; the same address of several workers counts once. */
#ifndef NLBC_PROXY_ADDRESSES_H
#define NLBC_PROXY_ADDRESSES_H

#include "base/addr.h"
#include "base/base.h"

#include <stdatomic.h>

struct addresses;
#define ADDRESSES_NONE UINT32_MAX

/* What a worker shows: a number for each address, 0 for none, in places[0] to places[*n_places - 1]. */
struct addresses_shown {
	_Atomic uint64_t *places;
	_Atomic uint32_t *n_places;
	uint32_t room;                  /* of places */
};

/* All workers that are counted together have the same seed; it keeps strangers from choosing addresses that look alike. */
struct addresses *addresses_new(struct addresses_shown shown, uint64_t seed);
void addresses_free(struct addresses *t);
/* One more connection of this address: its place, to be given back. ADDRESSES_NONE: there is no room, it does not count. */
uint32_t addresses_add(struct addresses *t, const struct addr *a);
void addresses_remove(struct addresses *t, uint32_t place);

/* How many there are in all that these workers show. */
size_t addresses_count(const struct addresses_shown *workers, size_t n);

#endif
