/* SPDX-License-Identifier: MIT */
/* A stream socket of lines. It never blocks but in poll, so that a peer that hangs costs its time and no more. */
#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cli/control.h"
#include "cli/look.h"

enum {
	ANSWER_US = 5 * 1000000,        /* a peer silent for so long is taken as gone */
	STEP_MS = 10,                   /* between two tries to get into a full queue */
};

/* ---- connecting --------------------------------------------------------------------------------------------------- */

static bool is_interrupted(const struct control *c)
{
	return c->interrupted && *c->interrupted;
}

/* Until the descriptor is ready. 1; 0: not by then; -errno. */
static int await(const struct control *c, short events, int64_t until_us)
{
	struct pollfd p = { .fd = c->fd, .events = events };

	for (;;) {
		const int64_t left_us = until_us - look_clock_us();

		if (is_interrupted(c))
			return -EINTR;
		const int n = poll(&p, 1, left_us > 0 ? (int)MIN((left_us + 999) / 1000, (int64_t)INT32_MAX) : 0);

		if (n > 0 || (n == 0 && left_us <= 0))
			return n > 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int connect_to(struct control *c, const char *path, int64_t until_us)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const size_t n = strlen(path);

	if (n >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, n);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -errno;
	while (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		if (errno == EINTR && !is_interrupted(c))
			continue;
		if (errno != EAGAIN)            /* the listener's queue is full */
			return -errno;
		if (look_clock_us() >= until_us)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, STEP_MS);
	}
	return 0;
}

static void keep(char *to, size_t room, struct str s)
{
	const size_t n = MIN(s.n, room - 1);

	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = 0;
}

static void keep_error(struct control *c, const struct line *l)
{
	keep(c->code, sizeof(c->code), line_get(l, "code"));
	keep(c->text, sizeof(c->text), line_get(l, "text"));
}

int control_hello(struct control *c)
{
	auto_text struct text hello = { 0 };

	line_begin(&hello, "hello");
	line_word_number(&hello, "grammar", 1);
	line_word(&hello, "kind", "command");
	line_word(&hello, "name", "nlbc");
	line_word(&hello, "version", NLBC_VERSION);
	line_word_number(&hello, "pid", (uint64_t)getpid());
	line_end(&hello);
	return control_send(c, &hello);
}

static int exchange_hellos(struct control *c, int64_t until_us)
{
	struct line l;
	int err = control_hello(c);

	if (err && err != -EPIPE)
		return err;
	err = control_next(c, &l, until_us);
	if (err <= 0)
		return err ? err : -ETIMEDOUT;
	if (str_is(l.verb, "error")) {
		keep_error(c, &l);
		return strcmp(c->code, "permission") == 0 ? -EACCES : -EPROTO;
	}
	keep(c->netns, sizeof(c->netns), line_get(&l, "netns"));
	return str_is(l.verb, "hello") && line_is(&l, "grammar", "1") ? 0 : -EPROTO;
}

int control_open(struct control *c, const char *path, const volatile sig_atomic_t *interrupted)
{
	const int64_t until_us = look_clock_us() + ANSWER_US;

	*c = (struct control){ .fd = -1, .interrupted = interrupted };
	int err = connect_to(c, path, until_us);

	if (!err)
		err = exchange_hellos(c, until_us);
	if (err)
		control_close(c);
	return err;
}

void control_close(struct control *c)
{
	static const char bye[] = "bye reason=done\n";

	if (c->fd < 0)
		return;
	(void)send(c->fd, bye, sizeof(bye) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);   /* the end says the same */
	(void)close(c->fd);
	c->fd = -1;
}

/* ---- talking ------------------------------------------------------------------------------------------------------ */

void control_order(struct control *c, const char *what, struct text *out)
{
	line_begin(out, "order");
	line_word_number(out, "seq", ++c->seq);
	line_word(out, "do", what);
}

int control_send(struct control *c, const struct text *lines)
{
	const int64_t until_us = look_clock_us() + ANSWER_US;

	for (size_t sent = 0; sent < lines->n;) {
		const ssize_t n = send(c->fd, lines->p + sent, lines->n - sent, MSG_NOSIGNAL);

		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		const int ready = await(c, POLLOUT, until_us);

		if (ready <= 0)
			return ready ? ready : -ETIMEDOUT;
	}
	return 0;
}

/* What has come into the reader, which has room: it gave no line. 0; -errno. */
static int receive(struct control *c)
{
	char bytes[LINE_BYTES];
	const ssize_t n = recv(c->fd, bytes, sizeof(c->in.bytes) - c->in.n, 0);

	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	(void)line_reader_add(&c->in, bytes, (size_t)n);
	return 0;
}

int control_next(struct control *c, struct line *l, int64_t until_us)
{
	struct str s;

	for (;;) {
		const int there = line_reader_next(&c->in, &s);

		if (there < 0)
			return -EPROTO;
		if (there > 0)
			return line_parse(s, l, NULL) == 0 ? 1 : -EPROTO;
		int err = await(c, POLLIN, until_us);

		if (err <= 0)
			return err;
		err = receive(c);
		if (err)
			return err;
	}
}

int control_answer(struct control *c, void (*on_line)(void *to, const struct line *l), void *to)
{
	const int64_t until_us = look_clock_us() + ANSWER_US;
	struct line l;

	for (;;) {
		const int came = control_next(c, &l, until_us);
		uint64_t seq = 0;

		if (came < 0)
			return came;
		if (came == 0 || look_clock_us() >= until_us)   /* also one that never stops talking */
			return -ETIMEDOUT;
		const bool is_mine = line_number(&l, "seq", &seq) == 0 && seq == c->seq;

		if (is_mine && str_is(l.verb, "ok"))
			return 0;
		if (str_is(l.verb, "error")) {
			keep_error(c, &l);
			return -EREMOTEIO;
		}
		if (str_is(l.verb, "bye"))
			return -ECONNRESET;
		if (on_line)
			on_line(to, &l);
	}
}
