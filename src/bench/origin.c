/* SPDX-License-Identifier: MIT */
/* nlbc-bench origin: one process, any number of emulated servers. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/line.h"
#include "bench/origin.h"
#include "bench/sockets.h"

/* What bodies are made of: lines that hold their own offset, so that a piece in the wrong place shows. */
static int make_pattern(struct origin *o)
{
	static const char digits[] = "0123456789abcdef";

	o->pattern = memfd_create("pattern", MFD_CLOEXEC);
	if (o->pattern < 0 || ftruncate(o->pattern, ORIGIN_PATTERN) < 0)
		return -errno;
	char *p = mmap(NULL, ORIGIN_PATTERN, PROT_READ | PROT_WRITE, MAP_SHARED, o->pattern, 0);

	if (p == MAP_FAILED)
		return -errno;
	for (size_t at = 0; at < ORIGIN_PATTERN; at += 16) {
		size_t offset = at;

		for (size_t i = 15; i-- > 0; offset /= 16)
			p[at + i] = digits[offset % 16];
		p[at + 15] = '\n';
	}
	o->pattern_bytes = p;
	return 0;
}

static void report(struct origin *o)
{
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < o->n; i++)
		origin_server_report(&o->servers[i], &t);
	(void)!bench_write(o->bench, &t);       /* who no longer reads the reports may still want the servers */
}

static int say_hello(struct origin *o)
{
	auto_text struct text t = { 0 };
	char address[ENDPOINT_TEXT];

	for (size_t i = 0; i < o->n; i++) {
		line_begin(&t, "hello");
		line_word(&t, "kind", "origin");
		line_word(&t, "name", o->servers[i].conf.name);
		line_word(&t, "address", endpoint_print(&o->servers[i].address, address));
		line_end(&t);
	}
	return bench_write(o->bench, &t);
}

static void on_signal(struct loop *l, struct loop_fd *f, uint32_t events UNUSED)
{
	struct origin *o = container_of(f, struct origin, signals);

	for (int number = signals_take(f->fd); number; number = signals_take(f->fd)) {
		if (number == SIGUSR1)
			report(o);
		else
			loop_stop(l);
	}
}

static int watch_signals(struct origin *o)
{
	static const int numbers[] = { SIGUSR1, SIGINT, SIGTERM };

	o->signals = (struct loop_fd){ signals_open(numbers, ARRAY_LEN(numbers)), on_signal };
	return o->signals.fd < 0 ? o->signals.fd : loop_add(&o->loop, &o->signals, EPOLLIN);
}

static int start(struct origin *o)
{
	struct diags *d = &o->bench->diags;
	int err = loop_init(&o->loop);

	if (!err)
		err = moments_init(&o->moments, &o->loop);
	if (!err)
		err = watch_signals(o);
	if (!err)
		err = make_pattern(o);
	if (err) {
		diag_error(d, NULL, "kernel", "cannot start: %s", strerror(-err));
		return err;
	}
	o->start_us = clock_us();
	for (size_t i = 0; i < o->n; i++) {
		err = origin_server_start(&o->servers[i], o, d);
		if (err)
			return err;
	}
	return say_hello(o);
}

static void release(struct origin *o)
{
	for (size_t i = 0; i < o->n; i++)
		origin_server_release(&o->servers[i]);
	(void)munmap((void *)o->pattern_bytes, ORIGIN_PATTERN);
	(void)close(o->pattern);
	(void)close(o->signals.fd);
	moments_release(&o->moments);
	loop_release(&o->loop);
}

/* Two servers of one name could not be told apart by X-Origin. */
static bool is_named_twice(const struct origin *o, size_t i)
{
	const char *name = o->servers[i].spec.conf.name;

	for (size_t k = 0; k < i && *name; k++)
		if (strcmp(o->servers[k].spec.conf.name, name) == 0)
			return true;
	return false;
}

static int run(struct bench *b)
{
	struct origin *o = arena_one(b->arena, struct origin);

	o->bench = b;
	o->servers = arena_array(b->arena, struct origin_server, b->n_args);
	for (; o->n < b->n_args; o->n++) {
		struct origin_server *s = &o->servers[o->n];

		s->listener.fd = s->record = -1;
		if (spec_parse(b->args[o->n], &s->spec, b->arena, &b->diags))
			return -1;
		if (is_named_twice(o, o->n)) {
			diag_error(&b->diags, NULL, "usage", "two servers are named '%s'", s->spec.conf.name);
			return -1;
		}
	}
	socket_raise_limit();
	if (start(o) == 0) {
		const int err = loop_run(&o->loop);

		if (err)
			diag_error(&b->diags, NULL, "kernel", "cannot wait for events: %s", strerror(-err));
		report(o);
	}
	release(o);
	return 0;
}

const struct bench_command bench_origin = {
	.name = "origin",
	.arguments = "[--seed N] SPEC...",
	.help = "Emulates servers until it is told to stop. SPEC is ADDRESS:PORT[,key=value]... with the keys name, latency,\n"
		"scale, slots, reply, keep, fail, share, record, and at=TIME:key=value for what changes later; nlbc-bench(8)\n"
		"explains them. SIGUSR1 asks for a report.",
	.options = { { "seed", "N", false, "where chance begins; else the kernel chooses" } },
	.min_args = 1,
	.max_args = 10000,
	.run = run,
};
