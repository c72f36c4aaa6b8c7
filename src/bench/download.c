/* SPDX-License-Identifier: MIT */
/* nlbc-bench client: waits for the fence, downloads, and writes what came in each interval. One connection, one thing at a
 * time, so it simply waits with poll. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/line.h"
#include "base/loop.h"
#include "base/out.h"
#include "bench/client_answer.h"
#include "bench/client.h"
#include "bench/fence.h"
#include "bench/sockets.h"
#include "bench/socks.h"
#include "bench/times.h"
#include "bench/words.h"

enum { INPUT = 65536 };

struct download {
	struct bench *bench;
	const struct url *url;
	struct endpoint to;             /* the server, or the SOCKS proxy */
	bool by_socks, compat, has_size;
	uint64_t size, interval_us, timeout_us;
	int fd;
	uint64_t began_us, requested_us, first_us;      /* 0: not yet */
	uint64_t interval, interval_bytes;      /* number of the interval that runs, from 1; bytes in it */
	const char *why;                /* what went wrong */
	struct client_answer answer;
	struct http_head head;
	char input[INPUT];
};

/* ---- lines ----------------------------------------------------------------------------------------------------- */

/* The interval that ends now or ended length_us after its beginning. */
static int write_interval(struct download *d, uint64_t length_us)
{
	auto_text struct text t = { 0 };
	const uint64_t since_us = (d->interval - 1) * d->interval_us + length_us;

	epoch_add(&t);
	if (d->compat)
		size_add(&t, (double)d->answer.bytes * 1e6 / ((double)since_us + 1e6));
	else
		text_printf(&t, "%" PRIu64, (uint64_t)((double)d->interval_bytes * 1e6 / (double)length_us));
	text_putc(&t, '\n');
	d->interval_bytes = 0;
	return bench_write(d->bench, &t);
}

/* Those intervals that are over. */
static int write_intervals(struct download *d)
{
	for (; d->requested_us && clock_us() >= d->requested_us + d->interval * d->interval_us; d->interval++) {
		const int err = write_interval(d, d->interval_us);

		if (err)
			return err;
	}
	return 0;
}

static int write_last(struct download *d)
{
	const uint64_t from_us = d->requested_us + (d->interval - 1) * d->interval_us;
	const uint64_t now_us = clock_us();

	return d->requested_us && now_us > from_us ? write_interval(d, now_us - from_us) : 0;
}

/* ---- waiting --------------------------------------------------------------------------------------------------- */

/* Until there is something, or silence has lasted too long; lines are written meanwhile. 0, -ETIMEDOUT, -EPIPE. */
static int await(struct download *d, short events)
{
	const uint64_t deadline_us = clock_us() + d->timeout_us;
	struct pollfd p = { .fd = d->fd, .events = events };

	for (uint64_t now_us = clock_us(); now_us < deadline_us; now_us = clock_us()) {
		const uint64_t line_us = d->requested_us ? d->requested_us + d->interval * d->interval_us : deadline_us;
		const uint64_t until_us = MIN(line_us, deadline_us);
		const uint64_t wait_us = until_us > now_us ? until_us - now_us : 0;
		const struct timespec wait = { (time_t)(wait_us / 1000000), (long)(wait_us % 1000000 * 1000) };
		const int n = ppoll(&p, 1, &wait, NULL);

		if (n < 0 && errno != EINTR)
			return -errno;
		const int err = write_intervals(d);

		if (err || n > 0)
			return err;
	}
	return -ETIMEDOUT;
}

static int send_all(struct download *d, const char *p, size_t n)
{
	while (n > 0) {
		const ssize_t sent = send(d->fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return -errno;
		if (sent > 0) {
			p += sent;
			n -= (size_t)sent;
		}
		const int err = sent < 0 ? await(d, POLLOUT) : 0;

		if (err)
			return err;
	}
	return 0;
}

/* > 0: so many bytes; 0: the peer has ended; -errno. */
static ssize_t receive(struct download *d, char *p, size_t n)
{
	for (;;) {
		const ssize_t got = recv(d->fd, p, n, 0);

		if (got >= 0 || errno != EAGAIN)
			return got < 0 ? -errno : got;
		const int err = await(d, POLLIN);

		if (err)
			return err;
	}
}

/* ---- stages ---------------------------------------------------------------------------------------------------- */

static int connect_to(struct download *d)
{
	d->fd = socket_connect(&d->to);
	if (d->fd < 0)
		return d->fd;
	const int err = await(d, POLLOUT);

	return err ? err : socket_error(d->fd);
}

/* Byte by byte, so that nothing of the answer is taken. */
static int await_socks(struct download *d, int (*reader)(const char *p, size_t n, const char **why))
{
	char reply[SOCKS_REPLY];
	size_t n = 0;

	while (n < sizeof(reply)) {
		const ssize_t got = receive(d, reply + n, 1);

		if (got <= 0)
			return got < 0 ? (int)got : -ECONNRESET;
		n++;
		const int done = reader(reply, n, &d->why);

		if (done)
			return done < 0 ? done : 0;
	}
	return -EPROTO;
}

static int pass_socks(struct download *d)
{
	char request[SOCKS_REQUEST];
	int err = send_all(d, socks_hello, sizeof(socks_hello));

	if (!err)
		err = await_socks(d, socks_hello_read);
	if (!err)
		err = send_all(d, request, socks_request(d->url, request));
	return err ? err : await_socks(d, socks_reply_read);
}

static int ask(struct download *d)
{
	auto_text struct text request = { 0 };

	url_request(d->url, true, &request);
	d->requested_us = clock_us();
	return send_all(d, text_get(&request), request.n);
}

static int take_answer(struct download *d)
{
	while (!d->answer.ended) {
		const uint64_t before = d->answer.bytes;
		const ssize_t got = receive(d, d->input, INPUT);

		if (got <= 0)
			return got < 0 ? (int)got : client_answer_end(&d->answer);
		if (!d->first_us)
			d->first_us = clock_us();
		if (client_answer_take(&d->answer, &d->head, d->input, (size_t)got) < 0)
			return -EBADMSG;
		d->interval_bytes += d->answer.bytes - before;
		const int err = write_intervals(d);

		if (err)
			return err;
	}
	return 0;
}

static int download(struct download *d)
{
	d->began_us = clock_us();
	int err = connect_to(d);

	if (!err && d->by_socks)
		err = pass_socks(d);
	if (!err)
		err = ask(d);
	if (!err)
		err = take_answer(d);
	if (d->fd >= 0)
		(void)close(d->fd);
	return err;
}

/* ---- reports --------------------------------------------------------------------------------------------------- */

static void judge(struct download *d, int err)
{
	if (!err && (d->answer.status < 200 || d->answer.status > 299))
		d->why = "the server answered with another status than success";
	else if (!err && d->has_size && d->answer.bytes != d->size)
		d->why = "the size is another one";
	else if (err && !d->why)
		d->why = err == -EBADMSG ? "the answer is not valid HTTP" : strerror(-err);
}

static int report(struct download *d)
{
	auto_text struct text t = { 0 };
	const uint64_t total_us = clock_us() - d->began_us;
	const uint64_t rate = (uint64_t)((double)d->answer.bytes * 1e6 / (double)MAX(total_us, (uint64_t)1));

	line_begin(&t, "report");
	line_word(&t, "kind", "client");
	line_word_number(&t, "bytes", d->answer.bytes);
	times_word(&t, "connect_us", d->requested_us ? (int64_t)(d->requested_us - d->began_us) : -1);
	times_word(&t, "first_us", d->first_us ? (int64_t)(d->first_us - d->began_us) : -1);
	line_word_number(&t, "total_us", total_us);
	line_word_number(&t, "bytes_per_second", rate);
	line_word_number(&t, "ok", d->why ? 0 : 1);
	if (d->why)
		line_word(&t, "reason", d->why);
	line_end(&t);
	/* The lines may go to a file; the report is for whoever started the client. */
	if (!bench_has(d->bench, "out"))
		return bench_write(d->bench, &t);
	fputs(text_get(&t), stdout);
	return 0;
}

static int read_options(struct download *d, uint64_t *count)
{
	struct bench *b = d->bench;
	int err = 0;

	d->interval_us = 1000000;
	d->timeout_us = 60000000;
	d->has_size = bench_has(b, "size");
	d->by_socks = bench_has(b, "socks");
	if (bench_read_compat(b, &d->compat) || bench_read_size(b, "size", &d->size) ||
	    bench_read_number(b, "count", UINT64_C(1000000000), count) || bench_read_time(b, "interval", &d->interval_us) ||
	    bench_read_time(b, "timeout", &d->timeout_us) || bench_read_endpoint(b, "socks", &d->to))
		return -EINVAL;
	if (d->interval_us == 0 || d->timeout_us == 0) {
		diag_error(&b->diags, NULL, "usage", "--%s must be more than 0", d->timeout_us ? "interval" : "timeout");
		return -EINVAL;
	}
	if (!d->by_socks)
		err = client_resolve(b, d->url, &d->to);
	return err;
}

int client_download(struct bench *b, const struct url *u)
{
	struct download *d = arena_one(b->arena, struct download);
	struct endpoint fence;
	uint64_t count = 1, good = 0, n;

	d->bench = b;
	d->url = u;
	if (read_options(d, &count) || bench_read_endpoint(b, "fence", &fence))
		return -1;
	if (bench_has(b, "fence") && fence_await(b, &fence, d->compat))
		return -1;
	for (n = 0; n < count && !b->reader_gone && !b->diags.n_errors; n++) {
		d->requested_us = d->first_us = d->interval_bytes = 0;
		d->interval = 1;
		d->why = NULL;
		client_answer_init(&d->answer);
		judge(d, download(d));
		if (write_last(d) || report(d))
			break;
		good += !d->why;
	}
	client_answer_release(&d->answer);
	return good < count && !b->reader_gone ? failure_of("state")->exit : 0;
}
