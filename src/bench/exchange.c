/* SPDX-License-Identifier: MIT */
/* nlbc-bench client tcp://: sends a text, reads exactly as many bytes as the reply must have, compares, again and again.
 * Sending and reading go on at the same time, so that replies larger than all buffers do not block each other. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/line.h"
#include "base/out.h"
#include "bench/client.h"
#include "bench/sockets.h"
#include "bench/times.h"
#include "base/loop.h"

enum { INPUT = 65536, FILE_LIMIT = 1 << 30 };

struct exchange {
	struct bench *bench;
	struct loop loop;
	struct endpoint to;
	struct loop_fd io;              /* fd -1: not connected */
	struct loop_timer timeout;
	struct str text, wanted;        /* sent; the reply */
	uint64_t most, piece, timeout_us;
	bool reconnect;
	uint64_t n, accurate, connections;
	uint64_t began_us;              /* of this exchange */
	size_t sent, received;
	int err;                        /* of the last exchange that was not accurate */
	struct times times;
	char input[INPUT];
};

static int connect_anew(struct exchange *x)
{
	x->io.fd = socket_connect(&x->to);
	x->connections += x->io.fd >= 0;
	return x->io.fd < 0 ? x->io.fd : loop_add(&x->loop, &x->io, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

static void disconnect(struct exchange *x)
{
	if (x->io.fd >= 0)
		(void)close(x->io.fd);
	x->io.fd = -1;
}

/* Bytes sent and read; < 0: the connection or the reply is wrong; 0: later. */
static ssize_t send_piece(struct exchange *x)
{
	if (x->sent == x->text.n)
		return 0;
	const ssize_t sent = send(x->io.fd, x->text.p + x->sent, (size_t)MIN((uint64_t)(x->text.n - x->sent), x->piece), MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN ? 0 : -errno;
	x->sent += (size_t)sent;
	return sent;
}

static ssize_t read_piece(struct exchange *x)
{
	const uint64_t room = MIN(x->piece, (uint64_t)INPUT);

	if (x->received == x->wanted.n)
		return 0;
	const ssize_t got = recv(x->io.fd, x->input, (size_t)MIN((uint64_t)(x->wanted.n - x->received), room), 0);

	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (got == 0)
		return -ECONNRESET;
	if (memcmp(x->input, x->wanted.p + x->received, (size_t)got) != 0)
		return -EBADMSG;
	x->received += (size_t)got;
	return got;
}

static void begin(struct exchange *x)
{
	x->sent = x->received = 0;
	x->began_us = clock_us();
	loop_timer_set(&x->loop, &x->timeout, x->began_us + x->timeout_us);
}

/* 0: accurate. */
static void end(struct exchange *x, int err)
{
	x->n++;
	x->accurate += err == 0;
	if (err)
		x->err = err;
	else
		times_add(&x->times, clock_us() - x->began_us);
	if (err || x->reconnect)
		disconnect(x);
	if (x->n == x->most)
		loop_stop(&x->loop);
	else
		begin(x);
}

/* As far as it goes without waiting. */
static void step(struct exchange *x)
{
	while (x->n < x->most) {
		const int err = x->io.fd < 0 ? connect_anew(x) : 0;

		if (err) {
			end(x, err);
			continue;
		}
		const ssize_t sent = send_piece(x);
		const ssize_t got = sent < 0 ? sent : read_piece(x);

		if (got < 0)
			end(x, (int)got);
		else if (x->sent == x->text.n && x->received == x->wanted.n)
			end(x, 0);
		else if (sent == 0 && got == 0)
			return;
	}
}

static void on_event(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct exchange *x = container_of(f, struct exchange, io);

	if (x->io.fd >= 0)
		step(x);
}

static void on_timeout(struct loop *l UNUSED, struct loop_timer *t)
{
	struct exchange *x = container_of(t, struct exchange, timeout);

	end(x, -ETIMEDOUT);
	step(x);
}

static int read_text(struct bench *b, const char *path, struct str *out)
{
	char *bytes;
	size_t n;
	const int err = read_file(path, FILE_LIMIT, &bytes, &n);

	if (err) {
		diag_error(&b->diags, NULL, "usage", "cannot read '%s': %s", path, strerror(-err));
		return err;
	}
	*out = (struct str){ arena_copy(b->arena, bytes, n), n };
	free(bytes);
	return 0;
}

/* What is sent, and what must come back. */
static int read_texts(struct exchange *x)
{
	static const char fixed58[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nHello, world!\n";
	struct bench *b = x->bench;
	const char *text = bench_value(b, "send"), *file = bench_value(b, "send-file"), *wanted = bench_value(b, "expect");

	if (!text == !file || !wanted) {
		diag_hint(&b->diags, diag_error(&b->diags, NULL, "usage", "tcp:// needs --send or --send-file, and --expect"),
			  "for example --send 'Hi from client' --expect fixed58");
		return -EINVAL;
	}
	x->text = text ? str_of(text) : (struct str){ 0 };
	if (file && read_text(b, file, &x->text))
		return -EINVAL;
	x->wanted = strcmp(wanted, "echo") == 0 ? x->text : STR(fixed58);
	if (strcmp(wanted, "echo") != 0 && strcmp(wanted, "fixed58") != 0 && read_text(b, wanted, &x->wanted))
		return -EINVAL;
	if (x->text.n && x->wanted.n)
		return 0;
	diag_error(&b->diags, NULL, "usage", "nothing to %s", x->text.n ? "expect" : "send");
	return -EINVAL;
}

static int read_options(struct exchange *x)
{
	struct bench *b = x->bench;

	x->most = 1;
	x->piece = INPUT;
	x->timeout_us = 10000000;
	x->reconnect = bench_has(b, "reconnect");
	if (bench_read_number(b, "exchanges", UINT64_C(1000000000), &x->most) || bench_read_size(b, "piece", &x->piece) ||
	    bench_read_time(b, "timeout", &x->timeout_us) || read_texts(x))
		return -EINVAL;
	if (x->most && x->piece && x->timeout_us)
		return 0;
	diag_error(&b->diags, NULL, "usage", "--%s must be more than 0", !x->most ? "exchanges" : !x->piece ? "piece" : "timeout");
	return -EINVAL;
}

static void report(struct exchange *x)
{
	auto_text struct text t = { 0 };

	times_sort(&x->times);
	line_begin(&t, "report");
	line_word(&t, "kind", "client");
	line_word_number(&t, "exchanges", x->n);
	line_word_number(&t, "accurate", x->accurate);
	times_word(&t, "mean_us", times_mean(&x->times));
	times_word(&t, "p99_us", times_quantile(&x->times, 990000));
	line_word_number(&t, "connections", x->connections);
	if (x->err)
		line_word(&t, "reason", x->err == -EBADMSG ? "the reply is another one" : strerror(-x->err));
	line_end(&t);
	(void)!bench_write(x->bench, &t);       /* explained; nothing follows */
}

int client_exchange(struct bench *b, const struct url *u)
{
	struct exchange *x = arena_one(b->arena, struct exchange);

	x->bench = b;
	x->io = (struct loop_fd){ -1, on_event };
	x->timeout.on_timer = on_timeout;
	if (read_options(x) || client_resolve(b, u, &x->to))
		return -1;
	int err = loop_init(&x->loop);

	if (!err) {
		begin(x);
		step(x);
		if (x->n < x->most)
			err = loop_run(&x->loop);
		disconnect(x);
		loop_release(&x->loop);
	}
	if (err)
		diag_error(&b->diags, NULL, "kernel", "cannot wait for events: %s", strerror(-err));
	else
		report(x);
	times_release(&x->times);
	return x->accurate < x->most ? failure_of("state")->exit : 0;
}
