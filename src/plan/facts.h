/* SPDX-License-Identifier: MIT */
/* What only the machine can tell: the questions a profile asks of it (plan), and the answers (target/facts.c). Without
 * answers (compile) devices go by their profile names and everything is taken to be well. */
#ifndef NLBC_PLAN_FACTS_H
#define NLBC_PLAN_FACTS_H

#include "base/addr.h"
#include "base/diag.h"

struct arena;
struct interface;
struct machine;
struct text;

enum fact_by { FACT_DEVICE, FACT_ADDRESS, FACT_TOWARD };

struct fact_interface {
	/* question */
	const char *name;           /* of the profile's interface */
	struct place place;         /* where device, address or toward is given */
	enum fact_by by;
	struct addr address;
	bool is_path;               /* a path leaves by it */
	bool auto_gateway;          /* a path of it has `via auto` */
	/* answer; device is part of the question with FACT_DEVICE */
	const char *device;         /* unresolved: the profile name */
	int ifindex;                /* 0: unknown */
	bool absent;                /* no such device any more: only with facts.kept */
	bool admin_up;              /* IFF_UP */
	bool carrier;               /* IFF_LOWER_UP */
	int rp_filter;              /* max(all, device) */
	struct addr gateway4, gateway6;   /* of the system's default route on this device, ours left out; family 0: none */
};

/* A next hop written in the profile. */
struct fact_hop {
	/* question */
	const char *path;
	struct place place;         /* of the address */
	const struct fact_interface *interface;
	struct addr hop;
	/* answer */
	bool own_address;           /* an address of this machine ... */
	const char *own_device;     /* ... on this device */
	bool off_link;              /* on no network of the device: a warning */
	bool main_elsewhere;        /* main reaches it by another device */
};

struct facts {
	bool resolved;              /* the answers are there */
	struct fact_interface *interfaces;   size_t n_interfaces;   /* in the order of machine->interfaces */
	struct fact_hop *hops;               size_t n_hops;
	uint8_t route_protocol;     /* question: routes of this protocol are ours and do not count */
	bool kept;                  /* question: of a profile that was applied; its devices may have gone since */
	bool forwarding4, forwarding6;       /* answer: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding */
};

/* The questions of this machine's profile, unanswered: resolved false, devices set to profile names (or to the device
 * where it is given), up, with carrier, rp_filter 0. */
struct facts *facts_ask(const struct machine *m, struct arena *a);
struct fact_interface *facts_interface(const struct facts *f, const char *name);
/* The answers that steering depends on, one interface a line: for equal texts the same profile steers the same. */
void facts_print(const struct facts *f, struct text *out);
/* The place of an interface among the machine's, and of its answers among the facts'. */
size_t facts_index(const struct machine *m, const struct interface *i);

#endif
