/* SPDX-License-Identifier: MIT */
/* What the verbs of `nlbc weights` share: options, output files that are there whole or not at all, progress, signals. */
#ifndef NLBC_CLI_WEIGHTS_H
#define NLBC_CLI_WEIGHTS_H

#include "base/base.h"
#include "base/out.h"
#include "base/text.h"
#include "weights/inputs.h"
#include "weights/progress.h"
#include "weights/values.h"

#include <jansson.h>
#include <signal.h>

struct invocation;

/* ---- files: weights_files.c ---------------------------------------------------------------------------------------- */

enum { OUTPUTS = 8, HELD_SIGNALS = 2 };
struct output {
	const char *path;                /* as given */
	const char *target;              /* what is written in the end; NULL: standard output */
	const char *temporary;           /* NULL: written in place (a device, a pipe) */
	FILE *f;                         /* NULL: closed */
};
/* What a verb writes. Until outputs_keep() the old files stand as they are, and outputs_drop() leaves them so. */
struct outputs {
	struct invocation *v;
	struct output list[OUTPUTS];
	size_t n;
	json_t *files;                   /* names of what was kept */
	bool is_holding;                 /* a reader that has gone, or a limit of size, is an error and no end */
	struct sigaction was[HELD_SIGNALS];
};
/* Of files given as "-" at most one is read and one written (the latter not with -j), no file is written twice, and none that
 * is read but with --warm: 0, or -EINVAL explained. */
int files_check(struct invocation *v) MUST_USE;
/* Nothing is opened before all is known that is to be written. NULL: explained. */
FILE *outputs_open(struct outputs *o, struct invocation *v, const char *path);
/* Ends the file opened last; `err` is what writing it came to (0, -errno). 0, or -errno explained unless -EINTR. */
int outputs_close(struct outputs *o, int err) MUST_USE;
/* All take their places: 0, -errno explained. */
int outputs_keep(struct outputs *o) MUST_USE;
/* Leaves nothing new of what was not kept. */
void outputs_drop(struct outputs *o);

/* ---- options and runs: weights.c ----------------------------------------------------------------------------------- */

/* What options ask for makes no sense: told, with a hint unless that is NULL. Returns -EINVAL. */
int weights_refuse(struct invocation *v, const char *text, const char *hint) MUST_USE;
/* Whole number of an option, within its range: 0, or -EINVAL explained. Without the option *out stays. */
int weights_number(struct invocation *v, const char *name, uint64_t least, uint64_t most, uint64_t *out) MUST_USE;
/* Allows v->arena --memory, or three quarters of what is free here. 0, or -EINVAL explained. */
int weights_memory(struct invocation *v) MUST_USE;
/* The most memory that this process ever had. */
uint64_t weights_peak_bytes(void);
/* The options INPUTS and those that go with them; fills w but for needs_matrix. 0, or -EINVAL explained. */
int weights_inputs(struct invocation *v, struct inputs_wish *w) MUST_USE;
/* The row that weights_memory() reads. */
#define WEIGHTS_MEMORY { "memory", 0, "SIZE", false, "refuse what needs more (three quarters of what is free)" }
/* Rows of the options that weights_inputs() reads, for a command's table. */
#define WEIGHTS_INPUTS \
	{ "problem", 0, "FILE", false, "a problem file, in the place of relays, clients and penalties" }, \
	{ "relays", 0, "FILE", false, "a consensus, or relays as CSV or JSON" }, \
	{ "clients", 0, "FILE", false, "clients of each location, as `nlbc weights clients` writes them, or JSON" }, \
	{ "penalty", 0, "FILE", false, "penalties, as `nlbc weights penalty` writes them, or JSON" }, \
	{ "prefixes", 0, "FILE", false, "prefixes of ASes (pfx2as), for penalties by AS" }, \
	{ "location", 0, "FILE", false, "the same from the output of `location dump`" }, \
	{ "clusters", 0, "FILE", false, "locations to be merged, with loss" }, \
	{ "wgg", 0, "consensus/computed/exits/NUMBER", false, "part of a guard's weight for the first position" }, \
	{ "theta", 0, "NUMBER", false, "no relay is taken more than so many times as often as its share (5)" }, \
	{ "relcost", 0, "FILE", false, "relative cost of relays, in the place of their shares" }, \
	{ "guards", 0, "both/only", false, "only: relays that are guard and exit never take part" }, \
	{ "position", 0, "guard/exit", false, "which position is chosen (guard)" }, \
	{ "guard-result", 0, "RESULT", false, "with --position exit: the result for the guards" }, \
	{ "missing", 0, "error/worst", false, "relays without penalties: an error, or the worst value of each location" }, \
	{ "vuln", 0, "FILE", false, "number of vulnerable paths of relays, for objective max" }, \
	WEIGHTS_MEMORY, \
	{ "lenient", 0, NULL, false, "leave out malformed lines of data files, with a warning" }

/* A run of a verb: what is said, and who may stop it. Embedded; not to be moved while it runs. */
struct weights_run {
	struct invocation *v;
	struct progress progress;
	struct out said;                 /* for the summary: out_say() */
};
/* The summary goes to standard error if `aside`. */
void weights_run_init(struct weights_run *r, struct invocation *v, bool aside);
/* Ends reading: from now on a signal is only noted, for progress_check(), and progress is told. */
void weights_run_start(struct weights_run *r, const char *stage);
/* Stopped by a signal: true, told. */
bool weights_run_stopped(struct weights_run *r);
/* Ends writing, which came to `err` (0, -errno explained, -EINTR): unless it failed or a signal came, the files take their
 * places. 0, or -errno explained. */
int weights_run_keep(struct weights_run *r, struct outputs *o, int err) MUST_USE;
/* Ends a verb: the closing line of messages names the file that they are about. Returns `code`, for run(). */
int weights_told(struct invocation *v, int code);

/* New references: a whole number that may pass 2^53 is text. */
json_t *json_wide(wide n);
json_t *weights_warnings(struct invocation *v);

#endif
