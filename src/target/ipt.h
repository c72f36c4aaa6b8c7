/* SPDX-License-Identifier: MIT */
/* Target iptables, between its own files: chains of legacy table mangle as libiptc has them. A rule is the kernel's
 * binary entry, whether it was lowered from a plan or read from the kernel, and its canonical text, in the words of
 * iptables-save, is made from that entry alone. The two families differ in one row each. */
#ifndef NLBC_TARGET_IPT_H
#define NLBC_TARGET_IPT_H

#include "base/base.h"
#include "base/text.h"
#include "plan/item.h"
#include "target/target.h"

#include <libiptc/xtcshared.h>
#include <linux/netfilter/x_tables.h>
#include <net/if.h>

#define IPT_TABLE "mangle"
#define IPT_OURS "NLBC-"
#define IPT_PRE "NLBC-PRE"
#define IPT_OUT "NLBC-OUT"
#define IPT_JUMP_COMMENT "nlbc 1"
#define IPT_COUNT_PREFIX "nlbc:"

enum { IPT_LIMIT = 64 };            /* paths, steps of a round, rules for one balance's conditions */

/* What an entry says besides its matches and its target; the same for both families. */
struct ipt_head {
	uint8_t src[16], dst[16], src_mask[16], dst_mask[16];   /* IPv4: the first four bytes */
	char in[IFNAMSIZ], out[IFNAMSIZ];
	uint8_t in_mask[IFNAMSIZ], out_mask[IFNAMSIZ];
	uint16_t proto;
	bool is_goto;
	uint8_t flags;              /* others than goto and IPv6's "has a protocol" */
	uint8_t inverse;            /* IPT_INV_*, the same bits in IPv6 */
	uint8_t tos;                /* IPv6 */
	uint16_t target_offset, next_offset;
	struct xt_counters counters;
};

struct ipt_family {
	uint8_t family;             /* AF_INET, AF_INET6 */
	const char *number;         /* in keys: "4", "6" */
	const char *word;           /* "IPv4" */
	const char *format;         /* of compile: "iptables" */
	const char *module;         /* what has to be loaded */
	int level, ask_match, ask_target;       /* getsockopt for revisions */
	size_t entry_size, address_size;
	void (*get_head)(const void *entry, struct ipt_head *h);
	void (*put_head)(const struct ipt_head *h, void *entry);
	/* libiptc's, as it names them */
	struct xtc_handle *(*init)(const char *table);
	void (*free)(struct xtc_handle *h);
	int (*commit)(struct xtc_handle *h);
	int (*builtin)(const char *chain, struct xtc_handle *h);
	int (*is_chain)(const char *chain, struct xtc_handle *h);
	const char *(*first_chain)(struct xtc_handle *h);
	const char *(*next_chain)(struct xtc_handle *h);
	int (*create_chain)(const xt_chainlabel chain, struct xtc_handle *h);
	int (*flush_entries)(const xt_chainlabel chain, struct xtc_handle *h);
	int (*delete_chain)(const xt_chainlabel chain, struct xtc_handle *h);
	int (*delete_num_entry)(const xt_chainlabel chain, unsigned number, struct xtc_handle *h);
	const void *(*first_rule)(const char *chain, struct xtc_handle *h);
	const void *(*next_rule)(const void *entry, struct xtc_handle *h);
	const char *(*get_target)(const void *entry, struct xtc_handle *h);
	int (*append_entry)(const xt_chainlabel chain, const void *entry, struct xtc_handle *h);
	int (*insert_entry)(const xt_chainlabel chain, const void *entry, unsigned number, struct xtc_handle *h);
};

enum { IPT_FAMILIES = 2 };
extern const struct ipt_family ipt_families[IPT_FAMILIES];

struct ipt_rule {
	const void *entry;          /* target: the name of a chain or verdict, which libiptc turns into a number */
	const char *jump;           /* that name; NULL: an extension */
	struct origin origin;
};

/* What item.obj points to; of what was read without the rules. A chain that is not ours: our jumps in it. */
struct ipt_chain {
	const struct ipt_family *family;
	const char *name;
	bool is_ours;
	const struct ipt_rule *rules;
	size_t n_rules;
};

bool ipt_is_ours(const char *chain);

/* ---- extensions (ipt_extensions.c) ------------------------------------------------------------------------------ */
/* Matches and targets that we write, in the newest revision that iptables and the kernel know. */
enum ipt_extension_kind {
	IPT_MATCH_MARK, IPT_MATCH_CONNMARK, IPT_MATCH_CONNTRACK, IPT_MATCH_STATISTIC, IPT_MATCH_ADDRTYPE, IPT_MATCH_COMMENT,
	IPT_TARGET_MARK, IPT_TARGET_CONNMARK, IPT_EXTENSIONS,
};

/* One of them in words that cover all we ask for. */
struct ipt_words {
	enum ipt_extension_kind kind;
	bool negated;
	uint32_t value, mask;       /* marks; conntrack: value is NF_CT_STATE_* as in plan/plan.h; addrtype: 1 << RTN_* */
	uint32_t every;             /* statistic nth, packet 0; 0: random */
	uint32_t probability;       /* statistic random, in units of 2^-31 */
	bool restores;              /* CONNMARK: the packet's mark from the connection's */
	const char *comment;
};

struct ipt_extension {
	const char *name;
	uint8_t revision;
	bool is_target;
	size_t size;                /* of its data */
	/* Words to data, zeroed before, and back: only if encoding these words gives the same bytes again. */
	void (*encode)(const struct ipt_words *w, void *data);
	bool (*decode)(const void *data, struct ipt_words *w);
	void (*say)(const struct ipt_words *w, struct text *out);
};

extern const struct ipt_extension ipt_extensions[IPT_EXTENSIONS];
/* ` -m mark --mark 0x1` or ` -j MARK …` from the kernel's bytes; what we never ask for as hex digits. */
void ipt_say_extension(const char *name, uint8_t revision, bool is_target, struct str data, struct text *out);
/* The comment in an entry's matches; NULL: none. */
const char *ipt_comment(const struct ipt_family *f, const void *entry);

/* ---- one rule (ipt_rule.c) -------------------------------------------------------------------------------------- */
enum { IPT_WORDS = 8, IPT_PARTS = 32 };

/* A rule to be: what it matches, and where it leads or what it does. */
struct ipt_draft {
	const char *in, *out;       /* devices; NULL: any */
	struct prefix src, dst;     /* family 0: any */
	uint8_t proto;              /* 0: any */
	struct ipt_words matches[IPT_WORDS];
	size_t n_matches;
	const char *jump;           /* chain, ACCEPT or RETURN; NULL: `does` */
	bool is_goto;
	struct ipt_words does;
};

struct ipt_rule ipt_rule_of(const struct ipt_family *f, const struct ipt_draft *d, const struct origin *o,
			    struct arena *a);
/* `-A CHAIN -s … -m … -j …`, without a line end. */
void ipt_say_rule(const struct ipt_family *f, const char *chain, const void *entry, const char *jump, struct text *out);
/* Each match in turn, then the target: returns false to stop. */
struct ipt_part {
	const char *name;           /* "": a chain or verdict */
	uint8_t revision;
	bool is_target;
	struct str data;
};
size_t ipt_parts(const struct ipt_family *f, const void *entry, struct ipt_part *parts, size_t room);

/* ---- items (ipt_lower.c, ipt_text.c) ---------------------------------------------------------------------------- */
int ipt_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d);
/* Limits that legacy rules set (ipt_limits.c): too many paths, steps, conditions. 0, -EINVAL explained. */
int ipt_check_limits(const struct plan *p, struct diags *d);
/* Input for iptables-restore --noflush, or ip6tables-restore; nothing where the family has no rules of ours. */
void ipt_print(const struct plan *p, const char *format, struct text *out);
void ipt_key(const struct ipt_chain *c, struct text *out);

/* ---- the row's other functions (target.h says what each does) ---------------------------------------------------- */
int ipt_read(struct kernel *k, const struct own *own, const struct items *wanted, struct items *live, struct diags *d);
void ipt_stage(struct changes *c, const struct items *live, const struct items *wanted);
int ipt_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d);
int ipt_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
	      bool dry_run, struct diags *d);
int ipt_count(struct kernel *k, const struct plan *p, struct counts *out, struct diags *d);

/* Explains why a table cannot be opened: code permission, machine or kernel; returns err, a negative errno. */
int ipt_explain(const struct ipt_family *f, int err, const struct place *place, struct diags *d);

#endif
