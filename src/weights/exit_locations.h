/* SPDX-License-Identifier: MIT */
/* Where clients stand as seen from the exit position: behind their guard's AS (weights.md section 10). */
#ifndef NLBC_WEIGHTS_EXIT_LOCATIONS_H
#define NLBC_WEIGHTS_EXIT_LOCATIONS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/clients.h"
#include "weights/names.h"
#include "weights/places.h"

/* Locations `l,AS` of weight w_l · R_l(AS) / S, by the result of the guard position in file `path`; those of guards without
 * an AS are left out with a warning. NULL: explained. */
const struct client_list *exit_locations(const char *path, const struct client_list *clients, const struct relay_index *index,
					 const struct places *places, struct arena *a, struct diags *d);

#endif
