/* SPDX-License-Identifier: MIT */
/* Sends bursts of datagrams of some flows by a device that drops or swallows them, and prints what one packet cost in the
 * cheapest burst, in nanoseconds of this thread's CPU time: other work on the machine only makes a burst dearer.
 *   burst ADDRESS FLOWS PACKETS BURSTS     flows differ by source port, from 20000 on */
#include "base/base.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

enum { FLOWS_MAX = 1024, BATCH = 20 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int flow_open(const char *address, unsigned port)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(6000) };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die("address");
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("socket");
	return fd;
}

static double cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* cannot fail for this clock */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double burst(const int *fds, unsigned flows, unsigned packets)
{
	static uint8_t data[8];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct mmsghdr batch[BATCH] = { 0 };
	unsigned sent = 0;

	for (size_t i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	const double start = cpu_ns();
	for (unsigned turn = 0; sent < packets; turn++) {
		const int n = sendmmsg(fds[turn % flows], batch, BATCH, 0);
		if (n <= 0)
			die("sendmmsg");
		sent += (unsigned)n;
	}
	return (cpu_ns() - start) / sent;
}

int main(int argc, char **argv)
{
	static int fds[FLOWS_MAX];

	if (argc != 5) {
		fprintf(stderr, "usage: burst ADDRESS FLOWS PACKETS BURSTS\n");
		return 1;
	}
	const unsigned flows = (unsigned)MIN(strtoul(argv[2], NULL, 10), (unsigned long)FLOWS_MAX);
	const unsigned packets = (unsigned)strtoul(argv[3], NULL, 10), bursts = (unsigned)strtoul(argv[4], NULL, 10);
	double least = 0;

	for (unsigned i = 0; i < flows; i++)
		fds[i] = flow_open(argv[1], 20000 + i);
	(void)burst(fds, flows, flows * BATCH); /* every flow is known, every cache is warm */
	for (unsigned i = 0; i < bursts; i++) {
		const double one = burst(fds, flows, packets);
		least = i && least < one ? least : one;
	}
	printf("%.1f\n", least);
	return 0;
}
