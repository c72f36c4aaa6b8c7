/* SPDX-License-Identifier: MIT */
/* The process that waits for a trial's end: detached from the command that started it and from its terminal and login,
 * it holds what to go back to in memory. confirm.sock in the state directory of the namespace wakes it, so that it looks
 * at the journal; TERM makes it go back at once; other signals are ignored. */
#ifndef NLBC_APPLY_GUARDIAN_H
#define NLBC_APPLY_GUARDIAN_H

#include "apply/session.h"

struct way_back;

struct guardian {
	int work_fd;                    /* held open by the command while it is at work; 0: none, or closed */
	int life_fd;                    /* its end comes with the guardian's; 0: none, or closed */
};

/* Before the first change: starts the guardian of the generation that this session will make. It does nothing before the
 * command gives up the lock or dies. If the command dies half-way, it goes back. 0; -errno explained; then none runs. */
int guardian_start(struct guardian *g, const struct session *s, uint64_t number, const struct way_back *w,
		   struct diags *d) MUST_USE;
/* The command is done, whatever came of it. */
void guardian_leave(struct guardian *g);
/* Until the guardian has ended. 0, -EINTR (by the flag). */
int guardian_wait(struct guardian *g, const volatile sig_atomic_t *interrupted) MUST_USE;
/* Calls the guardian that runs, if any, to look at the journal once the lock is given back; guardian_await returns when it
 * has looked, and has ended where its trial has. */
int guardian_call(const struct journal *j) MUST_USE;
void guardian_await(int call);

#endif
