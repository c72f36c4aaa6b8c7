/* SPDX-License-Identifier: MIT */
/* What one master hands to the next at an upgrade (proxy.md 2.8): listeners, control socket and shared pages by descriptor,
 * and in lines what is known of the servers. */
#ifndef NLBC_PROXY_HANDOVER_H
#define NLBC_PROXY_HANDOVER_H

#include "base/base.h"
#include "base/addr.h"
#include "core/health.h"
#include "proxy/listen.h"
#include "proxy/tally.h"

struct arena;
struct master;
struct page;
struct service;

/* A page whose workers are not our children: they drain, or have ended already. Its counts go on. */
struct inherited {
	struct inherited *next;
	int fd;
	struct page *page;
	const char *proxy;
	uint64_t until_us;              /* whoever writes to it then has stopped */
	uint64_t *cpu_us;               /* of each worker, as last seen; then what was used before */
	uint64_t cpu_before_us;
	struct {
		const char *name;
		struct endpoint address;
		struct tally *tally;    /* NULL: the profile has no such server now */
	} *servers;
	struct tally *tally;            /* NULL: the profile has no such proxy now */
};

struct inherited_state {
	struct inherited_state *next;
	const char *proxy, *name;
	struct endpoint address;
	struct health_member member;
	bool weighed;
	uint32_t weight;
};

struct inherited_keys {
	struct inherited_keys *next;
	const char *proxy, *coded;      /* tickets' keys, base64 */
};

struct handover {
	bool taken;                     /* there was one */
	int pair;                       /* to the master before */
	struct listeners listeners;
	int control;                    /* -1: none */
	const char *control_path;
	struct inherited *pages;
	struct inherited_keys *keys;
	struct inherited_state *states;
};

/* The descriptors that the lines name. */
struct handover_fds {
	int *list;
	size_t room, n;
	size_t made;                    /* the first of them: made for this, to be closed once they are handed over */
};
/* For the next master: a memfd of lines, or -errno. The list is the caller's in either case. */
int handover_write(const struct master *m, struct handover_fds *fds) MUST_USE;
/* By the environment variable NLBC_PROXY_HANDOVER, if it is there. 0, -errno: it cannot be read. */
int handover_read(struct handover *h, struct arena *a) MUST_USE;
extern const char handover_variable[];

/* The states and counts of a service that takes over. */
void handover_apply(struct handover *h, struct service *s);
void handover_release(struct handover *h);
/* Adds all pages to the tallies; those that nobody writes to any more are kept there, and forgotten. */
void handover_count(struct handover *h, uint64_t now_us);

#endif
