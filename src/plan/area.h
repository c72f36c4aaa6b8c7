/* SPDX-License-Identifier: MIT */
/* Which packets a balance takes: its conditions in the form rules need them, and how two balances lie to each other. */
#ifndef NLBC_PLAN_AREA_H
#define NLBC_PLAN_AREA_H

#include "base/addr.h"
#include "profile/profile.h"

struct arena;
struct match;

enum { IP4, IP6, FAMILIES };            /* index by family */
extern const uint8_t af_of[FAMILIES];   /* AF_INET, AF_INET6 */

struct prefix_list {
	struct prefix *list;            /* sorted, none within another */
	size_t n;
};

struct area {
	const struct balance *conf;
	const char *const *in;          /* devices, sorted, each once */
	size_t n_in;
	struct prefix_list from[FAMILIES], to[FAMILIES];
	const struct match *match;      /* the packets as a set */
};

/* Sorted, and those within another left out. */
struct prefix_list prefixes_reduce(const struct prefix_value *values, size_t n, uint8_t af, struct arena *a);
bool prefixes_cover(const struct prefix_list *l, const struct prefix *p);

/* devices: the device of each of the machine's interfaces. */
struct area area_of(const struct balance *b, const struct machine *m, const char *const *devices, struct arena *a);
/* Its conditions can be met by packets of this family. */
bool area_has_family(const struct area *x, unsigned family);
/* Every packet of `inner` is one of `outer`. */
bool area_within(const struct area *inner, const struct area *outer);
/* Some packets of x are answered by packets of y: sources of one may be destinations of the other. */
bool area_answers(const struct area *x, const struct area *y);

int compare_text(const void *x, const void *y);          /* qsort over const char * */
/* Sorts, and leaves each out but once; returns how many are left. */
size_t texts_sort(const char **list, size_t n);

#endif
