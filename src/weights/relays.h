/* SPDX-License-Identifier: MIT */
/* Relays as they are given with --relays: a consensus, Shadow's relay choices (CSV), or JSON. */
#ifndef NLBC_WEIGHTS_RELAYS_H
#define NLBC_WEIGHTS_RELAYS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/consensus.h"

struct arena;

enum { RELAYS_MOST = 200000, RELAYS_BYTES = 64 * 1024 * 1024 };      /* of a file in any form */
enum relays_form { RELAYS_CONSENSUS, RELAYS_CSV, RELAYS_JSON };

struct relays {
	enum relays_form form;
	const struct relay *list;                /* in the order of the file; in CSV and JSON no name twice */
	size_t n;
	const struct consensus *consensus;       /* NULL for other forms: no identities, addresses or published weights */
};
/* All in arena a; NULL: explained. `lenient` does not count for a consensus. */
const struct relays *relays_read(const char *path, bool lenient, struct arena *a, struct diags *d);

#endif
