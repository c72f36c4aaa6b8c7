/* SPDX-License-Identifier: MIT */
/* play serve: a server that tells in each answer which request it is for, in its head and all through its body. A strict
 * reader: it ends, and with it what is going on, at the first request that is not as it should be. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "soak.h"
#include "strict.h"

enum { SMALL_BODY = 100, LARGE_BODY = 100000, LARGE_EVERY = 97, CHUNKED_EVERY = 5, CHUNK = 5000 };

struct line {
	struct loop_fd fd;
	struct text in, out;
	size_t sent;
};

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619;
	return h;
}

void soak_body(struct str target, struct text *out)
{
	const size_t n = hash(target) % LARGE_EVERY ? SMALL_BODY : LARGE_BODY;

	while (out->n < n)
		text_add(out, target.p, target.n);
}

void soak_answer(struct str target, struct text *out)
{
	auto_text struct text body = {0};

	soak_body(target, &body);
	text_printf(out, "HTTP/1.1 200 OK\r\nX-Id: %.*s\r\n", (int)target.n, target.p);
	if (hash(target) % CHUNKED_EVERY) {
		text_printf(out, "Content-Length: %zu\r\n\r\n", body.n);
		text_add(out, body.p, body.n);
		return;
	}
	text_puts(out, "Transfer-Encoding: chunked\r\n\r\n");
	for (size_t at = 0; at < body.n; at += CHUNK) {
		const size_t n = MIN((size_t)CHUNK, body.n - at);
		text_printf(out, "%zx\r\n", n);
		text_add(out, body.p + at, n);
		text_puts(out, "\r\n");
	}
	text_puts(out, "0\r\n\r\n");
}

static void line_close(struct line *c)
{
	(void)close(c->fd.fd);
	c->fd.fd = -1;
	text_release(&c->in);
	text_release(&c->out);
}

static void line_answer(struct line *c)
{
	struct strict r;
	ssize_t n;

	while ((n = strict_read(&r, text_get(&c->in), c->in.n)) > 0) {
		soak_answer(r.target, &c->out);
		memmove(c->in.p, c->in.p + n, c->in.n - (size_t)n);
		c->in.n -= (size_t)n;
	}
	errno = 0;
	if (n < 0)
		die("%s: %.*s", r.why, (int)c->in.n, text_get(&c->in));
	while (c->sent < c->out.n) {
		const ssize_t done = send(c->fd.fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
		if (done < 0)
			return;
		c->sent += (size_t)done;
	}
	text_clear(&c->out);
	c->sent = 0;
}

static void on_line(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct line *c = container_of(fd, struct line, fd);

	if (fd->fd < 0)
		return;
	const int result = socket_read(fd->fd, &c->in);
	line_answer(c);
	if (result)
		line_close(c);
}

static void on_connection(struct loop *l, struct loop_fd *fd, uint32_t events UNUSED)
{
	int s;

	while ((s = accept4(fd->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct line *c = calloc(1, sizeof(*c));
		if (!c)
			out_of_memory();
		c->fd = (struct loop_fd){ s, on_line };
		if (loop_add(l, &c->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
			die("epoll_ctl");
	}
}

bool play_serve(const struct cases *c UNUSED, const struct options *o)
{
	struct loop l;
	struct loop_fd listener = { socket_listen(o->proxies[0].server), on_connection };

	if (loop_init(&l) < 0 || loop_add(&l, &listener, EPOLLIN) < 0 || loop_run(&l) < 0)
		die("epoll");
	return true;
}
