/* SPDX-License-Identifier: MIT */
/* play soak: clients that ask without end, each request with a number of its own, and compare every byte of every answer.
 * Lost is a request that was sent and whose connection ended without a whole answer; mixed, an answer to another one. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "soak.h"

enum { ASKS_MOST = 50, WAIT_US = 20 * 1000 * 1000 };

struct asker {
	struct soak *soak;
	struct loop_fd fd;
	struct loop_timer deadline;
	struct text in;
	char target[40];
	unsigned asked, asks;           /* on this connection */
	bool waits;                     /* for an answer */
};

struct soak {
	struct loop loop;
	struct loop_timer end;
	const struct options *options;
	uint64_t next, answered, refused, lost, mixed, connections;
	bool over;
	size_t live;
};

static void connect_again(struct asker *a);

static void disconnect(struct asker *a)
{
	loop_timer_clear(&a->deadline);
	(void)close(a->fd.fd);
	a->fd.fd = -1;
	text_clear(&a->in);
	a->waits = false;
	a->soak->live--;
}

static void say(struct asker *a, const char *what)
{
	auto_text struct text out = {0};

	text_escaped(&out, text_get(&a->in), MIN(a->in.n, 400));
	(void)printf("%s: %s\n        %s\n", what, a->target, text_get(&out));
}

static void on_deadline(struct loop *l UNUSED, struct loop_timer *t)
{
	struct asker *a = container_of(t, struct asker, deadline);

	say(a, "no answer in time");
	a->soak->lost++;
	disconnect(a);
	connect_again(a);
}

static void ask(struct asker *a)
{
	char request[200];
	const uint64_t number = a->soak->next++;

	(void)snprintf(a->target, sizeof(a->target), "/%llu-%llu", (unsigned long long)a->soak->options->seed,
		       (unsigned long long)number);
	const int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", a->target);
	a->asked++;
	a->waits = true;
	loop_timer_set(&a->soak->loop, &a->deadline, clock_us() + WAIT_US);
	(void)send(a->fd.fd, request, (size_t)n, MSG_NOSIGNAL);     /* what fails shows when the answer is read */
}

static bool head_has(const struct asker *a, size_t head, const char *line)
{
	return memmem(text_get(&a->in), head, line, strlen(line)) != NULL;
}

/* 1: the answer is whole; 0: more; -1: it is another one's. *close: the last one on this connection. */
static int judge(struct asker *a, bool *close)
{
	auto_text struct text body = {0};
	char id[60];
	const char *end = memmem(text_get(&a->in), a->in.n, "\r\n\r\n", 4);

	if (!end)
		return 0;
	const size_t head = (size_t)(end - text_get(&a->in)) + 4;
	(void)snprintf(id, sizeof(id), "\r\nX-Id: %s\r\n", a->target);
	*close = head_has(a, head, "\r\nConnection: close\r\n");
	if (memcmp(text_get(&a->in), "HTTP/1.1 200 ", 13) != 0) {
		a->soak->refused++;
		a->soak->answered--;
		if (a->soak->refused < 5)
			say(a, "refused");
		*close = true;
		return 1;
	}
	soak_body(str_of(a->target), &body);
	struct piece piece = { PIECE_BYTES, { body.p, body.n } };
	if (head_has(a, head, "\r\nTransfer-Encoding: chunked\r\n"))
		piece.kind = PIECE_CHUNKED;
	const struct step step = { .kind = STEP_CLIENT, .pieces = &piece, .n = 1 };
	const ssize_t n = step_match(&step, text_get(&a->in) + head, a->in.n - head, "");
	if (!head_has(a, head, id) || n < 0 || (n > 0 && head + (size_t)n != a->in.n))
		return -1;
	return n > 0;
}

static void ended(struct asker *a)
{
	if (a->waits) {
		a->soak->lost++;
		if (a->soak->options->verbose)
			say(a, "lost");
	}
	disconnect(a);
	connect_again(a);
}

static void on_event(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events)
{
	struct asker *a = container_of(fd, struct asker, fd);
	bool close = false;

	if (fd->fd < 0)
		return;
	if ((events & EPOLLOUT) && a->asked == 0)
		ask(a);
	const int result = socket_read(fd->fd, &a->in);
	const int whole = a->waits ? judge(a, &close) : a->in.n ? -1 : 0;
	if (whole < 0) {
		a->soak->mixed++;
		say(a, "mixed");
		ended(a);
		return;
	}
	if (whole) {
		a->soak->answered++;
		a->waits = false;
		loop_timer_clear(&a->deadline);
		text_clear(&a->in);
		if (!close && !result && a->asked < a->asks && !a->soak->over) {
			ask(a);
			return;
		}
	}
	if (whole || result)
		ended(a);
}

static void connect_again(struct asker *a)
{
	struct soak *s = a->soak;

	if (s->over)
		return;
	a->asked = 0;
	a->asks = 1 + (unsigned)(s->connections % ASKS_MOST);
	a->fd = (struct loop_fd){
		socket_connect(CLIENT_FIRST + (uint32_t)(s->connections++ % CLIENTS_MAX), s->options->proxies[0].client), on_event,
	};
	a->deadline.on_timer = on_deadline;
	loop_timer_set(&s->loop, &a->deadline, clock_us() + WAIT_US);
	if (loop_add(&s->loop, &a->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
		die("epoll_ctl");
	s->live++;
}

static void on_end(struct loop *l UNUSED, struct loop_timer *t)
{
	container_of(t, struct soak, end)->over = true;
}

/* --count is in seconds here. */
bool play_soak(const struct cases *c UNUSED, const struct options *o)
{
	struct soak s = { .options = o, .end.on_timer = on_end };
	struct asker *all = calloc(o->concurrent, sizeof(*all));

	if (!all || loop_init(&s.loop) < 0)
		die("epoll");
	loop_timer_set(&s.loop, &s.end, clock_us() + o->count * 1000000);
	for (unsigned i = 0; i < o->concurrent; i++) {
		all[i].soak = &s;
		connect_again(&all[i]);
	}
	while (s.live > 0)
		if (loop_turn(&s.loop, 1000000) < 0)
			die("epoll_wait");
	(void)printf("answered=%llu refused=%llu lost=%llu mixed=%llu connections=%llu\n", (unsigned long long)s.answered,
		     (unsigned long long)s.refused, (unsigned long long)s.lost, (unsigned long long)s.mixed,
		     (unsigned long long)s.connections);
	free(all);
	return s.mixed == 0 && s.answered > 0;
}
