/* SPDX-License-Identifier: MIT */
/* What the service manager is told (sd_notify(3)): one datagram each, no library. */
#ifndef NLBC_PROXY_NOTIFY_H
#define NLBC_PROXY_NOTIFY_H

#include "base/base.h"

#include <sys/un.h>

struct notify {
	int fd;                         /* -1: nobody listens */
	struct sockaddr_un to;
	socklen_t to_size;
	uint64_t watchdog_us;           /* WATCHDOG=1 is wanted this often, half of what systemd waits; 0: not at all */
};

/* By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; the first two stay in the environment for an upgrade. */
void notify_init(struct notify *n);
/* Lines such as "READY=1\n". What nobody takes is lost. */
void notify_send(const struct notify *n, const char *fmt, ...) PRINTF(2, 3);

#endif
