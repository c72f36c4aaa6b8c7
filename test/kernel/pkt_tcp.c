/* SPDX-License-Identifier: MIT */
/*
 * pkt serve: answers what comes by TCP and, unless told to be silent, by UDP, in both families.
 * pkt flows: TCP connections, or connected UDP sockets, that stay open, led by lines on standard input:
 *   open N        N more of them, one after another             → "open N"
 *   exchange K    K times eight bytes there and back on each    → "alive A of T"
 *   send K        K times eight bytes there                     → "sent T"
 */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#include "pkt.h"

enum { FLOWS_MAX = 4096, MESSAGE = 8, EVENTS = 64 };

static int listen_on(int type, unsigned port)
{
	const union place any = place_parse("::", port);
	const int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
	    bind(fd, &any.sa, place_size(&any)) < 0 || (type == SOCK_STREAM && listen(fd, 1024) < 0))
		die("cannot serve port %u", port);
	return fd;
}

static void watch_add(int epoll, int fd)
{
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = EPOLLIN, .data.fd = fd }) < 0)
		die("epoll_ctl");
}

static void datagram_answer(int fd, bool silent)
{
	uint8_t data[2048];
	union place from;
	socklen_t size = sizeof(from);
	const ssize_t n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &size);

	if (n > 0 && !silent)
		(void)sendto(fd, data, (size_t)n, 0, &from.sa, size); /* a lost answer is the client's to notice */
}

static void stream_answer(int fd)
{
	uint8_t data[2048];
	const ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	if (n > 0)
		(void)send(fd, data, (size_t)n, 0); /* as above */
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		(void)close(fd);
}

static int serve_run(const struct words *w)
{
	const unsigned port = (unsigned)words_number(w, "port", 7000);
	const bool silent = strcmp(words_text(w, "udp", "echo"), "silent") == 0;
	const uint64_t end = now_us() + words_number(w, "seconds", 300) * 1000000;
	const int epoll = epoll_create1(EPOLL_CLOEXEC), streams = listen_on(SOCK_STREAM, port);
	const int datagrams = listen_on(SOCK_DGRAM, (unsigned)words_number(w, "udp_port", 6000));
	struct epoll_event events[EVENTS];

	watch_add(epoll, streams);
	watch_add(epoll, datagrams);
	(void)printf("ready\n");
	while (now_us() < end) {
		const int n = epoll_wait(epoll, events, EVENTS, 1000);
		for (int i = 0; i < n; i++) {
			const int fd = events[i].data.fd;
			if (fd == datagrams) {
				datagram_answer(fd, silent);
			} else if (fd == streams) {
				const int flow = accept4(streams, NULL, NULL, SOCK_CLOEXEC);
				if (flow >= 0)
					watch_add(epoll, flow);
			} else {
				stream_answer(fd);
			}
		}
	}
	return 0;
}

const struct verb verb_serve = {
	.name = "serve",
	.help = "[port=7000] [udp_port=6000] [udp=echo|silent] [seconds=300]",
	.run = serve_run,
};

struct flows {
	union place to;
	const char *from;
	unsigned sport;
	int type;
	unsigned long timeout_ms;
	size_t n;
	int fd[FLOWS_MAX];
};

static void flows_open(struct flows *f, unsigned long count)
{
	const struct timeval limit = { .tv_sec = (time_t)(f->timeout_ms / 1000) };
	unsigned long opened = 0;

	for (; opened < count && f->n < FLOWS_MAX; opened++) {
		const int fd = socket_from(f->type, 0, &f->to, f->from, f->sport + (unsigned)f->n);
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
		    (f->type == SOCK_STREAM && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) < 0))
			die("socket options");
		if (connect(fd, &f->to.sa, place_size(&f->to)) < 0) {
			(void)close(fd);
			break;
		}
		f->fd[f->n++] = fd;
	}
	(void)printf("open %lu\n", opened);
}

/* Waits for the whole message back; a connection that was reset or is too slow is dead. */
static bool flow_receive(int fd, uint64_t until)
{
	uint8_t data[MESSAGE];
	size_t have = 0;

	while (have < sizeof(data)) {
		const uint64_t now = now_us();
		const int wait_ms = now < until ? (int)((until - now) / 1000) + 1 : 0;
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, wait_ms) <= 0)
			return false;
		const ssize_t n = recv(fd, data + have, sizeof(data) - have, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

static const uint8_t message[MESSAGE] = "message";

static void flows_send(struct flows *f, unsigned long times)
{
	unsigned long sent = 0;

	for (unsigned long k = 0; k < times; k++) {
		for (size_t i = 0; i < f->n; i++)
			sent += send(f->fd[i], message, sizeof(message), MSG_DONTWAIT) == (ssize_t)sizeof(message);
	}
	(void)printf("sent %lu\n", sent);
}

static void flows_exchange(struct flows *f, unsigned long times)
{
	static bool dead[FLOWS_MAX];
	size_t alive = 0;

	memset(dead, 0, sizeof(dead));
	for (unsigned long k = 0; k < times; k++) {
		const uint64_t until = now_us() + f->timeout_ms * 1000;
		for (size_t i = 0; i < f->n; i++)
			dead[i] |= send(f->fd[i], message, sizeof(message), MSG_DONTWAIT) != (ssize_t)sizeof(message);
		for (size_t i = 0; i < f->n; i++)
			dead[i] |= !dead[i] && !flow_receive(f->fd[i], until);
	}
	for (size_t i = 0; i < f->n; i++)
		alive += !dead[i];
	(void)printf("alive %zu of %zu\n", alive, f->n);
}

static int flows_run(const struct words *w)
{
	static struct flows f;
	char line[64];
	unsigned long n;

	f.to = place_parse(words_text(w, "dst", "10.10.3.2"), (unsigned)words_number(w, "port", 7000));
	f.from = words_text(w, "src", NULL);
	f.sport = (unsigned)words_number(w, "sport", 20000);
	f.type = strcmp(words_text(w, "protocol", "tcp"), "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	f.timeout_ms = words_number(w, "timeout_ms", 5000);
	(void)printf("ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "open %lu", &n) == 1)
			flows_open(&f, n);
		else if (sscanf(line, "exchange %lu", &n) == 1)
			flows_exchange(&f, n);
		else if (sscanf(line, "send %lu", &n) == 1)
			flows_send(&f, n);
		else
			die("unknown order '%s'", line);
	}
	return 0;
}

const struct verb verb_flows = {
	.name = "flows",
	.help = "[protocol=tcp|udp] [dst=A] [port=7000] [src=A] [sport=20000] [timeout_ms=5000]",
	.run = flows_run,
};
