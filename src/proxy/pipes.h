/* SPDX-License-Identifier: MIT */
/* Pipes for splice, used again: making one of 256 KiB costs more than a body is worth. */
#ifndef NLBC_PROXY_PIPES_H
#define NLBC_PROXY_PIPES_H

#include "base/base.h"

enum { PIPE_BYTES = 256 << 10, PIPES_MOST = 192 };      /* 192: the kernel's 64 MiB for each user, with something left */

struct pipe {
	int in, out;                    /* bytes go in at `in` */
	uint32_t n;                     /* bytes in it */
	struct pipe *next;
};
struct pipes {
	struct pipe *idle;
	unsigned n;                     /* all of them */
};

struct pipe *pipes_take(struct pipes *p);              /* NULL: none to be had, so copy */
void pipes_give(struct pipes *p, struct pipe *pipe);   /* one with bytes left in it is closed */

#endif
