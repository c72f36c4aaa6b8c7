/* SPDX-License-Identifier: MIT */
/* The program file is started anew and takes over (proxy.md 2.8). Over a SOCK_SEQPACKET pair the new master says `ready`,
 * the old one ends its part and says `go`. The new one is the child of whoever takes orphans in: systemd believes in a main
 * process whose parent it is, and cuts off any other at once when it is to stop. */
#ifndef NLBC_PROXY_UPGRADE_H
#define NLBC_PROXY_UPGRADE_H

#include "base/base.h"
#include "base/loop.h"

#include <sys/types.h>

struct master;

struct upgrade {
	struct master *master;
	char *program;                  /* the file that is started */
	pid_t pid;                      /* of the new master, which is no child of ours; 0: none */
	struct loop_fd process;         /* pidfd of it; -1: none */
	struct loop_fd pair;            /* to it, or, until `go`, to the one before us; -1: none */
	bool late;                      /* it was killed at the deadline */
	struct loop_timer deadline;
};

void upgrade_init(struct upgrade *u, struct master *m);
void upgrade_release(struct upgrade *u);
/* What keeps it from beginning is told. */
void upgrade_begin(struct upgrade *u);
bool upgrade_is_under_way(const struct upgrade *u);
/* Gives up the attempt, if there is one. */
void upgrade_cancel(struct upgrade *u);

/* We are the new one, and ready: says so over the pair and waits for `go`, which master_take_over hears. */
int upgrade_ready(struct upgrade *u, int pair) MUST_USE;

#endif
