/* SPDX-License-Identifier: MIT */
/* The master: one process that never touches a client's byte. It reads the profile, opens listeners, starts and watches
 * workers, and moves from one edition to the next (proxy.md section 2). */
#ifndef NLBC_PROXY_MASTER_H
#define NLBC_PROXY_MASTER_H

#include "base/base.h"
#include "base/loop.h"
#include "proxy/control.h"
#include "proxy/handover.h"
#include "proxy/listen.h"
#include "proxy/notify.h"
#include "proxy/upgrade.h"

struct event;
struct edition;
struct line;
struct options;
struct out;

enum master_state { MASTER_STARTING, MASTER_SERVING, MASTER_STOPPING };

struct master {
	const struct options *options;
	struct out *out;                /* what is wrong with a profile is printed there */
	struct arena *arena;            /* lives as long as the program */
	struct loop loop;
	struct loop_fd signals;
	struct loop_timer tick;         /* every second */
	struct loop_timer deadline;     /* of the workers that are to become ready, and of the end */
	struct notify notify;
	struct control control;
	struct text refusal;            /* why the last reload was refused: its first error */
	uint64_t files;                 /* that a process may open */
	struct listeners given;         /* by systemd, or by the master before */
	struct handover handover;       /* by that one */
	struct upgrade upgrade;
	enum master_state state;
	struct edition *current;     /* serves; NULL: not yet */
	struct edition *next;        /* its workers are starting */
	struct edition *retired;     /* drain, or end: a list */
	uint64_t seconds;               /* ticks so far */
	uint64_t address_seed;          /* of all pages; 0: not yet known */
	bool moved;                     /* all heartbeats, in some second since the last WATCHDOG=1 */
	bool reload_again;              /* asked for while a start or a reload was under way */
	bool cutting;                   /* asked to stop twice */
	unsigned cut;                   /* connections, while stopping */
	int exit_code;
};

/* Runs until it is asked to stop, or cannot begin: the program's exit code. */
int master_run(const struct options *o, struct out *out);

/* An event, to standard error and to whoever listens. */
void master_tell(struct master *m, const struct event *e);
void master_pass_on(struct master *m, const char *proxy, const struct line *said);     /* an event that a worker says */

/* Called by services: a worker waits in its loop; a worker ended (true: it is to be started again). */
void master_child_ready(struct master *m, struct edition *g);
bool master_child_died(struct master *m, struct edition *g);
bool master_is_leaving(const struct master *m, const struct edition *g);     /* its workers end by our wish */

bool master_is_busy(const struct master *m);    /* not serving, or a reload or an upgrade is under way */

/* At an upgrade. The next master is ready: our part ends, workers drain. The one before has ended: ours begins. */
void master_hand_over(struct master *m);
void master_take_over(struct master *m);

/* Orders, also by signals. */
int master_reload(struct master *m);            /* 0: begun; -EBUSY: another is under way; -EINVAL: the profile is wrong */
int master_reopen(struct master *m);            /* 0, -errno of the first log that could not be opened */
void master_stop(struct master *m);             /* the second time: at once */

#endif
