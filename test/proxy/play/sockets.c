/* SPDX-License-Identifier: MIT */
/* Sockets of the play, and the addresses by which servers tell its clients apart. */
#include "base/base.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "play.h"

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "play: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, errno ? ": %s\n" : "\n", strerror(errno));
	va_end(ap);
	exit(1);
}

static struct sockaddr_in address(uint32_t host, unsigned port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(host),
	};
}

int socket_listen(unsigned port)
{
	const struct sockaddr_in here = address(INADDR_LOOPBACK, port);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) < 0 || listen(fd, 4096) < 0)
		die("cannot listen on port %u", port);
	return fd;
}

int socket_connect(uint32_t from, unsigned port)
{
	const struct sockaddr_in here = address(from, 0), there = address(INADDR_LOOPBACK, port);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) < 0 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) < 0 ||
	    (connect(fd, (const struct sockaddr *)&there, sizeof(there)) < 0 && errno != EINPROGRESS))
		die("cannot connect to port %u", port);
	return fd;
}

void socket_reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(fd);
}

int socket_read(int fd, struct text *in)
{
	static char piece[65536];

	for (;;) {
		const ssize_t n = recv(fd, piece, sizeof(piece), 0);
		if (n > 0)
			text_add(in, piece, (size_t)n);
		else if (n == 0)
			return 1;
		else if (errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
	}
}

void text_escaped(struct text *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n && i < 600; i++) {
		if (p[i] == '\n')
			text_puts(out, "\\n\n        ");
		else if (p[i] == '\r')
			text_puts(out, "\\r");
		else if (p[i] == '\t')
			text_puts(out, "\\t");
		else if (isprint((unsigned char)p[i]))
			text_putc(out, p[i]);
		else
			text_printf(out, "\\x%02x", (unsigned char)p[i]);
	}
	if (n > 600)
		text_printf(out, "... (%zu bytes)", n);
}

const char *client_text(uint32_t number, char buf[INET_ADDRSTRLEN])
{
	const struct in_addr a = { htonl(CLIENT_FIRST + number) };

	return inet_ntop(AF_INET, &a, buf, INET_ADDRSTRLEN);
}

int64_t client_find(const char *p, size_t n)
{
	int64_t found = -1;

	for (const char *at = p; n >= (size_t)(at - p) + 9 && (at = memmem(at, n - (size_t)(at - p), "127.", 4)); at++) {
		char text[INET_ADDRSTRLEN] = "";
		struct in_addr a;
		size_t length = 0;
		while (length < sizeof(text) - 1 && at + length < p + n && strchr("0123456789.", at[length]) && at[length])
			length++;
		memcpy(text, at, length);
		if (inet_pton(AF_INET, text, &a) == 1 && ntohl(a.s_addr) - CLIENT_FIRST < CLIENTS_MAX)
			found = ntohl(a.s_addr) - CLIENT_FIRST;
	}
	return found;
}
