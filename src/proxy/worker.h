/* SPDX-License-Identifier: MIT */
/* A worker: one process, one epoll loop, one proxy. The master forks it, gives it all it needs, and speaks to it. */
#ifndef NLBC_PROXY_WORKER_H
#define NLBC_PROXY_WORKER_H

#include "base/base.h"

struct page;
struct proxy_conf;
struct tls_listener;
struct tls_server;

/* Both speak over a SOCK_SEQPACKET pair, one line of base/line.h a packet, without its line feed:
 *     worker to master   ready | event kind=… … (section 3) | failing server=N | trial server=N good=0/1
 *     master to worker   drain | stop (drain, idle clients closed at once) | cut | look (the page changed)
 *                        reset server=N (`down` by hand: connections and tunnels to it) | log (with a descriptor, or none) |
 *                        keys bytes=HEX
 * The end of the pair is the master's end: drain. Who drains first accepts what waits in its listeners, then closes them:
 * they may be the last ones of an endpoint. Servers are counted from 0, in the order written. Signals are ignored. */
struct worker_setup {
	const char *profile;                    /* its label, for sticky clients */
	const struct proxy_conf *conf;
	unsigned number;
	const int *listeners;                   /* non-blocking, listening */
	size_t n_listeners;
	struct page *page;
	int master;                             /* the pair's end */
	int log;                                /* opened for appending; -1: none */
	struct tls_listener *tls;               /* NULL: plain */
	struct tls_server *const *tls_servers;  /* one for each server, NULL among them: plain */
	uint32_t max_connections;               /* this worker's part */
	uint64_t seed;                          /* of chance */
	bool verbose;
};

/* Runs until it is drained or cut. The process's exit code: 0, or 3 if connections were cut; *cut: how many. Descriptors
 * and memory are not given back: the process ends. */
int worker_run(const struct worker_setup *s, unsigned *cut);

#endif
