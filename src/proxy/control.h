/* SPDX-License-Identifier: MIT */
/* The control socket and the controller that --report names: hello, reports, events, orders (proxy.md section 3). */
#ifndef NLBC_PROXY_CONTROL_H
#define NLBC_PROXY_CONTROL_H

#include "base/base.h"
#include "base/loop.h"
#include "base/text.h"

#include <sys/types.h>

struct master;
struct peer;

struct control {
	struct master *master;
	char *path;                     /* NULL: no socket */
	struct loop_fd listener;        /* -1: none */
	bool deaf;                      /* it is left alone until the next second */
	const char *report;             /* where the controller listens; NULL: none */
	struct peer *reporter;          /* the link to it; NULL: not now */
	struct peer *peers;             /* a list, that link among them */
	size_t n_peers;
	uint64_t netns;                 /* the cookie of our network namespace; 0: not known */
	int64_t gid_change, gid_read;   /* of the groups nlbc and nlbc-ro; -1: there is none */
};

/* 0, -ENAMETOOLONG: nobody can listen where it is to report. */
int control_init(struct control *c, struct master *m, const char *report) MUST_USE;
/* Listens at this path, which nobody else may be listening at; who connects waits until control_serve. 0, -errno. */
int control_listen(struct control *c, const char *path) MUST_USE;
/* Goes on with a socket that listens at this path already. */
void control_adopt(struct control *c, int fd, const char *path);
int control_serve(struct control *c) MUST_USE;  /* 0, -errno */
/* Everybody is told why; `keep_path`: somebody else listens there now. */
void control_end(struct control *c, const char *reason, bool keep_path);

void control_tell(struct control *c, const struct text *event);         /* to all who have said hello */
void control_second(struct control *c);         /* reports; silent peers go */
/* The reload that was ordered has ended. code NULL: well. */
void control_reloaded(struct control *c, const char *code, const char *text);

#endif
