/* SPDX-License-Identifier: MIT */
/* Devices, addresses and routes of the namespace as the kernel tells them; read only. */
#ifndef NLBC_TARGET_SEEN_H
#define NLBC_TARGET_SEEN_H

#include "base/addr.h"
#include "target/kernel.h"

struct arena;

struct seen_device {
	int index;
	const char *name;
	unsigned flags;             /* IFF_* */
};

struct seen_address {
	int index;                  /* of the device */
	struct addr addr;
	struct prefix net;          /* of the peer where there is one */
};

/* One way of a route: several where it is multipath. */
struct seen_hop {
	int index;                  /* 0: none (blackhole and the like) */
	struct addr via;            /* family 0: none */
	uint8_t flags;              /* RTNH_F_* */
};

struct seen_route {
	uint8_t family, protocol, type, scope, tos;
	uint32_t table, metric;
	struct prefix to;
	uint32_t nexthop_id;        /* 0: no next-hop object */
	struct seen_hop hop;        /* the only or first way */
	bool multipath;
	bool special;               /* has more than nlbc ever asks for: preferred source, metrics, source prefix */
	const struct nlmsghdr *message;
};

struct seen_devices { struct seen_device *list; size_t n, room; };
struct seen_addresses { struct seen_address *list; size_t n, room; };
struct seen_routes { struct seen_route *list; size_t n, room; struct answer answer; };

/* 0, -errno. Arrays live in the arena. */
int seen_devices(struct kernel *k, struct arena *a, struct seen_devices *out) MUST_USE;
int seen_addresses(struct kernel *k, struct arena *a, struct seen_addresses *out) MUST_USE;
/* Routes of a family; table 0: all tables, protocol 0: all protocols. A table that does not exist, or a family the
 * kernel has not, has none. Release out with answer_release(&out->answer): messages stay good until then. */
int seen_routes(struct kernel *k, uint8_t family, uint32_t table, uint8_t protocol, struct arena *a,
		struct seen_routes *out) MUST_USE;
/* The ways of a route; at most `room`, returns how many there are. */
size_t seen_hops(const struct seen_route *r, struct seen_hop *hops, size_t room);

/* `static`, `kernel`, ...; a number where the protocol has no name. */
const char *seen_protocol(uint8_t protocol, char buf[8]);

#endif
