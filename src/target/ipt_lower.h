/* SPDX-License-Identifier: MIT */
/* Lowering a plan to legacy chains, between its files: names, rules and chains, choices. */
#ifndef NLBC_TARGET_IPT_LOWER_H
#define NLBC_TARGET_IPT_LOWER_H

#include "target/ipt.h"

#include <linux/rtnetlink.h>

enum { IPT_OPS = 16, IPT_STATE_NEW = 8 };

struct ipt_lowering {
	const struct plan *plan;
	const struct ipt_family *family;
	struct items *out;
	struct arena *a;
	struct ipt_rule *rules;         /* of the chain at hand */
	size_t n_rules, rules_room;
	const struct origin *origin;    /* of the rule at hand */
};

/* ---- ipt_names.c ---- */
/* The name here of a chain, or of a map of connections, of the plan. */
const char *ipt_chain_name(struct ipt_lowering *l, const char *name);
const struct plan_path *ipt_path_of(const struct plan *p, const char *name);
/* The balance that a chain or map is named after. */
const struct plan_balance *ipt_balance_of(const struct plan *p, const char *name);
/* Some member carries the family, and the conditions leave packets of it. */
bool ipt_has_family(const struct plan_balance *b, uint8_t family);

/* ---- ipt_lower.c ---- */
/* To the chain at hand, in the name of its origin: as it is; with a goto to a chain of the plan; with a verdict. */
void ipt_add_rule(struct ipt_lowering *l, const struct ipt_draft *d);
void ipt_add_goto(struct ipt_lowering *l, struct ipt_draft d, const char *chain);
void ipt_add_verdict(struct ipt_lowering *l, struct ipt_draft d, const char *verdict);
void ipt_add_match(struct ipt_draft *d, struct ipt_words w);
/* A counter's name as a comment: nlbc:packets:forward:p1; memory from a. */
const char *ipt_count_comment(const char *counter, struct arena *a);

/* ---- ipt_pick.c ---- */
/* The first of every so many packets; every packet needs no match. */
void ipt_match_turn(struct ipt_draft *d, uint32_t every);
/* By chance `part` of `of` packets; all of them need no match. */
void ipt_match_share(struct ipt_draft *d, uint32_t part, uint32_t of);
/* The rules of a choice, each with the matches of d. */
void ipt_lower_pick(struct ipt_lowering *l, const struct ipt_draft *d, const struct map *m, enum pick_kind kind);
/* `per-packet … compat seed` has the seed system's own rules, which mark where they choose. */
bool ipt_is_literal(const struct plan *p);
#endif
