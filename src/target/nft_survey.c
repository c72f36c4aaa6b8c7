/* SPDX-License-Identifier: MIT */
/* Who stands in the way in nf_tables: a table of our name that is not ours, and rules of any other table that use mark
 * bits. Of those rules only the whereabouts of mark values in registers are followed. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include "target/nft.h"
#include "target/uses.h"

enum { SCAN_LIMIT_MS = 2000, SLOTS = 16 };

enum held { HELD_OTHER, HELD_META_MARK, HELD_CT_MARK };

/* What a register holds, as far as marks go. */
struct slot {
	enum held held;
	uint32_t mask, flip;
};

struct rule_scan {
	struct mark_scan *scan;
	struct nft_rule rule;
	const char *family, *table, *chain;
	struct slot slots[SLOTS];
};

static void found(const struct rule_scan *s, enum mark_use use, uint32_t mask)
{
	auto_text struct text rule = {0}, who = {0};

	nft_say_rule(&s->rule, &rule);
	text_printf(&who, "rule '%s' of chain '%s' in table '%s %s'", text_get(&rule), s->chain, s->family, s->table);
	mark_scan_found(s->scan, use, mask, who.p);
}

static struct slot *slot_of(struct rule_scan *s, const struct nlattr *reg)
{
	const uint32_t n = wire_get_be32(reg);

	if (n >= NFT_REG_1 && n <= NFT_REG_4)
		return &s->slots[(n - NFT_REG_1) * 4];
	return n >= NFT_REG32_00 && n <= NFT_REG32_15 ? &s->slots[n - NFT_REG32_00] : NULL;
}

static uint32_t data_of(const struct nlattr *a)
{
	const struct bytes value = wire_bytes(a ? wire_first(wire_bytes(a)) : NULL);

	return value.n == 4 ? nft_number_of(value.p, 4) : 0;
}

/* A mark goes into a register, or out of it into the packet or its connection. */
static void scan_mark(struct rule_scan *s, enum held held, const struct nlattr *dreg, const struct nlattr *sreg)
{
	struct slot *slot = slot_of(s, dreg ? dreg : sreg);

	if (!slot)
		return;
	if (dreg) {
		*slot = (struct slot){ .held = held, .mask = UINT32_MAX };
		return;
	}
	/* Its own old value under a mask keeps those bits; anything else overwrites the whole word. */
	const uint32_t written = slot->held == held ? ~slot->mask | slot->flip : UINT32_MAX;
	if (written)
		found(s, MARK_WRITE, written);
}

static void scan_bitwise(struct rule_scan *s, const struct nlattr **a)
{
	struct slot *from = slot_of(s, a[NFTA_BITWISE_SREG]), *to = slot_of(s, a[NFTA_BITWISE_DREG]);

	if (!from || !to)
		return;
	*to = *from;
	to->mask &= data_of(a[NFTA_BITWISE_MASK]);
	to->flip = data_of(a[NFTA_BITWISE_XOR]);
}

static void scan_read(struct rule_scan *s, const struct nlattr *sreg)
{
	const struct slot *slot = slot_of(s, sreg);

	if (slot && slot->held != HELD_OTHER)
		found(s, MARK_READ, slot->mask);
}

/* iptables-nft keeps some of its extensions as they are. */
static void scan_match(struct rule_scan *s, const struct nlattr **a)
{
	const char *name = wire_get_string(a[NFTA_MATCH_NAME]);
	const struct bytes info = wire_bytes(a[NFTA_MATCH_INFO]);
	struct xt_mark_mtinfo1 mark;   /* connmark's is the same */

	if ((strcmp(name, "mark") != 0 && strcmp(name, "connmark") != 0) || info.n < sizeof(mark))
		return;
	memcpy(&mark, info.p, sizeof(mark));
	found(s, MARK_READ, mark.mask);
}

static void scan_target(struct rule_scan *s, const struct nlattr **a)
{
	const char *name = wire_get_string(a[NFTA_TARGET_NAME]);
	const struct bytes info = wire_bytes(a[NFTA_TARGET_INFO]);
	struct xt_mark_tginfo2 mark;
	struct xt_connmark_tginfo1 connmark;
	struct xt_connmark_tginfo2 shifted;

	if (strcmp(name, "MARK") == 0 && info.n >= sizeof(mark)) {
		memcpy(&mark, info.p, sizeof(mark));
		found(s, MARK_WRITE, mark.mask);
	} else if (strcmp(name, "CONNMARK") == 0 && info.n >= sizeof(shifted)) {
		memcpy(&connmark, info.p, sizeof(connmark));
		memcpy(&shifted, info.p, sizeof(shifted));
		const uint8_t mode = wire_get_be32(a[NFTA_TARGET_REV]) >= 2 ? shifted.mode : connmark.mode;
		found(s, MARK_WRITE, mode == XT_CONNMARK_RESTORE ? connmark.nfmask : connmark.ctmask);
	}
}

static void scan_expr(struct rule_scan *s, const char *name, struct bytes data)
{
	const struct nlattr *a[16];

	wire_table(data, a, ARRAY_LEN(a) - 1);
	if (strcmp(name, "meta") == 0 && wire_get_be32(a[NFTA_META_KEY]) == NFT_META_MARK)
		scan_mark(s, HELD_META_MARK, a[NFTA_META_DREG], a[NFTA_META_SREG]);
	else if (strcmp(name, "ct") == 0 && wire_get_be32(a[NFTA_CT_KEY]) == NFT_CT_MARK)
		scan_mark(s, HELD_CT_MARK, a[NFTA_CT_DREG], a[NFTA_CT_SREG]);
	else if (strcmp(name, "bitwise") == 0)
		scan_bitwise(s, a);
	else if (strcmp(name, "cmp") == 0 || strcmp(name, "range") == 0)
		scan_read(s, a[NFTA_CMP_SREG]);
	else if (strcmp(name, "lookup") == 0)
		scan_read(s, a[NFTA_LOOKUP_SREG]);
	else if (strcmp(name, "match") == 0)
		scan_match(s, a);
	else if (strcmp(name, "target") == 0)
		scan_target(s, a);
	else
		for (unsigned i = 1; i <= 2; i++)   /* where all of them name the register they write */
			if (a[i] && slot_of(s, a[i]))
				slot_of(s, a[i])->held = HELD_OTHER;
}

static const char *family_word(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET: return "inet";
	case NFPROTO_IPV4: return "ip";
	case NFPROTO_IPV6: return "ip6";
	case NFPROTO_ARP: return "arp";
	case NFPROTO_BRIDGE: return "bridge";
	case NFPROTO_NETDEV: return "netdev";
	default: return "other";
	}
}

static void scan_rule(const struct nlmsghdr *m, struct mark_scan *scan)
{
	const struct nlattr *attrs[NFTA_RULE_MAX + 1], *parts[NFTA_EXPR_MAX + 1];
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(m);

	wire_table(nft_attributes(m), attrs, NFTA_RULE_MAX);
	struct rule_scan s = {
		.scan = scan, .family = family_word(head->nfgen_family),
		.table = wire_get_string(attrs[NFTA_RULE_TABLE]), .chain = wire_get_string(attrs[NFTA_RULE_CHAIN]),
		.rule = { .exprs = wire_bytes(attrs[NFTA_RULE_EXPRESSIONS]) },
	};
	if (head->nfgen_family == NFPROTO_INET && strcmp(s.table, NFT_TABLE_NAME) == 0)
		return;
	for (const struct nlattr *e = wire_first(s.rule.exprs); e; e = wire_next(s.rule.exprs, e)) {
		wire_table(wire_bytes(e), parts, NFTA_EXPR_MAX);
		scan_expr(&s, wire_get_string(parts[NFTA_EXPR_NAME]), wire_bytes(parts[NFTA_EXPR_DATA]));
	}
}

int uses_in_nft(struct kernel *k, struct mark_scan *scan)
{
	auto_answer struct answer answer = { .limit_ms = SCAN_LIMIT_MS };
	int err = nft_ask(k, &(struct nft_question){ .type = NFT_MSG_GETRULE, .flags = NLM_F_DUMP }, &answer);

	if (err == -ETIME) {
		diag_warning(scan->diags, scan->place, "machine",
			     "reading all nft rules took longer than %d s; the rest was not searched for mark bits",
			     SCAN_LIMIT_MS / 1000);
		err = 0;
	}
	if (err == -EINVAL || err == -EOPNOTSUPP)   /* no nf_tables, no rules */
		return 0;
	for (const struct nlmsghdr *m = NULL; !err && (m = answer_next(&answer, m));)
		scan_rule(m, scan);
	return err;
}

int nft_survey(struct kernel *k, const struct plan *p, const struct changes *c UNUSED, struct own *own, struct diags *d)
{
	auto_answer struct answer answer = {0};
	struct nft_table table;
	const bool flush = !p->machine;

	if (own->force || (!flush && (p->kernel.target != TARGET_NFT || p->n_chains == 0)))
		return 0;
	int err = nft_ask_table(k, &answer, &table);
	if (err == -ENOENT || (!err && nft_is_ours(&table)))
		return 0;
	if (err < 0)
		return nft_explain(err, d);
	struct diag *g = diag_error(d, NULL, "machine", "table 'inet " NFT_TABLE_NAME "' belongs to somebody else");
	if (flush)
		diag_hint(d, g, "nlbc flush --force removes it");
	else
		diag_hint(d, g, "rename it, or remove it with: nft delete table inet " NFT_TABLE_NAME);
	return 0;
}
