/* SPDX-License-Identifier: MIT */
/* Both flavours of iptables at once: legacy table mangle, and table mangle of iptables-nft, an ordinary nft table. */
#include "base/base.h"

#include <errno.h>
#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "target/nft.h"
#include "target/uses.h"

/* A table that cannot be read shows no rules. */
static bool has_legacy4(void)
{
	bool found = false;
	struct xtc_handle *h = legacy_has_table(AF_INET, "mangle") ? iptc_init("mangle") : NULL;
	for (const char *chain = h ? iptc_first_chain(h) : NULL; chain && !found; chain = iptc_next_chain(h))
		found = iptc_first_rule(chain, h) != NULL;
	if (h)
		iptc_free(h);
	return found;
}

static bool has_legacy6(void)
{
	bool found = false;
	struct xtc_handle *h = legacy_has_table(AF_INET6, "mangle") ? ip6tc_init("mangle") : NULL;
	for (const char *chain = h ? ip6tc_first_chain(h) : NULL; chain && !found; chain = ip6tc_next_chain(h))
		found = ip6tc_first_rule(chain, h) != NULL;
	if (h)
		ip6tc_free(h);
	return found;
}

static int has_nft(struct kernel *k, uint8_t family)
{
	auto_answer struct answer rules = {0};
	int err = nft_ask(k, &(struct nft_question){
		.type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP, .family = family, .name_type = NFTA_RULE_TABLE, .name = "mangle",
	}, &rules);
	if (err == -ENOENT || err == -EINVAL || err == -EOPNOTSUPP)   /* no such table, no nf_tables */
		return 0;
	return err < 0 ? err : answer_next(&rules, NULL) != NULL;
}

int warn_of_flavours(struct kernel *k, const struct place *place, struct diags *d)
{
	static const struct {
		uint8_t nft;
		bool (*has_legacy)(void);
		const char *tool;
	} families[] = { { NFPROTO_IPV4, has_legacy4, "iptables" }, { NFPROTO_IPV6, has_legacy6, "ip6tables" } };
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		const char *tool = families[i].tool;
		int both = has_nft(k, families[i].nft);
		if (both < 0)
			return nft_explain(both, d);
		if (!both || !families[i].has_legacy())
			continue;
		struct diag *g = diag_warning(d, place, "machine", "%s-nft and %s-legacy both have rules in table 'mangle'", tool,
					      tool);
		diag_hint(d, g, "keep one flavour: compare %s-nft-save -t mangle and %s-legacy-save -t mangle", tool, tool);
	}
	return 0;
}
