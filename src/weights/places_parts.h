/* SPDX-License-Identifier: MIT */
/* What is known of addresses, as read: for places.c and places_read.c alone. */
#ifndef NLBC_WEIGHTS_PLACES_PARTS_H
#define NLBC_WEIGHTS_PLACES_PARTS_H

#include "base/base.h"
#include "base/diag.h"

struct arena;
struct places_files;

/* A prefix, or a range of geoip. Countries are two letters in one number, 0: none. */
struct range {
	uint32_t from, to;               /* both included */
	uint32_t line;                   /* where it stands, for messages */
	uint32_t what;                   /* the AS (0: none); of several origins: the first in `origins`; of hosts: their number */
	uint32_t n_origins;
	uint16_t country;
	uint8_t column, length;
};
/* Sorted: outer ones before those within them. None twice; those of geoip do not overlap, prefixes never do but as a whole. */
struct range_table {
	struct range *list;
	size_t n, room;
};

struct places_tables {
	struct range_table nets, lands, hosts;
	uint32_t *origins;               /* of prefixes with several, none twice, as given */
	size_t n_origins, origins_room;
	bool has_hosts;
	bool has_lands;                  /* countries come from lands, not from nets */
};
/* 0, or -errno: explained. */
int places_read_tables(const struct places_files *f, struct arena *a, struct diags *d, struct places_tables *out) MUST_USE;

#endif
