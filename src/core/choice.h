/* SPDX-License-Identifier: MIT */
/* The inside of a group, for group.c and the rows of the policies (policy_*.c) alone. */
#ifndef NLBC_CORE_CHOICE_H
#define NLBC_CORE_CHOICE_H

#include "base/base.h"
#include "core/estimate.h"
#include "core/group.h"

struct group_member {
	struct group_member_conf conf;
	enum member_state state;
	bool full, busy;
	bool slow;              /* in slow start, since up_us */
	uint32_t weight;        /* as written or set by hand */
	uint32_t open;
	double w;               /* weight in effect: less than `weight` in slow start */
	uint64_t up_us;         /* when it came back from down, or became up; 0: it never was out */
	uint64_t picked_us;
	double turn;            /* round-robin: c(i) */
	uint64_t assigned;      /* least-connections, compat: ever picked */
	uint64_t name_hash;     /* source-hash: mix(N) */
	struct estimate estimate;
};

struct group {
	struct group_conf conf;
	struct group_member *members;
	size_t n;
	struct chance chance;
	uint32_t start;         /* of the next scan */
	uint32_t turns_ahead;   /* round-robin: steps to go on before the next pick */
	uint32_t n_slow;        /* members in slow start */
	bool changed;           /* what follows is to be made anew */
	uint32_t *usable;       /* in the order written: members, or where none is usable, backups */
	size_t n_usable;
	bool any_waits;         /* some member would be usable but for its place */
	bool any_new;           /* some usable member was never measured */
	uint32_t *untried;      /* room for a choice without those tried */
};

/* What a row chooses from. */
struct choice {
	const uint32_t *list;   /* usable members, in the order written */
	size_t n;               /* at least 1 */
	const struct group_wish *wish;
};

/* (open + 1) / w */
static inline double member_load(const struct group_member *m)
{
	return (m->open + 1) / m->w;
}

/* The rows that live in files of their own. */
extern const struct policy policy_round_robin, policy_least_connections, policy_source_hash, policy_random_two;
extern const struct policy policy_sma, policy_ewma, policy_peak_ewma, policy_adaptive;

#endif
