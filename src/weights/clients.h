/* SPDX-License-Identifier: MIT */
/* Where clients are: users of each country spread over the ASes that hold its addresses (weights.md section 5), and the
 * files of clients that solve and penalty read. */
#ifndef NLBC_WEIGHTS_CLIENTS_H
#define NLBC_WEIGHTS_CLIENTS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/places.h"

struct arena;

struct clients_wish {
	const char *users, *skip;        /* files; skip may be NULL */
	struct places_files places;
	enum origin_rule origin;
	uint64_t total;                  /* what all shares add up to: 1 to 2^40 */
	uint64_t top;                    /* 0: all */
	uint64_t min_addresses;          /* with counted hosts: that many hosts */
	bool lenient;
};

struct client_share {
	uint32_t as;
	uint64_t weight;                 /* above 0 */
};
struct clients_estimate {
	struct client_share *list;       /* heaviest first, ties by number */
	size_t n;
	struct {                         /* the summary */
		double users, users_placed;              /* all; those in countries with addresses */
		bool is_whole;                           /* users are whole numbers */
		size_t countries, countries_empty;       /* with users; of these without addresses */
		double users_empty;                      /* in those */
		const char *empty;                       /* those, as "cc cc …" by code */
		size_t pairs, n_as;                      /* (country, AS) with addresses; ASes */
		uint64_t addresses;                      /* that count; with counted hosts: hosts, rounded down */
		double share_10, share_100, share_1000;  /* of the heaviest, 0 to 1 */
	} sum;
};
/* NULL: explained. */
const struct clients_estimate *clients_estimate(const struct clients_wish *w, struct arena *a, struct diags *d);

/* A file of clients as solve and penalty take it: CSV location,weight or JSON. Locations of weight 0 are left out. */
struct client_location {
	const char *name;                /* as given */
	struct amount weight;
	struct place place;
};
struct client_list {
	struct client_location *list;    /* in input order */
	size_t n;
	bool is_whole;                   /* all weights are whole */
};
const struct client_list *clients_read(const char *path, bool lenient, struct arena *a, struct diags *d);
/* A name as it is compared: without AS in front of a number. Points into name. */
const char *location_key(const char *name);

#endif
