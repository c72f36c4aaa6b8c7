/* SPDX-License-Identifier: MIT */
/* An nft batch in the making: its messages, and what each of them, or each part of one, is about. */
#ifndef NLBC_TARGET_NFT_BATCH_H
#define NLBC_TARGET_NFT_BATCH_H

#include "target/nft.h"

/* What one message, or one part of it, is about: elements share messages, rules have places of their own. */
struct nft_mark {
	size_t message;
	uint32_t offset;            /* within the message */
	const struct change *change;
	const struct origin *origin;
};

enum { NFT_KINDS = NFT_ELEM + 1 };

/* The changes of the stage being written, by what they are about. */
struct nft_bucket {
	const struct change **list;
	size_t n;
};

struct nft_batch {
	const struct plan *plan;
	const struct changes *changes;
	struct nft_bucket buckets[NFT_KINDS];
	struct arena *a;
	struct batch messages;
	struct nft_mark *marks;
	size_t n_marks, marks_room;
};

/* Elements of one set in as few messages as they fit. */
struct nft_element_list {
	struct nft_batch *w;
	uint16_t type;
	const struct nft_set *set;
	struct nlmsghdr *m;
	struct nlattr *list;
};

/* NFNL_MSG_BATCH_BEGIN or _END. */
void nft_put_frame(struct nft_batch *w, uint16_t type, uint32_t generation);
/* NFT_MSG_NEWTABLE or _DELTABLE, NFT_MSG_NEWOBJ or _DELOBJ. */
void nft_put_table(struct nft_batch *w, uint16_t type, const struct change *c, const struct nft_table *t);
void nft_put_object(struct nft_batch *w, uint16_t type, const struct change *c, const struct nft_named *o);
void nft_put_new_chain(struct nft_batch *w, const struct change *c, const struct nft_chain *chain);
/* Deleting a chain takes its rules along; one that others of the batch refer to is emptied first. */
void nft_put_del_chain(struct nft_batch *w, const struct change *c, const char *name);
void nft_put_flush(struct nft_batch *w, const struct change *c, const char *chain);
void nft_put_rules(struct nft_batch *w, const struct change *c, const struct nft_chain *chain);
void nft_put_new_set(struct nft_batch *w, const struct change *c, const struct nft_set *s);
void nft_put_del_set(struct nft_batch *w, const struct change *c, const struct nft_set *s);
void nft_list_add(struct nft_element_list *l, const struct nft_elem *e, const struct change *c);
void nft_list_close(struct nft_element_list *l);

#endif
