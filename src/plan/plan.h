/* SPDX-License-Identifier: MIT */
/* What the kernel shall contain, mechanism-free (packet.md section 3): chains of a small closed rule language, sets,
 * maps, counters, routes, rules, queue trees and settings. Pure: made from a profile, facts and memory; no kernel, no
 * clock. Everything lives in one arena. Targets lower it to items. */
#ifndef NLBC_PLAN_PLAN_H
#define NLBC_PLAN_PLAN_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/diag.h"
#include "plan/facts.h"
#include "plan/memory.h"
#include "profile/profile.h"

/* Whose wish an object is: words for messages ("path 'p2'", "balance 'forward'") and the place in the profile. */
struct origin {
	const char *what;
	struct place place;
};

/* ---- the rule language ------------------------------------------------------------------------------------------ */
enum op_kind {
	/* matches */
	OP_FAMILY,          /* family */
	OP_IIF, OP_OIF,     /* name: a device, or a set of them if by_set */
	OP_SRC, OP_DST,     /* prefix, or name of a set of prefixes if by_set; family in both cases */
	OP_PROTO,           /* proto */
	OP_PORTED,          /* protocol in set `ported` */
	OP_FRAGMENT,        /* family */
	OP_LOCAL,           /* destination type in set `exempt` */
	OP_CT_NEW,          /* negated: CT_NEW no */
	OP_CT_MARK_IS,      /* value & mask; negated */
	OP_MARK_IS,         /* value & mask; negated */
	/* actions */
	OP_COUNT,           /* name: counter */
	OP_MARK, OP_SAVE,   /* value under mask, into packet or connection mark */
	OP_KEEP,            /* name: map from connection mark (under mask) to verdict */
	OP_ENTER,           /* name: map from arrival device to verdict */
	OP_PICK,            /* pick */
	OP_GOTO, OP_JUMP,   /* name: chain */
	OP_RETURN, OP_ACCEPT,
	/* only for compat seed */
	OP_CT_STATE,        /* value: bits of NF_CT_STATE_* (1 invalid, 2 established, 4 related, 8 new) */
	OP_CHANCE,          /* numgen random mod `of` < `value` */
	OP_RESTORE,         /* packet mark := connection mark, whole word */
};

enum pick_kind { PICK_TURN, PICK_RANDOM, PICK_HASH };
/* Components of a hash key, in register order: source, destination, protocol, source port, destination port. */
enum key_kind { KEY_FLOW, KEY_ADDRESSES_PROTOCOL, KEY_ADDRESSES, KEY_SOURCE, KEY_DESTINATION };

struct op {
	enum op_kind kind;
	bool negated, by_set;
	uint8_t family;             /* AF_INET, AF_INET6 */
	uint8_t proto;
	const char *name;
	struct prefix prefix;
	uint32_t value, mask;
	uint32_t of;                /* OP_CHANCE: modulus */
	struct {                    /* OP_PICK; name is the map */
		enum pick_kind kind;
		uint32_t size;      /* T or S */
		enum key_kind key;  /* PICK_HASH; of op.family */
		uint32_t seed;
	} pick;
};

struct chain_rule {                 /* matches, then actions, in order */
	const struct op *ops;
	size_t n_ops;
	struct origin origin;
};

enum hook { HOOK_NONE, HOOK_PREROUTING, HOOK_OUTPUT };   /* output: type route; both at priority mangle, -150 */

struct chain {
	const char *name;
	enum hook hook;
	const struct chain_rule *rules;
	size_t n_rules;
	struct origin origin;
};

enum set_kind { SET_DEVICES, SET_PREFIXES4, SET_PREFIXES6, SET_PROTOCOLS, SET_ADDRESS_TYPES };

struct set {
	const char *name;
	enum set_kind kind;
	const char *const *devices;      /* SET_DEVICES, sorted */
	const struct prefix *prefixes;   /* SET_PREFIXES*, sorted, none within another */
	const uint8_t *numbers;          /* SET_PROTOCOLS: protocols; SET_ADDRESS_TYPES: RTN_* */
	size_t n;
	struct origin origin;
};

enum map_kind {
	MAP_DEVICES,        /* typeof iifname : verdict */
	MAP_MARKS,          /* typeof ct mark : verdict */
	MAP_SLOTS,          /* typeof numgen inc mod size : verdict; turn lists too */
};

struct map_entry {
	const char *device;         /* MAP_DEVICES */
	uint32_t key;               /* MAP_MARKS: mark value; MAP_SLOTS: 0 .. size - 1 */
	const char *chain;          /* goto */
	struct origin origin;
};

struct map {
	const char *name;
	enum map_kind kind;
	uint32_t size;              /* MAP_SLOTS: S or T, also the modulus; others 0 */
	struct map_entry *entries;  /* sorted by key */
	size_t n;
	struct origin origin;
};

struct counter {
	const char *name;
	struct origin origin;
};

/* ---- routing ---------------------------------------------------------------------------------------------------- */
struct nexthop_member {
	uint32_t id, weight;
};

struct nexthop {
	uint32_t id;
	uint8_t family;
	struct addr via;            /* family 0: none (point to point), or a group */
	const char *device;
	bool group;                 /* resilient group of these: */
	const struct nexthop_member *members;
	size_t n_members;
	uint32_t buckets;
	struct origin origin;
};

struct route {
	uint8_t family;
	uint32_t table;             /* 254: main */
	struct prefix to;
	struct addr via;            /* family 0: scope link */
	const char *device;         /* NULL with a next-hop object */
	uint32_t nexthop_id;        /* 0: none */
	bool onlink;
	struct origin origin;
};

enum rule_action { RULE_LOOKUP, RULE_GOTO, RULE_NOP, RULE_UNREACHABLE };

struct rule {                       /* ip rule */
	uint8_t family;
	uint32_t preference;
	enum rule_action action;
	bool has_mark;
	uint32_t mark, mask;
	struct prefix from, to;     /* family 0: any */
	const char *iif;            /* NULL: any */
	uint32_t table;             /* RULE_LOOKUP */
	bool suppress_default;      /* suppress_prefixlength 0 */
	uint32_t goto_preference;   /* RULE_GOTO */
	struct origin origin;
};

/* ---- queues ----------------------------------------------------------------------------------------------------- */
enum node_kind { NODE_HTB, NODE_HTB_CLASS, NODE_TBF, NODE_NETEM, NODE_BFIFO, NODE_PFIFO, NODE_FQ_CODEL };

struct tc_node {                    /* one qdisc or class; parents stand before their children */
	enum node_kind kind;
	uint32_t handle, parent;    /* as in tc, 0x6e010003; parent 0xffffffff: root */
	uint64_t rate_Bps, ceil_Bps;              /* bytes per second: class, tbf */
	uint64_t burst_bytes, cburst_bytes;
	uint32_t quantum_bytes;                   /* class */
	uint64_t limit;                           /* bytes: bfifo, tbf; packets: pfifo, netem, fq_codel */
	uint64_t delay_us, jitter_us;             /* netem; part and correlations in millionths */
	uint32_t delay_correlation_ppm;
	struct netem_part loss, duplicate, corrupt, reorder;
	uint32_t flows, fq_quantum;               /* fq_codel */
	uint64_t target_us, interval_us, memory_bytes;
	bool ecn;
	struct origin origin;
};

struct tc_tree {                    /* all queues of one interface */
	const char *interface;      /* profile name */
	const char *device;
	const char *shaper;         /* its name, NULL: written in place */
	bool replace_qdisc;
	const struct tc_node *nodes;
	size_t n_nodes;
	struct origin origin;
};

struct setting {
	const char *name;           /* as in sysctl(8), '/' for a dot in a device's name */
	const char *value;
	struct origin origin;
};

/* ---- for status ------------------------------------------------------------------------------------------------- */
struct plan_path {
	const struct path *conf;
	uint32_t number, mark, table;
	const char *device;
	struct addr via4, via6;     /* as resolved */
	bool ip4, ip6;              /* families it carries */
	bool arrives;               /* its interface has an arrival mark */
	enum member_state state;    /* in effect: hand, probe and link, the worse holds */
	enum member_reason reason;
	bool held;
	uint32_t weight;            /* in effect where a balance gives none */
	struct origin origin;
};

struct plan_member {
	const struct plan_path *path;
	uint32_t weight;            /* in effect */
	bool backup;
	uint32_t quota;             /* entries it owns now; share = quota / plan_balance.size */
};

struct plan_balance {
	const struct balance *conf;
	uint32_t number;            /* k */
	uint32_t size;              /* S or T now */
	const struct plan_member *members;
	size_t n_members;
	struct origin origin;
};

struct plan {
	struct arena *arena;
	const struct machine *machine;      /* NULL: the empty plan */
	const struct facts *facts;
	struct kernel_conf kernel;          /* mask, bases, protocol */
	uint32_t rule_size;                 /* of the block */
	bool ip4, ip6;                      /* families in use by rules and routes */
	uint64_t generation;                /* for chain `about`; 0 in compile */
	bool about_stands;                  /* a member changes within a generation: `about` says all this already */
	const char *sum;                    /* first 12 digits of the profile's digest */
	struct plan_path *paths;            size_t n_paths;
	struct plan_balance *balances;      size_t n_balances;
	const struct counter *counters;     size_t n_counters;
	const struct set *sets;             size_t n_sets;
	const struct map *maps;             size_t n_maps;
	const struct chain *chains;         size_t n_chains;   /* sorted by name; without `about` */
	const struct nexthop *nexthops;     size_t n_nexthops;
	const struct route *routes;         size_t n_routes;
	const struct rule *rules;           size_t n_rules;
	const struct tc_tree *trees;        size_t n_trees;
	const struct setting *settings;     size_t n_settings;
};

/* The plan of one machine. f may be NULL (everything is well), and so may `before` (no memory); *after, if not NULL, gets
 * the new memory (in a). Errors (to d) are those only the plan can find. NULL on error. */
struct plan *plan_compile(const struct machine *m, const struct facts *f, const struct memory *before,
			  struct memory *after, struct arena *a, struct diags *d);
/* The same plan without the parts that no weight, state or hand moves: it holds what targets lower with LOWER_STEERING
 * (lists, live maps, who draws from them, next-hop groups) and nothing else to rely on. None of the pointers is NULL. */
struct plan *plan_compile_steering(const struct machine *m, const struct facts *f, const struct memory *before,
				   struct memory *after, struct arena *a, struct diags *d);
/* The plan that holds nothing: applying it is flush. The kernel conf of `running` is kept. */
struct plan *plan_empty(const struct kernel_conf *running, struct arena *a);

/* By a name that an op of the plan says: it is there. */
const struct chain *plan_chain(const struct plan *p, const char *name);
const struct map *plan_map(const struct plan *p, const char *name);
const struct set *plan_set(const struct plan *p, const char *name);

/* One item per line, mechanism-free (`compile --format plan`), without the first line that names the profile. */
struct text;
void plan_print(const struct plan *p, struct text *out);
/* One rule in the same words: its ops on one line. */
void plan_print_rule(const struct chain_rule *r, struct text *out);

#endif
