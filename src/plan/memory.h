/* SPDX-License-Identifier: MIT */
/* What must be remembered from one generation to the next, so that numbers, slots and what people set by hand stay.
 * The journal keeps it; plan_compile reads the old one and makes the new one. Plain data, everything in an arena. */
#ifndef NLBC_PLAN_MEMORY_H
#define NLBC_PLAN_MEMORY_H

#include "base/base.h"
#include "core/member.h"

/* A path's or balance's number. A freed one keeps its row until the number is given to another name. */
struct numbered {
	const char *name;
	uint32_t number;
	uint32_t freed;             /* 0: in use; else its place in the order of freeing, 1 first */
};

/* Which path owns each entry of a slot list (hash, random choice) or turn list. */
struct owner_list {
	const char *balance;        /* its name; NAME/6: of IPv6, where the members of the families differ; NAME/group:
				     * engine nexthop, each owner 1 or 2 for the group id that is in use */
	bool turn;
	uint32_t size;              /* S or T */
	uint16_t *owner;            /* path numbers; 0: no path (left to main), UINT16_MAX: refused */
};

struct hand_state {                 /* nlbc path NAME down / drain */
	const char *path;
	enum member_state state;    /* MEMBER_DOWN or MEMBER_DRAINING */
};

struct hand_weight {                /* nlbc path [BALANCE/]NAME weight N */
	const char *balance;        /* NULL: in all balances */
	const char *path;
	uint32_t weight;
};

struct found_state {                /* what probes or links say */
	const char *path;
	enum member_state state;
	enum member_reason reason;
};

struct memory {
	struct numbered *paths;         size_t n_paths;
	struct numbered *balances;      size_t n_balances;
	struct owner_list *lists;       size_t n_lists;
	struct hand_state *hand_states; size_t n_hand_states;
	struct hand_weight *hand_weights; size_t n_hand_weights;
	struct found_state *found;      size_t n_found;
};

struct arena;

/* Held by hand; MEMBER_UP: no longer held. The texts are pointed at. */
bool memory_is_empty(const struct memory *m);
void memory_hold_state(struct memory *m, const char *path, enum member_state state, struct arena *a);
/* balance NULL: in all balances, which also takes back what was held in single ones. */
void memory_hold_weight(struct memory *m, const char *balance, const char *path, uint32_t weight, struct arena *a);
void memory_drop_weight(struct memory *m, const char *balance, const char *path, struct arena *a);
/* What a probe or link says; MEMBER_UP: nothing to remember. */
void memory_found(struct memory *m, const char *path, enum member_state state, enum member_reason reason,
		  struct arena *a);

#endif
