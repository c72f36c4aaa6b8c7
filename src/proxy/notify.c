/* SPDX-License-Identifier: MIT */
/* Datagrams to the service manager. */
#include "base/base.h"

#include <stdarg.h>
#include <sys/socket.h>

#include "base/text.h"
#include "proxy/notify.h"

static uint64_t number(const char *name)
{
	const char *value = getenv(name);
	uint64_t n = 0;

	return value && parse_uint(str_of(value), &n) == 0 ? n : 0;
}

void notify_init(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const size_t length = path ? strlen(path) : 0;

	*n = (struct notify){ .fd = -1, .to.sun_family = AF_UNIX };
	if (length < 2 || length >= sizeof(n->to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(n->to.sun_path, path, length);
	if (path[0] == '@')             /* an abstract address begins with 0 and has no end */
		n->to.sun_path[0] = '\0';
	n->to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!getenv("WATCHDOG_PID") || number("WATCHDOG_PID") == (uint64_t)getpid())
		n->watchdog_us = number("WATCHDOG_USEC") / 2;
	(void)unsetenv("WATCHDOG_PID"); /* after an upgrade another process is meant */
}

void notify_send(const struct notify *n, const char *fmt, ...)
{
	auto_text struct text t = { 0 };
	va_list ap;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	(void)sendto(n->fd, t.p, t.n, MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_size);
}
