/* SPDX-License-Identifier: MIT */
/* nlbc-bench cpu: a line each interval with what the processors did, of the machine and of processes. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/loop.h"
#include "bench/bench.h"
#include "bench/sockets.h"
#include "bench/usage.h"
#include "bench/words.h"

enum { PIDS = 64 };

struct watched {
	pid_t pid;
	bool alive;
	uint64_t ticks;
};

struct cpu {
	struct bench *bench;
	bool compat;
	uint64_t interval_us, count;
	char host[HOST_NAME_MAX + 1];
	struct watched watched[PIDS];
	size_t n_watched;
	struct machine_usage machine;
	uint64_t read_us;
	int signals;
};

static int fail(struct cpu *c, int err)
{
	diag_error(&c->bench->diags, NULL, "kernel", "cannot read /proc: %s", strerror(-err));
	return err;
}

/* Percent of one processor since the last line. */
static void add_watched(struct cpu *c, const struct process_usage *list, size_t n, uint64_t passed_us, struct text *t)
{
	const double hertz = (double)sysconf(_SC_CLK_TCK);

	for (size_t i = 0; i < c->n_watched; i++) {
		struct watched *w = &c->watched[i];
		const uint64_t before = w->ticks;

		w->alive = process_usage_tree(list, n, w->pid, &w->ticks);
		const uint64_t used = w->ticks > before ? w->ticks - before : 0;

		text_printf(t, "\t%d:", (int)w->pid);
		if (w->alive)
			text_printf(t, "%.1f", 100.0 * (double)used / hertz / ((double)passed_us / 1e6));
		else
			text_putc(t, '-');
	}
}

/* What is counted from now on, and into t what was since the last time. */
static int take(struct cpu *c, struct text *t)
{
	const struct machine_usage before = c->machine;
	const uint64_t from_us = c->read_us;
	auto_free struct process_usage *list = NULL;
	size_t n = 0;
	int err = machine_usage_read(&c->machine);

	c->read_us = clock_us();
	if (!err && c->n_watched)
		err = process_usage_read(&list, &n);
	if (err)
		return fail(c, err);
	if (c->compat) {
		text_printf(t, "%.1f\n", machine_usage_percent(&before, &c->machine));
		return 0;
	}
	epoch_add(t);
	text_printf(t, "%s\t%.1f", c->host, machine_usage_percent(&before, &c->machine));
	add_watched(c, list, n, MAX(c->read_us - from_us, (uint64_t)1), t);
	text_putc(t, '\n');
	return 0;
}

/* Until then; true: asked to stop. */
static bool wait_until(const struct cpu *c, uint64_t at_us)
{
	struct pollfd p = { .fd = c->signals, .events = POLLIN };

	for (uint64_t now_us = clock_us(); now_us < at_us; now_us = clock_us()) {
		const uint64_t wait_us = at_us - now_us;
		const struct timespec wait = { (time_t)(wait_us / 1000000), (long)(wait_us % 1000000 * 1000) };

		if (ppoll(&p, 1, &wait, NULL) > 0)
			return true;
	}
	return false;
}

/* A process of another user counts too: its times may be read. */
static bool is_process(const char *text, pid_t *pid)
{
	uint64_t number;

	if (parse_uint(str_of(text), &number) || number < 1 || number > INT_MAX)
		return false;
	*pid = (pid_t)number;
	return kill(*pid, 0) == 0 || errno == EPERM;
}

static int read_pids(struct cpu *c)
{
	struct bench *b = c->bench;

	for (size_t i = 0; i < b->n_given; i++) {
		if (strcmp(b->given[i].name, "pid") != 0)
			continue;
		if (c->n_watched == PIDS)
			diag_error(&b->diags, NULL, "usage", "more than %d processes", PIDS);
		else if (!is_process(b->given[i].value, &c->watched[c->n_watched++].pid))
			diag_error(&b->diags, NULL, "usage", "there is no process '%s'", b->given[i].value);
		if (b->diags.n_errors)
			return -EINVAL;
	}
	return 0;
}

/* The seed's file, unless another is given. */
static int open_compat(struct cpu *c)
{
	char name[sizeof(c->host) + 16];

	if (!c->compat || bench_has(c->bench, "out"))
		return 0;
	(void)snprintf(name, sizeof(name), "cpu_usage.txt %s", c->host);
	c->bench->out = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (c->bench->out >= 0)
		return 0;
	diag_error(&c->bench->diags, NULL, errno == EACCES ? "permission" : "kernel", "cannot write '%s': %s", name, strerror(errno));
	return -EIO;
}

static int watch(struct cpu *c)
{
	auto_text struct text t = { 0 };
	uint64_t next_us = clock_us();
	int err = take(c, &t);          /* where counting begins: no line */

	for (uint64_t n = 0; !err && n < c->count; n++) {
		next_us += c->interval_us;
		if (wait_until(c, next_us))
			break;
		text_clear(&t);
		err = take(c, &t);
		if (!err)
			err = bench_write(c->bench, &t);
	}
	return 0;
}

static int run(struct bench *b)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	struct cpu *c = arena_one(b->arena, struct cpu);

	*c = (struct cpu){ .bench = b, .interval_us = 1000000, .count = UINT64_MAX };
	if (bench_read_time(b, "interval", &c->interval_us) || bench_read_number(b, "count", UINT64_MAX, &c->count) ||
	    bench_read_compat(b, &c->compat) || read_pids(c))
		return -1;
	if (c->interval_us == 0) {
		diag_error(&b->diags, NULL, "usage", "--interval must be more than 0");
		return -1;
	}
	if (gethostname(c->host, sizeof(c->host) - 1) < 0)
		c->host[0] = 0;
	if (open_compat(c))
		return -1;
	c->signals = signals_open(numbers, ARRAY_LEN(numbers));
	return c->signals < 0 ? fail(c, c->signals) : watch(c);
}

const struct bench_command bench_cpu = {
	.name = "cpu",
	.arguments = "[--interval TIME] [--count N] [--pid PID]... [--out FILE] [--compat seed]",
	.help = "Writes a line each interval: time, host, percent of all processors in use, and PID:PERCENT of each process named,\n"
		"with its children, where 100 is one processor.",
	.options = {
		{ "interval", "TIME", false, "how often (1s)" },
		{ "count", "N", false, "so many lines; else until it is told to stop" },
		{ "pid", "PID", true, "this process and its children, too" },
		{ "out", "FILE", false, "append the lines to FILE" },
		{ "compat", "seed", false, "bare numbers into the file 'cpu_usage.txt HOST'" },
	},
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
