/* SPDX-License-Identifier: MIT */
/* The command's end of a member's control socket: hello, orders, lines, each within a time. */
#ifndef NLBC_CLI_CONTROL_H
#define NLBC_CLI_CONTROL_H

#include "base/line.h"

#include <signal.h>

struct control {
	int fd;                         /* -1: not open */
	const volatile sig_atomic_t *interrupted;       /* NULL: nobody asks to end */
	uint64_t seq;                   /* of the last order */
	struct line_reader in;
	char code[32];                  /* of the `error` that the peer said; "": none */
	char text[256];
	char netns[17];                 /* as the peer said hello; "": it did not say */
};

/* Connects and exchanges hellos. 0; -ENOENT, -ECONNREFUSED: nobody is there; -EACCES: not allowed; -ETIMEDOUT: silent; -EPROTO:
 * speaks otherwise; -EINTR: a signal asks to end; or another -errno. Then there is nothing to close. */
int control_open(struct control *c, const char *path, const volatile sig_atomic_t *interrupted) MUST_USE;
/* Says bye. Also one that is not open. */
void control_close(struct control *c);

/* A hello more, which says that we are still there. 0; -errno. */
int control_hello(struct control *c) MUST_USE;
/* Begins an order: `order seq=N do=WHAT`. The caller adds words and hands it to control_send. */
void control_order(struct control *c, const char *what, struct text *out);
/* Sends one or more lines. 0; -errno. */
int control_send(struct control *c, const struct text *lines) MUST_USE;
/* The next line, waiting up to then (look_clock_us). 1; 0: none came; -errno, -ECONNRESET where the peer closed. */
int control_next(struct control *c, struct line *l, int64_t until_us) MUST_USE;
/* Lines up to the answer to the last order, each other one handed to on_line (NULL: passed over). 0; -EREMOTEIO: the answer is
 * an error, c->code and c->text tell it; -ETIMEDOUT; other -errno. */
int control_answer(struct control *c, void (*on_line)(void *to, const struct line *l), void *to) MUST_USE;

#endif
