/* SPDX-License-Identifier: MIT */
/* nlbc-bench: emulated servers and clients, to judge a proxy or an onion service by. The list of its parts, and the one
 * place that prints messages and exits. */
#include "base/base.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>

#include "base/out.h"
#include "bench/bench.h"

static const struct bench_command *const commands[] = {
	&bench_origin, &bench_fence, &bench_client, &bench_cpu, NULL,
};

static void usage(FILE *to)
{
	fputs("usage: nlbc-bench COMMAND [OPTIONS] [ARGUMENTS]\n\n", to);
	for (const struct bench_command *const *c = commands; *c; c++)
		fprintf(to, "  nlbc-bench %s %s\n", (*c)->name, (*c)->arguments);
	fputs("\nnlbc-bench COMMAND --help explains one; nlbc-bench(8) all.\n", to);
}

/* --seed, else the kernel's. */
static int seed(struct bench *b)
{
	if (bench_has(b, "seed"))
		return bench_read_number(b, "seed", UINT64_MAX, &b->chance.state);
	if (getrandom(&b->chance.state, sizeof(b->chance.state), 0) == sizeof(b->chance.state))
		return 0;
	diag_error(&b->diags, NULL, "kernel", "cannot get randomness: %s", strerror(errno));
	return -EIO;
}

static int show_help(const struct bench_command *c)
{
	auto_text struct text t = { 0 };

	bench_help(c, &t);
	fputs(text_get(&t), stdout);
	return 0;
}

/* Help where it is asked for before anything else is looked at; -1: it is not. */
static int help(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return failure_of("usage")->exit;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("nlbc-bench " NLBC_VERSION);
		return 0;
	}
	for (const struct bench_command *const *c = commands; *c && argc == 3 && strcmp(argv[2], "--help") == 0; c++)
		if (strcmp((*c)->name, argv[1]) == 0)
			return show_help(*c);
	return -1;
}

static int finish(struct bench *b, int code)
{
	auto_text struct text t = { 0 };
	const struct failure *worst = failure_worst(&b->diags, NULL);

	diags_print(&b->diags, DIAG_HUMAN, NULL, false, &t);
	fputs(text_get(&t), stderr);
	return worst ? worst->exit : code;
}

int main(int argc, char **argv)
{
	struct bench b = { .arena = arena_new(), .out = STDOUT_FILENO };
	int code = help(argc, argv);

	if (code < 0) {
		diags_init(&b.diags, b.arena);
		(void)signal(SIGPIPE, SIG_IGN);                 /* cannot fail for this signal */
		if (!bench_parse(&b, commands, argc, argv) && !seed(&b) && !bench_open_out(&b))
			code = b.command->run(&b);
		code = finish(&b, code);
	}
	arena_free(b.arena);
	return code;
}
