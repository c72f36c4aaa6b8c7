/* SPDX-License-Identifier: MIT */
/* pkt udp, rate, echo: numbered datagrams of some flows in turn, datagrams at a rate, ICMP echoes of either family. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>

#include "pkt.h"

enum { FLOWS_MAX = 4096, SIZE_MAX_BYTES = 65000, BATCH = 32 };

/* A refusal from the far end (ECONNREFUSED, EHOSTUNREACH, …) is the answer to an earlier packet; this one is sent again. */
static void datagram_send(int fd, const void *data, size_t n)
{
	for (int tries = 0; tries < 3; tries++)
		if (send(fd, data, n, 0) == (ssize_t)n)
			return;
	die("send");
}

/* One connected socket a flow, from neighbouring ports. */
static size_t sockets_open(const struct words *w, int fds[FLOWS_MAX])
{
	const unsigned long flows = words_number(w, "flows", 1);
	const unsigned sport = (unsigned)words_number(w, "sport", 5000);
	const union place to = place_parse(words_text(w, "dst", "10.10.3.2"), (unsigned)words_number(w, "dport", 6000));

	if (flows == 0 || flows > FLOWS_MAX)
		die("1 to %d flows", FLOWS_MAX);
	for (unsigned i = 0; i < flows; i++) {
		fds[i] = socket_from(SOCK_DGRAM, 0, &to, words_text(w, "src", NULL), sport + i);
		if (connect(fds[i], &to.sa, place_size(&to)) < 0)
			die("connect");
	}
	return flows;
}

/* A sleep takes some 50 us more than asked for, so a short gap is waited out. */
static void gap(uint64_t us)
{
	if (us >= 1000)
		sleep_us(us);
	else
		for (const uint64_t end = now_us() + us; us && now_us() < end;)
			;
}

static int udp_run(const struct words *w)
{
	static uint8_t data[SIZE_MAX_BYTES];
	static int fds[FLOWS_MAX];
	const unsigned long count = words_number(w, "count", 1), size = words_number(w, "size", 8);
	const unsigned long gap_us = words_number(w, "gap_us", 20);

	if (size < 4 || size > SIZE_MAX_BYTES)
		die("4 to %d bytes", SIZE_MAX_BYTES);
	stay_on_one_cpu();
	const size_t flows = sockets_open(w, fds);
	for (unsigned long i = 0; i < count; i++) {
		const uint32_t number = htonl((uint32_t)i);
		memcpy(data, &number, sizeof(number));
		datagram_send(fds[i % flows], data, size);
		gap(gap_us);
	}
	(void)printf("sent %lu\n", count);
	return 0;
}

const struct verb verb_udp = {
	.name = "udp",
	.help = "[dst=A] [dport=6000] [src=A] [sport=5000] [flows=1] [count=1] [size=8] [gap_us=20]",
	.run = udp_run,
};

/* Small batches by the clock, each of one flow: as even as a shared machine allows, never more than a batch ahead. */
static int rate_run(const struct words *w)
{
	static uint8_t data[SIZE_MAX_BYTES];
	static int fds[FLOWS_MAX];
	const unsigned long pps = words_number(w, "pps", 1000), seconds = words_number(w, "seconds", 1);
	const size_t size = words_number(w, "size", 8);
	struct iovec iov = { .iov_base = data, .iov_len = MIN(size, sizeof(data)) };
	struct mmsghdr batch[BATCH] = { 0 };
	unsigned long sent = 0;

	const size_t flows = sockets_open(w, fds);
	for (size_t i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	(void)printf("ready\n");
	const uint64_t start = now_us(), end = start + seconds * 1000000;
	size_t turn = 0;
	for (uint64_t now = start; now < end; now = now_us()) {
		const uint64_t due = (now - start) * pps / 1000000;
		if (sent >= due) {
			sleep_us(200);
			continue;
		}
		const int n = sendmmsg(fds[turn++ % flows], batch, (unsigned)MIN(due - sent, (uint64_t)BATCH), 0);
		sent += n > 0 ? (unsigned long)n : 0;
	}
	(void)printf("sent %lu in %lu ms\n", sent, (unsigned long)((now_us() - start) / 1000));
	return 0;
}

const struct verb verb_rate = {
	.name = "rate",
	.help = "[dst=A] [dport=6000] [src=A] [sport=5000] [flows=1] [pps=1000] [seconds=1] [size=8]",
	.run = rate_run,
};

static uint16_t checksum(const uint8_t *data, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Both families have the same head: type, code, checksum, identifier, sequence number. */
static void echo_send(int fd, int family, unsigned id, unsigned sequence)
{
	uint8_t m[16] = { family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST, 0, 0, 0, (uint8_t)(id >> 8), (uint8_t)id,
			  (uint8_t)(sequence >> 8), (uint8_t)sequence };

	if (family == AF_INET) {
		const uint16_t sum = checksum(m, sizeof(m));
		m[2] = (uint8_t)(sum >> 8);
		m[3] = (uint8_t)sum;
	}
	if (send(fd, m, sizeof(m), 0) < 0 && errno != EHOSTUNREACH && errno != ENETUNREACH)
		die("send");
}

/* One answer of ours, if one comes before `until`. */
static bool echo_receive(int fd, int family, unsigned id, uint64_t until)
{
	const uint8_t answer = family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
	uint8_t m[256];

	for (uint64_t now = now_us();; now = now_us()) {
		const int wait_ms = now < until ? (int)((until - now + 999) / 1000) : 0;
		if (poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, wait_ms) <= 0)
			return false;
		const ssize_t n = recv(fd, m, sizeof(m), MSG_DONTWAIT);
		const size_t head = family == AF_INET ? (size_t)(m[0] & 15) * 4 : 0;
		if (n >= (ssize_t)head + 8 && m[head] == answer && ((unsigned)m[head + 4] << 8 | m[head + 5]) == id)
			return true;
	}
}

static int echo_run(const struct words *w)
{
	const unsigned long count = words_number(w, "count", 1), gap_us = words_number(w, "gap_us", 2000);
	const unsigned id = (unsigned)words_number(w, "id", 77) & 0xffff;
	const union place to = place_parse(words_text(w, "dst", "10.10.3.2"), 0);
	const int family = to.sa.sa_family;
	const int fd = socket_from(SOCK_RAW, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6, &to,
				   words_text(w, "src", NULL), 0);
	const char *device = words_text(w, "device", NULL);
	unsigned long received = 0;

	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) < 0)
		die("cannot bind to '%s'", device);
	if (connect(fd, &to.sa, place_size(&to)) < 0)
		die("connect");
	stay_on_one_cpu();
	for (unsigned long i = 0; i < count; i++) {
		echo_send(fd, family, id, (unsigned)i);
		received += echo_receive(fd, family, id, now_us() + gap_us);
	}
	const uint64_t until = now_us() + words_number(w, "wait_ms", 1000) * 1000;
	while (received < count && echo_receive(fd, family, id, until))
		received++;
	(void)printf("%lu of %lu\n", received, count);
	return received == count ? 0 : 1;
}

const struct verb verb_echo = {
	.name = "echo",
	.help = "[dst=A] [src=A] [device=D] [count=1] [gap_us=2000] [id=77] [wait_ms=1000]",
	.run = echo_run,
};
