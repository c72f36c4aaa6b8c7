/* SPDX-License-Identifier: MIT */
/* The two families of legacy iptables: the same tables twice, with other names and other addresses. */
#include "base/base.h"

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>

#include "target/ipt.h"

/* ---- IPv4 ------------------------------------------------------------------------------------------------------- */

static void get_head4(const void *entry, struct ipt_head *h)
{
	const struct ipt_entry *e = entry;

	*h = (struct ipt_head){
		.proto = e->ip.proto, .is_goto = e->ip.flags & IPT_F_GOTO, .flags = e->ip.flags & ~IPT_F_GOTO & 0xff,
		.inverse = e->ip.invflags, .target_offset = e->target_offset, .next_offset = e->next_offset,
		.counters = e->counters,
	};
	memcpy(h->src, &e->ip.src, sizeof(e->ip.src));
	memcpy(h->dst, &e->ip.dst, sizeof(e->ip.dst));
	memcpy(h->src_mask, &e->ip.smsk, sizeof(e->ip.smsk));
	memcpy(h->dst_mask, &e->ip.dmsk, sizeof(e->ip.dmsk));
	memcpy(h->in, e->ip.iniface, IFNAMSIZ);
	memcpy(h->out, e->ip.outiface, IFNAMSIZ);
	memcpy(h->in_mask, e->ip.iniface_mask, IFNAMSIZ);
	memcpy(h->out_mask, e->ip.outiface_mask, IFNAMSIZ);
}

static void put_head4(const struct ipt_head *h, void *entry)
{
	struct ipt_entry *e = entry;

	e->ip.proto = h->proto;
	e->ip.flags = (uint8_t)(h->flags | (h->is_goto ? IPT_F_GOTO : 0));
	e->ip.invflags = h->inverse;
	e->target_offset = h->target_offset;
	e->next_offset = h->next_offset;
	memcpy(&e->ip.src, h->src, sizeof(e->ip.src));
	memcpy(&e->ip.dst, h->dst, sizeof(e->ip.dst));
	memcpy(&e->ip.smsk, h->src_mask, sizeof(e->ip.smsk));
	memcpy(&e->ip.dmsk, h->dst_mask, sizeof(e->ip.dmsk));
	memcpy(e->ip.iniface, h->in, IFNAMSIZ);
	memcpy(e->ip.outiface, h->out, IFNAMSIZ);
	memcpy(e->ip.iniface_mask, h->in_mask, IFNAMSIZ);
	memcpy(e->ip.outiface_mask, h->out_mask, IFNAMSIZ);
}

static const void *first_rule4(const char *chain, struct xtc_handle *h)
{
	return iptc_first_rule(chain, h);
}

static const void *next_rule4(const void *entry, struct xtc_handle *h)
{
	return iptc_next_rule(entry, h);
}

static const char *get_target4(const void *entry, struct xtc_handle *h)
{
	return iptc_get_target(entry, h);
}

static int append_entry4(const xt_chainlabel chain, const void *entry, struct xtc_handle *h)
{
	return iptc_append_entry(chain, entry, h);
}

static int insert_entry4(const xt_chainlabel chain, const void *entry, unsigned number, struct xtc_handle *h)
{
	return iptc_insert_entry(chain, entry, number, h);
}

/* ---- IPv6 ------------------------------------------------------------------------------------------------------- */

static void get_head6(const void *entry, struct ipt_head *h)
{
	const struct ip6t_entry *e = entry;

	*h = (struct ipt_head){
		.proto = e->ipv6.proto, .is_goto = e->ipv6.flags & IP6T_F_GOTO,
		.flags = e->ipv6.flags & ~(IP6T_F_GOTO | IP6T_F_PROTO) & 0xff, .inverse = e->ipv6.invflags,
		.tos = e->ipv6.tos, .target_offset = e->target_offset, .next_offset = e->next_offset,
		.counters = e->counters,
	};
	memcpy(h->src, &e->ipv6.src, sizeof(h->src));
	memcpy(h->dst, &e->ipv6.dst, sizeof(h->dst));
	memcpy(h->src_mask, &e->ipv6.smsk, sizeof(h->src_mask));
	memcpy(h->dst_mask, &e->ipv6.dmsk, sizeof(h->dst_mask));
	memcpy(h->in, e->ipv6.iniface, IFNAMSIZ);
	memcpy(h->out, e->ipv6.outiface, IFNAMSIZ);
	memcpy(h->in_mask, e->ipv6.iniface_mask, IFNAMSIZ);
	memcpy(h->out_mask, e->ipv6.outiface_mask, IFNAMSIZ);
}

static void put_head6(const struct ipt_head *h, void *entry)
{
	struct ip6t_entry *e = entry;

	e->ipv6.proto = h->proto;
	e->ipv6.flags = (uint8_t)(h->flags | (h->is_goto ? IP6T_F_GOTO : 0) | (h->proto ? IP6T_F_PROTO : 0));
	e->ipv6.invflags = h->inverse;
	e->ipv6.tos = h->tos;
	e->target_offset = h->target_offset;
	e->next_offset = h->next_offset;
	memcpy(&e->ipv6.src, h->src, sizeof(h->src));
	memcpy(&e->ipv6.dst, h->dst, sizeof(h->dst));
	memcpy(&e->ipv6.smsk, h->src_mask, sizeof(h->src_mask));
	memcpy(&e->ipv6.dmsk, h->dst_mask, sizeof(h->dst_mask));
	memcpy(e->ipv6.iniface, h->in, IFNAMSIZ);
	memcpy(e->ipv6.outiface, h->out, IFNAMSIZ);
	memcpy(e->ipv6.iniface_mask, h->in_mask, IFNAMSIZ);
	memcpy(e->ipv6.outiface_mask, h->out_mask, IFNAMSIZ);
}

static const void *first_rule6(const char *chain, struct xtc_handle *h)
{
	return ip6tc_first_rule(chain, h);
}

static const void *next_rule6(const void *entry, struct xtc_handle *h)
{
	return ip6tc_next_rule(entry, h);
}

static const char *get_target6(const void *entry, struct xtc_handle *h)
{
	return ip6tc_get_target(entry, h);
}

static int append_entry6(const xt_chainlabel chain, const void *entry, struct xtc_handle *h)
{
	return ip6tc_append_entry(chain, entry, h);
}

static int insert_entry6(const xt_chainlabel chain, const void *entry, unsigned number, struct xtc_handle *h)
{
	return ip6tc_insert_entry(chain, entry, number, h);
}

/* ---- both ------------------------------------------------------------------------------------------------------- */

const struct ipt_family ipt_families[IPT_FAMILIES] = {
	{
		.family = AF_INET, .number = "4", .word = "IPv4", .format = "iptables",
		.module = "ip_tables",
		.level = IPPROTO_IP, .ask_match = IPT_SO_GET_REVISION_MATCH, .ask_target = IPT_SO_GET_REVISION_TARGET,
		.entry_size = XT_ALIGN(sizeof(struct ipt_entry)), .address_size = 4,
		.get_head = get_head4, .put_head = put_head4,
		.init = iptc_init, .free = iptc_free, .commit = iptc_commit, .builtin = iptc_builtin,
		.is_chain = iptc_is_chain, .first_chain = iptc_first_chain, .next_chain = iptc_next_chain,
		.create_chain = iptc_create_chain, .flush_entries = iptc_flush_entries, .delete_chain = iptc_delete_chain,
		.delete_num_entry = iptc_delete_num_entry, .first_rule = first_rule4, .next_rule = next_rule4,
		.get_target = get_target4, .append_entry = append_entry4, .insert_entry = insert_entry4,
	},
	{
		.family = AF_INET6, .number = "6", .word = "IPv6", .format = "ip6tables",
		.module = "ip6_tables",
		.level = IPPROTO_IPV6, .ask_match = IP6T_SO_GET_REVISION_MATCH, .ask_target = IP6T_SO_GET_REVISION_TARGET,
		.entry_size = XT_ALIGN(sizeof(struct ip6t_entry)), .address_size = 16,
		.get_head = get_head6, .put_head = put_head6,
		.init = ip6tc_init, .free = ip6tc_free, .commit = ip6tc_commit, .builtin = ip6tc_builtin,
		.is_chain = ip6tc_is_chain, .first_chain = ip6tc_first_chain, .next_chain = ip6tc_next_chain,
		.create_chain = ip6tc_create_chain, .flush_entries = ip6tc_flush_entries,
		.delete_chain = ip6tc_delete_chain, .delete_num_entry = ip6tc_delete_num_entry, .first_rule = first_rule6,
		.next_rule = next_rule6, .get_target = get_target6, .append_entry = append_entry6,
		.insert_entry = insert_entry6,
	},
};

bool ipt_is_ours(const char *chain)
{
	return strncmp(chain, IPT_OURS, strlen(IPT_OURS)) == 0;
}
