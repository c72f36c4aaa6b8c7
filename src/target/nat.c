/* SPDX-License-Identifier: MIT */
/* Rules that give packets another source address as they leave by a path's device: packet by packet over several paths,
 * one connection then has several sources. Only the device is looked at, and only in the rule itself: what else it asks
 * for, or the jump to its chain, may spare our packets, so it is a warning. */
#include "base/base.h"

#include <errno.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>

#include "target/nft.h"
#include "target/uses.h"

enum { SCAN_LIMIT_MS = 2000, WAYS_MAX = 256 };

struct nat_scan {
	const struct way_out *ways;
	size_t n;
	struct diags *diags;
};

static void found(const struct nat_scan *s, const struct way_out *way, const char *rule)
{
	struct diag *g = diag_warning(s->diags, NULL, "machine", "%s changes the source of what leaves by %s", rule, way->device);
	diag_hint(s->diags, g, "give all paths one source address there, or use method per-flow");
}

/* ---- nft -------------------------------------------------------------------------------------------------------- */

/* What a rule asks of the way out, as far as read. */
struct nat_rule {
	uint32_t key, reg;          /* NFT_META_OIF or NFT_META_OIFNAME in this register; 0: nothing */
	bool translates;
	bool spared[WAYS_MAX];      /* by number of the way: a comparison it does not pass */
};

static bool passes(const struct nat_rule *r, const struct nlattr **a, const struct way_out *way)
{
	const struct bytes value = wire_bytes(a[NFTA_CMP_DATA] ? wire_first(wire_bytes(a[NFTA_CMP_DATA])) : NULL);
	char name[16] = "";
	bool same;
	if (r->key == NFT_META_OIF) {
		same = value.n == sizeof(way->index) && memcmp(value.p, &way->index, value.n) == 0;
	} else {
		memcpy(name, way->device, MIN(strlen(way->device), sizeof(name) - 1));
		same = value.n <= sizeof(name) && memcmp(name, value.p, value.n) == 0;
	}
	return same == (wire_get_be32(a[NFTA_CMP_OP]) != NFT_CMP_NEQ);
}

static void read_expr(const struct nat_scan *s, struct nat_rule *r, const char *name, struct bytes data)
{
	const struct nlattr *a[16];
	wire_table(data, a, ARRAY_LEN(a) - 1);
	if (strcmp(name, "meta") == 0 && a[NFTA_META_DREG]) {
		const uint32_t key = wire_get_be32(a[NFTA_META_KEY]);
		r->key = key == NFT_META_OIF || key == NFT_META_OIFNAME ? key : 0;
		r->reg = wire_get_be32(a[NFTA_META_DREG]);
	} else if (strcmp(name, "cmp") == 0 && r->key && wire_get_be32(a[NFTA_CMP_SREG]) == r->reg) {
		for (size_t i = 0; i < s->n; i++)
			r->spared[i] |= !passes(r, a, &s->ways[i]);
	} else if (strcmp(name, "masq") == 0) {
		r->translates = true;
	} else if (strcmp(name, "nat") == 0) {
		r->translates |= wire_get_be32(a[NFTA_NAT_TYPE]) == NFT_NAT_SNAT;
	} else if (strcmp(name, "target") == 0) {
		const char *target = wire_get_string(a[NFTA_TARGET_NAME]);
		r->translates |= strcmp(target, "MASQUERADE") == 0 || strcmp(target, "SNAT") == 0;
	}
}

static void read_rule(const struct nat_scan *s, const struct nlmsghdr *m)
{
	const struct nlattr *attrs[NFTA_RULE_MAX + 1], *parts[NFTA_EXPR_MAX + 1];
	struct nat_rule r = {0};
	wire_table(nft_attributes(m), attrs, NFTA_RULE_MAX);
	const struct bytes exprs = wire_bytes(attrs[NFTA_RULE_EXPRESSIONS]);
	for (const struct nlattr *e = wire_first(exprs); e; e = wire_next(exprs, e)) {
		wire_table(wire_bytes(e), parts, NFTA_EXPR_MAX);
		read_expr(s, &r, wire_get_string(parts[NFTA_EXPR_NAME]), wire_bytes(parts[NFTA_EXPR_DATA]));
	}
	for (size_t i = 0; r.translates && i < s->n; i++) {
		auto_text struct text who = {0};
		if (r.spared[i])
			continue;
		text_printf(&who, "a rule of chain '%s' in nft table '%s'", wire_get_string(attrs[NFTA_RULE_CHAIN]),
			    wire_get_string(attrs[NFTA_RULE_TABLE]));
		found(s, &s->ways[i], who.p);
		return;
	}
}

static int scan_nft(const struct nat_scan *s, struct kernel *k)
{
	auto_answer struct answer answer = { .limit_ms = SCAN_LIMIT_MS };
	int err = nft_ask(k, &(struct nft_question){ .type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP }, &answer);
	if (err == -EINVAL || err == -EOPNOTSUPP || err == -ETIME)   /* no nf_tables; the scan for marks tells of -ETIME */
		return 0;
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&answer, m));)
		read_rule(s, m);
	return err;
}

/* ---- legacy ----------------------------------------------------------------------------------------------------- */

static bool leaves_by(const struct ipt_ip *ip, const char *device)
{
	bool same = true;
	for (size_t i = 0; i < sizeof(ip->outiface) && ip->outiface_mask[i]; i++)
		same = same && ip->outiface[i] == (i <= strlen(device) ? device[i] : '\0');
	return same == !(ip->invflags & IPT_INV_VIA_OUT);
}

static void read_legacy_rule(const struct nat_scan *s, const char *chain, unsigned number, const struct ipt_entry *e,
			     const char *target)
{
	if (strcmp(target, "MASQUERADE") != 0 && strcmp(target, "SNAT") != 0)
		return;
	for (size_t i = 0; i < s->n; i++) {
		auto_text struct text who = {0};
		if (!leaves_by(&e->ip, s->ways[i].device))
			continue;
		text_printf(&who, "rule %u '%s' of chain %s in legacy table 'nat'", number, target, chain);
		found(s, &s->ways[i], who.p);
		return;
	}
}

static void scan_legacy(const struct nat_scan *s)
{
	struct xtc_handle *h = legacy_has_table(AF_INET, "nat") > 0 ? iptc_init("nat") : NULL;
	if (!h)
		return;
	for (const char *chain = iptc_first_chain(h); chain; chain = iptc_next_chain(h)) {
		unsigned number = 0;
		for (const struct ipt_entry *e = iptc_first_rule(chain, h); e; e = iptc_next_rule(e, h))
			read_legacy_rule(s, chain, ++number, e, iptc_get_target(e, h));
	}
	iptc_free(h);
}

int warn_of_nat(struct kernel *k, const struct way_out *ways, size_t n, struct diags *d)
{
	const struct nat_scan s = { .ways = ways, .n = MIN(n, (size_t)WAYS_MAX), .diags = d };
	int err = scan_nft(&s, k);
	if (err)
		return nft_explain(err, d);
	scan_legacy(&s);
	return 0;
}
