/* SPDX-License-Identifier: MIT */
/* tc filters of kind fw: they choose a class by packet mark. */
#include "base/base.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>

#include "base/text.h"
#include "target/seen.h"
#include "target/uses.h"

static void read_filter(const struct nlmsghdr *m, const char *device, struct mark_scan *scan)
{
	const struct tcmsg *t = mnl_nlmsg_get_payload(m);
	const struct nlattr *attr, *option;
	bool is_fw = false;
	uint32_t mask = UINT32_MAX;
	if (m->nlmsg_type != RTM_NEWTFILTER)
		return;
	mnl_attr_for_each(attr, m, sizeof(*t)) {
		if (mnl_attr_get_type(attr) == TCA_KIND)
			is_fw = strcmp(mnl_attr_get_str(attr), "fw") == 0;
		if (mnl_attr_get_type(attr) == TCA_OPTIONS && is_fw)
			mnl_attr_for_each_nested(option, attr)
				if (mnl_attr_get_type(option) == TCA_FW_MASK)
					mask = mnl_attr_get_u32(option);
	}
	/* The first dumped entry of a filter is its head, without handle. */
	if (!is_fw || !t->tcm_handle)
		return;
	auto_text struct text who = {0};
	text_printf(&who, "the tc filter on %s 'fw handle 0x%x", device, t->tcm_handle);
	if (mask != UINT32_MAX)
		text_printf(&who, "/0x%x", mask);
	text_puts(&who, "'");
	mark_scan_found(scan, MARK_READ, mask, who.p);
}

static int read_filters(struct kernel *k, int index, uint32_t parent, struct mark_scan *scan)
{
	char buf[64], name[16];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETTFILTER;
	q->nlmsg_flags = NLM_F_DUMP;
	struct tcmsg *t = mnl_nlmsg_put_extra_header(q, sizeof(*t));
	t->tcm_ifindex = index;
	t->tcm_parent = parent;
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	const char *device = kernel_device_name(k, index, name);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&answer, m));)
		read_filter(m, device ? device : "?", scan);
	/* The queue went away meanwhile, or takes no filters. */
	return err == -ENODEV || err == -EINVAL || err == -ENOENT || err == -EOPNOTSUPP ? 0 : err;
}

static bool takes_filters(const struct nlmsghdr *m)
{
	static const char *const without[] = { "noqueue", "pfifo_fast", "pfifo", "bfifo", "mq", "fq", "tbf", "netem" };
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(struct tcmsg))
		for (size_t i = 0; mnl_attr_get_type(attr) == TCA_KIND && i < ARRAY_LEN(without); i++)
			if (strcmp(mnl_attr_get_str(attr), without[i]) == 0)
				return false;
	return m->nlmsg_type == RTM_NEWQDISC;
}

int uses_in_filters(struct kernel *k, struct mark_scan *scan)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETQDISC;
	q->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(q, sizeof(struct tcmsg));
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&answer, m));) {
		const struct tcmsg *t = mnl_nlmsg_get_payload(m);
		if (takes_filters(m) && t->tcm_handle)
			err = read_filters(k, t->tcm_ifindex, t->tcm_handle, scan);
	}
	return err;
}
