/* SPDX-License-Identifier: MIT */
/* The servers of the corpus: every connection of the proxy to them. A request is its trial's by the client's address that
 * the proxy put into it; the bytes are compared, and answered as the case says. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>

#include "corpus.h"

struct peer {
	struct corpus *corpus;
	const struct proxy_ports *ports;
	struct loop_fd fd;
	struct loop_timer gap;
	struct trial *t;                /* whose exchange is under way; NULL: none */
	struct trial *going;            /* whose answer was such that this connection is closed by the proxy */
	struct text in;
	size_t read;
	const struct step *answer;      /* that is being sent */
	size_t sent;
	bool loose, cut;
};

static void peer_go(struct peer *p);

static const char *got(const struct peer *p) { return text_get(&p->in) + p->read; }
static size_t got_n(const struct peer *p) { return p->in.n - p->read; }

static void peer_close(struct peer *p, bool reset)
{
	loop_timer_clear(&p->gap);
	if (p->fd.fd >= 0 && reset)
		socket_reset(p->fd.fd);
	else if (p->fd.fd >= 0)
		(void)close(p->fd.fd);
	p->fd.fd = -1;
	p->t = NULL;
	p->answer = NULL;
	text_release(&p->in);
	p->read = 0;
	if (p->going) {
		p->going->going--;
		trial_settle(p->going);
		p->going = NULL;
	}
}

static void on_gap(struct loop *l UNUSED, struct loop_timer *timer)
{
	peer_go(container_of(timer, struct peer, gap));
}

/* The answer has left. What is next on this connection? */
static void answer_done(struct peer *p)
{
	const struct step *s = p->answer;
	struct trial *t = p->t;

	p->answer = NULL;
	t->answered += s->bytes.n;
	if (s->gone) {
		p->going = t;
		t->going++;
	}
	if (t->server_step >= t->c->n_server || !t->c->server[t->server_step].raw)
		p->t = NULL;
	if (s->reset || s->fin) {
		p->going = NULL;
		t->going -= s->gone;
		peer_close(p, s->reset);
	}
	trial_settle(t);
}

static bool peer_send(struct peer *p)
{
	const struct step *s = p->answer;
	struct trial *t = p->t;

	if (loop_timer_is_set(&p->gap))
		return false;
	while (p->sent < s->bytes.n) {
		const size_t left = s->bytes.n - p->sent;
		const bool own = s != &p->corpus->cases->answer;
		size_t n = own ? cut_length(t->cut, true, t->cut_at, t->answered + p->sent, left) : left;
		if (p->sent < s->joint && p->sent + n == s->joint && n < left)
			n++;
		const ssize_t done = send(p->fd.fd, s->bytes.p + p->sent, n, MSG_NOSIGNAL);
		if (done < 0 && errno == EAGAIN)
			return false;
		if (done < 0)
			break;          /* the proxy has had enough of it */
		p->sent += (size_t)done;
		if ((size_t)done == n && n < left) {
			loop_timer_set(&p->corpus->loop, &p->gap, clock_us() + GAP_US);
			return false;
		}
	}
	answer_done(p);
	return true;
}

/* Whose request begins here? False: not yet known, or nobody's. */
static bool peer_begin(struct peer *p)
{
	struct corpus *c = p->corpus;
	const char *end = memmem(got(p), got_n(p), "\r\n\r\n", 4);

	if (!end)
		return false;
	const size_t head = (size_t)(end - got(p)) + 4;
	const int64_t number = p->ports->anonymous && c->next ? (int64_t)c->next - 1 : client_find(got(p), head);
	struct trial *t = number >= 0 && (size_t)number < c->n ? &c->trials[number] : NULL;
	/* Its client has been refused meanwhile. */
	if (t && !t->live && t->server_step < t->c->n_server && t->c->server[t->server_step].optional) {
		p->loose = p->cut = true;
		return true;
	}
	if (!t || !t->live) {
		if (!t || !t->failed)
			corpus_fault(c, "a request that no client waits for", got(p), got_n(p));
		peer_close(p, true);
		return false;
	}
	if (p->going) {
		trial_fail(p->going, "its server connection is used again", NULL, got(p), got_n(p));
		p->going = NULL;
	}
	if (t->server_step >= t->c->n_server || t->c->server[t->server_step].raw) {
		trial_fail(t, "a request that should not reach a server", NULL, got(p), got_n(p));
		peer_close(p, true);
		return false;
	}
	p->t = t;
	return true;
}

/* A message of the case, compared. True: it is whole, and the next thing can be done. */
static bool peer_message(struct peer *p)
{
	struct trial *t = p->t;
	char address[INET_ADDRSTRLEN];
	const struct step *s = &t->c->server[t->server_step];
	const ssize_t n = step_match(s, got(p), got_n(p), client_text(t->number, address));

	if (n < 0)
		trial_fail(t, "at the server", s, got(p), got_n(p));
	if (n < 0)
		peer_close(p, true);
	if (n <= 0)
		return false;
	p->read += (size_t)n;
	t->server_step++;
	p->loose = s->loose;
	p->cut = s->optional;
	if (s->optional) {
		p->t = NULL;
		return true;
	}
	p->sent = 0;
	p->answer = &p->corpus->cases->answer;
	if (t->server_step < t->c->n_server && t->c->server[t->server_step].kind == STEP_ANSWER)
		p->answer = &t->c->server[t->server_step++];
	return true;
}

static void peer_go(struct peer *p)
{
	while (p->fd.fd >= 0) {
		if (p->t && !p->t->live) {
			peer_close(p, true);
			return;
		}
		if (p->answer) {
			if (!peer_send(p))
				return;
		} else if (p->loose) {
			return;
		} else if (!p->t) {
			if (!peer_begin(p))
				return;
		} else if (p->t->server_step >= p->t->c->n_server) {
			if (got_n(p))
				trial_fail(p->t, "more than was expected at the server", NULL, got(p), got_n(p));
			return;
		} else if (!peer_message(p)) {
			return;
		}
	}
}

/* The proxy has closed this connection. */
static void peer_ended(struct peer *p)
{
	if (p->cut && got_n(p) >= 5 && memcmp(got(p) + got_n(p) - 5, "0\r\n\r\n", 5) == 0)
		corpus_fault(p->corpus, "a body that was cut looks complete at the server", got(p), got_n(p));
	else if (p->loose)
		;
	else if (p->t && p->t->live && !p->answer && got_n(p) && !p->t->c->server[p->t->server_step].optional)
		trial_fail(p->t, "at the server, half a message", &p->t->c->server[p->t->server_step], got(p), got_n(p));
	else if (!p->t && got_n(p))
		corpus_fault(p->corpus, "half a head at a server", got(p), got_n(p));
	peer_close(p, false);
}

static void on_event(struct loop *l UNUSED, struct loop_fd *fd, uint32_t events UNUSED)
{
	struct peer *p = container_of(fd, struct peer, fd);

	if (fd->fd < 0)
		return;
	const int result = socket_read(fd->fd, &p->in);
	peer_go(p);
	if (result && fd->fd >= 0)
		peer_ended(p);
}

struct listener {
	struct loop_fd fd;
	struct corpus *corpus;
	const struct proxy_ports *ports;
};

static void on_connection(struct loop *l, struct loop_fd *fd, uint32_t events UNUSED)
{
	const struct listener *from = container_of(fd, struct listener, fd);
	int s;

	while ((s = accept4(fd->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct peer *p = arena_one(from->corpus->arena, struct peer);
		*p = (struct peer){
			.corpus = from->corpus, .ports = from->ports, .fd = { s, on_event }, .gap.on_timer = on_gap,
		};
		if (loop_add(l, &p->fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET) < 0)
			die("epoll_ctl");
	}
}

void peers_listen(struct corpus *c, const struct proxy_ports *ports)
{
	struct listener *from = arena_one(c->arena, struct listener);

	*from = (struct listener){ { socket_listen(ports->server), on_connection }, c, ports };
	if (loop_add(&c->loop, &from->fd, EPOLLIN) < 0)
		die("epoll_ctl");
}
