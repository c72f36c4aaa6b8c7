/* SPDX-License-Identifier: MIT */
/* Where a packet goes: what the plan in force does with it (plan/trace.h), what is known of its connection, and what
 * routing then makes of it. Only reads. */
#ifndef NLBC_APPLY_TRACE_H
#define NLBC_APPLY_TRACE_H

#include "apply/session.h"
#include "plan/trace.h"
#include "target/ask.h"

struct trace_question {
	struct addr source, destination;
	uint8_t protocol;
	bool has_ports;
	uint16_t source_port, destination_port;
	const char *in;             /* interface of the profile, or device; NULL: the one that leads back to the source */
};

enum trace_connection { CONNECTION_UNASKED, CONNECTION_FIRST, CONNECTION_KNOWN, CONNECTION_UNKNOWABLE };

/* What becomes of it in the end. */
enum trace_fate {
	FATE_SENT, FATE_LOCAL, FATE_BROADCAST, FATE_MULTICAST,
	FATE_REFUSED,               /* by the balance, whose path is down */
	FATE_NOT_FORWARDED,         /* forwarding is off */
	FATE_INVALID_SOURCE,        /* reverse path filter, or an own address from outside */
	FATE_UNREACHABLE,           /* by route.error */
};

/* How the packet leaves, or not. More than one only where its path cannot be known. */
struct trace_way {
	const struct trace_outcome *outcome;    /* of the walk that it follows from */
	double share;                           /* of packets like this one */
	const struct plan_balance *balance;     /* that chose: of the outcome, or of engine nexthop */
	const struct plan_path *path;
	bool nexthop;                           /* the kernel's group chose */
	bool refused;
	enum trace_fate fate;
	struct route_answer route;
	const char *device;                     /* NULL: does not leave */
};

struct trace_answer {
	bool local;                             /* sent by this machine */
	const char *in;                         /* device; NULL: local */
	bool in_found;                          /* it was not given */
	enum trace_connection connection;
	uint32_t connection_mark;
	struct trace trace;
	struct trace_way *ways;
	size_t n_ways, ways_room;
};

/* Follows one packet through the plan in force. 0; -EINVAL explained in d (usage, machine). Results live in s->arena. */
int trace_packet(struct session *s, const struct plan *p, const struct trace_question *q, struct trace_answer *out,
		 struct diags *d) MUST_USE;
/* A warning where the kernel does not hold what the plan says. 0, -errno explained. */
int trace_check(struct session *s, const struct plan *p, struct diags *d) MUST_USE;

#endif
