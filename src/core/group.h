/* SPDX-License-Identifier: MIT */
/* Members of one service and the choice among them (proxy.md section 7): pure; time and chance are arguments.
 * A worker has one group for each proxy; the onion coordinator and the controller use the same rows. */
#ifndef NLBC_CORE_GROUP_H
#define NLBC_CORE_GROUP_H

#include "base/addr.h"
#include "base/base.h"
#include "core/chance.h"
#include "core/member.h"
#include "core/policy.h"

struct arena;

/* As written; never changes. */
struct group_conf {
	const struct policy *policy;
	bool compat_seed;
	uint32_t window;                        /* sma */
	uint32_t alpha_ppm;                     /* ewma, adaptive: millionths */
	uint64_t refresh_us, decay_us, slow_start_us;
	uint32_t turn;                          /* round-robin: steps gone on before the first pick (the worker's number) */
};
struct group_member_conf {
	const char *name;
	uint32_t weight;
	bool backup;
};

struct group_member;                            /* group.c; read through the functions below */
struct group;

/* All memory comes from a. `seed` starts its chance. Members begin up, without samples. */
struct group *group_new(const struct group_conf *c, const struct group_member_conf *members, size_t n, uint64_t seed,
			struct arena *a);

/* What is known of a member outside the group; cheap, called before a pick where something may have changed. */
/* Going down it is forgotten what was measured; coming up is a slow start. */
void group_set_state(struct group *g, size_t i, enum member_state s, uint64_t now_us);
void group_set_weight(struct group *g, size_t i, uint32_t weight);
/* Not to be chosen now: at its max-connections (full), or on probation with its one exchange running (busy). */
void group_set_full(struct group *g, size_t i, bool full);
void group_set_busy(struct group *g, size_t i, bool busy);

struct group_wish {
	uint64_t now_us;
	const struct addr *client;              /* source-hash; else may be NULL */
	const uint8_t *tried;                   /* a byte for each member: not 0: not again unless there is no other; NULL: none */
};
enum { GROUP_NONE = -1, GROUP_FULL = -2 };      /* no member usable; some only wait for a place (full, busy) */
/* The member to send the next exchange to, or GROUP_NONE, GROUP_FULL. The method's turns go on; open counts do not change. */
int group_choose(struct group *g, const struct group_wish *w);
/* An exchange was sent to i, by choice or because its client is bound to it. */
void group_begin(struct group *g, size_t i, uint64_t now_us);

enum group_end {
	GROUP_SAMPLE,                           /* a first byte of a final head came; status other than 500, 502, 503, 504 */
	GROUP_FAILURE,                          /* no connection, reset, timeout, invalid answer, or status 500, 502, 503, 504 */
	GROUP_LEFT,                             /* the client left before: counts only if it already took longer than the estimate,
						 * of the slowest where this one was never measured */
	GROUP_UNKNOWN,                          /* no word about the member's speed: connections, tunnels in tcp */
};
struct group_outcome {
	uint64_t now_us;
	enum group_end end;
	uint64_t first_us;                      /* pick to first byte of the final head, or to the failure or leaving */
	uint64_t whole_us;                      /* pick to the last byte of the answer: what `compat seed` counts */
};
/* The exchange is over: what group_begin counted is taken back. */
void group_done(struct group *g, size_t i, const struct group_outcome *o);
/* The sample as soon as it is known (group_end but GROUP_LEFT), where the exchange runs on; group_done is then given
 * GROUP_UNKNOWN. Not for compat forms, which wait for the last byte. */
void group_sample(struct group *g, size_t i, const struct group_outcome *o);

size_t group_size(const struct group *g);
uint32_t group_open(const struct group *g, size_t i);
enum member_state group_state(const struct group *g, size_t i);
/* What the method compares, microseconds; -1: never measured, or the method has no estimate. */
int64_t group_estimate_us(const struct group *g, size_t i);

#endif
