/* SPDX-License-Identifier: MIT */
/* Finding locations and relays by what files call them. */
#ifndef NLBC_WEIGHTS_NAMES_H
#define NLBC_WEIGHTS_NAMES_H

#include "base/base.h"
#include "weights/consensus.h"

struct arena;

/* Keys with the number of what they name; sorted by names_sort(), then searched. */
struct name {
	const char *key;
	uint32_t index;
};
struct names {
	struct arena *arena;
	struct name *list;
	size_t n, room;
};
/* The key is kept, not copied. */
void names_add(struct names *s, const char *key, uint32_t index);
void names_sort(struct names *s);
/* How many have that key, and the first of them in the list, by rising index. */
size_t names_search(const struct names *s, struct str key, const struct name **first);

/* What locations are compared by: without AS in front of a number, in both parts of `l,AS`. Too long a name: false. */
enum { LOCATION_KEY = 160 };
bool location_key_of(struct str name, char key[LOCATION_KEY]);

/* Relays by fingerprint (40 hex digits; a $ in front is fine) or by name. */
struct relay_index {
	const struct relay *relays;
	struct names names, ids;         /* those of ids have no key */
};
void relay_index_init(struct relay_index *x, const struct relay *relays, size_t n, struct arena *a);
/* How many are called so, and the first of them, by rising index. */
size_t relay_index_find(const struct relay_index *x, struct str id, const struct name **first);
/* $FINGERPRINT, or its name. */
const char *relay_title(const struct relay *r, struct arena *a);

#endif
