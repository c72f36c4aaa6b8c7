/* SPDX-License-Identifier: MIT */
/* The mechanisms: nft or legacy iptables, routes, tc, sysctl. One row each. Each lowers a plan to items, reads our
 * items from the kernel, and writes the changes of a stage. Nobody else talks to the kernel's network configuration. */
#ifndef NLBC_TARGET_TARGET_H
#define NLBC_TARGET_TARGET_H

#include "plan/item.h"
#include "plan/plan.h"

struct kernel;                      /* target/kernel.h: sockets and what was sent on them */

enum lower_what {
	LOWER_ALL,
	LOWER_STEERING,             /* what a weight or state moves: map entries, lists, choose chains, next-hop groups */
	LOWER_UNTRACKED,            /* what no generation id tells of: all but nft */
};

/* A counter as read now. */
struct count {
	const char *name;           /* packets_B_P, flows_B_P, arrivals_P, refused_B */
	uint64_t packets, bytes;
};

/* A queue tree's figures as read now; has_* false where it has no meaning. */
struct queue_count {
	const char *interface;      /* profile name */
	uint64_t backlog_bytes, backlog_packets;              /* of the leaf */
	uint64_t sent_bytes, sent_packets, dropped_packets;   /* of the leaf */
	uint64_t overlimits;                                  /* of the class, else of the leaf */
};

struct counts {
	struct arena *arena;
	struct count *list;             size_t n, room;       /* sorted by name */
	struct queue_count *queues;     size_t n_queues, queues_room;
};

struct target {
	const char *name;
	const char *const *parts;       /* first components of its keys, NULL-terminated */

	/* Plan to items. An op that cannot be lowered is an error in d, at its place. 0, or -EINVAL explained. */
	int (*lower)(const struct plan *p, enum lower_what what, struct items *out, struct diags *d);

	/* What is ours in the kernel now, as items. `wanted`: the lowered plan (settings are only looked at by name).
	 * 0, -errno explained in d. A dump that was interrupted is read again. */
	int (*read)(struct kernel *k, const struct own *own, const struct items *wanted, struct items *live,
		    struct diags *d);

	/* Sets change.stage. `live` and `wanted` are the lists the changes came from. */
	void (*stage)(struct changes *c, const struct items *live, const struct items *wanted);

	/* Reads only. What stands in the way of these changes (foreign objects, missing kinds; code "machine") goes to d
	 * with the place; what they will displace is added to own. 0 also when errors were added; -errno explained. */
	int (*survey)(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d);

	/* Carries out this stage's part of the changes. 0; -ERESTART: somebody else changed the rule-set, read again;
	 * other -errno: refused, explained in d at the items' places (packet.md section 14). dry_run: called
	 * once, with STAGE_PREPARE, and checks all stages as far as the kernel lets it be done without a commit. */
	int (*write)(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
		     bool dry_run, struct diags *d);

	/* Adds its counters or queues; NULL: has none. 0, -errno explained. */
	int (*count)(struct kernel *k, const struct plan *p, struct counts *out, struct diags *d);

	/* The formats `compile` prints, and the printer: the plan in the stock tool's language. */
	const char *const *formats;     /* NULL-terminated: "nft"; "iptables", "ip6tables"; "ip", "ip6"; "tc"; "sysctl" */
	void (*print)(const struct plan *p, const char *format, struct text *out);
};

/* In the order of stage prepare (retire goes backwards): sysctl, route, tc, nft, iptables. NULL-terminated. Of the last two
 * the one that a plan does not ask for lowers nothing, but reads: what it finds is to be removed. */
extern const struct target *const targets[];
extern const struct target target_sysctl, target_route, target_tc, target_nft, target_ipt;
/* False for the one mechanism of steering that this profile does not ask for. */
bool target_serves(const struct target *t, const struct kernel_conf *c);
const struct target *target_of_format(const char *format);   /* NULL: none prints it */

/* For targets that make before they break and have no switch: what is removed is retired, all else is prepared. */
void stage_by_op(struct changes *c, const struct items *live, const struct items *wanted);

#endif
