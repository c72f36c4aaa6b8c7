/* SPDX-License-Identifier: MIT */
/* A verb is a row: name, arguments, options, help, run. Help, dispatch, completion and the manual's check come from the
 * rows, which stand at the end of each cmd_*.c and are listed in main.c. A name may have two words ("weights solve"): its
 * family is then all rows with that first word, which stand together. */
#ifndef NLBC_CLI_COMMAND_H
#define NLBC_CLI_COMMAND_H

#include "apply/session.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/out.h"
#include "profile/profile.h"

#include <signal.h>

struct invocation;
struct plan;

struct option_row {
	const char *name;               /* without the hyphens */
	char letter;                    /* 0: none */
	const char *value;              /* name of its value: FILE, TIME, or choices: human/gcc/json; NULL: a flag */
	bool many;                      /* may be given again */
	const char *help;
};

enum { COMMAND_OPTIONS = 32 };

struct command {
	const char *name;               /* one word, or two */
	const char *arguments;          /* synopsis without the options, "" if none */
	const char *help;               /* one paragraph */
	struct option_row options[COMMAND_OPTIONS];     /* ends with .name NULL */
	unsigned min_args, max_args;
	bool changes;                   /* a signal is heeded between stages, not at once */
	bool lasts;                     /* a signal ends it at its own time: it waits for something */
	bool usual;                     /* shown by `nlbc` alone */
	bool hidden;
	/* Results through v->out, messages into v->diags; returns the exit code where there is no error among them. */
	int (*run)(struct invocation *v);
};

extern const struct command *const commands[];          /* NULL-terminated, in the order of help */
extern const struct option_row global_options[];        /* ends with .name NULL */
const struct command *command_find(const char *name);   /* NULL: none */
/* Rows whose name begins with this word and has a second one. */
bool command_is_family(const char *word);
/* The second word of a row of that family, NULL for other rows. */
const char *command_in_family(const struct command *c, const char *family);
/* The first words of all verbs that are not hidden, each once; or, with a family, its second words. At most COMMAND_WORDS. */
enum { COMMAND_WORDS = 64 };
size_t command_words(const char *family, struct arena *a, const char **words);

struct given_option {
	const struct option_row *row;
	const char *value;              /* NULL: a flag */
};

struct invocation {
	const struct command *command;  /* NULL: none was given */
	const char *family;             /* without a command: the first word of two, or NULL */
	struct arena *arena;
	struct diags diags;
	struct out out;
	const char **args;
	size_t n_args;
	const struct given_option *given;
	size_t n_given;
	const char *file;               /* set by run: the profile the messages are about; NULL: none */
	bool diags_shown;               /* set by run: it has shown the messages itself (check) */
	bool reader_gone;               /* set by run: nobody reads the results any more, and that is all right */
	bool rolled_back;               /* set by run: the error was undone, this generation is in force (0: none) */
	uint64_t generation;
	const char *state_dir;          /* NLBC_STATE_DIR or NULL */
	const char *role;               /* --role, or NLBC_ROLE, or NULL */
	const volatile sig_atomic_t *interrupted;
};

/* Whether an option was given, and its (last) value. */
bool option_given(const struct invocation *v, const char *name);
const char *option_value(const struct invocation *v, const char *name);

/* Sorts the words of the command line into v: global options, verb, options, arguments. 0, or -EINVAL explained. */
int invocation_parse(struct invocation *v, int argc, char **argv) MUST_USE;
/* `name [--opt VALUE]…`, the row's first help line. */
void command_synopsis(const struct command *c, struct text *out);
/* The same in at most a line: `name [OPTIONS]` where they are too many. */
void command_brief(const struct command *c, struct text *out);

/* From now on a signal to end is only noted, in *interrupted; a second one ends the process. main does so for verbs that
 * change something or wait; others may begin later. */
void cli_watch_signals(void);

/* The profile of the first argument, read and checked for the target of --target; NULL: explained. */
const struct profile *cli_read(struct invocation *v, const char *file);
/* The machine of the role that is meant here (profile.md section 2): --role, NLBC_ROLE, the only one; with `s` also the
 * only one that fits this namespace, then the one named like the host. NULL: explained, listing the roles. */
const struct machine *cli_machine(struct invocation *v, const struct profile *p, struct session *s);
/* What is kept of `what` ("generation 3") is applied as it was: --target and --role must not say otherwise. 0, -EINVAL
 * explained. */
int cli_check_kept(struct invocation *v, const struct machine *m, const char *what) MUST_USE;
/* 0, or -errno explained. */
int cli_open(struct invocation *v, struct session *s, bool change) MUST_USE;
/* cli_open to change something: what was not confirmed in time is rolled back first, with a warning. */
int cli_open_settled(struct invocation *v, struct session *s) MUST_USE;
/* Closes where a trial may have ended: its guardian ends, too. */
void cli_close(struct session *s);
/* The status (apply/status.h) with its proxies, by a session of its own whose memory, and that of *p and of messages' places,
 * is arena a. Only the parts that are wanted are sure to be filled; who may not look at the packet part gets his proxies
 * alone, with a warning. The caller gives the reference back. NULL: explained. */
enum { STATUS_PACKETS = 1, STATUS_PROXIES = 2, STATUS_ALL = 3 };
json_t *cli_status(struct invocation *v, struct arena *a, unsigned parts, const struct plan **p);
/* The parts that a PATH of status_get needs. */
unsigned cli_status_parts(const char *path);
/* For verbs that take no lock: a change went on while they read, so the session is closed, and they begin again. Not for
 * ever: who changes without end is not waited for. */
bool cli_reads_again(struct session *s, int tries);

#endif
