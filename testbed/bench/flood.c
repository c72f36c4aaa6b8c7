/* SPDX-License-Identifier: MIT */
/* Puts UDP packets of many flows onto a device with a packet socket, and prints the nanoseconds a packet took in each of
 * many short bursts, one a line. What the packets pass behind the device runs on this CPU before the next one is sent.
 *   flood DEVICE MAC SOURCE DESTINATION FLOWS PACKETS BURSTS */
#include "base/base.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

enum { FLOWS_MAX = 4096 };

struct frame {
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t data[8];
} __attribute__((packed));

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint16_t header_sum(const struct frame *f)
{
	const uint8_t *b = (const uint8_t *)f + sizeof(f->ether);
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(f->ip); i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void frame_fill(struct frame *f, char **argv, unsigned flow)
{
	uint8_t *mac = f->ether.ether_dhost;
	struct in_addr source, destination;

	if (sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6 ||
	    inet_pton(AF_INET, argv[3], &source) != 1 || inet_pton(AF_INET, argv[4], &destination) != 1)
		die("address");
	f->ether.ether_type = htons(ETHERTYPE_IP);
	f->ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .saddr = source.s_addr,
				.daddr = destination.s_addr, .tot_len = htons(sizeof(*f) - sizeof(f->ether)) };
	f->ip.check = header_sum(f);
	f->udp = (struct udphdr){ .source = htons((uint16_t)(20000 + flow)), .dest = htons(6000),
				  .len = htons(sizeof(f->udp) + sizeof(f->data)) };
}

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	static struct frame frames[FLOWS_MAX];

	if (argc != 8) {
		fprintf(stderr, "usage: flood DEVICE MAC SOURCE DESTINATION FLOWS PACKETS BURSTS\n");
		return 1;
	}
	const unsigned flows = (unsigned)MIN(strtoul(argv[5], NULL, 10), (unsigned long)FLOWS_MAX);
	const unsigned packets = (unsigned)strtoul(argv[6], NULL, 10), bursts = (unsigned)strtoul(argv[7], NULL, 10);
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1]) };

	if (fd < 0 || !to.sll_ifindex || bind(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die(argv[1]);
	for (unsigned i = 0; i < flows; i++)
		frame_fill(&frames[i], argv, i);
	for (unsigned b = 0, next = 0; b < bursts; b++) {
		const double start = now_ns();

		for (unsigned i = 0; i < packets; i++, next++)
			if (send(fd, &frames[next % flows], sizeof(frames[0]), 0) < 0)
				die("send");
		printf("%.1f\n", (now_ns() - start) / packets);
	}
	return 0;
}
