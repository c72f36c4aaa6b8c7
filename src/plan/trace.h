/* SPDX-License-Identifier: MIT */
/* What the plan's rules do with one packet: the chains of a hook are walked as the kernel walks them. Pure: what only the
 * kernel knows of the packet (its connection, what its destination is) is part of its description. Whole packets only,
 * without a mark of others. */
#ifndef NLBC_PLAN_TRACE_H
#define NLBC_PLAN_TRACE_H

#include "plan/plan.h"

/* What tracking says of a packet, the bits of NF_CT_STATE_* (OP_CT_STATE). */
enum connection_state { CONNECTION_ESTABLISHED = 2, CONNECTION_RELATED = 4, CONNECTION_NEW = 8 };

struct trace_packet {
	enum hook hook;             /* HOOK_PREROUTING: it arrives; HOOK_OUTPUT: sent by this machine; HOOK_NONE: never asked about */
	const char *in, *out;       /* device by which it arrived, or leaves before the rules are asked; NULL: none */
	struct addr source, destination;
	uint8_t protocol;           /* as carried: ICMPv6 is 58 */
	bool has_ports;
	uint16_t source_port, destination_port;
	uint8_t destination_type;   /* RTN_*, as of the table of local addresses */
	enum connection_state state;
	uint32_t connection_mark;
};

enum trace_how {
	TRACE_PASSED,               /* no balance takes it */
	TRACE_LEFT,                 /* the balance leaves it as it is; see why */
	TRACE_ARRIVED,              /* no balance: it came in by the path, whose mark it gets */
	TRACE_REMEMBERED,           /* of a connection that stays on the path */
	TRACE_SLOT,                 /* drawn by its hash */
	TRACE_TURN, TRACE_RANDOM,   /* one of several paths, of which the share is known alone */
};

struct trace_outcome {
	enum trace_how how;
	const struct plan_balance *balance;     /* NULL: none */
	const struct plan_path *path;           /* NULL: unmarked, or refused */
	bool refused;                           /* dropped by when-down or when-all-down */
	const char *why;                        /* TRACE_LEFT: words for people */
	uint32_t slot, slots;                   /* TRACE_SLOT */
	uint32_t mark;                          /* the packet's now */
	double share;                           /* of packets like this one that come out so */
};

/* One rule that was looked at. */
struct trace_step {
	const struct chain *chain;
	const struct chain_rule *rule;
	bool matched;
};

struct trace {
	struct trace_outcome *outcomes;         /* at least one; more than one only by turn or chance */
	size_t n_outcomes, outcomes_room;
	struct trace_step *steps;
	size_t n_steps, steps_room;
};

/* Walks the packet's hook; the result lives in a. */
void trace_walk(const struct plan *p, const struct trace_packet *packet, struct arena *a, struct trace *out);
/* Some rule looks at connections: without it there is nothing to ask tracking. */
bool trace_needs_connection(const struct plan *p);
/* The balance of engine nexthop whose look-up the packet meets behind the chains, if nothing marked it; NULL: none.
 * *refuses: it has no path up and is to be refused. */
const struct plan_balance *trace_nexthop(const struct plan *p, const struct trace_packet *packet, bool *refuses);
/* The table of that balance's group. */
uint32_t trace_nexthop_table(const struct plan *p, const struct plan_balance *b);

#endif
