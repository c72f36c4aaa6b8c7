/* SPDX-License-Identifier: MIT */
/*
 * pkt record: what passes the devices of a namespace, seen by one packet socket, so that the order between devices is true.
 * One line a packet:
 *   DEVICE in|out 4|6 PROTO SRC SPORT DST DPORT OFFSET MORE ID LENGTH INFO TIME_US
 * OFFSET is in bytes; later fragments have ports 0. INFO is the number in a UDP payload, the flags of TCP, type.code.sequence
 * of ICMP. LENGTH is of the IP packet, TIME_US the kernel's. The last line on standard output counts packets and drops.
 */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "pkt.h"

enum { DEVICES_MAX = 16, QUIET_MS = 120 };

struct packet {
	int family;
	int protocol;
	char source[INET6_ADDRSTRLEN];
	char destination[INET6_ADDRSTRLEN];
	unsigned offset_bytes;
	unsigned more;
	unsigned id;
	unsigned length;
	const uint8_t *payload;
	size_t payload_size;
};

struct recorder {
	FILE *out;
	const char *devices;
	const char *direction;
	const char *protocol;
	unsigned long limit;
	unsigned long seen;
	unsigned index[DEVICES_MAX];
	char name[DEVICES_MAX][IF_NAMESIZE];
};

static bool packet_read4(struct packet *p, const uint8_t *data, size_t n)
{
	struct iphdr ip;

	if (n < sizeof(ip))
		return false;
	memcpy(&ip, data, sizeof(ip));
	const size_t head = (size_t)ip.ihl * 4;
	p->family = 4;
	p->protocol = ip.protocol;
	p->offset_bytes = (ntohs(ip.frag_off) & 0x1fffu) * 8;
	p->more = (ntohs(ip.frag_off) & 0x2000) != 0;
	p->id = ntohs(ip.id);
	p->length = ntohs(ip.tot_len);
	(void)inet_ntop(AF_INET, &ip.saddr, p->source, sizeof(p->source));
	(void)inet_ntop(AF_INET, &ip.daddr, p->destination, sizeof(p->destination));
	p->payload = data + MIN(head, n);
	p->payload_size = n - MIN(head, n);
	return true;
}

static bool packet_read6(struct packet *p, const uint8_t *data, size_t n)
{
	struct ip6_hdr ip;
	struct ip6_frag fragment;
	size_t head = sizeof(ip);

	if (n < sizeof(ip))
		return false;
	memcpy(&ip, data, sizeof(ip));
	p->family = 6;
	p->protocol = ip.ip6_nxt;
	p->length = ntohs(ip.ip6_plen) + (unsigned)sizeof(ip);
	if (p->protocol == IPPROTO_FRAGMENT && n >= head + sizeof(fragment)) {
		memcpy(&fragment, data + head, sizeof(fragment));
		p->protocol = fragment.ip6f_nxt;
		p->offset_bytes = ntohs(fragment.ip6f_offlg) & 0xfff8u;
		p->more = ntohs(fragment.ip6f_offlg) & 1;
		p->id = ntohl(fragment.ip6f_ident);
		head += sizeof(fragment);
	}
	(void)inet_ntop(AF_INET6, &ip.ip6_src, p->source, sizeof(p->source));
	(void)inet_ntop(AF_INET6, &ip.ip6_dst, p->destination, sizeof(p->destination));
	p->payload = data + head;
	p->payload_size = n - head;
	return true;
}

static const char *protocol_name(int protocol, char *spare, size_t size)
{
	switch (protocol) {
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	case IPPROTO_ICMP: return "icmp";
	case IPPROTO_ICMPV6: return "icmp6";
	}
	(void)snprintf(spare, size, "%d", protocol);
	return spare;
}

static void info_print_tcp(char *info, size_t size, unsigned flags)
{
	static const char letters[] = "FSRPAU";
	size_t n = 0;

	for (unsigned bit = 0; bit < 6 && n + 1 < size; bit++)
		if (flags & 1u << bit)
			info[n++] = letters[bit];
	info[n] = '\0';
}

/* Fills ports and the last column; what a later fragment lacks stays at "-" and 0. */
static void transport_read(const struct packet *p, unsigned *sport, unsigned *dport, char *info, size_t size)
{
	const uint8_t *b = p->payload;
	const bool ported = p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP;

	*sport = *dport = 0;
	(void)snprintf(info, size, "-");
	if (p->offset_bytes != 0 || p->payload_size < 8)
		return;
	if (ported) {
		*sport = (unsigned)b[0] << 8 | b[1];
		*dport = (unsigned)b[2] << 8 | b[3];
	}
	if (p->protocol == IPPROTO_UDP && p->payload_size >= 12)
		(void)snprintf(info, size, "%u", (unsigned)b[8] << 24 | (unsigned)b[9] << 16 | (unsigned)b[10] << 8 | b[11]);
	else if (p->protocol == IPPROTO_TCP && p->payload_size >= sizeof(struct tcphdr))
		info_print_tcp(info, size, b[13]);
	else if (p->protocol == IPPROTO_ICMP || p->protocol == IPPROTO_ICMPV6)
		(void)snprintf(info, size, "%u.%u.%u", b[0], b[1], (unsigned)b[6] << 8 | b[7]);
}

/* The device's name if it is one we listen on; names are asked for once. */
static const char *recorder_device(struct recorder *r, unsigned index)
{
	char name[IF_NAMESIZE];
	size_t i;

	for (i = 0; i < DEVICES_MAX && r->index[i]; i++)
		if (r->index[i] == index)
			return r->name[i][0] ? r->name[i] : NULL;
	if (i == DEVICES_MAX || !if_indextoname(index, name))
		return NULL;
	r->index[i] = index;
	const char *at = strstr(r->devices, name);
	const size_t n = strlen(name);
	const bool listed = at && (at == r->devices || at[-1] == ',') && (at[n] == '\0' || at[n] == ',');
	if (listed)
		memcpy(r->name[i], name, sizeof(name));
	return listed ? r->name[i] : NULL;
}

static void recorder_take(struct recorder *r, const struct sockaddr_ll *from, const uint8_t *data, size_t n,
			  uint64_t at_us)
{
	const char *direction = from->sll_pkttype == PACKET_OUTGOING ? "out" : "in";
	const char *device = recorder_device(r, (unsigned)from->sll_ifindex);
	struct packet p = { 0 };
	char spare[8], info[32];
	unsigned sport, dport;

	if (!device || (strcmp(r->direction, "both") != 0 && strcmp(r->direction, direction) != 0))
		return;
	const unsigned type = ntohs(from->sll_protocol);
	if (!(type == ETH_P_IP && packet_read4(&p, data, n)) && !(type == ETH_P_IPV6 && packet_read6(&p, data, n)))
		return;
	const char *protocol = protocol_name(p.protocol, spare, sizeof(spare));
	if (strcmp(r->protocol, "any") != 0 && strcmp(r->protocol, protocol) != 0)
		return;
	transport_read(&p, &sport, &dport, info, sizeof(info));
	(void)fprintf(r->out, "%s %s %d %s %s %u %s %u %u %u %u %u %s %llu\n", device, direction, p.family, protocol,
		      p.source, sport, p.destination, dport, p.offset_bytes, p.more, p.id, p.length, info,
		      (unsigned long long)at_us);
	r->seen++;
}

/* The next packet, if there is one. */
static void recorder_receive(struct recorder *r, int fd)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timeval))];
	uint8_t data[2048];
	struct sockaddr_ll from;
	struct iovec part = { data, sizeof(data) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1,
			    .msg_control = control, .msg_controllen = sizeof(control) };
	struct timeval at = { 0 };
	const ssize_t got = recvmsg(fd, &m, MSG_DONTWAIT);

	if (got <= 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP)
			memcpy(&at, CMSG_DATA(c), sizeof(at));
	recorder_take(r, &from, data, (size_t)got, (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_usec);
}

/* Until the limit, the time, or TERM and then a short silence, so that what is on its way is still seen. */
static void recorder_run(struct recorder *r, int fd, uint64_t end_us)
{
	sigset_t set;
	bool ending = false;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	struct pollfd polls[2] = { { .fd = fd, .events = POLLIN },
				   { .fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN } };
	if (polls[1].fd < 0)
		die("signalfd");
	(void)printf("ready\n");
	while (now_us() < end_us && (r->limit == 0 || r->seen < r->limit)) {
		const int n = poll(polls, ending ? 1 : 2, ending ? QUIET_MS : 200);
		if (n < 0)
			die("poll");
		if (n == 0 && ending)
			return;
		if (!ending && polls[1].revents) {
			ending = true;
			end_us = MIN(end_us, now_us() + 2000000);
		}
		if (polls[0].revents & POLLIN)
			recorder_receive(r, fd);
	}
}

static int record_run(const struct words *w)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);
	struct recorder r = {
		.devices = words_text(w, "devices", "eth2,eth3"),
		.direction = words_text(w, "direction", "in"),
		.protocol = words_text(w, "protocol", "any"),
		.limit = words_number(w, "count", 0),
	};
	const int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0)
		die("packet socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){ 1 << 26 }, sizeof(int)) < 0)
		die("SO_RCVBUFFORCE");
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &(int){ 1 }, sizeof(int)) < 0)
		die("SO_TIMESTAMP");
	r.out = fopen(words_text(w, "file", "/dev/stdout"), "we");
	if (!r.out)
		die("cannot write the record");
	recorder_run(&r, fd, now_us() + words_number(w, "seconds", 60) * 1000000);
	if (fclose(r.out) != 0)
		die("cannot write the record");
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		die("PACKET_STATISTICS");
	(void)printf("recorded %lu dropped %u\n", r.seen, stats.tp_drops);
	return stats.tp_drops ? 1 : 0;
}

const struct verb verb_record = {
	.name = "record",
	.help = "file=F [devices=eth2,eth3] [direction=in|out|both] [protocol=udp|tcp|icmp|any] [count=N] [seconds=60]",
	.run = record_run,
};
