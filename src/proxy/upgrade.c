/* SPDX-License-Identifier: MIT */
/* Starting the next master, and being one. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "proxy/event.h"
#include "proxy/handover.h"
#include "proxy/master.h"
#include "proxy/options.h"
#include "proxy/upgrade.h"

enum { READY_US = 10000000, FDS_MOST = 64 * 16 * 64 };   /* the most proxies, endpoints and sockets there may be */

static void tell(struct upgrade *u, const char *to, const char *reason)
{
	master_tell(u->master, &(struct event){ .kind = "reload", .name = "upgrade", .to = to, .reason = reason });
}

/* ---- the pair -------------------------------------------------------------------------------------------------------- */

static void close_pair(struct upgrade *u)
{
	if (u->pair.fd < 0)
		return;
	loop_remove(&u->master->loop, &u->pair);
	(void)close(u->pair.fd);
	u->pair.fd = -1;
}

static void say(struct upgrade *u, const char *what)
{
	(void)send(u->pair.fd, what, strlen(what), MSG_NOSIGNAL | MSG_DONTWAIT);       /* its end is seen by the other side */
}

static void on_pair(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct upgrade *u = container_of(f, struct upgrade, pair);
	char said[16] = "";
	const ssize_t n = recv(f->fd, said, sizeof(said) - 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (u->pid == 0) {              /* we are the new one; a master that is gone says go, too */
		close_pair(u);
		master_take_over(u->master);
	} else if (n > 0 && strcmp(said, "ready") == 0) {
		notify_send(&u->master->notify, "MAINPID=%ld\n", (long)u->pid);
		master_hand_over(u->master);
		say(u, "go");
	} else if (n <= 0) {
		close_pair(u);          /* its end is seen by its pidfd */
	}
}

int upgrade_ready(struct upgrade *u, int pair)
{
	u->pair.fd = pair;
	say(u, "ready");
	return loop_add(&u->master->loop, &u->pair, EPOLLIN);
}

/* ---- the old one ----------------------------------------------------------------------------------------------------- */

static void on_deadline(struct loop *l UNUSED, struct loop_timer *t)
{
	struct upgrade *u = container_of(t, struct upgrade, deadline);

	u->late = true;
	(void)pidfd_send_signal(u->process.fd, SIGKILL, NULL, 0);
}

static void forget(struct upgrade *u)
{
	u->pid = 0;
	u->late = false;
	loop_timer_clear(&u->deadline);
	close_pair(u);
	if (u->process.fd >= 0) {
		loop_remove(&u->master->loop, &u->process);
		(void)close(u->process.fd);
		u->process.fd = -1;
	}
}

/* The new master has ended: nothing has changed. */
static void on_end(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct upgrade *u = container_of(f, struct upgrade, process);
	const char *why = u->late ? "killed" : "ended";

	forget(u);
	tell(u, "refused", why);
}

static char *find_program(const char *called)
{
	char path[4096];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (strchr(called, '/') || n < 0)
		return strdup(called);
	path[n] = '\0';
	return strdup(path);
}

void upgrade_init(struct upgrade *u, struct master *m)
{
	*u = (struct upgrade){ .master = m, .program = find_program(m->options->argv[0]),
			       .process = { .fd = -1, .on_event = on_end }, .pair = { .fd = -1, .on_event = on_pair },
			       .deadline = { .on_timer = on_deadline } };
	if (!u->program)
		out_of_memory();
}

void upgrade_release(struct upgrade *u)
{
	free(u->program);
}

bool upgrade_is_under_way(const struct upgrade *u)
{
	return u->pid > 0;
}

NORETURN static void start_program(const struct upgrade *u, int lines, int pair, const struct handover_fds *fds)
{
	char value[32];
	sigset_t none;

	(void)snprintf(value, sizeof(value), "%d %d", lines, pair);
	(void)setenv(handover_variable, value, 1);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)fcntl(lines, F_SETFD, 0);
	(void)fcntl(pair, F_SETFD, 0);
	for (size_t i = 0; i < fds->n; i++)
		(void)fcntl(fds->list[i], F_SETFD, 0);
	(void)execv(u->program, u->master->options->argv);
	fprintf(stderr, "nlbc: error: cannot start '%s': %s\n", u->program, strerror(errno));
	_exit(EXIT_FAILURE);
}

/* In between: it starts the next master, tells its number, and stays, so that the number is nobody else's, until this is
 * heard. */
NORETURN static void start_orphan(const struct upgrade *u, int lines, int pair, const struct handover_fds *fds, int told)
{
	const pid_t pid = fork();
	const int32_t said = pid < 0 ? -errno : pid;
	char heard;

	if (pid == 0)
		start_program(u, lines, pair, fds);
	(void)send(told, &said, sizeof(said), MSG_NOSIGNAL);
	(void)recv(told, &heard, sizeof(heard), 0);
	_exit(EXIT_SUCCESS);
}

/* Its pid, with a pidfd at *process, or -errno. */
static int hear_orphan(int told, int *process)
{
	int32_t said;

	if (recv(told, &said, sizeof(said), 0) != sizeof(said))
		return -ESRCH;
	if (said < 0)
		return said;
	*process = pidfd_open(said, 0);
	if (*process >= 0)
		return said;
	const int err = -errno;

	(void)kill(said, SIGKILL);
	return err;
}

static int start_between(struct upgrade *u, int lines, int pair, const struct handover_fds *fds)
{
	int told[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, told) < 0)
		return -errno;
	const pid_t between = fork();
	int said = between < 0 ? -errno : 0;

	if (between == 0) {
		(void)close(told[0]);
		start_orphan(u, lines, pair, fds, told[1]);
	}
	(void)close(told[1]);
	if (between > 0)
		said = hear_orphan(told[0], &u->process.fd);
	(void)close(told[0]);
	while (between > 0 && waitpid(between, NULL, 0) < 0 && errno == EINTR)
		;
	return said;
}

static int start(struct upgrade *u, int lines, const struct handover_fds *fds)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	const int pid = start_between(u, lines, pair[1], fds);

	(void)close(pair[1]);
	u->pair.fd = pair[0];
	int err = MIN(pid, 0);

	if (!err)
		err = loop_add(&u->master->loop, &u->process, EPOLLIN);
	if (!err)
		err = loop_add(&u->master->loop, &u->pair, EPOLLIN);
	if (err) {
		if (pid > 0)
			(void)pidfd_send_signal(u->process.fd, SIGKILL, NULL, 0);
		forget(u);
		return err;
	}
	u->pid = pid;
	loop_timer_set(&u->master->loop, &u->deadline, clock_us() + READY_US);
	return 0;
}

void upgrade_begin(struct upgrade *u)
{
	auto_free int *list = calloc(FDS_MOST, sizeof(*list));
	struct handover_fds fds = { .list = list, .room = list ? FDS_MOST : 0 };

	if (master_is_busy(u->master)) {
		tell(u, "refused", "busy");
		return;
	}
	auto_close int lines = handover_write(u->master, &fds);
	const int err = lines < 0 ? lines : start(u, lines, &fds);

	for (size_t i = 0; i < fds.made; i++)
		(void)close(fds.list[i]);
	if (err)
		tell(u, "refused", strerror(-err));
}

void upgrade_cancel(struct upgrade *u)
{
	if (u->pid > 0)
		(void)pidfd_send_signal(u->process.fd, SIGKILL, NULL, 0);
}
