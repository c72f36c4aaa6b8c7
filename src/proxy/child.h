/* SPDX-License-Identifier: MIT */
/* A worker process as its master sees it: started, spoken to over its pair, watched by its heartbeat, started again when it
 * dies. Its service is told what it says and how it ended. */
#ifndef NLBC_PROXY_CHILD_H
#define NLBC_PROXY_CHILD_H

#include "base/base.h"
#include "base/loop.h"

#include <sys/resource.h>
#include <sys/types.h>

struct service;

enum child_state { CHILD_NONE, CHILD_STARTING, CHILD_READY, CHILD_LEAVING };

struct child {
	struct service *service;
	unsigned number;
	enum child_state state;
	pid_t pid;                      /* 0: none */
	struct loop_fd pair;            /* -1: none */
	uint64_t started_us;
	uint64_t heartbeat;             /* as last seen */
	unsigned still;                 /* looks in a row at which it had not moved */
	unsigned deaths;                /* in a row, without a minute of life */
	struct loop_timer again;
	unsigned cut;                   /* connections, as it said at its end */
	bool killed;                    /* by us */
};

void child_init(struct child *c, struct service *s, unsigned number);
/* 0, -errno. */
int child_start(struct child *c) MUST_USE;
/* One line without its line feed; fd goes along unless it is -1. A worker that does not read is told nothing more; its
 * heartbeat will be missed. */
void child_send(struct child *c, const char *line, int fd);
void child_kill(struct child *c);
/* Each second; true: its heartbeat moved, or there is none to move. A worker that stands still for 10 s is killed. */
bool child_watch(struct child *c);
/* It was reaped: the rest of what it said, and its end. */
void child_ended(struct child *c, int status, const struct rusage *used);
/* It is not started again. */
void child_forget(struct child *c);
/* How long to wait before it is started again, after this many deaths in a row. */
uint64_t child_delay_us(unsigned deaths);

#endif
