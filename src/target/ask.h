/* SPDX-License-Identifier: MIT */
/* Single questions about one packet: what routing would do with it, and whether its connection is known. Reading only. */
#ifndef NLBC_TARGET_ASK_H
#define NLBC_TARGET_ASK_H

#include "base/addr.h"
#include "target/kernel.h"

/* A packet as routing sees it. */
struct route_question {
	struct addr source;         /* family 0: none */
	struct addr destination;
	int in;                     /* index of the device it arrives by; 0: sent by this machine */
	uint32_t mark;
	uint8_t protocol;           /* 0: unknown */
	bool has_ports;
	uint16_t source_port, destination_port;
};

struct route_answer {
	int error;                  /* negative errno: no route, refused or dropped; the rest is then empty */
	uint8_t type;               /* RTN_* */
	uint32_t table;
	int device;                 /* index */
	struct addr via;            /* family 0: none, the destination is on the link */
};

/* RTM_GETROUTE. The kernel's refusal is an answer. Of several equal ways it tells the packet's own only where it takes
 * the packet's protocol (ask_route_takes). */
void ask_route(struct kernel *k, const struct route_question *q, struct route_answer *out);
bool ask_route_takes(uint8_t family, uint8_t protocol);

/* Ports of protocols without them are not looked at. */
struct connection_question {
	struct addr source, destination;
	uint8_t protocol;
	uint16_t source_port, destination_port;
};

struct connection_answer {
	bool known;                 /* tracking has it */
	bool reply;                 /* the packet is one of the answering side */
	bool answered;              /* both sides have been seen */
	bool expected;              /* belongs to another one (related) */
	uint32_t mark;
};

/* The tracked connection that a packet with these ends belongs to, before address translation. 0, also where there is
 * none; -errno: the kernel cannot tell. */
int ask_connection(struct kernel *k, const struct connection_question *q, struct connection_answer *out) MUST_USE;

#endif
