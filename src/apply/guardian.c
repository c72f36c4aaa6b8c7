/* SPDX-License-Identifier: MIT */
/* A detached process and its one decision: it takes the lock, reads the journal, and then waits, goes back or ends. The
 * journal decides, so whoever ends the trial otherwise need not find this process; confirm.sock only makes it quick. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/guardian.h"
#include "apply/trial.h"

enum { WAKE_MS = 2000, LOOK_MS = 1000, RETRY_MOST_S = 60, TRIES = 64 };

/* The guarding process. */
struct guard {
	const struct way_back *back;
	struct session_conf conf;
	uint64_t number;
	int life_fd, work_fd;
	int listen_fd, timer_fd, term_fd;       /* -1: not open */
	int caller_fd;                  /* who called: the end of the connection is the answer; -1: nobody */
	bool terminated;
	char path[64];                  /* of confirm.sock, through a descriptor of its directory: sun_path is short */
	ino_t socket;                   /* confirm.sock as this process made it */
};

/* ---- the process --------------------------------------------------------------------------------------------------- */

static bool is_ours_to_ignore(int number)
{
	static const int kept[] = { SIGTERM, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGCHLD };

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (kept[i] == number)
			return false;
	return true;
}

/* TERM is read like any other news, never in the middle of something. */
static void set_signals(struct guard *g)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
	sigset_t mask;

	for (int i = 1; i < SIGRTMIN; i++)
		if (is_ours_to_ignore(i))
			(void)sigaction(i, &ignore, NULL);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	(void)sigaction(SIGTERM, &usual, NULL);
	g->term_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Nothing of the caller's stays in use: its lock, its sockets, its pipes, its directory. */
static int detach(struct guard *g)
{
	const unsigned low = (unsigned)MIN(g->life_fd, g->work_fd), high = (unsigned)MAX(g->life_fd, g->work_fd);
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return -errno;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(null, i) < 0)
			return -errno;
	if ((low > 3 && close_range(3, low - 1, 0) < 0) || (high > low + 1 && close_range(low + 1, high - 1, 0) < 0) ||
	    close_range(high + 1, UINT_MAX, 0) < 0)
		return -errno;
	if (chdir("/") < 0)
		return -errno;
	set_signals(g);
	(void)umask(077);
	(void)prctl(PR_SET_NAME, "nlbc-guardian");
	return 0;
}

/* ---- waiting ------------------------------------------------------------------------------------------------------- */

/* As read, which a signal may end early. */
static ssize_t read_byte(int fd, char *byte)
{
	ssize_t n;

	do
		n = read(fd, byte, 1);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The command's end of the pipe closes when it is done or dead. */
static void await_command(struct guard *g)
{
	char byte;

	(void)!read_byte(g->work_fd, &byte);
	(void)close(g->work_fd);
}

static bool socket_address(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(a->sun_path, sizeof(a->sun_path), "%s", path) < (int)sizeof(a->sun_path);
}

static int open_dir(const struct journal *j)
{
	return open(j->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Without the socket the guardian only ends later than it could. With the lock held: no other makes one now. */
static void listen_here(struct guard *g, const struct journal *j)
{
	int dir = open_dir(j);
	struct sockaddr_un a;
	struct stat st;

	(void)snprintf(g->path, sizeof(g->path), "/proc/self/fd/%d/confirm.sock", dir);
	g->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (dir < 0 || g->listen_fd < 0 || !socket_address(&a, g->path))
		return;
	(void)unlink(g->path);
	if (bind(g->listen_fd, (const struct sockaddr *)&a, sizeof(a)) == 0 && stat(g->path, &st) == 0)
		g->socket = st.st_ino;
	(void)listen(g->listen_fd, 16);
}

static void remove_socket(const struct guard *g)
{
	struct stat st;

	if (g->socket && stat(g->path, &st) == 0 && st.st_ino == g->socket)
		(void)unlink(g->path);
}

static void set_timer(struct guard *g, const struct trial *t)
{
	const struct itimerspec at = {
		.it_value = { (time_t)(t->until_ms / 1000), (long)(t->until_ms % 1000) * 1000000 },
	};

	if (g->timer_fd < 0)
		g->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	(void)timerfd_settime(g->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void forget_caller(struct guard *g)
{
	if (g->caller_fd >= 0)
		(void)close(g->caller_fd);
	g->caller_fd = -1;
}

static void accept_caller(struct guard *g)
{
	g->caller_fd = accept4(g->listen_fd, NULL, NULL, SOCK_CLOEXEC);
}

/* Until the time is over, or somebody has something to say. */
static void wait_for_news(struct guard *g)
{
	struct pollfd fds[] = {
		{ .fd = g->timer_fd, .events = POLLIN }, { .fd = g->term_fd, .events = POLLIN },
		{ .fd = g->listen_fd, .events = POLLIN },
	};

	if (poll(fds, ARRAY_LEN(fds), g->timer_fd < 0 || g->term_fd < 0 ? LOOK_MS : -1) <= 0)
		return;
	g->terminated |= fds[1].revents != 0;
	if (fds[2].revents)
		accept_caller(g);
}

/* Before it is tried again, sooner if somebody calls: what stood in the way may have been seen to. */
static void wait_after(struct guard *g, int failed)
{
	struct pollfd call = { .fd = g->listen_fd, .events = POLLIN };
	int pause_s = 1;

	for (int i = 1; i < failed && pause_s < RETRY_MOST_S; i++)
		pause_s *= 2;
	if (poll(&call, 1, pause_s * 1000) > 0)
		accept_caller(g);
}

/* ---- deciding ------------------------------------------------------------------------------------------------------ */

enum decision { GUARD_END, GUARD_WAIT, GUARD_GO_BACK };

static enum decision decide(const struct guard *g, const struct journal *j)
{
	if (j->trial.number == g->number)
		return g->terminated || trial_is_over(&j->trial) ? GUARD_GO_BACK : GUARD_WAIT;
	/* The command died before it was done. */
	return j->end == JOURNAL_UNFINISHED && j->now.number == g->number ? GUARD_GO_BACK : GUARD_END;
}

static int go_back(struct guard *g, struct session *s, struct diags *d)
{
	int err = trial_go_back(s, g->back, NULL, d);

	return err ? err : GUARD_END;
}

/* Takes the lock and reads the journal: what to do next, or -errno. */
static int look(struct guard *g)
{
	struct arena *a = arena_new();
	struct session s;
	struct diags d;

	diags_init(&d, a);
	int next = session_open(&s, &g->conf, true, a, &d);

	if (!next) {
		next = decide(g, &s.journal);
		if (next == GUARD_WAIT && !*g->path)
			listen_here(g, &s.journal);
		if (next == GUARD_WAIT)
			set_timer(g, &s.journal.trial);
		else if (next == GUARD_GO_BACK)
			next = go_back(g, &s, &d);
		session_close(&s);
	}
	arena_free(a);
	return next;
}

/* A busy lock is waited for. What fails otherwise is tried again, less and less often, for an hour: who cut off the own
 * login cannot give the next command, to which it is then left. */
static void guard(struct guard *g)
{
	for (int failed = 0; failed < TRIES;) {
		int next = look(g);

		if (next == GUARD_END)
			break;
		forget_caller(g);
		if (next == GUARD_WAIT) {
			wait_for_news(g);
			continue;
		}
		failed += next != -EBUSY;
		wait_after(g, failed);
	}
	remove_socket(g);
}

static void run(struct guard *g)
{
	if (detach(g) != 0 || write(g->life_fd, "", 1) != 1)
		_exit(1);
	await_command(g);
	guard(g);
	_exit(0);
}

/* ---- starting it --------------------------------------------------------------------------------------------------- */

static void close_pair(int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* Twice, so that it is nobody's child, leads no session and can get no terminal. */
static int fork_twice(struct guard *g)
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return -errno;
	if (child == 0) {
		pid_t grandchild = setsid() < 0 ? -1 : fork();

		if (grandchild == 0)
			run(g);
		_exit(grandchild < 0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)     /* whoever was started with SIGCHLD ignored is told of no end */
			return errno == ECHILD ? 0 : -errno;
	return status ? -EAGAIN : 0;
}

static int start(struct guardian *out, struct guard *g)
{
	int life[2], work[2];
	char ready;

	if (pipe2(life, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(work, O_CLOEXEC) < 0) {
		int err = -errno;

		close_pair(life);
		return err;
	}
	g->life_fd = life[1];
	g->work_fd = work[0];
	int err = fork_twice(g);

	(void)close(life[1]);
	(void)close(work[0]);
	if (!err && read_byte(life[0], &ready) != 1)
		err = -ECHILD;
	*out = (struct guardian){ .work_fd = work[1], .life_fd = life[0] };
	return err;
}

int guardian_start(struct guardian *out, const struct session *s, uint64_t number, const struct way_back *w,
		   struct diags *d)
{
	char dir[PATH_MAX];
	struct guard g = { .back = w, .number = number, .listen_fd = -1, .timer_fd = -1, .term_fd = -1, .caller_fd = -1 };
	int err = realpath(s->state_dir, dir) ? 0 : -errno;

	g.conf.state_dir = dir;
	*out = (struct guardian){ 0 };
	if (!err)
		err = start(out, &g);
	if (err)
		diag_error(d, NULL, "machine", "cannot start the guardian of generation %" PRIu64 ": %s", number, strerror(-err));
	return err;
}

void guardian_leave(struct guardian *g)
{
	if (g->work_fd)
		(void)close(g->work_fd);
	g->work_fd = 0;
}

int guardian_wait(struct guardian *g, const volatile sig_atomic_t *interrupted)
{
	struct pollfd life = { .fd = g->life_fd };
	sigset_t all, was;
	bool ended = false;

	/* A signal comes before the flag is looked at, or while we wait; never between the two. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &was);
	while (!ended && !(interrupted && *interrupted))
		ended = ppoll(&life, 1, NULL, &was) > 0 || errno != EINTR;
	(void)sigprocmask(SIG_SETMASK, &was, NULL);
	(void)close(g->life_fd);
	g->life_fd = 0;
	return ended ? 0 : -EINTR;
}

int guardian_call(const struct journal *j)
{
	auto_close int dir = open_dir(j);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);        /* it may be stopped, its queue full */
	struct sockaddr_un a;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/confirm.sock", dir);
	if (dir >= 0 && fd >= 0 && socket_address(&a, path) && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void guardian_await(int call)
{
	struct pollfd p = { .fd = call, .events = POLLIN };

	if (call < 0)
		return;
	(void)poll(&p, 1, WAKE_MS);
	(void)close(call);
}
