/* SPDX-License-Identifier: MIT */
/* Questions to nf_tables: never about the whole rule-set, always about table `inet nlbc`. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "target/nft.h"

int nft_ask(struct kernel *k, const struct nft_question *q, struct answer *a)
{
	char buffer[512];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buffer);

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | q->type);
	m->nlmsg_flags = q->flags;
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));
	head->nfgen_family = q->family;
	head->version = NFNETLINK_V0;
	head->res_id = 0;
	if (q->table)
		mnl_attr_put_strz(m, q->table, NFT_TABLE_NAME);
	if (q->name && !mnl_attr_put_check(m, sizeof(buffer), q->name_type, strlen(q->name) + 1, q->name))
		return -ENAMETOOLONG;
	return kernel_ask(k, KERNEL_NETFILTER, m, a);
}

struct bytes nft_attributes(const struct nlmsghdr *m)
{
	const size_t head = sizeof(*m) + NLA_ALIGN(sizeof(struct nfgenmsg));

	if (m->nlmsg_len < head)
		return (struct bytes){ "", 0 };
	return (struct bytes){ (const char *)m + head, m->nlmsg_len - head };
}

int nft_generation(struct kernel *k, uint32_t *generation)
{
	auto_answer struct answer a = {0};
	const struct nlattr *attrs[NFTA_GEN_MAX + 1];
	int err = nft_ask(k, &(struct nft_question){ .type = NFT_MSG_GETGEN }, &a);

	if (err < 0)
		return err;
	const struct nlmsghdr *m = answer_next(&a, NULL);
	if (!m)
		return -ENOMSG;
	wire_table(nft_attributes(m), attrs, NFTA_GEN_MAX);
	*generation = wire_get_be32(attrs[NFTA_GEN_ID]);
	return 0;
}

bool nft_is_ours(const struct nft_table *t)
{
	const uint8_t *p = t->userdata.p;
	const size_t n = strlen(NFT_TABLE_TAG);

	return t->userdata.n > 2 + n && p[0] == 0 && memcmp(p + 2, NFT_TABLE_TAG, n) == 0;
}

int nft_ask_table(struct kernel *k, struct answer *a, struct nft_table *t)
{
	const struct nlattr *attrs[NFTA_TABLE_MAX + 1];
	int err = nft_ask(k, &(struct nft_question){
		.type = NFT_MSG_GETTABLE, .family = NFPROTO_INET, .table = NFTA_TABLE_NAME,
	}, a);

	if (err < 0)
		return err;
	const struct nlmsghdr *m = answer_next(a, NULL);
	if (!m)
		return -ENOMSG;
	wire_table(nft_attributes(m), attrs, NFTA_TABLE_MAX);
	*t = (struct nft_table){
		.flags = wire_get_be32(attrs[NFTA_TABLE_FLAGS]), .userdata = wire_bytes(attrs[NFTA_TABLE_USERDATA]),
	};
	return 0;
}

int nft_explain(int err, struct diags *d)
{
	struct diag *g;

	if (err == -EINVAL || err == -EOPNOTSUPP) {
		/* What nfnetlink says of a subsystem that is not there (net/netfilter/nfnetlink.c). */
		g = diag_error(d, NULL, "machine", "this kernel has no nf_tables");
		diag_hint(d, g, "CONFIG_NF_TABLES (module nf_tables)");
		return err;
	}
	(void)diag_error(d, NULL, err == -EPERM ? "permission" : "kernel", "cannot read the rule-set: %s",
			 errno_words(-err));
	return err;
}
