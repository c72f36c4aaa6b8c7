/* SPDX-License-Identifier: MIT */
/* The profile as it was read once, with all that was made for it: listeners and services. A reload makes a new one, which
 * takes over what stays; the old one lives until its workers have ended. */
#ifndef NLBC_PROXY_EDITION_H
#define NLBC_PROXY_EDITION_H

#include "base/arena.h"
#include "base/base.h"
#include "base/diag.h"
#include "profile/profile.h"
#include "proxy/listen.h"

struct master;
struct service;

struct edition {
	struct arena *arena;            /* everything below, the messages too */
	struct diags diags;
	const struct machine *machine;
	struct listeners listeners;
	struct service **services;      /* in the order written */
	size_t n;
	uint64_t kill_us;               /* draining: those still there then are killed */
	struct edition *next;        /* of those that drain */
};

/* Reads the profile and makes all but the workers; `before` (NULL: none) lends listeners, states and counts. NULL: it
 * cannot be served, and `told` says why: it is printed either way, warnings too. *exit_code is then the program's. */
struct edition *edition_new(struct master *m, const struct edition *before, int *exit_code);
/* Its workers have ended, or it has had none: counts are kept in the tallies. */
void edition_free(struct edition *g);
/* Closes its listeners but those that `keep` (NULL: none) has, too. */
void edition_close(struct edition *g, const struct edition *keep);
/* It serves from now on: health checks begin. */
void edition_serve(struct edition *g);
/* An event for each endpoint that came or left. */
void edition_tell_listeners(struct master *m, const struct edition *before, const struct edition *now);
/* What is known of its servers, once more: things happened since it was made. */
void edition_take_over(struct edition *g, const struct edition *before);
/* Its workers are to end; none is started again. */
void edition_leave(struct edition *g);
void edition_kill(struct edition *g);

bool edition_is_ready(const struct edition *g);   /* every worker waits in its loop */
bool edition_is_empty(const struct edition *g);   /* no worker is left */
struct service *edition_find(const struct edition *g, struct str name);
/* One line to all workers. */
void edition_send(struct edition *g, const char *line);

#endif
