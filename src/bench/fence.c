/* SPDX-License-Identifier: MIT */
/* nlbc-bench fence: holds clients until a group is complete, then releases them in order: at once, one each period, or as
 * a Poisson stream. Whoever leaves before gives his place to the next one who comes. */
#include "base/base.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/line.h"
#include "bench/fence.h"
#include "bench/moments.h"
#include "bench/sockets.h"
#include "bench/words.h"

static const char seed_hello[] = "Thank you for connecting! Accepted", seed_ready[] = "Ready";

struct fence {
	struct bench *bench;
	struct loop loop;
	struct moments moments;
	struct loop_fd listener, signals;
	struct moment release;
	uint64_t n, every_us, rate_ppm;
	bool compat;
	struct fence_client **places;   /* of the group that gathers */
	uint64_t n_here;
	struct fence_client *due, **due_end;    /* complete groups, in the order of release */
};

struct fence_client {
	struct loop_fd io;              /* fd -1: gone */
	struct loop_task end;
	struct fence *fence;
	struct fence_client *next;
	uint64_t place;                 /* from 1 */
	bool is_due;
	struct endpoint address;
};

static void on_end(struct loop *l UNUSED, struct loop_task *t)
{
	free(container_of(t, struct fence_client, end));
}

static void say(const struct fence_client *c, const char *text)
{
	(void)!send(c->io.fd, text, strlen(text), MSG_NOSIGNAL);        /* so little always fits; who is gone needs none */
}

static void write_release(struct fence_client *c)
{
	auto_text struct text t = { 0 };
	char address[ENDPOINT_TEXT];

	epoch_add(&t);
	text_printf(&t, "%llu\t%s\n", (unsigned long long)c->place, endpoint_print(&c->address, address));
	if (bench_write(c->fence->bench, &t))
		loop_stop(&c->fence->loop);
}

static void release(struct fence_client *c)
{
	say(c, c->fence->compat ? seed_ready : "READY\n");
	(void)close(c->io.fd);
	c->io.fd = -1;
	write_release(c);
}

/* The first of those that are due and still there, then the time of the next. */
static void on_release(struct moments *m, struct moment *t)
{
	struct fence *f = container_of(t, struct fence, release);
	bool released = false;

	while (f->due && (!released || !(f->every_us || f->rate_ppm))) {
		struct fence_client *c = f->due;

		f->due = c->next;
		if (!f->due)
			f->due_end = &f->due;
		if (c->io.fd >= 0) {
			release(c);
			released = true;
		}
		loop_later(&f->loop, &c->end);
	}
	uint64_t gap_us = f->every_us;

	if (f->rate_ppm)
		gap_us = (uint64_t)(-log(1 - chance_unit(&f->bench->chance)) * 1e12 / (double)f->rate_ppm);
	if (released && gap_us)         /* also behind the last one: the next group keeps the distance */
		moments_set(m, t, t->at_us + gap_us);
}

static void on_client(struct loop *l, struct loop_fd *io, uint32_t events)
{
	struct fence_client *c = container_of(io, struct fence_client, io);
	struct fence *f = c->fence;

	if (io->fd < 0 || !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		return;
	(void)close(io->fd);
	io->fd = -1;
	if (c->is_due)
		return;
	f->places[c->place - 1] = NULL;
	f->n_here--;
	loop_later(l, &c->end);
}

static void complete_group(struct fence *f)
{
	for (uint64_t i = 0; i < f->n; i++) {
		struct fence_client *c = f->places[i];

		f->places[i] = NULL;
		c->is_due = true;
		c->next = NULL;
		*f->due_end = c;
		f->due_end = &c->next;
	}
	f->n_here = 0;
	if (!f->release.place)
		moments_set(&f->moments, &f->release, clock_us());
}

static void admit(struct fence *f, int fd)
{
	struct fence_client *c = calloc(1, sizeof(*c));
	auto_text struct text hello = { 0 };
	uint64_t place = 0;

	if (!c || f->bench->reader_gone) {
		free(c);
		(void)close(fd);
		return;
	}
	while (f->places[place])
		place++;
	*c = (struct fence_client){ .io = { fd, on_client }, .end.run = on_end, .fence = f, .place = place + 1 };
	socket_peer(fd, &c->address);
	line_begin(&hello, "hello");
	line_word(&hello, "kind", "fence");
	line_word_number(&hello, "place", c->place);
	line_word_number(&hello, "of", f->n);
	line_end(&hello);
	say(c, f->compat ? seed_hello : text_get(&hello));
	if (loop_add(&f->loop, &c->io, EPOLLIN | EPOLLRDHUP | EPOLLET)) {
		(void)close(fd);
		free(c);
		return;
	}
	f->places[place] = c;
	if (++f->n_here == f->n)
		complete_group(f);
}

static void on_connect(struct loop *l UNUSED, struct loop_fd *io, uint32_t events UNUSED)
{
	const int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		admit(container_of(io, struct fence, listener), fd);
}

static void on_signal(struct loop *l, struct loop_fd *f, uint32_t events UNUSED)
{
	(void)signals_take(f->fd);
	loop_stop(l);
}

static int read_options(struct fence *f, struct endpoint *listen)
{
	struct bench *b = f->bench;

	(void)!endpoint_parse(STR("127.0.0.1:12346"), listen);
	if (parse_uint(str_of(b->args[0]), &f->n) || f->n < 1 || f->n > 100000) {
		diag_error(&b->diags, NULL, "usage", "'%s' is no number of clients from 1 to 100000", b->args[0]);
		return -EINVAL;
	}
	if (bench_has(b, "every") && bench_has(b, "rate")) {
		diag_error(&b->diags, NULL, "usage", "--every and --rate exclude each other");
		return -EINVAL;
	}
	return bench_read_endpoint(b, "listen", listen) || bench_read_time(b, "every", &f->every_us) ||
			       bench_read_millionths(b, "rate", &f->rate_ppm) || bench_read_compat(b, &f->compat) ?
		       -EINVAL : 0;
}

static int start(struct fence *f)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	int err = loop_init(&f->loop);

	if (!err)
		err = moments_init(&f->moments, &f->loop);
	f->signals = (struct loop_fd){ signals_open(numbers, ARRAY_LEN(numbers)), on_signal };
	if (!err)
		err = f->signals.fd < 0 ? f->signals.fd : loop_add(&f->loop, &f->signals, EPOLLIN);
	return err ? err : loop_add(&f->loop, &f->listener, EPOLLIN);
}

static int run(struct bench *b)
{
	struct fence *f = arena_one(b->arena, struct fence);
	struct endpoint listen;

	f->bench = b;
	f->release.on_moment = on_release;
	f->due_end = &f->due;
	if (read_options(f, &listen))
		return -1;
	f->places = arena_array(b->arena, struct fence_client *, f->n);
	socket_raise_limit();
	f->listener = (struct loop_fd){ socket_listen_or_say(&listen, &b->diags), on_connect };
	if (f->listener.fd < 0)
		return -1;
	int err = start(f);

	if (!err)
		err = loop_run(&f->loop);
	if (err)
		diag_error(&b->diags, NULL, "kernel", "cannot wait for clients: %s", strerror(-err));
	for (uint64_t i = 0; i < f->n; i++)
		free(f->places[i]);
	for (struct fence_client *c = f->due, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	moments_release(&f->moments);
	return 0;
}

/* ---- the client's side ----------------------------------------------------------------------------------------- */

/* What comes, as text that ends with `end`. */
static int await_text(int fd, const char *end)
{
	char said[4096];
	size_t n = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const size_t n_end = strlen(end);

	while (n < sizeof(said)) {
		const ssize_t got = recv(fd, said + n, sizeof(said) - n, 0);

		if (got == 0)
			return -ECONNRESET;
		if (got < 0 && errno != EAGAIN)
			return -errno;
		if (got < 0 && poll(&p, 1, -1) < 0 && errno != EINTR)
			return -errno;
		n += got > 0 ? (size_t)got : 0;
		if (got > 0 && n >= n_end && memcmp(said + n - n_end, end, n_end) == 0)
			return 0;
	}
	return -EBADMSG;
}

int fence_await(struct bench *b, const struct endpoint *at, bool compat)
{
	auto_close int fd = socket_connect(at);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	char text[ENDPOINT_TEXT];
	int err = fd < 0 ? fd : 0;

	if (!err && poll(&p, 1, 60000) != 1)
		err = -ETIMEDOUT;
	if (!err)
		err = socket_error(fd);
	if (!err)
		err = await_text(fd, compat ? seed_ready : "READY\n");
	if (err)
		diag_error(&b->diags, NULL, "unreachable", "fence %s: %s", endpoint_print(at, text), strerror(-err));
	return err;
}

const struct bench_command bench_fence = {
	.name = "fence",
	.arguments = "N [--listen ADDRESS:PORT] [--every TIME | --rate R] [--out FILE] [--compat seed]",
	.help = "Holds N clients, and when all are there releases them in order: at once, one each TIME, or R per second as a\n"
		"Poisson stream. Each release is a line: time, place, address. Whoever comes later forms the next group.",
	.options = {
		{ "listen", "ADDRESS:PORT", false, "where clients come (127.0.0.1:12346)" },
		{ "every", "TIME", false, "release one client each TIME" },
		{ "rate", "R", false, "release R clients per second, by chance" },
		{ "out", "FILE", false, "append the lines to FILE" },
		{ "seed", "N", false, "where chance begins" },
		{ "compat", "seed", false, "speak as the seed's fence did" },
	},
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
