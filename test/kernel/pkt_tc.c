/* SPDX-License-Identifier: MIT */
/*
 * pkt tc: queues and classes of a device as the kernel holds them, in its own units, where tc rounds:
 *   qdisc HANDLE PARENT KIND [limit N] [default N r2q N direct_qlen N] [delay TICKS limit PACKETS]
 *   class HANDLE PARENT htb rate BYTES ceil BYTES buffer TICKS cbuffer TICKS quantum BYTES
 * Flows that fq_codel and sfq show as classes are left out: they come and go with the traffic.
 */
#include "base/base.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "pkt.h"

/* The attribute of this type among `n` bytes at `a`, or NULL. */
static const struct rtattr *attribute_find(const struct rtattr *a, size_t n, unsigned type)
{
	for (unsigned left = (unsigned)n; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

/* Copies what the attribute holds, as far as it goes, into `to`; false if there is none. */
static bool attribute_copy(const struct rtattr *options, unsigned type, void *to, size_t size)
{
	const struct rtattr *a = options ? attribute_find(RTA_DATA(options), RTA_PAYLOAD(options), type) : NULL;

	if (a)
		memcpy(to, RTA_DATA(a), MIN(size, RTA_PAYLOAD(a)));
	return a != NULL;
}

static void options_print(const char *kind, const struct rtattr *options)
{
	struct tc_htb_glob htb;
	struct tc_tbf_qopt tbf;
	struct tc_htb_opt class_htb;
	struct tc_netem_qopt netem;
	uint32_t direct, limit;

	if (strstr(kind, "fifo") && options && RTA_PAYLOAD(options) >= sizeof(limit)) {
		memcpy(&limit, RTA_DATA(options), sizeof(limit));
		(void)printf(" limit %u", limit);
	}
	if (strcmp(kind, "htb") == 0 && attribute_copy(options, TCA_HTB_INIT, &htb, sizeof(htb)))
		(void)printf(" version %u default %u r2q %u", htb.version >> 16, htb.defcls, htb.rate2quantum);
	if (strcmp(kind, "htb") == 0 && attribute_copy(options, TCA_HTB_DIRECT_QLEN, &direct, sizeof(direct)))
		(void)printf(" direct_qlen %u", direct);
	if (strcmp(kind, "htb") == 0 && attribute_copy(options, TCA_HTB_PARMS, &class_htb, sizeof(class_htb)))
		(void)printf(" rate %u ceil %u buffer %u cbuffer %u quantum %u", class_htb.rate.rate, class_htb.ceil.rate,
			     class_htb.buffer, class_htb.cbuffer, class_htb.quantum);
	if (strcmp(kind, "tbf") == 0 && attribute_copy(options, TCA_TBF_PARMS, &tbf, sizeof(tbf)))
		(void)printf(" rate %u buffer %u limit %u", tbf.rate.rate, tbf.buffer, tbf.limit);
	if (strcmp(kind, "netem") == 0 && options && RTA_PAYLOAD(options) >= sizeof(netem)) {
		memcpy(&netem, RTA_DATA(options), sizeof(netem));
		(void)printf(" delay %u limit %u", netem.latency, netem.limit);
	}
}

static bool is_flow(unsigned type, const char *kind)
{
	return type == RTM_NEWTCLASS && (strcmp(kind, "fq_codel") == 0 || strcmp(kind, "sfq") == 0);
}

static void message_print(const struct nlmsghdr *h, int index)
{
	const struct tcmsg *t = NLMSG_DATA(h);
	const struct rtattr *all = TCA_RTA(t);
	const size_t n = h->nlmsg_len - NLMSG_LENGTH(sizeof(*t));
	const struct rtattr *kind = attribute_find(all, n, TCA_KIND);

	if (t->tcm_ifindex != index || !kind || is_flow(h->nlmsg_type, RTA_DATA(kind)))
		return;
	(void)printf("%s %x:%x %x:%x %s", h->nlmsg_type == RTM_NEWQDISC ? "qdisc" : "class", t->tcm_handle >> 16,
		     t->tcm_handle & 0xffff, t->tcm_parent >> 16, t->tcm_parent & 0xffff, (const char *)RTA_DATA(kind));
	options_print(RTA_DATA(kind), attribute_find(all, n, TCA_OPTIONS));
	(void)printf("\n");
}

static void dump_print(int fd, unsigned type, int index)
{
	static _Alignas(struct nlmsghdr) uint8_t answer[65536];
	const struct {
		struct nlmsghdr h;
		struct tcmsg t;
	} ask = {
		.h = { .nlmsg_len = sizeof(ask), .nlmsg_type = (uint16_t)type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.t = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index },
	};

	if (send(fd, &ask, sizeof(ask), 0) < 0)
		die("send");
	for (;;) {
		const ssize_t got = recv(fd, answer, sizeof(answer), 0);
		if (got <= 0)
			die("recv");
		size_t left = (size_t)got;
		for (const struct nlmsghdr *h = (const void *)answer; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return;
			if (h->nlmsg_type == NLMSG_ERROR)
				die("the kernel refuses to list");
			message_print(h, index);
		}
	}
}

static int tc_run(const struct words *w)
{
	const int index = (int)if_nametoindex(words_text(w, "device", "eth1"));
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (index == 0 || fd < 0)
		die("no such device, or no netlink");
	dump_print(fd, RTM_GETQDISC, index);
	dump_print(fd, RTM_GETTCLASS, index);
	return 0;
}

const struct verb verb_tc = {
	.name = "tc",
	.help = "[device=eth1]",
	.run = tc_run,
};
