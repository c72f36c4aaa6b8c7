/* SPDX-License-Identifier: MIT */
/* The proxies that run here, as they tell on their own control sockets: their part of the status where nlbcd does not run. */
#ifndef NLBC_CLI_PROXIES_H
#define NLBC_CLI_PROXIES_H

#include "cli/control.h"

#include <jansson.h>

struct arena;
struct invocation;

/* Where they may be: the socket that --socket or NLBC_SOCKET names; or every proxy-*.sock in the folder that it names, else in
 * /run/nlbc. A socket that is not there is none. */
struct proxy_places {
	const char **paths;             /* in byte order */
	size_t n;
	const char *where;              /* in a message */
	bool is_named;                  /* by itself, so it is meant, whatever it is */
	bool is_closed;                 /* we may not look whether there are any */
};
void proxies_find(struct invocation *v, struct arena *a, struct proxy_places *at);
/* control_open, for a socket that was found. -ENOENT also where the proxy serves another network namespace, unless it is
 * named. */
int proxies_open(struct invocation *v, const struct proxy_places *at, size_t i, struct control *c) MUST_USE;
/* A round of reports into `all`, an object like `proxies` of status. 0; -errno as of control_answer. */
int proxies_report(struct control *c, json_t *all) MUST_USE;

struct proxy_answer {
	json_t *proxies;                /* behind that socket; empty where it did not answer */
	int err;                        /* 0 or -errno */
};

/* All of them, asked one after the other. */
struct proxies {
	struct proxy_places at;
	struct proxy_answer *answers;   /* for each place */
	json_t *all;                    /* of two with one name the first */
	json_t *unreachable;            /* sockets where nobody answers */
};
/* 0; -EINTR: a signal asks to end. Whoever got 0 releases it. */
int proxies_ask(struct invocation *v, struct arena *a, struct proxies *p) MUST_USE;
void proxies_release(struct proxies *p);

/* Warns of sockets that may not be asked, or where nobody answers. */
void proxies_warn(struct invocation *v, const struct proxies *p);
/* Nobody answered, and somebody may not be asked. */
bool proxies_refuse(const struct proxies *p);
/* Nobody answered, though `what` needs one: unreachable, or permission. */
void proxies_tell_none(struct invocation *v, const struct proxies *p, const char *what);
/* Is it PROXY/NAME? False: explained. */
bool proxies_is_server(struct invocation *v, const char *name);
/* The server of this name; NULL: explained, with the nearest name. */
json_t *proxies_server(struct invocation *v, json_t *all, const char *name);

/* Puts them into a status: `proxies`, `unreachable`, and what they make of its `state`. */
void proxies_join(json_t *status, const struct proxies *p);
/* The status where the rest may not be looked at. */
json_t *proxies_alone(const struct proxies *p);

#endif
