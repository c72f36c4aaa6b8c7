/* SPDX-License-Identifier: MIT */
/* Starting workers and what passes between them and the master. */
#include "base/base.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/line.h"
#include "proxy/child.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/options.h"
#include "proxy/page.h"
#include "proxy/rights.h"
#include "proxy/service.h"
#include "proxy/worker.h"

enum { STILL_LOOKS = 10, LIFE_US = 60000000, DELAY_US = 100000, DELAY_MOST_US = 10000000 };

uint64_t child_delay_us(unsigned deaths)
{
	if (deaths <= 1)
		return 0;
	const unsigned doublings = MIN(deaths - 2, 20u);

	return MIN((uint64_t)DELAY_US << doublings, (uint64_t)DELAY_MOST_US);
}

/* ---- in the worker's process ----------------------------------------------------------------------------------------- */

/* The master is asked to stop, and a terminal asks everybody: workers go by what the master says. */
static void ignore_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Everything but these and the standard streams: other workers' listeners, the control socket, its clients. */
static void close_others(int *keep, size_t n)
{
	unsigned from = STDERR_FILENO + 1;

	qsort(keep, n, sizeof(*keep), by_number);
	for (size_t i = 0; i < n; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}

static uint64_t seed(void)
{
	uint64_t s = 0;

	if (getrandom(&s, sizeof(s), 0) != sizeof(s))   /* only before the kernel has chance to give */
		s = clock_us() ^ (uint64_t)getpid() << 40;
	return s;
}

static void say_end(int pair, unsigned cut)
{
	char line[32];
	const int n = snprintf(line, sizeof(line), "ended cut=%u", cut);

	(void)send(pair, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);        /* the master may be gone */
}

NORETURN static void work(struct child *c, int pair)
{
	const struct service *s = c->service;
	int listeners[LISTEN_SOCKETS * 16], keep[LISTEN_SOCKETS * 16 + 2];
	unsigned cut = 0;
	const size_t n = service_listeners(s, c->number, listeners, ARRAY_LEN(listeners));

	ignore_signals();
	(void)prctl(PR_SET_NAME, "nlbc-worker", 0, 0, 0);
	memcpy(keep, listeners, n * sizeof(*keep));
	keep[n] = pair;
	keep[n + 1] = s->log;
	close_others(keep, n + 2);
	int err = rights_of_worker();

	if (err) {
		fprintf(stderr, "nlbc: error: a worker cannot give up its rights: %s\n", strerror(-err));
		_exit(EXIT_FAILURE);
	}
	const struct worker_setup setup = {
		.profile = s->edition->machine->profile, .conf = s->conf, .number = c->number, .listeners = listeners,
		.n_listeners = n, .page = s->page, .master = pair, .log = s->log, .tls = s->tls, .tls_servers = s->tls_servers,
		.max_connections = service_share(s, c->number), .seed = seed(), .verbose = s->master->options->verbose,
	};
	const int code = worker_run(&setup, &cut);

	say_end(pair, cut);
	_exit(code);
}

/* ---- in the master --------------------------------------------------------------------------------------------------- */

/* One packet of the worker. 1: there was one; 0: not now; -1: the end. */
static int hear(struct child *c)
{
	char bytes[LINE_BYTES];
	const ssize_t n = recv(c->pair.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct line said;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	if (line_parse((struct str){ bytes, (size_t)n - (bytes[n - 1] == '\n') }, &said, NULL))
		return 1;
	if (str_is(said.verb, "ended")) {
		uint64_t cut = 0;

		if (line_number(&said, "cut", &cut) == 0)
			c->cut = (unsigned)cut;
	} else {
		service_heard(c->service, c, &said);
	}
	return 1;
}

static void close_pair(struct child *c)
{
	if (c->pair.fd < 0)
		return;
	loop_remove(&c->service->master->loop, &c->pair);
	(void)close(c->pair.fd);
	c->pair.fd = -1;
}

static void on_pair(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct child *c = container_of(f, struct child, pair);
	int heard = 1;

	for (unsigned i = 0; i < 64 && heard > 0 && c->pair.fd >= 0; i++)
		heard = hear(c);
	if (heard < 0)
		close_pair(c);
}

static void on_again(struct loop *l UNUSED, struct loop_timer *t)
{
	struct child *c = container_of(t, struct child, again);
	const int err = child_start(c);

	if (err)
		loop_timer_set(&c->service->master->loop, t, clock_us() + child_delay_us(++c->deaths + 1));
}

void child_init(struct child *c, struct service *s, unsigned number)
{
	*c = (struct child){ .service = s, .number = number, .pair = { .fd = -1, .on_event = on_pair },
			     .again = { .on_timer = on_again } };
}

int child_start(struct child *c)
{
	struct loop *l = &c->service->master->loop;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	const pid_t pid = fork();

	if (pid < 0) {
		const int err = -errno;

		(void)close(pair[0]);
		(void)close(pair[1]);
		return err;
	}
	if (pid == 0)
		work(c, pair[1]);
	(void)close(pair[1]);
	c->pid = pid;
	c->pair.fd = pair[0];
	c->state = CHILD_STARTING;
	c->started_us = clock_us();
	c->still = 0;
	c->cut = 0;
	c->killed = false;
	atomic_store(&page_worker(c->service->page, c->number)->pid, (uint32_t)pid);
	return loop_add(l, &c->pair, EPOLLIN);
}

void child_send(struct child *c, const char *line, int fd)
{
	struct iovec bytes = { (void *)line, strlen(line) };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (c->pair.fd < 0)
		return;
	if (fd >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		control.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
						 .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	(void)sendmsg(c->pair.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void child_kill(struct child *c)
{
	c->killed = true;
	if (c->pid > 0)
		(void)kill(c->pid, SIGKILL);
}

bool child_watch(struct child *c)
{
	const uint64_t beat = atomic_load(&page_worker(c->service->page, c->number)->heartbeat);
	const bool moved = beat != c->heartbeat;

	if (c->pid == 0)
		return true;
	c->heartbeat = beat;
	c->still = moved ? 0 : c->still + 1;
	if (c->still == STILL_LOOKS) {
		service_tell_worker(c->service, c, "up", "down", "stuck");
		child_kill(c);
	}
	return moved;
}

void child_ended(struct child *c, int status, const struct rusage *used)
{
	struct service *s = c->service;
	const uint64_t now_us = clock_us();

	while (c->pair.fd >= 0 && hear(c) > 0)
		;
	close_pair(c);
	c->pid = 0;
	c->deaths = now_us - c->started_us >= LIFE_US ? 1 : c->deaths + 1;
	const enum child_state was = c->state;

	c->state = CHILD_NONE;
	if (service_child_gone(s, c, was, status, used))
		loop_timer_set(&s->master->loop, &c->again, now_us + child_delay_us(c->deaths));
}

void child_forget(struct child *c)
{
	loop_timer_clear(&c->again);
}
