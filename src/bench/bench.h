/* SPDX-License-Identifier: MIT */
/* A part of nlbc-bench is a row: name, arguments, options, help, run. Help and the reading of the command line come from
 * the rows, which stand at the end of their files and are listed in main.c. */
#ifndef NLBC_BENCH_BENCH_H
#define NLBC_BENCH_BENCH_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/diag.h"
#include "core/group.h"

struct bench_option {
	const char *name;               /* without the hyphens */
	const char *value;              /* name of its value; NULL: a flag */
	bool many;                      /* may be given again */
	const char *help;
};

enum { BENCH_OPTIONS = 24 };

struct bench;

struct bench_command {
	const char *name;
	const char *arguments;
	const char *help;
	struct bench_option options[BENCH_OPTIONS];     /* ends with .name NULL */
	unsigned min_args, max_args;
	/* Results to standard output or --out, messages into b->diags; returns the exit code where there is no error among them. */
	int (*run)(struct bench *b);
};

extern const struct bench_command bench_origin, bench_fence, bench_client, bench_cpu;

struct bench_given {
	const char *name;
	const char *value;              /* NULL: a flag */
};

struct bench {
	const struct bench_command *command;    /* NULL: none was given */
	struct arena *arena;
	struct diags diags;
	const char **args;
	size_t n_args;
	struct bench_given *given;
	size_t n_given;
	int out;                        /* results: standard output, or --out once it is opened */
	bool reader_gone;               /* nobody reads the results any more: end in peace */
	struct chance chance;           /* from --seed, else from the kernel */
};

/* Sorts the words of the command line into b. 0, or -EINVAL explained. */
int bench_parse(struct bench *b, const struct bench_command *const *commands, int argc, char **argv) MUST_USE;
void bench_help(const struct bench_command *c, struct text *out);

bool bench_has(const struct bench *b, const char *option);
/* The (last) value; NULL: not given. */
const char *bench_value(const struct bench *b, const char *option);
/* An option's value as what it means; *value stays where it is not given. 0, or -EINVAL explained. */
int bench_read_time(struct bench *b, const char *option, uint64_t *us) MUST_USE;
int bench_read_size(struct bench *b, const char *option, uint64_t *bytes) MUST_USE;      /* with or without a unit */
int bench_read_number(struct bench *b, const char *option, uint64_t max, uint64_t *value) MUST_USE;
int bench_read_millionths(struct bench *b, const char *option, uint64_t *value) MUST_USE;
int bench_read_endpoint(struct bench *b, const char *option, struct endpoint *e) MUST_USE;
/* --compat seed. 0, or -EINVAL explained. */
int bench_read_compat(struct bench *b, bool *compat) MUST_USE;

/* Appends results to --out where it is given. 0, or -errno explained. */
int bench_open_out(struct bench *b) MUST_USE;
/* Writes at once, and clears the text. 0; -EPIPE: the reader is gone; other -errno explained. */
int bench_write(struct bench *b, struct text *t) MUST_USE;

#endif
