/* SPDX-License-Identifier: MIT */
/* Matches and targets of legacy iptables that we write: words to the kernel's bytes and back, and the words as
 * iptables-save (1.8.9, extensions/libxt_*.c) prints them. */
#include "base/base.h"

#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_statistic.h>

/* The kernel's header needs this union and does not include it for programs. */
#include <linux/netfilter.h>
#include <linux/netfilter/xt_conntrack.h>

#include "target/ipt.h"

enum { DATA_MAX = 256, PROBABILITY_ONE_SHIFT = 31 };

static const char *no(const struct ipt_words *w)
{
	return w->negated ? " !" : "";
}

/* ---- mark, connmark: the same bytes ----------------------------------------------------------------------------- */

static void encode_mark(const struct ipt_words *w, void *data)
{
	struct xt_mark_mtinfo1 *m = data;

	m->mark = w->value;
	m->mask = w->mask;
	m->invert = w->negated;
}

static bool decode_mark(const void *data, struct ipt_words *w)
{
	const struct xt_mark_mtinfo1 *m = data;

	w->value = m->mark;
	w->mask = m->mask;
	w->negated = m->invert;
	return true;
}

static void say_mark(const struct ipt_words *w, struct text *out)
{
	text_printf(out, "%s --mark 0x%x", no(w), w->value);
	if (w->mask != UINT32_MAX)
		text_printf(out, "/0x%x", w->mask);
}

/* ---- conntrack -------------------------------------------------------------------------------------------------- */

/* XT_CONNTRACK_STATE_BIT of each state is the bit that nf_tables has for it, too. */
static const struct { uint32_t bit; const char *word; } states[] = {
	{ 1, "INVALID" }, { 8, "NEW" }, { 4, "RELATED" }, { 2, "ESTABLISHED" },
};

static void encode_conntrack(const struct ipt_words *w, void *data)
{
	struct xt_conntrack_mtinfo3 *m = data;

	m->match_flags = XT_CONNTRACK_STATE;
	m->invert_flags = w->negated ? XT_CONNTRACK_STATE : 0;
	m->state_mask = (uint16_t)w->value;
}

static bool decode_conntrack(const void *data, struct ipt_words *w)
{
	const struct xt_conntrack_mtinfo3 *m = data;

	w->negated = m->invert_flags & XT_CONNTRACK_STATE;
	w->value = m->state_mask;
	return w->value != 0 && w->value < 16;
}

static void say_conntrack(const struct ipt_words *w, struct text *out)
{
	const char *comma = "";

	text_printf(out, "%s --ctstate ", no(w));
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (!(w->value & states[i].bit))
			continue;
		text_printf(out, "%s%s", comma, states[i].word);
		comma = ",";
	}
}

/* ---- statistic -------------------------------------------------------------------------------------------------- */

static void encode_statistic(const struct ipt_words *w, void *data)
{
	struct xt_statistic_info *m = data;

	m->flags = w->negated ? XT_STATISTIC_INVERT : 0;
	m->mode = w->every ? XT_STATISTIC_MODE_NTH : XT_STATISTIC_MODE_RANDOM;
	if (w->every)
		m->u.nth.every = w->every - 1;
	else
		m->u.random.probability = w->probability;
	/* iptables does so in both modes: in the other one it reads the probability as `every`. */
	m->u.nth.count = m->u.nth.every;
}

static bool decode_statistic(const void *data, struct ipt_words *w)
{
	const struct xt_statistic_info *m = data;

	w->negated = m->flags & XT_STATISTIC_INVERT;
	if (m->mode == XT_STATISTIC_MODE_NTH)
		w->every = m->u.nth.every + 1;
	else
		w->probability = m->u.random.probability;
	return true;
}

static void say_statistic(const struct ipt_words *w, struct text *out)
{
	if (w->every)
		text_printf(out, " --mode nth%s --every %u --packet 0", no(w), w->every);
	else
		text_printf(out, " --mode random%s --probability %.11f", no(w),
			    (double)w->probability / (double)(UINT32_C(1) << PROBABILITY_ONE_SHIFT));
}

/* ---- addrtype --------------------------------------------------------------------------------------------------- */

static const char *const address_types[] = { "UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST" };

static void encode_addrtype(const struct ipt_words *w, void *data)
{
	struct xt_addrtype_info_v1 *m = data;

	m->dest = (uint16_t)w->value;
	m->flags = w->negated ? XT_ADDRTYPE_INVERT_DEST : 0;
}

static bool decode_addrtype(const void *data, struct ipt_words *w)
{
	const struct xt_addrtype_info_v1 *m = data;

	w->value = m->dest;
	w->negated = m->flags & XT_ADDRTYPE_INVERT_DEST;
	return w->value < 1 << ARRAY_LEN(address_types);
}

static void say_addrtype(const struct ipt_words *w, struct text *out)
{
	const char *comma = "";

	text_printf(out, "%s --dst-type ", no(w));
	for (size_t i = 0; i < ARRAY_LEN(address_types); i++) {
		if (!(w->value & 1U << i))
			continue;
		text_printf(out, "%s%s", comma, address_types[i]);
		comma = ",";
	}
}

/* ---- comment ---------------------------------------------------------------------------------------------------- */

static void encode_comment(const struct ipt_words *w, void *data)
{
	struct xt_comment_info *m = data;

	memcpy(m->comment, w->comment, MIN(strlen(w->comment), sizeof(m->comment) - 1));
}

static bool decode_comment(const void *data, struct ipt_words *w)
{
	const struct xt_comment_info *m = data;

	w->comment = m->comment;
	return memchr(m->comment, 0, sizeof(m->comment)) != NULL;
}

/* As xtables_save_string does it. */
static void say_comment(const struct ipt_words *w, struct text *out)
{
	static const char plain[] = "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	text_puts(out, " --comment ");
	if (*w->comment && w->comment[strspn(w->comment, plain)] == 0) {
		text_puts(out, w->comment);
		return;
	}
	text_putc(out, '"');
	for (const char *p = w->comment; *p; p++) {
		if (strchr("\"\\'", *p))
			text_putc(out, '\\');
		text_add_printable(out, (struct str){ p, 1 });
	}
	text_putc(out, '"');
}

/* ---- MARK, CONNMARK --------------------------------------------------------------------------------------------- */

static void encode_mark_target(const struct ipt_words *w, void *data)
{
	struct xt_mark_tginfo2 *t = data;

	t->mark = w->value;
	t->mask = w->mask;
}

static bool decode_mark_target(const void *data, struct ipt_words *w)
{
	const struct xt_mark_tginfo2 *t = data;

	w->value = t->mark;
	w->mask = t->mask;
	return true;
}

static void say_set(const struct ipt_words *w, struct text *out)
{
	text_printf(out, " --set-xmark 0x%x/0x%x", w->value, w->mask);
}

static void encode_connmark_target(const struct ipt_words *w, void *data)
{
	struct xt_connmark_tginfo2 *t = data;

	if (w->restores) {
		t->mode = XT_CONNMARK_RESTORE;
		t->ctmask = t->nfmask = w->mask;
		return;
	}
	t->mode = XT_CONNMARK_SET;
	t->ctmark = w->value;
	t->ctmask = w->mask;
	t->nfmask = UINT32_MAX;     /* not looked at, but written so */
}

static bool decode_connmark_target(const void *data, struct ipt_words *w)
{
	const struct xt_connmark_tginfo2 *t = data;

	w->restores = t->mode == XT_CONNMARK_RESTORE;
	w->value = t->ctmark;
	w->mask = t->ctmask;
	return true;
}

static void say_connmark_target(const struct ipt_words *w, struct text *out)
{
	if (w->restores)
		text_printf(out, " --restore-mark --nfmask 0x%x --ctmask 0x%x", w->mask, w->mask);
	else
		say_set(w, out);
}

/* ---- all of them ------------------------------------------------------------------------------------------------ */

const struct ipt_extension ipt_extensions[IPT_EXTENSIONS] = {
	[IPT_MATCH_MARK] = { "mark", 1, false, sizeof(struct xt_mark_mtinfo1), encode_mark, decode_mark, say_mark },
	[IPT_MATCH_CONNMARK] = { "connmark", 1, false, sizeof(struct xt_connmark_mtinfo1), encode_mark, decode_mark, say_mark },
	[IPT_MATCH_CONNTRACK] = { "conntrack", 3, false, sizeof(struct xt_conntrack_mtinfo3), encode_conntrack,
				  decode_conntrack, say_conntrack },
	[IPT_MATCH_STATISTIC] = { "statistic", 0, false, sizeof(struct xt_statistic_info), encode_statistic,
				  decode_statistic, say_statistic },
	[IPT_MATCH_ADDRTYPE] = { "addrtype", 1, false, sizeof(struct xt_addrtype_info_v1), encode_addrtype,
				 decode_addrtype, say_addrtype },
	[IPT_MATCH_COMMENT] = { "comment", 0, false, sizeof(struct xt_comment_info), encode_comment, decode_comment,
				say_comment },
	[IPT_TARGET_MARK] = { "MARK", 2, true, sizeof(struct xt_mark_tginfo2), encode_mark_target, decode_mark_target,
			      say_set },
	[IPT_TARGET_CONNMARK] = { "CONNMARK", 2, true, sizeof(struct xt_connmark_tginfo2), encode_connmark_target,
				  decode_connmark_target, say_connmark_target },
};

static const struct ipt_extension *find(const char *name, uint8_t revision, bool is_target)
{
	for (size_t i = 0; i < IPT_EXTENSIONS; i++)
		if (ipt_extensions[i].is_target == is_target && ipt_extensions[i].revision == revision &&
		    strcmp(ipt_extensions[i].name, name) == 0)
			return &ipt_extensions[i];
	return NULL;
}

/* True where the words say all that stands in the bytes. */
static bool understand(const struct ipt_extension *x, struct str data, struct ipt_words *w)
{
	_Alignas(max_align_t) char given[DATA_MAX], again[DATA_MAX] = { 0 };

	if (!x || data.n < x->size || x->size > DATA_MAX)
		return false;
	memcpy(given, data.p, x->size);
	if (!x->decode(data.p, w))
		return false;
	x->encode(w, again);
	return memcmp(given, again, x->size) == 0;
}

void ipt_say_extension(const char *name, uint8_t revision, bool is_target, struct str data, struct text *out)
{
	const struct ipt_extension *x = find(name, revision, is_target);
	struct ipt_words w = { 0 };

	text_puts(out, is_target ? " -j " : " -m ");
	text_add_printable(out, str_of(name));
	if (understand(x, data, &w)) {
		x->say(&w, out);
		return;
	}
	text_printf(out, " revision %u data 0x", revision);
	for (size_t i = 0; i < data.n; i++)
		text_printf(out, "%02x", (uint8_t)data.p[i]);
}
