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

struct policy {
	enum policy_kind kind;
	const char *name;
	const char *help;
	unsigned where;               /* of enum policy_where */
};

/* All rows, in the order of the manual. */
extern const struct policy *const policies[POLICY_KINDS];
/* NULL: no such policy. */
const struct policy *policy_find(struct str name);

#endif
