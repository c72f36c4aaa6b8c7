/* SPDX-License-Identifier: MIT */
/* The policies by which members are chosen: one vocabulary for kernel and proxy. Each is one row; what a row can do
 * where is data, so that `ewma` in a balance is a clear message naming what fits. */
#ifndef NLBC_CORE_POLICY_H
#define NLBC_CORE_POLICY_H

#include "base/base.h"

/* Where a policy can run. */
enum policy_where {
	POLICY_PACKET = 1 << 0,       /* a balance, packet by packet, stateless */
	POLICY_FLOW = 1 << 1,         /* a balance, remembered in the connection mark */
	POLICY_CONNECTION = 1 << 2,   /* a proxy in mode tcp */
	POLICY_REQUEST = 1 << 3,      /* a proxy in mode http */
	POLICY_BALANCE = POLICY_PACKET | POLICY_FLOW,
};

enum policy_kind {
	POLICY_PER_PACKET, POLICY_PER_FLOW, POLICY_HASH, POLICY_RANDOM,
	POLICY_ROUND_ROBIN, POLICY_LEAST_CONNECTIONS, POLICY_SOURCE_HASH, POLICY_RANDOM_TWO,
	POLICY_SMA, POLICY_EWMA, POLICY_PEAK_EWMA, POLICY_ADAPTIVE,
	POLICY_KINDS
};

struct arena;
struct choice;
struct estimate;
struct group;
struct group_conf;
struct group_member;

struct policy {
	enum policy_kind kind;
	const char *name;
	const char *help;
	unsigned where;               /* of enum policy_where */
	/* Where it chooses for connections or requests (core/choice.h): what each member needs, NULL: nothing; the index of
	 * the next member; what a sample changes, NULL: nothing. Then `compat seed`'s; NULL: no such form. */
	void (*init)(struct group_member *m, const struct group_conf *c, struct arena *a);
	uint32_t (*choose)(struct group *g, const struct choice *c);
	void (*done)(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
	uint32_t (*seed_choose)(struct group *g, const struct choice *c);
	void (*seed_done)(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us);
};

/* All rows, in the order of the manual. */
extern const struct policy *const policies[POLICY_KINDS];
/* NULL: no such policy. */
const struct policy *policy_find(struct str name);

#endif
