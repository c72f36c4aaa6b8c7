/* SPDX-License-Identifier: MIT */
/* What routing would do with a packet, by the kernel's own look-up: rules, marks, next-hop groups and all. */
#include "base/base.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "target/ask.h"

static void put_address(struct nlmsghdr *m, uint16_t type, const struct addr *a)
{
	mnl_attr_put(m, type, addr_size(a), a->b);
}

/* The kernel takes no other protocols here (rtm_getroute_parse_ip_proto). */
bool ask_route_takes(uint8_t family, uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

static void put_question(struct nlmsghdr *m, const struct route_question *q)
{
	struct rtmsg *r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	const bool ip4 = q->destination.family == AF_INET;

	m->nlmsg_type = RTM_GETROUTE;
	*r = (struct rtmsg){
		.rtm_family = q->destination.family, .rtm_dst_len = (uint8_t)addr_bits(&q->destination),
		.rtm_flags = ip4 ? RTM_F_LOOKUP_TABLE : 0,      /* IPv6 tells the table anyway, and refuses the flag */
	};
	put_address(m, RTA_DST, &q->destination);
	if (q->source.family) {
		r->rtm_src_len = (uint8_t)addr_bits(&q->source);
		put_address(m, RTA_SRC, &q->source);
	}
	if (q->in)
		mnl_attr_put_u32(m, RTA_IIF, (uint32_t)q->in);
	if (q->mark)
		mnl_attr_put_u32(m, RTA_MARK, q->mark);
	if (!ask_route_takes(q->destination.family, q->protocol))
		return;
	mnl_attr_put_u8(m, RTA_IP_PROTO, q->protocol);
	if (q->has_ports) {
		mnl_attr_put_u16(m, RTA_SPORT, htons(q->source_port));
		mnl_attr_put_u16(m, RTA_DPORT, htons(q->destination_port));
	}
}

static void take_address(const struct nlattr *attr, size_t skip, uint8_t family, struct addr *out)
{
	const size_t n = mnl_attr_get_payload_len(attr);

	*out = (struct addr){ .family = family };
	if (n < skip + addr_size(out))
		*out = (struct addr){ 0 };
	else
		memcpy(out->b, (const char *)mnl_attr_get_payload(attr) + skip, addr_size(out));
}

static void take_attribute(const struct nlattr *attr, uint8_t family, struct route_answer *out)
{
	const size_t n = mnl_attr_get_payload_len(attr);
	struct rtvia via;

	switch (mnl_attr_get_type(attr)) {
	case RTA_TABLE:
		out->table = n == 4 ? mnl_attr_get_u32(attr) : 0;
		break;
	case RTA_OIF:
		out->device = n == 4 ? (int)mnl_attr_get_u32(attr) : 0;
		break;
	case RTA_GATEWAY:
		take_address(attr, 0, family, &out->via);
		break;
	case RTA_VIA:                   /* an IPv4 route by an IPv6 next hop */
		if (n < sizeof(via))
			break;
		memcpy(&via, mnl_attr_get_payload(attr), sizeof(via));
		if (via.rtvia_family == AF_INET || via.rtvia_family == AF_INET6)
			take_address(attr, sizeof(via), (uint8_t)via.rtvia_family, &out->via);
		break;
	}
}

void ask_route(struct kernel *k, const struct route_question *q, struct route_answer *out)
{
	char buffer[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buffer);
	auto_answer struct answer answer = { 0 };
	const struct nlattr *attr;

	put_question(m, q);
	*out = (struct route_answer){ .error = kernel_ask(k, KERNEL_ROUTE, m, &answer) };
	const struct nlmsghdr *found = out->error ? NULL : answer_next(&answer, NULL);

	if (!found)
		return;
	const struct rtmsg *r = mnl_nlmsg_get_payload(found);

	out->type = r->rtm_type;
	out->table = r->rtm_table;
	mnl_attr_for_each(attr, found, sizeof(*r))
		take_attribute(attr, r->rtm_family, out);
}
