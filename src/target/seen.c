/* SPDX-License-Identifier: MIT */
/* Dumps of rtnetlink taken apart. Filters (table, protocol) are the kernel's: nothing foreign is copied in vain. */
#include "base/base.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "target/seen.h"

enum { SKIP_STATS = 1 << 3 };       /* RTEXT_FILTER_SKIP_STATS */

static void take_address(const struct nlattr *attr, uint8_t family, struct addr *out)
{
	*out = (struct addr){ .family = family };
	memcpy(out->b, mnl_attr_get_payload(attr), MIN((size_t)mnl_attr_get_payload_len(attr), (size_t)addr_size(out)));
}

static void clear_host_bits(struct prefix *p)
{
	for (unsigned bit = p->len; bit < 128; bit++)
		p->addr.b[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
}

int seen_devices(struct kernel *k, struct arena *a, struct seen_devices *out)
{
	char buf[128];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETLINK;
	q->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(q, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(q, IFLA_EXT_MASK, SKIP_STATS);
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	if (err < 0)
		return err;
	*out = (struct seen_devices){0};
	for (const struct nlmsghdr *m = NULL; (m = answer_next(&answer, m));) {
		if (m->nlmsg_type != RTM_NEWLINK)
			continue;
		const struct ifinfomsg *i = mnl_nlmsg_get_payload(m);
		struct seen_device device = { .index = i->ifi_index, .flags = i->ifi_flags, .name = "" };
		const struct nlattr *attr;
		mnl_attr_for_each(attr, m, sizeof(*i))
			if (mnl_attr_get_type(attr) == IFLA_IFNAME)
				device.name = arena_strdup(a, mnl_attr_get_str(attr));
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = device;
	}
	return 0;
}

static bool read_address(const struct nlmsghdr *m, struct seen_address *out)
{
	const struct ifaddrmsg *i = mnl_nlmsg_get_payload(m);
	bool has_local = false;
	if (m->nlmsg_type != RTM_NEWADDR || (i->ifa_family != AF_INET && i->ifa_family != AF_INET6))
		return false;
	*out = (struct seen_address){ .index = (int)i->ifa_index, .net.len = i->ifa_prefixlen };
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(*i)) {
		/* LOCAL is ours; ADDRESS is ours too, or the peer's where both are given. */
		if (mnl_attr_get_type(attr) == IFA_LOCAL) {
			take_address(attr, i->ifa_family, &out->addr);
			has_local = true;
		} else if (mnl_attr_get_type(attr) == IFA_ADDRESS) {
			take_address(attr, i->ifa_family, &out->net.addr);
		}
	}
	if (!has_local)
		out->addr = out->net.addr;
	if (!out->net.addr.family)
		out->net.addr = out->addr;
	clear_host_bits(&out->net);
	return true;
}

int seen_addresses(struct kernel *k, struct arena *a, struct seen_addresses *out)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETADDR;
	q->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(q, sizeof(struct ifaddrmsg));
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	if (err < 0)
		return err;
	*out = (struct seen_addresses){0};
	for (const struct nlmsghdr *m = NULL; (m = answer_next(&answer, m));) {
		struct seen_address address;
		if (!read_address(m, &address))
			continue;
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = address;
	}
	return 0;
}

static bool read_route(const struct nlmsghdr *m, uint8_t family, struct seen_route *out)
{
	const struct rtmsg *r = mnl_nlmsg_get_payload(m);
	if (m->nlmsg_type != RTM_NEWROUTE || r->rtm_family != family || (r->rtm_flags & RTM_F_CLONED))
		return false;
	*out = (struct seen_route){
		.family = family, .protocol = r->rtm_protocol, .type = r->rtm_type, .scope = r->rtm_scope,
		.tos = r->rtm_tos, .table = r->rtm_table, .to = { .addr.family = family, .len = r->rtm_dst_len },
		.hop.flags = (uint8_t)r->rtm_flags, .special = r->rtm_src_len > 0, .message = m,
	};
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(*r)) {
		switch (mnl_attr_get_type(attr)) {
		case RTA_DST: take_address(attr, family, &out->to.addr); break;
		case RTA_TABLE: out->table = mnl_attr_get_u32(attr); break;
		case RTA_PRIORITY: out->metric = mnl_attr_get_u32(attr); break;
		case RTA_OIF: out->hop.index = (int)mnl_attr_get_u32(attr); break;
		case RTA_GATEWAY: take_address(attr, family, &out->hop.via); break;
		case RTA_NH_ID: out->nexthop_id = mnl_attr_get_u32(attr); break;
		case RTA_MULTIPATH: out->multipath = true; break;
		case RTA_PREFSRC: case RTA_METRICS: case RTA_VIA: case RTA_ENCAP: out->special = true; break;
		default: break;
		}
	}
	return true;
}

static const struct rtnexthop *next_way(const struct rtnexthop *nh, const char *end)
{
	const char *at = (const char *)nh;
	bool fits = at + sizeof(*nh) <= end && nh->rtnh_len >= sizeof(*nh) && at + nh->rtnh_len <= end;
	return fits ? nh : NULL;
}

/* The ways stand in a struct of their own, each followed by its attributes. */
static size_t read_ways(const struct seen_route *r, const struct nlattr *multipath, struct seen_hop *hops, size_t room)
{
	size_t n = 0;
	const char *at = mnl_attr_get_payload(multipath);
	const char *end = at + mnl_attr_get_payload_len(multipath);
	for (const struct rtnexthop *nh; (nh = next_way((const void *)at, end)); at += RTNH_ALIGN(nh->rtnh_len)) {
		struct seen_hop hop = { .index = nh->rtnh_ifindex, .flags = nh->rtnh_flags };
		const struct nlattr *attr;
		mnl_attr_for_each_payload((const void *)RTNH_DATA(nh), nh->rtnh_len - sizeof(*nh))
			if (mnl_attr_get_type(attr) == RTA_GATEWAY)
				take_address(attr, r->family, &hop.via);
		if (n < room)
			hops[n] = hop;
		n++;
	}
	return n;
}

size_t seen_hops(const struct seen_route *r, struct seen_hop *hops, size_t room)
{
	const struct nlattr *attr;
	if (!r->multipath) {
		if (r->hop.index && room)
			hops[0] = r->hop;
		return r->hop.index ? 1 : 0;
	}
	mnl_attr_for_each(attr, r->message, sizeof(struct rtmsg))
		if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			return read_ways(r, attr, hops, room);
	return 0;
}

int seen_routes(struct kernel *k, uint8_t family, uint32_t table, uint8_t protocol, struct arena *a,
		struct seen_routes *out)
{
	char buf[128];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETROUTE;
	q->nlmsg_flags = NLM_F_DUMP;
	struct rtmsg *r = mnl_nlmsg_put_extra_header(q, sizeof(*r));
	r->rtm_family = family;
	r->rtm_protocol = protocol;
	if (table)
		mnl_attr_put_u32(q, RTA_TABLE, table);
	*out = (struct seen_routes){0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &out->answer);
	if (err == -ENOENT || err == -EOPNOTSUPP || err == -EAFNOSUPPORT)
		return 0;
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&out->answer, m));) {
		struct seen_route route;
		if (!read_route(m, family, &route) || (table && route.table != table) ||
		    (protocol && route.protocol != protocol))
			continue;
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n++] = route;
	}
	return err;
}

const char *seen_protocol(uint8_t protocol, char buf[8])
{
	static const struct { uint8_t number; const char *name; } names[] = {
		{ RTPROT_REDIRECT, "redirect" }, { RTPROT_KERNEL, "kernel" }, { RTPROT_BOOT, "boot" },
		{ RTPROT_STATIC, "static" }, { RTPROT_GATED, "gated" }, { RTPROT_RA, "ra" }, { RTPROT_MRT, "mrt" },
		{ RTPROT_ZEBRA, "zebra" }, { RTPROT_BIRD, "bird" }, { RTPROT_DNROUTED, "dnrouted" },
		{ RTPROT_XORP, "xorp" }, { RTPROT_NTK, "ntk" }, { RTPROT_DHCP, "dhcp" },
		{ RTPROT_KEEPALIVED, "keepalived" }, { RTPROT_BABEL, "babel" }, { RTPROT_BGP, "bgp" },
		{ RTPROT_ISIS, "isis" }, { RTPROT_OSPF, "ospf" }, { RTPROT_RIP, "rip" }, { RTPROT_EIGRP, "eigrp" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	(void)snprintf(buf, 8, "%u", protocol);
	return buf;
}
