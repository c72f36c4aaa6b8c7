/* SPDX-License-Identifier: MIT */
/* The way to the kernel: one rtnetlink and one nfnetlink socket of the current network namespace, batches whose every
 * message remembers the change it carries, and refusals that come back with that change and the kernel's own words. */
#ifndef NLBC_TARGET_KERNEL_H
#define NLBC_TARGET_KERNEL_H

#include "base/base.h"
#include "base/diag.h"

#include <libmnl/libmnl.h>

struct change;
struct kernel;
struct plan;

enum kernel_bus { KERNEL_ROUTE, KERNEL_NETFILTER, KERNEL_BUSES };

/* ---- namespace and identity ------------------------------------------------------------------------------------- */
/* Moves this process into a network namespace of ip-netns(8). 0, -errno (-ENOENT: no such name). Call before
 * kernel_open, while there is one thread. */
int kernel_enter_netns(const char *name) MUST_USE;
/* True where CAP_NET_ADMIN is effective. */
bool kernel_may_write(void);
/* And CAP_NET_RAW, by which legacy tables are reached. */
bool kernel_may_use_iptables(void);
/* SO_NETNS_COOKIE of the current namespace; the inode of /proc/self/ns/net where the kernel has no cookies. 0, -errno. */
int kernel_netns_cookie(uint64_t *cookie) MUST_USE;
/* The boot id as text. 0, -errno. */
int kernel_boot_id(char id[37]) MUST_USE;

/* Opens both sockets in the current namespace. NULL: explained in d (code "kernel"). The caller closes. */
struct kernel *kernel_open(struct diags *d);
void kernel_close(struct kernel *k);   /* NULL is fine */
/* Messages sent that may change something, since kernel_open. */
uint64_t kernel_writes(const struct kernel *k);

/* The device's name; NULL: none of this index. The index; 0: none of this name. */
const char *kernel_device_name(const struct kernel *k, int index, char name[16]);
int kernel_device_index(const struct kernel *k, const char *name);

/* The rule-set's generation that was read last: what was compared and the next nft batch depend on it. 0: none. */
uint32_t kernel_generation(const struct kernel *k);
void kernel_set_generation(struct kernel *k, uint32_t generation);

/* ---- asking ----------------------------------------------------------------------------------------------------- */
/* All messages that answer one question, whole and in order; no NLMSG_DONE, no NLMSG_ERROR. */
struct answer {
	char *p;
	size_t n;
	size_t room;
	unsigned limit_ms;          /* question: give up after so long; 0: as long as it takes */
};
void answer_release(struct answer *a);
#define auto_answer __attribute__((cleanup(answer_release)))
/* for (m = NULL; (m = answer_next(&a, m));) */
const struct nlmsghdr *answer_next(const struct answer *a, const struct nlmsghdr *m);

/* Sends one question and collects what comes back; an interrupted dump (NLM_F_DUMP_INTR) is asked again, at most ten
 * times, then -EINTR. With NLM_F_DUMP in its flags the question is a dump, else a single get; length, sequence and
 * NLM_F_REQUEST are seen to here. *a is overwritten (release it). 0, -errno of the kernel, -ETIME (limit_ms). */
int kernel_ask(struct kernel *k, enum kernel_bus bus, struct nlmsghdr *question, struct answer *a) MUST_USE;

/* ---- changing --------------------------------------------------------------------------------------------------- */
enum { MESSAGE_MAX = 64 * 1024 };   /* bytes of one message of a batch */

struct batch_message {
	size_t offset;              /* into batch.p */
	const struct change *change;
};

/* Messages that are sent together. {0} with a bus is a valid empty one. */
struct batch {
	enum kernel_bus bus;
	char *p;
	size_t n, room;
	struct batch_message *messages;
	size_t n_messages, messages_room;
};
void batch_init(struct batch *b, enum kernel_bus bus);
void batch_release(struct batch *b);
#define auto_batch __attribute__((cleanup(batch_release)))

/* Starts a message with NLM_F_REQUEST | flags; the caller puts its extra header and attributes (mnl_nlmsg_put_*,
 * mnl_attr_put*, up to MESSAGE_MAX bytes in all), then calls batch_end. The pointer is good until the next batch_begin.
 * change may be NULL (not an item: a batch's begin and end). */
struct nlmsghdr *batch_begin(struct batch *b, uint16_t type, uint16_t flags, const struct change *change);
void batch_end(struct batch *b, struct nlmsghdr *message);
/* Takes the message of the last batch_begin back. */
void batch_cancel(struct batch *b, struct nlmsghdr *message);

/* One message that the kernel did not take. */
struct refusal {
	const struct change *change;     /* NULL: of no item */
	const struct nlmsghdr *message;  /* in the batch, which must still be there */
	size_t index;                    /* of the message in the batch */
	int error;                       /* positive errno */
	char *text;                      /* the kernel's own words; NULL: none */
	uint32_t offset;                 /* of the attribute it is about, within the message; 0: not told */
	const char *words;               /* set by targets: instead of text or the errno's words; whole sentence if it */
	bool whole;                      /* stands alone (`this kernel has no netem`) */
	const char *hint;                /* set by targets; NULL: none */
};

struct refusals {
	struct refusal *list;
	size_t n, room;
	const struct place *place;  /* set by targets: where changes without a place are reported; NULL: nowhere */
};
/* The profile's own place, for what it no longer asks for; NULL for the empty plan. */
const struct place *refusals_place(const struct plan *p);
void refusals_release(struct refusals *r);
#define auto_refusals __attribute__((cleanup(refusals_release)))

/* Sends all of it and collects every answer. KERNEL_NETFILTER: one sendmsg; the last message but the batch's end asks
 * for an acknowledgement. KERNEL_ROUTE: as few sendmsg as the socket's buffers allow, each with an acknowledgement on
 * its last message; the kernel goes on after a refusal and so do we.
 * 0; -ERESTART (the rule-set's generation has moved; nothing was done); otherwise -errno of the first refusal, all of
 * them in r. An error of the socket itself is a refusal without message (index SIZE_MAX), in the name of the first
 * change of that sendmsg that has a place. */
int batch_send(struct kernel *k, struct batch *b, struct refusals *r) MUST_USE;

/* Refusals as messages for people (packet.md section 14), code "kernel": `the kernel refused path 'p2': Nexthop has
 * invalid gateway` at the change's place. ENOENT that follows another error is left out. */
void refusals_report(const struct refusals *r, struct diags *d);
/* English words for an errno, the same in every locale. */
const char *errno_words(int error);

#endif
