/* SPDX-License-Identifier: MIT */
/* What the user meant: the typed form of a checked profile, and the way from text to it. Everything lives in the arena
 * given to profile_read and never changes afterwards. Every value a message may be about carries its place.
 * Units: rates in bit/s, sizes in bytes, times in microseconds, percentages in millionths of the whole (1% = 10000). */
#ifndef NLBC_PROFILE_PROFILE_H
#define NLBC_PROFILE_PROFILE_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/base.h"
#include "base/diag.h"
#include "core/policy.h"

/* A value with the place it was written at; place.source is NULL and set false where the default stands. */
struct opt_u64 {
	uint64_t value;
	bool set;
	struct place place;
};

struct name_ref {                       /* a name that refers to another object */
	const char *name;
	struct place place;
};

struct prefix_value {
	struct prefix prefix;           /* host bits cleared */
	struct prefix raw;              /* as written */
	bool has_length;
	const char *text;               /* as written */
	struct place place;
};

struct endpoint_value {
	struct endpoint endpoint;
	struct place place;
};

/* ---- kernel (5.2) ---------------------------------------------------------------------------------------------- */
enum target_kind { TARGET_NFT, TARGET_IPTABLES };
const char *target_name(enum target_kind t);
enum target_kind target_of_name(const char *name);      /* nft for every other word than iptables */

struct kernel_conf {
	struct place place;             /* the keyword, source NULL where the block is left out */
	enum target_kind target;
	uint32_t mark_mask;             /* M; 2 to 32 adjacent bits */
	uint32_t rule_base;
	uint32_t table_base;
	uint8_t route_protocol;
};

/* ---- shaper (5.4) ---------------------------------------------------------------------------------------------- */
enum shaper_engine { ENGINE_HTB, ENGINE_TBF };
enum queue_kind { QUEUE_NONE, QUEUE_BYTES, QUEUE_PACKETS, QUEUE_TIME, QUEUE_FQ_CODEL };

struct netem_part {                     /* loss, duplicate, corrupt, reorder */
	bool set;
	uint32_t part_ppm;              /* percent as millionths */
	uint32_t correlation_ppm;
	uint32_t gap;                   /* reorder only; 0: not given */
	struct place place;
};

struct shaper {
	const char *name;               /* NULL: written in place in an interface */
	struct place place;             /* the name, or the keyword where there is none */
	enum shaper_engine engine;
	struct opt_u64 rate_bps, ceil_bps, burst_bytes, cburst_bytes, quantum_bytes;
	enum queue_kind queue;
	uint64_t queue_bytes;           /* QUEUE_BYTES, and QUEUE_TIME (rate x time, whole bytes) */
	uint32_t queue_packets;         /* QUEUE_PACKETS */
	uint64_t queue_us;              /* QUEUE_TIME as written */
	struct place queue_place;
	struct {                        /* QUEUE_FQ_CODEL, defaults filled in */
		uint32_t limit, flows, quantum;
		uint64_t target_us, interval_us, memory_bytes;
		bool ecn;
	} fq_codel;
	bool has_delay;
	uint64_t delay_us, jitter_us;
	uint32_t delay_correlation_ppm;
	struct place delay_place;
	struct netem_part loss, duplicate, corrupt, reorder;
	struct opt_u64 limit_packets;   /* netem's; default 1000 */
	bool has_netem;                 /* any of delay, loss, duplicate, corrupt, reorder */
};

/* ---- interface (5.3) ------------------------------------------------------------------------------------------- */
enum interface_by { BY_DEVICE, BY_ADDRESS, BY_TOWARD };

struct interface {
	const char *name;
	struct place place;             /* the name */
	enum interface_by by;
	const char *device;             /* BY_DEVICE */
	struct addr address;            /* BY_ADDRESS, BY_TOWARD */
	struct place by_place;          /* the value */
	const struct shaper *shaper;    /* resolved; NULL: none */
	struct place shaper_place;
	bool replace_qdisc;
};

/* ---- path (5.5) ------------------------------------------------------------------------------------------------ */
enum probe_kind { PROBE_PING, PROBE_TCP, PROBE_HTTP };

struct probe_conf {
	enum probe_kind kind;
	struct endpoint target;         /* port 0 for ping */
	const char *url;
	uint64_t interval_us, timeout_us;
	uint32_t rise, fall, status_min, status_max;
	struct place place;             /* the target */
};

struct path {
	const char *name;
	struct place place;             /* the name */
	const struct interface *interface;
	struct place interface_place;
	bool via_auto;
	struct addr via4, via6;         /* family 0: none */
	struct place via4_place, via6_place, via_place;   /* via_place: `auto` or the first next hop */
	bool point_to_point;            /* no `via` */
	uint32_t weight;
	bool table_main;
	struct opt_u64 table;           /* set: given by hand, not main */
	struct opt_u64 mark;            /* set: given by hand */
	const struct probe_conf *probes;
	size_t n_probes;
	uint32_t quorum;
};

/* ---- balance (5.6) --------------------------------------------------------------------------------------------- */
enum scope { SCOPE_FORWARDED, SCOPE_LOCAL, SCOPE_ALL };
enum pick_how { HOW_HASH, HOW_TURN, HOW_RANDOM };
enum hash_on { ON_FLOW, ON_ADDRESSES, ON_SOURCE, ON_DESTINATION };
enum when_down { DOWN_REDISTRIBUTE, DOWN_DROP };
enum when_all_down { ALL_DOWN_MAIN, ALL_DOWN_KEEP, ALL_DOWN_DROP };

struct balance_member {
	const struct path *path;
	struct place place;             /* the path's name in the balance */
	uint32_t weight;                /* in effect: its own, or the path's */
	bool weight_set;                /* given here */
	struct place weight_place;
	bool backup;
};

struct balance {
	const char *name;
	struct place place;
	const struct interface **in;
	struct place *in_places;
	size_t n_in;
	const struct prefix_value *from, *to;
	size_t n_from, n_to;
	bool has_protocol;
	bool protocol_icmp;             /* `icmp`: 1 in IPv4, 58 in IPv6 */
	uint8_t protocol;               /* unless protocol_icmp */
	struct place protocol_place;
	enum scope scope;
	const struct policy *method;    /* where & POLICY_BALANCE */
	struct place method_place;
	enum pick_how pick;             /* per-flow */
	enum hash_on on;
	struct opt_u64 seed;            /* set: given; else derived (packet.md section 3) */
	bool engine_nexthop;
	bool compat_seed;
	const struct balance_member *members;
	size_t n_members;
	uint32_t slots;
	enum when_down when_down;
	enum when_all_down when_all_down;
	bool inbound_same_path;         /* per-flow only */
};

struct sysctl_line {
	const char *name, *value;
	struct place place, value_place;
};

/* ---- proxy (5.7, 5.8) ------------------------------------------------------------------------------------------ */
enum tls_verify { VERIFY_SYSTEM, VERIFY_FILE, VERIFY_OFF };

struct server_conf {
	const char *name;
	struct place place;
	struct endpoint_value address;
	uint32_t weight;
	bool backup;
	uint32_t max_connections;       /* 0: no limit */
	bool proxy_protocol;            /* send a head of the PROXY protocol */
	bool tls;
	const char *tls_name;           /* NULL: none */
	enum tls_verify tls_verify;
	const char *tls_store;          /* VERIFY_FILE: certificates to trust */
	struct place tls_place;
};

enum forwarded { FORWARDED_X, FORWARDED_RFC7239, FORWARDED_BOTH, FORWARDED_NONE };

struct tls_conf {                       /* a certificate of a proxy's listeners */
	const char *certificate, *key;
	struct place place, certificate_place, key_place;
};

struct proxy_conf {
	const char *name;
	struct place place;
	bool tcp;                       /* mode tcp */
	const struct endpoint_value *listen;
	size_t n_listen;
	bool per_request;               /* connections per-request */
	const struct policy *method;
	struct place method_place;
	bool compat_seed;
	uint32_t window;                /* sma */
	uint32_t alpha_ppm;             /* ewma, adaptive: millionths */
	uint64_t refresh_us, decay_us;
	const struct server_conf *servers;
	size_t n_servers;
	bool has_health, health_tcp;
	const char *health_url;
	uint32_t health_status_min, health_status_max, health_rise, health_fall;
	uint64_t health_interval_us, health_timeout_us;
	uint32_t eject_errors;
	uint64_t eject_us;
	uint64_t connect_us, request_us, response_us, idle_us, queue_us, pool_us, drain_us;
	uint32_t retries, max_connections, workers;
	uint32_t queue;                 /* requests that may wait, per worker */
	uint64_t limit_head_bytes, limit_body_bytes;    /* body: UINT64_MAX: no limit */
	uint64_t slow_start_us;
	enum forwarded forwarded;
	const struct prefix_value *trust;
	size_t n_trust;
	bool proxy_protocol;            /* accept heads of the PROXY protocol */
	const struct tls_conf *tls;     /* n_tls > 0: every listener speaks TLS */
	size_t n_tls;
	const char *sticky;             /* the cookie's name; NULL: off */
	const char *log_file;           /* NULL: none */
	struct place log_place;
	bool log_seed;
};

/* ---- onion (5.9), web (5.10) ----------------------------------------------------------------------------------- */
enum onion_choose { CHOOSE_FIRST, CHOOSE_RANDOM, CHOOSE_LEAST_LOADED };

struct onion_conf {
	const char *name;
	struct place place;
	const struct endpoint_value *listen;
	size_t n_listen;
	struct endpoint_value coordinator;
	const char *auth;               /* NULL: none */
	const char *identity;
	uint16_t service_port;
	struct endpoint_value service_target;
	const char *tor;
	uint32_t replicas, clients_per_replica, wait_for;
	uint32_t minimum, maximum;
	enum onion_choose choose;
	uint64_t idle_us, cooldown_us, start_timeout_us, dead_after_us;
};

struct web_conf {
	struct place place;             /* the keyword */
	const struct endpoint_value *listen;
	size_t n_listen;
	const char *const *hosts;
	size_t n_hosts;
	const char *token;              /* NULL: none */
	bool metrics, dashboard, changes;
};

/* ---- one machine: top level and one role, merged ---------------------------------------------------------------- */
struct machine {
	const char *profile;            /* its label */
	const char *description;        /* NULL: none */
	const char *role;               /* NULL: the profile has no roles */
	struct place place;             /* the role's name, or the profile's */
	struct kernel_conf kernel;
	const struct interface *interfaces;   size_t n_interfaces;
	const struct shaper *shapers;         size_t n_shapers;      /* the named ones */
	const struct path *paths;             size_t n_paths;        /* in number order: top level first */
	const struct balance *balances;       size_t n_balances;     /* in byte order of their names */
	const struct sysctl_line *sysctls;    size_t n_sysctls;
	const struct proxy_conf *proxies;     size_t n_proxies;
	const struct onion_conf *onions;      size_t n_onions;
	const struct web_conf *web;                                  /* NULL: none */
};

struct stmt;                            /* profile/tree.h: the statements as read, for printing again */

struct profile {
	const char *file;
	const struct stmt *tree;        /* after define and include */
	const struct machine *machines; /* one per role in the order written; exactly one where there is none */
	size_t n_machines;
	bool has_packet_part;           /* any interface shaper, balance or sysctl in any role */
};

/* Reads FILE ("-": standard input) in either spelling and checks all of it. Returns NULL when there was an error;
 * then d says why. Warnings may be in d either way. All memory comes from a. `target`: the mechanism to read it for,
 * whatever it says itself; NULL: as it says. */
const struct profile *profile_read(const char *file, const char *target, struct arena *a, struct diags *d);
/* Only what is wrong with it; where a role is given, with that one and with what belongs to every role. It is an error
 * where the profile has no such role. */
struct check_wish {
	const char *role, *target;      /* NULL: all of them; as the profile says */
};
void profile_check(const char *file, const struct check_wish *w, struct arena *a, struct diags *d);
/* The same as profile_read from memory; `include` is answered by `files` (profile/files.h), NULL: includes are errors. */
struct files;
const struct profile *profile_read_text(const char *name, struct str text, const struct files *files, struct arena *a,
					struct diags *d);
/* A profile in its JSON spelling, without includes, read for this target. */
const struct profile *profile_read_twin(const char *name, struct str text, const char *target, struct arena *a,
					struct diags *d);

/* Is it the JSON spelling? Its first byte that is not blank is '{'. */
bool text_is_twin(struct str text);

/* The machine of this role; NULL where there is none of that name. */
const struct machine *profile_machine(const struct profile *p, const char *role);

/* What decides which role a machine takes. */
struct role_facts {
	const char *option;             /* --role; NULL: not given */
	const char *environment;        /* NLBC_ROLE; NULL or not looked at where the profile has no roles */
	const char *host;               /* short host name; NULL: none */
	const struct addr *owned;       /* addresses of this network namespace */
	size_t n_owned;
};
/* The machine that this one is: the role asked for, the only one, the only one that fits, or the one named like the host.
 * NULL: d says which roles there are. */
const struct machine *profile_choose(const struct profile *p, const struct role_facts *facts, struct diags *d);

/* Canonical block language; keeps units as written, not comments, defines or includes. */
void profile_print(const struct profile *p, struct text *out);
/* The JSON twin (profile.md section 7): members in table order, named blocks in byte order. indent 2, or 0: one line. */
void profile_print_json(const struct profile *p, unsigned indent, struct text *out);
/* SHA-256 of the one-line twin, 64 hex digits. */
void profile_digest(const struct profile *p, char hex[65]);

#endif
