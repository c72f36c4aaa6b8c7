/* SPDX-License-Identifier: MIT */
/* Target nft, between its own files: what an item of table `inet nlbc` carries, the same whether it was lowered from a
 * plan or read from the kernel, and its canonical text, which is made from the netlink bytes alone. So a rule of ours and
 * the same rule in the kernel give the same body, and anything a stranger changed in it shows. */
#ifndef NLBC_TARGET_NFT_H
#define NLBC_TARGET_NFT_H

#include "base/base.h"
#include "base/text.h"
#include "plan/item.h"
#include "target/kernel.h"
#include "target/target.h"

#define NFT_TABLE_NAME "nlbc"
#define NFT_TABLE_TAG "nlbc 1 "                 /* ours, of any layout, begins "nlbc " and a number */
#define NFT_TABLE_COMMENT NFT_TABLE_TAG "packet layer"
#define NFT_ABOUT "about"

struct bytes {
	const void *p;
	size_t n;
};

struct nft_rule {
	struct bytes exprs;         /* the inside of NFTA_RULE_EXPRESSIONS */
	struct bytes userdata;
	const struct origin *origin;    /* NULL: read from the kernel */
};

/* The head of a chain; type NULL: no base chain. */
struct nft_base {
	const char *type;
	uint32_t hook;
	int32_t priority;
	uint32_t policy;
	uint32_t flags;             /* NFTA_CHAIN_FLAGS but the base bit */
};

struct nft_chain {
	const char *name;
	struct nft_base base;
	const struct nft_rule *rules;
	size_t n_rules;
	struct bytes userdata;
};

struct nft_table {
	uint32_t flags;
	struct bytes userdata;
};

/* Types of nft's own, informational for the kernel, written for nft's listing (nft 1.0.6, include/datatype.h). */
enum {
	NFT_TYPE_INTEGER = 4, NFT_TYPE_IPADDR = 7, NFT_TYPE_IP6ADDR = 8, NFT_TYPE_INET_PROTOCOL = 12, NFT_TYPE_MARK = 19,
	NFT_TYPE_FIB_ADDR = 38, NFT_TYPE_IFNAME = 41,
};

/* Userdata by which nft 1.0.6 knows an interval that is open to the end (NFTNL_UDATA_SET_ELEM_FLAGS, bit 0). */
extern const struct bytes nft_open_interval;

/* A set, or a map from keys to verdicts. */
struct nft_set {
	const char *name;
	uint32_t id;                /* within a batch */
	uint32_t flags;
	uint32_t key_type, key_len;
	uint32_t data_type;         /* maps: NFT_DATA_VERDICT with ours */
	struct bytes userdata;
	struct bytes extra;         /* other attributes, none of ours: described size, timeouts, expressions */
};

struct nft_elem {
	const struct nft_set *set;
	const uint8_t *key;         /* set->key_len bytes */
	const uint8_t *end;         /* intervals: the first key behind it; NULL: no interval, or open to the end */
	const char *chain;          /* map: the chain its verdict goes to; NULL: none */
	int32_t verdict;            /* map: NFT_GOTO with ours */
	struct bytes extra;
};

/* A counter; other types are strangers'. */
struct nft_named {
	const char *name;
	uint32_t type;
};

enum nft_kind { NFT_TABLE, NFT_CHAIN, NFT_OBJECT, NFT_SET, NFT_ELEM };

/* What item.obj points to. */
struct nft_object {
	enum nft_kind kind;
	union {
		struct nft_table table;
		struct nft_chain chain;
		struct nft_named named;
		struct nft_set set;
		struct nft_elem elem;
	};
};

/* ---- bytes ------------------------------------------------------------------------------------------------------ */
/* for (a = wire_first(b); a; a = wire_next(b, a)): only attributes that lie whole within b. */
struct nlattr;
const struct nlattr *wire_first(struct bytes b);
const struct nlattr *wire_next(struct bytes b, const struct nlattr *a);
struct bytes wire_bytes(const struct nlattr *a);
uint16_t wire_type(const struct nlattr *a);
/* By type up to max: table[max + 1]; the last one wins. */
void wire_table(struct bytes b, const struct nlattr **table, uint16_t max);
uint32_t wire_get_be32(const struct nlattr *a);          /* 0 where there are not 4 bytes, or a is NULL */
const char *wire_get_string(const struct nlattr *a);     /* "" where it is not terminated, or a is NULL */

/* ---- plan to bytes ---------------------------------------------------------------------------------------------- */
/* A rule's expressions (nft_encode.c) appended to w as nft 1.0.6 writes them. Sets' ids come from the plan's order. */
void nft_encode_rule(const struct plan *p, const struct chain_rule *r, struct text *w);
/* Declarations (nft_declare.c) as nft 1.0.6 sends them, userdata included, without name and id; memory from a. */
struct nft_set nft_encode_set(enum set_kind kind, struct arena *a);
struct nft_set nft_encode_map(enum map_kind kind, uint32_t size, struct arena *a);
/* A set's or map's number in batches: its place in the plan. */
uint32_t nft_set_id(const struct plan *p, const char *name);
struct nft_base nft_encode_base(enum hook hook);
struct nft_table nft_encode_table(struct arena *a);
/* The one rule of chain `about`. */
struct nft_rule nft_encode_about(const struct plan *p, struct arena *a);
void nft_about_comment(const struct plan *p, struct text *out);

/* ---- bytes to canonical text ------------------------------------------------------------------------------------ */
/* Rules (nft_say.c). */
void nft_say_rule(const struct nft_rule *r, struct text *out);
/* Their parts (nft_words.c). */
bool nft_say_verdict(int32_t code, const char *chain, struct text *out);   /* false: nothing said, no such verdict */
bool nft_say_states(uint32_t bits, struct text *out);   /* established,related; false: nothing said, some have no word */
void nft_say_userdata(struct bytes b, struct text *out);                    /* ` comment "x"`, nothing for none */
void nft_say_name(const char *name, struct text *out);                     /* of a chain, set, counter: printable */
void nft_say_hex(struct bytes b, struct text *out);
void nft_say_hex32(uint32_t value, struct text *out);                       /* 0x01000000 */
void nft_say_number(uint64_t value, struct text *out);
void nft_say_address(uint8_t family, const uint8_t *p, size_t n, struct text *out);   /* the first n bytes of one */
bool nft_is_device_name(const uint8_t *p, size_t n);
uint32_t nft_number_of(const uint8_t *p, size_t n);                         /* 1, 2 or 4 bytes in the machine's order */

/* Items (nft_body.c). The key of an element is `elem/SET/` and eth2, 0x02000000, 17, 10.10.3.0/24, tcp. */
void nft_body(const struct nft_object *o, struct text *out);
void nft_key(const struct nft_object *o, struct text *out);
void nft_key_value(const struct nft_elem *e, struct text *out);             /* that last part */

/* ---- plan to text (nft_text.c) ---------------------------------------------------------------------------------- */
/* As input for `nft -f`; nothing for a plan without chains or of another target. */
void nft_print(const struct plan *p, struct text *out);

/* ---- the row's functions (target.h says what each does) ---------------------------------------------------------- */
int nft_lower(const struct plan *p, enum lower_what what, struct items *out, struct diags *d);
int nft_read(struct kernel *k, const struct own *own, const struct items *wanted, struct items *live, struct diags *d);
void nft_stage(struct changes *c, const struct items *live, const struct items *wanted);
int nft_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d);
int nft_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
	      bool dry_run, struct diags *d);
int nft_count(struct kernel *k, const struct plan *p, struct counts *out, struct diags *d);

/* ---- questions (nft_ask.c) -------------------------------------------------------------------------------------- */
/* A question about table `inet nlbc`: `table` and `name` are the attributes' types, 0 or NULL leaves one out; flags
 * NLM_F_DUMP or 0. The answer's messages are those of the kernel. 0, -errno of the kernel. */
struct nft_question {
	uint16_t type, flags;
	uint8_t family;
	uint16_t table;             /* NFTA_x_TABLE, of nlbc */
	uint16_t name_type;
	const char *name;
};
int nft_ask(struct kernel *k, const struct nft_question *q, struct answer *a) MUST_USE;
/* What follows the nfnetlink header of an answer's message. */
struct bytes nft_attributes(const struct nlmsghdr *m);
/* The rule-set's generation; 0 or -errno. */
int nft_generation(struct kernel *k, uint32_t *generation) MUST_USE;
/* Ours by its comment, current or of another layout. */
bool nft_is_ours(const struct nft_table *t);
/* 0, -ENOENT: no table of our name; other -errno. The bytes lie in a. */
int nft_ask_table(struct kernel *k, struct answer *a, struct nft_table *t) MUST_USE;
/* "cannot read the rule-set" with its reason; returns err. */
int nft_explain(int err, struct diags *d);

/* ---- words ------------------------------------------------------------------------------------------------------ */
/* As nft and ip say them; NULL: no word of ours, the number stands. */
const char *nft_protocol_word(uint8_t protocol);
const char *nft_address_type_word(uint32_t type);

#endif
