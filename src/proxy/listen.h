/* SPDX-License-Identifier: MIT */
/* The listening sockets of all proxies: one for each endpoint and worker, kept open by the master as long as the profile
 * has the endpoint. Sets are made new at a reload and share the descriptors of endpoints that stay. */
#ifndef NLBC_PROXY_LISTEN_H
#define NLBC_PROXY_LISTEN_H

#include "base/addr.h"
#include "base/base.h"
#include "base/diag.h"

struct arena;

enum { LISTEN_BACKLOG = 4096, LISTEN_SOCKETS = 64 };    /* the sockets of an endpoint: as many as a proxy may have workers */

struct listening {
	struct endpoint at;
	int fds[LISTEN_SOCKETS];
	size_t n;
	bool given;                     /* by systemd: no socket can join it */
};
struct listeners {
	struct listening *list;
	size_t n;
};

struct listen_wish {
	struct endpoint at;
	unsigned workers;
	bool http;
	const struct place *place;
};

/* Those that systemd passed to this process (LISTEN_FDS), which are then out of the environment. */
void listeners_given(struct listeners *l, struct arena *a);
/* All that is wished for: sockets of `before` where it has the endpoint, new ones otherwise. 0; -1: d says why, and nothing
 * was opened. */
int listeners_open(struct listeners *l, const struct listeners *before, const struct listen_wish *wishes, size_t n,
		   struct arena *a, struct diags *d) MUST_USE;
/* Closes what is not in `keep` (NULL: everything). */
void listeners_close(const struct listeners *l, const struct listeners *keep);

const struct listening *listeners_find(const struct listeners *l, const struct endpoint *at);
/* Does worker w of this many serve socket k of n? Every socket has a worker, and every worker a socket. */
bool listen_serves(size_t k, size_t n, unsigned w, unsigned workers);

#endif
