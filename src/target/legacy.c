/* SPDX-License-Identifier: MIT */
/* Mark bits in rules of legacy table mangle (libiptc), both families. Our own chains are left out. */
#include "base/base.h"

#include <errno.h>
#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include "base/text.h"
#include "target/uses.h"

/* A rule's place, for messages, and where findings go. */
struct legacy_rule {
	struct mark_scan *scan;
	const char *family;
	const char *chain;
	unsigned number;
};

static void found(const struct legacy_rule *r, enum mark_use use, uint32_t mask, const char *by)
{
	auto_text struct text who = {0};
	text_printf(&who, "rule %u of chain %s in legacy %s table 'mangle', '%s'", r->number, r->chain, r->family, by);
	mark_scan_found(r->scan, use, mask, who.p);
}

static void read_match(const struct legacy_rule *r, const struct xt_entry_match *m)
{
	const void *data = m->data;
	if (strcmp(m->u.user.name, "mark") == 0 && m->u.user.revision == 1)
		found(r, MARK_READ, ((const struct xt_mark_mtinfo1 *)data)->mask, "mark");
	else if (strcmp(m->u.user.name, "connmark") == 0 && m->u.user.revision == 1)
		found(r, MARK_READ, ((const struct xt_connmark_mtinfo1 *)data)->mask, "connmark");
}

static void read_target(const struct legacy_rule *r, const struct xt_entry_target *t)
{
	const void *data = t->data;
	if (strcmp(t->u.user.name, "MARK") == 0 && t->u.user.revision == 2) {
		found(r, MARK_WRITE, ((const struct xt_mark_tginfo2 *)data)->mask, "MARK");
	} else if (strcmp(t->u.user.name, "CONNMARK") == 0 && t->u.user.revision >= 1) {
		const struct xt_connmark_tginfo1 *c = data;
		found(r, MARK_WRITE, c->mode == XT_CONNMARK_RESTORE ? c->nfmask : c->ctmask, "CONNMARK");
	}
}

/* Matches stand between `first` and the target, one behind the other. */
static void read_matches(const struct legacy_rule *r, const char *first, const char *end)
{
	for (const char *at = first; at + sizeof(struct xt_entry_match) <= end;) {
		const struct xt_entry_match *m = (const void *)at;
		if (m->u.match_size < sizeof(*m))
			return;
		read_match(r, m);
		at += m->u.match_size;
	}
}

static bool is_ours(const char *chain)
{
	return strncmp(chain, "NLBC-", 5) == 0;
}

static int read4(struct mark_scan *scan)
{
	struct xtc_handle *h = iptc_init("mangle");
	if (!h)
		return -errno;
	for (const char *chain = iptc_first_chain(h); chain; chain = iptc_next_chain(h)) {
		struct legacy_rule r = { .scan = scan, .family = "IPv4", .chain = chain };
		for (const struct ipt_entry *e = iptc_first_rule(chain, h); e && !is_ours(chain); e = iptc_next_rule(e, h)) {
			const char *target = (const char *)e + e->target_offset;
			r.number++;
			read_matches(&r, (const char *)e->elems, target);
			read_target(&r, (const void *)target);
		}
	}
	iptc_free(h);
	return 0;
}

static int read6(struct mark_scan *scan)
{
	struct xtc_handle *h = ip6tc_init("mangle");
	if (!h)
		return -errno;
	for (const char *chain = ip6tc_first_chain(h); chain; chain = ip6tc_next_chain(h)) {
		struct legacy_rule r = { .scan = scan, .family = "IPv6", .chain = chain };
		for (const struct ip6t_entry *e = ip6tc_first_rule(chain, h); e && !is_ours(chain);
		     e = ip6tc_next_rule(e, h)) {
			const char *target = (const char *)e + e->target_offset;
			r.number++;
			read_matches(&r, (const char *)e->elems, target);
			read_target(&r, (const void *)target);
		}
	}
	ip6tc_free(h);
	return 0;
}

bool legacy_has_table(uint8_t family, const char *table)
{
	auto_free char *p = NULL;
	size_t n = 0;
	if (read_file(family == AF_INET ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names", 64 * 1024, &p, &n) < 0)
		return false;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(p + at, '\n', n - at);
		const size_t size = end ? (size_t)(end - (p + at)) : n - at;
		if (str_is((struct str){ p + at, size }, table))
			return true;
		at += size + 1;
	}
	return false;
}

int uses_in_legacy(struct mark_scan *scan)
{
	int err = legacy_has_table(AF_INET, "mangle") ? read4(scan) : 0;
	if (!err && legacy_has_table(AF_INET6, "mangle"))
		err = read6(scan);
	return err;
}
