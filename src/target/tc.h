/* SPDX-License-Identifier: MIT */
/* Inside the target tc only: queues and classes in the kernel's own units, so that what is wanted and what is there can
 * be compared and sent (packet.md section 11). */
#ifndef NLBC_TARGET_TC_H
#define NLBC_TARGET_TC_H

#include <linux/pkt_sched.h>

#include "plan/item.h"
#include "target/kernel.h"

#define TC_OURS 0x6e010000u             /* handle of our root */

enum { HTB_VERSION = 3, HTB_RATE_TO_QUANTUM = 10, HTB_DIRECT = 1000, HTB_DEFAULT = 3 };

/* A queue or class. Times are in ticks of 64 ns, chances in parts of 2^32 - 1, rates in bytes per second. */
struct tc_view {
	const char *kind;               /* the kernel's name */
	bool is_class;
	uint32_t handle, parent;        /* parent TC_H_ROOT: root */
	bool more;                      /* has what nlbc never asks for */
	uint64_t rate, ceil;
	uint32_t burst, cburst;         /* ticks */
	uint32_t burst_bytes;           /* tbf, wanted only */
	uint32_t quantum, prio;
	uint32_t limit;
	uint32_t version, r2q, default_class, direct_qlen;
	uint32_t delay, jitter, delay_correlation;
	uint32_t loss, loss_correlation, duplicate, duplicate_correlation;
	uint32_t corrupt, corrupt_correlation, reorder, reorder_correlation, gap;
	uint32_t flows, target_us, interval_us, memory, ecn;
};

/* ---- numbers and text ------------------------------------------------------------------------------------------- */
uint32_t tc_bucket_ticks(uint64_t bytes, uint64_t rate);       /* of an htb bucket */
uint64_t tc_bucket_bytes(uint64_t bytes, uint64_t rate);       /* what stock tc turns into the same ticks */
uint32_t tc_tbf_ticks(uint64_t bytes, uint64_t rate);
uint32_t tc_chance(uint32_t ppm);
uint32_t tc_chance_ppm(uint32_t chance);
uint32_t tc_codel_us(uint64_t us);                              /* as fq_codel will tell it */

void tc_view_of(const struct tc_node *n, struct tc_view *v);
const char *tc_key(const char *device, const struct tc_view *v, struct arena *a);
void tc_body(const struct tc_view *v, struct text *out);
void tc_put_handle(uint32_t handle, struct text *out);
void tc_print(const struct plan *p, const char *format, struct text *out);

/* ---- messages --------------------------------------------------------------------------------------------------- */
/* A message about a queue or class as a view; false: of neither. The kind points into the message. */
bool tc_read_view(const struct nlmsghdr *m, struct tc_view *v);
/* Queues of all devices, or the classes below one root. 0, -errno. Release with answer_release. */
int tc_ask_queues(struct kernel *k, struct answer *a) MUST_USE;
int tc_ask_classes(struct kernel *k, int index, uint32_t root, struct answer *a) MUST_USE;

/* ---- trees of others -------------------------------------------------------------------------------------------- */
/* Checks that everything that has to be made can be, and remembers what it displaces (target.h, survey). */
int tc_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d);
/* Appends the messages of a displaced tree, for the device as it is now; false: there are none (the default). */
bool tc_put_displaced(struct batch *b, const struct displaced *was, int index, const struct change *c);

/* ---- the row's functions ---------------------------------------------------------------------------------------- */
int tc_write(struct kernel *k, const struct plan *p, const struct changes *c, enum stage stage, struct own *own,
	     bool dry_run, struct diags *d);

/* Keys are PART/DEVICE/PARENT or HANDLE; a device's name holds no '/'. */
struct str tc_device_of(const char *key);
const struct tc_tree *tc_tree_of(const struct plan *p, struct str device);   /* NULL: not shaped */
/* That the tree as it stands cannot take this by a change in place. */
bool tc_needs_rebuild(const struct change *c);

#endif
