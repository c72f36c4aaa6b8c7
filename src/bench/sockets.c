/* SPDX-License-Identifier: MIT */
/* Addresses to sockets and back, and signals as a descriptor. */
#include "base/base.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "bench/sockets.h"

enum { BACKLOG = 4096 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t to_address(const struct endpoint *e, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (e->addr.family == AF_INET) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(e->port);
		memcpy(&a->v4.sin_addr, e->addr.b, 4);
		return sizeof(a->v4);
	}
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = htons(e->port);
	memcpy(&a->v6.sin6_addr, e->addr.b, 16);
	return sizeof(a->v6);
}

static void from_address(const union address *a, struct endpoint *e)
{
	*e = (struct endpoint){ .addr.family = (uint8_t)a->any.sa_family };
	if (a->any.sa_family == AF_INET) {
		memcpy(e->addr.b, &a->v4.sin_addr, 4);
		e->port = ntohs(a->v4.sin_port);
	} else {
		memcpy(e->addr.b, &a->v6.sin6_addr, 16);
		e->port = ntohs(a->v6.sin6_port);
	}
}

static int new_socket(const struct endpoint *e)
{
	const int on = 1;
	const int fd = socket(e->addr.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));        /* accepted ones have it from their listener */
	return fd;
}

static int bind_and_listen(int fd, struct endpoint *e)
{
	union address a;
	socklen_t n = to_address(e, &a);
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    (e->addr.family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    bind(fd, &a.any, n) < 0 || listen(fd, BACKLOG) < 0 || getsockname(fd, &a.any, &n) < 0)
		return -errno;
	from_address(&a, e);
	return 0;
}

int socket_listen(struct endpoint *e)
{
	const int fd = new_socket(e);

	if (fd < 0)
		return fd;
	const int err = bind_and_listen(fd, e);

	if (err == 0)
		return fd;
	(void)close(fd);
	return err;
}

int socket_listen_or_say(struct endpoint *e, struct diags *d)
{
	char text[ENDPOINT_TEXT];
	const int fd = socket_listen(e);

	if (fd < 0)
		diag_error(d, NULL, fd == -EACCES ? "permission" : "kernel", "cannot listen on %s: %s", endpoint_print(e, text),
			   strerror(-fd));
	return fd;
}

int socket_connect(const struct endpoint *e)
{
	union address a;
	const socklen_t n = to_address(e, &a);
	const int fd = new_socket(e);

	if (fd < 0)
		return fd;
	if (connect(fd, &a.any, n) == 0 || errno == EINPROGRESS)
		return fd;
	const int err = -errno;

	(void)close(fd);
	return err;
}

int socket_error(int fd)
{
	int err = 0;
	socklen_t n = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0 ? -errno : -err;
}

void socket_reset(int fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(fd);
}

void socket_peer(int fd, struct endpoint *e)
{
	union address a = { 0 };
	socklen_t n = sizeof(a);

	*e = (struct endpoint){ .addr.family = AF_INET };
	if (getpeername(fd, &a.any, &n) == 0)   /* else it is gone already */
		from_address(&a, e);
}

void socket_raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);         /* what was allowed stays allowed */
	}
}

int signals_open(const int *numbers, size_t n)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int signals_take(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}
