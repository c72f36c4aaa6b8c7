/* SPDX-License-Identifier: MIT */
/* Both flavours of iptables at once: legacy table mangle, and table mangle of iptables-nft, an ordinary nft table. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "target/ipt.h"
#include "target/nft.h"
#include "target/uses.h"

/* A table that cannot be read shows no rules. */
static bool has_legacy(const struct ipt_family *f)
{
	bool found = false;
	struct xtc_handle *h = legacy_has_table(f->family, IPT_TABLE) > 0 ? f->init(IPT_TABLE) : NULL;
	for (const char *chain = h ? f->first_chain(h) : NULL; chain && !found; chain = f->next_chain(h))
		found = f->first_rule(chain, h) != NULL;
	if (h)
		f->free(h);
	return found;
}

static int has_nft(struct kernel *k, const struct ipt_family *f)
{
	auto_answer struct answer rules = {0};
	int err = nft_ask(k, &(struct nft_question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP, .family = f->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6,
		.name_type = NFTA_RULE_TABLE, .name = IPT_TABLE,
	}, &rules);
	if (err == -ENOENT || err == -EINVAL || err == -EOPNOTSUPP)   /* no such table, no nf_tables */
		return 0;
	return err < 0 ? err : answer_next(&rules, NULL) != NULL;
}

int uses_nft_mangle(struct kernel *k)
{
	int found = 0;
	for (size_t i = 0; !found && i < IPT_FAMILIES; i++)
		found = has_nft(k, &ipt_families[i]);
	return found;
}

int warn_of_flavours(struct kernel *k, const struct place *place, struct diags *d)
{
	for (size_t i = 0; i < IPT_FAMILIES; i++) {
		const struct ipt_family *f = &ipt_families[i];
		int both = has_nft(k, f);
		if (both < 0)
			return nft_explain(both, d);
		if (!both || !has_legacy(f))
			continue;
		struct diag *g = diag_warning(d, place, "machine", "%s-nft and %s-legacy both have rules in table 'mangle'",
					      f->format, f->format);
		diag_hint(d, g, "keep one flavour: compare %s-nft-save -t mangle and %s-legacy-save -t mangle", f->format,
			  f->format);
	}
	return 0;
}
