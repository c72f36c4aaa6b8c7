/* SPDX-License-Identifier: MIT */
/* The journal of one network namespace: what is in force, what was displaced for us, and what must be remembered
 * (packet.md section 13). Text, one record a line. It is no undo log: convergence needs none. */
#ifndef NLBC_APPLY_JOURNAL_H
#define NLBC_APPLY_JOURNAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "plan/item.h"
#include "plan/memory.h"

#include <signal.h>
#include <sys/stat.h>

/* A generation as `begin` records it. Texts are never NULL; "-" stands for none. */
struct generation {
	uint64_t number, from;          /* from: the one in force before, 0: none */
	const char *verb;               /* apply, flush, path, rollback */
	const char *profile, *role;
	const char *sum;                /* 12 digits of the profile's digest */
	const char *target, *by, *at;   /* nft; user; RFC 3339 UTC */
	long pid;
	const char *before;             /* 64 digits: the kernel as it was before the first change */
	struct kernel_conf kernel;      /* mask, bases, protocol */
	uint32_t rule_size;
};

/* When a path's counters began. */
struct counted_since {
	const char *path;
	const char *at;
};

/* What history tells of a generation, as long as the journal is kept. Texts as in struct generation. */
enum outcome { OUTCOME_UNFINISHED, OUTCOME_APPLIED, OUTCOME_UNCONFIRMED, OUTCOME_ROLLED_BACK };
struct past {
	uint64_t number;
	enum outcome outcome;
	const char *why;                /* rolled back: code of the first error; "-" */
	const char *verb, *profile, *role, *sum, *by, *at;
};

/* A generation that is rolled back unless somebody confirms it (trial.h). */
struct trial {
	uint64_t number;                /* 0: none */
	uint64_t to;                    /* the generation to go back to; 0: nothing was in force */
	uint64_t until_ms;              /* CLOCK_BOOTTIME */
	const char *before;             /* 64 digits: the kernel before the first change since `to` */
	bool save;                      /* once confirmed, it is the start-up profile */
	bool over;                      /* the roll-back has begun */
};

enum journal_end { JOURNAL_EMPTY, JOURNAL_DONE, JOURNAL_UNFINISHED };

struct journal {
	struct arena *arena;
	const char *dir;                /* state directory of this namespace */
	int lock_fd;                    /* -1: not locked */
	const char *boot, *netns;       /* head */
	enum journal_end end;
	struct generation now;          /* last begun; number 0: none, or the flush */
	struct generation in_force;     /* last done; number 0: none */
	uint64_t last;                  /* highest generation number ever given here */
	const char *done_sum;           /* the kernel's digest when it was done; NULL: none */
	const char *steer_sum;          /* the same over the nft items alone */
	const char *basis;              /* of what steering was made of (intent.h); NULL: not known */
	uint32_t nft_generation;        /* of the rule-set when it was done; 0: unknown */
	struct memory memory;
	struct displaced *displaced;
	size_t n_displaced, displaced_room;
	struct counted_since *since;
	size_t n_since, since_room;
	struct trial trial;
	struct past *history;           /* by rising number; see history.h */
	size_t n_history, history_room;
	const char *undone;             /* the record of the roll-back that led here; NULL: none; not read again */
	struct stat file;               /* as it was read; st_ino 0: there was none */
};

enum { GENERATIONS_KEPT = 20 };         /* files gen/N.json */

struct journal_place {
	const char *state_dir;
	const char *netns, *boot;       /* the namespace's cookie, the boot id */
	const volatile sig_atomic_t *interrupted;       /* ends the wait for the lock; may be NULL */
};

/* Reads the journal below `state_dir` for the namespace with this cookie. A missing one is empty. One of another boot
 * is set aside as journal.old (only with `change`); its numbers, hand settings and history are kept, nothing else. With
 * `change` the directory is made and the lock is taken first, waiting up to 10 s (then code "busy"). 0, or -errno
 * explained in d. */
int journal_open(struct journal *j, const struct journal_place *place, bool change, struct arena *a,
		 struct diags *d) MUST_USE;
void journal_close(struct journal *j);          /* gives the lock back */
/* Somebody has written it since it was read, or is at work on what it says is begun: what was read of the kernel may
 * belong to no generation. For those who took no lock. */
bool journal_moves(const struct journal *j);

/* Appends with one write and, if `sync`, fdatasync. 0, -errno. */
int journal_append(struct journal *j, const struct text *lines, bool sync) MUST_USE;
/* Writes the file anew to what still matters: temporary file, fdatasync, rename, directory sync. 0, -errno. */
int journal_rewrite(struct journal *j) MUST_USE;

/* What is in force now is kept in a file beside, as what a trial goes back to; read again, with the same arena. A reader
 * finds all but lock and history. 0, -errno. */
int journal_set_aside(struct journal *j) MUST_USE;
int journal_read_aside(const struct journal *j, struct journal *out) MUST_USE;
void journal_drop_aside(const struct journal *j);

/* NULL: not known. `near`: where in the list it probably stands. */
const char *journal_since(const struct journal *j, const char *path, size_t near);
void journal_set_since(struct journal *j, const char *path, const char *at);   /* texts are pointed at */

/* Records as text, to be gathered into one append. `begin` is followed by all that is remembered. */
void journal_put_begin(const struct generation *g, const struct memory *m, struct text *out);
/* Only what a member's state changes: found states and lists. */
void journal_put_states(const struct memory *m, struct text *out);
void journal_put_displaced(const struct displaced *list, size_t n, struct text *out);
/* Our values of settings that were displaced before and are about to get another one. */
void journal_put_rewritten(const struct displaced *list, size_t n, struct text *out);
void journal_put_trial(const struct trial *t, struct text *out);
/* The whole file: what still matters. */
void journal_put_all(const struct journal *j, struct text *out);

/* The generation's file gen/N.json: written (the last 20, the one in force and the one to go back
 * to are kept), read. Caller frees *bytes. 0, -errno. */
int journal_save_generation(struct journal *j, uint64_t number, const struct text *bytes) MUST_USE;
bool journal_has_generation(const struct journal *j, uint64_t number);
int journal_load_generation(const struct journal *j, uint64_t number, char **bytes, size_t *n) MUST_USE;

#endif
