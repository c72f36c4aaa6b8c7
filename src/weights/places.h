/* SPDX-License-Identifier: MIT */
/* Which AS and which country an IPv4 address belongs to: prefix tables, country ranges, location dumps, host counts. */
#ifndef NLBC_WEIGHTS_PLACES_H
#define NLBC_WEIGHTS_PLACES_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

/* Several origins of one prefix: their addresses are split, go to the first, or are dropped. */
enum origin_rule { ORIGIN_SPLIT, ORIGIN_FIRST, ORIGIN_DROP };

/* Files as given on the command line; NULL: not given. Either prefixes (and geoip for countries) or location. */
struct places_files {
	const char *prefixes, *geoip, *hosts, *location;
	bool lenient;
};
struct places;
/* All in arena a; NULL: explained. geoip may be missing if no countries are asked for (places_as alone). */
const struct places *places_read(const struct places_files *f, struct arena *a, struct diags *d);
/* The (first) origin of the most specific prefix that holds the address; 0: none. */
uint32_t places_as(const struct places *p, uint32_t address);

/* Addresses (or hosts) of an AS in a country, each address once. */
struct holding {
	uint32_t as;
	char country[2];         /* lower case */
	uint64_t count;          /* above 0 */
};
struct holdings {
	struct holding *list;    /* by country, then AS */
	size_t n;
	uint64_t total;          /* sum of count */
	unsigned unit;           /* counts are in 1/unit: 1 for addresses, 65536 for hosts */
	size_t n_as;
};
/* One sweep over everything. Never fails; in arena a. */
void places_count(const struct places *p, enum origin_rule rule, struct arena *a, struct holdings *out);

#endif
