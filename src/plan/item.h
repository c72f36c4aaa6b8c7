/* SPDX-License-Identifier: MIT */
/* Items: the things we own, one key each, with a body that is the same text whether it comes from the plan or from the
 * kernel; and their difference, one sorted merge for every target (packet.md section 12). */
#ifndef NLBC_PLAN_ITEM_H
#define NLBC_PLAN_ITEM_H

#include "plan/plan.h"

struct item {
	const char *key;            /* holds whatever cannot be changed in place */
	const char *body;           /* canonical, defaults spelled out; no line end */
	struct origin origin;       /* empty for what was read from the kernel */
	const void *obj;            /* the target's own: what to send, or what was read */
};

struct items {
	struct arena *arena;
	struct item *list;
	size_t n, room;
};

void items_init(struct items *s, struct arena *a);
struct item *items_add(struct items *s, const char *key, const char *body, const struct origin *o, const void *obj);
/* Bytewise by key; two items of one key are our mistake (BUG). */
void items_sort(struct items *s);
/* The same for what was read. The kernel may tell an element twice while it makes a map larger (nft_rhash_walk): once is
 * enough. */
void items_sort_live(struct items *s);
struct item *items_find(const struct items *s, const char *key);   /* sorted only; NULL: none */

enum change_op { CHANGE_ADD, CHANGE_EDIT, CHANGE_REMOVE };
enum stage { STAGE_PREPARE, STAGE_SWITCH, STAGE_RETIRE };
const char *stage_name(enum stage s);

struct change {
	enum change_op op;
	enum stage stage;           /* the stage it is shown under; set by the target */
	const struct item *from;    /* as in the kernel; NULL: to be added */
	const struct item *to;      /* as wanted; NULL: to be removed */
};

struct changes {
	struct change *list;        /* sorted by key */
	size_t n;
	size_t n_add, n_edit, n_remove;
};

/* Both sorted. `chain/about` is left out. Memory from a; items are pointed at, not copied. */
void items_diff(const struct items *from, const struct items *to, struct arena *a, struct changes *out);

/* First what was displaced for us, first value seen, until it is put back (journal; packet.md section 13). */
struct displaced {
	const char *key;            /* setting/..., qdisc/DEVICE/root */
	const char *value;          /* setting: its old value; qdisc: "default" or "messages=BASE64" */
	const char *ours;           /* setting: the value we wrote last; NULL for queues */
	const char *former;         /* setting: ours before a change that is not done, of which it may still be short; NULL:
				     * none */
	bool rewritten;             /* `ours` is another than the journal says */
};

/* By what we know our things again in the kernel. From the journal and the running profile, else the defaults. */
struct own {
	struct arena *arena;        /* of displaced */
	struct kernel_conf kernel;
	uint32_t rule_size;
	struct displaced *displaced;   size_t n_displaced, displaced_room;
	bool unsorted;              /* displaced: keys do not rise; only then are they searched one by one */
	bool trusted;               /* nft_generation is that of the last done generation of this boot, and the nft items
				     * wanted now are those it left: read nothing but the generation id */
	bool at_a_glance;           /* read nothing of nft but the generation id, whatever it is; who asks will judge it */
	uint32_t nft_generation;       /* the nft target's write sets it to that of its own last commit */
	bool force;                    /* flush --force: a table of our name without our tag is ours too */
};
/* Makes looking up cheap again; what was displaced lately no longer stands last. */
void own_sort(struct own *o);
const struct displaced *own_displaced(const struct own *o, const char *key);   /* NULL: none */
/* Keeps the first value; where it is displaced already, `value` is what stands there now. */
void own_displace(struct own *o, const char *key, const char *value, const char *ours);
/* Is this value of a displaced setting one that we wrote? */
bool displaced_is_ours(const struct displaced *d, const char *value);
void own_forget(struct own *o, const char *key);   /* it has been put back; write does this in stage retire */

#endif
