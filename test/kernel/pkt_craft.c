/* SPDX-License-Identifier: MIT */
/* pkt craft: packets as lines of standard input describe them, `SRC DST PROTO SPORT DPORT`, sent by a packet socket: any
 * source, any protocol, whatever routing here would say. They carry no hash of a socket. TCP is a SYN, ICMP an echo request. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>

#include "pkt.h"

enum { HEAD4 = 20, HEAD6 = 40, BODY = 24 };

struct craft {
	bool ip6;
	uint8_t source[16], destination[16];
	unsigned protocol, source_port, destination_port, hops, id;
};

static void put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return sum;
}

static unsigned sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Over the body and what stands for the head; ICMP of IPv4 has no such. */
static unsigned body_sum(const struct craft *c, const uint8_t *body)
{
	const size_t size = c->ip6 ? 16 : 4;
	uint32_t sum = 0;

	if (c->protocol != IPPROTO_ICMP)
		sum = sum_add(sum_add(BODY + c->protocol, c->source, size), c->destination, size);
	return sum_fold(sum_add(sum, body, BODY));
}

static void body_put(const struct craft *c, uint8_t *body)
{
	size_t sum_at = 0;

	put16(body, c->source_port);
	put16(body + 2, c->destination_port);
	switch (c->protocol) {
	case IPPROTO_TCP:
		body[12] = BODY / 4 << 4;
		body[13] = 0x02;
		put16(body + 14, 1024);
		memset(body + 20, 1, 4);                /* four options that do nothing */
		sum_at = 16;
		break;
	case IPPROTO_UDP:
		put16(body + 4, BODY);
		sum_at = 6;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put16(body, (c->ip6 ? 128u : 8u) << 8);
		put16(body + 2, 0);
		put16(body + 4, c->id);
		sum_at = 2;
		break;
	}
	if (sum_at)
		put16(body + sum_at, body_sum(c, body));
}

static size_t packet_put(const struct craft *c, uint8_t *p)
{
	const size_t head = c->ip6 ? HEAD6 : HEAD4;

	memset(p, 0, head + BODY);
	if (c->ip6) {
		p[0] = 0x60;
		put16(p + 4, BODY);
		p[6] = (uint8_t)c->protocol;
		p[7] = (uint8_t)c->hops;
		memcpy(p + 8, c->source, 16);
		memcpy(p + 24, c->destination, 16);
	} else {
		p[0] = 0x45;
		put16(p + 2, HEAD4 + BODY);
		p[8] = (uint8_t)c->hops;
		p[9] = (uint8_t)c->protocol;
		memcpy(p + 12, c->source, 4);
		memcpy(p + 16, c->destination, 4);
		put16(p + 10, sum_fold(sum_add(0, p, HEAD4)));
	}
	body_put(c, p + head);
	return head + BODY;
}

static bool craft_read(const char *line, struct craft *c)
{
	char source[64], destination[64];

	*c = (struct craft){ 0 };
	if (sscanf(line, "%63s %63s %u %u %u", source, destination, &c->protocol, &c->source_port, &c->destination_port) < 3)
		return false;
	c->ip6 = strchr(source, ':') != NULL;
	const int family = c->ip6 ? AF_INET6 : AF_INET;
	return inet_pton(family, source, c->source) == 1 && inet_pton(family, destination, c->destination) == 1;
}

static int craft_run(const struct words *w)
{
	const int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const unsigned long gap_us = words_number(w, "gap_us", 20);
	const unsigned hops = (unsigned)words_number(w, "hops", 64), id = (unsigned)words_number(w, "id", 78);
	const char *mac = words_text(w, "mac", "");
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };
	unsigned long sent = 0;
	uint8_t packet[HEAD6 + BODY];
	char line[256];
	struct craft c;

	to.sll_ifindex = (int)if_nametoindex(words_text(w, "device", "eth1"));
	if (fd < 0 || !to.sll_ifindex)
		die("no packet socket");
	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &to.sll_addr[0], &to.sll_addr[1], &to.sll_addr[2], &to.sll_addr[3],
		   &to.sll_addr[4], &to.sll_addr[5]) != 6)
		die("'%s' is not the address of a device", mac);
	stay_on_one_cpu();
	for (; fgets(line, sizeof(line), stdin); sent++) {
		if (!craft_read(line, &c))
			die("not a packet: %s", line);
		c.hops = hops;
		c.id = id;
		const size_t n = packet_put(&c, packet);

		to.sll_protocol = htons(c.ip6 ? ETH_P_IPV6 : ETH_P_IP);
		if (sendto(fd, packet, n, 0, (const struct sockaddr *)&to, sizeof(to)) != (ssize_t)n)
			die("send");
		for (const uint64_t end = now_us() + gap_us; now_us() < end;)
			;
	}
	(void)printf("sent %lu\n", sent);
	return 0;
}

const struct verb verb_craft = {
	.name = "craft",
	.help = "mac=M [device=eth1] [hops=64] [id=78] [gap_us=20], lines of SRC DST PROTO SPORT DPORT on standard input",
	.run = craft_run,
};
