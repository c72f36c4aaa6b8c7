/* SPDX-License-Identifier: MIT */
/* One epoll loop with timers. Nothing in a callback blocks; objects are embedded in their owner, container_of finds it.
 * Used by the proxy's master and workers, by the bench and by the controller. */
#ifndef NLBC_BASE_LOOP_H
#define NLBC_BASE_LOOP_H

#include "base/base.h"

#include <sys/epoll.h>

struct loop;

/* A descriptor in the loop. The owner sets fd and on_event, and closes fd. */
struct loop_fd {
	int fd;
	void (*on_event)(struct loop *l, struct loop_fd *f, uint32_t events);   /* of EPOLLIN, ... */
};

/* A moment. {0} with on_timer set is a timer that is not set. */
struct loop_timer {
	uint64_t at_us;                 /* monotonic; 0: not set */
	struct loop_timer *next, **back;   /* in a slot of the wheel; back NULL: in none */
	uint64_t slot;                  /* absolute number of the slot it waits in, never later than at_us asks */
	void (*on_timer)(struct loop *l, struct loop_timer *t);
};

/* Work at the end of a turn, after all events of it: the place to free what an event of the same turn may still name. */
struct loop_task {
	struct loop_task *next;
	bool queued;
	void (*run)(struct loop *l, struct loop_task *t);
};

enum { LOOP_SLOT_US = 8000, LOOP_SLOTS = 4096 };

struct loop {
	int epoll;
	uint64_t now_us;                /* CLOCK_MONOTONIC, read once per turn, after waiting */
	uint64_t turn;                  /* number of this one */
	bool stopped;
	struct loop_task *tasks, **last_task;
	struct epoll_event *events;     /* of this turn that are still to be told; NULL outside */
	int n_events;
	uint64_t slot;                  /* all slots before it have been gone through */
	uint64_t filled[LOOP_SLOTS / 64];   /* which slots hold timers */
	struct loop_timer *wheel[LOOP_SLOTS];
};

int loop_init(struct loop *l) MUST_USE;         /* 0, -errno; the loop must not be moved afterwards */
void loop_release(struct loop *l);              /* descriptors in it stay open, timers are forgotten */

/* Events as for epoll, EPOLLET included where it is wanted. 0, -errno. A closed descriptor leaves by itself, provided it
 * was not duplicated; an object may be freed only in a task, or when it had no event in this turn. */
int loop_add(struct loop *l, struct loop_fd *f, uint32_t events) MUST_USE;
int loop_change(struct loop *l, struct loop_fd *f, uint32_t events) MUST_USE;
void loop_remove(struct loop *l, struct loop_fd *f);     /* before it is closed; also takes back its event of this turn */

/* Calls on_timer once, at at_us or up to 20 ms later, never before. Setting a set timer moves it, and costs a store where
 * it moves to a later time. On_timer may set it again, set others and free its owner. */
void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t at_us);
void loop_timer_clear(struct loop_timer *t);    /* also one that is not set; before its owner is freed */
static inline bool loop_timer_is_set(const struct loop_timer *t) { return t->at_us != 0; }

/* Runs t at the end of this turn, once, in the order of asking; a task queued by a task runs in the same turn. */
void loop_later(struct loop *l, struct loop_task *t);

/* One turn: waits for at most max_wait_us (UINT64_MAX: as long as it takes), then events, timers, tasks. 0, -errno. */
int loop_turn(struct loop *l, uint64_t max_wait_us) MUST_USE;
/* Turns until loop_stop. 0, -errno. */
int loop_run(struct loop *l) MUST_USE;
void loop_stop(struct loop *l);

uint64_t clock_us(void);                        /* CLOCK_MONOTONIC, now */

#endif
