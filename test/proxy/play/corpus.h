/* SPDX-License-Identifier: MIT */
/* The corpus as it is played: each case in many trials, which differ by where the input is cut, at once in one loop. */
#ifndef NLBC_TEST_PROXY_CORPUS_H
#define NLBC_TEST_PROXY_CORPUS_H

#include "play.h"

enum cut { CUT_NOWHERE, CUT_EVERYWHERE, CUT_IN, CUT_ANSWER_EVERYWHERE, CUT_ANSWER };

enum { GAP_US = 4000, TRIAL_US = 15 * 1000 * 1000 };
enum { SMALL = 200 };                   /* bytes that may be sent one by one */

struct trial {
	struct corpus *corpus;
	const struct play_case *c;
	const struct proxy_ports *ports;
	uint32_t number;                /* and so its address */
	enum cut cut;
	size_t cut_at;
	bool live, failed;
	struct loop_timer deadline;

	/* as a client */
	struct loop_fd fd;
	struct loop_timer gap;
	struct text in;
	size_t read, step, sent, before;        /* before: bytes of `in` sections that are sent */
	bool ended, reset, shut, done;

	/* at the servers */
	size_t server_step, answered;
	unsigned going;                 /* connections that the proxy has yet to close */
};

struct corpus {
	struct loop loop;
	const struct cases *cases;
	const struct options *options;
	struct trial *trials;
	size_t n, room, next, live, failed;
	struct arena *arena;
};

/* How much of `n` bytes, of which the one at `at` is next, leaves before a pause. */
size_t cut_length(enum cut cut, bool answer, size_t cut_at, size_t at, size_t n);

void trial_start(struct trial *t);
/* Says so, once, with what arrived where and what should have; the trial is over. */
void trial_fail(struct trial *t, const char *where, const struct step *want, const char *p, size_t n);
/* Is over if client and servers have had all that was due. */
void trial_settle(struct trial *t);
void corpus_fault(struct corpus *c, const char *what, const char *p, size_t n);

void client_start(struct trial *t);
void client_stop(struct trial *t);
void peers_listen(struct corpus *c, const struct proxy_ports *ports);

#endif
