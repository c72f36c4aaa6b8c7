/* SPDX-License-Identifier: MIT */
/* Inside the target route only: what its files share. Routes, rules and next hops as text, as read, as messages. */
#ifndef NLBC_TARGET_ROUTE_H
#define NLBC_TARGET_ROUTE_H

#include "plan/item.h"
#include "target/seen.h"

enum {
	ROUTE_MAIN = 254,
	NEXTHOP_FIRST = 0x6e000000, NEXTHOP_LAST = 0x6e1fffff,   /* our id range */
	RULE_BLOCK_MIN = 200,
	RULE_TAIL = 17,                 /* preferences from END to the end of the block */
};

enum routing_kind { ROUTING_NEXTHOP, ROUTING_ROUTE, ROUTING_RULE };
enum routing_kind routing_kind(const char *key);

/* A rule as read. `more`: it has conditions nlbc never sets. */
struct seen_rule {
	struct rule rule;
	uint8_t protocol;
	bool more;
	const struct nlmsghdr *message;
};
struct seen_rules { struct seen_rule *list; size_t n, room; struct answer answer; };

/* All rules of a family, in the kernel's order. Messages stay good until answer_release(&out->answer). 0, -errno. */
int seen_rules(struct kernel *k, uint8_t family, struct arena *a, struct seen_rules *out) MUST_USE;

/* A next-hop object as read; group members point into the message. */
struct seen_nexthop {
	struct nexthop nexthop;         /* id as in the kernel; device NULL where it is gone */
	uint8_t protocol;
	bool more;
};
struct seen_nexthops { struct seen_nexthop *list; size_t n, room; };
int seen_nexthops(struct kernel *k, struct arena *a, struct seen_nexthops *out) MUST_USE;

/* What the obj of a live item is (by its kind). */
struct live_rule { const struct nlmsghdr *message; struct rule rule; };

/* ---- text ------------------------------------------------------------------------------------------------------- */
const char *nexthop_key(const struct nexthop *n, struct arena *a);
void nexthop_body(const struct nexthop *n, uint8_t protocol, struct text *out);
void route_body(const struct route *r, uint8_t protocol, struct text *out);
void rule_body(const struct rule *r, struct text *out);
const char *route_key(const struct route *r, struct arena *a);
const char *rule_key(const struct rule *r, struct arena *a);

/* The place of a rule in the order of making (unmaking goes backwards): END, paths, refuse, near, skip. */
unsigned rule_rank(const struct rule *r);

void route_print(const struct plan *p, const char *format, struct text *out);

/* ---- the row's functions ---------------------------------------------------------------------------------------- */
int route_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d);
int route_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
		bool dry_run, struct diags *d);

#endif
