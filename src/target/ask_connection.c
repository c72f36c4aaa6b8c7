/* SPDX-License-Identifier: MIT */
/* One connection out of the kernel's tracking table, by the ends of a packet of it. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "target/ask.h"
#include "target/nft.h"

static void put_tuple(struct nlmsghdr *m, const struct connection_question *q)
{
	const bool ip4 = q->source.family == AF_INET;
	struct nlattr *tuple = mnl_attr_nest_start(m, CTA_TUPLE_ORIG);
	struct nlattr *part = mnl_attr_nest_start(m, CTA_TUPLE_IP);

	mnl_attr_put(m, ip4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, addr_size(&q->source), q->source.b);
	mnl_attr_put(m, ip4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, addr_size(&q->destination), q->destination.b);
	mnl_attr_nest_end(m, part);
	part = mnl_attr_nest_start(m, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(m, CTA_PROTO_NUM, q->protocol);
	mnl_attr_put_u16(m, CTA_PROTO_SRC_PORT, htons(q->source_port));
	mnl_attr_put_u16(m, CTA_PROTO_DST_PORT, htons(q->destination_port));
	mnl_attr_nest_end(m, part);
	mnl_attr_nest_end(m, tuple);
}

static void take(const struct nlattr *attr, void *out, size_t n)
{
	const struct bytes b = wire_bytes(attr);

	if (b.n == n)
		memcpy(out, b.p, n);
}

/* What is not in it stays as in the question: protocols without ports have none here. */
static struct connection_question read_tuple(const struct nlattr *tuple, const struct connection_question *q)
{
	const struct nlattr *parts[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *protocol[CTA_PROTO_MAX + 1];
	const bool ip4 = q->source.family == AF_INET;
	uint16_t ports[] = { htons(q->source_port), htons(q->destination_port) };
	struct connection_question t = *q;

	wire_table(wire_bytes(tuple), parts, CTA_TUPLE_MAX);
	wire_table(wire_bytes(parts[CTA_TUPLE_IP]), ip, CTA_IP_MAX);
	wire_table(wire_bytes(parts[CTA_TUPLE_PROTO]), protocol, CTA_PROTO_MAX);
	take(ip[ip4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], t.source.b, addr_size(&t.source));
	take(ip[ip4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], t.destination.b, addr_size(&t.destination));
	take(protocol[CTA_PROTO_SRC_PORT], &ports[0], sizeof(ports[0]));
	take(protocol[CTA_PROTO_DST_PORT], &ports[1], sizeof(ports[1]));
	t.source_port = ntohs(ports[0]);
	t.destination_port = ntohs(ports[1]);
	return t;
}

static bool is_same(const struct connection_question *a, const struct connection_question *b)
{
	return addr_eq(&a->source, &b->source) && addr_eq(&a->destination, &b->destination) &&
	       a->source_port == b->source_port && a->destination_port == b->destination_port;
}

/* The kernel finds a connection by the ends of either direction; the first one's stand in CTA_TUPLE_ORIG. */
static void read_connection(const struct nlmsghdr *m, const struct connection_question *q, struct connection_answer *out)
{
	const struct nlattr *attrs[CTA_MAX + 1];

	wire_table(nft_attributes(m), attrs, CTA_MAX);
	const struct connection_question original = read_tuple(attrs[CTA_TUPLE_ORIG], q);
	const uint32_t status = wire_get_be32(attrs[CTA_STATUS]);

	*out = (struct connection_answer){
		.known = true, .reply = !is_same(&original, q), .answered = status & IPS_SEEN_REPLY,
		.expected = status & IPS_EXPECTED, .mark = wire_get_be32(attrs[CTA_MARK]),
	};
}

int ask_connection(struct kernel *k, const struct connection_question *q, struct connection_answer *out)
{
	char buffer[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buffer);
	auto_answer struct answer answer = { 0 };

	*out = (struct connection_answer){ 0 };
	m->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));

	head->nfgen_family = q->source.family;
	head->version = NFNETLINK_V0;
	put_tuple(m, q);
	int err = kernel_ask(k, KERNEL_NETFILTER, m, &answer);

	if (err == -ENOENT)
		return 0;
	const struct nlmsghdr *found = err ? NULL : answer_next(&answer, NULL);

	if (found)
		read_connection(found, q, out);
	return err;
}
