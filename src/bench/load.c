/* SPDX-License-Identifier: MIT */
/* nlbc-bench client --rate: an open loop. Requests begin at the moments of a Poisson process whatever becomes of those
 * before them, and their times count from these moments, so that no waiting is left out, not that for a connection either. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/line.h"
#include "base/out.h"
#include "bench/client_answer.h"
#include "bench/client.h"
#include "bench/moments.h"
#include "bench/sockets.h"
#include "bench/times.h"

enum { NAMES = 64, INPUT = 65536 };

struct load {
	struct bench *bench;
	struct loop loop;
	struct moments moments;
	struct loop_fd signals;
	struct endpoint to;
	struct text request;
	uint64_t rate_ppm, for_us, warm_us, timeout_us, most;
	double next_us;                 /* the next arrival */
	uint64_t measure_us, end_us;    /* arrivals are measured from here, and end there */
	struct moment arrival;
	struct loop_timer patience;     /* after the last arrival */
	bool over, interrupted;
	bool pumping;                   /* the queue is being served further up the stack */
	struct load_conn *conns, *idle;
	uint64_t n_conns, open;         /* connections; requests of which nothing is known yet */
	uint64_t *queue;                /* moments of those that wait for a connection: a ring */
	size_t queue_first, n_queue, queue_room;
	struct times times;
	uint64_t sent, done, late_us;
	struct {
		char name[ANSWER_ORIGIN + 1];
		uint64_t n;
	} shares[NAMES];
	size_t n_shares;
	struct http_head head;
	char input[INPUT];
};

struct load_conn {
	struct loop_fd io;
	struct loop_task end;
	struct loop_timer timeout;
	struct load *load;
	struct load_conn *next, **back; /* idle ones */
	struct load_conn *next_conn, **back_conn;       /* all */
	uint64_t at_us;                 /* the moment of its request */
	bool busy, ended;               /* a request is under way; the peer's end has been seen, no further edge will tell */
	size_t unsent;
	struct client_answer answer;
};

static void pump(struct load *l);
static void start(struct load *l, uint64_t at_us);
static void conn_step(struct load_conn *c);

/* ---- what is counted ------------------------------------------------------------------------------------------- */

static bool is_measured(const struct load *l, uint64_t at_us)
{
	return at_us >= l->measure_us;
}

static void count_share(struct load *l, const char *name)
{
	size_t i = 0;

	while (i < l->n_shares && strcmp(l->shares[i].name, name) != 0)
		i++;
	if (i == NAMES)
		return;
	if (i == l->n_shares)
		memcpy(l->shares[l->n_shares++].name, name, strlen(name) + 1);
	l->shares[i].n++;
}

/* Nothing more will become of it. */
static void settle(struct load *l, uint64_t at_us, const struct client_answer *a)
{
	const bool good = a && a->status >= 200 && a->status < 400;

	l->open--;
	if (is_measured(l, at_us)) {
		l->done += good;
		if (good)
			times_add(&l->times, clock_us() - at_us);
		if (a && *a->origin)
			count_share(l, a->origin);
	}
	if (l->over && l->open == 0)
		loop_stop(&l->loop);
}

/* ---- those that wait for a connection -------------------------------------------------------------------------- */

static void enqueue(struct load *l, uint64_t at_us)
{
	if (l->n_queue == l->queue_room) {
		const size_t room = MAX(2 * l->queue_room, (size_t)1024);
		uint64_t *bigger = reallocarray(NULL, room, sizeof(*bigger));

		if (!bigger)
			out_of_memory();
		for (size_t k = 0; k < l->n_queue; k++)
			bigger[k] = l->queue[(l->queue_first + k) % l->queue_room];
		free(l->queue);
		l->queue = bigger;
		l->queue_first = 0;
		l->queue_room = room;
	}
	l->queue[(l->queue_first + l->n_queue++) % l->queue_room] = at_us;
}

/* The oldest that may still be answered in time; false: nobody waits. */
static bool dequeue(struct load *l, uint64_t *at_us)
{
	while (l->n_queue) {
		*at_us = l->queue[l->queue_first];
		l->queue_first = (l->queue_first + 1) % l->queue_room;
		l->n_queue--;
		if (clock_us() < *at_us + l->timeout_us)
			return true;
		settle(l, *at_us, NULL);
	}
	return false;
}

/* ---- connections ----------------------------------------------------------------------------------------------- */

static void leave_idle(struct load_conn *c)
{
	if (!c->back)
		return;
	*c->back = c->next;
	if (c->next)
		c->next->back = c->back;
	c->back = NULL;
}

static void enter_idle(struct load_conn *c)
{
	struct load *l = c->load;

	c->next = l->idle;
	c->back = &l->idle;
	if (c->next)
		c->next->back = &c->next;
	l->idle = c;
}

static void conn_free(struct load_conn *c)
{
	*c->back_conn = c->next_conn;
	if (c->next_conn)
		c->next_conn->back_conn = c->back_conn;
	client_answer_release(&c->answer);
	free(c);
}

static void on_end(struct loop *loop UNUSED, struct loop_task *t)
{
	conn_free(container_of(t, struct load_conn, end));
}

/* Closes it; its request has failed. It is not sent again: a measuring instrument must not hide what others do. */
static void conn_close(struct load_conn *c)
{
	struct load *l = c->load;

	if (c->io.fd < 0)
		return;
	leave_idle(c);
	loop_timer_clear(&c->timeout);
	(void)close(c->io.fd);
	c->io.fd = -1;
	l->n_conns--;
	loop_later(&l->loop, &c->end);
	if (c->busy)
		settle(l, c->at_us, NULL);
	pump(l);
}

static void on_timeout(struct loop *loop UNUSED, struct loop_timer *t)
{
	conn_close(container_of(t, struct load_conn, timeout));
}

static void send_request(struct load_conn *c)
{
	const struct text *r = &c->load->request;

	while (c->unsent) {
		const ssize_t sent = send(c->io.fd, r->p + (r->n - c->unsent), c->unsent, MSG_NOSIGNAL);

		if (sent > 0)
			c->unsent -= (size_t)sent;
		else if (errno == EAGAIN || errno == ENOTCONN)
			return;
		else {
			conn_close(c);
			return;
		}
	}
}

static void begin(struct load_conn *c, uint64_t at_us)
{
	leave_idle(c);
	c->at_us = at_us;
	c->busy = true;
	c->unsent = c->load->request.n;
	client_answer_init(&c->answer);
	loop_timer_set(&c->load->loop, &c->timeout, at_us + c->load->timeout_us);
	send_request(c);
}

static void on_event(struct loop *loop UNUSED, struct loop_fd *f, uint32_t events)
{
	struct load_conn *c = container_of(f, struct load_conn, io);

	c->ended |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	if (c->io.fd >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		conn_step(c);
	if (c->io.fd >= 0 && c->unsent && (events & EPOLLOUT))
		send_request(c);
}

/* A new connection with its request; false: there is none to be had. */
static bool open_conn(struct load *l, uint64_t at_us)
{
	struct load_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return false;
	*c = (struct load_conn){ .io = { socket_connect(&l->to), on_event }, .end.run = on_end, .timeout.on_timer = on_timeout,
				 .load = l };
	if (c->io.fd < 0 || loop_add(&l->loop, &c->io, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
		if (c->io.fd >= 0)
			(void)close(c->io.fd);
		free(c);
		return false;
	}
	l->n_conns++;
	c->next_conn = l->conns;
	c->back_conn = &l->conns;
	if (c->next_conn)
		c->next_conn->back_conn = &c->next_conn;
	l->conns = c;
	begin(c, at_us);
	return true;
}

static void start(struct load *l, uint64_t at_us)
{
	if (l->idle)
		begin(l->idle, at_us);
	else if (l->n_conns >= l->most)
		enqueue(l, at_us);
	else if (!open_conn(l, at_us))
		settle(l, at_us, NULL);
}

static void pump(struct load *l)
{
	uint64_t next_us;

	if (l->pumping)
		return;
	l->pumping = true;
	while ((l->idle || l->n_conns < l->most) && dequeue(l, &next_us))
		start(l, next_us);
	l->pumping = false;
}

/* The answer is whole. */
static void end_exchange(struct load_conn *c)
{
	struct load *l = c->load;

	c->busy = false;
	loop_timer_clear(&c->timeout);
	settle(l, c->at_us, &c->answer);
	if (c->answer.close || c->unsent) {
		conn_close(c);
		return;
	}
	enter_idle(c);
	pump(l);
}

/* What the server sent. A read that fills no buffer has emptied the socket. */
static void conn_step(struct load_conn *c)
{
	struct load *l = c->load;
	ssize_t got = INPUT;

	while ((got == INPUT || c->ended) && c->io.fd >= 0) {
		got = recv(c->io.fd, l->input, INPUT, 0);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got == 0 && c->busy && client_answer_end(&c->answer) == 0)
			end_exchange(c);        /* closes: such an answer ends its connection */
		if (got <= 0) {
			conn_close(c);
			return;
		}
		const ssize_t taken = c->busy ? client_answer_take(&c->answer, &l->head, l->input, (size_t)got) : 0;

		if (taken == got && c->answer.ended)
			end_exchange(c);
		else if (taken != got)
			conn_close(c);          /* wrong, or more than was asked for */
	}
}

/* ---- arrivals -------------------------------------------------------------------------------------------------- */

static void on_patience_end(struct loop *loop, struct loop_timer *t UNUSED)
{
	loop_stop(loop);
}

static void end_arrivals(struct load *l)
{
	l->over = true;
	moments_clear(&l->moments, &l->arrival);
	loop_timer_set(&l->loop, &l->patience, clock_us() + l->timeout_us);
	if (l->open == 0)
		loop_stop(&l->loop);
}

static void on_arrival(struct moments *m, struct moment *t)
{
	struct load *l = container_of(m, struct load, moments);
	const uint64_t at_us = (uint64_t)l->next_us;

	if (at_us >= l->end_us) {
		end_arrivals(l);
		return;
	}
	l->open++;
	if (is_measured(l, at_us)) {
		l->sent++;
		l->late_us += clock_us() - at_us;
	}
	l->next_us += -log(chance_unit(&l->bench->chance)) * 1e12 / (double)l->rate_ppm;
	moments_set(m, t, (uint64_t)l->next_us);
	start(l, at_us);
}

static void on_signal(struct loop *loop, struct loop_fd *f, uint32_t events UNUSED)
{
	struct load *l = container_of(f, struct load, signals);

	l->interrupted = signals_take(f->fd) != 0;
	loop_stop(loop);
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);            /* the name stands first */
}

static void report(struct load *l)
{
	static const struct {
		const char *key;
		uint32_t q_ppm;
	} quantiles[] = { { "p50_us", 500000 }, { "p90_us", 900000 }, { "p99_us", 990000 }, { "p999_us", 999000 }, { "max_us", 1000000 } };
	auto_text struct text t = { 0 }, shares = { 0 };
	uint64_t all = 0;

	qsort(l->shares, l->n_shares, sizeof(l->shares[0]), compare_names);
	for (size_t i = 0; i < l->n_shares; i++)
		all += l->shares[i].n;
	for (size_t i = 0; i < l->n_shares; i++)
		text_printf(&shares, "%s%s:%" PRIu64, i ? "," : "", l->shares[i].name, (l->shares[i].n * 1000 + all / 2) / all);
	times_sort(&l->times);
	line_begin(&t, "report");
	line_word(&t, "kind", "load");
	line_word_number(&t, "sent", l->sent);
	line_word_number(&t, "done", l->done);
	line_word_number(&t, "failed", l->sent - l->done);
	times_word(&t, "mean_us", times_mean(&l->times));
	for (size_t i = 0; i < ARRAY_LEN(quantiles); i++)
		times_word(&t, quantiles[i].key, times_quantile(&l->times, quantiles[i].q_ppm));
	times_word(&t, "late_us", l->sent ? (int64_t)(l->late_us / l->sent) : -1);
	line_word(&t, "share", l->n_shares ? text_get(&shares) : NULL);
	line_end(&t);
	(void)!bench_write(l->bench, &t);       /* explained; nothing follows */
}

static int read_options(struct load *l)
{
	struct bench *b = l->bench;

	l->for_us = 10000000;
	l->timeout_us = 10000000;
	l->most = 1000;
	if (bench_read_millionths(b, "rate", &l->rate_ppm) || bench_read_time(b, "for", &l->for_us) ||
	    bench_read_time(b, "warm", &l->warm_us) || bench_read_time(b, "timeout", &l->timeout_us) ||
	    bench_read_number(b, "connections", 1000000, &l->most))
		return -EINVAL;
	if (l->most && l->for_us && l->timeout_us)
		return 0;
	diag_error(&b->diags, NULL, "usage", "--%s must be more than 0", !l->most ? "connections" : !l->for_us ? "for" : "timeout");
	return -EINVAL;
}

static int begin_load(struct load *l)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	int err = loop_init(&l->loop);

	if (!err)
		err = moments_init(&l->moments, &l->loop);
	if (err)
		return err;
	l->signals = (struct loop_fd){ signals_open(numbers, ARRAY_LEN(numbers)), on_signal };
	if (l->signals.fd < 0)
		return l->signals.fd;
	l->arrival.on_moment = on_arrival;
	l->patience.on_timer = on_patience_end;
	const uint64_t now_us = clock_us();

	l->next_us = (double)now_us;
	l->measure_us = now_us + l->warm_us;
	l->end_us = l->measure_us + l->for_us;
	moments_set(&l->moments, &l->arrival, now_us);
	return loop_add(&l->loop, &l->signals, EPOLLIN);
}

int client_load(struct bench *b, const struct url *u)
{
	struct load *l = arena_one(b->arena, struct load);

	l->bench = b;
	if (read_options(l) || client_resolve(b, u, &l->to))
		return -1;
	url_request(u, false, &l->request);
	socket_raise_limit();
	int err = begin_load(l);

	if (!err)
		err = loop_run(&l->loop);
	if (err) {
		diag_error(&b->diags, NULL, "kernel", "cannot run: %s", strerror(-err));
		return -1;
	}
	report(l);
	while (l->conns)
		conn_free(l->conns);    /* the kernel closes them */
	moments_release(&l->moments);
	loop_release(&l->loop);
	times_release(&l->times);
	text_release(&l->request);
	free(l->queue);
	return failure_of(l->interrupted ? "interrupted" : "state")->exit * (l->interrupted || l->done < l->sent);
}
