/* SPDX-License-Identifier: MIT */
/* Consensuses of a few relays, for tests that need one. */
#ifndef NLBC_TEST_UNIT_SMALL_NETWORK_H
#define NLBC_TEST_UNIT_SMALL_NETWORK_H

#include <stddef.h>

struct small_relay {
	const char *flags;               /* as in the file: "Exit Guard" */
	unsigned weight;
	const char *address;
};
/* The text of a consensus of up to 4096 relays, named r0, r1, …; in the fixture's arena. `weights` is what stands on its
 * bandwidth-weights line in place of "Wee=10000 Wed=10000 …", "" leaves the line out, NULL is that line. */
const char *small_consensus(const struct small_relay *relays, size_t n, const char *weights);

#endif
