/* SPDX-License-Identifier: MIT */
/* A flow's large runs: from socket to socket through a pipe, without copying. */
#ifndef NLBC_PROXY_FLOW_SPLICE_H
#define NLBC_PROXY_FLOW_SPLICE_H

#include "proxy/flow.h"

/* Is enough known to come, and can both sides do it? */
bool flow_may_splice(const struct flow *f, const struct conn *from, const struct conn *to);
/* Moves some from the source into the pipe: > 0; 0: the source's end; -EAGAIN; -ENOBUFS: there is no pipe, copy; -errno. */
ssize_t flow_splice(struct worker *w, struct flow *f, struct conn *from, struct conn *to) MUST_USE;
/* Moves what is in the pipe on. 0: it is empty, and given back where no more is to come; -EAGAIN; -errno. */
int flow_push_pipe(struct worker *w, struct flow *f, struct conn *to) MUST_USE;

#endif
