/* SPDX-License-Identifier: MIT */
/* One connection of the control socket: lines in, lines out, and what its other side may do. */
#ifndef NLBC_PROXY_PEER_H
#define NLBC_PROXY_PEER_H

#include "base/base.h"
#include "base/line.h"
#include "base/loop.h"
#include "base/text.h"

struct control;

enum right { RIGHT_NONE, RIGHT_READ, RIGHT_CHANGE };

struct peer {
	struct control *control;
	struct peer *next;
	struct loop_fd fd;
	struct loop_task free;
	struct line_reader in;
	struct text out;
	size_t sent;                    /* of out */
	enum right right;
	bool greeted;                   /* it has said hello */
	bool ours;                      /* we have called it: it may be silent */
	bool ending, gone;              /* closed once all is sent; closed */
	uint64_t heard_us;
	uint64_t seq;                   /* of the last report line */
	bool reloads;                   /* waits for the end of a reload that it has ordered */
	uint64_t reload_seq;
};

/* Its own greeting is sent at once. NULL: no memory, or no place in the loop; fd is closed then. */
struct peer *peer_new(struct control *c, int fd, enum right right);
void peer_end(struct peer *p);                  /* closed now, freed at the end of the turn */
/* What it has said and nobody will read is thrown away: closed with it, the other side could not read our last words. */
void peer_close(int fd);

/* Lines to it, whole ones. What it does not take is kept, up to a bound: then it is ended. */
void peer_say(struct peer *p, const struct text *lines);
void peer_flush(struct peer *p);
bool peer_is_idle(const struct peer *p);        /* it has taken all */
void peer_error(struct peer *p, const struct line *order, const char *code, const char *fmt, ...) PRINTF(4, 5);
void peer_ok(struct peer *p, uint64_t seq);

/* Called with each line that it says, once it was greeted (order.c). */
void order_obey(struct peer *p, const struct line *order);

#endif
