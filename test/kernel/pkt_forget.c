/* SPDX-License-Identifier: MIT */
/* pkt forget: the connections that this namespace tracks are forgotten, as by conntrack -F. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include "pkt.h"

static int forget_run(const struct words *w)
{
	const struct {
		struct nlmsghdr h;
		struct nfgenmsg g;
	} all = {
		.h = { .nlmsg_len = sizeof(all), .nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} answer = { 0 };
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	(void)w;
	if (fd < 0 || send(fd, &all, sizeof(all), 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		die("netlink");
	if (answer.e.error) {
		errno = -answer.e.error;
		die("the kernel refuses to forget");
	}
	return 0;
}

const struct verb verb_forget = {
	.name = "forget",
	.help = "",
	.run = forget_run,
};
