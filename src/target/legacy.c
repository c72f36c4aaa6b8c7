/* SPDX-License-Identifier: MIT */
/* Mark bits in rules of legacy table mangle (libiptc), both families. Our own chains are left out. */
#include "base/base.h"

#include <errno.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include "base/text.h"
#include "target/ipt.h"
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

static void read_match(const struct legacy_rule *r, const struct ipt_part *p)
{
	const void *data = p->data.p;
	if (strcmp(p->name, "mark") == 0 && p->revision == 1)
		found(r, MARK_READ, ((const struct xt_mark_mtinfo1 *)data)->mask, "mark");
	else if (strcmp(p->name, "connmark") == 0 && p->revision == 1)
		found(r, MARK_READ, ((const struct xt_connmark_mtinfo1 *)data)->mask, "connmark");
}

static void read_target(const struct legacy_rule *r, const struct ipt_part *p)
{
	const void *data = p->data.p;
	if (strcmp(p->name, "MARK") == 0 && p->revision == 2) {
		found(r, MARK_WRITE, ((const struct xt_mark_tginfo2 *)data)->mask, "MARK");
	} else if (strcmp(p->name, "CONNMARK") == 0 && p->revision >= 1) {
		const struct xt_connmark_tginfo1 *c = data;
		const uint8_t mode = p->revision == 1 ? c->mode : ((const struct xt_connmark_tginfo2 *)data)->mode;
		found(r, MARK_WRITE, mode == XT_CONNMARK_RESTORE ? c->nfmask : c->ctmask, "CONNMARK");
	}
}

static void read_rule(const struct legacy_rule *r, const struct ipt_family *f, const void *entry)
{
	struct ipt_part parts[IPT_PARTS];
	const size_t n = ipt_parts(f, entry, parts, ARRAY_LEN(parts));

	for (size_t i = 0; i < n; i++)
		if (parts[i].is_target)
			read_target(r, &parts[i]);
		else
			read_match(r, &parts[i]);
}

static int read_family(struct mark_scan *scan, const struct ipt_family *f)
{
	struct xtc_handle *h = f->init(IPT_TABLE);
	if (!h)
		return -errno;
	for (const char *chain = f->first_chain(h); chain; chain = f->next_chain(h)) {
		struct legacy_rule r = { .scan = scan, .family = f->word, .chain = chain };
		for (const void *e = f->first_rule(chain, h); e && !ipt_is_ours(chain); e = f->next_rule(e, h)) {
			r.number++;
			read_rule(&r, f, e);
		}
	}
	f->free(h);
	return 0;
}

int legacy_has_table(uint8_t family, const char *table)
{
	auto_free char *p = NULL;
	size_t n = 0;
	int err = read_file(family == AF_INET ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names", 64 * 1024, &p, &n);
	if (err < 0)
		return err == -EACCES ? err : 0;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(p + at, '\n', n - at);
		const size_t size = end ? (size_t)(end - (p + at)) : n - at;
		if (str_is((struct str){ p + at, size }, table))
			return 1;
		at += size + 1;
	}
	return 0;
}

/* CAP_NET_ADMIN alone is enough for target nft, but not to look there. */
static void warn_of_unseen(const struct mark_scan *scan, const char *tool)
{
	diag_hint(scan->diags, diag_warning(scan->diags, scan->place, "machine",
					    "not allowed to see if rules of legacy %s use our mark bits", tool), "run as root");
}

int uses_in_legacy(struct mark_scan *scan)
{
	int err = 0;

	for (size_t i = 0; !err && i < IPT_FAMILIES; i++) {
		err = legacy_has_table(ipt_families[i].family, IPT_TABLE);
		if (err > 0)
			err = read_family(scan, &ipt_families[i]);
		if (err != -EACCES && err != -EPERM)
			continue;
		warn_of_unseen(scan, ipt_families[i].format);
		err = 0;
	}
	return err;
}
