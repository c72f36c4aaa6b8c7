/* SPDX-License-Identifier: MIT */
/* Clients before a proxy whose servers are other programs. What those must have seen, by their logs, goes to a file: lines
 * "ADDRESS METHOD TARGET", in order for each address; "?" behind those that may be missing, since they break off. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "corpus.h"

struct visitor {
	struct behind *all;
	const struct play_case *c;
	struct loop_fd fd;
	struct loop_timer gap, deadline;
	struct text out, in;
	size_t sent, cut_at;
	enum cut cut;
	uint32_t number;
	bool shut;
};

struct behind {
	struct loop loop;
	const struct cases *cases;
	const struct options *options;
	FILE *expected;
	size_t of_case, at, live, visits, failed;
	uint32_t number;
};

/* Cases that need no server of their own. */
static bool fits(const struct behind *b, const struct play_case *c)
{
	return c->answer_bytes == 0 && c->in_bytes <= 4096 && strcmp(c->proxy, b->options->proxies[0].name) == 0;
}

/* METHOD and TARGET. */
static void print_line(FILE *f, const struct step *request)
{
	unsigned blanks = 0;

	for (size_t i = 0; i < request->n; i++)
		for (size_t k = 0; k < request->pieces[i].bytes.n; k++) {
			blanks += request->pieces[i].bytes.p[k] == ' ';
			if (blanks == 2)
				return;
			(void)putc(request->pieces[i].bytes.p[k], f);
		}
}

static void expect(struct behind *b, const struct visitor *v)
{
	char address[INET_ADDRSTRLEN];

	for (size_t i = 0; i < v->c->n_server; i++) {
		(void)fprintf(b->expected, "%s ", client_text(v->number, address));
		print_line(b->expected, &v->c->server[i]);
		(void)fprintf(b->expected, "%s\n", v->c->server[i].optional ? " ?" : "");
	}
}

static void visitor_end(struct visitor *v)
{
	loop_timer_clear(&v->gap);
	loop_timer_clear(&v->deadline);
	(void)close(v->fd.fd);
	v->fd.fd = -1;
	text_release(&v->in);
	text_release(&v->out);
	v->all->live--;
}

static void visitor_go(struct visitor *v)
{
	while (v->sent < v->out.n && !loop_timer_is_set(&v->gap)) {
		const size_t left = v->out.n - v->sent, n = cut_length(v->cut, false, v->cut_at, v->sent, left);
		const ssize_t done = send(v->fd.fd, v->out.p + v->sent, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			return;
		if (done < 0)
			v->sent = v->out.n;     /* refused half-way */
		else
			v->sent += (size_t)done;
		if (done > 0 && (size_t)done == n && n < left)
			loop_timer_set(&v->all->loop, &v->gap, clock_us() + GAP_US);
	}
	if (v->sent == v->out.n && !v->shut) {
		v->shut = true;
		(void)shutdown(v->fd.fd, SHUT_WR);
	}
}

static void on_gap(struct loop *l UNUSED, struct loop_timer *t)
{
	visitor_go(container_of(t, struct visitor, gap));
}

static void on_deadline(struct loop *l UNUSED, struct loop_timer *t)
{
	struct visitor *v = container_of(t, struct visitor, deadline);

	(void)printf("FAIL %s: the connection is not closed; got: %.200s\n", v->c->name, text_get(&v->in));
	v->all->failed++;
	visitor_end(v);
}

static void on_event(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct visitor *v = container_of(fd, struct visitor, fd);

	if (fd->fd < 0)
		return;
	if (socket_read(fd->fd, &v->in))
		visitor_end(v);
	else
		visitor_go(v);
}

static void visit(struct behind *b, const struct play_case *c, enum cut cut, size_t cut_at)
{
	struct visitor *v = arena_one(b->cases->arena, struct visitor);

	*v = (struct visitor){
		.all = b, .c = c, .cut = cut, .cut_at = cut_at, .number = b->number++,
		.gap.on_timer = on_gap, .deadline.on_timer = on_deadline,
	};
	for (size_t i = 0; i < c->n_client; i++)
		text_add(&v->out, c->client[i].bytes.p, c->client[i].bytes.n);
	v->fd = (struct loop_fd){ socket_connect(CLIENT_FIRST + v->number, b->options->proxies[0].client), on_event };
	if (loop_add(&b->loop, &v->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
		die("epoll_ctl");
	loop_timer_set(&b->loop, &v->deadline, b->loop.now_us + TRIAL_US);
	b->live++;
	b->visits++;
	expect(b, v);
}

static void launch(struct behind *b)
{
	for (; b->of_case < b->cases->n; b->of_case++, b->at = 0) {
		const struct play_case *c = &b->cases->v[b->of_case];
		if (!fits(b, c))
			continue;
		for (; b->at < c->in_bytes; b->at += b->options->step) {
			if (b->live >= b->options->concurrent)
				return;
			if (b->at == 0 && c->in_bytes <= SMALL)
				visit(b, c, CUT_EVERYWHERE, 0);
			visit(b, c, b->at ? CUT_IN : CUT_NOWHERE, b->at);
		}
	}
}

bool play_behind(const struct cases *c, const struct options *o)
{
	struct behind b = { .cases = c, .options = o };

	b.expected = o->expected ? fopen(o->expected, "we") : NULL;
	if (!b.expected || loop_init(&b.loop) < 0)
		die("%s", o->expected ? o->expected : "--expected is missing");
	for (launch(&b); b.live > 0; launch(&b))
		if (loop_turn(&b.loop, 1000000) < 0)
			die("epoll_wait");
	if (fclose(b.expected))
		die("%s", o->expected);
	(void)printf("%zu visits, %zu failed\n", b.visits, b.failed);
	return b.failed == 0 && b.visits > 0;
}
