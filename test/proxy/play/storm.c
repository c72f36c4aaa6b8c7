/* SPDX-License-Identifier: MIT */
/* Mutations of the corpus through the proxy: every second client sends one, the others ask three decent questions. The
 * server, a strict reader, tells each client its own address: nobody may see another one's, nor fewer answers than the
 * server gave him. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "corpus.h"
#include "mutate.h"
#include "strict.h"

enum { DECENT = 3, SHOWN = 10 };
static const char marker[] = "X-Seen: ";

struct guest {
	struct storm *storm;
	struct loop_fd fd;
	struct loop_timer deadline;
	struct text out, in;
	uint64_t number;
	size_t sent, pause_at;
	struct loop_timer gap;
	unsigned answered;              /* by the server */
	bool decent, shut, live;
};

struct host {
	struct storm *storm;
	struct loop_fd fd;
	struct text in, out;
	size_t sent;
};

struct storm {
	struct loop loop;
	struct loop_fd listener;
	const struct cases *cases;
	const struct options *options;
	struct guest *guests;           /* so many at a time as options say; client N is guests[N % concurrent] */
	uint64_t next, end, failed, requests, answers;
	size_t live;
	struct arena *arena;
};

static void storm_fail(struct storm *s, uint64_t number, const char *what, const char *p, size_t n)
{
	auto_text struct text out = {0};

	if (s->failed++ >= SHOWN)
		return;
	text_escaped(&out, p, n);
	(void)printf("FAIL --seed %llu --from %llu --count 1: %s\n        %s\n", (unsigned long long)s->options->seed,
		     (unsigned long long)number, what, text_get(&out));
}

static struct guest *guest_of(struct storm *s, int64_t number)
{
	struct guest *g = &s->guests[(uint64_t)number % s->options->concurrent];

	return number >= 0 && g->live && g->number % CLIENTS_MAX == (uint64_t)number ? g : NULL;
}

/* ---- the server -------------------------------------------------------------------------------------------------- */

static void host_close(struct host *h)
{
	(void)close(h->fd.fd);
	h->fd.fd = -1;
	text_release(&h->in);
	text_release(&h->out);
}

/* Some answers in chunks, the others with their length. */
static void host_answer(struct host *h, const struct strict *r)
{
	struct storm *s = h->storm;
	struct guest *g = guest_of(s, r->client);
	char address[INET_ADDRSTRLEN];

	if (!g) {
		storm_fail(s, (uint64_t)r->client, "a request of a client that is gone", text_get(&h->in), h->in.n);
		return;
	}
	g->answered++;
	client_text((uint32_t)r->client, address);
	text_printf(&h->out, "HTTP/1.1 200 OK\r\n%s%s\r\n", marker, address);
	if (str_is(r->method, "HEAD"))
		text_puts(&h->out, "Content-Length: 7\r\n\r\n");
	else if (s->requests++ % 2)
		text_printf(&h->out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n", strlen(address), address);
	else
		text_printf(&h->out, "Content-Length: %zu\r\n\r\n%s", strlen(address), address);
}

static void host_go(struct host *h)
{
	struct strict r;
	size_t at = 0;
	ssize_t n;

	while ((n = strict_read(&r, text_get(&h->in) + at, h->in.n - at)) > 0) {
		host_answer(h, &r);
		at += (size_t)n;
	}
	if (n < 0) {
		storm_fail(h->storm, (uint64_t)MAX(r.client, 0), r.why, text_get(&h->in) + at, h->in.n - at);
		host_close(h);
		return;
	}
	if (at) {
		memmove(h->in.p, h->in.p + at, h->in.n - at);
		h->in.n -= at;
	}
	while (h->sent < h->out.n) {
		const ssize_t done = send(h->fd.fd, h->out.p + h->sent, h->out.n - h->sent, MSG_NOSIGNAL);
		if (done < 0)
			return;         /* later, or the proxy has closed it */
		h->sent += (size_t)done;
	}
	text_clear(&h->out);
	h->sent = 0;
}

static void on_host(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct host *h = container_of(fd, struct host, fd);

	if (fd->fd < 0)
		return;
	const int result = socket_read(fd->fd, &h->in);
	host_go(h);
	if (result && fd->fd >= 0)
		host_close(h);
}

static void on_connection(struct loop *l, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct storm *s = container_of(fd, struct storm, listener);
	int c;

	while ((c = accept4(fd->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct host *h = arena_one(s->arena, struct host);
		*h = (struct host){ .storm = s, .fd = { c, on_host } };
		if (loop_add(l, &h->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
			die("epoll_ctl");
	}
}

/* ---- clients ----------------------------------------------------------------------------------------------------- */

static void guest_judge(struct guest *g)
{
	char address[INET_ADDRSTRLEN];
	unsigned seen = 0;
	const char *end = text_get(&g->in) + g->in.n;

	client_text((uint32_t)(g->number % CLIENTS_MAX), address);
	for (const char *at = text_get(&g->in); (at = memmem(at, (size_t)(end - at), marker, sizeof(marker) - 1)); seen++) {
		at += sizeof(marker) - 1;
		const size_t n = strlen(address);
		if ((size_t)(end - at) < n + 2 || memcmp(at, address, n) != 0 || at[n] != '\r')
			storm_fail(g->storm, g->number, "an answer to another client", text_get(&g->in), g->in.n);
	}
	if (seen != g->answered)
		storm_fail(g->storm, g->number, "not all answers arrive", text_get(&g->in), g->in.n);
	if (g->decent && seen != DECENT)
		storm_fail(g->storm, g->number, "a decent client is not answered", text_get(&g->in), g->in.n);
	g->storm->answers += seen;
}

static void guest_end(struct guest *g)
{
	loop_timer_clear(&g->deadline);
	loop_timer_clear(&g->gap);
	(void)close(g->fd.fd);
	g->fd.fd = -1;
	guest_judge(g);
	text_release(&g->in);
	text_release(&g->out);
	g->live = false;
	g->storm->live--;
}

static void guest_go(struct guest *g)
{
	while (g->sent < g->out.n && !loop_timer_is_set(&g->gap)) {
		const size_t to = g->sent < g->pause_at ? g->pause_at : g->out.n;
		const ssize_t done = send(g->fd.fd, g->out.p + g->sent, to - g->sent, MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			return;
		g->sent = done < 0 ? g->out.n : g->sent + (size_t)done;
		if (g->sent == g->pause_at && g->sent < g->out.n)
			loop_timer_set(&g->storm->loop, &g->gap, clock_us() + GAP_US);
	}
	if (g->sent == g->out.n && !g->shut) {
		g->shut = true;
		(void)shutdown(g->fd.fd, SHUT_WR);
	}
}

static void on_gap(struct loop *l UNUSED, struct loop_timer *t)
{
	guest_go(container_of(t, struct guest, gap));
}

static void on_deadline(struct loop *l UNUSED, struct loop_timer *t)
{
	struct guest *g = container_of(t, struct guest, deadline);

	storm_fail(g->storm, g->number, "the connection is not closed", text_get(&g->in), g->in.n);
	guest_end(g);
}

static void on_guest(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct guest *g = container_of(fd, struct guest, fd);

	if (fd->fd < 0)
		return;
	if (socket_read(fd->fd, &g->in))
		guest_end(g);
	else
		guest_go(g);
}

static void guest_start(struct storm *s, struct guest *g, uint64_t number)
{
	*g = (struct guest){
		.storm = s, .number = number, .decent = number % 2, .live = true,
		.deadline.on_timer = on_deadline, .gap.on_timer = on_gap,
	};
	for (unsigned i = 0; g->decent && i < DECENT; i++)
		text_printf(&g->out, "POST /%u HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", i);
	if (!g->decent)
		mutate(s->cases, s->options->seed, number, &g->out);
	g->pause_at = number / 2 * 7 % MAX(g->out.n, 1);
	const uint32_t address = CLIENT_FIRST + (uint32_t)(number % CLIENTS_MAX);
	g->fd = (struct loop_fd){ socket_connect(address, s->options->proxies[0].client), on_guest };
	if (loop_add(&s->loop, &g->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
		die("epoll_ctl");
	loop_timer_set(&s->loop, &g->deadline, s->loop.now_us + TRIAL_US);
	s->live++;
}

static void launch(struct storm *s)
{
	for (; s->next < s->end; s->next++) {
		struct guest *g = &s->guests[s->next % s->options->concurrent];
		if (g->live)
			return;
		guest_start(s, g, s->next);
	}
}

bool play_mutations(const struct cases *c, const struct options *o)
{
	struct storm s = { .cases = c, .options = o, .arena = arena_new() };

	s.guests = arena_array(s.arena, struct guest, o->concurrent);
	s.next = o->from * 2;
	s.end = s.next + o->count * 2;
	s.listener = (struct loop_fd){ socket_listen(o->proxies[0].server), on_connection };
	if (loop_init(&s.loop) < 0 || loop_add(&s.loop, &s.listener, EPOLLIN) < 0)
		die("epoll");
	const uint64_t began = clock_us();
	for (launch(&s); s.live > 0; launch(&s))
		if (loop_turn(&s.loop, 1000000) < 0)
			die("epoll_wait");
	(void)printf("%llu mutations, seed %llu: %llu answers, %llu failed, %.1f s\n", (unsigned long long)o->count,
		     (unsigned long long)o->seed, (unsigned long long)s.answers, (unsigned long long)s.failed,
		     (double)(clock_us() - began) / 1e6);
	return s.failed == 0 && s.answers > 0;
}
