/* SPDX-License-Identifier: MIT */
/* Inside the target tc only: messages that make and change queues and classes. */
#ifndef NLBC_TARGET_TC_WIRE_H
#define NLBC_TARGET_TC_WIRE_H

#include "target/tc.h"

/* Starts a message of this type about a queue or class of a device. */
struct nlmsghdr *tc_begin(struct batch *b, uint16_t type, uint16_t flags, int index, uint32_t parent, uint32_t handle,
			  const struct change *c);
/* One queue or class, made (flags NLM_F_CREATE and so on) or changed in place (flags 0). */
void tc_put_view(struct batch *b, const struct tc_view *v, uint16_t flags, int index, const struct change *c);
/* Our root goes, and all below it; never anybody else's, since the handle is in the request. */
void tc_put_removal(struct batch *b, int index, const struct change *c);

#endif
