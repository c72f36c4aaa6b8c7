/* SPDX-License-Identifier: MIT */
/* Opening the listening sockets, taking them over, and who serves which. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/text.h"
#include "proxy/listen.h"
#include "proxy/socket.h"

enum { FIRST_GIVEN = 3, DEFER_S = 1 };

bool listen_serves(size_t k, size_t n, unsigned w, unsigned workers)
{
	return k % workers == w || (n < workers && w % n == k);
}

const struct listening *listeners_find(const struct listeners *l, const struct endpoint *at)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].at.port == at->port && addr_eq(&l->list[i].at.addr, &at->addr))
			return &l->list[i];
	return NULL;
}

/* ---- from systemd ------------------------------------------------------------------------------------------------- */

static bool is_listener(int fd)
{
	int yes = 0;
	socklen_t n = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}

static void add_given(struct listeners *l, int fd, struct arena *a, size_t *room)
{
	struct endpoint at;

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!is_listener(fd) || socket_endpoint(fd, &at))
		return;
	struct listening *same = (struct listening *)listeners_find(l, &at);

	if (!same) {
		l->list = arena_grow(a, l->list, l->n, room, sizeof(*l->list));
		same = &l->list[l->n++];
		*same = (struct listening){ .at = at, .given = true };
	}
	if (same->n < LISTEN_SOCKETS)
		same->fds[same->n++] = fd;
}

void listeners_given(struct listeners *l, struct arena *a)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t owner = 0, n = 0;
	size_t room = 0;

	*l = (struct listeners){ 0 };
	if (pid && fds && parse_uint(str_of(pid), &owner) == 0 && parse_uint(str_of(fds), &n) == 0 &&
	    owner == (uint64_t)getpid() && n <= 16 * LISTEN_SOCKETS)
		for (int fd = FIRST_GIVEN; fd < FIRST_GIVEN + (int)n; fd++)
			add_given(l, fd, a, &room);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
}

/* ---- our own ------------------------------------------------------------------------------------------------------ */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* Bound, not yet listening; `shared`: others may join it. */
static int bound(const struct endpoint *at, bool shared)
{
	struct sockaddr_storage sa;
	const socklen_t n = socket_address(at, &sa);
	const int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	int err = set(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (!err && shared)
		err = set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!err && sa.ss_family == AF_INET6)
		err = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err && bind(fd, (struct sockaddr *)&sa, n) < 0)
		err = -errno;
	if (err)
		(void)close(fd);
	return err ? err : fd;
}

/* A second copy of the program would join unseen, and take half of the connections: alone, a plain bind succeeds. It does not
 * listen: who connected to it would be reset a moment later. */
static int check_alone(const struct endpoint *at)
{
	auto_close int fd = bound(at, false);

	return MIN(fd, 0);
}

/* http: a connection is worth waking up for once its first bytes are there. */
static int ready_to_serve(int fd, bool http)
{
	int err = set(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, http ? DEFER_S : 0);

	if (!err && fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		err = -errno;
	if (!err && listen(fd, LISTEN_BACKLOG) < 0)
		err = -errno;
	return err;
}

static void explain(const struct listen_wish *w, int err, struct diags *d)
{
	char at[ENDPOINT_TEXT];
	struct diag *g = diag_error(d, w->place, err == -EACCES ? "permission" : "kernel", "cannot listen on %s: %s",
				    endpoint_print(&w->at, at), strerror(-err));

	if (err == -EACCES && w->at.port < 1024)
		diag_hint(d, g, "pass the socket from systemd, or give the unit CAP_NET_BIND_SERVICE");
}

/* Those sockets of the endpoint that there are, and as many new ones as are missing. */
static int fill(struct listening *l, const struct listening *before, const struct listen_wish *w)
{
	int err = 0;

	if (before)
		*l = *before;
	l->at = w->at;
	while (!l->given && l->n < w->workers && !err) {
		const int fd = bound(&w->at, true);

		if (fd < 0)
			err = fd;
		else
			l->fds[l->n++] = fd;
	}
	for (size_t k = 0; k < l->n && !err; k++)
		err = ready_to_serve(l->fds[k], w->http);
	return err;
}

/* An address of ours, or all, whose sockets would refuse the plain bind; they let others of ours join. */
static bool is_shared(const struct listeners *before, const struct endpoint *at)
{
	for (size_t i = 0; i < before->n; i++) {
		const struct listening *b = &before->list[i];

		if (b->at.port == at->port && b->at.addr.family == at->addr.family && !b->given &&
		    (addr_eq(&b->at.addr, &at->addr) || addr_is_any(&b->at.addr) || addr_is_any(&at->addr)))
			return true;
	}
	return false;
}

int listeners_open(struct listeners *l, const struct listeners *before, const struct listen_wish *wishes, size_t n,
		   struct arena *a, struct diags *d)
{
	*l = (struct listeners){ .list = arena_array(a, struct listening, n) };
	for (size_t i = 0; i < n; i++) {
		const bool known = listeners_find(before, &wishes[i].at) || is_shared(before, &wishes[i].at);
		const int err = known ? 0 : check_alone(&wishes[i].at);

		if (err) {
			explain(&wishes[i], err, d);
			return -1;
		}
	}
	for (size_t i = 0; i < n; i++) {
		const int err = fill(&l->list[l->n++], listeners_find(before, &wishes[i].at), &wishes[i]);

		if (err) {
			explain(&wishes[i], err, d);
			listeners_close(l, before);
			l->n = 0;
			return -1;
		}
	}
	return 0;
}

static bool has_fd(const struct listeners *l, int fd)
{
	for (size_t i = 0; l && i < l->n; i++)
		for (size_t k = 0; k < l->list[i].n; k++)
			if (l->list[i].fds[k] == fd)
				return true;
	return false;
}

void listeners_close(const struct listeners *l, const struct listeners *keep)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->list[i].n; k++)
			if (!has_fd(keep, l->list[i].fds[k]))
				(void)close(l->list[i].fds[k]);
}
